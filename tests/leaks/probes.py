"""Probes: writes that would tell of something hidden, if the service let them."""

from collections.abc import Iterable, Iterator, Mapping
from random import Random
from types import MappingProxyType
from typing import Any, NamedTuple

from models.vocabulary import COLLECTIONS, LINK_TYPES
from tests.leaks.questions import NEVER, PII_CHECK
from tests.leaks.readers import KEEPERS_KEY, Reader
from tests.leaks.script import Script, Values
from tests.leaks.sight import AHEAD, Plain, Thing
from tests.leaks.wording import NUMBERED, TEXT

ANY = {"If-Match": "*"}
_ACYCLIC = {found.type for found in LINK_TYPES if found.acyclic}
_PLACES = COLLECTIONS | {"link": "links"}
_NEEDED: dict[str, Values] = {
    "recommendation": {"category": "recommendation", "short_name": "Probe", "text": TEXT},
    "clause": {"span_start": 0, "span_end": 34},
    "source": {"source_class": "fieldwork"},
    "evidence": {"evidence_kind": "observation", "statement": "A thing was observed."},
    "progress": {"statement": "A thing was done."},
    "assessment": {"verdict": "not_met"},
}
_WHY = {"statement": "A probe."}
_STEPS: dict[str, Values] = {
    "propose": {**_WHY, "impact": "Less of it."},
    "end": {**_WHY, "outcome": "no_longer_relevant"},
    **dict.fromkeys(("return", "override", "discharge", "reopen"), _WHY),
}
_WHOLE = {"recommendation": "review", "clause": "recommendation", "assessment": "subject"}


class Probe(NamedTuple):
    """One request of a probe; by the keeper if it is `kept`, which is not compared: it prepares the next."""

    method: str
    path: str
    body: Values | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    kept: bool = False

    def sent(self, reader: Reader) -> dict[str, Any]:
        """The headers and the body with which it is sent."""
        who = {"Authorization": f"Bearer {KEEPERS_KEY}"} if self.kept else reader.headers
        kind = "application/merge-patch+json" if self.method == "PATCH" else "application/json"
        typed = {"Content-Type": kind} if self.body is not None else {}
        return {"headers": {**who, **self.headers, **typed, "X-Request-Id": "probe"}, "json": self.body}


def _post(place: str, body: Values | None, headers: dict[str, str] | None = None) -> Probe:
    return Probe("POST", f"/api/v1/{place}?reason=Probe", body, headers or {})


def _releasing(thing: Thing, **limits: Any) -> Probe:
    return _post(
        "approvals", {"action": "release", "kind": thing.kind, "ref": thing.ref, "handling": "PUBLIC"} | limits
    )


def _step(ref: str, name: str, **values: Any) -> Probe:
    return _post(f"recommendations/{ref}/closure/{name}", _STEPS[name] | values, ANY)


def _to(thing: Thing | str, kind: str, end: str = "") -> str:
    return f"{_PLACES[kind]}/{thing if isinstance(thing, str) else thing.ref}{end}"


