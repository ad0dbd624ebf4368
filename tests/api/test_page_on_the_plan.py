"""The page on the action plan shows what the service really answers."""

import json
import re
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from api.settings import ROOT

PAGE = (ROOT / "docs" / "action-plan.md").read_text(encoding="utf-8")
CALLS = re.findall(r"```\ncurl '([^']+)'\n```\n\n```(json|csv|ics|markdown)\n(.*?)```", PAGE, re.DOTALL)
# When the record was loaded, which is another time in each installation.
_LOADED = re.compile(r"(DTSTAMP:|That change was recorded: )\S+")


def _asked(client: FlaskClient, address: str) -> str:
    place = urlsplit(address)
    return client.get(f"{place.path}?{place.query}").get_data(as_text=True)


def _timeless(text: str) -> list[str]:
    """The lines of an answer without the time at which the record was loaded."""
    return [_LOADED.sub(r"\1", line) for line in text.rstrip("\r\n").splitlines()]


def test_the_page_has_calls_and_an_answer_to_each() -> None:
    assert len(CALLS) == PAGE.count("curl ") == 5


@pytest.mark.parametrize(("address", "form", "shown"), CALLS, ids=[urlsplit(call[0]).path for call in CALLS])
def test_the_page_shows_the_real_answer(client: FlaskClient, address: str, form: str, shown: str) -> None:
    answered = _asked(client, address)

    if form == "json":
        assert json.loads(shown) == json.loads(answered)
    else:
        assert _timeless(shown) == _timeless(answered)
