"""The record: what its lists take and show."""

from datetime import datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from api.limits import COMPARED, DIFFERENCES, JUDGED
from api.schemas.base import ListQuery, Strict, a_flag, a_format, a_number, a_point, a_text, one_of, refs
from api.schemas.given import given_text
from models.changes import ACTIONS
from models.vocabulary import KINDS, RECORDED_KINDS

SUBJECT_KINDS = (*KINDS, "link", *RECORDED_KINDS)


class ChangeSchema(Strict):
    """One thing that was done: by whom, when, why, and what it changed."""

    seq = a_number("Its number among those that the reader may see, which have no gap.", required=True)
    at = a_text("When, in UTC with microseconds.", required=True)
    principal = a_text("Who did it.", required=True)
    reason = a_text("Why.", required=True)
    request_id = a_text("The request by which it was done; null where it was no request.", required=True, null=True)
    action = a_text("What was done.", required=True, words=ACTIONS)
    kind = a_text("To what kind of thing.", required=True, words=SUBJECT_KINDS)
    ref = a_text("To which.", required=True)
    before = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "The fields that changed, as they were; null where there is nothing before."},
    )
    after = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "The fields that changed, as they are; of what was created, every field."},
    )
    hash = a_text(
        "SHA-256 of the change in canonical JSON together with the hash of the change before it; null for whoever "
        "may not see every change.",
        required=True,
        null=True,
    )
    self = a_text("Where the change is.", required=True)


def _in_the_calendar(moment: str) -> None:
    """Refuse a moment that no calendar or clock has."""
    try:
        datetime.fromisoformat(moment)
    except ValueError as error:
        raise ValidationError("is not a moment that the calendar has") from error


def _moment(about: str) -> fields.String:
    """A parameter that is a moment."""
    rule = validate.Regexp(
        r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z$",
        error="is not a moment; write it as YYYY-MM-DDTHH:MM:SSZ",
    )
    checks: list[Any] = [rule, _in_the_calendar]
    return fields.String(validate=checks, metadata={"description": about, "example": "2015-11-26T00:00:00Z"})


class HistoryQuery(Strict):
    """What the history of one thing takes."""

    after = fields.String(
        validate=validate.Length(min=1, max=1_000, error="is neither the number of a change nor a place of the record"),
        metadata={
            "description": "Only changes after this one: its number, or the place that `next` or `resume` of a page "
            "names. The place stays right when numbers are no longer what they were because something was hidden.",
            "example": "424",
        },
    )
    limit = ListQuery().fields["limit"]
    count = ListQuery().fields["count"]
    fields_ = ListQuery().fields["fields_"]
    known_at = a_point("Only what the record had at this point")
    format = a_format()


class ChangeQuery(HistoryQuery):
    """What the list of changes takes."""

    kind = one_of("Only changes of this kind of thing.", SUBJECT_KINDS)
    ref = refs("Only changes of this item, link or baseline.")
    action = one_of("Only changes that did this.", ACTIONS)
    sort = fields.String(
        load_default="recorded",
        validate=validate.OneOf(["recorded", "-recorded"]),
        metadata={
            "description": "The order: that of the record, or, with a minus, the newest first; then there is no "
            "`resume`, and `after` gives what is older."
        },
    )
    principal = fields.List(
        fields.String(validate=validate.Length(1, 100)), metadata={"description": "Only changes by this principal."}
    )
    since = _moment("Only changes at this moment or later.")
    until = _moment("Only changes before this moment.")


class CheckpointSchema(Strict):
    """A signed statement of how long the record is, and what it holds."""

    origin = a_text("Which record.", required=True)
    size = a_number("How many changes it has.", required=True)
    root = a_text("The hash of the last of them, which covers all before it.", required=True)
    at = a_text("When the statement was made, in UTC.", required=True)
    key = a_text("The Ed25519 public key, base64.", required=True)
    signature = a_text("The signature over the canonical JSON of origin, size, root and at, base64.", required=True)


class BaselineSchema(Strict):
    """A point of the record that has a name."""

    name = a_text("Its name, by which known_at and diff know it.", required=True)
    description = a_text("What it is kept for.", null=True)
    seq = a_number("The last change before it.", required=True)
    digest = a_text(
        "SHA-256 of the canonical export at that point; null for whoever may not see everything.",
        required=True,
        null=True,
    )
    created_at = a_text("When it was named.", required=True)
    created_by = a_text("Who named it.", required=True)
    self = a_text("Where it is.", required=True)


class DifferenceSchema(Strict):
    """One thing that differs between two points of the record."""

    change = a_text(
        "What happened to it.",
        required=True,
        words=("added", "withdrawn", "changed", "appeared", "went", "moved"),
    )
    what = a_text("What sort of thing.", required=True, words=("item", "link", "status", "verdict", "gap"))
    kind = a_text("The kind of the item, or link.", required=True)
    ref = a_text("Which.", required=True)
    field = a_text("The field that changed, the status that moved, or the reason of the gap.", required=True, null=True)
    before = fields.Raw(required=True, allow_none=True, metadata={"description": "As it was."})
    after = fields.Raw(required=True, allow_none=True, metadata={"description": "As it is."})
    self = a_text("Where the item or link is.", required=True)


class DiffPointSchema(Strict):
    """One end of a comparison."""

    name = a_text("As it was asked for.", required=True)
    seq = a_number("The last change known there.", required=True)


class DiffSchema(Strict):
    """What differs between two points of the record."""

    from_ = fields.Nested(DiffPointSchema, required=True, data_key="from")
    to = fields.Nested(DiffPointSchema, required=True)
    summary = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "How many of each sort, as `item_added`."},
    )
    differences = fields.List(fields.Nested(DifferenceSchema), required=True)
    truncated = a_flag(
        f"Whether there are more than are shown: more than {DIFFERENCES.most:,}, or of more changes than the first "
        f"{COMPARED.most:,}, which are looked at.",
        required=True,
    )
    gaps_compared = a_flag(
        f"Whether gaps were compared: not in a large programme (more than {JUDGED.most:,} items and links that you may "
        "see).",
        required=True,
    )


class BaselineBody(Strict):
    """A baseline to be named."""

    name = given_text("Its name: small letters, digits and hyphens, beginning with a letter.", 60, required=True)
    description = given_text("What it is kept for.", 1_000)
    known_at = fields.String(
        load_default="now",
        validate=validate.Length(1, 60, error="must have 1 to 60 characters"),
        metadata={"description": "The point of the record: a change's number, a moment or a day; without it, now."},
    )


class BaselineQuery(ListQuery):
    """What the list of baselines takes."""

    known_at = a_point("Only baselines that the record had at this point")
    format = a_format()


class PastQuery(Strict):
    """What a question takes that is asked at a point of the record."""

    known_at = a_point("Show what the record had at this point")
    format = a_format()
