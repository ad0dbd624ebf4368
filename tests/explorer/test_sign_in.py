"""Signing in: a key given once says who reads in this browser until he leaves; the API takes no cookie."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug.http import parse_cookie

import explorer.session
from tests.explorer import signing_in
from tests.explorer.conftest import Opens, give_key
from tests.explorer.pages import BROWSER, data_pages_of
from tests.explorer.reading import Reading
from tests.explorer.signing_in import HIDDEN, SHOWN, Arranged, Browser, keys_of

arranged, browser, signed_in = signing_in.arranged, signing_in.browser, signing_in.signed_in


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Every line of the log, with its fields."""

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{self.format(record)} {vars(record)}")

    lines: list[str] = []
    listening = Listening()
    logging.getLogger().addHandler(listening)
    logging.getLogger("mappa").setLevel(logging.INFO)
    yield lines
    logging.getLogger("mappa").setLevel(logging.NOTSET)
    logging.getLogger().removeHandler(listening)


def test_leads_to_the_first_page_and_shows_what_the_key_shows(arranged: Arranged, browser: Browser) -> None:
    before = browser.open("/recommendations").text
    answer = browser.sign_in(arranged.key)
    after = browser.open("/recommendations").text

    assert (answer.status_code, answer.headers["Location"], answer.data) == (303, "/", b"")
    assert (SHOWN in before, HIDDEN in before) == (True, False)
    assert (SHOWN in after, HIDDEN in after) == (True, True)


def test_pages_say_who_is_signed_in_and_how_to_leave(signed_in: Browser) -> None:
    for address in ("/", "/recommendations/R-1", "/about-the-data", "/accessibility"):
        page = Reading(signed_in.open(address).text)

        assert "an-inspector" in page.said
        assert "/sign-out" in {form.get("action") for form in page.all("form")}
        assert "/sign-in" not in page.links()


def test_pages_offer_everybody_else_to_sign_in(browser: Browser) -> None:
    page = Reading(browser.open("/recommendations").text)

    assert "/sign-in" in page.links()
    assert {form.get("action") for form in page.all("form")}.isdisjoint({"/sign-out"})


def test_says_whom_a_header_names(arranged: Arranged, browser: Browser) -> None:
    answer = browser.open("/recommendations", Authorization=f"Bearer {arranged.key}")

    assert HIDDEN in answer.text
    assert "an-inspector" in answer.text
    assert "/sign-out" not in answer.text


def test_a_header_counts_and_no_cookie_beside_it(arranged: Arranged, signed_in: Browser) -> None:
    other = give_key(arranged.database, "auditor", name="an-auditor")

    known = signed_in.open("/recommendations", Authorization=f"Bearer {other}")
    unknown = signed_in.open("/recommendations", Authorization="Bearer nobody")

    assert ("an-auditor" in known.text, HIDDEN in known.text) == (True, False)
    assert unknown.status_code == 401


@pytest.mark.parametrize(
    "address", ["/api/v1/me", "/api/v1/recommendations", "/api/v1/recommendations/R-2", "/metrics"]
)
@pytest.mark.parametrize("accept", [BROWSER["Accept"], "*/*", "application/json"])
def test_no_cookie_authorises_the_api(signed_in: Browser, browser: Browser, address: str, accept: str) -> None:
    with_cookie = signed_in.client.get(address, headers={"Accept": accept})
    without = browser.client.get(address, headers={"Accept": accept})

    assert signed_in.cookie
    assert (with_cookie.status_code, with_cookie.data) == (without.status_code, without.data)
    assert with_cookie.status_code in {200, 401, 404, 406}
    assert HIDDEN not in with_cookie.text


def test_no_cookie_authorises_the_index_or_a_write(arranged: Arranged, signed_in: Browser) -> None:
    index = signed_in.client.get("/", headers={"Accept": "application/json"})
    written = signed_in.client.post("/api/v1/bodies?reason=x", json={"title": "A body"}, headers=BROWSER)

    assert index.get_json() == arranged.app.test_client().get("/").get_json()
    assert written.status_code == 401


def test_pages_asked_for_by_programs_take_no_cookie(signed_in: Browser) -> None:
    assert HIDDEN not in signed_in.client.get("/recommendations", headers={"Accept": "*/*"}).text


def test_the_cookie_is_for_this_service_and_this_session_alone(arranged: Arranged, browser: Browser) -> None:
    told = browser.sign_in(arranged.key).headers.getlist("Set-Cookie")

    (cookie,) = told
    assert {part.strip() for part in cookie.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=Strict"}


@pytest.mark.parametrize("settings", [{"public_url": "https://mappa.example"}, {}])
def test_by_https_the_cookie_goes_by_https_alone(arranged: Arranged, opens: Opens, settings: dict[str, Any]) -> None:
    client = opens(arranged.database, **settings).test_client()

    answer = client.get("/sign-in", headers=BROWSER, base_url="http://x" if settings else "https://x")

    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-mappa=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}


def test_nobody_reads_the_key_from_the_cookie(arranged: Arranged, signed_in: Browser, opens: Opens) -> None:
    other = opens(arranged.database)
    object.__setattr__(other.extensions["mappa"].settings, "secret_key", "another")
    client = other.test_client()
    client.set_cookie("mappa", signed_in.cookie)

    assert arranged.key not in signed_in.cookie
    assert HIDDEN not in client.get("/recommendations", headers=BROWSER).text


def test_a_cookie_that_was_altered_is_none(signed_in: Browser) -> None:
    place = len(signed_in.cookie) // 2
    other = "A" if signed_in.cookie[place] != "A" else "B"
    signed_in.client.set_cookie("mappa", signed_in.cookie[:place] + other + signed_in.cookie[place + 1 :])

    answer = signed_in.open("/recommendations")

    assert (answer.status_code, HIDDEN in answer.text, "/sign-in" in answer.text) == (200, False, True)


