"""Papers as the tests ask for them and read them; a test that needs what is not installed is skipped."""

import re
import struct
from collections.abc import Callable, Iterator
from datetime import date
from importlib import import_module
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy.orm import Session

from api.database import Database
from api.remembering import Answers
from api.settings import Settings
from explorer.app import create_app
from tests.conftest import Databases
from tests.factories import an

CHAIN, SHEET, MATRIX = "/recommendations/R7/chain", "/recommendations/R7.pdf", "/matrix.pdf"
PDFS = (f"{CHAIN}.pdf", SHEET, MATRIX)
BASE = "https://trace.example"
Opens = Callable[..., Flask]


@pytest.fixture(scope="module")
def published_app(databases: Databases) -> Iterator[Flask]:
    """The service with its pages on the published record; it knows where its clients find it."""
    url = databases.copy("published").url.render_as_string(hide_password=False)
    made = create_app(Settings(url, "test", public_url=BASE))
    made.testing = False
    yield made
    made.extensions["mappa"].database.close()


@pytest.fixture
def everybody(published_app: Flask) -> FlaskClient:
    """Somebody without a key, who reads the published record."""
    return published_app.test_client()


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets no answer be remembered."""
    monkeypatch.setattr(Answers, "found", lambda *_asked: None)


@pytest.fixture
def opens() -> Iterator[Opens]:
    """Makes the service with its pages on a database of the test's own."""
    made: list[Database] = []

    def make(database: Database, **settings: Any) -> Flask:
        app = create_app(Settings(database.url.render_as_string(hide_password=False), "test", **settings))
        made.append(app.extensions["mappa"].database)
        return app

    yield make
    for opened in made:
        opened.close()


def recommend(session: Session, **values: Any) -> Any:
    """A recommendation of a review, that stands alone so far."""
    review = an("review", session, ref="V", title="A review", published_on=date(2015, 11, 26))
    return an("recommendation", session, ref="R7", parent=review, number=7, **values)


def need(package: str) -> Any:
    """A package of the extra; skips the test where it, or a library that it stands on, is not there."""
    try:
        return import_module(package)
    except (ImportError, OSError) as error:
        pytest.skip(f"no {package} here: {error}")


def read_pdf(content: bytes) -> Any:
    """A PDF as a reader of files sees it."""
    return PdfReader(BytesIO(content))


def paper(client: FlaskClient, path: str, **options: Any) -> bytes:
    """A paper, that is there; not asked for where what makes it is not installed."""
    if not path.partition("?")[0].endswith(".svg"):
        need("weasyprint" if ".pdf" in path else "resvg_py")
    answer = client.get(path, **options)
    assert answer.status_code == 200, answer.text
    return answer.data


def words_of(content: bytes) -> str:
    """What a PDF says on its pages, with one space between words."""
    return " ".join(" ".join(page.extract_text() for page in read_pdf(content).pages).split())


def millimetres(content: bytes) -> list[tuple[int, int]]:
    """How wide and high each page of a PDF is."""
    boxes = [page.mediabox for page in read_pdf(content).pages]
    return [(round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) for box in boxes]


def size(content: bytes) -> tuple[int, int]:
    """How many pixels a PNG has across and down."""
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = struct.unpack(">II", content[16:24])
    return wide, high


def leads(tree: ET.Element) -> list[str]:
    """Every address that a drawing names, of whatever kind; what it has with it is none."""
    named = [value for part in tree.iter() for name, value in part.attrib.items() if name.rpartition("}")[2] == "href"]
    loaded = re.findall(r"url\(([^)]*)\)|@import", "".join(tree.itertext()) + "".join(tree.attrib.values()))
    return [lead for lead in named + loaded if not lead.startswith("data:font/woff2;base64,")]


def drawing(content: bytes) -> ET.Element:
    """A drawing as its parts; refused if it is not well-formed."""
    return ET.fromstring(content)  # noqa: S314 - what the service under test has made
