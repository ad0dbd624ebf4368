"""Papers: every text is text, nothing is loaded, and what is marked is shown to nobody else."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from api.database import Database
from models.lens import Lens
from models.writing.grants import add_key
from tests.explorer import printed
from tests.explorer.printed import BASE, CHAIN, PDFS, Opens, drawing, leads, need, paper, recommend, size, words_of
from tests.factories import an, link

published_app, everybody, opens = printed.published_app, printed.everybody, printed.opens
HOSTILE = '</style><script>alert(1)</script><image href="file:///etc/passwd"/>&"\'\ufffe]]>'
HANDED = {"paper:regular.ttf", "paper:bold.ttf", "paper:picture"}
SECRET = "Heliotrope"


def test_leads_nowhere_where_it_does_not_know_its_own_address(database: Database, opens: Opens) -> None:
    with database.writing("a test", "Arrange") as session:
        recommend(session)

    tree = drawing(paper(opens(database).test_client(), f"{CHAIN}.svg"))

    assert leads(tree) == []
    assert "Check it at /recommendations/R7/chain?known_at=" in "".join(tree.itertext())


def test_loads_nothing_and_runs_nothing_in_a_picture(everybody: FlaskClient) -> None:
    answer = everybody.get(f"{CHAIN}.svg")
    tree = drawing(answer.data)

    assert {part.tag.rpartition("}")[2] for part in tree.iter()} <= {
        *("svg", "title", "desc", "style", "rect", "text", "g", "path", "a")
    }
    assert leads(tree)
    assert all(leads.startswith(f"{BASE}/") for leads in leads(tree))
    assert "script" not in answer.headers["Content-Security-Policy"]


def _hostile(session: Session) -> None:
    """A recommendation and all around it, whose every text tries to be more than text."""
    asked = recommend(session, title=HOSTILE, short_name="</text><script>", text=f"{HOSTILE} {HOSTILE}")
    evidence = an("evidence", session, title=HOSTILE, statement=HOSTILE, url="file:///etc/passwd")
    source = an("source", session, title=HOSTILE, url="http://127.0.0.1:9/")
    action = an("action", session, title=HOSTILE)
    link(session, evidence, "supports", asked)
    link(session, evidence, "derived_from", source)
    link(session, action, "addresses", asked)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that a PDF in the making asked for."""
    need("weasyprint")
    from explorer import as_pdf  # noqa: PLC0415 - only where it is installed

    asked: list[str] = []
    fetch = as_pdf.Handed.fetch

    def watched(self: Any, url: str, headers: object = None) -> Any:
        asked.append(url)
        return fetch(self, url, headers)

    monkeypatch.setattr(as_pdf.Handed, "fetch", watched)
    return asked


@pytest.mark.parametrize("path", PDFS)
def test_takes_every_text_for_text(database: Database, opens: Opens, path: str, fetched: list[str]) -> None:
    with database.writing("a test", "Arrange") as session:
        _hostile(session)

    content = paper(opens(database).test_client(), path)

    assert "<script>" in words_of(content)
    assert {"paper:regular.ttf", "paper:bold.ttf"} <= set(fetched) <= HANDED
    assert b"/EmbeddedFile" not in content


def test_takes_every_text_of_a_picture_for_text(database: Database, opens: Opens) -> None:
    with database.writing("a test", "Arrange") as session:
        _hostile(session)
    client = opens(database).test_client()

    tree = drawing(paper(client, f"{CHAIN}.svg"))
    wide, high = size(paper(client, f"{CHAIN}.png"))

    assert not [part for part in tree.iter() if part.tag.rpartition("}")[2] in {"script", "image"}]
    assert "<script>" in "".join(tree.itertext())
    assert leads(tree) == []
    assert min(wide, high) > 100


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "http://127.0.0.1:9/x", "ftp://127.0.0.1/x", "data:text/plain,x", "paper:other"]
)
def test_refuses_to_load_what_was_not_handed_over(address: str, fetched: list[str]) -> None:
    from explorer import as_pdf  # noqa: PLC0415 - only where it is installed

    html = f'<html><head><title>x</title><style></style><link rel="attachment" href="{address}"></head><body>'

    content = as_pdf.write(f'{html}<img src="{address}" alt="x"><p>Text</p></body></html>', {})

    assert address in fetched
    with pytest.raises(ValueError, match="not handed over"):
        as_pdf.Handed({}).fetch(address)
    assert "Text" in words_of(content)
    assert b"/EmbeddedFile" not in content


@pytest.fixture
def marked(database: Database, opens: Opens) -> tuple[FlaskClient, dict[str, str]]:
    """A public recommendation with a marked piece of evidence, read by everybody, and the key of who is cleared."""
    with database.writing("a test", "Arrange") as session:
        asked = recommend(session)
        link(session, an("evidence", session, ref="E-1", title="Seen by all"), "supports", asked)
        hidden = an("evidence", session, ref="E-9", title=SECRET, statement=SECRET, handling="OFFICIAL")
        link(session, hidden, "supports", asked, handling="OFFICIAL")
        an("body", session, ref="B-1")
    with database.writing("a test", "A key") as session:
        granted = {"name": "an-inspector", "role": "inspector", "body": "B-1", "clearance": "OFFICIAL"}
        _ref, secret = add_key(session, Lens("OFFICIAL-SENSITIVE", whole=True), granted, "a test", alone=True)
    return opens(database).test_client(), {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("path", [f"{CHAIN}.svg", *PDFS])
def test_shows_what_is_marked_to_who_is_cleared_alone_and_says_so(
    marked: tuple[FlaskClient, dict[str, str]], path: str
) -> None:
    client, key = marked
    read = words_of if path.endswith(".pdf") else bytes.decode

    cleared, public = paper(client, path, headers=key), paper(client, path)
    answer = client.get(path, headers=key)

    assert SECRET in read(cleared)
    assert "Handling: OFFICIAL." in read(cleared)
    assert answer.headers["Handling"] == "OFFICIAL"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "OFFICIAL-" in answer.headers["Content-Disposition"]
    assert not {SECRET, "E-9", "OFFICIAL"} & set(re.findall(r"[\w-]+", read(public)))
    assert "Seen by all" in read(public)


def test_draws_nothing_hidden_into_pixels(marked: tuple[FlaskClient, dict[str, str]]) -> None:
    client, key = marked

    cleared, public = (size(paper(client, f"{CHAIN}.png", headers=headers)) for headers in (key, {}))

    assert cleared[1] > public[1]