class Probing:
    """Draws probes for one reader of what a script made; `tags` are those of hidden things, by reference."""

    def __init__(self, random: Random, script: Script, reader: Reader, tags: dict[str, str]) -> None:
        """Keep what is there for the reader, and what is hidden from him."""
        self._random, self._reader, self._tags = random, reader, tags
        self._plain = Plain(script)
        self._hidden = [thing for thing in self._plain.hidden(reader) if not thing.withdrawn]
        self._seen = [thing for thing in self._plain.seen(reader) if not thing.withdrawn and thing.kind != "body"]
        asked = [operation for operation in script if operation.what == "ask"]
        self._approvals = {operation.ref: operation.values["approval"] for operation in asked}

    def drawn(self, count: int) -> Iterator[tuple[str, list[Probe]]]:
        """So many probes, each by its name, with its requests; fewer where the graph has nothing for them."""
        ways = [way for way in dir(self) if way.startswith("to_")]
        for name in self._random.sample(ways, min(count, len(ways))):
            probes = list(getattr(self, name)())
            if probes:
                yield name, probes

    def _some(self, things: Iterable[Thing]) -> Thing | None:
        found = list(things)
        return self._random.choice(found) if found else None

    def _sees(self, *refs: str | None) -> bool:
        """Whether the reader sees these, and none is withdrawn."""
        seen = {thing.ref for thing in self._seen} | {"body-a", "body-b", "body-c"}
        return all(ref in seen for ref in refs)

    def _adding(self, kind: str, whole: str | None, **values: Any) -> Probe:
        """The request that adds a thing of a kind."""
        body = {"title": "A probe", **_NEEDED.get(kind, {}), **values}
        if kind == "progress":
            return _post(_to(whole or NEVER, "action", "/progress"), body, ANY)
        return _post(_PLACES[kind], body | ({_WHOLE[kind]: whole} if kind in _WHOLE else {}))

    def to_give_a_taken_id(self) -> Iterator[Probe]:
        """Give a thing the external id of a hidden one of the same owner."""
        thing = self._some(found for found in self._hidden if found.ends is None)
        if thing is not None:
            kind = "evidence" if thing.owner == self._reader.body else "source"
            handling = {"handling": "PUBLIC"} if self._random.random() < 0.7 else {}
            yield self._adding(kind, None, external_id=thing.external, owner=thing.owner, **handling)

    def to_take_a_number(self) -> Iterator[Probe]:
        """Add a part where the next number is a hidden part's, and one of that very number."""
        thing = self._some(found for found in self._hidden if found.kind in NUMBERED and self._sees(found.whole))
        if thing is not None:
            yield self._adding(thing.kind, thing.whole)
            yield (
                self._adding(thing.kind, thing.whole, number=thing.number)
                if thing.kind != "progress"
                else (self._adding(thing.kind, thing.whole))
            )

    def _linking(self, type_: str, source: str, target: str, **values: Any) -> Probe:
        ends = {"type": type_, "source": source, "target": target}
        return _post("links", ends | {"basis": "stated", "rationale": "A probe."} | values)

    def to_link_again(self) -> Iterator[Probe]:
        """Add a link that a hidden one says already."""
        link = self._some(found for found in self._hidden if found.ends and self._sees(*found.ends))
        if link is not None and link.ends is not None:
            yield self._linking(link.type, *link.ends)
            yield self._linking(link.type, *link.ends, handling="PUBLIC", embargo_until=AHEAD)

    def to_close_a_circle(self) -> Iterator[Probe]:
        """Add a link the other way round than a hidden one, where a circle is refused."""
        link = self._some(
            found for found in self._hidden if found.ends and found.type in _ACYCLIC and self._sees(*found.ends)
        )
        if link is not None and link.ends is not None:
            yield self._linking(link.type, link.ends[1], link.ends[0], handling="PUBLIC")

    def to_withdraw_what_carries(self) -> Iterator[Probe]:
        """Withdraw something on which nothing stands but what is hidden."""
        hanging = {thing.ref: self._plain.hanging_on(thing.ref) for thing in self._seen if thing.ends is None}
        carrying = [
            thing
            for thing in self._seen
            if hanging.get(thing.ref) and not any(self._sees(found.ref) for found in hanging[thing.ref])
        ]
        thing = self._some([found for found in carrying if found.owner == self._reader.body] or carrying)
        if thing is not None:
            yield Probe("DELETE", f"/api/v1/{_to(thing, thing.kind)}?reason=Probe", None, ANY)

    def to_touch_what_is_hidden(self) -> Iterator[Probe]:
        """Change, mark, withdraw what is hidden, and what never was; with its own tag, too."""
        thing = self._some(self._hidden)
        for ref in (thing.ref, NEVER) if thing is not None else ():
            assert thing is not None
            place, tag = _to(ref, thing.kind), {"If-Match": self._tags.get(thing.ref, '"abc"')}
            yield Probe("PATCH", f"/api/v1/{place}?reason=Probe", {"title": "A probe"}, tag)
            yield Probe("DELETE", f"/api/v1/{place}?reason=Probe", None, ANY)
            yield _post(f"{place}/handling", {"handling": "OFFICIAL"}, ANY)
            yield _post(f"links/{ref}/review", {"finding": "valid", "note": "A probe."}, ANY)
            yield _post(f"actions/{ref}/progress", {"title": "A probe", "statement": "A thing."}, tag)

    def to_name_what_is_hidden(self) -> Iterator[Probe]:
        """Name something hidden in what is added, or asked for."""
        thing = self._some(found for found in self._hidden if found.ends is None)
        if thing is not None:
            yield self._linking("supports", thing.ref, self._random.choice(self._seen).ref)
            yield self._linking("derived_from", self._random.choice(self._seen).ref, thing.ref)
            yield self._adding("clause", thing.ref)
            yield self._adding("assessment", thing.ref)
            yield _releasing(thing)

    def to_repeat_anothers_key(self) -> Iterator[Probe]:
        """Use an Idempotency-Key under which another wrote to something hidden."""
        thing = self._some(found for found in self._hidden if found.kind == "evidence" and found.mark.limited is None)
        key = {"Idempotency-Key": "the-same-key"}
        if thing is not None:
            path = f"/api/v1/evidence/{thing.ref}?reason=Probe"
            yield Probe("PATCH", path, {"locator": "page 9"}, ANY | key, kept=True)
            added = self._adding("evidence", None)
            yield added._replace(headers=key)
            yield added._replace(headers=key)
            yield Probe("PATCH", path, {"locator": "page 9"}, ANY | key)

    def to_mark_a_whole(self) -> Iterator[Probe]:
        """Mark something more strictly that has parts unseen."""
        mine = [found for found in self._seen if found.owner in {self._reader.body, None}]
        thing = self._some([found for found in mine if self._plain.under(found.ref)] or mine)
        if thing is not None:
            asked = {"handling": "OFFICIAL"}, {"limited_to": [self._reader.body or "body-a"]}, {"embargo_until": AHEAD}
            for wanted in self._random.sample(asked, 2):
                yield _post(_to(thing, thing.kind, "/handling"), wanted, ANY)

    def to_ask_for_a_release(self) -> Iterator[Probe]:
        """Ask for a lower marking under which something hidden would contradict."""
        thing = self._some(found for found in self._seen if found.mark.level or found.mark.limited)
        if thing is not None:
            yield _releasing(thing, **self._random.choice(({}, {"limited_to": ["body-a"]}, {"limited_to": ["body-b"]})))

    def to_withhold_until_the_same_day(self) -> Iterator[Probe]:
        """Add a part until the day until which others are withheld."""
        thing = self._some(found for found in self._hidden if found.kind in NUMBERED and self._sees(found.whole))
        if thing is not None:
            yield self._adding(thing.kind, thing.whole, handling="PUBLIC", embargo_until=AHEAD)

    def to_name_a_point(self) -> Iterator[Probe]:
        """Name the point that the record has reached, and look at it."""
        yield _post("baselines", {"name": "a-probe"})
        yield Probe("GET", "/api/v1/baselines/a-probe")
        yield Probe("GET", "/api/v1/gaps?known_at=a-probe")

    def to_decide_on_what_is_hidden(self) -> Iterator[Probe]:
        """Read and decide what was asked for of something hidden."""
        refs = [ref for thing, ref in self._approvals.items() if not self._sees(thing)]
        for ref in (self._random.choice(refs), NEVER) if refs else ():
            yield Probe("GET", f"/api/v1/approvals/{ref}")
            yield _post(f"approvals/{ref}/confirmation", None, ANY)
            yield _post(f"approvals/{ref}/refusal", None, ANY)

    def to_change_what_is_seen(self) -> Iterator[Probe]:
        """Change something that the reader sees, under the tag of something hidden too."""
        thing = self._some(found for found in self._seen if found.kind in {"evidence", "source", "action", "review"})
        if thing is not None:
            path = f"/api/v1/{_to(thing, thing.kind)}?reason=Probe"
            tag = self._random.choice([*self._tags.values(), '"abc"'])
            yield Probe("PATCH", path, {"title": "Probed"}, {"If-Match": tag})
            yield Probe("PATCH", path, {"title": "Probed", "owner": self._reader.body}, ANY)

    def to_take_steps_of_closure(self) -> Iterator[Probe]:
        """Take every step of closure, in some order, of a recommendation that hidden things may stand in the way of."""
        thing = self._some(found for found in self._seen if found.kind == "recommendation")
        if thing is not None:
            yield from (_step(thing.ref, name) for name in self._random.sample(list(_STEPS), len(_STEPS)))
            yield Probe("GET", f"/api/v1/recommendations/{thing.ref}/closure")

    def to_discharge_what_is_proposed(self) -> Iterator[Probe]:
        """Discharge what others have proposed to close, with its conditions set aside, and without."""
        closing = [found.whole for found in self._seen if found.kind == "decision" and self._sees(found.whole)]
        if closing:
            ref = self._random.choice(closing) or NEVER
            yield from (_step(ref, name) for name in ("discharge", "override", "discharge", "return"))

    def to_close_what_is_hidden(self) -> Iterator[Probe]:
        """Answer, close, split what is hidden, and what never was."""
        thing = self._some(found for found in self._hidden if found.kind in {"recommendation", "action"})
        for ref in (thing.ref, NEVER) if thing is not None else ():
            yield from (_step(ref, name) for name in _STEPS)
            yield Probe("GET", f"/api/v1/recommendations/{ref}/closure")
            yield _post(f"recommendations/{ref}/responses", {"response": "noted"})
            yield _post(f"actions/{ref}/split", {"parts": [{"title": "A part"}]}, ANY)

    def to_close_by_what_is_hidden(self) -> Iterator[Probe]:
        """Name something hidden in a step of closure, or in a verdict."""
        thing = self._some(found for found in self._hidden if found.ends is None)
        asked = self._some(found for found in self._seen if found.kind == "recommendation")
        if thing is not None and asked is not None:
            yield _step(asked.ref, "propose", evidence=[thing.ref])
            yield _step(asked.ref, "end", outcome="superseded", superseded_by=thing.ref)
            yield self._adding("assessment", asked.ref, evidence=[thing.ref])

    def to_answer(self) -> Iterator[Probe]:
        """Answer a recommendation beside answers that are hidden."""
        asked = self._some(found for found in self._seen if found.kind == "recommendation")
        if asked is not None:
            yield _post(f"recommendations/{asked.ref}/responses", {"response": "noted"})
            yield _post(f"recommendations/{asked.ref}/responses", {"response": "not_ours", "depends_on_body": "body-c"})
            yield Probe("GET", f"/api/v1/recommendations/{asked.ref}/responses?count=true")

    def to_split(self) -> Iterator[Probe]:
        """Split an action that has hidden parts, and give parts the external id of something hidden."""
        action = self._some(found for found in self._seen if found.kind == "action")
        taken = self._some(found for found in self._hidden if found.ends is None)
        if action is not None:
            more = {} if taken is None else {"external_id": taken.external, "handling": "PUBLIC"}
            yield _post(_to(action, "action", "/split"), {"parts": [{"title": "A part"}, {"title": "B", **more}]}, ANY)
            yield Probe("GET", f"/api/v1/actions?part_of={action.ref}&count=true")

    def to_give_a_key(self) -> Iterator[Probe]:
        """Give a machine a key, and have a text looked at."""
        yield _post("keys", {"name": "probe", "role": "machine", "expires_in_days": 300})
        yield Probe("POST", PII_CHECK, {"texts": ["Born on 1 May 1970", "Call 0131 496 0000."]})


# What is read after the probes: whatever came of them must be the same, too.
AFTER = (
    Probe("GET", "/api/v1"),
    Probe("GET", "/api/v1/changes?limit=200"),
    Probe("GET", "/api/v1/exports"),
    Probe("GET", "/api/v1/graph"),
    Probe("GET", "/api/v1/approvals?count=true"),
)
