"""Reading the record: its feed with filters, one change, and the history of a thing."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from models.verifier import START, hash_of
from tests.api import writing
from tests.api.writing import NOUNS, Caller, Row, faults

alice, bob = writing.alice, writing.bob
CHANGES = "/api/v1/changes"


class Story(NamedTuple):
    """A link from its beginning to its end: who wrote it, and the numbers of its first and last change."""

    link: Row
    first: int
    last: int


@pytest.fixture(scope="module")
def story(alice: Caller, bob: Caller) -> Story:
    """Alice adds evidence and a link, bob changes both and reviews the link, alice withdraws it."""
    alice.a("recommendation")
    first = alice.count() + 1
    link = alice.a("link")
    bob.patch(f"/api/v1/evidence/{link['source']}", {"statement": "Another thing."}, reason="Read again")
    bob.patch(link["self"], {"rationale": "Because of more."})
    bob.post(f"{link['self']}/review", {"finding": "valid", "note": "Read."}, seen="*")
    alice.delete(link["self"], reason="It was a mistake")
    return Story(link, first, alice.count())


def _told(alice: Caller, story: Story, **filters: Any) -> list[int]:
    """The numbers of the changes of the story that a filter leaves, from its first."""
    page = alice.read(CHANGES, after=story.first - 1, limit=200, **filters)["items"]
    return [change["seq"] - story.first for change in page if change["seq"] <= story.last]


def test_tells_everything_in_order(alice: Caller, story: Story) -> None:
    assert _told(alice, story) == list(range(story.last - story.first + 1))


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({"kind": "link"}, lambda change: change["kind"] == "link"),
        ({"kind": ["link", "evidence"]}, lambda change: change["kind"] in {"link", "evidence"}),
        ({"action": "updated"}, lambda change: change["action"] == "updated"),
        ({"action": ["created", "withdrawn"]}, lambda change: change["action"] != "updated"),
        ({"principal": "bob"}, lambda change: change["principal"] == "bob"),
        ({"principal": "nobody"}, lambda change: False),
        ({"principal": "bob", "kind": "link"}, lambda change: (change["principal"], change["kind"]) == ("bob", "link")),
    ],
)
def test_leaves_what_a_filter_asks_for(
    alice: Caller, story: Story, filters: dict[str, Any], fits: Callable[[Row], bool]
) -> None:
    expected = [change for change in alice.record() if story.first <= change["seq"] <= story.last and fits(change)]

    assert _told(alice, story, **filters) == [change["seq"] - story.first for change in expected]


def test_finds_the_changes_of_one_thing(alice: Caller, story: Story) -> None:
    ref = story.link["id"]

    found = alice.read(CHANGES, ref=ref)["items"]

    assert {change["ref"] for change in found} == {ref}
    assert [change["action"] for change in found] == ["created", "updated", "updated", "withdrawn"]


@pytest.mark.parametrize("digits", [19, 26])
def test_tells_what_was_done_since_and_until_a_moment(alice: Caller, story: Story, digits: int) -> None:
    record = alice.record()
    at = record[story.first - 1]["at"][:digits] + "Z"
    moment = at if digits == 26 else at.replace("Z", ".000000Z")

    since = alice.read(CHANGES, since=at, limit=1, count="true")["total"]
    until = alice.read(CHANGES, until=at, limit=1, count="true")["total"]

    earlier = [change for change in record if change["at"] < moment]
    assert (since, until) == (len(record) - len(earlier), len(earlier))


@pytest.mark.parametrize("moment", ["2020-01-01", "2020-01-01T00:00:00", "2015-13-45T99:99:99Z", "yesterday", "1", ""])
def test_takes_no_moment_that_is_none(alice: Caller, moment: str) -> None:
    assert set(faults(alice.get(CHANGES, since=moment, until=moment))) == {"since", "until"}


def test_goes_on_where_a_reader_has_stopped(alice: Caller, story: Story) -> None:
    whole, page = alice.record(), alice.read(CHANGES, limit=2)
    found = list(page["items"])
    while page["next"]:
        page = alice.read(page["next"])
        found += page["items"]

    assert found == whole
    assert alice.read(CHANGES, after=len(whole))["items"] == []


def test_tells_the_newest_first_page_by_page_down_to_the_first(alice: Caller, story: Story) -> None:
    whole, page = alice.record(), alice.read(CHANGES, sort="-recorded", limit=7)
    found = list(page["items"])
    while page["next"]:
        assert "resume" not in page
        page = alice.read(page["next"])
        found += page["items"]

    assert found == whole[::-1]
    assert [change["seq"] for change in alice.read(CHANGES, sort="-recorded", after=3)["items"]] == [2, 1]
    assert alice.read(CHANGES, sort="-recorded", after=1)["items"] == []


def test_tells_the_newest_first_of_what_a_filter_leaves(alice: Caller, story: Story) -> None:
    ref = story.link["id"]

    page = alice.read(CHANGES, sort="-recorded", ref=ref, limit=3, count="true")
    rest = alice.read(page["next"])

    told = [change["action"] for change in (*page["items"], *rest["items"])]
    assert (page["total"], told) == (4, ["withdrawn", "updated", "updated", "created"])


@pytest.mark.parametrize("sort", ["", "ref", "recorded-", "--recorded"])
def test_knows_no_other_order_of_the_record(alice: Caller, sort: str) -> None:
    assert set(faults(alice.get(CHANGES, sort=sort))) == {"sort"}


@pytest.mark.parametrize("after", ["x", "-1", "1.0", "", "1" * 11, "\u0661", "WyJsaW5rIl0.bad"])
def test_goes_on_after_nothing_but_a_number_or_a_place_of_the_record(alice: Caller, after: str) -> None:
    assert set(faults(alice.get(CHANGES, after=after))) == {"after"}


@pytest.mark.parametrize("after", [2**31, 10**10 - 1])
def test_has_nothing_after_a_number_that_was_not_given(alice: Caller, story: Story, after: int) -> None:
    page = alice.read(CHANGES, after=after)

    assert (page["items"], page["next"]) == ([], None)


def test_says_where_to_go_on_when_there_is_more(alice: Caller, story: Story) -> None:
    page = alice.read(CHANGES, after=len(alice.record()) - 2)
    made = alice.a("body")

    further = alice.read(page["resume"])

    assert (page["next"], len(page["items"])) == (None, 2)
    assert [change["ref"] for change in further["items"]] == [made["ref"]]
    assert alice.read(further["resume"])["items"] == []


def test_says_where_to_go_on_from_a_page_that_is_empty(alice: Caller, story: Story) -> None:
    page = alice.read(CHANGES, after=len(alice.record()))
    made = alice.a("body")

    further = alice.read(page["resume"])

    assert page["items"] == []
    assert [change["ref"] for change in further["items"]] == [made["ref"]]


def test_tells_the_public_the_same_but_for_the_hashes(alice: Caller, story: Story) -> None:
    told = alice.holding(None).record()

    whole = [change | {"hash": None} for change in alice.record() if change["kind"] != "baseline"]
    assert [change for change in told if change["kind"] != "baseline"] == whole


def test_counts_the_whole_and_not_the_page(alice: Caller, story: Story) -> None:
    whole = len(alice.record())

    assert alice.read(CHANGES, limit=1, count="true")["total"] == whole
    assert alice.read(CHANGES, limit=1, count="true", ref=story.link["id"])["total"] == 4
    assert "total" not in alice.read(CHANGES, limit=1)


def test_shows_the_fields_that_are_asked_for(alice: Caller, story: Story) -> None:
    (change,) = alice.read(CHANGES, limit=1, fields="reason,at")["items"]

    assert set(change) == {"seq", "kind", "ref", "reason", "at", "self"}


def test_shows_the_record_as_it_was_known(alice: Caller, story: Story) -> None:
    page = alice.read(CHANGES, known_at=story.first, limit=200, count="true")

    assert (page["total"], page["items"][-1]["seq"]) == (story.first, story.first)


def test_shows_each_change_where_it_says(alice: Caller, story: Story) -> None:
    for change in alice.record()[-3:]:
        assert alice.read(change["self"]) == change


@pytest.mark.parametrize("seq", ["0", "2147483647", "9223372036854775808", "9" * 30, "x", "-1"])
def test_has_no_change_of_a_number_that_was_not_given(alice: Caller, seq: str) -> None:
    assert alice.get(f"{CHANGES}/{seq}").status_code == 404


def test_chains_each_change_to_the_one_before(alice: Caller, story: Story) -> None:
    previous = START
    for seq, change in enumerate(alice.record(), start=1):
        assert (change["seq"], change["hash"]) == (seq, hash_of(change, previous))
        previous = change["hash"]


@pytest.mark.parametrize("noun", NOUNS)
def test_tells_the_history_of_each_kind_of_thing(alice: Caller, noun: str) -> None:
    made = alice.a(noun)

    (change,) = alice.read(f"{made['self']}/history")["items"]

    assert (change["action"], change["before"], change["ref"]) == ("created", None, made.get("ref") or made["id"])
    assert change["kind"] == noun


def test_tells_the_history_of_a_baseline(alice: Caller) -> None:
    made = alice.post("/api/v1/baselines", {"name": "with-history"}, reason="To compare").get_json()

    (change,) = alice.read(f"{made['self']}/history")["items"]

    assert (change["kind"], change["ref"], change["reason"]) == ("baseline", "with-history", "To compare")


def test_tells_what_each_change_made_of_what(alice: Caller, story: Story) -> None:
    history = alice.read(f"/api/v1/evidence/{story.link['source']}/history")["items"]

    assert [change["action"] for change in history] == ["created", "updated"]
    assert history[1]["before"]["statement"] == history[0]["after"]["statement"]
    assert history[1]["after"] == {"statement": "Another thing."}
    assert history[1]["reason"] == "Read again"


def test_tells_a_history_page_by_page(alice: Caller, story: Story) -> None:
    path = f"{story.link['self']}/history"
    whole = alice.read(path)["items"]

    first = alice.read(path, limit=3, count="true")

    assert (first["total"], first["items"]) == (4, whole[:3])
    assert alice.read(first["next"])["items"] == whole[3:]


def test_tells_a_history_as_it_was_known(alice: Caller, story: Story) -> None:
    path = f"{story.link['self']}/history"
    whole = alice.read(path)["items"]

    known = alice.read(path, known_at=whole[1]["seq"])["items"]

    assert known == whole[:2]
    assert alice.get(path, known_at=whole[0]["seq"] - 1).status_code == 404


@pytest.mark.parametrize("noun", [*NOUNS, "baseline"])
def test_has_no_history_of_what_never_was(alice: Caller, noun: str) -> None:
    assert alice.get(f"{writing.address(noun)}/nothing/history").status_code == 404
