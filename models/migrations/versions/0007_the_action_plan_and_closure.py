"""The action plan and closure: why dates moved and what came of it, responses, and steps that the database holds to."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from models.migrations.erasing import create, drop, guards

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
BEFORE = {
    "item": ("title", "effective_note", "period_note", "url", "locator", "publisher"),
    "recommendation": ("text", "short_name"),
    "source": ("population", "sample", "statement"),
    "evidence": ("statement",),
    "progress": ("statement",),
    "assessment": ("statement",),
    "decision": ("statement",),
    "due_date": ("note",),
    "link": ("rationale", "url", "locator", "review_note"),
}
TEXTS = BEFORE | {"progress": ("statement", "impact"), "decision": ("statement", "impact", "depends_on")}

DELAYS = "'wider_programme', 'dependency', 'resources', 'legislation', 'scope', 'other'"
FORMER = "'proposed', 'returned', 'discharged', 'no_longer_relevant', 'superseded', 'disputed'"
CLOSURE = "'proposed', 'returned', 'override_asked', 'discharged', 'no_longer_relevant', 'superseded', 'reopened'"
DECISIONS = f"'accepted', 'partly_accepted', 'disputed', 'noted', 'not_ours', {CLOSURE}"
# Each new column: its table, type, and the rule that it keeps to.
COLUMNS = (
    ("recommendation", "roll_up", TEXT, "roll_up IN ('all', 'any', 'lead')"),
    ("due_date", "delay", TEXT, f"delay IN ({DELAYS})"),
    ("due_date", "set_on", sa.Date(), None),
    ("due_date", "set_by", TEXT, None),
    ("progress", "impact", TEXT, None),
    ("progress", "delay", TEXT, f"delay IN ({DELAYS})"),
    ("decision", "impact", TEXT, None),
    ("decision", "depends_on", TEXT, None),
    ("decision", "decided_by", TEXT, None),
    ("decision", "rules_version", sa.Integer(), None),
    ("decision", "unmet", TEXT, None),
)
LINK_RULES = (
    "contributes_to action action",
    "demonstrates evidence clause",
    "demonstrates evidence assessment",
    "depends_on decision body",
)
_MARKING = ("handling", "limited_to", "embargo_until", "embargo_bodies")
# The steps of closure on one recommendation that are marked as it is: whoever sees the one sees the others.
_STEPS = (
    "FROM decision AS d JOIN item AS i ON i.id = d.id JOIN item AS n ON n.id = NEW.id"
    " JOIN item AS w ON w.id = n.parent_id WHERE i.parent_id = n.parent_id AND i.id <> NEW.id"
    f" AND d.decision IN ({CLOSURE}) AND i.withdrawn_seq IS NULL AND "
    + " AND ".join(f"i.{name} IS NOT DISTINCT FROM w.{name}" for name in _MARKING)
)
_LAST = f"coalesce((SELECT d.decision {_STEPS} ORDER BY i.id DESC LIMIT 1), '')"
_MARKED_OTHERWISE = (
    "EXISTS (SELECT 1 FROM item AS n JOIN item AS w ON w.id = n.parent_id WHERE n.id = NEW.id AND ("  # noqa: S608
    + " OR ".join(f"n.{name} IS DISTINCT FROM w.{name}" for name in _MARKING)
    + "))"
)
_OPEN = "'', 'returned', 'reopened'"
_FOLLOWS = f"""CASE NEW.decision
    WHEN 'proposed' THEN {_LAST} IN ({_OPEN})
    WHEN 'returned' THEN {_LAST} IN ('proposed', 'override_asked')
    WHEN 'override_asked' THEN {_LAST} = 'proposed'
    WHEN 'discharged' THEN {_LAST} IN ('proposed', 'override_asked')
    WHEN 'reopened' THEN {_LAST} IN ('discharged', 'no_longer_relevant', 'superseded')
    ELSE {_LAST} IN ({_OPEN}, 'proposed', 'override_asked') END"""
_PROPOSER = f"(SELECT d.decided_by {_STEPS} AND d.decision = 'proposed' ORDER BY i.id DESC LIMIT 1)"
_ASKER = f"(SELECT d.decided_by {_STEPS} AND d.decision = 'override_asked' ORDER BY i.id DESC LIMIT 1)"
# What evidence can demonstrate of a recommendation: it, its clauses, its decisions, the actions for them, progress.
_WHOLE = "(SELECT parent_id FROM item WHERE id = NEW.id)"
_PARTS = f"(SELECT id FROM item WHERE id = {_WHOLE} OR parent_id = {_WHOLE})"  # noqa: S608 - words of ours
_ACTIONS = (
    "(SELECT a.source_id FROM link AS a WHERE a.type = 'addresses' AND a.basis = 'stated' AND a.withdrawn_seq IS NULL"  # noqa: S608
    f" AND a.target_id IN {_PARTS})"
)
_SHOWN = (
    "EXISTS (SELECT 1 FROM link AS l JOIN item AS e ON e.id = l.source_id JOIN item AS t ON t.id = l.target_id"  # noqa: S608
    " JOIN change AS tied ON tied.seq = l.created_seq JOIN change AS given ON given.seq = e.created_seq"
    " WHERE l.type = 'demonstrates' AND l.withdrawn_seq IS NULL AND e.withdrawn_seq IS NULL"
    " AND tied.principal <> NEW.decided_by AND given.principal <> NEW.decided_by"
    f" AND (t.id IN {_PARTS} OR t.id IN {_ACTIONS} OR t.parent_id IN {_ACTIONS}))"
)
_ALONE = (
    "(NEW.decision = 'discharged' AND NEW.unmet IS NOT NULL"
    f" AND ({_LAST} <> 'override_asked' OR NEW.decided_by = {_ASKER}))"
)
_STEP = f"NEW.decision IN ({CLOSURE})"
_SILENT = (
    "(NEW.decision <> 'discharged' AND NEW.statement IS NULL) OR (NEW.decision = 'proposed' AND NEW.impact IS NULL)"
)
# What each step of closure must be: on which condition it is refused, and what is said.
CLOSING = (
    (
        "decision_closure",
        f"{_STEP} AND (NEW.decided_by IS NULL OR {_MARKED_OTHERWISE})",
        "a step of closure says who takes it, and is marked as its recommendation",
    ),
    ("decision_follows", f"{_STEP} AND NOT ({_FOLLOWS})", "no such step of closure follows the one before"),
    (
        "decision_reasons",
        f"{_STEP} AND ({_SILENT})",
        "a step of closure says why; a proposal what was done, and its impact",
    ),
    (
        "decision_persons",
        f"NEW.decision IN ('override_asked', 'discharged') AND (NEW.decided_by = {_PROPOSER} OR {_ALONE})",
        "who proposes a closure does not discharge, and an override takes two",
    ),
    (
        "decision_evidence",
        f"NEW.decision = 'discharged' AND NEW.unmet IS NULL AND NOT ({_SHOWN})",
        "nothing is discharged without evidence that another has given",
    ),
)
# What SQLite loses with a table that it makes anew.
_LOST = (
    ("decision_delete", "DELETE", "nothing is deleted", ""),
    (
        "decision_replaced",
        "INSERT",
        "no row takes the place of another",
        "WHEN (EXISTS (SELECT 1 FROM decision AS there WHERE there.id = NEW.id))",
    ),
)


def upgrade() -> None:
    """Go to this revision."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in guards(BEFORE, sqlite=sqlite):
        drop(guard, sqlite=sqlite)
    _allow(DECISIONS, sqlite=sqlite)
    for table, name, type_, rule in COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {_described(table, name, type_, rule)}")
        op.add_column(f"{table}_version", sa.Column(name, type_, nullable=True))
    for guard in guards(TEXTS, sqlite=sqlite):
        create(guard, sqlite=sqlite)
    for name, condition, says in CLOSING:
        _refuse(name, condition, says, sqlite=sqlite)
    for rule in LINK_RULES:
        words = "', '".join(rule.split())
        op.execute(f"INSERT INTO link_rule VALUES ('{words}')")  # noqa: S608 - words of ours


