"""Lists on a day: only what was so then, and how many undated items were left out."""

import json

import pytest
from flask.testing import FlaskClient

from models.vocabulary import COLLECTIONS
from tests.api.test_lists import entries, walk

PUBLISHED = sorted(set(COLLECTIONS.values()) - {"decisions", "bodies"})
REVIEW_DAY = "2015-11-26"
PROGRESS_REVIEW_DAY = "2017-06-29"


@pytest.mark.parametrize("day", [REVIEW_DAY, PROGRESS_REVIEW_DAY, "2020-01-01"])
@pytest.mark.parametrize("collection", PUBLISHED)
def test_lists_what_was_so_on_the_day(client: FlaskClient, collection: str, day: str) -> None:
    refs = {item["ref"] for item in walk(client, f"/api/v1/{collection}?as_of={day}&limit=4")}

    assert refs == {
        entry["ref"]
        for entry in entries(collection)
        if entry.get("effective_from", "9999") <= day < entry.get("effective_to", "9999-12-31")
    }


@pytest.mark.parametrize("collection", PUBLISHED)
def test_counts_the_undated_that_a_day_leaves_out(client: FlaskClient, collection: str) -> None:
    page = client.get(f"/api/v1/{collection}?as_of={PROGRESS_REVIEW_DAY}&limit=1").get_json()

    assert page["undated"] == sum("effective_from" not in entry for entry in entries(collection))


def test_counts_the_undated_of_the_filtered_list_alone(client: FlaskClient) -> None:
    page = client.get(f"/api/v1/progress?action=A1&as_of={PROGRESS_REVIEW_DAY}").get_json()

    undated = [entry for entry in entries("progress") if entry["parent"] == "A1" and "effective_from" not in entry]
    assert page["undated"] == len(undated)


@pytest.mark.parametrize("collection", [*PUBLISHED, "bodies"])
def test_counts_no_undated_where_no_day_is_asked_for(client: FlaskClient, collection: str) -> None:
    page = client.get(f"/api/v1/{collection}").get_json()

    assert "undated" not in page


def test_has_every_body_on_any_day(client: FlaskClient) -> None:
    page = client.get("/api/v1/bodies?as_of=1999-01-01&count=true").get_json()

    assert (page["total"], page["undated"]) == (len(entries("bodies")), 0)


def test_has_no_assessment_on_the_day_of_the_review(client: FlaskClient) -> None:
    page = client.get(f"/api/v1/assessments?as_of={REVIEW_DAY}&count=true").get_json()

    assert (page["items"], page["total"]) == ([], 0)


def test_has_the_verdicts_on_the_day_of_the_progress_review(client: FlaskClient) -> None:
    items = client.get(f"/api/v1/assessments?as_of={PROGRESS_REVIEW_DAY}").get_json()["items"]

    verdicts = {item["subject"]: (item["ref"], item["verdict"]) for item in items if item["verdict"] is not None}
    assert verdicts["R3"] == ("F034", "not_met")
    assert [verdict for _, verdict in verdicts.values()].count("not_published") == 9
    assert set(verdicts) == {f"R{number}" for number in range(1, 11)}


def test_has_the_tally_on_the_day_of_the_progress_review(client: FlaskClient) -> None:
    page = client.get(f"/api/v1/assessments?as_of={PROGRESS_REVIEW_DAY}&subject=MAPPA-2015").get_json()

    tally = {name: page["items"][0][f"tally_{name}"] for name in ("fully_met", "partially_met", "not_met")}
    assert tally == {"fully_met": 4, "partially_met": 4, "not_met": 2}


def test_has_the_verdict_from_its_day_on_and_not_the_day_before(client: FlaskClient) -> None:
    before = client.get("/api/v1/assessments/F034?as_of=2017-06-28")
    then = client.get("/api/v1/assessments/F034?as_of=2017-06-29")

    assert (before.status_code, then.status_code) == (404, 200)


def test_has_no_recommendation_before_the_review(client: FlaskClient) -> None:
    answer = client.get("/api/v1/recommendations/R3?as_of=2015-11-25")

    assert answer.status_code == 404


def test_shows_the_verified_status_of_the_day(client: FlaskClient) -> None:
    before = client.get(f"/api/v1/recommendations/R3?as_of={REVIEW_DAY}").get_json()["status"]
    after = client.get(f"/api/v1/recommendations/R3?as_of={PROGRESS_REVIEW_DAY}").get_json()["status"]

    assert before["verified"]["status"] is None
    assert after["verified"] == {"status": "not_met", "date": PROGRESS_REVIEW_DAY, "rests_on": ["F034"]}


def test_keeps_the_day_on_the_next_page(client: FlaskClient) -> None:
    first = client.get(f"/api/v1/evidence?as_of={REVIEW_DAY}&limit=2").get_json()

    second = client.get(first["next"]).get_json()

    assert all(item["effective_from"] <= REVIEW_DAY for item in second["items"])
    assert second["undated"] == first["undated"]


def test_says_the_same_of_a_day_however_it_is_asked(client: FlaskClient) -> None:
    listed = {
        item["ref"] for item in walk(client, f"/api/v1/recommendations/R3/assessments?as_of={PROGRESS_REVIEW_DAY}")
    }
    chain = client.get(f"/api/v1/recommendations/R3/chain?as_of={PROGRESS_REVIEW_DAY}").get_json()

    assert listed == {node["ref"] for node in chain["nodes"] if node["kind"] == "assessment"}


def test_carries_no_clock_in_an_answer_about_a_day(client: FlaskClient) -> None:
    first = client.get(f"/api/v1/recommendations?as_of={PROGRESS_REVIEW_DAY}").data

    second = client.get(f"/api/v1/recommendations?as_of={PROGRESS_REVIEW_DAY}").data

    assert json.loads(first) == json.loads(second)
    assert first == second
