"""What would be too much is cut short and says so: the links of a graph, the differences between two points."""

import pytest
from sqlalchemy.orm import Session

from models.lens import Lens
from models.queries.chain import chain
from models.queries.differences import differences
from models.queries.judging import Asked
from models.queries.lookup import id_of
from models.queries.points import NOW, point_of

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
