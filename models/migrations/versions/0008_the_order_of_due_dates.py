"""The order of due dates: an index of the days, by which the action plan is read a page at a time."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INDEX, _TABLE = "ix_due_date_due_on", "due_date"


def upgrade() -> None:
    """Go to this revision."""
    op.create_index(_INDEX, _TABLE, ["due_on", "action_id", "number"])


def downgrade() -> None:
    """Go back to the revision before."""
    op.drop_index(_INDEX, table_name=_TABLE)
