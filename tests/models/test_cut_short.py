"""What would be too much is cut short and says so: the links of a graph, the differences between two points."""

import pytest
from sqlalchemy.orm import Session

from models.lens import Lens
from models.queries.chain import chain
from models.queries.differences import differences
from models.queries.judging import Asked
from models.queries.lookup import id_of
from models.queries.points import NOW, point_of
from tests.large import as_if_large

SEEN = Lens()


@pytest.mark.parametrize("over", [0, 1, 7])
def test_a_graph_has_no_more_links_than_the_limit(
    published: Session, monkeypatch: pytest.MonkeyPatch, over: int
) -> None:
    start = id_of(published, SEEN, "R7")
    kept = [row for row in chain(published, SEEN, start).links if row["version"] is not None]
    monkeypatch.setattr("models.queries.graph.MOST_LINKS", len(kept) - over)

    found = chain(published, SEEN, start)

    shown = [row for row in found.links if row["version"] is not None]
    assert shown == kept[: len(kept) - over]
    assert (found.truncated, found.reason) == ((True, "links") if over else (False, None))


@pytest.mark.parametrize("over", [0, 1, 7])
def test_a_comparison_has_no_more_rows_than_the_limit_and_counts_all(
    published: Session, monkeypatch: pytest.MonkeyPatch, over: int
) -> None:
    now = point_of(published, SEEN, NOW)
    start = Asked(Lens(known_at=100), now.day)
    end = Asked(Lens(known_at=now.seq), now.day)
    whole = differences(published, ("100", start), (NOW, end))
    monkeypatch.setattr("models.queries.differences.MOST_DIFFERENCES", len(whole.rows) - over)

    found = differences(published, ("100", start), (NOW, end))

    assert found.rows == whole.rows[: len(whole.rows) - over]
    assert (found.truncated, found.summary) == (over > 0, whole.summary)


@pytest.mark.parametrize("over", [0, 1, 200])
def test_a_comparison_looks_at_the_first_changes_alone_and_says_so(
    published: Session, monkeypatch: pytest.MonkeyPatch, over: int
) -> None:
    now = point_of(published, SEEN, NOW)
    ends = ("100", Asked(Lens(known_at=100), now.day)), (NOW, Asked(Lens(known_at=now.seq), now.day))
    whole = differences(published, *ends)
    monkeypatch.setattr("models.queries.differences.MOST_CHANGES", now.seq - 100 - over)

    found = differences(published, *ends)

    things = [row for row in whole.rows if row["what"] in {"item", "link"}]
    assert (whole.truncated, found.truncated) == (False, over > 0)
    assert [row for row in found.rows if row["what"] in {"item", "link"}] == things[: len(things) - over]


def test_gaps_of_a_large_programme_are_not_compared_and_it_says_so(
    published: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = point_of(published, SEEN, NOW)
    ends = ("100", Asked(Lens(known_at=100), now.day)), (NOW, Asked(Lens(known_at=now.seq), now.day))
    whole = differences(published, *ends)
    as_if_large(monkeypatch, 20)

    found = differences(published, *ends)

    assert (whole.gaps_compared, found.gaps_compared) == (True, False)
    assert {row["what"] for row in whole.rows} == {row["what"] for row in found.rows} | {"gap"}
    assert found.rows == [row for row in whole.rows if row["what"] != "gap"]
