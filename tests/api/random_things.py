"""What random writes are given: bodies of new things and patches, mostly sound, now and then not."""

from itertools import count
from random import Random
from typing import Any
from unicodedata import normalize

from models.vocabulary import (
    BASES,
    CATEGORIES,
    CLAIMED_STATUSES,
    CONFIDENCES,
    DELAYS,
    EVIDENCE_KINDS,
    METHODS,
    PUBLICATION_TYPES,
    ROLL_UPS,
    SOURCE_CLASSES,
    STRENGTHS,
    VERDICTS,
)
from tests.api.plain_record import COMMON, LINK_FIELDS, OWN, ROLES, TYPES, PlainRecord, Row, Thing, parts_of

_WORDS = (
    "Plain words",
    "Ünïcode – “quoted”",
    'comma, semicolon; "quote"',
    "two\nlines",
    "a 🧭 and a 👩‍🔬 here",
    "=1+1",
    "<b>bold</b> &amp;",
    "Cafe\u0301 decomposed",
    "100%_x\\'",
    "  spaces around ",
)
_PERIODS = ("2015", "2016-02", "2016-02-29", "2015-11/2017", "2017-06-01/2017-06-29", "2020-02/2020-02")
_NO_PERIODS = ("2015-13", "2017-02-29", "2017/2016", "2015/2016/2017", "next year", "2015/")
_WORD_LISTS = {
    "publication_type": PUBLICATION_TYPES,
    "confidence": CONFIDENCES,
    "category": CATEGORIES,
    "source_class": SOURCE_CLASSES,
    "method": METHODS,
    "evidence_kind": EVIDENCE_KINDS,
    "claimed_status": CLAIMED_STATUSES,
    "verdict": VERDICTS,
    "delay": DELAYS,
    "roll_up": ROLL_UPS,
    "basis": BASES,
    "strength": STRENGTHS,
}
# What a change of each kind may be given, besides what all have.
_PATCHED = {
    "review": ("published_on", "publishers"),
    "recommendation": ("category", "short_name", "lead", "partners", "text", "roll_up"),
    "clause": ("span_start", "span_end"),
    "source": OWN["source"],
    "evidence": OWN["evidence"],
    "action": ("partners", "due_on"),
    "body": ("is_group",),
}
UNKNOWN = "X-nothing-has-this-ref"


def composed(value: Any) -> Any:
    """A value as the service keeps it: text in Unicode normal form C."""
    if isinstance(value, dict):
        return {name: composed(part) for name, part in value.items()}
    if isinstance(value, list):
        return [composed(part) for part in value]
    return normalize("NFC", value) if isinstance(value, str) else value


