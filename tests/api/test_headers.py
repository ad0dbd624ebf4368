"""Headers: conditional requests, HEAD, caching, and those that keep a browser safe."""

import pytest
from flask.testing import FlaskClient

PATHS = ["/", "/api/v1/live", "/api/v1/reviews", "/api/v1/recommendations/R3", "/api/v1/matrix", "/api/v1/openapi.json"]
EVERYWHERE = [
    *PATHS,
    "/api/docs",
    "/api/docs/start.js",
    "/nowhere",
    "/api/v1/reviews?nope=1",
    "/api/v1/matrix?format=csv",
]


@pytest.mark.parametrize("path", PATHS)
def test_answers_that_nothing_changed(client: FlaskClient, path: str) -> None:
    tag = client.get(path).headers["ETag"]

    answer = client.get(path, headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize("condition", ['"other", {tag}', "W/{tag}", "*"])
def test_knows_a_tag_among_others(client: FlaskClient, condition: str) -> None:
    tag = client.get("/api/v1/reviews").headers["ETag"]

    answer = client.get("/api/v1/reviews", headers={"If-None-Match": condition.format(tag=tag)})

    assert answer.status_code == 304


@pytest.mark.parametrize("condition", ['"other"', "", "garbage"])
def test_answers_in_full_where_the_tag_is_another(client: FlaskClient, condition: str) -> None:
    answer = client.get("/api/v1/reviews", headers={"If-None-Match": condition})

    assert (answer.status_code, bool(answer.data)) == (200, True)


def test_tags_each_representation_differently(client: FlaskClient) -> None:
    paths = ["/api/v1/evidence", "/api/v1/evidence?limit=2", "/api/v1/evidence?as_of=2017-06-29", "/api/v1/reviews"]

    tags = {client.get(path).headers["ETag"] for path in paths}

    assert len(tags) == len(paths)


@pytest.mark.parametrize("path", [*PATHS, "/api/v1/matrix?format=csv", "/api/v1/matrix?format=xlsx", "/api/docs"])
def test_answers_head_as_get_without_a_body(client: FlaskClient, path: str) -> None:
    get = client.get(path)

    head = client.head(path)

    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert head.headers.get("ETag") == get.headers.get("ETag")


def test_answers_head_of_what_is_not_there(client: FlaskClient) -> None:
    answer = client.head("/api/v1/reviews/none")

    assert (answer.status_code, answer.data) == (404, b"")


@pytest.mark.parametrize("path", PATHS)
def test_names_the_methods_to_who_asks(client: FlaskClient, path: str) -> None:
    writes = {"/api/v1/reviews": {"POST"}, "/api/v1/recommendations/R3": {"PATCH", "DELETE"}}

    answer = client.options(path)

    assert answer.status_code == 200
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"} | writes.get(path, set())


@pytest.mark.parametrize("path", [*PATHS, "/api/v1/matrix?format=csv"])
def test_says_on_what_an_answer_depends(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["Vary"] == "Accept, Authorization"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_says_on_what_an_unchanged_answer_depends(client: FlaskClient) -> None:
    tag = client.get("/api/v1/reviews").headers["ETag"]

    answer = client.get("/api/v1/reviews", headers={"If-None-Match": tag})

    assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Accept, Authorization", "no-cache")


@pytest.mark.parametrize("path", EVERYWHERE)
def test_lets_no_browser_guess_a_type_or_tell_where_it_came_from(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", [path for path in EVERYWHERE if path != "/api/docs"])
def test_lets_nothing_load_or_frame_an_answer(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_lets_the_documentation_load_its_own_files_alone(client: FlaskClient) -> None:
    policy = client.get("/api/docs").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_has_every_file_that_the_documentation_loads(client: FlaskClient) -> None:
    page = client.get("/api/docs").get_data(as_text=True)

    files = [part.split('"')[0] for mark in ('src="', 'href="') for part in page.split(mark)[1:]]

    assert len(files) == 5
    assert {file: client.get(file).status_code for file in files} == dict.fromkeys(files, 200)


def test_sets_no_cookie(client: FlaskClient) -> None:
    answer = client.get("/api/v1/recommendations")

    assert "Set-Cookie" not in answer.headers
