"""The page of the matrix: every link has its mark, what is missing is seen, and filters hide no gap."""

from collections import Counter
from datetime import date

import pytest
from flask.testing import FlaskClient

from api.database import Database
from models.vocabulary import BASES, BEARING_TYPES, EVIDENCE_KINDS
from tests.explorer.conftest import Opens
from tests.explorer.reading import Element, Reading
from tests.explorer.tables import inside, links_in, look, marked, paragraphs, rows_of, text_of, told
from tests.factories import an, link

PUBLISHED = date(2020, 1, 1)
MATRIX = "/api/v1/matrix?columns=evidence&cell=refs"


def _marks(page: Reading) -> list[str]:
    """The links that have a mark in the table."""
    return [
        address.rpartition("/")[2]
        for row in rows_of(page)
        for address in links_in(row)
        if address.startswith("/links/")
    ]


def _linked(client: FlaskClient, query: str = "") -> list[str]:
    """The links that the API has in the cells of the matrix."""
    rows = told(client, f"{MATRIX}{query}")["rows"]
    return [found for row in rows for cell in row["cells"] for found in cell["links"]]


def _mark(page: Reading, name: str) -> Element:
    """The mark of a link."""
    (found,) = [mark for mark in marked(page, "mark") if mark.get("href") == f"/links/{name}"]
    return found


def _heads(page: Reading) -> list[Element]:
    """The heads of the columns of recommendations."""
    return [head for head in page.all("th") if head.get("scope") == "col"][1:]


def _hatched(page: Reading) -> list[str]:
    """The recommendations whose column says that direct evidence is missing."""
    return [text_of(head).partition(" ")[0] for head in _heads(page) if "No direct evidence" in text_of(head)]


def _without_support(client: FlaskClient) -> list[str]:
    """The recommendations that no stated link supports, themselves or by a clause."""
    links = told(client, "/api/v1/links?type=supports&basis=stated&limit=200")["items"]
    supported = {found["target"].partition(".")[0] for found in links}
    refs = [row["ref"] for row in told(client, "/api/v1/recommendations?limit=200")["items"]]
    return [ref for ref in refs if ref not in supported]


def test_every_link_of_the_matrix_has_one_mark(reader: FlaskClient) -> None:
    marks = _marks(look(reader, "/matrix"))

    assert len(marks) > 30
    assert Counter(marks) == Counter(_linked(reader))


def test_each_mark_is_in_the_column_of_its_recommendation(reader: FlaskClient) -> None:
    page = look(reader, "/matrix")
    columns = [text_of(head).partition(" ")[0] for head in _heads(page)]

    placed = {
        (links_in(row)[0].rpartition("/")[2], column, address.rpartition("/")[2])
        for row in rows_of(page)
        if links_in(row)
        for column, cell in zip(columns, inside(row, "td"), strict=True)
        for address in links_in(cell)
    }

    there = told(reader, MATRIX)
    assert placed == {
        (column["ref"], row["ref"], found)
        for row in there["rows"]
        for column, cell in zip(there["columns"], row["cells"], strict=True)
        for found in cell["links"]
    }


@pytest.mark.parametrize(
    ("name", "shape", "says", "ringed"),
    [
        ("F018-supports-R8", "direct", "F018 and R8: supports, stated on the page", False),
        ("F024-supports-R2", "partial", "F024 and R2: supports, inferred by an analyst", True),
        ("F042-contextualises-R1", "context", "F042 and R1: contextualises, stated on the page", False),
        ("F025-qualifies-R3", "against", "F025 and R3: qualifies, stated on the page", False),
    ],
)
def test_a_mark_says_in_shape_and_words_what_the_link_is(
    reader: FlaskClient, name: str, shape: str, says: str, ringed: bool
) -> None:
    mark = _mark(look(reader, "/matrix"), name)

    assert [use.get("href") for use in inside(mark, "use")] == [f"#{shape}"]
    assert (text_of(mark), "ringed" in mark.get("class")) == (says, ringed)


