"""Suspect links: a link is doubted when an end says something else, until somebody has looked at it again."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api import writing
from tests.api.writing import Caller, Row, faults

alice, bob = writing.alice, writing.bob
# A change of each kind that links lead from or to, by which it says something else; and one by which it does not.
SAYS_ELSE: list[tuple[str, str, Row]] = [
    ("evidence", "source", {"statement": "Another thing was observed."}),
    ("evidence", "source", {"period": "2020"}),
    ("recommendation", "target", {"category": "area_for_development"}),
]
SAYS_THE_SAME: list[tuple[str, str, Row]] = [
    ("evidence", "source", {"title": "Another title", "confidence": "low"}),
    ("recommendation", "target", {"title": "Another title", "short_name": "Other"}),
]


def a_link(alice: Caller, **values: Any) -> Row:
    """A link between ends of its own."""
    return alice.a("link", **{"target": alice.a("recommendation")["ref"]} | values)


def another_word(alice: Caller, link: Row, statement: str = "Another thing was observed.") -> None:
    """Let the source of a link say something else."""
    assert alice.patch(f"/api/v1/evidence/{link['source']}", {"statement": statement}).status_code == 200


def looking(caller: Caller, link: Row, finding: str = "valid", **options: Any) -> TestResponse:
    """The answer to a review of a link, by one who has seen it as it is."""
    body = {"finding": finding, "note": "Both pages were read again."}
    return caller.post(f"{link['self']}/review", body, seen=caller.etag(link["self"]), **options)


def test_doubts_no_new_link(alice: Caller) -> None:
    made = a_link(alice)

    assert (made["suspect"], made["changed_ends"], made["finding"]) == (False, [], None)


@pytest.mark.parametrize(("kind", "end", "change"), SAYS_ELSE)
def test_doubts_a_link_when_an_end_says_something_else(alice: Caller, kind: str, end: str, change: Row) -> None:
    link = a_link(alice)

    alice.patch(f"{writing.address(kind)}/{link[end]}", change)

    shown = alice.read(link["self"])
    assert (shown["suspect"], shown["changed_ends"]) == (True, [end])
    assert shown[f"{end}_content"] != link[f"{end}_content"]


@pytest.mark.parametrize(("kind", "end", "change"), SAYS_THE_SAME)
def test_doubts_nothing_where_an_end_says_the_same(alice: Caller, kind: str, end: str, change: Row) -> None:
    link = a_link(alice)

    answer = alice.patch(f"{writing.address(kind)}/{link[end]}", change)

    assert (answer.status_code, alice.read(link["self"])) == (200, link)


def test_doubts_nothing_for_a_change_of_status(alice: Caller) -> None:
    link = a_link(alice, type="addresses", source=alice.a("action")["ref"])

    alice.a("progress", action=link["source"], claimed_status="complete")

    assert alice.read(link["self"])["suspect"] is False


def test_doubts_it_no_longer_once_the_text_is_as_it_was(alice: Caller) -> None:
    link = a_link(alice)
    another_word(alice, link)

    another_word(alice, link, writing.NEEDED["evidence"]["statement"])

    assert alice.read(link["self"]) == link


def test_doubts_it_no_longer_once_it_was_found_valid(alice: Caller, bob: Caller) -> None:
    link = a_link(alice)
    another_word(alice, link)

    answer = looking(bob, link)

    shown = answer.get_json()
    assert answer.status_code == 200
    assert (shown["suspect"], shown["changed_ends"], shown["finding"]) == (False, [], "valid")
    assert (shown["reviewed_by"], shown["review_note"]) == ("bob", "Both pages were read again.")
    assert (answer.data, answer.headers["ETag"]) == (alice.get(link["self"]).data, alice.etag(link["self"]))


def test_doubts_it_again_when_an_end_changes_after_the_review(alice: Caller) -> None:
    link = a_link(alice)
    another_word(alice, link)
    looking(alice, link)

    another_word(alice, link, "A third thing was observed.")

    assert alice.read(link["self"])["suspect"] is True


def test_goes_on_doubting_what_was_found_invalid(alice: Caller) -> None:
    link = a_link(alice)

    shown = looking(alice, link, "invalid").get_json()

    assert (shown["suspect"], shown["finding"], shown["changed_ends"]) == (True, "invalid", [])


def test_believes_what_was_mended_and_found_valid(alice: Caller) -> None:
    link = a_link(alice)
    looking(alice, link, "invalid")
    alice.patch(link["self"], {"rationale": "Because of a better reason."})

    shown = looking(alice, link).get_json()

    assert (shown["suspect"], shown["finding"]) == (False, "valid")


def test_knows_before_and_after_a_review(alice: Caller) -> None:
    link = a_link(alice)
    another_word(alice, link)
    seq = alice.count()

    looking(alice, link)

    assert [alice.read(link["self"], known_at=point)["suspect"] for point in (seq - 1, seq, seq + 1)] == [
        False,
        True,
        False,
    ]


def test_puts_a_review_on_record_with_who_and_why(alice: Caller, bob: Caller) -> None:
    link = a_link(alice)

    looking(bob, link, "invalid", reason="The page is gone")

    last = alice.read(f"{link['self']}/history")["items"][-1]
    assert (last["principal"], last["reason"], last["action"]) == ("bob", "The page is gone", "updated")
    assert (last["before"]["finding"], last["after"]["finding"]) == (None, "invalid")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"finding": "perhaps"}, "/finding"), ({"finding": None}, "/finding"), ({"note": " "}, "/note"), ({"x": 1}, "/x")],
)
def test_takes_no_review_without_finding_and_note(alice: Caller, change: Row, pointer: str) -> None:
    link = alice.a("link")

    answer = alice.post(f"{link['self']}/review", {"finding": "valid", "note": "Read."} | change, seen="*")

    assert set(faults(answer)) == {pointer}


def test_lets_nobody_review_what_is_not_there(alice: Caller) -> None:
    link = alice.a("link")
    alice.delete(link["self"])

    answer = alice.post(f"{link['self']}/review", {"finding": "valid", "note": "Read."}, seen="*")

    assert answer.status_code == 404


def test_lists_suspect_links_and_the_others_apart(alice: Caller) -> None:
    link, sound = a_link(alice), a_link(alice)

    another_word(alice, link)

    found = {
        asked: {row["id"] for row in alice.read("/api/v1/links", suspect=asked, limit=200)["items"]}
        for asked in ("true", "false")
    }
    assert (link["id"] in found["true"], link["id"] in found["false"]) == (True, False)
    assert (sound["id"] in found["true"], sound["id"] in found["false"]) == (False, True)


def test_tells_a_suspect_link_as_a_gap(alice: Caller) -> None:
    link = a_link(alice)
    another_word(alice, link)

    told = alice.read("/api/v1/gaps", reason="suspect_link", recommendation=link["target"])["items"]
    looking(alice, link)

    assert [(gap["kind"], gap["ref"]) for gap in told] == [("link", link["id"])]
    assert not alice.read("/api/v1/gaps", reason="suspect_link", ref=link["id"])["items"]


def test_shows_it_in_the_chain(alice: Caller) -> None:
    link = a_link(alice)
    another_word(alice, link)

    links = alice.read(f"/api/v1/recommendations/{link['target']}/chain")["links"]

    assert {found["id"] for found in links if found["suspect"]} == {link["id"]}


def test_shows_it_in_the_cells_of_the_matrix(alice: Caller) -> None:
    link = a_link(alice)
    another_word(alice, link)

    matrix = {cell: alice.read("/api/v1/matrix", columns="evidence", cell=cell) for cell in ("count", "refs")}

    rows = {cell: next(row for row in found["rows"] if row["ref"] == link["target"]) for cell, found in matrix.items()}
    assert sum(cell["suspect"] for cell in rows["count"]["cells"]) == 1
    assert [item for cell in rows["refs"]["cells"] for item in cell["suspect_items"]] == [link["source"]]
