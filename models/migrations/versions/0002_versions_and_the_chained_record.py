"""The record is chained, every version is kept, links remember what they were reviewed on, and the database guards it."""

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
FOREVER = 2**31 - 1
CONTENT_FIELDS = {
    "review": ("title", "published_on"),
    "recommendation": ("category", "text"),
    "clause": ("span_start", "span_end"),
    "source": ("title", "source_class", "method", "population", "sample", "sample_size", "statement"),
    "evidence": ("evidence_kind", "statement", "period", "url", "locator"),
    "action": ("title",),
    "progress": ("statement",),
    "assessment": ("statement",),
    "decision": ("statement",),
    "body": ("title",),
}
KEPT = ("item", *CONTENT_FIELDS, "involvement", "due_date", "link")
INDEXES = (
    ("ix_item_version_ref", "item_version", ["ref", "from_seq"]),
    ("ix_item_version_kind", "item_version", ["kind", "id"]),
    ("ix_item_version_parent", "item_version", ["parent_id", "kind", "from_seq"]),
    ("ix_item_version_owner", "item_version", ["owner_id", "from_seq"]),
    ("ix_link_version_ref", "link_version", ["ref", "from_seq"]),
    ("ix_link_version_forward", "link_version", ["source_id", "type", "target_id"]),
    ("ix_link_version_backward", "link_version", ["target_id", "type", "source_id"]),
    ("ix_involvement_version_body", "involvement_version", ["body_id", "from_seq"]),
)


class Guard(NamedTuple):
    """A trigger that refuses something: before which event, on which condition, and what it says."""

    name: str
    table: str
    event: str
    says: str
    condition: str | None = None


def _changed(*columns: str) -> str:
    """The condition that one of the columns changes."""
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


_FIXED = {
    "item": ("id", "kind", "ref", "external_id", "parent_id", "number", "created_seq"),
    "link": ("id", "ref", "type", "source_id", "target_id", "created_seq"),
    "baseline": ("id", "name", "seq", "digest", "created_seq"),
}
_FROZEN = ("progress", "assessment", "decision", "due_date")
GUARDS = (
    Guard("change_update", "change", "UPDATE", "the record is only appended to"),
    Guard("change_delete", "change", "DELETE", "the record is only appended to"),
    *(
        Guard(f"{table}_delete", table, "DELETE", "nothing is deleted")
        for table in ("item", *CONTENT_FIELDS, "due_date", "link", "baseline", *(f"{name}_version" for name in KEPT))
    ),
    *(
        Guard(f"{table}_fixed", table, "UPDATE", "what identifies it never changes", _changed(*columns))
        for table, columns in _FIXED.items()
    ),
    *(
        Guard(f"{table}_step", table, "UPDATE", "each change makes one more version", "NEW.version <> OLD.version + 1")
        for table in _FIXED
    ),
    *(
        Guard(f"{table}_gone", table, "UPDATE", "what was withdrawn stays as it was", "OLD.withdrawn_seq IS NOT NULL")
        for table in _FIXED
    ),
    *(Guard(f"{table}_update", table, "UPDATE", "it is only appended to") for table in _FROZEN),
    Guard("recommendation_text", "recommendation", "UPDATE", "published text never changes", _changed("id", "text")),
)


def _same(columns: str) -> str:
    """The condition that a row there has the same values in some columns."""
    return " AND ".join(f"there.{column} = NEW.{column}" for column in columns.split())


