"""What pages load: from here alone, kept for ever, and of others exactly what was taken over."""

import gzip
import hashlib

import pytest
from flask.testing import FlaskClient

from api.settings import ROOT
from explorer.assets import FILES, address_of
from tests.explorer.pages import BROWSER

VENDORED = {
    "design-system.LICENSE": "0caa827b15d9764d883bde7e7b31f675a3cda00ec565c93acfeab7c2e01dbe8e",
    "design-system.min.css": "f62df6f2b2d1c4620feb10154ad8e891601da74615cad3cbf661db90472ba687",
    "roboto-latin-bold.ttf": "4b16a3f703c4b27af9d4bf6d7dc4a4e1076a79e3c7739b3604bd339016774179",
    "roboto-latin-regular.ttf": "bc225ce23152b77d02e9d0259ec181644028bd9c8cafaa885ca8799f12539018",
    "roboto-latin-wght-normal.woff2": "1404ca348bd75ef836f4dd8b6f2cc719458642d1237c368296b2fc652dca47dc",
    "roboto.LICENSE": "84044c09058803d87a241bd28abb4ce30a433d7db9c27a04da3efad6a0ca539c",
}


def test_what_comes_from_others_is_what_was_taken_over() -> None:
    folder = ROOT / "explorer" / "static" / "vendor"

    assert {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()} == VENDORED


@pytest.mark.parametrize("name", [name for name in VENDORED if name.endswith(".LICENSE")])
def test_every_licence_is_shown(reader: FlaskClient, name: str) -> None:
    text = (ROOT / "explorer" / "static" / "vendor" / name).read_text("utf-8")
    shown = reader.get("/licences", headers=BROWSER).get_data(as_text=True)

    assert text.splitlines()[0] in shown
    assert "WITHOUT WARRANTY OF ANY KIND" in text.upper()


@pytest.mark.parametrize("name", [name for name in VENDORED if not name.endswith(".LICENSE")])
def test_every_file_that_comes_from_others_is_named_beside_its_licence(reader: FlaskClient, name: str) -> None:
    assert f"<code>{name}</code>" in reader.get("/licences", headers=BROWSER).get_data(as_text=True)


@pytest.mark.parametrize("name", FILES)
def test_is_kept_for_ever_under_the_fingerprint_of_its_content(reader: FlaskClient, name: str) -> None:
    answer = reader.get(address_of(name))

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert f"/{hashlib.sha256(answer.data).hexdigest()[:16]}/" in address_of(name)


def test_nothing_is_at_another_fingerprint(reader: FlaskClient) -> None:
    assert reader.get("/assets/0000000000000000/explorer.css").status_code == 404


@pytest.mark.parametrize("address", ["/", "/recommendations/R7", "/api", address_of("vendor/design-system.min.css")])
def test_comes_small_to_whoever_takes_gzip(reader: FlaskClient, address: str) -> None:
    plain = reader.get(address, headers=BROWSER)
    small = reader.get(address, headers=BROWSER | {"Accept-Encoding": "gzip, br"})

    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 2
    assert gzip.decompress(small.data) == plain.data


def test_is_known_again_when_it_came_small(reader: FlaskClient) -> None:
    tag = reader.get("/", headers=BROWSER | {"Accept-Encoding": "gzip"}).headers["ETag"]

    again = reader.get("/", headers=BROWSER | {"Accept-Encoding": "gzip", "If-None-Match": tag})

    assert (tag[:2], again.status_code, again.data) == ("W/", 304, b"")


def test_answers_of_the_api_come_as_they_are(reader: FlaskClient) -> None:
    answer = reader.get("/api/v1/recommendations", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers
