"""Steps of closure in any order, played against the service and a plain model of the rules, which must agree.

No sequence of calls, calls at once among them, reaches a discharge that the rules forbid; nor does plain SQL, which is
tried before each step and undone. CLOSURE_EXAMPLES=200 plays more of them.
"""

import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.api import people as peopled
from tests.api import writing
from tests.api.closing import Case, a_case
from tests.api.people import People, name_of
from tests.api.writing import Caller
from tests.models.plain_sql import id_of

alice, bob, people = writing.alice, writing.bob, peopled.people
EXAMPLES, STEPS = int(os.environ.get("CLOSURE_EXAMPLES", "4")), 30
OPEN = {"open", "returned", "reopened"}
UNDER_WAY = {"proposed", "override_asked"}
CLOSED = {"discharged", "no_longer_relevant", "superseded"}
SEED = "2015-11-26"
STEPS_TAKEN = ("propose", "return", "override", "discharge", "end", "reopen")
# What has to have happened, or the run says nothing.
HAPPENED = {
    *(f"{word}: {outcome}" for word in STEPS_TAKEN for outcome in ("taken", "refused")),
    "discharge: taken by override",
    *(f"attack: {outcome}{how}" for outcome in ("let", "refused") for how in ("", " by override")),
}
WHO = ("officer", "colleague", "inspector", "second")


@dataclass
class Plain:
    """What the rules say, written down once more: the state, who took which step, and what is there."""

    state: str = "open"
    proposer: str = ""
    asker: str = ""
    set_aside: set[str] = field(default_factory=set)
    contradicted: bool = False
    explained: bool = False
    shown_by: list[str] = field(default_factory=list)

    def unmet(self, who: str) -> set[str]:
        """The conditions that are not met for somebody who would discharge it."""
        met = {
            "proposed": self.state in UNDER_WAY,
            "demonstrated": bool(self.shown_by),
            "not_contradicted": not self.contradicted,
            "actions_complete": self.explained,
            "another_person": who not in {self.proposer, *self.shown_by},
        }
        return {name for name, fine in met.items() if not fine}

    def follows(self, word: str, who: str) -> bool:
        """Whether somebody may take this step now."""
        match word:
            case "propose":
                return self.state in OPEN
            case "return":
                return self.state in UNDER_WAY
            case "override":
                unmet = self.unmet(who)
                return self.state == "proposed" and bool(unmet) and not unmet & {"proposed", "another_person"}
            case "discharge":
                aside = self.set_aside if self.state == "override_asked" and self.asker != who else set()
                return self.state in UNDER_WAY and self.unmet(who) <= aside
            case "end":
                return self.state in OPEN | UNDER_WAY
        return self.state in CLOSED

    def take(self, word: str, who: str) -> None:
        """Take the step."""
        if word == "propose":
            self.proposer = who
        if word == "override":
            self.asker, self.set_aside = who, self.unmet(who)
        self.state = {
            "propose": "proposed",
            "return": "returned",
            "override": "override_asked",
            "discharge": "discharged",
            "end": "no_longer_relevant",
            "reopen": "reopened",
        }[word]

    def allows_by_sql(self, who: str, *, overriding: bool) -> bool:
        """Whether the database itself lets somebody discharge it, whatever the service would say."""
        if self.state not in UNDER_WAY or who == self.proposer:
            return False
        if overriding:
            return self.state == "override_asked" and who != self.asker
        return any(by != who for by in self.shown_by)