# What only one row may have; SQLite's INSERT OR REPLACE would take the other row away without asking a trigger.
_UNIQUE = {
    "item": (
        _same("id"),
        _same("ref"),
        _same("parent_id kind number"),
        "coalesce(there.owner_id, 0) = coalesce(NEW.owner_id, 0) AND there.external_id = NEW.external_id",
    ),
    "link": (_same("id"), _same("ref"), f"{_same('source_id type target_id')} AND there.withdrawn_seq IS NULL"),
    "baseline": (_same("id"), _same("name")),
    "due_date": (_same("action_id number"),),
    **dict.fromkeys(CONTENT_FIELDS, (_same("id"),)),
}
_NEXT = """
    SELECT CASE WHEN NEW.seq <> COALESCE((SELECT MAX(seq) FROM change), 0) + 1
                  OR NEW.at < COALESCE((SELECT at FROM change ORDER BY seq DESC LIMIT 1), '')
                  OR length(NEW.hash) <> 64
"""
_SQLITE_NEXT = f"""
    CREATE TRIGGER change_next BEFORE INSERT ON change BEGIN
    {_NEXT} THEN RAISE(ABORT, 'the record goes on by one, with a hash') END; END
"""
_REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
_POSTGRESQL_NEXT = f"""
    CREATE FUNCTION change_next() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF ({_NEXT} THEN true ELSE false END) THEN
            RAISE EXCEPTION 'the record goes on by one, with a hash' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
"""


def upgrade() -> None:
    """Go to this revision."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    _add_columns(sqlite=sqlite)
    _add_tables()
    _chain_the_record()
    _fill()
    _guard(sqlite=sqlite)


def downgrade() -> None:
    """Go back: what the earlier schema has no place for is lost, so nothing may have been altered or withdrawn."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if op.get_bind().execute(sa.text("SELECT 1 FROM change WHERE action <> 'created'")).first():
        raise RuntimeError("Things were altered or withdrawn; the earlier schema would lose what they were.")
    _unguard(sqlite=sqlite)
    for name in (*(f"{table}_version" for table in KEPT), "baseline", "reply"):
        op.drop_table(name)
    op.drop_index("ix_change_at", "change")
    op.drop_column("change", "hash")
    op.drop_column("item", "content")
    if sqlite:
        op.execute("ALTER TABLE link DROP COLUMN finding")
    else:
        op.drop_constraint("ck_link_finding", "link")
        op.drop_column("link", "finding")
    for name in ("source_content", "target_content", "review_note", "reviewed_by", "reviewed_at"):
        op.drop_column("link", name)
    if not sqlite:
        op.execute("ALTER TABLE change ALTER COLUMN at TYPE timestamptz USING at::timestamptz")
        for name in ("before", "after"):
            op.execute(f"ALTER TABLE change ALTER COLUMN {name} TYPE json USING {name}::json")


def _add_columns(*, sqlite: bool) -> None:
    """What the record, items and links have more; the record's times and states become text."""
    op.add_column("change", sa.Column("hash", TEXT, nullable=False, server_default=""))
    op.add_column("item", sa.Column("content", TEXT, nullable=False, server_default=""))
    for name in ("source_content", "target_content"):
        op.add_column("link", sa.Column(name, TEXT, nullable=False, server_default=""))
    finding = "finding IN ('valid', 'invalid')"
    if sqlite:
        op.execute(f"ALTER TABLE link ADD COLUMN finding TEXT CONSTRAINT ck_link_finding CHECK ({finding})")
    else:
        op.add_column("link", sa.Column("finding", TEXT, nullable=True))
        op.create_check_constraint(op.f("ck_link_finding"), "link", finding)
    for name in ("review_note", "reviewed_by", "reviewed_at"):
        op.add_column("link", sa.Column(name, TEXT, nullable=True))
    if not sqlite:
        op.execute(
            'ALTER TABLE change ALTER COLUMN at TYPE varchar COLLATE "C" USING '
            "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
        )
        for name in ("before", "after"):
            op.execute(f"ALTER TABLE change ALTER COLUMN {name} TYPE varchar USING {name}::text")
    op.create_index("ix_change_at", "change", ["at", "seq"])


