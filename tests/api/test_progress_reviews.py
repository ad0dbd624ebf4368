"""The verdicts of a progress review: those of its day, on recommendations of its review and their clauses."""

from typing import Any

import pytest

from tests.api import writing
from tests.api.writing import Caller, Row

alice = writing.alice
DAY, LATER = "2020-06-29", "2021-06-29"


@pytest.fixture(scope="module")
def judged(alice: Caller) -> dict[str, Row]:
    """A review of which two progress reviews were made, and verdicts of their days and of others."""
    review, other = alice.a("review")["ref"], alice.a("review")["ref"]
    asked = alice.a("recommendation", review=review)["ref"]
    clause = alice.a("clause", recommendation=asked)["ref"]
    elsewhere = alice.a("recommendation", review=other)["ref"]

    def tally(day: str) -> Row:
        return alice.a("assessment", **_tally(subject=review, effective_from=day))

    def verdict(subject: str, day: str | None) -> Row:
        return alice.a("assessment", subject=subject, effective_from=day)

    return {
        "first": tally(DAY),
        "second": tally(LATER),
        "on it": verdict(asked, DAY),
        "on a clause": verdict(clause, DAY),
        "of another day": verdict(asked, LATER),
        "of no day": verdict(asked, None),
        "of another review": verdict(elsewhere, DAY),
    }


def _tally(**values: Any) -> Row:
    """What an assessment of a review says in place of a verdict."""
    return {"verdict": None, "tally_fully_met": 0, "tally_partially_met": 0, "tally_not_met": 1} | values


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("first",), {"on it", "on a clause"}),
        (("second",), {"of another day"}),
        (("first", "second"), {"on it", "on a clause", "of another day"}),
        (("on it",), set()),
    ],
)
def test_lists_the_verdicts_of_a_progress_review(
    alice: Caller, judged: dict[str, Row], asked: tuple[str, ...], names: set[str]
) -> None:
    refs = [judged[name]["ref"] for name in asked]

    found = alice.read("/api/v1/assessments", progress_review=refs)["items"]

    assert {row["ref"] for row in found} == {judged[name]["ref"] for name in names}