def downgrade() -> None:
    """Go back: nothing of the plan may be on record for which the earlier schema has no place."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    _refuse_to_lose()
    for guard in guards(TEXTS, sqlite=sqlite):
        drop(guard, sqlite=sqlite)
    for name, _condition, _says in CLOSING:
        op.execute(f"DROP TRIGGER guard_{name}" + ("" if sqlite else " ON decision"))
        if not sqlite:
            op.execute(f"DROP FUNCTION look_{name}()")
    for table, name, _type, _rule in reversed(COLUMNS):
        for of in (table, f"{table}_version"):
            op.execute(f"ALTER TABLE {of} DROP COLUMN {name}")  # its rule goes with it
    _allow(FORMER, sqlite=sqlite)
    for guard in guards(BEFORE, sqlite=sqlite):
        create(guard, sqlite=sqlite)
    for rule in LINK_RULES:
        words = dict(zip(("type", "source_kind", "target_kind"), rule.split(), strict=True))
        op.execute("DELETE FROM link_rule WHERE " + " AND ".join(f"{name} = '{word}'" for name, word in words.items()))  # noqa: S608


def _refuse_to_lose() -> None:
    """Refuse to go back where something would be lost."""
    connection = op.get_bind()
    for table, name, _type, _rule in COLUMNS:
        if connection.execute(sa.text(f"SELECT 1 FROM {table}_version WHERE {name} IS NOT NULL")).first():  # noqa: S608
            raise RuntimeError(f"The earlier schema has no place for {name} of {table}, which is on record.")
    if connection.execute(sa.text(f"SELECT 1 FROM decision WHERE decision NOT IN ({FORMER})")).first():  # noqa: S608
        raise RuntimeError("The earlier schema does not know the responses that are on record.")
    for rule in LINK_RULES:
        words = dict(zip(("type", "source", "target"), rule.split(), strict=True))
        there = "SELECT 1 FROM link WHERE type = :type AND source_kind = :source AND target_kind = :target"
        if connection.execute(sa.text(there), words).first():
            raise RuntimeError(f"The earlier schema has no links of this sort, and one is on record: {rule}.")


def _described(table: str, name: str, type_: sa.types.TypeEngine[Any], rule: str | None) -> str:
    """A new column as the statement has it that adds it."""
    told = type_.compile(op.get_bind().dialect)
    return f"{name} {told}" + ("" if rule is None else f" CONSTRAINT ck_{table}_{name} CHECK ({rule})")


def _allow(words: str, *, sqlite: bool) -> None:
    """Let a decision be one of these words: SQLite makes the table anew for it."""
    if not sqlite:
        op.drop_constraint(op.f("ck_decision_decision"), "decision")
        op.create_check_constraint(op.f("ck_decision_decision"), "decision", f"decision IN ({words})")
        return
    for name, _event, _says, _when in _LOST:
        op.execute(f"DROP TRIGGER guard_{name}")
    columns = ("id", "decision", "statement")
    op.create_table(
        "decision_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision", TEXT, nullable=False),
        sa.Column("statement", TEXT, nullable=True),
        sa.CheckConstraint(f"decision IN ({words})", name=op.f("ck_decision_decision")),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sqlite_strict=True,
    )
    op.execute(f"INSERT INTO decision_anew SELECT {', '.join(columns)} FROM decision")  # noqa: S608 - names of ours
    op.drop_table("decision")
    op.rename_table("decision_anew", "decision")
    for name, event, says, when in _LOST:
        head = f"CREATE TRIGGER guard_{name} BEFORE {event} ON decision {when}"
        op.execute(f"{head} BEGIN SELECT RAISE(ABORT, '{says}'); END")


def _refuse(name: str, condition: str, says: str, *, sqlite: bool) -> None:
    """Refuse a step of closure on a condition; on PostgreSQL the function of the trigger looks at other rows."""
    head = f"CREATE TRIGGER guard_{name} BEFORE INSERT ON decision"
    if sqlite:
        op.execute(f"{head} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{says}'); END")
        return
    refused = f"RAISE EXCEPTION '{says}' USING ERRCODE = 'integrity_constraint_violation'"
    body = f"BEGIN IF {condition} THEN {refused}; END IF; RETURN NEW; END"
    op.execute(f"CREATE FUNCTION look_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    op.execute(f"{head} FOR EACH ROW EXECUTE FUNCTION look_{name}()")
