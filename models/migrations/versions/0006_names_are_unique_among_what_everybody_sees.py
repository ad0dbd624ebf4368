"""Names are unique among what everybody sees: raising a marking meets nothing, and tells of nothing."""

import re
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UNRESTRICTED = "handling = 'PUBLIC' AND limited_to IS NULL AND embargo_until IS NULL"
ACTIVE = "withdrawn_seq IS NULL"
# Until now names were unique among the things of each marking.
MARKING = (
    "handling",
    "coalesce(limited_to, '-')",
    "coalesce(embargo_until, '0001-01-01')",
    "coalesce(embargo_bodies, '')",
)
# Each unique index: its table, its columns, and of which rows it is besides.
UNIQUE = {
    "uq_item_external_id": ("item", ("coalesce(owner_id, 0)", "external_id"), None),
    "uq_item_number": ("item", ("parent_id", "kind", "number"), None),
    "uq_link_active": ("link", ("source_id", "type", "target_id"), ACTIVE),
}
FINDING = {"ix_item_parent": ["parent_id", "kind", "number"], "ix_item_external_id": ["external_id"]}
_COLUMN = re.compile(r"\b(id|ref|handling|[a-z]+_(?:id|to|until|bodies|seq)|kind|number|type)\b")


def upgrade() -> None:
    """Go to this revision."""
    for name, (table, columns, rows) in UNIQUE.items():
        op.drop_index(name, table)
        _index(name, table, columns, UNRESTRICTED if rows is None else f"{rows} AND {UNRESTRICTED}")
    for name, found_by in FINDING.items():
        op.create_index(name, "item", found_by)
    _guard(within_marking=False)


def downgrade() -> None:
    """Go back: no two things of one marking may have the same name, since the earlier schema has no place for them."""
    for name in FINDING:
        op.drop_index(name, "item")
    for name, (table, columns, rows) in UNIQUE.items():
        op.drop_index(name, table)
        try:
            _index(name, table, (*columns, *MARKING), rows)
        except sa.exc.IntegrityError as error:
            raise RuntimeError(f"Two rows of {table} have the same name and marking ({name}).") from error
    _guard(within_marking=True)


def _index(name: str, table: str, columns: Iterable[str], rows: str | None) -> None:
    """Make an index by which rows are unique."""
    where = None if rows is None else sa.text(rows)
    parts = [sa.text(column) for column in columns]
    op.create_index(name, table, parts, unique=True, sqlite_where=where, postgresql_where=where)


def _guard(*, within_marking: bool) -> None:
    """SQLite's INSERT OR REPLACE takes another row away without asking a trigger: refuse it before it does."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in ("item", "link"):
        alike = [_same(["id"]), _same(["ref"])]
        for of, columns, rows in UNIQUE.values():
            if of == table:
                there = [_on("there", rows)] if rows else []
                marked = (
                    _same(MARKING) if within_marking else f"{_on('there', UNRESTRICTED)} AND {_on('NEW', UNRESTRICTED)}"
                )
                alike.append(" AND ".join([_same(columns), *there, marked]))
        taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} AS there WHERE {row})" for row in alike)  # noqa: S608
        op.execute(f"DROP TRIGGER guard_{table}_replaced")
        op.execute(
            f"CREATE TRIGGER guard_{table}_replaced BEFORE INSERT ON {table} WHEN {taken}"
            " BEGIN SELECT RAISE(ABORT, 'no row takes the place of another'); END"
        )


def _same(columns: Iterable[str]) -> str:
    """The condition that a row there and the new one are the same in some columns."""
    return " AND ".join(f"{_on('there', column)} = {_on('NEW', column)}" for column in columns)


def _on(row: str, expression: str) -> str:
    """An expression on the columns of a row."""
    return _COLUMN.sub(rf"{row}.\1", expression)
