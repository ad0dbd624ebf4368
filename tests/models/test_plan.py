"""The action plan: each field of a row, and each filter against the rows of the whole plan."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.database import Database
from models.actions import DueDate
from models.items import Involvement, Item
from models.lens import Lens
from models.queries.gaps import gaps
from models.queries.judging import Asked
from models.queries.paging import Wanted
from models.queries.plan import PLAN_FIELDS, age_band, plan
from models.queries.rows import Row
from tests.factories import an, link
from tests.statements import counted

TODAY = date(2022, 1, 1)
ASKED = Asked(Lens(), TODAY)


def _plan(session: Session, asked: Asked = ASKED, **filters: list[Any]) -> dict[str, Row]:
    """The rows of the plan by the action's reference."""
    return {row["ref"]: row for row in plan(session, asked, Wanted(filters=filters, limit=1_000)).rows}


def _row(session: Session, asked: Asked = ASKED) -> Row:
    """The row of the action A."""
    return _plan(session, asked)["A"]


def _shows(session: Session, *names: str) -> tuple[Any, ...]:
    """Some fields of the action A."""
    row = _row(session)
    return tuple(row[name] for name in names)


def _dues(*days: date) -> list[DueDate]:
    return [DueDate(number=number, due_on=day, note="moved") for number, day in enumerate(days, start=1)]


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_a_row_has_the_fields_of_the_plan_and_says_nothing_that_is_not_on_record(
    session: Session, action: Item
) -> None:
    row = _row(session)

    assert tuple(row) == PLAN_FIELDS
    assert {name for name in PLAN_FIELDS if row[name] is None} == set(PLAN_FIELDS) - {
        *("ref", "kind", "title", "partners", "recommendations", "related_to", "related_development"),
        *("demonstrated", "revisions"),
    }


@pytest.mark.parametrize("target", ["R", "R.1"])
def test_what_pages_state_it_addresses_is_what_it_is_for(
    session: Session, action: Item, asked: Item, clause: Item, target: str
) -> None:
    link(session, action, "addresses", {"R": asked, "R.1": clause}[target])

    assert _shows(session, "recommendations", "related_to", "related_development") == (["R"], [], False)


@pytest.mark.parametrize("target", ["R", "R.1"])
def test_what_an_analyst_tied_it_to_is_a_related_development(
    session: Session, action: Item, asked: Item, clause: Item, target: str
) -> None:
    link(session, action, "addresses", {"R": asked, "R.1": clause}[target], basis="inferred")

    assert _shows(session, "recommendations", "related_to", "related_development") == ([], ["R"], True)


def test_a_stated_tie_leaves_nothing_to_infer(session: Session, action: Item, asked: Item, clause: Item) -> None:
    link(session, action, "addresses", clause, basis="inferred")
    link(session, action, "addresses", asked)

    assert _shows(session, "recommendations", "related_to", "related_development") == (["R"], [], False)


def test_recommendations_are_named_once_in_the_order_of_the_record(
    session: Session, action: Item, review: Item, asked: Item, clause: Item
) -> None:
    other = an("recommendation", session, ref="A-later-one", number=2, parent=review)
    for target in (other, clause, asked):
        link(session, action, "addresses", target)

    assert _row(session)["recommendations"] == ["R", "A-later-one"]


def test_what_it_depends_on_is_not_what_it_is_for(session: Session, action: Item) -> None:
    link(session, action, "depends_on", an("action", session))

    assert _shows(session, "recommendations", "related_to", "related_development") == ([], [], True)


def test_the_state_is_what_the_latest_progress_claims(session: Session, action: Item) -> None:
    for number, (day, claimed) in enumerate([(_ago(9), "stalled"), (_ago(2), "under_way"), (_ago(1), None)], start=1):
        an(
            "progress",
            session,
            ref=f"P{number}",
            parent=action,
            number=number,
            claimed_status=claimed,
            effective_from=day,
        )

    assert _shows(session, "state", "claimed_on", "claimed_by") == ("under_way", _ago(2), "P2")


def test_a_piece_of_evidence_that_demonstrates_it_and_its_progress_counts_once(
    session: Session, action: Item, evidence: Item
) -> None:
    progress = an("progress", session, parent=action, number=1)
    for target in (action, progress):
        link(session, evidence, "demonstrates", target)
    link(session, an("evidence", session), "demonstrates", progress)
    link(session, an("evidence", session), "demonstrates", an("action", session))

    assert _row(session)["demonstrated"] == 2


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ((), (None, None, 0, None)),
        ((_ago(10),), (_ago(10), _ago(10), 0, 0)),
        ((_ago(10), _ago(3)), (_ago(10), _ago(3), 1, 7)),
        ((_ago(10), _ago(3), _ago(12)), (_ago(10), _ago(12), 2, -2)),
    ],
)
def test_a_row_tells_the_first_due_date_that_in_force_and_the_slip(
    session: Session, days: tuple[date, ...], told: tuple[Any, ...]
) -> None:
    an("action", session, ref="A", due_dates=_dues(*days))

    assert _shows(session, "due_first", "due_on", "revisions", "slip_days") == told


