"""A selection is written once, and is the same in every statement as if it were written anew."""

import pytest
from sqlalchemy import BindParameter, Dialect, bindparam, column, select, table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.visitors import replacement_traverse

from models.base import InOrder
from models.everything import Everything, called, everything

THING = table("thing", column("id"), column("ref"), column("kind"))
DIALECTS = [sqlite.dialect(paramstyle="named"), postgresql.dialect(paramstyle="named")]
each_engine = pytest.mark.parametrize("dialect", DIALECTS, ids=["sqlite", "postgresql"])


def _given(name: str = "some") -> Everything:
    rows = THING.alias(f"{name}_thing")
    return everything(name, rows, where=[rows.c.ref == bindparam("given")])


@each_engine
def test_what_was_written_before_stands_in_the_next_statement_with_its_parameters(dialect: Dialect) -> None:
    found = _given()
    once, again = (select(found.c.id).compile(dialect=dialect) for _ in range(2))
    other = select(found.c.ref, found.c.kind).where(found.c.kind == "action").compile(dialect=dialect)

    assert str(again) == str(once)
    assert again.params.keys() == once.params.keys() == {"given"}
    assert str(once).partition("FROM")[2] in str(other)
    assert other.params == {"given": None, "kind_1": "action"}


@each_engine
def test_a_selection_may_be_named_otherwise(dialect: Dialect) -> None:
    found = _given()
    other = called("other", found)
    joined = select(found.c.id, other.c.ref).join_from(found, other, other.c.id == found.c.id)
    text = " ".join(str(joined.compile(dialect=dialect)).split())

    once, _, again = text.partition(" FROM ")[2].partition(" JOIN ")
    assert once.partition(" AS ")[0] == again.partition(" AS ")[0]
    assert once.rpartition(") AS ")[2].strip('"') == "some"
    assert again.rpartition(") AS ")[2].startswith("other ON other.id = ")


@each_engine
def test_what_names_its_values_anew_is_written_for_each_statement(dialect: Dialect) -> None:
    rows = THING.alias("some_thing")
    found = everything("some", rows, where=[rows.c.ref == "R3"])
    alone = select(found.c.id).where(found.c.ref == "R4").compile(dialect=dialect)
    later = select(THING.c.id).where(THING.c.ref == "R5", THING.c.id.in_(select(found.c.id))).compile(dialect=dialect)

    assert alone.params == {"ref_1": "R3", "ref_2": "R4"}
    assert later.params == {"ref_1": "R5", "ref_2": "R3"}
    assert "ref_2" in str(later).partition("AS some_thing")[2]


@each_engine
def test_a_copy_that_was_changed_is_not_taken_for_what_was_written(dialect: Dialect) -> None:
    found = _given()
    str(select(found.c.id).compile(dialect=dialect))

    def renamed(part: object, **_options: object) -> BindParameter[str] | None:
        return bindparam("other") if isinstance(part, BindParameter) else None

    copied = replacement_traverse(found, {}, renamed)
    changed = select(copied.c.id).compile(dialect=dialect)

    assert changed.params.keys() == {"other"}
    assert "other" in str(changed)


def test_on_sqlite_two_things_are_joined_in_order() -> None:
    first, second = _given("first"), _given("second")
    joined = select(first.c.id).select_from(InOrder(first, second, second.c.id == first.c.id))
    texts = [str(joined.compile(dialect=dialect)) for dialect in DIALECTS]

    assert "AS first CROSS JOIN (SELECT second_thing.*" in " ".join(texts[0].split())
    assert "CROSS" not in texts[1]
    assert all(" ".join(text.split()).endswith("AS second ON second.id = first.id") for text in texts)
