"""Markings on items and links, keys and accounts, approvals by a second person, and overrides of the guard."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
HANDLINGS = "handling IN ('PUBLIC', 'OFFICIAL', 'OFFICIAL-SENSITIVE')"
COMPARTMENT = (
    "handling",
    "coalesce(limited_to, '-')",
    "coalesce(embargo_until, '0001-01-01')",
    "coalesce(embargo_bodies, '')",
)
RESTRICTED = "handling <> 'PUBLIC' OR limited_to IS NOT NULL OR embargo_until IS NOT NULL"
EMBARGO = "(embargo_until IS NULL) = (embargo_bodies IS NULL)"
NUMBERS = "uq_item_parent_id_kind_number"
MARKED = ("item", "link")
MARKING = ("handling", "limited_to", "embargo_until", "embargo_bodies")
VERSIONED = tuple(f"{table}_version" for table in MARKED)
NEW = ("key", "account", "approval", "override")
CONTENT_ROLES = "'inspector', 'officer', 'programme_office', 'machine'"


class Guard(NamedTuple):
    """A trigger that refuses something: before which event, on which condition, and what it says.

    A condition that `looks` at other rows stands in the trigger on SQLite, and in its function on PostgreSQL.
    """

    name: str
    table: str
    event: str
    says: str
    condition: str | None = None
    looks: bool = False


def _changed(*columns: str) -> str:
    """The condition that one of the columns changes."""
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


_GRANT = ("id", "ref", "name", "role", "body", "clearance", "asked_by", "second_needed", "created_seq")
_APPROVAL = ("id", "ref", "action", "kind", "of_ref")
_FIXED = {
    "key": (*_GRANT, "scopes", "secret_digest", "expires_at"),
    "account": (*_GRANT, "subject_id"),
    "approval": (*_APPROVAL, "handling", "limited_to", "embargo_until", "asked_by", "created_seq"),
}
GUARDS = (
    *(Guard(f"{table}_delete", table, "DELETE", "nothing is deleted") for table in NEW),
    *(
        Guard(f"{table}_fixed", table, "UPDATE", "what is granted or asked for never changes", _changed(*columns))
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
    *(
        Guard(
            f"{table}_confirmed",
            table,
            "UPDATE",
            "it is confirmed once",
            f"OLD.confirmed_by IS NOT NULL AND ({_changed('confirmed_by')})",
        )
        for table in ("key", "account")
    ),
    Guard("approval_decided", "approval", "UPDATE", "it is decided once", "OLD.state <> 'open'"),
    Guard("override_update", "override", "UPDATE", "it is only appended to"),
)


def _same(columns: str) -> str:
    """The condition that a row there has the same values in some columns."""
    return " AND ".join(f"there.{column} = NEW.{column}" for column in columns.split())


# What only one row may have; SQLite's INSERT OR REPLACE would take the other row away without asking a trigger.
_IN_COMPARTMENT = (
    "there.handling = NEW.handling AND coalesce(there.limited_to, '-') = coalesce(NEW.limited_to, '-') "
    "AND coalesce(there.embargo_until, '') = coalesce(NEW.embargo_until, '') "
    "AND coalesce(there.embargo_bodies, '') = coalesce(NEW.embargo_bodies, '')"
)
_UNIQUE = {
    "item": (
        _same("id"),
        _same("ref"),
        f"{_same('parent_id kind number')} AND {_IN_COMPARTMENT}",
        (
            "coalesce(there.owner_id, 0) = coalesce(NEW.owner_id, 0) AND there.external_id = NEW.external_id "
            f"AND {_IN_COMPARTMENT}"
        ),
    ),
    "link": (
        _same("id"),
        _same("ref"),
        f"{_same('source_id type target_id')} AND there.withdrawn_seq IS NULL AND {_IN_COMPARTMENT}",
    ),
    "key": (_same("id"), _same("ref"), _same("name"), _same("secret_digest")),
    "account": (
        _same("id"),
        _same("ref"),
        _same("name"),
        f"{_same('subject_id')} AND there.withdrawn_seq IS NULL",
    ),
    "approval": (_same("id"), _same("ref")),
    "override": (_same("id"), _same("ref")),
}


def _rank(row: str) -> str:
    """How sensitive a row is, as a number."""
    return f"CASE {row}.handling WHEN 'PUBLIC' THEN 0 WHEN 'OFFICIAL' THEN 1 ELSE 2 END"


def _among(some: str, others: str, *, sqlite: bool) -> str:
    """The condition that every body that a list names is named by another; NULL names all, '' none."""
    if sqlite:
        names = f"json_each('[' || replace(json_quote({some}), ' ', '\",\"') || ']')"
        other = f"named.value <> '' AND instr(' ' || {others} || ' ', ' ' || named.value || ' ') = 0"
        among = f"NOT EXISTS (SELECT 1 FROM {names} AS named WHERE {other})"  # noqa: S608 - names of ours
    else:
        among = f"string_to_array({some}, ' ') <@ string_to_array({others}, ' ')"
    return f"({others} IS NULL OR ({some} IS NOT NULL AND {among}))"


def _shows_more(row: str, other: str, *, sqlite: bool) -> str:
    """The condition that a row is marked so that somebody may see it who may not see the other."""
    limits, bodies = (
        _among(f"{row}.{name}", f"{other}.{name}", sqlite=sqlite) for name in ("limited_to", "embargo_bodies")
    )
    return (
        f"({_rank(row)}) < ({_rank(other)}) OR NOT {limits} OR NOT {bodies}"
        f" OR ({other}.embargo_until IS NOT NULL"
        f" AND ({row}.embargo_until IS NULL OR {row}.embargo_until < {other}.embargo_until))"
    )


def _unreleased(table: str, *, sqlite: bool) -> str:
    """The condition that the marking of a row is lowered, and no second person has confirmed that it is to be so."""
    kind = "OLD.kind" if table == "item" else "'link'"
    confirmed = (
        f"action = 'release' AND state = 'confirmed' AND approval.kind = {kind} AND of_ref = OLD.ref"
        " AND applied_version = NEW.version AND approval.handling = NEW.handling"
        " AND approval.limited_to IS NOT DISTINCT FROM NEW.limited_to"
        " AND approval.embargo_until IS NOT DISTINCT FROM NEW.embargo_until"
    )
    shows_more = _shows_more("NEW", "OLD", sqlite=sqlite)
    return f"({shows_more}) AND NOT EXISTS (SELECT 1 FROM approval WHERE {confirmed})"  # noqa: S608 - names of ours


RELEASE, WHOLE = "a marking is lowered by two persons", "a part is marked at least as its whole"


def _looking(*, sqlite: bool) -> Iterable[Guard]:
    """The guards that look at other rows."""
    for table in MARKED:
        yield Guard(f"{table}_released", table, "UPDATE", RELEASE, _unreleased(table, sqlite=sqlite), looks=True)
    less = _shows_more("NEW", "whole", sqlite=sqlite)
    below = f"EXISTS (SELECT 1 FROM item AS whole WHERE whole.id = NEW.parent_id AND ({less}))"  # noqa: S608 - as above
    less = _shows_more("part", "NEW", sqlite=sqlite)
    above = f"EXISTS (SELECT 1 FROM item AS part WHERE part.parent_id = NEW.id AND ({less}))"  # noqa: S608 - as above
    yield Guard("item_part_added", "item", "INSERT", WHOLE, below, looks=True)
    yield Guard("item_part_marked", "item", "UPDATE", WHOLE, f"{below} OR {above}", looks=True)


def upgrade() -> None:
    """Go to this revision."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    _free_numbers(sqlite=sqlite)
    _add_markings(sqlite=sqlite)
    _add_tables()
    _gone(sqlite=sqlite, marking_apart=True)
    _guard(sqlite=sqlite)