@pytest.mark.parametrize(
    ("days", "claimed", "told"),
    [
        ((), None, (None, None)),
        ((), "under_way", (None, None)),
        ((), "complete", (False, 0)),
        ((TODAY,), None, (False, 0)),
        ((_ago(1),), None, (True, 1)),
        ((_ago(400), _ago(30)), "stalled", (True, 30)),
        ((_ago(400), _ago(-1)), "stalled", (False, 0)),
        ((_ago(1),), "complete", (False, 0)),
    ],
)
def test_it_is_overdue_from_the_day_after_the_due_date_until_it_is_claimed_complete(
    session: Session, days: tuple[date, ...], claimed: str | None, told: tuple[Any, ...]
) -> None:
    action = an("action", session, ref="A", due_dates=_dues(*days))
    an("progress", session, parent=action, number=1, claimed_status=claimed)

    assert _shows(session, "overdue", "days_overdue") == told


def test_age_counts_from_the_first_of_the_reviews_of_what_it_is_stated_to_address(
    session: Session, action: Item
) -> None:
    for number, (days, basis) in enumerate([(30, "stated"), (400, "stated"), (900, "inferred")], start=1):
        review = an("review", session, published_on=_ago(days))
        target = an("recommendation", session, number=number, parent=review)
        link(session, action, "addresses", target, basis=basis)

    assert _shows(session, "days_since_publication", "age_band") == (400, "1_to_2_years")


def test_a_review_that_is_still_to_be_published_has_no_age(session: Session, action: Item) -> None:
    review = an("review", session, published_on=_ago(-1))
    link(session, action, "addresses", an("recommendation", session, number=1, parent=review))

    assert _shows(session, "days_since_publication", "age_band") == (None, None)


@pytest.mark.parametrize(
    ("days", "band"),
    [
        (None, None),
        (0, "under_1_year"),
        (364, "under_1_year"),
        (365, "1_to_2_years"),
        (729, "1_to_2_years"),
        (730, "2_to_3_years"),
        (1094, "2_to_3_years"),
        (1095, "over_3_years"),
        (36_500, "over_3_years"),
    ],
)
def test_ages_fall_into_bands_of_years_of_365_days(days: int | None, band: str | None) -> None:
    assert age_band(days) == band


def test_silence_counts_from_the_latest_progress_that_is_dated_and_not_ahead(session: Session, action: Item) -> None:
    for number, day in enumerate((_ago(9), _ago(5), None, _ago(-3)), start=1):
        an("progress", session, parent=action, number=number, effective_from=day)

    assert _row(session)["days_since_progress"] == 5


def _mixed(session: Session) -> None:
    """Actions of every sort: with and without ties, due dates, claims, dated progress, owners and partners."""
    review = an("review", session, ref="V", published_on=_ago(800))
    asked = [an("recommendation", session, ref=f"R{number}", number=number, parent=review) for number in (1, 2)]
    part = an("clause", session, number=1, parent=asked[1])
    own, other = (an("body", session, ref=ref) for ref in ("own", "other"))
    dues = [(), (_ago(20),), (_ago(40), _ago(-5)), (_ago(5), _ago(10))]
    claims = [None, "under_way", "complete"]
    for number, (due, claimed, silence) in enumerate(product(dues, claims, [None, 0, 7, 8])):
        action = an(
            "action",
            session,
            ref=f"A{number}",
            due_dates=_dues(*due),
            owner=[own, other, None][number % 3],
            bodies=[
                Involvement(role="partner", body=body, position=1) for body in [(own,), (), (other,), ()][number % 4]
            ],
        )
        an(
            "progress",
            session,
            parent=action,
            number=1,
            claimed_status=claimed,
            effective_from=None if silence is None else _ago(silence),
        )
        if number % 4:
            basis = "stated" if number % 5 else "inferred"
            link(session, action, "addresses", (asked[0], asked[1], part)[number % 3], basis=basis)
        if number % 7 == 0:
            link(session, action, "depends_on", own, basis="inferred")
    session.flush()


