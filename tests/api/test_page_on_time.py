"""The page on time shows what the service really answers."""

import json
import re
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from api.settings import ROOT

PAGE = (ROOT / "docs" / "time.md").read_text(encoding="utf-8")
CALLS = re.findall(r"```\ncurl '([^']+)'\n```\n\n```(json|csv)\n(.*?)```", PAGE, re.DOTALL)


def _asked(client: FlaskClient, address: str) -> str:
    place = urlsplit(address)
    return client.get(f"{place.path}?{place.query}").get_data(as_text=True)


def test_the_page_has_calls_and_an_answer_to_each() -> None:
    assert len(CALLS) == PAGE.count("curl ") == 8


@pytest.mark.parametrize(("address", "form", "shown"), CALLS, ids=[call[0].rpartition("/")[2] for call in CALLS])
def test_the_page_shows_the_real_answer(client: FlaskClient, address: str, form: str, shown: str) -> None:
    answered = _asked(client, address)

    if form == "json":
        assert json.loads(shown) == json.loads(answered)
    else:
        assert shown.splitlines() == answered.lstrip("\ufeff").rstrip("\r\n").splitlines()
