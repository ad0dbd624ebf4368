"""The page on statuses shows what the service really answers, and names every reason with its meaning."""

import pytest
from flask.testing import FlaskClient

from models.vocabulary import DISAGREEMENTS
from tests.api.shown_pages import Shown, assert_answered, calls_of, named, page

PAGE, CALLS = page("statuses.md"), calls_of("statuses.md")


def test_the_page_has_calls_and_an_answer_to_each() -> None:
    assert len(CALLS) == PAGE.count("curl ") == 4


@pytest.mark.parametrize("call", CALLS, ids=named)
def test_the_page_shows_the_real_answer(client: FlaskClient, call: Shown) -> None:
    assert_answered(client, call)


def test_the_page_names_every_disagreement_in_its_order() -> None:
    places = [PAGE.index(f"| `{reason}` |") for reason in DISAGREEMENTS]

    assert places == sorted(places)
    assert PAGE.count("\n| `") == len(DISAGREEMENTS) + 3
