"""What every problem that the server tells has to be."""

from typing import Any

import requests

from tests.contract.document import BY_NAME, PROBLEM

LEAKS = ("Traceback", 'File "', "sqlalchemy", "psycopg", "sqlite3", "SELECT ", ".py")


def told(answer: requests.Response, status: int) -> dict[str, Any]:
    """The problem that an answer tells, checked to be a whole one of this status."""
    assert answer.status_code == status, f"{answer.request.method} {answer.url[:300]}: {answer.text[:500]}"
    assert answer.headers["Content-Type"] == PROBLEM
    problem: dict[str, Any] = answer.json()
    assert BY_NAME["get_root"].faults("default", PROBLEM, problem) == []
    assert problem["status"] == status
    assert problem["detail"].strip()
    assert problem["instance"].startswith("/")
    text = answer.content.decode()
    assert not [leak for leak in LEAKS if leak in text]
    return problem