def test_evidence_stands_under_its_kind(reader: FlaskClient) -> None:
    kinds = {row["ref"]: row["evidence_kind"] for row in told(reader, "/api/v1/evidence?limit=200")["items"]}
    tied = {row.split("-")[0] for row in _linked(reader)}

    heads = [text_of(head) for head in look(reader, "/matrix").all("th") if head.get("scope") == "rowgroup"]

    counts = Counter(kinds[ref] for ref in tied)
    words = {"audit_finding": "Audit findings", "observation": "Observations"}
    words |= {"survey_theme": "Survey themes", "statistic": "Statistics", "document": "Documents"}
    assert heads == [
        *(f"{words[kind]} {counts[kind]}" for kind in EVIDENCE_KINDS if counts[kind]),
        f"No link to a recommendation {len(kinds) - len(tied)}",
    ]


@pytest.mark.parametrize("query", ["", "?basis=inferred", "?via=contextualises", "?evidence_kind=statistic"])
def test_what_has_no_direct_evidence_is_judged_on_everything(reader: FlaskClient, query: str) -> None:
    page = look(reader, f"/matrix{query}")

    assert _hatched(page) == _without_support(reader) != []
    assert any("8 of 10 recommendations have no direct evidence" in line for line in paragraphs(page))


def test_what_filters_hide_is_not_called_a_gap(reader: FlaskClient) -> None:
    page = look(reader, "/matrix?via=supports&recommendation=R6&recommendation=R8")

    (said,) = marked(page, "hides")
    assert "Your filters hide all evidence for" in text_of(said)
    assert links_in(said) == ["/recommendations/R6"]
    assert _marks(page) == ["F018-supports-R8", "F019-supports-R8"]


def test_nothing_is_said_to_be_hidden_without_filters(reader: FlaskClient) -> None:
    assert marked(look(reader, "/matrix"), "hides") == []


@pytest.mark.parametrize("name", [*(f"via={word}" for word in BEARING_TYPES), *(f"basis={word}" for word in BASES)])
def test_filters_show_what_the_api_shows_for_them(reader: FlaskClient, name: str) -> None:
    page = look(reader, f"/matrix?{name}")

    assert Counter(_marks(page)) == Counter(_linked(reader, f"&{name}"))
    ticked = [box.get("name") + "=" + box.get("value") for box in page.all("input") if "checked" in box.attributes]
    assert ticked == [name]


def test_only_the_kind_that_is_asked_for_is_shown(reader: FlaskClient) -> None:
    kinds = {row["ref"]: row["evidence_kind"] for row in told(reader, "/api/v1/evidence?limit=200")["items"]}

    marks = _marks(look(reader, "/matrix?evidence_kind=statistic"))

    assert marks
    assert Counter(marks) == Counter(found for found in _linked(reader) if kinds[found.split("-")[0]] == "statistic")


def test_only_pinned_columns_are_shown(reader: FlaskClient) -> None:
    page = look(reader, "/matrix?recommendation=R8&recommendation=R3")

    assert [text_of(head).partition(" ")[0] for head in _heads(page)] == ["R3", "R8"]
    assert Counter(_marks(page)) == Counter(
        found for found in _linked(reader) if found.rpartition("-")[2] in {"R3", "R8"}
    )


def test_a_form_that_was_sent_with_empty_fields_asks_for_nothing(reader: FlaskClient) -> None:
    page = look(reader, "/matrix?review=&recommendation=&as_of=&known_at=")

    assert Counter(_marks(page)) == Counter(_linked(reader))
    assert not marked(page, "chosen")


def test_the_form_and_the_views_keep_the_day(reader: FlaskClient) -> None:
    page = look(reader, "/matrix?as_of=2018-01-01&basis=stated")

    form = next(element for element in page.all("form") if "choose" in element.get("class").split())
    assert [(box.get("name"), box.get("value")) for box in inside(form, "input") if box.get("type") == "hidden"] == [
        ("as_of", "2018-01-01")
    ]
    assert "/matrix?as_of=2018-01-01&basis=stated&view=links" in page.links()
    assert Counter(mark.partition("?")[0] for mark in _marks(page)) == Counter(
        _linked(reader, "&basis=stated&as_of=2018-01-01")
    )


@pytest.mark.parametrize(
    ("view", "question"),
    [("grid", "columns=evidence&cell=refs"), ("recommendations", "columns=evidence_kind&cell=count")],
)
def test_the_same_question_can_be_had_as_data(reader: FlaskClient, view: str, question: str) -> None:
    page = look(reader, f"/matrix?view={view}&basis=stated&via=supports")

    (first,) = marked(page, "as")
    (address,) = [link for link in links_in(first) if link.endswith("format=csv")]
    rows = "&".join(f"row=R{number}" for number in range(1, 11))
    assert address == f"/api/v1/matrix?{question}&via=supports&basis=stated&{rows}&format=csv"
    assert reader.get(address).mimetype == "text/csv"


