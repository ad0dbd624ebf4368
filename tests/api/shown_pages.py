"""Pages of the documentation that show calls with their answers, which are to be the real ones."""

import json
import re
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from api.settings import ROOT

Shown = tuple[str, str, str]


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def calls_of(name: str) -> list[Shown]:
    """Each call of a page: its address, the format of the answer, and the answer that is shown."""
    return re.findall(r"```\ncurl '([^']+)'\n```\n\n```(json|csv)\n(.*?)```", page(name), re.DOTALL)


def named(call: Shown) -> str:
    """A call by the end of its address."""
    return call[0].rpartition("/")[2]


def assert_answered(client: FlaskClient, call: Shown) -> None:
    """Compare the answer that is shown with the one that is given."""
    address, form, shown = call
    place = urlsplit(address)
    answered = client.get(f"{place.path}?{place.query}").get_data(as_text=True)
    if form == "json":
        assert json.loads(shown) == json.loads(answered)
    else:
        assert shown.splitlines() == answered.lstrip("\ufeff").rstrip("\r\n").splitlines()