def downgrade() -> None:
    """Go back: who may see what is lost, so nothing may be hidden; keys, accounts and approvals are lost too."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table in (*MARKED, *VERSIONED):
        if op.get_bind().execute(sa.text(f"SELECT 1 FROM {table} WHERE {RESTRICTED}")).first():  # noqa: S608 - ours
            raise RuntimeError(
                f"A row of {table} is hidden from some readers; the earlier schema would show it to all."
            )
    _unguard(sqlite=sqlite)
    _gone(sqlite=sqlite, marking_apart=False)
    for table in ("key_use", *NEW):
        op.drop_table(table)
    _drop_markings(sqlite=sqlite)
    _bind_numbers(sqlite=sqlite)


def _rebuild(change: tuple[str, str]) -> None:
    """Make SQLite's table of items anew with one constraint more or less; what hangs on it comes along."""
    connection = op.get_bind()
    listed = sa.text("SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'item' AND sql IS NOT NULL")
    found = connection.execute(listed).all()
    (made,) = (sql for kind, name, sql in found if kind == "table")
    made, count = re.subn(*change, made, count=1)
    if count != 1:
        raise RuntimeError("The table of items is not as the revision before left it.")
    op.execute("PRAGMA legacy_alter_table = ON")
    op.execute(re.sub(r'^CREATE TABLE "?item"?', "CREATE TABLE item_new", made))
    op.execute("INSERT INTO item_new SELECT * FROM item")
    op.execute("DROP TABLE item")
    op.execute("ALTER TABLE item_new RENAME TO item")
    op.execute("PRAGMA legacy_alter_table = OFF")
    for kind, _name, sql in found:
        if kind in {"index", "trigger"}:
            op.execute(sql.replace(":", r"\:"))


