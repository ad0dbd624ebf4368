"""Every version is kept: what was known at an earlier point of the record is what was answered there and then."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.database import Database
from models.actions import Action, Due
from models.base import Base
from models.changes import FOREVER, last_seq
from models.errors import NotFound
from models.items import Involvement, Item
from models.lens import Lens
from models.links import Link
from models.markings import Marking
from models.queries.calendar import calendar
from models.queries.chain import chain
from models.queries.disagreements import disagreements
from models.queries.gaps import gaps
from models.queries.graph import Graph, Selection, graph_of
from models.queries.judging import Asked
from models.queries.listing import list_items, list_links
from models.queries.lookup import find, find_link, id_of
from models.queries.matrix import matrix
from models.queries.overview import overview
from models.queries.paging import Page, Wanted
from models.queries.parts import bodies_of
from models.queries.plan import plan
from models.queries.reach import reach
from models.queries.report import recommendation_report, review_report
from models.queries.standing import Question
from models.queries.status import statuses
from models.queries.timeline import timeline
from models.sources import Source
from models.versions import VERSIONS
from models.vocabulary import HANDLINGS, KINDS
from tests.factories import an, link
from tests.models.conftest import Scratch
from tests.models.releasing import release
from tests.statements import counted

TODAY, DAY = date(2022, 1, 1), date(2020, 6, 1)
# A reader from whom nothing is hidden later: what is hidden now is hidden at every earlier point.
NOW = Lens("OFFICIAL-SENSITIVE")
MATRICES = (
    Question(),
    Question(columns="source"),
    Question(columns="body"),
    Question(rows="clause", columns="evidence"),
    Question(rows="evidence", columns="recommendation"),
)

Answer = Callable[[Session, Lens], Any]
ANSWERS: dict[str, Answer] = {
    **{
        kind: lambda session, lens, kind=kind: list_items(session, lens, kind, Wanted(limit=200, count=True))
        for kind in KINDS
    },
    "filtered by owner": lambda session, lens: list_items(session, lens, "action", Wanted({"owner": ["body"]})),
    "filtered by claim": lambda session, lens: list_items(
        session, lens, "action", Wanted({"claimed_status": ["under_way"]})
    ),
    "filtered by lead": lambda session, lens: list_items(session, lens, "recommendation", Wanted({"lead": ["body"]})),
    "filtered by tie": lambda session, lens: list_items(session, lens, "evidence", Wanted({"recommendation": ["R"]})),
    "links": lambda session, lens: list_links(session, lens, Wanted(limit=200, count=True)),
    "link": lambda session, lens: find_link(session, lens, "E-supports-R"),
    "item": lambda session, lens: find(session, lens, "evidence", "E"),
    "action by reference": lambda session, lens: find(session, lens, "action", "A"),
    "chain": lambda session, lens: chain(session, lens, id_of(session, lens, "R")),
    "timeline": lambda session, lens: timeline(chain(session, lens, id_of(session, lens, "R")), Wanted(limit=200)),
    "graph": lambda session, lens: graph_of(session, lens, [], Selection()),
    "graph around": lambda session, lens: graph_of(session, lens, [id_of(session, lens, "body")], Selection()),
    "reach": lambda session, lens: reach(session, lens, id_of(session, lens, "S"), "S"),
    "gaps": lambda session, lens: gaps(session, Asked(lens, TODAY), Wanted(limit=0)),
    "disagreements": lambda session, lens: disagreements(session, Asked(lens, TODAY), Wanted(limit=0)),
    "statuses": lambda session, lens: statuses(session, lens, ["R", "R.1"]),
    "bodies": lambda session, lens: bodies_of(session, lens, "R", Wanted(count=True)),
    "plan": lambda session, lens: plan(session, Asked(lens, TODAY), Wanted({"overdue": [True, False]}, count=True)),
    "whole plan": lambda session, lens: plan(session, Asked(lens, TODAY), Wanted(sort="-due_on")),
    "calendar": lambda session, lens: calendar(session, Asked(lens, TODAY), ["body"]),
    "report": lambda session, lens: recommendation_report(session, Asked(lens, TODAY), "R"),
    "report of the review": lambda session, lens: review_report(session, Asked(lens, TODAY), "V"),
    "overview": lambda session, lens: overview(session, Asked(lens, TODAY), "R"),
    **{
        f"matrix of {question.rows} and {question.columns}": (
            lambda session, lens, question=question: matrix(session, Asked(lens, TODAY), question)
        )
        for question in MATRICES
    },
}


def _answer(name: str, session: Session, lens: Lens) -> Any:
    """The answer to one question; what is not there is an answer too."""
    try:
        return ANSWERS[name](session, lens)
    except NotFound as missing:
        return str(missing)


# What is made of many reads is asked less often: it takes most of the time.
RARELY = {
    "overview",
    "timeline",
    "report",
    "report of the review",
    "graph around",
    *(name for name in ANSWERS if name.startswith("matrix")),
}
OFTEN = [name for name in ANSWERS if name not in RARELY]


def _answers(session: Session, lens: Lens, names: Sequence[str] = OFTEN) -> dict[str, Any]:
    """The answers to some questions."""
    return {name: _answer(name, session, lens) for name in names}


def _begin(session: Session) -> None:
    """The things that the questions name."""
    body, second = (an("body", session, ref=ref, title=ref) for ref in ("body", "second"))
    review = an("review", session, ref="V", published_on=date(2020, 1, 1))
    asked = an("recommendation", session, ref="R", number=1, parent=review, lead=body, effective_from=DAY)
    an("clause", session, ref="R.1", number=1, parent=asked)
    source = an("source", session, ref="S", effective_from=DAY)
    evidence = an("evidence", session, ref="E", effective_from=DAY)
    action = an("action", session, ref="A", owner=second, effective_from=DAY)
    link(session, evidence, "derived_from", source)
    link(session, evidence, "supports", asked)
    link(session, action, "addresses", asked)
    an("decision", session, parent=asked, decision="discharged", effective_from=DAY)


def _item(session: Session, ref: str) -> Any:
    """An item that was not withdrawn, with everything that describes it read; None where there is none."""
    found = session.query(Item).filter_by(ref=ref, withdrawn_seq=None).one_or_none()
    if found is not None:
        session.refresh(found)
    return found


def _retitle(session: Session, number: int) -> None:
    for ref in ("R.1", "V", "body", "S")[: number + 2]:
        _item(session, ref).title = f"Title {number}"


def _restate(session: Session, number: int) -> None:
    if evidence := _item(session, "E"):
        evidence.statement = f"Statement {number}."


def _redate(session: Session, number: int) -> None:
    _item(session, "A").effective_from = (None, TODAY, DAY)[number]


def _mark(session: Session, number: int) -> None:
    source, handling = _item(session, "S"), HANDLINGS[number]
    if HANDLINGS.index(source.handling) <= number:
        source.handling = handling
    else:
        release(session, source, Marking(handling))


def _mark_link(session: Session, number: int) -> None:
    for tie in _links(session)[number : number + 1]:
        session.refresh(tie)
        tie.handling = "OFFICIAL-SENSITIVE"


def _own(session: Session, number: int) -> None:
    action = _item(session, "A")
    action.owner = _item(session, "body") if number else None


def _take_part(session: Session, number: int) -> None:
    asked, bodies = _item(session, "R"), [_item(session, ref) for ref in ("body", "second")]
    with session.no_autoflush:
        asked.bodies = [
            Involvement(role="lead" if number == place == 0 else "partner", body=body, position=place + 1)
            for place, body in enumerate(bodies[:number] if number else bodies)
        ]


def _fall_due(session: Session, number: int) -> None:
    action: Action = _item(session, "A")
    day = date(2021, 1 + len(action.due_dates) + number, 1)
    action.fall_due(Due(day, *(("moved", "scope", TODAY, "a test") if action.due_dates else ())))


def _report(session: Session, number: int) -> None:
    place = session.query(Item).filter_by(kind="progress").count() + 1
    claim = ("not_started", "under_way", "complete")[number]
    an("progress", session, parent=_item(session, "A"), number=place, claimed_status=claim, effective_from=TODAY)


def _judge(session: Session, number: int) -> None:
    verdict = ("not_met", "partially_met", "not_published")[number]
    an("assessment", session, parent=_item(session, "R"), verdict=verdict, effective_from=TODAY)


def _decide(session: Session, number: int) -> None:
    an("decision", session, parent=_item(session, "R"), decision=("accepted", "noted", "disputed")[number])


def _tie(session: Session, number: int) -> None:
    evidence = an("evidence", session, evidence_kind="document")
    link(session, evidence, ("supports", "contradicts", "qualifies")[number], _item(session, "R.1"), basis="inferred")


def _links(session: Session) -> list[Link]:
    return session.query(Link).filter_by(withdrawn_seq=None).order_by(Link.id).all()


def _look_again(session: Session, number: int) -> None:
    for tie in _links(session)[number : number + 1]:
        tie.remember()
        tie.finding, tie.strength = ("valid", "invalid", None)[number], "weak"


def _untie(session: Session, number: int) -> None:
    for tie in _links(session)[number : number + 1]:
        tie.withdraw()


def _withdraw(session: Session, number: int) -> None:
    reports = session.query(Item).filter_by(kind="progress", withdrawn_seq=None).order_by(Item.id).all()
    for item in [_item(session, "E"), *reports][: number + 1]:
        if item is not None:
            item.withdraw()
            session.flush()


WRITES = (
    _retitle,
    _restate,
    _redate,
    _mark,
    _mark_link,
    _own,
    _take_part,
    _fall_due,
    _report,
    _judge,
    _decide,
    _look_again,
    _tie,
    _untie,
    _withdraw,
)
Writes = list[tuple[Callable[[Session, int], None], int]]


@pytest.fixture
def begun(session: Session) -> Session:
    """A transaction with the things that the questions name."""
    _begin(session)
    return session


def _history(session: Session, writes: Writes, names: Sequence[str] = OFTEN) -> dict[int, dict[str, Any]]:
    """What was answered after each write, by the number of the newest change."""
    history = {last_seq(session): _answers(session, NOW, names)}
    for write, number in writes:
        write(session, number)
        session.flush()
        history[last_seq(session)] = _answers(session, NOW, names)
    return history


# A history is small as it is drawn: to look for a smaller one would take minutes.
@settings(deadline=None, derandomize=True, database=None, max_examples=4, phases=[Phase.generate])
@given(writes=st.lists(st.tuples(st.sampled_from(WRITES), st.integers(0, 2)), min_size=3, max_size=4))
def test_what_was_answered_after_each_write_is_answered_of_that_point_later(scratch: Scratch, writes: Writes) -> None:
    with scratch() as session:
        _begin(session)
        history = _history(session, writes)

        later = {seq: _answers(session, replace(NOW, known_at=seq)) for seq in history}

    assert later == history


def test_every_sort_of_write_is_seen_from_its_point_on(begun: Session) -> None:
    history = _history(begun, [(write, 1) for write in WRITES])

    later = {seq: _answers(begun, replace(NOW, known_at=seq)) for seq in history}

    assert later == history
    points = [history[seq] for seq in sorted(history)]
    assert len(points) == len(WRITES) + 1
    assert all(one != other for one, other in pairwise(points))
    assert [name for name in OFTEN if all(point[name] == points[0][name] for point in points)] == []


def test_what_takes_many_reads_is_answered_of_an_earlier_point_too(begun: Session) -> None:
    names = sorted(RARELY)
    first, last = last_seq(begun), _answers(begun, NOW, names)
    for write in WRITES:
        write(begun, 1)
        begun.flush()

    later = _answers(begun, replace(NOW, known_at=first), names)

    assert later == last
    assert all(later[name] != answer for name, answer in _answers(begun, NOW, names).items())


@pytest.mark.parametrize("seq", [1, 5, 8])
def test_within_one_flush_each_change_is_a_point(database: Database, seq: int) -> None:
    with database.writing("test", "test") as session, session.no_autoflush:
        session.add_all(_source(number) for number in range(8))

    with database.reading() as session:
        rows = list_items(session, Lens(known_at=seq), "source", Wanted(count=True))

    assert [row["ref"] for row in rows.rows] == [f"S{number}" for number in range(seq)]
    assert rows.total == seq


def _source(number: int) -> Item:
    values = {"external_id": f"S{number}", "title": "A source", "handling": "PUBLIC"}
    return Source(ref=f"S{number}", source_class="fieldwork", bodies=[], **values)


def test_before_the_first_change_there_is_nothing(begun: Session) -> None:
    nothing = replace(NOW, known_at=0)

    found = _answers(begun, nothing, [*OFTEN, "timeline", "graph around"])

    pages = [answer for answer in found.values() if isinstance(answer, Page)]
    assert [page.rows for page in pages] == [[]] * len(pages)
    assert {page.total for page in pages} == {0, None}
    graphs = [answer for answer in found.values() if isinstance(answer, Graph)]
    assert [(graph.nodes, graph.links) for graph in graphs] == [([], [])]
    assert found["item"] == "No evidence has the reference 'E' here."
    assert {name for name, answer in found.items() if isinstance(answer, str)} == {
        *("link", "item", "action by reference", "chain", "timeline", "graph around", "reach")
    }


def test_a_point_and_a_day_are_asked_for_together(begun: Session) -> None:
    first = last_seq(begun)
    _redate(begun, 1)
    begun.flush()

    seen = {
        (seq, day): [row["ref"] for row in list_items(begun, Lens(as_of=day, known_at=seq), "action", Wanted()).rows]
        for seq in (first, first + 1)
        for day in (DAY, TODAY)
    }

    assert seen == {(first, DAY): ["A"], (first, TODAY): ["A"], (first + 1, DAY): [], (first + 1, TODAY): ["A"]}


def test_the_undated_of_a_point_are_those_that_were_undated_there(begun: Session) -> None:
    first = last_seq(begun)
    _redate(begun, 0)
    begun.flush()

    pages = [list_items(begun, Lens(as_of=DAY, known_at=seq), "action", Wanted()) for seq in (first, first + 1)]

    assert [(len(page.rows), page.undated) for page in pages] == [(1, 0), (0, 1)]


@pytest.mark.parametrize(("as_of", "names"), [(None, list(ANSWERS)), (DAY, ["action", "link", "chain"])])
def test_an_earlier_point_takes_as_many_statements_as_the_present(
    begun: Session, as_of: date | None, names: list[str]
) -> None:
    present = replace(NOW, as_of=as_of)

    ran = {name: _counts(begun, name, present) for name in names}
    ran_of_a_point = {name: _counts(begun, name, replace(present, known_at=last_seq(begun))) for name in names}

    assert ran_of_a_point == ran
    assert min(ran.values()) >= 1


def _counts(session: Session, name: str, lens: Lens) -> int:
    """How many statements the answer to a question takes."""
    engine: Any = session.get_bind()
    with counted(engine) as statements:
        _answer(name, session, lens)
    return len(statements)


def test_every_version_begins_where_the_one_before_it_ended(begun: Session) -> None:
    for write in WRITES:
        write(begun, 1)
        begun.flush()

    lives = {name: _lives(begun, name) for name in ("item", "link")}

    for things in lives.values():
        for created, version, spans in things.values():
            assert spans[0][0] == created
            assert [until for _, until in spans[:-1]] == [begin for begin, _ in spans[1:]]
            assert spans[-1][1] == FOREVER
            assert len(spans) == version
    assert max(len(spans) for things in lives.values() for *_, spans in things.values()) > 3


def _lives(session: Session, table: str) -> dict[int, tuple[int, int, list[tuple[int, int]]]]:
    """Of each thing when it was created, its version, and from which change until which each version stood."""
    things = session.execute(text(f"SELECT id, created_seq, version FROM {table}"))  # noqa: S608 - a table of ours
    found: dict[int, tuple[int, int, list[tuple[int, int]]]] = {one.id: (*one[1:], []) for one in things}
    spans = f"SELECT id, from_seq, until_seq FROM {table}_version ORDER BY id, from_seq"  # noqa: S608 - as above
    for thing, begin, until in session.execute(text(spans)):
        found[thing][2].append((begin, until))
    return found


@pytest.mark.parametrize("table", VERSIONS)
def test_the_newest_versions_are_the_rows_as_they_are(begun: Session, table: str) -> None:
    for write in WRITES:
        write(begun, 1)
        begun.flush()
    names = ", ".join(f'"{column.name}"' for column in Base.metadata.tables[table].c)

    newest = begun.execute(text(f"SELECT {names} FROM {table}_version WHERE until_seq = {FOREVER}")).all()  # noqa: S608

    assert set(newest) == set(begun.execute(text(f"SELECT {names} FROM {table}")).all())  # noqa: S608 - a table of ours
    assert newest
