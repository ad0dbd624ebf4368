"""Answers that are remembered: given again only while nothing has changed, and to the public alone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

import api.remembering
from api.call import Service
from api.database import Database
from api.remembering import Answers, Kept, Version
from models.items import Item
from models.lens import Lens
from models.markings import Marking
from models.writing.grants import add_key
from tests.factories import an, link
from tests.statements import counted

PATH = "/api/v1/evidence/E-1"
MATRIX = "/api/v1/matrix?cell=refs"
TODAY = datetime.now(UTC).date()


@dataclass
class Arranged:
    """A service on a database with one recommendation and the evidence for it."""

    database: Database
    client: FlaskClient

    @property
    def asked(self) -> Database:
        """The database as the service asks it."""
        service: Service = self.client.application.extensions["mappa"]
        return service.database

    def change(self, change: Callable[[Item], None]) -> None:
        """Change the evidence."""
        with self.database.writing("a test", "Change") as session:
            change(session.scalars(select(Item).where(Item.ref == "E-1")).one())

    def key(self) -> dict[str, str]:
        """The header of an inspector who sees what is official."""
        with self.database.writing("a test", "A key") as session:
            asked = {"name": "an-inspector", "role": "inspector", "body": "B-1", "clearance": "OFFICIAL"}
            _ref, secret = add_key(session, Lens("OFFICIAL-SENSITIVE", whole=True), asked, "a test", alone=True)
        return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def arranged(database: Database, client_of: Callable[[Database], FlaskClient]) -> Iterator[Arranged]:
    with database.writing("a test", "Arrange") as session:
        an("body", session, ref="B-1")
        review = an("review", session, ref="V-1", published_on=date(2015, 11, 26))
        recommendation = an("recommendation", session, ref="R-1", parent=review, number=1)
        link(session, an("evidence", session, ref="E-1"), "supports", recommendation)
    return Arranged(database, client_of(database))


def _told(answer: TestResponse) -> dict[str, str]:
    """The headers of an answer, but for the time and the name of the request."""
    return {name: value for name, value in answer.headers.items() if name not in {"Date", "X-Request-Id"}}


@pytest.mark.parametrize("path", [PATH, MATRIX, "/api/v1/recommendations/R-1/chain", "/api/v1/gaps?limit=3"])
def test_gives_an_answer_again_without_asking_the_question(arranged: Arranged, path: str) -> None:
    first = arranged.client.get(path)
    with counted(*arranged.asked.engines) as ran:
        second = arranged.client.get(path)

    assert ran == []
    assert (second.status_code, second.data) == (200, first.data)
    assert _told(second) == _told(first)


def test_knows_an_answer_that_the_caller_has(arranged: Arranged) -> None:
    tag = arranged.client.get(PATH).headers["ETag"]

    again = arranged.client.get(PATH, headers={"If-None-Match": tag})

    assert (again.status_code, again.data) == (304, b"")


def test_answers_anew_after_a_change(arranged: Arranged) -> None:
    arranged.client.get(PATH)
    arranged.change(lambda item: setattr(item, "title", "Thing, looked at again"))

    assert arranged.client.get(PATH).get_json()["title"] == "Thing, looked at again"


def test_does_not_give_out_what_was_hidden_since(arranged: Arranged) -> None:
    before = arranged.client.get(MATRIX).get_data(as_text=True)
    arranged.client.get(PATH)
    arranged.change(lambda item: item.mark(Marking("OFFICIAL")))

    assert "E-1" in before
    assert arranged.client.get(PATH).status_code == 404
    assert "E-1" not in arranged.client.get(MATRIX).get_data(as_text=True)


def test_shows_what_an_embargo_withheld_when_its_day_has_come(
    arranged: Arranged, monkeypatch: pytest.MonkeyPatch
) -> None:
    arranged.change(lambda item: item.mark(Marking(embargo_until=TODAY + timedelta(days=1), until_then=frozenset())))
    before = arranged.client.get(MATRIX).get_data(as_text=True)
    values = Lens.values.fget

    monkeypatch.setattr(Lens, "values", property(lambda lens: values(lens) | {"today_read": TODAY + timedelta(days=1)}))

    assert "E-1" not in before
    assert "E-1" in arranged.client.get(MATRIX).get_data(as_text=True)


def test_keeps_nothing_of_what_a_known_caller_is_answered_and_gives_him_nobody_elses(arranged: Arranged) -> None:
    arranged.change(lambda item: item.mark(Marking("OFFICIAL")))
    who = arranged.key()
    arranged.client.get(MATRIX)

    seen = arranged.client.get(MATRIX, headers=who)
    with counted(*arranged.asked.engines) as ran:
        arranged.client.get(MATRIX, headers=who)
    unseen = arranged.client.get(MATRIX)

    assert "E-1" in seen.get_data(as_text=True)
    assert "E-1" not in unseen.get_data(as_text=True)
    assert len(ran) > 1


def test_refuses_whom_it_does_not_know_though_the_answer_is_kept(arranged: Arranged) -> None:
    arranged.client.get(PATH)

    assert arranged.client.get(PATH, headers={"Authorization": "Bearer nobody"}).status_code == 401


def test_tells_formats_apart(arranged: Arranged) -> None:
    arranged.client.get(MATRIX)

    assert arranged.client.get(MATRIX, headers={"Accept": "text/csv"}).content_type == "text/csv; charset=utf-8"
    assert arranged.client.get(MATRIX, headers={"Accept": "image/png"}).status_code == 406


def test_answers_a_bad_request_as_bad_each_time(arranged: Arranged) -> None:
    answers = [arranged.client.get(f"{PATH}?nonsense=1").status_code for _ in range(2)]

    assert answers == [422, 422]


def test_asks_the_question_where_the_version_cannot_be_told(
    arranged: Arranged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api.remembering, "_NEWEST", "SELECT nothing FROM nowhere")

    assert [arranged.client.get(PATH).status_code for _ in range(2)] == [200, 200]


def test_leaves_no_transaction_open_behind_it(arranged: Arranged) -> None:
    arranged.client.get(PATH)
    arranged.client.get(PATH)
    begun: list[object] = []
    event.listen(arranged.asked.reader, "begin", begun.append)

    arranged.change(lambda item: setattr(item, "title", "Thing, again"))

    assert arranged.client.get(PATH).get_json()["title"] == "Thing, again"
    assert arranged.asked.in_use() == 0


VERSION = Version(1, "a", TODAY)


def _key(number: int) -> tuple[str, bytes, str]:
    return (f"/{number}", b"", "")


def test_lets_go_of_what_was_asked_for_longest_ago() -> None:
    answers = Answers(most=10_000)
    answers.found(_key(0), VERSION)
    for number in range(4):
        answers.keep(_key(number), VERSION, Kept(b"x" * 1_000, ()))
        answers.found(_key(0), VERSION)

    assert [answers.found(_key(number), VERSION) is not None for number in range(4)] == [True, False, True, True]


@pytest.mark.parametrize("other", [VERSION._replace(seq=2), VERSION._replace(hash="b"), VERSION._replace(day=date.max)])
def test_lets_go_of_everything_of_another_version(other: Version) -> None:
    answers = Answers()
    answers.found(_key(1), VERSION)
    answers.keep(_key(1), VERSION, Kept(b"x", ()))

    assert answers.found(_key(1), other) is None
    assert answers.found(_key(1), VERSION) is None


def test_keeps_no_answer_of_a_version_that_has_passed() -> None:
    answers = Answers()
    answers.found(_key(1), VERSION._replace(seq=2))
    answers.keep(_key(1), VERSION, Kept(b"x", ()))

    assert answers.found(_key(1), VERSION._replace(seq=2)) is None


def test_keeps_no_answer_that_is_very_large() -> None:
    answers = Answers()
    answers.found(_key(1), VERSION)
    answers.keep(_key(1), VERSION, Kept(b"x" * (api.remembering.LARGEST + 1), ()))

    assert answers.found(_key(1), VERSION) is None