def _free_numbers(*, sqlite: bool) -> None:
    """Let a hidden part have the number of one that is seen: who sees only one of them must not learn of the other."""
    if sqlite:
        _rebuild((rf",?\s*CONSTRAINT {NUMBERS} UNIQUE \(parent_id, kind, number\)", ""))
    else:
        op.drop_constraint(NUMBERS, "item")


def _bind_numbers(*, sqlite: bool) -> None:
    """Let a number under a whole be there once."""
    if sqlite:
        whole = "CONSTRAINT uq_item_ref UNIQUE (ref)"
        _rebuild((re.escape(whole), f"CONSTRAINT {NUMBERS} UNIQUE (parent_id, kind, number), {whole}"))
    else:
        op.create_unique_constraint(op.f(NUMBERS), "item", ["parent_id", "kind", "number"])


def _add_markings(*, sqlite: bool) -> None:
    """The columns of a marking, what is unique within one, and a review's settings."""
    for table in (*MARKED, *VERSIONED):
        op.add_column(table, sa.Column("limited_to", TEXT, nullable=True))
        op.add_column(table, sa.Column("embargo_until", sa.Date(), nullable=True))
        name = op.f(f"ck_{table}_embargo")
        if table in VERSIONED or not sqlite:
            op.add_column(table, sa.Column("embargo_bodies", TEXT, nullable=True))
        else:
            op.execute(f"ALTER TABLE {table} ADD COLUMN embargo_bodies TEXT CONSTRAINT {name} CHECK ({EMBARGO})")
        if table in MARKED and not sqlite:
            op.create_check_constraint(name, table, EMBARGO)
    for table in ("review", "review_version"):
        if table == "review" and sqlite:
            checked = HANDLINGS.replace("handling", "new_handling")
            op.execute(
                f"ALTER TABLE review ADD COLUMN new_handling TEXT CONSTRAINT ck_review_new_handling CHECK ({checked})"
            )
        else:
            op.add_column(table, sa.Column("new_handling", TEXT, nullable=True))
        op.add_column(table, sa.Column("stubs_for", TEXT, nullable=True))
    if not sqlite:
        checked = HANDLINGS.replace("handling", "new_handling")
        op.create_check_constraint(op.f("ck_review_new_handling"), "review", checked)
    _index()