FILTERS: list[tuple[dict[str, list[Any]], Callable[[Row], bool]]] = [
    ({"body": ["own"]}, lambda row: row["owner"] == "own" or "own" in row["partners"]),
    ({"body": ["own", "other"]}, lambda row: bool({row["owner"], *row["partners"]} & {"own", "other"})),
    ({"body": ["nobody"]}, lambda _row: False),
    ({"state": ["complete"]}, lambda row: row["state"] == "complete"),
    ({"state": ["unknown"]}, lambda row: row["state"] is None),
    ({"state": ["unknown", "under_way"]}, lambda row: row["state"] in {None, "under_way"}),
    ({"due_before": [_ago(20)]}, lambda row: row["due_on"] is not None and row["due_on"] < _ago(20)),
    ({"due_before": [_ago(19)]}, lambda row: row["due_on"] is not None and row["due_on"] < _ago(19)),
    ({"overdue": [True]}, lambda row: row["overdue"] is True),
    ({"overdue": [False]}, lambda row: row["overdue"] is False),
    ({"overdue": [True, False]}, lambda row: row["overdue"] is not None),
    ({"revised": [True]}, lambda row: row["revisions"] > 0),
    ({"revised": [False]}, lambda row: row["revisions"] == 0),
    ({"stale_for": [7]}, lambda row: row["days_since_progress"] is None or row["days_since_progress"] > 7),
    ({"stale_for": [0]}, lambda row: row["days_since_progress"] is None or row["days_since_progress"] > 0),
    ({"stale_for": [36_500]}, lambda row: row["days_since_progress"] is None),
    ({"recommendation": ["R2"]}, lambda row: "R2" in row["recommendations"] + row["related_to"]),
    ({"basis": ["stated"]}, lambda row: bool(row["recommendations"])),
    ({"basis": ["inferred"]}, lambda row: bool(row["related_to"])),
    ({"basis": ["inferred"], "recommendation": ["R1"]}, lambda row: "R1" in row["related_to"]),
    (
        {"overdue": [True], "state": ["unknown"], "body": ["other"], "basis": ["stated"]},
        lambda row: (
            row["overdue"] is True
            and row["state"] is None
            and "other" in {row["owner"], *row["partners"]}
            and bool(row["recommendations"])
        ),
    ),
]


@pytest.mark.parametrize(("filters", "holds"), FILTERS, ids=[str(filters) for filters, _holds in FILTERS])
def test_a_filter_gives_the_rows_of_the_plan_of_which_it_holds(
    session: Session, filters: dict[str, list[Any]], holds: Callable[[Row], bool]
) -> None:
    _mixed(session)
    whole = _plan(session)

    page = plan(session, ASKED, Wanted(filters=filters, limit=1_000, count=True))

    assert page.rows == [row for row in whole.values() if holds(row)]
    assert page.total == len(page.rows)
    assert len(page.rows) < len(whole) == 48


def test_what_is_overdue_in_the_plan_is_what_the_gaps_call_so(session: Session) -> None:
    _mixed(session)

    overdue = {ref for ref, row in _plan(session).items() if row["overdue"]}

    found = gaps(session, ASKED, Wanted(filters={"reason": ["overdue"]}, limit=0)).rows
    assert overdue == {gap["ref"] for gap in found}
    assert len(overdue) > 5


@pytest.mark.parametrize("sort", ["due_on", "-due_on"])
def test_the_plan_is_paged_by_due_date_and_what_has_none_comes_last(session: Session, sort: str) -> None:
    _mixed(session)
    recorded = [*_plan(session)]
    rows, after = [], None
    while True:
        page = plan(session, ASKED, Wanted(sort=sort, limit=5, after=after))
        rows += page.rows
        after = page.after
        if after is None:
            break

    days = [row["due_on"] for row in rows]
    undated = [row["ref"] for row in rows if row["due_on"] is None]
    assert undated == sorted(undated, key=recorded.index)
    dated = [day for day in days if day is not None]
    assert days == sorted(dated, reverse=sort.startswith("-")) + [None] * (len(days) - len(dated))
    assert len({row["ref"] for row in rows}) == 48


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("due_on", ["early", "revised", "alike", "end", "none"]),
        ("-due_on", ["end", "revised", "alike", "early", "none"]),
    ],
)
@pytest.mark.parametrize("lens", [Lens(), Lens(clearance="OFFICIAL")], ids=["public", "cleared"])
@pytest.mark.parametrize("filters", [{}, {"revised": [True, False]}, {"external_id": ["all"]}], ids=str)
def test_the_order_is_that_of_the_due_dates_in_force_and_then_of_the_record(
    session: Session, sort: str, order: list[str], lens: Lens, filters: dict[str, list[Any]]
) -> None:
    for ref, *days in (
        ("end", date.max),
        ("none",),
        ("revised", _ago(30), _ago(10)),
        ("alike", _ago(10)),
        ("early", date.min),
    ):
        owner = an("body", session)
        an("action", session, ref=ref, external_id="all", owner=owner, due_dates=_dues(*days))
    an("action", session, ref="hidden", handling="OFFICIAL-SENSITIVE", due_dates=_dues(_ago(20)))

    found, after = [], None
    while not found or after is not None:
        page = plan(session, Asked(lens, TODAY), Wanted(filters, sort=sort, limit=1, after=after))
        found += [row["ref"] for row in page.rows]
        after = page.after

    assert found == order