class RandomThings:
    """Makes the bodies of writes from what there is."""

    def __init__(self, random: Random, plain: PlainRecord) -> None:
        """Keep what to choose by, and what to choose from."""
        self.random, self.plain, self._numbers = random, plain, count(1)

    def chance(self, share: float) -> bool:
        """Yes so often."""
        return self.random.random() < share

    def text(self) -> str:
        """Some text that was not there before."""
        return f"{self.random.choice(_WORDS)} {next(self._numbers)}"

    def day(self) -> str:
        """Some day."""
        return f"20{self.random.randint(14, 21)}-{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02}"

    def one(self, *kinds: str) -> str:
        """The reference of one of the things of these kinds; now and then of nothing."""
        found = self.plain.of(*kinds)
        return self.random.choice(found).ref if found and not self.chance(0.02) else UNKNOWN

    def bodies(self) -> list[str]:
        """Some bodies, each once; now and then one twice, or one that is none."""
        found = [thing.ref for thing in self.plain.of("body")]
        chosen = self.random.sample(found, min(len(found), self.random.choice((0, 1, 1, 2, 3))))
        if self.chance(0.04):
            chosen += [self.one("body", "review", "action")]
        return chosen

    def value(self, name: str) -> Any:
        """A value for a field."""
        random = self.random
        if name in _WORD_LISTS:
            return random.choice(_WORD_LISTS[name])
        if name in {"effective_from", "effective_to", "published_on", "due_on"}:
            return self.day()
        if name in {"owner", "lead"}:
            return self.one("body") if not self.chance(0.03) else self.one("review", "action")
        if name in {"publishers", "partners", "assessors"}:
            return self.bodies()
        made = {
            "period": lambda: random.choice(_PERIODS if not self.chance(0.08) else _NO_PERIODS),
            "url": lambda: f"https://example.org/{next(self._numbers)}?a=b#c",
            "is_group": lambda: self.chance(0.5),
            "short_name": lambda: f"Name {next(self._numbers)}",
            "span_start": lambda: random.randint(0, 12),
            "span_end": lambda: random.randint(6, 30),
            "sample_size": lambda: random.randint(0, 900),
        }
        return made[name]() if name in made else self.text()

    def _some(self, names: tuple[str, ...], share: float) -> Row:
        """Values for some of the fields; now and then a null, which is as good as nothing."""
        chosen = [name for name in names if self.chance(share)]
        return {name: None if self.chance(0.1) else self.value(name) for name in chosen}

    def new(self, kind: str) -> Row:
        """The body of a new item."""
        given: Row = {"title": self.text()} | self._some(tuple(set_order(COMMON, "effective_to")), 0.25)
        if self.chance(0.1):
            given["effective_to"] = self.day()
        if self.chance(0.35):
            given["owner"] = self.value("owner")
        if self.chance(0.15):
            given["external_id"] = f"X{self.random.randint(1, 25)}"
        given |= getattr(self, f"_new_{kind}")()
        for name in ROLES.get(kind, ()):
            if self.chance(0.6):
                given[name] = self.value(name)
        return given

    def _new_review(self) -> Row:
        return {"published_on": self.day()}

    def _new_recommendation(self) -> Row:
        given = {name: self.value(name) for name in ("category", "short_name", "text")}
        given |= {"text": f"The bodies should 🧭 do {given['text']}.", "review": self.one("review")}
        return given | self._number()

    def _new_clause(self) -> Row:
        given = {"recommendation": self.one("recommendation")} | self._number()
        return given | {"span_start": self.value("span_start"), "span_end": self.value("span_end")}

    def _number(self) -> Row:
        """A number, where one is asked for."""
        return {"number": self.random.choice((None, *range(1, 15)))} if self.chance(0.4) else {}

    def _new_source(self) -> Row:
        return {"source_class": self.value("source_class")} | self._some(OWN["source"][1:], 0.5)

    def _new_evidence(self) -> Row:
        return {name: self.value(name) for name in OWN["evidence"]}

    def _new_action(self) -> Row:
        given = {"due_on": self.value("due_on")} if self.chance(0.5) else {}
        given |= {"due_note": self.text()} if self.chance(0.3) and given else {}
        return given | ({"due_delay": self.value("delay")} if self.chance(0.05) else {})

    def _new_progress(self) -> Row:
        claim = {"claimed_status": self.value("claimed_status")} if self.chance(0.8) else {}
        dated = {"effective_from": self.day()} if self.chance(0.4) else {}
        return {"statement": self.text()} | claim | dated | self._some(("impact", "delay"), 0.2)

    def _new_assessment(self) -> Row:
        given: Row = {"subject": self.one("recommendation", "clause", "review")}
        tallied = ("review", given["subject"]) in self.plain.now
        if tallied != self.chance(0.05):
            given |= {name: self.random.randint(0, 9) for name in OWN["assessment"] if name.startswith("tally")}
        else:
            given["verdict"] = self.value("verdict")
        return given | self._some(("statement",), 0.5)

    def _new_body(self) -> Row:
        return {"is_group": self.chance(0.5)} if self.chance(0.5) else {}

    def patch(self, thing: Thing) -> Row:
        """A change of an item: new values, the values that are there, and nulls."""
        names = ["title", "owner", *COMMON, *_PATCHED[thing.kind]]
        chosen = self.random.sample(names, min(len(names), self.random.randint(1, 4)))
        if self.chance(0.5):
            chosen.append(self.random.choice(_PATCHED[thing.kind]))
        given = {name: self._changed(thing, name) for name in chosen}
        if "due_on" in given and not self.chance(0.15):
            given["due_note"] = self.text()
            given |= {"due_delay": self.value("delay")} if self.chance(0.5) else {}
        return given

    def _changed(self, thing: Thing, name: str) -> Any:
        """A value to which a field is changed."""
        if self.chance(0.25) or name == "text":
            return shown_value(thing, name)
        if self.chance(0.2):
            return None
        return self.value(name)

    def link(self) -> Row:
        """The body of a new link between two things that it may join, nearly always."""
        type_ = self.random.choice([*TYPES, "supports", "derived_from", "depends_on", "addresses", "demonstrates"])
        kinds = {thing.kind for thing in self.plain.of("link", *OWN)}
        pairs = [pair for pair in TYPES[type_].pairs if kinds.issuperset(pair)]
        source, target = self.random.choice(pairs or [("evidence", "source")])
        given: Row = {"type": type_, "source": self.one(source), "target": self.one(target)}
        if self.chance(0.03):
            given["target"] = self.one(*OWN)
        given |= {"basis": self.value("basis"), "rationale": self.text()}
        if self.chance(0.3):
            given["asserted_by"] = self.text()
        return given | self._some(("strength", "effective_from", "effective_to", "url", "locator"), 0.3)

    def link_patch(self, link: Thing) -> Row:
        """A change of a link."""
        chosen = self.random.sample(LINK_FIELDS, self.random.randint(1, 3))
        given = {name: self._changed(link, name) for name in chosen}
        return given if given.get("asserted_by", "") else given | {"asserted_by": self.text()}


def set_order(names: tuple[str, ...], *without: str) -> list[str]:
    """The names but for some, in their order."""
    return [name for name in names if name not in without]


def shown_value(thing: Thing, name: str) -> Any:
    """What a field of a thing is now, as a write would say it."""
    role = ROLES.get(thing.kind, {}).get(name)
    if role is not None:
        refs = parts_of(thing.held, role)
        return refs if name != "lead" else refs[0] if refs else None
    if name == "due_on":
        dates = thing.held.get("due_dates")
        return dates[-1]["due_on"] if dates else None
    return thing.held.get(name)