class Closings(RuleBasedStateMachine):
    """A recommendation and everybody who has to do with its closure; the clause lends its row to plain SQL."""

    def __init__(self, people: People, callers: dict[str, Caller], drawn: Random, played: Counter[str]) -> None:
        """Begin with a recommendation of its own; what happens is counted."""
        super().__init__()
        self.drawn, self.played = drawn, played
        self.callers, self.names = callers, {who: name_of(caller) for who, caller in callers.items()}
        self.case: Case = a_case(people)
        self.clause = people.alice.a("clause", recommendation=self.case.ref)["ref"]
        self.plain = Plain()
        self.against: list[str] = []

    @rule(number=st.integers(0, 2**32 - 1))
    def play(self, number: int) -> None:
        """Let something happen; Hypothesis likes small numbers, and would leave some out, so a generator draws it."""
        chance = Random(f"{number} {self.drawn.random()}")  # noqa: S311 - a draw, no secret
        likely = {"try": 7, "go_on": 6, "report": 3, "demonstrate": 3, "contradict": 1, "mend": 2}
        (doing,) = chance.choices(list(likely), list(likely.values()))
        getattr(self, f"_{doing}")(chance)

    def _try(self, chance: Random) -> None:
        """Try a step, as anybody."""
        self._step(chance.choice(STEPS_TAKEN), chance.choice(WHO))

    def _go_on(self, chance: Random) -> None:
        """Take a step that is allowed, more often than not one that leads to a discharge."""
        allowed = [(word, who) for word in STEPS_TAKEN for who in WHO if self._may(word, who)]
        onward = [step for step in allowed if step[0] in {"propose", "override", "discharge"}]
        self._step(*chance.choice(onward if onward and chance.random() < 0.7 else allowed))

    def _may(self, word: str, who: str) -> bool:
        """Whether somebody may take a step, by the model."""
        return (word == "propose") == (who in {"officer", "colleague"}) and self.plain.follows(word, who)

    def _step(self, word: str, who: str) -> None:
        """Ask for a step; it is taken where the model allows it, and nowhere else."""
        allowed = self._may(word, who)

        answer = self.case.step(self.callers[who], word, {"outcome": "no_longer_relevant"} if word == "end" else None)

        assert (answer.status_code == 200) == allowed, (word, who, self.plain, answer.text)
        aside = " by override" if word == "discharge" and allowed and self.plain.unmet(who) else ""
        self.played[f"{word}: {'taken' if allowed else 'refused'}{aside}"] += 1
        if allowed:
            self.plain.take(word, who)

    def _report(self, chance: Random) -> None:
        """Report progress; what is stalled says why."""
        status = chance.choice(("complete", "complete", "under_way", "stalled"))
        delay = {"delay": "resources"} if status == "stalled" else {}
        self.case.report(claimed_status=status, effective_from="2020-01-01", **delay)
        self.plain.explained = status != "under_way"

    def _demonstrate(self, chance: Random) -> None:
        """Bring evidence that the action is done."""
        who = chance.choice(WHO)
        self.case.tie("demonstrates", self.case.action, by=self.callers[who])
        self.plain.shown_by.append(who)

    def _contradict(self, _chance: Random) -> None:
        """Bring evidence against it."""
        self.against.append(self.case.tie("contradicts", self.case.ref)["self"])
        self.plain.contradicted = True

    def _mend(self, _chance: Random) -> None:
        """Withdraw what was brought against it."""
        while self.against:
            self.case.alice.delete(self.against.pop())
        self.plain.contradicted = False

    @invariant()
    def attacked(self) -> None:
        """Plain SQL discharges it, whoever is said to have, where the rules of the database let it alone."""
        for who in WHO:
            for overriding in (False, True):
                self._attack(who, overriding=overriding)

    def _attack(self, who: str, *, overriding: bool) -> None:
        """Try to discharge it by plain SQL; what the database lets through is undone."""
        unmet = "'demonstrated'" if overriding else "NULL"
        values = f"{id_of(self.clause)}, 'discharged', '{self.names[who]}', {unmet}"
        let = False
        with (
            self.case.alice.database.engine.connect().execution_options(writing=True) as connection,
            suppress(IntegrityError),
        ):
            connection.execute(text(f"INSERT INTO decision (id, decision, decided_by, unmet) VALUES ({values})"))  # noqa: S608
            let = True
            connection.rollback()

        assert let == self.plain.allows_by_sql(who, overriding=overriding), (who, overriding, self.plain)
        self.played[f"attack: {'let' if let else 'refused'}{' by override' if overriding else ''}"] += 1

    @invariant()
    def agree(self) -> None:
        """The service says what the model says, of everybody."""
        for who in ("inspector", "second"):
            shown = self.case.closure(self.callers[who])
            found = {one["name"] for one in shown["conditions"] if one["met"] is False}
            assert (shown["state"], found) == (self.plain.state, self.plain.unmet(who))


@pytest.fixture(scope="module")
def callers(people: People) -> dict[str, Caller]:
    """Two officers of the body that leads, and two inspectors."""
    officers, inspectors = (people.officer(), people.officer()), (people.inspector(), people.inspector())
    return dict(zip(WHO, (*officers, *inspectors), strict=True))


def test_no_sequence_of_steps_reaches_a_discharge_that_the_rules_forbid(
    people: People, callers: dict[str, Caller]
) -> None:
    often = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )

    played: Counter[str] = Counter()
    drawn = Random(SEED)  # noqa: S311 - a draw, no secret
    run_state_machine_as_test(partial(Closings, people, callers, drawn, played), settings=often)

    assert played.keys() >= HAPPENED


def _at_once(*asked: Callable[[], Any]) -> list[int]:
    """The statuses of the answers to requests that are made at once."""
    with ThreadPoolExecutor(len(asked)) as pool:
        return sorted(answer.status_code for answer in [*pool.map(lambda ask: ask(), asked)])


@pytest.mark.parametrize("other", ["discharge", "return", "override"])
def test_of_steps_that_are_taken_at_once_one_is_taken(people: People, callers: dict[str, Caller], other: str) -> None:
    case = a_case(people)
    case.taken(callers["officer"], "propose")
    case.taken(callers["inspector"], "return")
    case.report()
    case.tie("demonstrates", case.action)
    case.taken(callers["officer"], "propose")
    seen = {who: callers[who].etag(f"{case.address}/closure") for who in ("inspector", "second")}

    found = _at_once(
        partial(case.step, callers["inspector"], "discharge", seen=seen["inspector"]),
        partial(case.step, callers["second"], other, seen=seen["second"]),
    )

    assert found in ([200, 409], [200, 412])
    assert len(case.closure()["steps"]) == 4


def test_evidence_against_it_that_comes_at_once_with_a_discharge_is_seen_or_comes_after(
    people: People, callers: dict[str, Caller]
) -> None:
    case = a_case(people).ready()
    evidence = case.alice.a("evidence")["ref"]
    seen = callers["inspector"].etag(f"{case.address}/closure")

    found = _at_once(
        partial(case.step, callers["inspector"], "discharge", seen=seen),
        partial(case.alice.adding, "link", type="contradicts", source=evidence, target=case.ref),
    )

    assert found in ([200, 201], [201, 409], [201, 412])
    assert (case.closure()["state"] == "discharged") == (200 in found)