@pytest.mark.parametrize(("due", "told"), [([True], ["A"]), ([False], ["B"]), ([True, False], ["A", "B"])])
def test_what_has_a_due_date_or_none_is_asked_for_in_their_order(
    session: Session, due: list[bool], told: list[str]
) -> None:
    an("action", session, ref="B")
    an("action", session, ref="A", due_dates=_dues(_ago(1)))

    page = plan(session, ASKED, Wanted({"due": due}, sort="due_on"))

    assert [row["ref"] for row in page.rows] == told


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_plan_is_judged_on_the_first_and_on_the_last_of_all_days(session: Session, day: date) -> None:
    _mixed(session)

    rows = _plan(session, Asked(Lens(), day), stale_for=[36_500], overdue=[True, False])

    assert rows
    assert all(row["overdue"] is not None for row in rows.values())


def test_a_plan_takes_the_same_statements_at_any_size(database: Database) -> None:
    found = []
    for more in (2, 40):
        with database.writing("test", "test") as session:
            review = an("review", session, published_on=_ago(1))
            for number in range(1, more + 1):
                action = an("action", session, due_dates=_dues(_ago(2)))
                an("progress", session, parent=action, number=1)
                link(session, action, "addresses", an("recommendation", session, number=number, parent=review))
                link(session, an("evidence", session), "demonstrates", action)
        with database.reading() as session, counted(*database.engines) as ran:
            rows = plan(session, ASKED, Wanted(filters={"overdue": [True]}, limit=200)).rows
            found.append((len(rows), len(ran)))

    assert found == [(2, 9), (42, 9)]


@pytest.fixture
def guarded(session: Session, action: Item, asked: Item, evidence: Item) -> Item:
    """The action A, of which a part of what is on record is not for everybody."""
    hidden = {"handling": "OFFICIAL"}
    an("progress", session, parent=action, number=1, claimed_status="under_way", effective_from=_ago(9))
    late = an("progress", session, parent=action, number=2, claimed_status="complete", effective_from=_ago(1), **hidden)
    link(session, evidence, "demonstrates", late)
    link(session, an("evidence", session, **hidden), "demonstrates", action)
    link(session, action, "addresses", asked, **hidden)
    an("action", session, ref="hidden", due_dates=_dues(_ago(2)), **hidden)
    return action


def test_a_row_tells_nothing_of_what_is_hidden(session: Session, guarded: Item) -> None:
    told = ("state", "demonstrated", "recommendations", "days_since_publication", "days_since_progress")

    assert _shows(session, *told) == ("under_way", 0, [], None, 9)
    assert "hidden" not in _plan(session)


def test_whoever_is_cleared_is_told(session: Session, guarded: Item) -> None:
    rows = _plan(session, Asked(Lens("OFFICIAL"), TODAY))

    assert rows["hidden"]["overdue"] is True
    assert (rows["A"]["state"], rows["A"]["demonstrated"], rows["A"]["recommendations"]) == ("complete", 2, ["R"])


@pytest.mark.parametrize(
    "filters",
    [{"state": ["complete"]}, {"recommendation": ["R"]}, {"basis": ["stated"]}, {"overdue": [True]}],
    ids=str,
)
def test_no_filter_finds_anything_by_what_is_hidden(
    session: Session, guarded: Item, filters: dict[str, list[Any]]
) -> None:
    cleared = _plan(session, Asked(Lens("OFFICIAL"), TODAY), **filters)

    assert (set(_plan(session, **filters)), len(cleared)) == (set(), 1)


def test_a_silence_that_only_something_hidden_breaks_is_one(session: Session, guarded: Item) -> None:
    cleared = Asked(Lens("OFFICIAL"), TODAY)

    assert "A" in _plan(session, stale_for=[5])
    assert "A" not in _plan(session, cleared, stale_for=[5])


def test_on_a_day_the_plan_shows_what_was_so_then_and_counts_the_undated(session: Session, action: Item) -> None:
    dated = an("action", session, ref="D", effective_from=_ago(100), due_dates=_dues(_ago(60)))
    for number, (day, claimed) in enumerate([(_ago(90), "under_way"), (_ago(10), "complete")], start=1):
        an("progress", session, parent=dated, number=number, claimed_status=claimed, effective_from=day)
    then = _ago(50)

    page = plan(session, Asked(Lens(as_of=then), then), Wanted(filters={"overdue": [True]}))
    every = plan(session, Asked(Lens(as_of=then), then), Wanted())

    (row,) = page.rows
    assert (row["ref"], row["state"], row["days_overdue"], row["days_since_progress"]) == ("D", "under_way", 10, 40)
    assert (page.undated, every.undated) == (0, 1)
