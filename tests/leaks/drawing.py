"""Drawing a script at random: a graph that grows, is marked, altered and withdrawn, much of it hidden from readers."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from models.vocabulary import KINDS, LINK_TYPES
from tests.leaks.closing import Closing, needs_evidence
from tests.leaks.readers import BODIES, PUBLIC, Reader
from tests.leaks.script import Operation, Script, Values
from tests.leaks.sight import AHEAD, OPEN, PASSED, Mark, Plain, Thing
from tests.leaks.wording import AMENDED, AUTHORS, NUMBERED, WHOLES, Wording

_KINDS = ("review",) + ("recommendation", "clause", "source", "decision", "assessment") * 2
_KINDS += ("evidence",) * 5 + ("action", "progress") * 3
_FIRST = ("review", "recommendation", "recommendation", "source", "evidence", "action", "clause", "evidence")
_STRICT = (
    Mark(1),
    Mark(2),
    Mark(0, frozenset({"body-a"})),
    Mark(0, frozenset({"body-b"})),
    Mark(1, frozenset({"body-a", "body-b"})),
    Mark(0, frozenset({"body-c"})),
    Mark(0, None, AHEAD, frozenset({"body-a"})),
    Mark(1, None, AHEAD, frozenset({"body-b", "body-c"})),
    Mark(0, None, PASSED, frozenset({"body-c"})),
)


class Drawing:
    """A script in the making."""

    def __init__(self, seed: int, readers: Sequence[Reader] = (PUBLIC,), size: int = 50) -> None:
        """Draw so many operations, which hide something from each of these readers."""
        self._random = Random(seed)  # noqa: S311 - the same script each time
        self._readers, self._wording = readers, Wording(self._random)
        self._closing, self._fixed = Closing(self._random, self._wording), set[str]()
        self._at, self._made = datetime(2020, 1, 2), 0  # noqa: DTZ001 - written as UTC
        self._open = self._random.choice((0.45, 0.65, 0.85))
        self.script: Script = []
        self.plain = Plain()
        for kind in _FIRST:
            self._add(kind, OPEN)
        while len(self.script) < size:
            self._step()
        for reader in readers:
            self._hide_from(reader)

    def _write(self, what: str, kind: str, ref: str, values: Values | None = None, by: str | None = None) -> None:
        """Write an operation a while after the one before, by somebody."""
        self._at += timedelta(days=self._random.choice((0, 0, 0, 1, 2)), seconds=self._random.randrange(1, 40_000))
        moment = f"{self._at.isoformat()}.{self._random.randrange(10**6):06}Z"
        operation = Operation(what, kind, ref, moment, by or self._random.choice(AUTHORS), values or {})
        self.plain.do(operation)
        self.script.append(operation)

    def _ref(self, letter: str) -> str:
        """A reference that is not taken."""
        self._made += 1
        return f"{letter}{self._made}"

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _mark(self) -> Mark:
        """A marking, often none."""
        return OPEN if self._chance(self._open) else self._random.choice(_STRICT)

    def _some(self, keep: Callable[[Thing], bool]) -> Thing | None:
        """Something that is not withdrawn and no body; None where there is nothing of the sort."""
        there = [thing for thing in self.plain.things.values() if not thing.withdrawn and thing.kind != "body"]
        found = [thing for thing in there if keep(thing)]
        return self._random.choice(found) if found else None

    def _step(self) -> None:
        """One more operation, if what is drawn can be done."""
        ways = (
            (self._draw_item, 9),
            (self._draw_link, 9),
            (self._close, 4),
            (self._amend, 3),
            (self._mark_more, 3),
            (self._withdraw, 2),
            (self._review, 1),
            (self._release, 1),
            (self._ask, 1),
            (self._beside, 1),
        )
        way = self._random.choices([way for way, _weight in ways], [weight for _way, weight in ways])[0]
        way()

    def _draw_item(self) -> None:
        self._add(self._random.choice(_KINDS), self._mark())

    def _add(self, kind: str, mark: Mark) -> None:
        """Add an item; a part at least as strict as its whole, and of a number that is free under its marking."""
        wholes = WHOLES.get(kind, ())
        whole = self._some(lambda thing: thing.kind in wholes) if wholes else None
        if wholes and whole is None:
            return
        mark = mark if whole is None else mark.with_whole(whole.mark)
        values: Values = {"mark": mark, "whole": whole.ref if whole else None}
        values |= self._wording.of(kind, whole.kind if whole else None)
        if self._chance(0.6) and kind not in {"review", "recommendation", "clause"}:
            values["owner"] = self._random.choice(BODIES)
        if kind in NUMBERED:
            values["number"] = self._number(kind, values["whole"], mark)
        if self._chance(0.3):
            values |= self._external(values.get("owner"), mark)
        self._write("add", kind, self._ref(kind[0].upper()), values)

    def _close(self) -> None:
        """Take a step of closure of a recommendation, marked as that is, and only with it."""
        whole = self._some(lambda thing: thing.kind == "recommendation")
        if whole is None:
            return
        values = self._closing.step(whole.ref)
        if needs_evidence(values):
            self._show(whole, values["decided_by"])
        told = {"mark": whole.mark, "whole": whole.ref, "effective_from": self._at.date().isoformat(), **values}
        self._fix("add", "decision", self._ref("D"), told, values["decided_by"])

    def _show(self, whole: Thing, but: str) -> None:
        """Show by evidence that a proposal of closure is so; by somebody else than whoever discharges."""
        proposal = next(thing for thing in reversed(self.plain.under(whole.ref)) if thing.ref in self._fixed)
        evidence, link = self._ref("E"), self._ref("L")
        told = {"mark": whole.mark, **self._wording.of("evidence", None)}
        self._fix("add", "evidence", evidence, told, self._wording.author(but))
        ends = {"source": evidence, "target": proposal.ref, "type": "demonstrates"}
        told = {"mark": whole.mark, **ends, **self._wording.of_link(), "basis": "stated"}
        self._fix("link", "link", link, told, self._wording.author(but))

    def _fix(self, what: str, kind: str, ref: str, values: Values, by: str) -> None:
        """Write something on which steps of closure rest: it is not withdrawn, nor marked by itself."""
        self._write(what, kind, ref, values, by)
        self._fixed.add(ref)

    def _alike(self, mark: Mark) -> list[Thing]:
        """What contradicts what is marked so, if it has the same number, external id or ends."""
        return [thing for thing in self.plain.things.values() if _compartment(thing.mark) == _compartment(mark)]

    def _number(self, kind: str, whole: str | None, mark: Mark) -> int:
        """The next number of those that are marked alike, so that hidden parts have those of others."""
        taken = [thing.number or 0 for thing in self._alike(mark) if (thing.kind, thing.whole) == (kind, whole)]
        return max(taken, default=0) + 1

    def _external(self, owner: str | None, mark: Mark) -> Values:
        """An external id that others have too, under other markings."""
        wanted = f"X-{self._random.randrange(3)}"
        taken = {thing.external for thing in self._alike(mark) if thing.owner == owner}
        return {} if wanted in taken else {"external_id": wanted}

    def _draw_link(self) -> None:
        self._link(self._mark())

    def _link(self, mark: Mark) -> None:
        """Add a link, now and then one that only a hidden one contradicts or closes a circle with."""
        type_ = self._random.choice(LINK_TYPES)
        pair = self._random.choice(type_.pairs)
        source = self._some(lambda thing: thing.kind == pair[0])
        target = self._some(lambda thing: thing.kind == pair[1]) if pair[1] != "body" else self.plain.things["body-a"]
        if source is None or target is None or source is target:
            return
        if type_.acyclic and self._younger(target, source) and not (mark.level == 2 and self._chance(0.7)):
            source, target = target, source
        if type_.acyclic and (source.kind, target.kind) not in type_.pairs:
            return
        same = [thing for thing in self._alike(mark) if not thing.withdrawn and thing.type == type_.type]
        if any(thing.ends == (source.ref, target.ref) for thing in same):
            return
        ends = {"source": source.ref, "target": target.ref, "type": type_.type}
        owner = {"owner": self._random.choice(BODIES)} if self._chance(0.5) else {}
        self._write("link", "link", self._ref("L"), {"mark": mark, **ends, **owner, **self._wording.of_link()})

    def _younger(self, one: Thing, other: Thing) -> bool:
        """Whether one came after the other; links go from the younger to the older, so that none closes a circle."""
        refs = list(self.plain.things)
        return refs.index(one.ref) > refs.index(other.ref)

    def _amend(self) -> None:
        """Change something; not where whoever sees everything is told that its external id is another's too."""
        thing = self._some(lambda thing: thing.kind in {*AMENDED, "link"} and thing.external == thing.ref)
        if thing is None:
            return
        values = self._wording.amended(thing.kind, due=self.plain.falls_due(thing.ref))
        thing.owner = values.get("owner", thing.owner)
        self._write("amend", thing.kind, thing.ref, values)

    def _mark_more(self) -> None:
        """Mark something more strictly; not where a part would then have the number of another."""
        thing = self._some(lambda thing: thing.ref not in self._fixed)
        if thing is None:
            return
        more = self._random.choice(_STRICT[:6])
        mark, by = thing.mark.with_whole(more), None
        if thing.mark.until is None and self._chance(0.3):
            by = self._random.choice(BODIES)
            mark = thing.mark.with_whole(Mark(0, None, AHEAD, frozenset({by} | {thing.owner or by})))
        if mark == thing.mark or mark.limited == frozenset() or self._contradicts(thing, mark):
            return
        self._write("mark", thing.kind, thing.ref, {"mark": mark, "by": by})

    def _contradicts(self, thing: Thing, mark: Mark) -> bool:
        """Whether two things would have the same of what only one may have, if this one were marked so."""
        moved = {part.ref: part.mark.with_whole(mark) for part in [thing, *self.plain.under(thing.ref)]}
        had: dict[tuple[object, ...], str] = {}
        return any(
            had.setdefault(key, other.ref) != other.ref
            for other in self.plain.things.values()
            for marked in {other.mark, moved.get(other.ref, other.mark)}
            for key in _unique(other, marked)
        )

    def _withdraw(self) -> None:
        """Withdraw a link, or an item on which stands nothing that the public sees."""
        loose = {ref for ref, thing in self.plain.things.items() if ref not in self._fixed and self._free(thing)}
        thing = self._some(lambda thing: thing.ref in loose and (thing.ends is not None or self._chance(0.5)))
        if thing is None or thing.ref in {operation.ref for operation in self.script[: len(_FIRST)]}:
            return
        blindly = thing.kind != "link" and self.plain.sees(PUBLIC, thing.ref)
        self._write("withdraw", thing.kind, thing.ref, {"blindly": blindly})

    def _free(self, thing: Thing) -> bool:
        """Whether nothing stands on a thing that whoever withdraws it sees."""
        hanging = [found for found in self.plain.hanging_on(thing.ref) if found is not thing]
        if thing.kind == "link" or not hanging:
            return True
        return self.plain.sees(PUBLIC, thing.ref) and not any(self.plain.sees(PUBLIC, found.ref) for found in hanging)

    def _review(self) -> None:
        thing = self._some(lambda thing: thing.kind == "link")
        if thing is not None:
            values = {"finding": self._random.choice(("valid", "invalid")), "note": f"Read again, {self._at}"}
            self._write("review", "link", thing.ref, values)

    def _release(self) -> None:
        """Lower a marking, but for no reader of this script: a release means to reveal."""
        thing = self._some(lambda thing: thing.mark.level == 2 and not thing.whole and not self.plain.under(thing.ref))
        if thing is None:
            return
        mark = thing.mark._replace(level=1)
        revealed = any(mark.seen_by(reader) != thing.mark.seen_by(reader) for reader in self._readers)
        if not revealed and not self._contradicts(thing, mark):
            self._write("release", thing.kind, thing.ref, {"mark": mark, "approval": self._ref("Q")})

    def _ask(self) -> None:
        """Ask for a release, decline one, or override the guard, of something hidden or not."""
        thing = self._some(lambda thing: thing.kind != "clause")
        if thing is None:
            return
        if thing.asked:
            self._write("decline", thing.kind, thing.ref, {"approval": thing.asked.pop()})
        elif self._chance(0.6):
            thing.asked.append(self._ref("Q"))
            self._write("ask", thing.kind, thing.ref, {"mark": OPEN, "approval": thing.asked[-1]})
        else:
            self._write("override", thing.kind, thing.ref, {"override": self._ref("O"), "why": "An office's number"})

    def _beside(self) -> None:
        """Name a baseline, or give a key."""
        ref = self._ref("K")
        if self._chance(0.6):
            self._write("baseline", "baseline", f"point-{ref.lower()}", {"description": f"Before {ref}"})
        else:
            self._write("key", "key", ref, {"name": f"machine-{ref}", "body": self._random.choice(BODIES)})

    def _hide_from(self, reader: Reader) -> None:
        """See to it that something is hidden from a reader, an item and a link at least."""
        marks = [mark for mark in _STRICT if not mark.seen_by(reader)]
        while sum(thing.ends is None for thing in self.plain.hidden(reader)) < 2:
            self._add(self._random.choice(KINDS[:5]), self._random.choice(marks))
        while not any(thing.ends is not None for thing in self.plain.hidden(reader)):
            self._link(self._random.choice(marks))
        if not any(operation.what == "baseline" for operation in self.script):
            self._write("baseline", "baseline", "point-last", {"description": "The last"})


def _compartment(mark: Mark) -> tuple[object, ...]:
    """In what things have to differ that have the same number, external id or ends."""
    return mark.level, mark.limited or frozenset(), mark.until


def _unique(thing: Thing, mark: Mark) -> list[tuple[object, ...]]:
    """What only one thing may have that is marked so."""
    compartment = _compartment(mark)
    if thing.ends is not None:
        return [] if thing.withdrawn else [("ends", thing.type, *thing.ends, *compartment)]
    numbered = [("number", thing.whole, thing.kind, thing.number, *compartment)] if thing.number is not None else []
    return [("external", thing.owner, thing.external, *compartment), *numbered]
