"""Redaction: what two persons have confirmed is erased, from what is and was and from the record; and nothing else is."""

import sqlalchemy as sa
from alembic import op

from models.migrations.erasing import create, create_as_before, drop, guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TEXTS = {
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
CONFIRMED = "(erased IS NOT NULL) = (action = 'redact' AND state = 'confirmed')"


def upgrade() -> None:
    """Go to this revision."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name in ("erased", "erased_by"):
        op.add_column("change", sa.Column(name, TEXT, nullable=True))
    if sqlite:
        op.execute(f"ALTER TABLE approval ADD COLUMN erased TEXT CONSTRAINT ck_approval_erased CHECK ({CONFIRMED})")
    else:
        op.add_column("approval", sa.Column("erased", TEXT, nullable=True))
        op.create_check_constraint(op.f("ck_approval_erased"), "approval", CONFIRMED)
    for guard in guards(TEXTS, sqlite=sqlite):
        drop(guard, sqlite=sqlite)
        create(guard, sqlite=sqlite)


def downgrade() -> None:
    """Go back: nothing may be erased, since the earlier schema would take it for a tampering."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if op.get_bind().execute(sa.text("SELECT 1 FROM change WHERE erased IS NOT NULL")).first():
        raise RuntimeError("Texts were erased; by the earlier schema the record would look as if tampered with.")
    for guard in guards(TEXTS, sqlite=sqlite):
        drop(guard, sqlite=sqlite)
        create_as_before(guard, sqlite=sqlite)
    if not sqlite:
        op.drop_constraint(op.f("ck_approval_erased"), "approval")
    for table, name in (("approval", "erased"), ("change", "erased_by"), ("change", "erased")):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