def _index() -> None:
    """What is unique, within a marking; and where what is hidden is found."""
    compartment = [sa.text(part) for part in COMPARTMENT]
    op.drop_index("uq_item_external_id", "item")
    op.create_index(
        "uq_item_external_id", "item", [sa.text("coalesce(owner_id, 0)"), "external_id", *compartment], unique=True
    )
    op.create_index("uq_item_number", "item", ["parent_id", "kind", "number", *compartment], unique=True)
    _index_active_links(*compartment)
    where = sa.text(RESTRICTED)
    for table, columns in (
        ("item", ["id"]),
        ("link", ["id"]),
        ("item_version", ["from_seq", "id"]),
        ("link_version", ["from_seq", "id"]),
    ):
        op.create_index(f"ix_{table}_restricted", table, columns, sqlite_where=where, postgresql_where=where)


def _index_active_links(*compartment: Any) -> None:
    """One active link of a type between two ends."""
    op.drop_index("uq_link_active", "link")
    active = sa.text("withdrawn_seq IS NULL")
    ends = ["source_id", "type", "target_id"]
    op.create_index(
        "uq_link_active", "link", [*ends, *compartment], unique=True, sqlite_where=active, postgresql_where=active
    )


def _drop_markings(*, sqlite: bool) -> None:
    """Without markings."""
    for table in (*MARKED, *VERSIONED):
        op.drop_index(f"ix_{table}_restricted", table)
    op.drop_index("uq_item_number", "item")
    op.drop_index("uq_item_external_id", "item")
    op.create_index("uq_item_external_id", "item", [sa.text("coalesce(owner_id, 0)"), "external_id"], unique=True)
    _index_active_links()
    for table in (*MARKED, *VERSIONED):
        if table in MARKED and not sqlite:
            op.drop_constraint(op.f(f"ck_{table}_embargo"), table)
        for column in ("embargo_bodies", "embargo_until", "limited_to"):
            _drop_column(table, column, sqlite=sqlite)
    if not sqlite:
        op.drop_constraint(op.f("ck_review_new_handling"), "review")
    for table in ("review", "review_version"):
        for column in ("new_handling", "stubs_for"):
            _drop_column(table, column, sqlite=sqlite)


def _drop_column(table: str, column: str, *, sqlite: bool) -> None:
    """Drop a column with what is said of it alone; no triggers look at it any more."""
    if sqlite:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    else:
        op.drop_column(table, column)


def _recorded() -> list[Any]:
    """The columns of what is recorded."""
    return [
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_seq", sa.Integer(), nullable=False),
        sa.Column("withdrawn_seq", sa.Integer(), nullable=True),
    ]


def _recorded_rules(table: str) -> list[Any]:
    """The constraints of what is recorded."""
    return [
        sa.CheckConstraint("version >= 1", name=op.f(f"ck_{table}_version")),
        sa.ForeignKeyConstraint(["created_seq"], ["change.seq"], name=op.f(f"fk_{table}_created_seq")),
        sa.ForeignKeyConstraint(["withdrawn_seq"], ["change.seq"], name=op.f(f"fk_{table}_withdrawn_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{table}_ref")),
    ]


def _texts(*names: str, nullable: bool = False) -> list[Any]:
    """Columns of text."""
    return [sa.Column(name, TEXT, nullable=nullable) for name in names]


