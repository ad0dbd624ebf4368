"""Errors: problem+json for everything that goes wrong, telling what would be right."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from api.database import Database
from api.problems import PROBLEMS

PROBLEM = "application/problem+json"


def _faults(client: FlaskClient, path: str) -> dict[str, str]:
    """What is told to be wrong with a request, by parameter."""
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (422, PROBLEM)
    return {fault["pointer"]: fault["detail"] for fault in answer.get_json()["errors"]}


def test_tells_everything_that_is_wrong_at_once(client: FlaskClient) -> None:
    faults = _faults(client, "/api/v1/evidence?as_of=never&limit=0&sort=nope&confidence=certain&recommendation=R%25")

    assert set(faults) == {"as_of", "limit", "sort", "confidence", "recommendation"}


def test_names_the_parameters_that_there_are(client: FlaskClient) -> None:
    faults = _faults(client, "/api/v1/reviews?publishers=hmics")

    assert "publisher" in faults["publishers"]


def test_names_the_words_that_a_filter_takes(client: FlaskClient) -> None:
    faults = _faults(client, "/api/v1/evidence?evidence_kind=rumour")

    assert all(word in faults["evidence_kind"] for word in ("audit_finding", "statistic"))


def test_says_how_a_day_is_written(client: FlaskClient) -> None:
    faults = _faults(client, "/api/v1/evidence?as_of=26/11/2015")

    assert "YYYY-MM-DD" in faults["as_of"]


@pytest.mark.parametrize("parameter", ["limit", "as_of", "sort", "count", "after", "fields", "format"])
def test_refuses_a_parameter_given_twice(client: FlaskClient, parameter: str) -> None:
    value = {"limit": "1", "as_of": "2017-06-29", "format": "json", "count": "true"}.get(parameter, "ref")

    faults = _faults(client, f"/api/v1/reviews?{parameter}={value}&{parameter}={value}")

    assert set(faults) == {parameter}


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nothing", "/api/v1/reviews/none", "/api/v1/links/none"])
def test_tells_what_is_not_there(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    told = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (404, PROBLEM)
    assert (told["type"], told["status"], told["instance"]) == ("/api/v1/problems/not-found", 404, path)


def test_does_not_have_an_item_under_another_kind(client: FlaskClient) -> None:
    answer = client.get("/api/v1/evidence/R3")

    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["/", "/api/v1/gaps", "/api/v1/live", "/api/docs"])
def test_names_the_methods_that_are_allowed(client: FlaskClient, path: str) -> None:
    answer = client.post(path, json={})

    assert (answer.status_code, answer.mimetype) == (405, PROBLEM)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_answers_an_error_without_asking_what_the_client_accepts(client: FlaskClient) -> None:
    answer = client.get("/api/v1/reviews/none", headers={"Accept": "text/csv"})

    assert (answer.status_code, answer.mimetype) == (406, PROBLEM)


def test_keeps_an_error_out_of_caches(client: FlaskClient) -> None:
    answer = client.get("/api/v1/reviews/none")

    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", PROBLEMS)
def test_describes_every_kind_of_problem(client: FlaskClient, name: str) -> None:
    told = client.get(f"/api/v1/problems/{name}").get_json()

    assert (told["status"], told["title"]) == (PROBLEMS[name].status, PROBLEMS[name].title)
    assert told["remedy"]


@pytest.fixture
def broken(database: Database, client_of: Callable[[Database], FlaskClient]) -> FlaskClient:
    """A client of a service whose database has lost a table."""
    with database.engine.connect() as connection:
        writing = connection.execution_options(writing=True)
        with writing.begin():
            writing.execute(text("ALTER TABLE link RENAME TO no_link"))
    return client_of(database)


def test_tells_a_failing_database_as_unavailable(broken: FlaskClient) -> None:
    answer = broken.get("/api/v1/links")

    assert (answer.status_code, answer.mimetype) == (503, PROBLEM)
    assert answer.headers["Retry-After"] == "2"


def test_tells_nothing_of_the_inside_when_the_database_fails(broken: FlaskClient) -> None:
    told = broken.get("/api/v1/links").get_data(as_text=True)

    assert not [
        word for word in ("SELECT", "link", "sqlite", "psycopg", "Traceback") if word in told.replace("/links", "")
    ]


def test_answers_a_mistake_of_ours_without_a_trace(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("api.resources.reviews.list_items", fail)

    answer = client.get("/api/v1/reviews?limit=199")  # which nobody else asks for, so that no answer is remembered

    assert (answer.status_code, answer.mimetype) == (500, PROBLEM)
    assert "secret" not in answer.get_data(as_text=True)
    assert "Traceback" not in answer.get_data(as_text=True)
