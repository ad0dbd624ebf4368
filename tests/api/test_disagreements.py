"""Disagreements, the bodies of a recommendation, and the status of clauses, as a client reads them."""

import csv
import io
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.schemas.disagreements import DisagreementSchema
from api.schemas.parts import PartSchema
from api.settings import Settings
from models.vocabulary import DISAGREEMENTS
from tests.api.command import url_of
from tests.api.test_formats_of_answers import rows_of, sheets
from tests.conftest import Databases
from tests.models import planted

API = "/api/v1"


@pytest.fixture(scope="module")
def programme(databases: Databases) -> Iterator[FlaskClient]:
    """A client of a programme in which every disagreement is planted once."""
    database = databases.copy("empty")
    with database.writing("a test", "Plant") as session:
        planted.plant(session)
    app = create_app(Settings(url_of(database), "test"))
    yield app.test_client()
    app.extensions["mappa"].database.close()


def test_lists_each_disagreement_as_documented(programme: FlaskClient) -> None:
    answer = programme.get(f"{API}/disagreements?count=true").get_json()

    assert {(row["ref"], row["reason"]) for row in answer["items"]} == planted.DISAGREEMENTS
    assert answer["total"] == len(answer["items"]) == len(DISAGREEMENTS)
    for row in answer["items"]:
        assert DisagreementSchema().validate(row) == {}
        assert row["explanation"] == DISAGREEMENTS[row["reason"]]
        assert programme.get(row["self"]).get_json()["ref"] == row["ref"]


def test_names_grounds_that_are_there_or_have_a_history(programme: FlaskClient) -> None:
    items = programme.get(f"{API}/disagreements").get_json()["items"]

    grounds = {ref for row in items for ref in row["grounds"]}
    collections = ("evidence", "progress", "assessments", "decisions", "links")
    told = {ref: [programme.get(f"{API}/{name}/{ref}/history").status_code for name in collections] for ref in grounds}

    assert all(row["grounds"] for row in items)
    assert {ref for ref, statuses in told.items() if statuses.count(200) != 1} == set()


def test_gives_the_same_rows_to_a_sheet_and_to_a_program(programme: FlaskClient) -> None:
    items = programme.get(f"{API}/disagreements").get_json()["items"]
    of_csv = rows_of(programme.get(f"{API}/disagreements?format=csv").data)
    (header, *rows) = sheets(programme.get(f"{API}/disagreements?format=xlsx").data)["Items"]

    told = [(row["reason"], row["ref"], "; ".join(row["grounds"])) for row in items]
    places = [header.index(name) for name in ("reason", "ref", "grounds")]
    assert [(row["reason"], row["ref"], row["grounds"]) for row in of_csv] == told
    assert [tuple(row[place] for place in places) for row in rows] == told


def test_goes_on_to_the_next_page(programme: FlaskClient) -> None:
    whole = programme.get(f"{API}/disagreements").get_json()["items"]
    paged, address = [], f"{API}/disagreements?limit=3"
    while address:
        page = programme.get(address).get_json()
        paged += page["items"]
        address = page["next"]

    assert paged == whole


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("reason=no_evidence", "reason"), ("kind=action", "kind"), ("ref=%20", "ref"), ("sort=ref", "sort")],
)
def test_refuses_what_it_does_not_know(programme: FlaskClient, query: str, pointer: str) -> None:
    answer = programme.get(f"{API}/disagreements?{query}")

    assert answer.status_code == 422
    assert [fault["pointer"] for fault in answer.get_json()["errors"]] == [pointer]


def test_a_recommendation_leads_to_its_disagreements_and_bodies(programme: FlaskClient) -> None:
    related = programme.get(f"{API}/recommendations/uncovered").get_json()["related"]

    found = programme.get(related["disagreements"]).get_json()["items"]
    bodies = programme.get(related["bodies"]).get_json()["items"]

    assert [row["ref"] for row in found] == ["uncovered.1"]
    assert [(row["body"], row["part"], row["claimed_status"]) for row in bodies] == [("body", "owner", "complete")]
    assert all(PartSchema().validate(row) == {} for row in bodies)


def test_the_bodies_of_no_recommendation_are_not_found(programme: FlaskClient) -> None:
    statuses = [programme.get(f"{API}/recommendations/{ref}/bodies").status_code for ref in ("nothing", "uncovered.1")]

    assert statuses == [404, 404]


def test_a_clause_has_one_status_wherever_it_is_read(programme: FlaskClient) -> None:
    alone = programme.get(f"{API}/clauses/sound.1").get_json()["status"]
    (listed,) = programme.get(f"{API}/clauses?recommendation=sound&fields=status").get_json()["items"]
    (within,) = programme.get(f"{API}/recommendations/sound").get_json()["clauses"]

    assert alone == listed["status"] == within["status"]
    assert (alone["claimed"]["status"], alone["derived"]["status"]) == ("under_way", "not_demonstrated")


def test_a_sheet_of_clauses_has_a_column_for_each_status(programme: FlaskClient) -> None:
    content = programme.get(f"{API}/clauses?format=csv&recommendation=sound").data
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))

    assert [row[f"{name}_status"] for name in ("claimed", "verified", "derived")] == [
        "under_way",
        "",
        "not_demonstrated",
    ]


def test_the_vocabulary_has_the_reasons_with_their_meanings(programme: FlaskClient) -> None:
    words = programme.get(f"{API}/vocabulary").get_json()["disagreements"]

    assert {word["name"]: word["meaning"] for word in words} == DISAGREEMENTS