def _add_tables() -> None:
    """Baselines, and a table for the versions of each table that is kept."""
    op.create_table(
        "baseline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("description", TEXT, nullable=True),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_seq", sa.Integer(), nullable=False),
        sa.Column("withdrawn_seq", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 60", name=op.f("ck_baseline_name_length")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_baseline_digest_length")),
        sa.CheckConstraint("seq >= 0", name=op.f("ck_baseline_seq")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_baseline_version")),
        sa.ForeignKeyConstraint(["created_seq"], ["change.seq"], name=op.f("fk_baseline_created_seq")),
        sa.ForeignKeyConstraint(["withdrawn_seq"], ["change.seq"], name=op.f("fk_baseline_withdrawn_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline")),
        sa.UniqueConstraint("name", name=op.f("uq_baseline_name")),
        sqlite_strict=True,
    )
    op.create_table(
        "reply",
        *(sa.Column(name, TEXT, nullable=False) for name in ("principal", "key", "request")),
        sa.Column("status", sa.Integer(), nullable=False),
        *(sa.Column(name, TEXT, nullable=True) for name in ("location", "etag")),
        *(sa.Column(name, TEXT, nullable=False) for name in ("body", "at")),
        sa.PrimaryKeyConstraint("principal", "key", name=op.f("pk_reply")),
        sqlite_strict=True,
    )
    for table in _reflected().values():
        keys = [column.name for column in table.primary_key.columns]
        op.create_table(
            f"{table.name}_version",
            *(
                sa.Column(column.name, column.type, nullable=column.nullable, autoincrement=False)
                for column in table.columns
            ),
            sa.Column("from_seq", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("until_seq", sa.Integer(), nullable=False),
            sa.PrimaryKeyConstraint(*keys, "from_seq", name=op.f(f"pk_{table.name}_version")),
            sqlite_strict=True,
        )
    for name, table_name, columns in INDEXES:
        op.create_index(name, table_name, columns)


def _reflected() -> dict[str, sa.Table]:
    """The tables that are kept, with the columns and keys that the database has now."""
    inspector, metadata = sa.inspect(op.get_bind()), sa.MetaData()
    found = {}
    for name in KEPT:
        keys = inspector.get_pk_constraint(name)["constrained_columns"]
        columns = [
            sa.Column(
                column["name"],
                TEXT if isinstance(column["type"], sa.String) else column["type"],
                primary_key=column["name"] in keys,
                nullable=column["nullable"],
                autoincrement=False,
            )
            for column in inspector.get_columns(name)
        ]
        found[name] = sa.Table(name, metadata, *columns)
    return found


def _canonical(value: Any) -> str:
    """A JSON value in its one canonical form."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _chain_the_record() -> None:
    """Bring the changes that are there into the canonical form, and chain them by their hashes."""
    connection = op.get_bind()
    names = ("seq", "at", "principal", "reason", "request_id", "action", "kind", "ref", "before", "after")
    change = sa.table("change", *(sa.column(name) for name in (*names, "hash")))
    previous = "0" * 64
    for row in (
        connection.execute(sa.select(*(change.c[name] for name in names)).order_by(change.c.seq)).mappings().all()
    ):
        at = datetime.fromisoformat(row["at"]).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        states = {name: json.loads(row[name]) if row[name] else None for name in ("before", "after")}
        told = {**row, **states, "at": at, "previous": previous}
        previous = hashlib.sha256(_canonical(told).encode()).hexdigest()
        texts = {name: None if state is None else _canonical(state) for name, state in states.items()}
        connection.execute(change.update().where(change.c.seq == row["seq"]).values(at=at, hash=previous, **texts))


def _fill() -> None:
    """Work out what items say, let links remember it, and keep the one version that everything has had so far."""
    connection = op.get_bind()
    tables = _reflected()
    item, link = tables["item"], tables["link"]
    says: dict[int, str] = {}
    for kind, fields in CONTENT_FIELDS.items():
        own = tables[kind]
        joined = sa.select(item, *(own.c[name] for name in list(own.c.keys()) if name != "id")).join(
            own, own.c.id == item.c.id
        )
        for row in connection.execute(joined).mappings():
            told = {name: row[name].isoformat() if isinstance(row[name], date) else row[name] for name in fields}
            says[row["id"]] = hashlib.sha256(_canonical(told).encode()).hexdigest()[:32]
    for item_id, content in says.items():
        connection.execute(item.update().where(item.c.id == item_id).values(content=content))
    for link_id, source_id, target_id in connection.execute(
        sa.select(link.c.id, link.c.source_id, link.c.target_id)
    ).all():
        ends = {"source_content": says[source_id], "target_content": says[target_id]}
        connection.execute(link.update().where(link.c.id == link_id).values(**ends))
    for name, table in tables.items():
        versions = sa.table(
            f"{name}_version", *(sa.column(column) for column in (*table.c.keys(), "from_seq", "until_seq"))
        )
        if "created_seq" in table.c:
            rows = sa.select(*table.c, table.c.created_seq, sa.literal(FOREVER))
        else:
            owner = table.c[{"involvement": "item_id", "due_date": "action_id"}.get(name, "id")]
            rows = sa.select(*table.c, item.c.created_seq, sa.literal(FOREVER)).join(item, item.c.id == owner)
        connection.execute(versions.insert().from_select(list(versions.c.keys()), rows))


def _ends_only(table: sa.Table) -> Guard:
    """The guard that lets a version end, once, and nothing else."""
    others = _changed(*table.c.keys(), "from_seq")
    ends = f"OLD.until_seq = {FOREVER} AND NEW.until_seq > OLD.from_seq AND NEW.until_seq < {FOREVER}"
    name = f"{table.name}_version"
    return Guard(f"{name}_update", name, "UPDATE", "a version only ends, and once", f"NOT ({ends}) OR {others}")


def _not_replaced(name: str, unique: Iterable[str]) -> Guard:
    """The guard that lets no row take the place of another."""
    there = " OR ".join(f"EXISTS (SELECT 1 FROM {name} AS there WHERE {same})" for same in unique)  # noqa: S608 - ours
    return Guard(f"{name}_replaced", name, "INSERT", "no row takes the place of another", there)


def _guards(*, sqlite: bool) -> list[Guard]:
    """Every guard of an engine."""
    tables = _reflected()
    guards = [*GUARDS, *(_ends_only(table) for table in tables.values())]
    if sqlite:
        versions = {
            f"{name}_version": (_same(" ".join([*_keys(table), "from_seq"])),) for name, table in tables.items()
        }
        guards += [_not_replaced(name, unique) for name, unique in (_UNIQUE | versions).items()]
    return guards


def _keys(table: sa.Table) -> list[str]:
    """The columns of a table's key."""
    return [column.name for column in table.primary_key.columns]


def _guard(*, sqlite: bool) -> None:
    """Let the database refuse what must never happen."""
    if not sqlite:
        op.execute(_REFUSE)
    for guard in _guards(sqlite=sqlite):
        when = f"WHEN ({guard.condition})" if guard.condition else ""
        head = f"CREATE TRIGGER guard_{guard.name} BEFORE {guard.event} ON {guard.table}"
        if sqlite:
            op.execute(f"{head} {when} BEGIN SELECT RAISE(ABORT, '{guard.says}'); END")
        else:
            op.execute(f"{head} FOR EACH ROW {when} EXECUTE FUNCTION refuse('{guard.says}')")
    if sqlite:
        op.execute(_SQLITE_NEXT)
        return
    op.execute(_POSTGRESQL_NEXT)
    op.execute("CREATE TRIGGER guard_change_next BEFORE INSERT ON change FOR EACH ROW EXECUTE FUNCTION change_next()")
    for table in ("change", *KEPT, "baseline", *(f"{name}_version" for name in KEPT)):
        op.execute(
            f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse('nothing is deleted')"
        )


def _unguard(*, sqlite: bool) -> None:
    """Let go of everything that refuses."""
    if sqlite:
        for name in (*(f"guard_{guard.name}" for guard in _guards(sqlite=True)), "change_next"):
            op.execute(f"DROP TRIGGER {name}")
        return
    op.execute("DROP FUNCTION refuse() CASCADE")
    op.execute("DROP FUNCTION change_next() CASCADE")