def _grant(table: str, columns: Iterable[Any], rules: Iterable[Any]) -> None:
    """A table of grants."""
    roles = "'inspector', 'officer', 'programme_office', 'auditor', 'admin', 'machine'"
    most = "(role = 'auditor' AND clearance = 'PUBLIC') OR (role = 'admin' AND clearance = 'PUBLIC')"
    op.create_table(
        table,
        sa.Column("id", sa.Integer(), nullable=False),
        *_texts("ref", "name", "role"),
        *_texts("body", nullable=True),
        *_texts("clearance", "asked_by"),
        sa.Column("second_needed", sa.Boolean(), server_default=sa.false(), nullable=False),
        *_texts("confirmed_by", nullable=True),
        *columns,
        *_recorded(),
        sa.CheckConstraint(f"role IN ({roles})", name=op.f(f"ck_{table}_role")),
        sa.CheckConstraint(HANDLINGS.replace("handling", "clearance"), name=op.f(f"ck_{table}_clearance")),
        sa.CheckConstraint(f"role IN ({CONTENT_ROLES}) OR {most}", name=op.f(f"ck_{table}_no_content")),
        sa.CheckConstraint(f"(body IS NOT NULL) = (role IN ({CONTENT_ROLES}))", name=op.f(f"ck_{table}_body")),
        sa.CheckConstraint(
            "NOT second_needed OR confirmed_by IS NULL OR confirmed_by <> asked_by", name=op.f(f"ck_{table}_second")
        ),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 60", name=op.f(f"ck_{table}_name_length")),
        *_recorded_rules(table),
        sa.UniqueConstraint("name", name=op.f(f"uq_{table}_name")),
        *rules,
        sqlite_strict=True,
    )


def _add_tables() -> None:
    """Keys and when they were used, accounts, approvals, overrides."""
    _grant(
        "key",
        [*_texts("scopes", nullable=True), *_texts("secret_digest", "expires_at")],
        [sa.UniqueConstraint("secret_digest", name=op.f("uq_key_secret_digest"))],
    )
    op.create_table(
        "key_use",
        sa.Column("key_id", sa.Integer(), nullable=False),
        *_texts("used_at"),
        sa.ForeignKeyConstraint(["key_id"], ["key.id"], name=op.f("fk_key_use_key_id")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_key_use")),
        sqlite_strict=True,
    )
    _grant(
        "account",
        _texts("subject_id"),
        [
            sa.CheckConstraint("role <> 'machine'", name=op.f("ck_account_person")),
            sa.CheckConstraint("length(subject_id) BETWEEN 1 AND 255", name=op.f("ck_account_subject_length")),
        ],
    )
    active = sa.text("withdrawn_seq IS NULL")
    op.create_index(
        "uq_account_subject_id", "account", ["subject_id"], unique=True, sqlite_where=active, postgresql_where=active
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.Integer(), nullable=False),
        *_texts("ref", "action", "kind", "of_ref"),
        *_texts("handling", "limited_to", nullable=True),
        sa.Column("embargo_until", sa.Date(), nullable=True),
        *_texts("asked_by", "state"),
        *_texts("decided_by", nullable=True),
        sa.Column("applied_version", sa.Integer(), nullable=True),
        *_recorded(),
        sa.CheckConstraint("action IN ('release', 'redact')", name=op.f("ck_approval_action")),
        sa.CheckConstraint("state IN ('open', 'confirmed', 'declined')", name=op.f("ck_approval_state")),
        sa.CheckConstraint(HANDLINGS, name=op.f("ck_approval_handling")),
        sa.CheckConstraint("(state = 'open') = (decided_by IS NULL)", name=op.f("ck_approval_decided")),
        sa.CheckConstraint("state <> 'confirmed' OR decided_by <> asked_by", name=op.f("ck_approval_second")),
        *_recorded_rules("approval"),
        sqlite_strict=True,
    )
    op.create_table(
        "override",
        sa.Column("id", sa.Integer(), nullable=False),
        *_texts("ref", "kind", "of_ref", "found", "why", "by"),
        *_recorded(),
        sa.CheckConstraint("length(why) BETWEEN 1 AND 1000", name=op.f("ck_override_why_length")),
        *_recorded_rules("override"),
        sqlite_strict=True,
    )


