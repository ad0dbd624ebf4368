"""The weight of pages as they come to a browser: small at first, and smaller afterwards."""

import re

import pytest
from flask.testing import FlaskClient

from tests.explorer.pages import BROWSER, EXAMPLES
from tests.explorer.reading import Reading

_FIRST, _LATER, _REQUESTS = 90 * 1024, 10 * 1024, 7


def _weight(reader: FlaskClient, address: str) -> int:
    """How many bytes come for an address."""
    return len(reader.get(address, headers=BROWSER | {"Accept-Encoding": "gzip"}).data)


def _loaded(reader: FlaskClient, address: str) -> set[str]:
    """Everything that a browser loads for a page."""
    found = set(Reading(reader.get(address, headers=BROWSER).get_data(as_text=True)).loaded())
    sheets = [reader.get(sheet).get_data(as_text=True) for sheet in found if sheet.endswith(".css")]
    return found | {url.strip("\"'") for sheet in sheets for url in re.findall(r"url\(([^)]+)\)", sheet)}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_first_view_is_small(reader: FlaskClient, example: str) -> None:
    loaded = _loaded(reader, example)

    assert all(address.startswith(("/assets/", "data:")) for address in loaded)
    files = {address for address in loaded if address.startswith("/assets/")}
    assert 1 + len(files) <= _REQUESTS
    assert sum(_weight(reader, address) for address in {example, *files}) <= _FIRST


@pytest.mark.parametrize("example", EXAMPLES)
def test_later_views_are_smaller(reader: FlaskClient, example: str) -> None:
    assert _weight(reader, example) <= _LATER
