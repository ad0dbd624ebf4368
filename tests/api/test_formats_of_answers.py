"""Formats: what Accept and `format` choose, what a download is called, and that it can be read again."""

import csv
import io

import openpyxl
import pytest
from flask.testing import FlaskClient

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {"json": "application/json", "csv": "text/csv", "xlsx": XLSX, "markdown": "text/markdown"}
EXTENSIONS = {"csv": "csv", "xlsx": "xlsx", "markdown": "md"}
TABULAR = ["recommendations", "evidence", "matrix", "gaps", "links", "recommendations/R7/timeline"]
TABULAR += ["clauses", "recommendations/R7/bodies"]


def sheets(content: bytes) -> dict[str, list[tuple[object, ...]]]:
    """The rows of each sheet of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets}
    book.close()
    return found


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file by the names of its columns."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("path", TABULAR)
def test_gives_the_format_that_people_name(client: FlaskClient, path: str, name: str) -> None:
    answer = client.get(f"/api/v1/{path}?format={name}")

    assert (answer.status_code, answer.mimetype) == (200, TYPES[name])


@pytest.mark.parametrize("name", TYPES)
@pytest.mark.parametrize("path", TABULAR)
def test_gives_the_type_that_programs_accept(client: FlaskClient, path: str, name: str) -> None:
    answer = client.get(f"/api/v1/{path}", headers={"Accept": TYPES[name]})

    assert (answer.status_code, answer.mimetype) == (200, TYPES[name])


@pytest.mark.parametrize(
    ("accept", "mimetype"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/*", "text/csv"),
        ("text/csv;q=0.1, application/json;q=0.9", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("application/json;q=0, */*", "text/csv"),
        ("APPLICATION/JSON", "application/json"),
        ("application/json; charset=utf-8", "application/json"),
        ("text/csv; charset=utf-8", "text/csv"),
        ("text/csv;header=present", "text/csv"),
        ("text/markdown;variant=CommonMark", "text/markdown"),
    ],
)
def test_chooses_by_accept(client: FlaskClient, accept: str, mimetype: str) -> None:
    answer = client.get("/api/v1/reviews", headers={"Accept": accept})

    assert (answer.status_code, answer.mimetype) == (200, mimetype)


def test_gives_json_where_nothing_is_asked_for(client: FlaskClient) -> None:
    answer = client.get("/api/v1/reviews")

    assert answer.mimetype == "application/json"


def test_lets_a_named_format_win_over_accept(client: FlaskClient) -> None:
    answer = client.get("/api/v1/reviews?format=json", headers={"Accept": "text/csv"})

    assert answer.mimetype == "application/json"


def test_names_the_formats_that_exist_where_one_does_not(client: FlaskClient) -> None:
    answer = client.get("/api/v1/reviews?format=pdf")

    assert answer.status_code == 406
    assert all(name in answer.get_json()["detail"] for name in TYPES)


@pytest.mark.parametrize("name", EXTENSIONS)
@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("matrix", "matrix"),
        ("recommendations/R7/timeline", "recommendations-R7-timeline"),
        ("evidence?as_of=2017-06-29", "evidence-as-of-2017-06-29"),
    ],
)
def test_names_a_download_after_its_question(client: FlaskClient, path: str, stem: str, name: str) -> None:
    answer = client.get(f"/api/v1/{path}{'&' if '?' in path else '?'}format={name}")

    assert answer.headers["Content-Disposition"] == f'attachment; filename="{stem}.{EXTENSIONS[name]}"'


def test_offers_json_for_reading_and_not_as_a_download(client: FlaskClient) -> None:
    answer = client.get("/api/v1/matrix")

    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize("collection", ["recommendations", "evidence", "bodies", "links"])
def test_writes_the_items_of_json_as_rows_of_csv(client: FlaskClient, collection: str) -> None:
    items = client.get(f"/api/v1/{collection}?limit=200").get_json()["items"]

    rows = rows_of(client.get(f"/api/v1/{collection}?limit=200&format=csv").data)

    key = "id" if collection == "links" else "ref"
    assert [row[key] for row in rows] == [item[key] for item in items]


def test_writes_the_published_words_into_csv(client: FlaskClient) -> None:
    items = client.get("/api/v1/recommendations").get_json()["items"]

    rows = rows_of(client.get("/api/v1/recommendations?format=csv").data)

    assert [row["text"] for row in rows] == [item["text"] for item in items]


def test_says_in_csv_how_each_recommendation_stands(client: FlaskClient) -> None:
    rows = rows_of(client.get("/api/v1/recommendations?format=csv").data)

    assert {row["ref"]: row["verified_status"] for row in rows}["R3"] == "not_met"


def test_writes_only_the_fields_asked_for(client: FlaskClient) -> None:
    rows = rows_of(client.get("/api/v1/bodies?fields=title&format=csv").data)

    assert set(rows[0]) == {"ref", "kind", "title"}


def test_writes_the_same_items_into_xlsx(client: FlaskClient) -> None:
    items = client.get("/api/v1/evidence?limit=200").get_json()["items"]

    header, *rows = sheets(client.get("/api/v1/evidence?limit=200&format=xlsx").data)["Items"]

    column = header.index("ref")
    assert [row[column] for row in rows] == [item["ref"] for item in items]


def test_has_three_sheets_in_the_workbook_of_the_matrix(client: FlaskClient) -> None:
    book = sheets(client.get("/api/v1/matrix?format=xlsx").data)

    assert list(book) == ["Matrix", "Links", "About"]


def test_has_a_row_for_each_recommendation_in_the_workbook_of_the_matrix(client: FlaskClient) -> None:
    matrix = client.get("/api/v1/matrix").get_json()

    rows = sheets(client.get("/api/v1/matrix?format=xlsx").data)["Matrix"]

    refs = [row["ref"] for row in matrix["rows"]]
    assert [row[0] for row in rows if row[0] in refs] == refs


def test_lists_the_links_behind_the_cells_in_the_workbook_of_the_matrix(client: FlaskClient) -> None:
    matrix = client.get("/api/v1/matrix?cell=refs").get_json()

    rows = sheets(client.get("/api/v1/matrix?cell=refs&format=xlsx").data)["Links"]

    links = {link for row in matrix["rows"] for cell in row["cells"] for link in cell["links"]}
    assert links <= {cell for row in rows for cell in row}


@pytest.mark.parametrize("name", ["xlsx", "markdown"])
def test_says_inside_a_download_what_it_is_an_answer_to(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/api/v1/matrix?as_of=2017-06-29&basis=stated&format={name}")

    told = str(sheets(answer.data)["About"]) if name == "xlsx" else answer.get_data(as_text=True)
    assert all(word in told for word in ("/api/v1/matrix", "2017-06-29", "stated", "PUBLIC"))


@pytest.mark.parametrize("path", TABULAR)
def test_writes_tables_in_markdown_with_as_many_cells_as_columns(client: FlaskClient, path: str) -> None:
    text = client.get(f"/api/v1/{path}?format=markdown").get_data(as_text=True)

    lines = [line for line in text.splitlines() if line.startswith("|")]
    widths = [line.replace("\\|", "").count("|") for line in lines]
    starts = [number for number, line in enumerate(lines) if set(line) <= set("|-: ")]
    assert starts
    assert all(widths[start - 1] == widths[start] for start in starts)


@pytest.mark.parametrize("name", TYPES)
def test_writes_the_same_bytes_twice(client: FlaskClient, name: str) -> None:
    first = client.get(f"/api/v1/matrix?format={name}").data

    second = client.get(f"/api/v1/matrix?format={name}").data

    assert first == second
