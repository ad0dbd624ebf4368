"""Every page: it is there, safe and whole."""

import re
from collections import Counter
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from explorer.declaring import POLICY
from tests.explorer.pages import BROWSER, EXAMPLES, PAGES
from tests.explorer.reading import Reading

_KEYWORDS = re.compile(r"'(none|self)'")


def _read(reader: FlaskClient, address: str) -> Reading:
    return Reading(reader.get(address, headers=BROWSER).get_data(as_text=True))


def test_there_are_pages() -> None:
    assert {"/", "/recommendations", "/recommendations/<ref>", "/api", "/sign-in"} <= {page.path for page in PAGES}
    assert all(page.doc for page in PAGES)
    assert not any(page.declared.published for page in PAGES)


@pytest.mark.parametrize("example", EXAMPLES)
def test_is_there(reader: FlaskClient, example: str) -> None:
    answer = reader.get(example, headers=BROWSER)

    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("example", [*EXAMPLES, "/nowhere"])
def test_loads_and_runs_nothing_of_others(reader: FlaskClient, example: str) -> None:
    answer = reader.get(example, headers=BROWSER)

    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = Reading(answer.get_data(as_text=True))
    assert page.loaded()
    assert [address for address in page.loaded() if not address.startswith("/assets/")] == []
    assert [element.name for element in page.all("style", "base", "iframe", "object", "embed")] == []
    assert [element.text for element in page.all("script") if element.text.strip() or not element.get("src")] == []
    assert page.with_attribute("style") == []
    assert [name for element in page.elements for name in element.attributes if name.startswith("on")] == []


def test_its_policy_lets_nothing_in_from_elsewhere() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))

    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert {word for rule in rules.values() for word in _KEYWORDS.sub("", rule).split()} == {"data:"}
    assert "data:" in rules["img-src"]


@pytest.mark.parametrize("example", [*EXAMPLES, "/nowhere", "/recommendations?nonsense=1"])
def test_is_whole(reader: FlaskClient, example: str) -> None:
    page = _read(reader, example)

    assert page.wrong == []
    (html,) = page.all("html")
    assert html.get("lang") == "en-GB"
    (title,), (_h1,), (main,) = page.in_head("title"), page.all("h1"), page.all("main")
    assert len(title.text) > len(" - MAPPA recommendations")
    assert page.links()[0] == f"#{main.get('id')}"
    names = Counter(element.get("id") for element in page.with_attribute("id"))
    assert [name for name, count in names.items() if count > 1] == []
    referred = {
        name
        for element in page.elements
        for attribute in ("for", "aria-labelledby", "aria-describedby")
        for name in element.get(attribute).split()
    }
    assert referred - set(names) == set()


@pytest.mark.parametrize("example", [*EXAMPLES, "/nowhere"])
def test_names_everything_that_can_be_used(reader: FlaskClient, example: str) -> None:
    page = _read(reader, example)

    labelled = {label.get("for") for label in page.all("label") if label.name_for_people}
    fields = [field for field in page.all("input", "select", "textarea") if field.get("type") != "hidden"]
    assert fields
    assert [field for field in fields if field.get("id") not in labelled and not field.get("aria-label")] == []
    assert [element for element in page.all("a", "button", "summary", "th") if not element.name_for_people] == []
    within = [(element, {outer.name for outer in element.above()}) for element in page.all("a", "button", "input")]
    assert [element for element, outer in within if outer & {"a", "button"}] == []
    assert [image for image in page.all("img") if "alt" not in image.attributes] == []
    drawn = [
        svg for svg in page.all("svg") if not any(svg.get(f"aria-{word}") for word in ("label", "labelledby", "hidden"))
    ]
    assert drawn == []
    regions = page.with_attribute("tabindex")
    assert [region for region in regions if not (region.get("aria-label") or region.get("aria-labelledby"))] == []
    assert {region.get("tabindex") for region in regions} <= {"0", "-1"}


@pytest.mark.parametrize("example", EXAMPLES)
def test_its_tables_have_headers_and_its_headings_skip_no_level(reader: FlaskClient, example: str) -> None:
    page = _read(reader, example)

    assert {th.get("scope") for th in page.all("th")} <= {"col", "row", "colgroup", "rowgroup"}
    headed = {outer for th in page.all("th") for outer in map(id, th.above())}
    assert [table for table in page.all("table") if id(table) not in headed] == []
    levels = [int(heading.name[1]) for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1] == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nowhere", 404),
        ("/recommendations/none", 404),
        ("/recommendations?nonsense=1", 422),
        ("/recommendations?limit=x", 422),
    ],
)
def test_tells_people_on_a_page_what_was_wrong_and_programs_as_a_problem(
    reader: FlaskClient, address: str, status: int
) -> None:
    shown = reader.get(address, headers=BROWSER)
    told = reader.get(address, headers={"Accept": "*/*"})

    assert shown.status_code == told.status_code == status
    assert (shown.content_type, told.content_type) == ("text/html; charset=utf-8", "application/problem+json")
    assert told.get_json()["title"] in shown.get_data(as_text=True)
    assert shown.headers["Cache-Control"] == told.headers["Cache-Control"] == "no-store"


def test_tells_browsers_the_problems_of_the_api_as_problems(reader: FlaskClient) -> None:
    assert reader.get("/api/v1/reviews/none", headers=BROWSER).content_type == "application/problem+json"


@pytest.mark.parametrize("accepted", ["*/*", "application/json", None])
def test_gives_the_index_to_programs_at_its_root(reader: FlaskClient, accepted: str | None) -> None:
    answer = reader.get("/", headers={"Accept": accepted} if accepted else {})

    assert answer.get_json()["links"]["recommendations"] == "/api/v1/recommendations"


@pytest.mark.parametrize("example", EXAMPLES)
def test_is_not_written_to(reader: FlaskClient, example: str) -> None:
    statuses = {reader.open(example, method=method).status_code for method in ("PUT", "PATCH", "DELETE")}

    assert statuses == {405}


@pytest.mark.parametrize("example", EXAMPLES)
def test_answers_head_as_get_without_a_body(reader: FlaskClient, example: str) -> None:
    head = reader.head(example, headers=BROWSER)

    assert (head.status_code, head.data, head.content_type) == (200, b"", "text/html; charset=utf-8")