@pytest.mark.parametrize("cookie", ["", "x", "é", "gAAAA", "x" * 5_000])
def test_a_cookie_that_is_none_of_ours_is_none(browser: Browser, cookie: str) -> None:
    answer = browser.open("/recommendations", Cookie=f"mappa={cookie}")

    assert (answer.status_code, "/sign-in" in answer.text) == (200, True)


def test_a_session_ends_by_itself(signed_in: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explorer.session, "_SECONDS", -1)

    assert HIDDEN not in signed_in.open("/recommendations").text


def test_every_session_is_new(arranged: Arranged, browser: Browser) -> None:
    token = browser.token()
    first = browser.cookie
    browser.send("/sign-in", {"token": token, "key": arranged.key})

    again = browser.send("/sign-in", {"token": token, "key": arranged.key})

    assert browser.cookie != first
    assert again.status_code == 403


def test_leaves(signed_in: Browser) -> None:
    answer = signed_in.send("/sign-out", {"token": signed_in.token("/recommendations", "/sign-out")})

    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert parse_cookie(answer.headers["Set-Cookie"])["Max-Age"] == "0"
    assert signed_in.cookie == ""
    assert HIDDEN not in signed_in.open("/recommendations").text


def test_an_unknown_key_is_refused_on_a_page(browser: Browser) -> None:
    answer = browser.sign_in("mtr_nobodys-key")

    assert (answer.status_code, answer.content_type) == (401, "text/html; charset=utf-8")
    assert "/sign-in" in Reading(answer.text).links()
    assert "mtr_nobodys-key" not in answer.text
    assert "/sign-out" not in browser.open("/recommendations").text


def test_a_key_that_has_ended_is_said_to_and_can_be_left(arranged: Arranged, signed_in: Browser) -> None:
    arranged.end_key()

    answer = signed_in.open("/recommendations")
    left = signed_in.send("/sign-out", {"token": signed_in.token("/recommendations", "/sign-out")})

    assert (answer.status_code, answer.content_type) == (401, "text/html; charset=utf-8")
    assert answer.headers["Cache-Control"] == "no-store"
    assert (left.status_code, signed_in.open("/recommendations").status_code) == (303, 200)


def test_another_key_can_be_given_when_one_has_ended(arranged: Arranged, signed_in: Browser) -> None:
    arranged.end_key()
    other = give_key(arranged.database, "auditor", name="an-auditor")

    assert signed_in.sign_in(other).status_code == 303
    assert "an-auditor" in signed_in.open("/recommendations").text


def test_failures_count_as_those_of_the_api(arranged: Arranged, opens: Opens) -> None:
    browser = Browser(opens(arranged.database, failures_a_minute=3).test_client())
    statuses = [browser.sign_in("mtr_nobodys-key").status_code for _ in range(2)]
    statuses.append(browser.client.get("/api/v1/me", headers={"Authorization": "Bearer nobody"}).status_code)

    late = browser.sign_in("mtr_nobodys-key")

    assert (statuses, late.status_code) == ([401, 401, 401], 429)
    assert int(late.headers["Retry-After"]) > 0
    assert browser.sign_in(arranged.key).status_code == 303


def test_no_cache_gives_a_readers_page_to_another(arranged: Arranged, signed_in: Browser, browser: Browser) -> None:
    for page in data_pages_of(arranged.app):
        if "<" in page.path or page.path.startswith("/api/"):
            continue
        public = browser.open(page.path)
        own = signed_in.open(page.path)
        again = browser.open(page.path)

        assert own.status_code == public.status_code, page.path
        assert (public.status_code != 200) or own.headers["Cache-Control"] == "private, no-store", page.path
        assert {"Accept", "Authorization", "Cookie"} <= set(own.vary) & set(public.vary), page.path
        assert again.data == public.data, page.path
        assert "an-inspector" not in public.text, page.path


def test_what_is_remembered_for_everybody_is_not_given_to_whom_it_does_not_suit(
    arranged: Arranged, signed_in: Browser, browser: Browser
) -> None:
    browser.open("/recommendations")

    assert HIDDEN in signed_in.open("/recommendations").text
    assert HIDDEN not in browser.open("/recommendations").text


def test_the_pages_that_sign_in_are_kept_by_nobody(arranged: Arranged, browser: Browser) -> None:
    asked = browser.open("/sign-in")
    answered = browser.sign_in(arranged.key)

    assert [answer.headers["Cache-Control"] for answer in (asked, answered)] == ["private, no-store"] * 2
    assert arranged.browser().token() != browser.token()


def test_looking_at_pages_sets_no_cookie(browser: Browser) -> None:
    answers = [browser.open(address) for address in ("/", "/recommendations", "/api", "/about-the-data", "/nowhere")]

    assert [answer.headers.getlist("Set-Cookie") for answer in answers] == [[]] * len(answers)


def test_logs_no_key_and_no_cookie(arranged: Arranged, browser: Browser, heard: list[str]) -> None:
    browser.sign_in("mtr_nobodys-key")
    browser.send("/sign-in", {"token": "x", "key": arranged.key})
    browser.sign_in(arranged.key)
    browser.open("/recommendations")
    told = "\n".join(heard)

    assert told.count("answered") >= 6
    assert "an-inspector" in told
    assert [secret for secret in (arranged.key, "mtr_nobodys-key", browser.cookie) if secret in told] == []


def test_the_use_of_the_key_is_noted(arranged: Arranged, signed_in: Browser) -> None:
    signed_in.open("/recommendations")

    with arranged.database.reading() as session:
        (row,) = keys_of(session)
    assert str(row["last_used_at"])[:10] == datetime.now(UTC).date().isoformat()
