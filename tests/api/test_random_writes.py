"""Five hundred random writes, played against the service and against a plain model of it, which must agree throughout.

The writes are the rules of one long Hypothesis run. Hypothesis would leave out some rules at random, and its first
example is always the simplest; so which rule is next is dealt from a shuffled pack, and what it does is drawn from a
seeded generator: every run plays every rule, and the same run again. On PostgreSQL, where reading every point again
takes longer, half as many are played; RANDOM_WRITES_STEPS=500 plays all there too. RANDOM_WRITES_SEED chooses another
run.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from api.app import create_app
from api.settings import Settings
from tests.api.answering_desk import AnsweringDesk, a_response, some_parts
from tests.api.plain_record import Row, Thing, address
from tests.api.plain_rows import Shown
from tests.api.random_things import UNKNOWN, RandomThings
from tests.api.record_compared import Compared
from tests.conftest import Databases

STEPS = {"sqlite": 500, "postgresql": 250}
SEED = os.environ.get("RANDOM_WRITES_SEED", "2015-11-26")
KEYS = {"k" * 16: "alice", "b" * 16: "bob"}
# How often each rule is in the pack.
PACK = {
    "add_body": 4,
    "add_review": 2,
    "add_recommendation": 4,
    "add_clause": 4,
    "add_source": 3,
    "add_evidence": 7,
    "add_action": 4,
    "report_progress": 4,
    "add_assessment": 4,
    "add_response": 4,
    "split_action": 3,
    "add_link": 16,
    "change_item": 18,
    "change_nothing": 2,
    "change_link": 4,
    "revise_due_date": 4,
    "change_evidence_and_back": 5,
    "review_link": 5,
    "withdraw": 14,
    "name_baseline": 2,
    "repeat_a_write": 4,
    "write_on_a_stale_state": 3,
    "write_without_if_match": 2,
    "write_to_what_is_gone": 2,
    "link_a_second_time": 2,
    "close_a_circle": 2,
    "change_published_text": 2,
    "name_what_is_not_there": 2,
    "take_a_number_again": 2,
    "alter_what_never_changes": 2,
}
CHANGED = ("review", "recommendation", "clause", "source", "evidence", "action", "body")


def when(name: str) -> Callable[[Any], Any]:
    """A rule that plays when it is its turn."""

    def declare(play: Callable[[Any], None]) -> Any:
        play.__name__ = name
        return rule()(precondition(lambda self: self.turn == name)(play))

    return declare


def dealt(random: Random, steps: int) -> Iterator[str]:
    """The rules in turn: first what others need, then pack after shuffled pack, and at the end everything is read."""
    first = ["add_body", "add_body", "add_review", "add_recommendation", "add_evidence", "add_action"]
    pack = [name for name, times in PACK.items() for _ in range(times)]
    turns = [*first]
    while len(turns) < steps - 1:
        random.shuffle(pack)
        turns += pack
    yield from [*turns[: steps - 1], "read_everything"]


def adding(kind: str) -> Any:
    """The rule that adds an item of a kind."""

    def play(self: Any) -> None:
        self.done(self.add(kind))

    return when(f"add_{kind}")(play)


class RandomWrites(RuleBasedStateMachine):
    """One run: the service at its desk, the plain record beside it, and what was played."""

    def __init__(self, open_desk: Callable[[], AnsweringDesk], steps: int, report: list[Counter[str]]) -> None:
        """Begin with an empty record; what was played is put into the report at the end."""
        super().__init__()
        self.random = Random(SEED)  # noqa: S311 - plays, and plays the same again
        self.desk = open_desk()
        self.plain = self.desk.plain
        self.things = RandomThings(self.random, self.plain)
        self.compared = Compared(self.desk, self.random)
        self.turns = dealt(self.random, steps)
        self.turn = next(self.turns)
        self.step = 0
        self.report = report

    def done(self, outcome: str) -> None:
        """Count what was played, and take the next turn."""
        self.desk.played[f"{self.turn}: {outcome}"] += 1
        self.step += 1
        self.turn = next(self.turns, "")

    def teardown(self) -> None:
        self.desk.close()

    def chosen(self, *kinds: str) -> Thing:
        """One of the things of these kinds; where there is none, one is added."""
        if not self.plain.of(*kinds):
            self.add(kinds[0], sound=True)
        return self.random.choice(self.plain.of(*kinds))

    def add(self, kind: str, *, sound: bool = False) -> str:
        """Add an item of a kind, and what it needs to stand on; the outcome."""
        for needed in {"recommendation": ["review"], "clause": ["recommendation"]}.get(kind, []):
            self.chosen(needed)
        given = self.things.new(kind)
        while sound and self.plain.refusal_of_new(kind, given):
            given = self.things.new(kind)
        return self.desk.add(kind, given)

    def _link(self, type_: str, source: Thing, target: Thing) -> str:
        """Tie one thing to another; the outcome."""
        basis = self.things.value("basis")
        given = {"type": type_, "source": source.ref, "target": target.ref, "basis": basis, "rationale": "Because."}
        return self.desk.add_link(given)

    add_body = adding("body")
    add_review = adding("review")
    add_recommendation = adding("recommendation")
    add_clause = adding("clause")
    add_source = adding("source")
    add_evidence = adding("evidence")
    add_action = adding("action")
    add_assessment = adding("assessment")

    @when("add_link")
    def add_link(self) -> None:
        self.chosen("recommendation")
        self.chosen("evidence")
        self.chosen("source")
        self.done(self.desk.add_link(self.things.link()))

    @when("report_progress")
    def report_progress(self) -> None:
        reported = {thing.held["parent"] for thing in self.plain.of("progress")} if self.things.chance(0.6) else set()
        again = [thing for thing in self.plain.of("action") if thing.ref in reported]
        action = self.random.choice(again) if again else self.chosen("action")
        self.done(self.desk.report(action, self.things.new("progress")))

    @when("add_response")
    def add_response(self) -> None:
        self.chosen("body")
        self.done(self.desk.respond(self.chosen("recommendation"), a_response(self.things)))

    @when("split_action")
    def split_action(self) -> None:
        self.done(self.desk.split(self.chosen("action"), some_parts(self.things)))

    @when("change_item")
    def change_item(self) -> None:
        thing = self.chosen(self.random.choice(CHANGED))
        self.done(self.desk.change(thing, self.things.patch(thing)))

    @when("change_nothing")
    def change_nothing(self) -> None:
        thing = self.chosen(self.random.choice(CHANGED))
        seq = self.plain.seq

        outcome = self.desk.change(thing, self.random.choice([{}, {"title": thing.held["title"]}]))

        assert self.plain.seq == seq
        self.done(outcome)

    @when("change_link")
    def change_link(self) -> None:
        link = self._a_link()
        self.done(self.desk.change(link, self.things.link_patch(link)))

    def _a_link(self) -> Thing:
        """A link; where there is none, one is added."""
        if not self.plain.of("link"):
            self._link("supports", self.chosen("evidence"), self.chosen("recommendation"))
        return self.random.choice(self.plain.of("link"))

    @when("revise_due_date")
    def revise_due_date(self) -> None:
        action = self.chosen("action")
        note = {"due_note": self.things.text()} if not self.things.chance(0.3) else {}
        self.done(self.desk.change(action, {"due_on": self.things.day()} | note))

    @when("change_evidence_and_back")
    def change_evidence_and_back(self) -> None:
        evidence = self.chosen("evidence")
        ties = [
            link.ref for link in self.plain.of("link") if evidence.ref in {link.held["source"], link.held["target"]}
        ]
        if not ties:
            self._link("supports", evidence, self.chosen("recommendation"))
        before = Shown(self.plain.now).suspect()

        self.desk.change(evidence, {"statement": self.things.text()}, sound=True)
        between = Shown(self.plain.now).suspect()
        self.compared.suspects()
        changed = self.plain.now[evidence.key]
        self.desk.change(changed, {"statement": evidence.held["statement"]}, sound=True)
        self.compared.suspects()

        assert set(before) <= set(between)
        assert Shown(self.plain.now).suspect() == before
        self.done("made suspect" if len(between) > len(before) else "was suspect before")

    @when("review_link")
    def review_link(self) -> None:
        suspects = Shown(self.plain.now).suspect()
        link = self.plain.now["link", self.random.choice(suspects)] if suspects else self._a_link()
        finding = "invalid" if self.things.chance(0.35) else "valid"

        self.desk.review(link, {"finding": finding, "note": self.things.text()})

        self.done("cleared" if suspects and finding == "valid" else finding)

    @when("withdraw")
    def withdraw(self) -> None:
        kinds = self.random.choice([("link",), ("link",), CHANGED, ("progress", "assessment"), ("evidence", "body")])
        found = self.plain.of(*kinds)
        free = [thing for thing in found if not self.plain.standing_on(thing)]
        if free and self.things.chance(0.5):
            found = free
        self.done(self.desk.withdraw(self.random.choice(found) if found else self._a_link()))

    @when("name_baseline")
    def name_baseline(self) -> None:
        names = [thing.ref for thing in self.plain.of("baseline")]
        at = self.random.choice(["now", None, str(self.random.randint(0, self.plain.seq)), *names[:1]])
        taken = names if names and self.things.chance(0.2) else [f"point-{self.plain.seq}"]
        self.done(self.desk.name_point(self.random.choice(taken), at))

    @when("repeat_a_write")
    def repeat_a_write(self) -> None:
        self.done(self.desk.repeat(self.random))

    @when("write_on_a_stale_state")
    def write_on_a_stale_state(self) -> None:
        thing = self.random.choice([self._a_link(), self.chosen("evidence", "action"), self.chosen(*CHANGED)])
        url, reviewed = address(thing.kind, thing.ref), {"finding": "valid", "note": "Looked at again."}
        method, path, given = self.random.choice(
            [
                ("PATCH", url, {"url": "https://example.org/new"}),
                ("DELETE", url, None),
                *([("POST", f"{url}/review", reviewed)] if thing.kind == "link" else []),
                *([("POST", f"{url}/progress", self.things.new("progress"))] if thing.kind == "action" else []),
            ]
        )

        answer = self.desk.refused(method, path, given, 412, seen=self.desk.former_etag(thing, self.random))

        assert answer.headers["ETag"] == self.desk.etag(thing)
        self.done(f"412 {method}")

    @when("write_without_if_match")
    def write_without_if_match(self) -> None:
        thing = self.chosen(*CHANGED)
        url = address(thing.kind, thing.ref)
        self.desk.refused("PATCH", url, {"title": "Other"}, 428)
        self.desk.refused("DELETE", url, None, 428)
        action = self.chosen("action")
        self.desk.refused("POST", f"{address('action', action.ref)}/progress", {"title": "T", "statement": "S"}, 428)
        self.desk.refused(
            "POST", f"{address('link', self._a_link().ref)}/review", {"finding": "valid", "note": "N"}, 428
        )
        self.done("428")

    @when("write_to_what_is_gone")
    def write_to_what_is_gone(self) -> None:
        gone = [thing for thing in self.plain.gone() if thing.kind in {*CHANGED, "link"}]
        if not gone:
            return self.done("nothing is gone yet")
        thing = self.random.choice(gone)
        url = address(thing.kind, thing.ref)
        self.desk.refused("PATCH", url, {"url": None}, 404, seen="*")
        self.desk.refused("DELETE", url, None, 404, seen="*")
        if thing.kind != "link":
            given = {"type": "supports", "source": thing.ref, "target": thing.ref, "basis": "stated", "rationale": "R"}
            self.desk.refused("POST", "/api/v1/links", given, 422)
        return self.done("404")

    @when("link_a_second_time")
    def link_a_second_time(self) -> None:
        link = self._a_link()
        given = {name: link.held[name] for name in ("type", "source", "target")}
        given |= {"basis": "inferred", "rationale": "Once more."}
        answer = self.desk.refused("POST", "/api/v1/links", given, 409)

        assert answer.json["conflicts"] == [{"kind": "link", "ref": link.ref}]
        self.done("409")

    @when("close_a_circle")
    def close_a_circle(self) -> None:
        kind, type_ = self.random.choice([("evidence", "derived_from"), ("action", "depends_on")])
        while len(self.plain.of(kind)) < 3:
            self.add(kind)
        one, other, third = self.random.sample(self.plain.of(kind), 3)
        outcomes = [self._link(type_, *ends) for ends in ((one, other), (other, third), (third, one))]

        assert "409" in outcomes
        self.done("409")

    @when("change_published_text")
    def change_published_text(self) -> None:
        thing = self.chosen("recommendation")
        given = {"text": thing.held["text"] + " Or not.", "title": "Another title"}
        answer = self.desk.refused("PATCH", address(thing.kind, thing.ref), given, 409, seen="*")

        assert answer.json["conflicts"] == [{"kind": "recommendation", "ref": thing.ref}]
        self.done("409")

    @when("name_what_is_not_there")
    def name_what_is_not_there(self) -> None:
        thing = self.chosen(*CHANGED)
        wrong = self.random.choice([UNKNOWN, self.chosen("review").ref, *[gone.ref for gone in self.plain.gone()[-1:]]])
        answer = self.desk.refused("PATCH", address(thing.kind, thing.ref), {"owner": wrong}, 422, seen="*")
        assert [fault["pointer"] for fault in answer.json["errors"]] == ["/owner"]
        given = {"title": "T", "recommendation": wrong, "span_start": 0, "span_end": 3}
        answer = self.desk.refused("POST", "/api/v1/clauses", given, 422)

        assert [fault["pointer"] for fault in answer.json["errors"]] == ["/recommendation"]
        self.done("422")

    @when("take_a_number_again")
    def take_a_number_again(self) -> None:
        if not self.plain.of("clause"):
            self.add("clause", sound=True)
        clause = self.chosen("clause")
        given: Row = {"title": "T", "recommendation": clause.held["parent"], "span_start": 0, "span_end": 3}
        answer = self.desk.refused("POST", "/api/v1/clauses", given | {"number": clause.held["number"]}, 409)

        assert answer.json["conflicts"] == [{"kind": "clause", "ref": clause.ref}]
        self.done("409")

    @when("alter_what_never_changes")
    def alter_what_never_changes(self) -> None:
        clause = self.chosen("clause", "recommendation")
        given = self.random.choice([{"number": 99}, {"external_id": "other"}, {"version": 9}, {"ref": "mine"}])
        self.desk.refused("PATCH", address(clause.kind, clause.ref), given, 422, seen="*")
        self.desk.refused("PATCH", address("link", self._a_link().ref), {"type": "supports"}, 422, seen="*")
        fixed = self.plain.of("assessment", "progress")
        if fixed:
            thing = self.random.choice(fixed)
            self.desk.refused("PATCH", address(thing.kind, thing.ref), {"title": "Other"}, 405, seen="*")
        self.done("422")

    @when("read_everything")
    def read_everything(self) -> None:
        self.compared.at_the_end()
        self.report.append(self.desk.played)
        self.done("read")

    @invariant()
    def holds(self) -> None:
        if self.turn and self.turn != "read_everything":
            self.compared.on_the_way()
            if self.step % 50 == 49:
                self.compared.now(most=20)


@pytest.fixture
def open_desk(databases: Databases, tmp_path: Path) -> Callable[[], AnsweringDesk]:
    """Opens the service on an empty record."""

    def make() -> AnsweringDesk:
        url = databases.copy("empty").url.render_as_string(hide_password=False)
        app = create_app(Settings(url, "test", KEYS, tmp_path / "checkpoint.json", tmp_path / "key.pem"))
        return AnsweringDesk(app, KEYS)

    return make


# What must have happened in a run, besides every rule; otherwise it has shown nothing.
HAPPENED = {
    *(
        "accepted",
        "refused",
        "add_link: 201",
        "report_progress: 201",
        "name_baseline: 201",
        "repeat_a_write: told again",
    ),
    *("change_item: 200", "change_item: 422", "change_nothing: 200 nothing new", "change_link: 200"),
    *("add_response: 201", "split_action: 200"),
    *("revise_due_date: 200", "change_evidence_and_back: made suspect"),
    *("withdraw: 204", "withdraw: 409", "write_to_what_is_gone: 404"),
    *("review_link: cleared", "review_link: invalid"),
}


def test_agrees_with_a_plain_record_through_random_writes(
    databases: Databases, open_desk: Callable[[], AnsweringDesk]
) -> None:
    steps = int(os.environ.get("RANDOM_WRITES_STEPS", STEPS[databases.engine]))
    report: list[Counter[str]] = []
    played_once = settings(
        max_examples=1,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    run_state_machine_as_test(partial(RandomWrites, open_desk, steps, report), settings=played_once)

    (played,) = report
    assert played["accepted"] + played["refused"] >= steps
    assert {name.partition(":")[0] for name in played} >= PACK.keys()
    assert played.keys() >= HAPPENED
