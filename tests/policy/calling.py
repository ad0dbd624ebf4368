"""Calling: every cell over HTTP, first what is to change nothing, then what writes; what is wrong with an answer."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import requests
from sqlalchemy import select

from models.changes import Change
from tests.policy.arranging import NEVER, Arranged, Thing, secret_of
from tests.policy.asking import request_of
from tests.policy.cells import Cell, writes
from tests.policy.expecting import Expected, expected
from tests.policy.operations import (
    ACCOUNT,
    APPROVAL,
    APPROVAL_OF_ERASURE,
    BODY,
    CHANGE,
    ERASURE,
    HISTORY,
    KEY,
    NEW_PART,
    RELEASE,
    STANDS,
    THING,
    UNDER,
    WHOLES,
)
from tests.policy.running import Server
from tests.policy.table import MARKINGS, RECORD, Caller, sees

PROBLEM = "application/problem+json"
# After so many calls that are to change nothing, the record is looked at.
BATCH = 200
_NEVER_A_NUMBER = "9999999"
# What differs from one answer to the next, or with the length of a number.
_ANYHOW = {"Date", "Content-Length", "X-Request-Id"}
_SORTS = {BODY: "body", CHANGE: "evidence", RELEASE: "evidence", ERASURE: "evidence", KEY: "key", ACCOUNT: "account"}
_SORTS |= {APPROVAL: "approval", APPROVAL_OF_ERASURE: "erasure"}
# The record's changes that only some roles are told of, whatever they are of.
_GRANTS, _OTHERS = {"key", "account"}, {"approval", "override"}


class Outcome(NamedTuple):
    """A call: how it was to be answered, how it was, and what is wrong with the answer."""

    cell: Cell
    expected: Expected
    status: int
    faults: tuple[str, ...]


@dataclass
class Called:
    """What came of the calls; and between which of them the record grew, though nothing was to be written."""

    outcomes: list[Outcome] = field(default_factory=list)
    disturbed: list[str] = field(default_factory=list)
    written: int = 0
    grown: int = 0

    @property
    def wrong(self) -> list[tuple[Outcome, str]]:
        """The calls with whose answers something is wrong, each with a line that tells what."""
        return [(one, f"{one.cell}: {'; '.join(one.faults)}") for one in self.outcomes if one.faults]


def call_all(
    server: Server, arranged: Arranged, cells: Sequence[Cell], tell: Callable[[], None] = lambda: None
) -> Called:
    """Make every call; `tell` is called after each."""
    called, never = Called(), _Never(server)
    quiet = [cell for cell in cells if not _is_to_write(cell)]
    loud = [cell for cell in cells if _is_to_write(cell)]
    shared = _shared(arranged, quiet)
    refs = _Numbers(arranged, shared).named
    for batch in _batches(quiet):
        before = server.newest()
        for cell in batch:
            called.outcomes.append(_called(server, cell, refs(cell), never))
            tell()
        if server.newest() != before:
            called.disturbed.append(f"from {batch[0]} to {batch[-1]}")
    fresh = iter(arranged.arrange([thing for cell in loud if (thing := thing_of(cell))]))
    before = server.newest()
    for cell in loud:
        called.outcomes.append(_called(server, cell, next(fresh) if thing_of(cell) else "", never))
        tell()
    called.written, called.grown = len(loud), server.newest() - before
    return called


def thing_of(cell: Cell) -> Thing | None:
    """The thing that has to be there for a cell, which its path or its body names."""
    to = cell.group.to
    if to in {THING, UNDER, HISTORY}:
        return Thing(STANDS.get(cell.operation, cell.address.kind), cell.owner, cell.marking)
    if to == NEW_PART:
        return Thing(WHOLES[cell.operation], cell.owner, cell.marking)
    return Thing(_SORTS[to], cell.owner, cell.marking) if to in _SORTS else None


def _is_to_write(cell: Cell) -> bool:
    """Whether something is to be written."""
    return writes(cell) and expected(cell).status < 400


def _batches(cells: Sequence[Cell]) -> Iterator[Sequence[Cell]]:
    """The cells, some at a time."""
    return (cells[place : place + BATCH] for place in range(0, len(cells), BATCH))


def _shared(arranged: Arranged, cells: Sequence[Cell]) -> dict[Thing, str]:
    """One thing of each sort, for all the cells that are not to change it."""
    wanted = list(dict.fromkeys(thing for cell in cells if (thing := thing_of(cell))))
    return dict(zip(wanted, arranged.arrange(wanted), strict=True))


def _called(server: Server, cell: Cell, ref: str, never: "_Never") -> Outcome:
    """One call, and what is wrong with its answer."""
    answer, wanted = server.send(secret_of(cell.caller), request_of(cell, ref)), expected(cell)
    faults = list(_faults(answer, wanted))
    if wanted.hidden and not faults and _told(answer, ref) != never.told(cell):
        faults.append(f"is not answered as a reference that never was, but: {answer.text}")
    return Outcome(cell, wanted, answer.status_code, tuple(faults))


def _faults(answer: requests.Response, wanted: Expected) -> Iterator[str]:
    """What is wrong with an answer, for itself."""
    if answer.status_code != wanted.status:
        yield f"{wanted.status} was to be answered, not {answer.status_code} {answer.text[:300]}"
    if answer.status_code >= 400:
        if answer.headers.get("Content-Type") != PROBLEM:
            yield f"the refusal is {answer.headers.get('Content-Type')}"
        elif answer.json()["status"] != answer.status_code:
            yield f"the problem says {answer.json()['status']}"
    if answer.status_code == 401 and not answer.headers.get("WWW-Authenticate", "").startswith("Bearer "):
        yield "nothing says how to say who one is"


def _told(answer: requests.Response, ref: str) -> Any:
    """Everything that an answer tells, with its reference taken out."""
    headers = {name: value for name, value in answer.headers.items() if name not in _ANYHOW}
    return answer.status_code, headers, answer.content.replace(ref.encode(), b"REF")


class _Never:
    """What is answered about a reference that never was; asked once for each operation and caller."""

    def __init__(self, server: Server) -> None:
        """Ask this server."""
        self._server = server
        self._answers: dict[tuple[str, Caller], Any] = {}

    def told(self, cell: Cell) -> Any:
        """The answer to the cell's call, done to nothing."""
        known = (cell.operation, cell.caller)
        if known not in self._answers:
            ref = _NEVER_A_NUMBER if cell.group.to == CHANGE else NEVER
            self._answers[known] = _told(self._server.send(secret_of(cell.caller), request_of(cell, ref)), ref)
        return self._answers[known]


