"""The page on time shows what the service really answers."""

import pytest
from flask.testing import FlaskClient

from tests.api.shown_pages import Shown, assert_answered, calls_of, named, page

CALLS = calls_of("time.md")


def test_the_page_has_calls_and_an_answer_to_each() -> None:
    assert len(CALLS) == page("time.md").count("curl ") == 8


@pytest.mark.parametrize("call", CALLS, ids=named)
def test_the_page_shows_the_real_answer(client: FlaskClient, call: Shown) -> None:
    assert_answered(client, call)