def _create(guard: Guard, *, sqlite: bool) -> None:
    """Make a trigger that refuses."""
    when = f"WHEN ({guard.condition})" if guard.condition else ""
    head = f"CREATE TRIGGER guard_{guard.name} BEFORE {guard.event} ON {guard.table}"
    if sqlite:
        op.execute(f"{head} {when} BEGIN SELECT RAISE(ABORT, '{guard.says}'); END")
    elif guard.looks:
        op.execute(
            f"CREATE FUNCTION look_{guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {guard.condition} THEN"
            f" RAISE EXCEPTION '{guard.says}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
            " RETURN NEW; END $$"
        )
        op.execute(f"{head} FOR EACH ROW EXECUTE FUNCTION look_{guard.name}()")
    else:
        op.execute(f"{head} FOR EACH ROW {when} EXECUTE FUNCTION refuse('{guard.says}')")


def _drop(name: str, table: str, *, sqlite: bool) -> None:
    """Drop a trigger."""
    op.execute(f"DROP TRIGGER guard_{name}" + ("" if sqlite else f" ON {table}"))


def _gone(*, sqlite: bool, marking_apart: bool) -> None:
    """What was withdrawn stays as it was; but for its marking, which can still be raised."""
    for table in MARKED:
        names = [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]
        others = _changed(*(name for name in names if name not in {*MARKING, "version"}))
        condition = "OLD.withdrawn_seq IS NOT NULL"
        if marking_apart:
            condition += f" AND ({others} OR NOT ({_changed(*MARKING)}))"
        _drop(f"{table}_gone", table, sqlite=sqlite)
        _create(Guard(f"{table}_gone", table, "UPDATE", "what was withdrawn stays as it was", condition), sqlite=sqlite)
    if sqlite:
        _replace(marking_apart=marking_apart)
    for table in VERSIONED:
        names = [
            column["name"] for column in sa.inspect(op.get_bind()).get_columns(table) if column["name"] != "until_seq"
        ]
        others = _changed(*(name for name in names if marking_apart or name not in MARKING[1:]))
        ends = "OLD.until_seq = 2147483647 AND NEW.until_seq > OLD.from_seq AND NEW.until_seq < 2147483647"
        _drop(f"{table}_update", table, sqlite=sqlite)
        condition = f"NOT ({ends}) OR {others}"
        _create(Guard(f"{table}_update", table, "UPDATE", "a version only ends, and once", condition), sqlite=sqlite)


def _replace(*, marking_apart: bool) -> None:
    """Of what is unique within a marking, let no row take the place of another on SQLite."""
    for table in MARKED:
        unique = (
            _UNIQUE[table]
            if marking_apart
            else [same.partition(f" AND {_IN_COMPARTMENT}")[0] for same in _UNIQUE[table]]
        )
        _drop(f"{table}_replaced", table, sqlite=True)
        _create(_not_replaced(table, unique), sqlite=True)


def _not_replaced(name: str, unique: Iterable[str]) -> Guard:
    """The guard that lets no row take the place of another."""
    there = " OR ".join(f"EXISTS (SELECT 1 FROM {name} AS there WHERE {same})" for same in unique)  # noqa: S608 - ours
    return Guard(f"{name}_replaced", name, "INSERT", "no row takes the place of another", there)


def _every(*, sqlite: bool) -> list[Guard]:
    """Every guard that this revision brings."""
    more = [_not_replaced(table, _UNIQUE[table]) for table in NEW] if sqlite else []
    return [*GUARDS, *_looking(sqlite=sqlite), *more]


def _guard(*, sqlite: bool) -> None:
    """Let the database refuse what must never happen."""
    for guard in _every(sqlite=sqlite):
        _create(guard, sqlite=sqlite)
    if not sqlite:
        for table in NEW:
            op.execute(
                f"CREATE TRIGGER guard_{table}_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse('nothing is deleted')"
            )


def _unguard(*, sqlite: bool) -> None:
    """Let go of what this revision brought."""
    for guard in _every(sqlite=sqlite):
        _drop(guard.name, guard.table, sqlite=sqlite)
        if guard.looks and not sqlite:
            op.execute(f"DROP FUNCTION look_{guard.name}()")
    if not sqlite:
        for table in NEW:
            _drop(f"{table}_truncate", table, sqlite=False)
