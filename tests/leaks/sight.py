"""Sight: who may see what, in plain Python; the rule of the document, written without looking at the lens."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from tests.leaks.readers import BODIES, Reader
from tests.leaks.script import OF_THINGS, Operation, Script

TODAY = datetime.now(UTC).date().isoformat()
PASSED, AHEAD = "2001-01-01", "2999-01-01"


class Mark(NamedTuple):
    """A marking: from which clearance on; limited to which bodies (None: none); withheld until when, not from whom."""

    level: int = 0
    limited: frozenset[str] | None = None
    until: str | None = None
    then: frozenset[str] | None = None

    def seen_by(self, reader: Reader) -> bool:
        """Whether a reader sees what is marked so."""
        return (
            self.level <= reader.level
            and (self.limited is None or reader.body in self.limited)
            and (self.until is None or self.until <= TODAY or reader.body in (self.then or ()))
        )

    def with_whole(self, whole: "Mark") -> "Mark":
        """The marking of a part of something that is marked: as strict as both."""
        days = [day for day in (self.until, whole.until) if day is not None]
        return Mark(
            max(self.level, whole.level),
            _common(self.limited, whole.limited),
            max(days, default=None),
            _common(self.then, whole.then),
        )


def _common(some: frozenset[str] | None, others: frozenset[str] | None) -> frozenset[str] | None:
    return others if some is None else some if others is None else some & others


OPEN = Mark()


@dataclass
class Thing:
    """An item or a link: how it is marked, what it stands under, what it joins."""

    ref: str
    kind: str
    mark: Mark
    whole: str | None = None
    ends: tuple[str, str] | None = None
    type: str = ""
    number: int | None = None
    external: str = ""
    owner: str | None = None
    withdrawn: bool = False
    asked: list[str] = field(default_factory=list)


class Plain:
    """What a script has made so far, as far as it matters to who sees what."""

    def __init__(self, script: Iterable[Operation] = ()) -> None:
        """Begin with the bodies, and do what the script says."""
        self.things = {ref: Thing(ref, "body", OPEN, external=ref) for ref in BODIES}
        self._due = set[str]()
        for operation in script:
            self.do(operation)

    def do(self, operation: Operation) -> None:
        """What an operation does to who sees what."""
        values = operation.values
        self._due |= {operation.ref} if "due_on" in values else set()
        if operation.what in {"add", "link"}:
            self.things[operation.ref] = Thing(
                operation.ref,
                operation.kind,
                values["mark"],
                values.get("whole"),
                (values["source"], values["target"]) if operation.what == "link" else None,
                values.get("type", ""),
                values.get("number"),
                values.get("external_id") or operation.ref,
                values.get("owner"),
            )
        elif operation.what == "mark":
            for thing in [self.things[operation.ref], *self.under(operation.ref)]:
                thing.mark = thing.mark.with_whole(values["mark"])
        elif operation.what == "release":
            self.things[operation.ref].mark = values["mark"]
        elif operation.what == "withdraw":
            for ref in [operation.ref, *(thing.ref for thing in self.hanging_on(operation.ref))]:
                self.things[ref].withdrawn = True

    def under(self, ref: str) -> list[Thing]:
        """The parts of a thing, and theirs."""
        parts = [thing for thing in self.things.values() if thing.whole == ref]
        return parts + [below for part in parts for below in self.under(part.ref)]

    def falls_due(self, ref: str) -> bool:
        """Whether an action was given a due date."""
        return ref in self._due

    def hanging_on(self, ref: str) -> list[Thing]:
        """What cannot stay when a thing goes: its parts, and the links from and to any of them."""
        parts = self.under(ref)
        gone = {ref, *(part.ref for part in parts)}
        links = [thing for thing in self.things.values() if thing.ends and gone & set(thing.ends)]
        return [thing for thing in parts + links if not thing.withdrawn]

    def sees(self, reader: Reader, ref: str) -> bool:
        """Whether a reader sees a thing, be it withdrawn; a link only with both of its ends."""
        thing = self.things[ref]
        return thing.mark.seen_by(reader) and all(self.things[end].mark.seen_by(reader) for end in thing.ends or ())

    def everybody_sees(self, ref: str) -> bool:
        """Whether a thing is for everybody."""
        return all(self.things[name].mark == OPEN for name in (ref, *(self.things[ref].ends or ())))

    def hidden(self, reader: Reader) -> list[Thing]:
        """What a reader does not see."""
        return [thing for ref, thing in self.things.items() if not self.sees(reader, ref)]

    def seen(self, reader: Reader) -> list[Thing]:
        """What a reader sees."""
        return [thing for ref, thing in self.things.items() if self.sees(reader, ref)]


def without_hidden(script: Script, reader: Reader) -> Script:
    """The script without what is done to things that the reader does not see at its end."""
    plain = Plain(script)
    return [operation for operation in script if operation.what not in OF_THINGS or plain.sees(reader, operation.ref)]
