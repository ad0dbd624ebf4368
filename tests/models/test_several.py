"""Several values as one parameter: what is given is found, however much it is, by one and the same statement."""

from collections.abc import Iterable

import pytest
from sqlalchemy import String, select
from sqlalchemy.orm import Session

from models.items import Item
from models.several import among, several
from tests.factories import an

BY_ID = select(Item.ref).where(among(Item.id.expression, several("ids"))).order_by(Item.id)
BY_REF = select(Item.ref).where(among(Item.ref.expression, several("refs", String))).order_by(Item.id)


@pytest.fixture
def bodies(session: Session) -> list[Item]:
    return [an("body", session, ref=ref) for ref in ("B", 'quoted "', "öß")]


def _by_id(session: Session, ids: Iterable[int]) -> list[str]:
    return list(session.scalars(BY_ID, {"ids": ids}))


def test_finds_what_is_given(session: Session, bodies: list[Item]) -> None:
    assert _by_id(session, [bodies[2].id, bodies[0].id]) == ["B", "öß"]
    assert list(session.scalars(BY_REF, {"refs": ("öß", 'quoted "', "B, öß")})) == ['quoted "', "öß"]


def test_finds_nothing_where_nothing_is_given(session: Session, bodies: list[Item]) -> None:
    assert bodies
    assert _by_id(session, ()) == []
    assert list(session.scalars(BY_REF, {"refs": []})) == []


def test_takes_more_values_than_there_may_be_parameters(session: Session, bodies: list[Item]) -> None:
    assert _by_id(session, range(bodies[1].id, bodies[1].id + 100_000)) == ['quoted "', "öß"]


def test_tells_values_from_the_text_that_they_are_written_in(session: Session, bodies: list[Item]) -> None:
    assert bodies
    assert list(session.scalars(BY_REF, {"refs": ["B','", '["B"]', "{B}"]})) == []
