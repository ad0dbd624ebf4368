"""Every link of every page, and of the pages that these lead to, leads somewhere."""

from collections import Counter, deque
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from tests.explorer.pages import BROWSER, EXAMPLES
from tests.explorer.reading import Reading

# Of the addresses of one sort, so many are followed.
_MOST = 12
# What the first page of the API leads to for those whose role may see it.
_FOR_SOME = {"/api/v1/keys", "/api/v1/accounts", "/api/v1/approvals", "/api/v1/pii-overrides"}


def test_every_link_leads_somewhere(explorer: Flask, reader: FlaskClient) -> None:
    waiting, seen = deque(EXAMPLES), set(EXAMPLES)
    followed: Counter[str] = Counter()
    astray: dict[str, object] = {}
    while waiting:
        address = waiting.popleft()
        rule = _rule(explorer, address)
        followed[rule] += 1
        if followed[rule] > _MOST or urlsplit(address).path in _FOR_SOME:
            continue
        answer = reader.get(address, headers={"Accept": "*/*"} if address.startswith("/api/v1") else BROWSER)
        if answer.status_code != 200:
            astray[address] = answer.status_code
        if answer.content_type != "text/html; charset=utf-8" or address.startswith("/api/docs"):
            continue
        page = Reading(answer.get_data(as_text=True))
        places = {element.get("id") for element in page.with_attribute("id")}
        for link in page.links():
            parts = urlsplit(link)
            if not parts.path and not parts.query and not parts.netloc and parts.fragment not in places:
                astray[f"{address} {link}"] = "no such place"
            if parts.path.startswith("/") and not parts.netloc and (to := link.partition("#")[0]) not in seen:
                seen.add(to)
                waiting.append(to)

    assert astray == {}
    assert sum(followed.values()) > 100


def _rule(app: Flask, address: str) -> str:
    """The sort of an address."""
    try:
        rule, _arguments = app.url_map.bind("").match(urlsplit(address).path)
    except HTTPException:
        return address
    return str(rule)
