"""Claims: what several actions claim in one word, by each rule; a statement finds of all what is told of one."""

from datetime import date, timedelta
from itertools import combinations, combinations_with_replacement, count
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.items import Item
from models.lens import Lens
from models.queries.claims import FURTHER, claimed, rolled_up
from models.queries.judging import Asked
from models.queries.status import statuses
from models.vocabulary import CLAIMED_STATUSES
from tests.factories import an, link

EARLY, LATE = date(2020, 1, 1), date(2021, 1, 1)
ASKED = Asked(Lens(), LATE)
RULES = ("all", "any", "lead")
WORDS = (None, *CLAIMED_STATUSES)


def _action(owner: str | None, claim: str | None, day: date | None, rule: str | None) -> dict[str, Any]:
    """An action as it is read; `lead` leads."""
    progress = f"{owner}-{claim}" if claim else None
    told = {"claimed_status": claim, "date": day, "progress": progress}
    return {"owner": owner, "lead": "lead", "roll_up": rule} | told


def _rolled(rule: str | None, *actions: tuple[str | None, str | None]) -> Any:
    return rolled_up([_action(owner, claim, EARLY, rule) for owner, claim in actions])["status"]


@pytest.mark.parametrize(
    ("actions", "by_all", "by_any", "by_lead"),
    [
        ([("lead", "complete"), ("other", "complete")], "complete", "complete", "complete"),
        ([("lead", "under_way"), ("other", "complete")], "under_way", "complete", "under_way"),
        ([("lead", "not_started"), ("other", "stalled")], "stalled", "stalled", "not_started"),
        (
            [("lead", "complete"), ("lead", "under_way"), ("other", "not_started")],
            "under_way",
            "under_way",
            "under_way",
        ),
        ([("lead", None), ("other", "complete")], "under_way", "complete", None),
        ([("lead", "complete"), ("other", None)], "under_way", "complete", "complete"),
        ([("other", "stalled")], "stalled", "stalled", None),
        ([("other", "complete"), ("other", None)], "under_way", "under_way", None),
        ([(None, "complete"), ("lead", "stalled")], "under_way", "complete", "stalled"),
        ([(None, "complete"), (None, "stalled")], "under_way", "under_way", None),
        ([("lead", None)], None, None, None),
        ([], None, None, None),
    ],
)
def test_claims_are_rolled_up_by_the_rule_of_the_recommendation(
    actions: list[tuple[str | None, str | None]], by_all: str | None, by_any: str | None, by_lead: str | None
) -> None:
    assert [_rolled(rule, *actions) for rule in (None, *RULES)] == [by_all, by_all, by_any, by_lead]


def test_the_furthest_claim_rests_on_those_that_claim_it() -> None:
    actions = [
        _action("lead", "under_way", LATE, "any"),
        _action("other", "complete", EARLY, "any"),
        _action("third", "complete", None, "any"),
    ]

    found = rolled_up(actions)

    assert found == {"status": "complete", "date": EARLY, "rests_on": ["other-complete", "third-complete"]}


def _plant_every_plan(session: Session, rule: str | None) -> list[str]:
    """A recommendation for every sort of plan of one, two, or three unlike actions; a clause for the first of them."""
    days, owners = count(), [an("body", session, ref=ref) for ref in ("lead", "other")]
    review = an("review", session, published_on=EARLY)
    refs = []
    plans = [plan for size in (1, 2) for plan in combinations_with_replacement(WORDS, size)]
    plans += combinations(WORDS, 3)
    for number, plan in enumerate(plans, start=1):
        lead = {"lead": owners[0]} if number % 7 else {}
        asked = an("recommendation", session, ref=f"Q{number}", number=number, parent=review, roll_up=rule, **lead)
        clause = an("clause", session, ref=f"Q{number}.1", number=1, parent=asked)
        refs += [asked.ref, clause.ref]
        for place, claim in enumerate(plan):
            action = an("action", session, owner=[*owners, None][(number + place) % 3])
            link(session, action, "addresses", clause if place == 0 else asked)
            day = None if number % 5 == place else EARLY + timedelta(days=next(days) * 37 % 301)
            an("progress", session, parent=action, number=1, claimed_status=claim, effective_from=day)
    return refs


@pytest.mark.parametrize("rule", [None, *RULES])
def test_a_statement_finds_of_all_what_is_claimed_of_each(session: Session, rule: str | None) -> None:
    refs = _plant_every_plan(session, rule)
    claim, item = claimed(ASKED), ASKED.lens.items()

    rows = ASKED.read(session, select(item.c.ref, claim).join_from(claim, item, item.c.id == claim.c.subject_id))

    found = {row.ref: (FURTHER[row.rank - 1], row.day, set(row.refs.split())) for row in rows}
    told = {ref: each["claimed"] for ref, each in statuses(session, Lens(), refs).items()}
    assert len(told) == 2 * 30
    assert found == {
        ref: (each["status"], each["date"], set(each["rests_on"])) for ref, each in told.items() if each["status"]
    }


def test_a_recommendation_without_a_rule_of_its_own_takes_all_together(session: Session, asked: Item) -> None:
    for owner in (an("body", session), an("body", session)):
        action = an("action", session, owner=owner)
        link(session, action, "addresses", asked)
        an("progress", session, parent=action, number=1, claimed_status="complete")
    last = an("action", session)
    link(session, last, "addresses", asked)

    assert statuses(session, Lens(), ["R"])["R"]["claimed"]["status"] == "under_way"


@pytest.mark.parametrize(("own", "expected"), [("all", "under_way"), ("any", "complete"), ("lead", "stalled")])
def test_the_rule_is_the_recommendations_own(session: Session, review: Item, own: str, expected: str) -> None:
    lead, other = an("body", session), an("body", session)
    asked = an("recommendation", session, ref="R", number=1, parent=review, lead=lead, roll_up=own)
    for owner, claim in ((lead, "stalled"), (other, "complete")):
        action = an("action", session, owner=owner)
        link(session, action, "addresses", asked)
        an("progress", session, parent=action, number=1, claimed_status=claim)

    assert statuses(session, Lens(), ["R"])["R"]["claimed"]["status"] == expected
