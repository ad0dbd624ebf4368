"""The graph and its record."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
TABLES = (
    "change",
    "link_rule",
    "item",
    "action",
    "assessment",
    "body",
    "clause",
    "decision",
    "evidence",
    "link",
    "progress",
    "recommendation",
    "review",
    "source",
    "due_date",
    "involvement",
)
# Link type, kind of its source, kind of its target.
LINK_RULES = (
    "derived_from evidence evidence",
    "derived_from evidence source",
    "supports evidence recommendation",
    "supports evidence clause",
    "contradicts evidence recommendation",
    "contradicts evidence clause",
    "qualifies evidence recommendation",
    "qualifies evidence clause",
    "contextualises evidence recommendation",
    "contextualises evidence review",
    "contextualises source recommendation",
    "contextualises source review",
    "addresses action recommendation",
    "addresses action clause",
    "demonstrates evidence action",
    "demonstrates evidence progress",
    "demonstrates evidence decision",
    "depends_on action action",
    "depends_on action body",
    "supersedes recommendation recommendation",
    "supersedes evidence evidence",
)


def upgrade() -> None:
    """Go to this revision."""
    op.create_table(
        "change",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("principal", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("request_id", TEXT, nullable=True),
        sa.Column("action", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("ref", TEXT, nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.CheckConstraint("action IN ('created', 'updated', 'withdrawn')", name=op.f("ck_change_action")),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_change_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_change")),
        sqlite_strict=True,
    )
    op.create_index("ix_change_subject", "change", ["kind", "ref", "seq"], unique=False)

    rules = op.create_table(
        "link_rule",
        sa.Column("type", TEXT, nullable=False),
        sa.Column("source_kind", TEXT, nullable=False),
        sa.Column("target_kind", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("type", "source_kind", "target_kind", name=op.f("pk_link_rule")),
        sqlite_strict=True,
    )
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("ref", TEXT, nullable=False),
        sa.Column("external_id", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("parent_kind", TEXT, nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_kind", TEXT, nullable=True),
        sa.Column("handling", TEXT, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("effective_note", TEXT, nullable=True),
        sa.Column("period", TEXT, nullable=True),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("period_note", TEXT, nullable=True),
        sa.Column("url", TEXT, nullable=True),
        sa.Column("locator", TEXT, nullable=True),
        sa.Column("publisher", TEXT, nullable=True),
        sa.Column("publication_type", TEXT, nullable=True),
        sa.Column("confidence", TEXT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_seq", sa.Integer(), nullable=False),
        sa.Column("withdrawn_seq", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'recommendation' AND COALESCE(parent_kind, '') = 'review') OR (kind = 'clause' AND COALESCE(parent_kind, '') = 'recommendation') OR (kind = 'progress' AND COALESCE(parent_kind, '') = 'action') OR (kind = 'assessment' AND COALESCE(parent_kind, '') = 'recommendation') OR (kind = 'assessment' AND COALESCE(parent_kind, '') = 'clause') OR (kind = 'assessment' AND COALESCE(parent_kind, '') = 'review') OR (kind = 'decision' AND COALESCE(parent_kind, '') = 'recommendation') OR (NOT kind IN ('assessment', 'clause', 'decision', 'progress', 'recommendation') AND parent_kind IS NULL)",
            name=op.f("ck_item_parent"),
        ),
        sa.CheckConstraint("confidence IN ('high', 'medium', 'low')", name=op.f("ck_item_confidence")),
        sa.CheckConstraint("handling IN ('PUBLIC', 'OFFICIAL', 'OFFICIAL-SENSITIVE')", name=op.f("ck_item_handling")),
        sa.CheckConstraint(
            "kind IN ('review', 'recommendation', 'clause', 'source', 'evidence', 'action', 'progress', 'assessment', 'decision', 'body')",
            name=op.f("ck_item_kind"),
        ),
        sa.CheckConstraint("owner_kind = 'body'", name=op.f("ck_item_owner")),
        sa.CheckConstraint(
            "publication_type IN ('primary', 'trade press', 'press', 'press opinion')",
            name=op.f("ck_item_publication_type"),
        ),
        sa.CheckConstraint("(owner_id IS NULL) = (owner_kind IS NULL)", name=op.f("ck_item_owner_whole")),
        sa.CheckConstraint("(parent_id IS NULL) = (parent_kind IS NULL)", name=op.f("ck_item_parent_whole")),
        sa.CheckConstraint("effective_to > effective_from", name=op.f("ck_item_effective")),
        sa.CheckConstraint("length(ref) BETWEEN 1 AND 120", name=op.f("ck_item_ref_length")),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 500", name=op.f("ck_item_title_length")),
        sa.CheckConstraint("period_to >= period_from", name=op.f("ck_item_period")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_item_version")),
        sa.ForeignKeyConstraint(["created_seq"], ["change.seq"], name=op.f("fk_item_created_seq")),
        sa.ForeignKeyConstraint(["owner_id", "owner_kind"], ["item.id", "item.kind"], name="fk_item_owner"),
        sa.ForeignKeyConstraint(["parent_id", "parent_kind"], ["item.id", "item.kind"], name="fk_item_parent"),
        sa.ForeignKeyConstraint(["withdrawn_seq"], ["change.seq"], name=op.f("fk_item_withdrawn_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("id", "kind", name=op.f("uq_item_id_kind")),
        sa.UniqueConstraint("parent_id", "kind", "number", name=op.f("uq_item_parent_id_kind_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_item_ref")),
        sqlite_strict=True,
    )
    op.create_index("ix_item_kind", "item", ["kind", "id"], unique=False)
    op.create_index("ix_item_owner_id", "item", ["owner_id"], unique=False)

    op.create_table(
        "action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_action_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sqlite_strict=True,
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("verdict", TEXT, nullable=True),
        sa.Column("tally_fully_met", sa.Integer(), nullable=True),
        sa.Column("tally_partially_met", sa.Integer(), nullable=True),
        sa.Column("tally_not_met", sa.Integer(), nullable=True),
        sa.Column("statement", TEXT, nullable=True),
        sa.CheckConstraint(
            "verdict IN ('not_met', 'partially_met', 'fully_met', 'not_published')", name=op.f("ck_assessment_verdict")
        ),
        sa.CheckConstraint(
            "(verdict IS NOT NULL AND tally_fully_met IS  NULL AND tally_partially_met IS  NULL AND tally_not_met IS  NULL) OR (verdict IS NULL AND tally_fully_met IS NOT NULL AND tally_partially_met IS NOT NULL AND tally_not_met IS NOT NULL)",
            name=op.f("ck_assessment_verdict_or_tally"),
        ),
        sa.CheckConstraint(
            "tally_fully_met >= 0 AND tally_partially_met >= 0 AND tally_not_met >= 0", name=op.f("ck_assessment_tally")
        ),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_assessment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sqlite_strict=True,
    )
    op.create_table(
        "body",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("is_group", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body")),
        sqlite_strict=True,
    )
    op.create_table(
        "clause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.CheckConstraint("span_start >= 0 AND span_end > span_start", name=op.f("ck_clause_span")),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_clause_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause")),
        sqlite_strict=True,
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision", TEXT, nullable=False),
        sa.Column("statement", TEXT, nullable=True),
        sa.CheckConstraint(
            "decision IN ('proposed', 'returned', 'discharged', 'no_longer_relevant', 'superseded', 'disputed')",
            name=op.f("ck_decision_decision"),
        ),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_decision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sqlite_strict=True,
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("evidence_kind", TEXT, nullable=False),
        sa.Column("statement", TEXT, nullable=False),
        sa.CheckConstraint(
            "evidence_kind IN ('audit_finding', 'observation', 'survey_theme', 'statistic', 'document')",
            name=op.f("ck_evidence_evidence_kind"),
        ),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_evidence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sqlite_strict=True,
    )
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", TEXT, nullable=False),
        sa.Column("type", TEXT, nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("source_kind", TEXT, nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("target_kind", TEXT, nullable=False),
        sa.Column("basis", TEXT, nullable=False),
        sa.Column("strength", TEXT, nullable=True),
        sa.Column("rationale", TEXT, nullable=False),
        sa.Column("asserted_by", TEXT, nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("owner_kind", TEXT, nullable=True),
        sa.Column("handling", TEXT, nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("url", TEXT, nullable=True),
        sa.Column("locator", TEXT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_seq", sa.Integer(), nullable=False),
        sa.Column("withdrawn_seq", sa.Integer(), nullable=True),
        sa.CheckConstraint("basis IN ('stated', 'inferred')", name=op.f("ck_link_basis")),
        sa.CheckConstraint("handling IN ('PUBLIC', 'OFFICIAL', 'OFFICIAL-SENSITIVE')", name=op.f("ck_link_handling")),
        sa.CheckConstraint("owner_kind = 'body'", name=op.f("ck_link_owner")),
        sa.CheckConstraint("strength IN ('strong', 'moderate', 'weak')", name=op.f("ck_link_strength")),
        sa.CheckConstraint(
            "type <> 'supersedes' OR source_kind = target_kind", name=op.f("ck_link_supersedes_same_kind")
        ),
        sa.CheckConstraint("(owner_id IS NULL) = (owner_kind IS NULL)", name=op.f("ck_link_owner_whole")),
        sa.CheckConstraint("effective_to > effective_from", name=op.f("ck_link_effective")),
        sa.CheckConstraint("length(rationale) BETWEEN 1 AND 2000", name=op.f("ck_link_rationale_length")),
        sa.CheckConstraint("length(ref) BETWEEN 1 AND 300", name=op.f("ck_link_ref_length")),
        sa.CheckConstraint("source_id <> target_id", name=op.f("ck_link_no_self_link")),
        sa.CheckConstraint("version >= 1", name=op.f("ck_link_version")),
        sa.ForeignKeyConstraint(["created_seq"], ["change.seq"], name=op.f("fk_link_created_seq")),
        sa.ForeignKeyConstraint(["owner_id", "owner_kind"], ["item.id", "item.kind"], name="fk_link_owner"),
        sa.ForeignKeyConstraint(["source_id", "source_kind"], ["item.id", "item.kind"], name="fk_link_source"),
        sa.ForeignKeyConstraint(["target_id", "target_kind"], ["item.id", "item.kind"], name="fk_link_target"),
        sa.ForeignKeyConstraint(
            ["type", "source_kind", "target_kind"],
            ["link_rule.type", "link_rule.source_kind", "link_rule.target_kind"],
            name="fk_link_rule",
        ),
        sa.ForeignKeyConstraint(["withdrawn_seq"], ["change.seq"], name=op.f("fk_link_withdrawn_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
        sa.UniqueConstraint("ref", name=op.f("uq_link_ref")),
        sqlite_strict=True,
    )
    op.create_index("ix_link_backward", "link", ["target_id", "type", "source_id"], unique=False)
    op.create_index("ix_link_forward", "link", ["source_id", "type", "target_id"], unique=False)
    op.create_index(
        "uq_link_active",
        "link",
        ["source_id", "type", "target_id"],
        unique=True,
        sqlite_where=sa.text("withdrawn_seq IS NULL"),
        postgresql_where=sa.text("withdrawn_seq IS NULL"),
    )

    op.create_table(
        "progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claimed_status", TEXT, nullable=True),
        sa.Column("statement", TEXT, nullable=False),
        sa.CheckConstraint(
            "claimed_status IN ('not_started', 'under_way', 'complete', 'stalled')",
            name=op.f("ck_progress_claimed_status"),
        ),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_progress_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress")),
        sqlite_strict=True,
    )
    op.create_table(
        "recommendation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("short_name", TEXT, nullable=False),
        sa.CheckConstraint(
            "category IN ('recommendation', 'area_for_development')", name=op.f("ck_recommendation_category")
        ),
        sa.CheckConstraint("length(short_name) BETWEEN 1 AND 16", name=op.f("ck_recommendation_short_name_length")),
        sa.CheckConstraint("length(text) BETWEEN 1 AND 10000", name=op.f("ck_recommendation_text_length")),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_recommendation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sqlite_strict=True,
    )
    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_review_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sqlite_strict=True,
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_class", TEXT, nullable=False),
        sa.Column("method", TEXT, nullable=True),
        sa.Column("population", TEXT, nullable=True),
        sa.Column("sample", TEXT, nullable=True),
        sa.Column("sample_size", sa.Integer(), nullable=True),
        sa.Column("statement", TEXT, nullable=True),
        sa.CheckConstraint(
            "method IN ('observe', 'interview', 'examine', 'survey', 'document')", name=op.f("ck_source_method")
        ),
        sa.CheckConstraint("source_class IN ('fieldwork', 'publication')", name=op.f("ck_source_source_class")),
        sa.CheckConstraint("sample_size >= 0", name=op.f("ck_source_sample_size")),
        sa.ForeignKeyConstraint(["id"], ["item.id"], name=op.f("fk_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sqlite_strict=True,
    )
    op.create_table(
        "due_date",
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", TEXT, nullable=True),
        sa.CheckConstraint("number = 1 OR note IS NOT NULL", name=op.f("ck_due_date_revision_has_reason")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_due_date_number")),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_due_date_action_id")),
        sa.PrimaryKeyConstraint("action_id", "number", name=op.f("pk_due_date")),
        sqlite_strict=True,
    )
    op.create_table(
        "involvement",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("item_kind", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("body_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(role = 'publisher' AND item_kind = 'review') OR (role = 'lead' AND item_kind = 'recommendation') OR (role = 'partner' AND item_kind = 'recommendation') OR (role = 'partner' AND item_kind = 'action') OR (role = 'assessor' AND item_kind = 'assessment')",
            name=op.f("ck_involvement_role"),
        ),
        sa.ForeignKeyConstraint(["body_id"], ["body.id"], name=op.f("fk_involvement_body_id")),
        sa.ForeignKeyConstraint(["item_id", "item_kind"], ["item.id", "item.kind"], name="fk_involvement_item"),
        sa.PrimaryKeyConstraint("item_id", "role", "body_id", name=op.f("pk_involvement")),
        sqlite_strict=True,
    )
    op.create_index("ix_involvement_body_id", "involvement", ["body_id"], unique=False)
    op.create_index(
        "uq_involvement_lead",
        "involvement",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("role = 'lead'"),
        postgresql_where=sa.text("role = 'lead'"),
    )
    op.create_index("uq_item_external_id", "item", [sa.text("coalesce(owner_id, 0)"), "external_id"], unique=True)
    op.bulk_insert(
        rules, [dict(zip(("type", "source_kind", "target_kind"), rule.split(), strict=True)) for rule in LINK_RULES]
    )


def downgrade() -> None:
    """Go back to an empty database."""
    for table in reversed(TABLES):
        op.drop_table(table)
