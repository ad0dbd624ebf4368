"""A statement taken apart: which tables each of its selects reads, under which names, and on what conditions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

_MARKED = r"(?:item|link)(?:_version)?"
_FROM = re.compile(rf"(?:\bFROM|\bJOIN|,)\s+(?P<table>{_MARKED})\b(?!\.)(?:\s+AS\s+(?P<alias>\"?\w+\"?))?")
_SET = re.compile(r"\b(?:UNION ALL|UNION|INTERSECT|EXCEPT)\b")
_PIECES = re.compile(r"[()]|[^()]+")
_SELECT = re.compile(r"\s*(SELECT|WITH)\b")
# The word before a parenthesis is looked for in so many characters.
_NOT, _ENOUGH = re.compile(r"\bNOT\s*$"), 20
_NAMED = re.compile(r"\s*AS\s+(\"?\w+\"?)")


class Read(NamedTuple):
    """A table that a select reads, the name that it has there, and the text of the select without those inside it."""

    table: str
    alias: str
    select: str


@dataclass
class _Scope:
    """What stands between two parentheses: its own text, and the selects inside it, each with the name that it has."""

    text: str = ""
    inside: list[tuple["_Scope", str | None]] = field(default_factory=list)


def _scoped(statement: str) -> _Scope:
    """The selects of a statement, one inside the other; conditions in parentheses belong to the select around them.

    What is negated is no condition that lets see: it is left out of the text.
    """
    stack: list[_Scope] = [_Scope()]
    for found in _PIECES.finditer(statement):
        piece = found[0]
        if piece == "(":
            stack.append(_Scope())
        elif piece == ")":
            closed, around = stack.pop(), stack[-1]
            if _SELECT.match(closed.text):
                named = _NAMED.match(statement, found.end())
                around.inside.append((closed, named[1] if named else None))
                around.text += "(select)"
            else:
                around.inside += closed.inside
                negated = _NOT.search(around.text[-_ENOUGH:])
                around.text += "(negated)" if negated else f"({closed.text})"
        else:
            stack[-1].text += piece
    (whole,) = stack
    return whole


def _shown(alias: str, text: str) -> bool:
    """Whether a select has the predicate by which a marking lets somebody see what has this name in it."""
    return re.search(rf"(?<![\w.]){re.escape(alias)}\.handling (?:IN \(|= 'PUBLIC')", text) is not None


def _are_now(table: str, alias: str, text: str, inside: list[tuple[_Scope, str | None]]) -> bool:
    """Whether of versions, in a select, the things that they are of have to be there, on which a marking decides."""
    thing = table.removesuffix("_version")
    is_there = re.compile(rf"\s*SELECT (\w+)\.id\s+FROM {thing} AS \1\s+WHERE \1\.id = {re.escape(alias)}\.id AND ")
    return (
        thing != table
        and re.search(r"(?<!NOT )\bEXISTS \(select\)", text) is not None
        and any(is_there.match(scope.text) for scope, _name in inside)
    )


def _reads(scope: _Scope, seen_outside: bool) -> Iterator[Read]:
    """What is read in a scope without the predicate, there or, of what is passed on as a whole, in the scope around."""
    for text in _SET.split(scope.text):
        for found in _FROM.finditer(text):
            alias = found["alias"] or found["table"]
            are_now = seen_outside and _are_now(found["table"], alias, text, scope.inside)
            if not (_shown(alias, text) or are_now):
                yield Read(found["table"], alias, " ".join(text.split()))
    for inner, name in scope.inside:
        yield from _reads(inner, name is not None and _shown(name, scope.text))


@cache
def unmarked_reads(statement: str) -> list[Read]:
    """The reads of items, links and their versions in a statement that no marking decides on."""
    return list(_reads(_scoped(statement), seen_outside=False))
