"""Whoever sends too many keys that are not known is told to wait, at every operation that asks who is calling."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.call import Service
from api.settings import Settings
from tests.conftest import Databases
from tests.contract.document import OPERATIONS, PROBLEM, Operation
from tests.contract.server import BEARER, KEY, WRITER

ASKING = [operation for operation in OPERATIONS if operation.asks_who]


@pytest.fixture(scope="module")
def strict(databases: Databases) -> Iterator[Flask]:
    """An application that takes one unknown key a minute from an address."""
    url = databases.copy("published").url.render_as_string(hide_password=False)
    app = create_app(replace(Settings(url, "test", {KEY: WRITER}), failures_a_minute=1))
    service: Service = app.extensions["mappa"]
    yield app
    service.database.close()


def _call(client: FlaskClient, operation: Operation, key: str = "Bearer nobody") -> TestResponse:
    """The answer to a call with a key, from an address that calls nothing else."""
    address = {"REMOTE_ADDR": f"192.0.2.{ASKING.index(operation)}"}
    headers = {"Authorization": key}
    return client.open(operation.place, method=operation.method.upper(), headers=headers, environ_overrides=address)


@pytest.mark.parametrize("operation", ASKING, ids=str)
def test_tells_who_has_failed_too_often_to_wait(strict: Flask, operation: Operation) -> None:
    client = strict.test_client()
    first = _call(client, operation)

    answer = _call(client, operation)

    assert (first.status_code, answer.status_code) == (401, 429)
    assert answer.mimetype == PROBLEM
    assert operation.faults("429", PROBLEM, answer.get_json()) == []
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_answers_one_with_a_right_key_whatever_else_came_from_his_address(strict: Flask) -> None:
    (operation,) = (found for found in ASKING if found.name == "list_keys")
    client = strict.test_client()
    for _ in range(3):
        _call(client, operation)

    answer = _call(client, operation, BEARER)

    assert answer.status_code == 200


def test_describes_the_type_of_the_problem(strict: Flask) -> None:
    client = strict.test_client()
    (operation,) = (found for found in ASKING if found.name == "get_root")
    problem = [_call(client, operation) for _ in range(3)][-1].get_json()

    described = client.get(problem["type"]).get_json()

    assert (described["title"], described["status"]) == (problem["title"], problem["status"])
