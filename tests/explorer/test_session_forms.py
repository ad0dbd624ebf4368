"""The forms of a session: taken from their own page in their own browser, whole and small."""

import pytest

import explorer.session
from api.call import Service
from explorer.posting import MOST_BYTES
from explorer.session import MOST_CHARACTERS
from tests.explorer import signing_in
from tests.explorer.pages import BROWSER
from tests.explorer.signing_in import HIDDEN, Arranged, Browser

arranged, browser, signed_in = signing_in.arranged, signing_in.browser, signing_in.signed_in


@pytest.mark.parametrize("token", ["", "x", None])
@pytest.mark.parametrize("address", ["/sign-in", "/sign-out"])
def test_a_form_without_its_token_is_refused(
    arranged: Arranged, signed_in: Browser, address: str, token: str | None
) -> None:
    key = {"key": arranged.key} if address == "/sign-in" else {}

    answer = signed_in.send(address, key | ({"more": "x"} if token is None else {"token": token}))

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_a_token_of_another_session_is_none(arranged: Arranged, browser: Browser, signed_in: Browser) -> None:
    others = arranged.browser().token()

    assert browser.send("/sign-in", {"token": others, "key": arranged.key}).status_code == 403
    assert signed_in.send("/sign-out", {"token": others}).status_code == 403
    assert HIDDEN in signed_in.open("/recommendations").text


def test_a_form_without_its_cookie_is_refused(arranged: Arranged, browser: Browser) -> None:
    token = browser.token()
    browser.client.delete_cookie("mappa")

    assert browser.send("/sign-in", {"token": token, "key": arranged.key}).status_code == 403


@pytest.mark.parametrize(
    "told",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://localhost.elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_from_elsewhere_is_refused(arranged: Arranged, browser: Browser, told: dict[str, str]) -> None:
    answer = browser.send("/sign-in", {"token": browser.token(), "key": arranged.key}, **told)

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("told", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_form_of_our_own_is_taken_from_old_browsers_too(
    arranged: Arranged, browser: Browser, told: dict[str, str]
) -> None:
    fields = {"token": browser.token(), "key": arranged.key}

    assert browser.client.post("/sign-in", data=fields, headers=BROWSER | told).status_code == 303


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 422),
        ({"key": ""}, 422),
        ({"key": "with a space"}, 422),
        ({"key": "two\nlines"}, 422),
        ({"key": "é"}, 422),
        ({"key": "x" * (MOST_CHARACTERS + 1)}, 422),
        ({"key": "x" * MOST_CHARACTERS}, 401),
        ({"key": "x", "more": "y"}, 422),
        ({"key": "x" * MOST_BYTES}, 413),
    ],
)
def test_a_form_is_held_to_its_fields_and_size(browser: Browser, fields: dict[str, str], status: int) -> None:
    assert browser.send("/sign-in", {"token": browser.token()} | fields).status_code == status


def test_the_longest_key_fits_into_a_cookie(browser: Browser) -> None:
    request = browser.client.application.test_request_context().request
    service: Service = browser.client.application.extensions["mappa"]
    longest = explorer.session.new_session("x" * MOST_CHARACTERS)

    _name, cookie = explorer.session.cookie_of(longest, request, service.settings)

    assert len(cookie) < 4_096


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_nothing_but_a_form_is_taken(browser: Browser, kind: str) -> None:
    answer = browser.client.post("/sign-in", data=b"{}", headers=BROWSER | {"Content-Type": kind})

    assert answer.status_code == 415
