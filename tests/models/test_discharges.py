"""What is discharged, and disagrees with what came, went or became doubtful since."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.changes import last_seq
from models.items import Item
from models.lens import Lens
from models.queries.disagreements import disagreements
from models.queries.judging import Asked
from models.queries.paging import Wanted
from tests.factories import an, link

EARLY, LATE, LAST = date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)
CONTRADICTED, WITHDRAWN, SUSPECT = (f"discharged_since_{word}" for word in ("contradicted", "withdrawn", "suspect"))


def _rows(session: Session, reason: str, **lens: Any) -> list[Any]:
    wanted = Wanted(filters={"reason": [reason]}, limit=0)
    return disagreements(session, Asked(Lens(**lens), LAST), wanted).rows


def _has(session: Session, reason: str, **lens: Any) -> bool:
    return [row["ref"] for row in _rows(session, reason, **lens)] == ["R"]


def _withdraw(session: Session, *things: Any) -> None:
    for thing in things:
        session.refresh(thing)
        thing.withdraw()
        session.flush()


def _decide(session: Session, asked: Item, decision: str, **values: Any) -> Item:
    return an("decision", session, parent=asked, decision=decision, **values)


@pytest.fixture
def done(session: Session, asked: Item, clause: Item) -> dict[str, Item]:
    """A recommendation with a clause, an action for each and progress on it, by reference: what can be demonstrated."""
    made = {"R": asked, "R.1": clause}
    for ref, target in (("A", asked), ("A.1", clause)):
        made[ref] = an("action", session, ref=ref)
        link(session, made[ref], "addresses", target)
        made[f"P-{ref}"] = an("progress", session, ref=f"P-{ref}", parent=made[ref], number=1)
    made["D"] = _decide(session, asked, "proposed", ref="D")
    return made


DEMONSTRATED = ["A", "A.1", "P-A", "P-A.1", "D", "R.1"]


@pytest.mark.parametrize("target", ["R", "R.1"])
def test_contradicted_by_what_comes_on_record_after_the_discharge(
    session: Session, asked: Item, clause: Item, evidence: Item, target: str
) -> None:
    before = an("evidence", session)
    link(session, before, "contradicts", asked)
    discharge = _decide(session, asked, "discharged")
    known = _has(session, CONTRADICTED)
    tie = link(session, evidence, "contradicts", {"R": asked, "R.1": clause}[target])
    contradicted, (row,) = _has(session, CONTRADICTED), _rows(session, CONTRADICTED)
    _withdraw(session, tie)

    assert (known, contradicted, _has(session, CONTRADICTED)) == (False, True, False)
    assert row["grounds"] == sorted([discharge.ref, evidence.ref])


@pytest.mark.parametrize("type_", ["supports", "qualifies", "contextualises"])
def test_other_evidence_does_not_contradict_a_discharge(session: Session, asked: Item, type_: str) -> None:
    _decide(session, asked, "discharged")
    link(session, an("evidence", session), type_, asked)

    assert not _rows(session, CONTRADICTED)


@pytest.mark.parametrize(
    ("of_discharge", "of_evidence", "since"),
    [(EARLY, LATE, LATE), (LATE, EARLY, LATE), (None, LATE, None), (EARLY, None, None)],
)
def test_a_discharge_is_contradicted_since_both_were_so(
    session: Session, asked: Item, of_discharge: date | None, of_evidence: date | None, since: date | None
) -> None:
    _decide(session, asked, "discharged", effective_from=of_discharge)
    link(session, an("evidence", session, effective_from=of_evidence), "contradicts", asked)

    assert [row["since"] for row in _rows(session, CONTRADICTED)] == [since]


@pytest.mark.parametrize("step", ["proposed", "returned", "no_longer_relevant", "superseded", "discharged"])
def test_the_last_step_on_record_says_whether_it_is_discharged(
    session: Session, asked: Item, evidence: Item, step: str
) -> None:
    _decide(session, asked, "discharged", effective_from=LATE)
    link(session, evidence, "contradicts", asked)
    before = _has(session, CONTRADICTED)
    _decide(session, asked, step, effective_from=EARLY)

    assert (before, _has(session, CONTRADICTED)) == (True, False)


def test_a_response_is_no_step_of_closure(session: Session, asked: Item, evidence: Item) -> None:
    _decide(session, asked, "discharged")
    link(session, evidence, "contradicts", asked)
    _decide(session, asked, "disputed")

    assert _has(session, CONTRADICTED)


def test_what_was_never_discharged_disagrees_with_nothing_since(
    session: Session, done: dict[str, Item], evidence: Item
) -> None:
    tie = link(session, evidence, "demonstrates", done["A"])
    _decide(session, done["R"], "returned")
    link(session, evidence, "contradicts", done["R"], finding="invalid")
    _withdraw(session, tie)

    assert [_rows(session, reason) for reason in (CONTRADICTED, WITHDRAWN, SUSPECT)] == [[], [], []]


@pytest.mark.parametrize("target", DEMONSTRATED)
def test_evidence_of_what_was_done_is_withdrawn_after_the_discharge(
    session: Session, done: dict[str, Item], evidence: Item, target: str
) -> None:
    tie = link(session, evidence, "demonstrates", done[target])
    discharge = _decide(session, done["R"], "discharged")
    standing = _has(session, WITHDRAWN)
    _withdraw(session, tie)
    (of_link,) = _rows(session, WITHDRAWN)
    _withdraw(session, evidence)
    (of_both,) = _rows(session, WITHDRAWN)
    _decide(session, done["R"], "discharged")

    assert not standing
    assert (of_link["ref"], of_link["since"]) == ("R", None)
    assert of_link["grounds"] == sorted([discharge.ref, tie.ref])
    assert of_both["grounds"] == sorted([discharge.ref, tie.ref, evidence.ref])
    assert not _rows(session, WITHDRAWN)


def test_what_the_discharge_itself_rests_on_is_withdrawn(session: Session, asked: Item, evidence: Item) -> None:
    discharge = _decide(session, asked, "discharged")
    tie = link(session, evidence, "demonstrates", discharge)
    standing = _has(session, WITHDRAWN)
    _withdraw(session, tie)

    assert (standing, _has(session, WITHDRAWN)) == (False, True)


def test_what_came_and_went_after_the_discharge_was_no_ground_of_it(
    session: Session, done: dict[str, Item], evidence: Item
) -> None:
    _decide(session, done["R"], "discharged")
    _withdraw(session, link(session, evidence, "demonstrates", done["A"]))

    assert not _rows(session, WITHDRAWN)


def test_what_was_withdrawn_before_the_discharge_was_no_ground_of_it(
    session: Session, done: dict[str, Item], evidence: Item
) -> None:
    _withdraw(session, link(session, evidence, "demonstrates", done["A"]))
    _decide(session, done["R"], "discharged")

    assert not _rows(session, WITHDRAWN)


@pytest.mark.parametrize("basis", ["stated", "inferred"])
def test_what_shows_a_related_development_was_no_ground_of_the_discharge(
    session: Session, asked: Item, action: Item, evidence: Item, basis: str
) -> None:
    link(session, action, "addresses", asked, basis=basis)
    tie = link(session, evidence, "demonstrates", action)
    _decide(session, asked, "discharged")
    _withdraw(session, tie)

    assert _has(session, WITHDRAWN) is (basis == "stated")


def test_an_action_that_went_with_its_evidence_is_remembered(
    session: Session, asked: Item, action: Item, evidence: Item
) -> None:
    addressing, tie = link(session, action, "addresses", asked), link(session, evidence, "demonstrates", action)
    _decide(session, asked, "discharged")
    _withdraw(session, tie, addressing, action)

    assert _has(session, WITHDRAWN)


def test_an_action_that_addressed_it_no_more_was_no_ground_of_the_discharge(
    session: Session, asked: Item, action: Item, evidence: Item
) -> None:
    addressing, tie = link(session, action, "addresses", asked), link(session, evidence, "demonstrates", action)
    _withdraw(session, addressing)
    _decide(session, asked, "discharged")
    _withdraw(session, tie)

    assert not _rows(session, WITHDRAWN)


@pytest.mark.parametrize("target", ["R", *DEMONSTRATED])
def test_a_link_to_what_is_discharged_is_suspect_until_it_is_looked_at_again(
    session: Session, done: dict[str, Item], evidence: Item, target: str
) -> None:
    tie = link(session, evidence, "supports" if target == "R" else "demonstrates", done[target])
    discharge = _decide(session, done["R"], "discharged")
    valid = _has(session, SUSPECT)
    session.refresh(evidence)
    evidence.statement = "Another thing was observed."
    session.flush()
    (row,) = _rows(session, SUSPECT)
    session.refresh(tie)
    tie.remember()
    session.flush()

    assert not valid
    assert (row["ref"], row["since"], row["grounds"]) == ("R", None, sorted([discharge.ref, tie.ref]))
    assert not _rows(session, SUSPECT)


def test_a_suspect_link_between_other_things_does_not_touch_a_discharge(
    session: Session, done: dict[str, Item], evidence: Item
) -> None:
    _decide(session, done["R"], "discharged")
    other = an("action", session)
    link(session, other, "addresses", an("recommendation", session, number=2, parent=done["R"].parent))
    link(session, evidence, "demonstrates", other, finding="invalid")
    link(session, evidence, "derived_from", an("source", session), finding="invalid")

    assert not _rows(session, SUSPECT)


@pytest.mark.parametrize("known", [True, False])
def test_at_an_earlier_point_of_the_record_it_is_as_it_was_there(
    session: Session, done: dict[str, Item], evidence: Item, known: bool
) -> None:
    tie = link(session, evidence, "demonstrates", done["A"])
    _decide(session, done["R"], "discharged")
    standing = last_seq(session)
    _withdraw(session, tie)
    gone = last_seq(session)
    _decide(session, done["R"], "returned")

    assert _has(session, WITHDRAWN, known_at=gone if known else standing) is known
    assert not _rows(session, WITHDRAWN)


@pytest.mark.parametrize(
    ("of_evidence", "of_link", "of_action", "so"),
    [
        (EARLY, None, EARLY, True),
        (LAST, None, EARLY, False),
        (None, None, EARLY, False),
        (EARLY, LAST, EARLY, False),
        (EARLY, None, LAST, False),
    ],
)
def test_on_a_day_nothing_is_withdrawn_that_was_not_so_yet(
    session: Session, asked: Item, of_evidence: date | None, of_link: date | None, of_action: date, so: bool
) -> None:
    for item in (asked.parent, asked):
        session.refresh(item)
        item.effective_from = EARLY
    session.flush()
    action = an("action", session, effective_from=of_action)
    link(session, action, "addresses", asked)
    evidence = an("evidence", session, effective_from=of_evidence)
    tie = link(session, evidence, "demonstrates", action, effective_from=of_link)
    _decide(session, asked, "discharged", effective_from=EARLY)
    _withdraw(session, tie)

    assert _has(session, WITHDRAWN)
    assert _has(session, WITHDRAWN, as_of=LATE) is so
    assert not _rows(session, WITHDRAWN, as_of=date(2019, 1, 1))
