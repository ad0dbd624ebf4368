"""What was hidden later than it was written: it is hidden at every point of the record, however it was marked then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from models.changes import last_seq
from models.items import Item
from models.lens import Lens
from models.queries.lookup import find
from tests.factories import an, link
from tests.models.releasing import release
from tests.models.test_lens import OFFICIAL, PUBLIC, SHOWS
from tests.models.test_lens import _chain as chain_of


@pytest.mark.parametrize("shows", SHOWS)
def test_what_was_hidden_later_is_not_seen_at_the_points_before_either(
    session: Session, shows: Callable[[Session, Lens], set[str]]
) -> None:
    review = an("review", session, ref="V", published_on=date(2020, 1, 1))
    asked = an("recommendation", session, ref="R", number=1, parent=review)
    action, evidence = an("action", session, ref="action"), an("evidence", session, ref="between")
    link(session, evidence, "supports", asked)
    link(session, action, "addresses", asked)
    public = last_seq(session)
    evidence.handling = "OFFICIAL"
    session.flush()

    seen = {lens.clearance: shows(session, replace(lens, known_at=public)) for lens in (PUBLIC, OFFICIAL)}

    assert "between" not in seen["PUBLIC"]
    assert "between" in seen["OFFICIAL"]


def test_a_link_that_was_hidden_later_ties_nothing_at_the_points_before(
    session: Session, asked: Item, evidence: Item
) -> None:
    made = link(session, evidence, "supports", asked)
    before = last_seq(session)
    session.refresh(made)  # what it was has to be known
    made.limited_to = "a-body"
    session.flush()

    seen = {
        lens: chain_of(session, replace(lens, known_at=before)) for lens in (PUBLIC, replace(PUBLIC, body="a-body"))
    }

    assert list(seen.values()) == [{"R"}, {"R", "E"}]


def test_who_keeps_the_record_sees_everything_at_every_point(session: Session) -> None:
    item = an("evidence", session, ref="E", handling="OFFICIAL-SENSITIVE", limited_to="")
    created = last_seq(session)
    release(session, item)
    whole = Lens(whole=True)

    seen = [find(session, replace(whole, known_at=seq), "evidence", "E")["handling"] for seq in (created, None)]

    assert seen == ["OFFICIAL-SENSITIVE", "PUBLIC"]
