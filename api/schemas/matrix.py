"""The matrix: what it takes and shows."""

from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from api.schemas.base import ReadQuery, Strict, a_flag, a_number, a_text, one_of, refs, some_texts
from models.queries.standing import CELLS, COLUMNS, COLUMNS_OF, ROWS, VIA
from models.vocabulary import BASES, STRENGTHS


class MatrixQuery(ReadQuery):
    """What the matrix takes."""

    rows = fields.String(
        load_default="recommendation",
        validate=validate.OneOf(ROWS),
        metadata={"description": "What the rows are."},
    )
    columns = fields.String(
        load_default="evidence_kind",
        validate=validate.OneOf(COLUMNS),
        metadata={"description": "What the columns are: a kind of item, or evidence grouped by its kind."},
    )
    via = one_of("Follow links of this type; without it, those that fit the rows and columns.", VIA)
    cell = fields.String(
        load_default="count",
        validate=validate.OneOf(CELLS),
        metadata={"description": "What a cell holds: how many items, which, or the strongest tie."},
    )
    direct = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Only direct links: not along derived_from, and not by a clause."},
    )
    review = refs("Only recommendations and clauses of this review as rows.")
    basis = one_of("Only ties with this basis.", BASES)
    row = refs("Only these rows, and of columns that are items only those that these rows have something in.")

    @validates_schema
    def _columns_fit_rows(self, asked: dict[str, Any], **_options: Any) -> None:
        """Refuse columns that no link joins to such rows."""
        there = COLUMNS_OF[asked["rows"]]
        if asked["columns"] not in there:
            raise ValidationError(f"with rows={asked['rows']} must be one of: {', '.join(there)}", "columns")


class ColumnSchema(Strict):
    """A column."""

    ref = a_text("The item's reference, or the kind of evidence.", required=True)
    title = a_text("Its title.", required=True)


class CellSchema(Strict):
    """A cell: what was asked for with `cell`; an empty one has a count of 0 or empty lists."""

    count = a_number("How many items.")
    inferred = a_number("How many of them are only inferred.")
    suspect = a_number("How many of them have no way to them that is free of suspect links.")
    items = some_texts("The items.")
    inferred_items = some_texts("Those of the items that are only inferred.")
    suspect_items = some_texts("Those of the items that have no way to them that is free of suspect links.")
    links = some_texts("The links by which they are there.")
    strength = a_text("The strength of the strongest tie; null where none has one.", null=True, words=STRENGTHS)


class LineSchema(Strict):
    """A row: a cell for each column, in the order of the columns."""

    ref = a_text("The item's reference.", required=True)
    title = a_text("Its title.", required=True)
    self = a_text("Where it is.", required=True)
    cells = fields.List(fields.Nested(CellSchema), required=True)
    gaps = some_texts("The reasons of its gaps, judged on everything and not on this matrix alone.", required=True)


class SummarySchema(Strict):
    """What the matrix covers; mere context covers nothing."""

    rows = a_number("How many rows.", required=True)
    columns = a_number("How many columns.", required=True)
    links = a_number("How many links.", required=True)
    covered = a_number("How many rows have a tie that is more than context.", required=True)
    covered_by_stated = a_number("How many have one that a page states.", required=True)
    only_inferred = some_texts("Rows whose ties are all inferred.", required=True)
    only_context = some_texts("Rows that have context and nothing else.", required=True)
    uncovered = some_texts("Rows with nothing.", required=True)
    empty_columns = some_texts("Columns with nothing.", required=True)


class MatrixSchema(Strict):
    """The matrix: every row and column that was asked for, empty ones too."""

    rows_are = a_text("What the rows are.", required=True, words=ROWS)
    columns_are = a_text("What the columns are.", required=True, words=COLUMNS)
    cell = a_text("What a cell holds.", required=True, words=CELLS)
    via = some_texts("The link types followed.", required=True)
    direct = a_flag("Whether only direct links count.", required=True)
    columns = fields.List(fields.Nested(ColumnSchema), required=True)
    rows = fields.List(fields.Nested(LineSchema), required=True)
    summary = fields.Nested(SummarySchema, required=True)
    undated = a_number("How many items `as_of` left out because they have no date; only with `as_of`.")