def test_a_row_for_each_recommendation_counts_as_the_api_does(reader: FlaskClient) -> None:
    rows = rows_of(look(reader, "/matrix?view=recommendations"))

    there = told(reader, "/api/v1/matrix?columns=evidence_kind&cell=count")
    unsupported = _without_support(reader)
    kinds = len(there["columns"])
    assert len(rows) == len(there["rows"])
    for row, line in zip(rows, there["rows"], strict=True):
        cells = [text_of(cell) for cell in inside(row, "td")]
        assert [int(cell.split()[0]) for cell in cells[:kinds]] == [cell["count"] for cell in line["cells"]]
        inferred = [cell["inferred"] for cell in line["cells"]]
        assert [f"{count} inferred" in cell for cell, count in zip(cells, inferred, strict=False)] == [
            count > 0 for count in inferred
        ]
        assert (cells[kinds] == "None") == (line["ref"] in unsupported)
        assert cells[-1] == ", ".join(gap.replace("_", " ") for gap in line["gaps"])


def test_the_list_has_every_link_with_its_reason(reader: FlaskClient) -> None:
    rows = rows_of(look(reader, "/matrix?view=links"))
    bearing = "&type=".join(BEARING_TYPES)
    links = {row["id"]: row for row in told(reader, f"/api/v1/links?limit=200&type={bearing}")["items"]}

    shown = [(links_in(row)[1].rpartition("/")[2], text_of(inside(row, "td")[-1])) for row in rows]

    linked = _linked(reader)
    assert Counter(shown) == Counter((name, " ".join(links[name]["rationale"].split())) for name in linked)


@pytest.mark.parametrize("view", ["grid", "recommendations", "links"])
def test_a_record_without_recommendations_says_so(database: Database, opens: Opens, view: str) -> None:
    page = look(opens(database).test_client(), f"/matrix?view={view}")

    assert "No recommendation is on record." in paragraphs(page)


def test_each_way_to_a_recommendation_has_a_mark_and_a_tie_in_part_looks_like_one(
    database: Database, opens: Opens
) -> None:
    with database.writing("a test", "Three ways") as session:
        asked = an("recommendation", session, parent=an("review", session, published_on=PUBLISHED), ref="R", number=1)
        clause = an("clause", session, parent=asked, ref="R.1", number=1)
        found = an("evidence", session, ref="E")
        link(session, found, "supports", asked, ref="moderately", strength="moderate")
        link(session, found, "supports", clause, ref="strongly", strength="strong")
        link(session, an("evidence", session, ref="D"), "derived_from", found)
        link(session, an("evidence", session, ref="F"), "supports", asked, ref="weakly", strength="weak")
        link(session, session.merge(found), "qualifies", clause, ref="qualifying")

    page = look(opens(database).test_client(), "/matrix")

    shapes = {mark.get("href"): [use.get("href") for use in inside(mark, "use")] for mark in marked(page, "mark")}
    assert shapes == {
        "/links/moderately": ["#partial"],
        "/links/strongly": ["#direct"],
        "/links/weakly": ["#partial"],
        "/links/qualifying": ["#against"],
        "": [],
    }
    (row,) = [row for row in rows_of(page) if text_of(row).startswith("E") or "/evidence/E" in links_in(row)]
    assert len(inside(inside(row, "td")[0], "a")) == 3


def test_a_link_whose_end_has_changed_is_marked_as_suspect(database: Database, opens: Opens) -> None:
    with database.writing("a test", "A link") as session:
        asked = an("recommendation", session, parent=an("review", session, published_on=PUBLISHED), ref="R", number=1)
        found = an("evidence", session, ref="E")
        link(session, found, "supports", asked, ref="L")
    with database.writing("a test", "Another statement") as session:
        session.merge(found).statement = "Another thing was observed."

    mark = _mark(look(opens(database).test_client(), "/matrix"), "L")

    assert "suspect" in text_of(mark)


def test_an_unknown_view_is_refused(reader: FlaskClient) -> None:
    assert reader.get("/matrix?view=pie", headers={"Accept": "text/html"}).status_code == 422