class _Numbers:
    """By which number each caller knows the change by which a thing was made: he counts those that he may know of."""

    def __init__(self, arranged: Arranged, shared: dict[Thing, str]) -> None:
        """Read the record."""
        self._things, self._shared = arranged.things, shared
        with arranged.database.reading() as session:
            found = session.execute(select(Change.seq, Change.kind, Change.ref).order_by(Change.seq))
            self._changes = [(row.seq, row.kind, row.ref) for row in found]
        self._made = {ref: seq for seq, _kind, ref in reversed(self._changes)}
        self._hidden = cache(self._hidden_from)

    def named(self, cell: Cell) -> str:
        """What a cell's path or body names: a thing, or the change that made it; a hidden one has no number."""
        thing = thing_of(cell)
        ref = self._shared[thing] if thing else ""
        if cell.group.to != CHANGE:
            return ref
        seq, hidden = self._made[ref], self._hidden(cell.caller)
        return _NEVER_A_NUMBER if seq in hidden else str(seq - bisect_right(hidden, seq))

    def _hidden_from(self, caller: Caller) -> list[int]:
        """The numbers of the record that a caller does not count."""
        if "all" in RECORD.get(caller.role, ()):
            return []
        return [seq for seq, kind, ref in self._changes if not self._counts(caller, kind, ref)]

    def _counts(self, caller: Caller, kind: str, ref: str) -> bool:
        """Whether a caller counts a change of this thing."""
        if kind in _GRANTS | _OTHERS:
            return kind in _GRANTS and "grants" in RECORD.get(caller.role, ())
        thing = self._things.get(ref)
        return thing is None or kind == "body" or sees(caller, thing.owner, MARKINGS[thing.marking])
