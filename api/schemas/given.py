"""What goes in: the fields that the inputs of several nouns share, and the parameters of a write."""

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields, validate

from api.limits import BODIES, REASON, SHORT
from api.schemas.base import REF, Day, Strict, Whole, a_format
from models.vocabulary import CONFIDENCES, HANDLINGS, PUBLICATION_TYPES

MARKING = ("handling", "limited_to", "embargo_until")

_NOT_BLANK = validate.Regexp(r"^[\s\S]*\S", error="must not be blank")


def given_text(about: str, most: int = SHORT.most, *, required: bool = False, null: bool = True) -> Any:
    """A text that is taken; one that is not required may be null, unless there is always one."""
    rules = [
        validate.Length(1, most, error=f"must have 1 to {most} characters"),
        _NOT_BLANK,
    ]
    return fields.String(
        required=required, allow_none=null and not required, validate=rules, metadata={"description": about}
    )


def given_word(about: str, words: Iterable[str], *, required: bool = False) -> Any:
    """A word of the vocabulary that is taken."""
    allowed = [*words]
    there = f"must be one of: {', '.join(allowed)}"
    rule = validate.OneOf(allowed if required else [*allowed, None], error=there)
    return fields.String(required=required, allow_none=not required, validate=rule, metadata={"description": about})


class Flag(fields.Boolean):
    """A yes or no that is taken: true or false, and nothing that Python takes for them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **options)


def given_number(about: str, least: int = 0, *, required: bool = False) -> Any:
    """A whole number that is taken."""
    rule = validate.Range(min=least, max=2**31 - 1, error=f"must be a whole number from {least}")
    return fields.Integer(
        required=required, allow_none=not required, strict=True, validate=rule, metadata={"description": about}
    )


def given_day(about: str, *, required: bool = False) -> Any:
    """A day that is taken."""
    wrong: Any = {"invalid": "is not a day; write it as YYYY-MM-DD"}
    return Day(required=required, allow_none=not required, error_messages=wrong, metadata={"description": about})


def given_ref(about: str, *, required: bool = False) -> Any:
    """A reference that is taken."""
    return fields.String(required=required, allow_none=not required, validate=REF, metadata={"description": about})


def given_refs(about: str) -> Any:
    """A list of references that is taken, in its order; null is an empty one."""
    return fields.List(
        fields.String(validate=REF),
        allow_none=True,
        validate=validate.Length(max=BODIES.most),
        metadata={"description": about},
    )


def given_url(about: str) -> Any:
    """The address of a published page that is taken."""
    rule = Whole(r"^https?://[^\s\"<>\\^`{|}]{3,1990}$", error="is not an http or https address")
    return fields.String(allow_none=True, validate=rule, metadata={"description": about})


class MarkingBody(Strict):
    """Who may see a thing, as it is asked for."""

    handling = fields.String(
        validate=validate.OneOf(HANDLINGS, error=f"must be one of: {', '.join(HANDLINGS)}"),
        metadata={"description": "Its handling; without it, that which the review gives what is new."},
    )
    limited_to = given_refs("The only bodies whose readers see it; without it, those of every body.")
    embargo_until = given_day("The day from which others than the body that owns it see it.")


class HandlingBody(MarkingBody):
    """How a thing is to be marked from now on: what is not there stays."""


class ItemBody(MarkingBody):
    """What every new item may be given."""

    title = given_text("A short title.", required=True)
    external_id = given_text("Its id where it comes from, unique within its owner; its reference if it has none.")
    owner = given_ref("The body that owns it.")
    effective_from = given_day("The day from which it was so; without it, it cannot be placed in time.")
    effective_to = given_day("The day from which it was no longer so.")
    effective_note = given_text("By which rule effective_from follows from the published period.")
    period = given_text("The date or ISO 8601 interval exactly as published.", 60)
    period_note = given_text("What is said or inferred about the period.")
    url = given_url("The published page it stands on.")
    locator = given_text("The place on that page.")
    publisher = given_text("Who published the page.")
    publication_type = given_word("What sort of publication it is.", PUBLICATION_TYPES)
    confidence = given_word("How sure it is that the page says this.", CONFIDENCES)


def patch_of(body: type[Schema], *never: str) -> Schema:
    """What a change of a thing may be given: the fields of a new one but for those that never change, none needed."""
    name = body.__name__.removeprefix("_Said").removesuffix("Body") + "Patch"
    told = {"__doc__": "What a change takes (merge patch): fields that are not there stay, null empties."}
    kept = [field for field in MARKING if field in body().fields]
    patch: Schema = type(name, (body,), told)(partial=True, exclude=[*never, *kept])
    return patch


class ReasonQuery(Strict):
    """What every write takes."""

    reason = fields.String(
        required=True,
        validate=[validate.Length(1, REASON.most, error=f"must have 1 to {REASON.most} characters"), _NOT_BLANK],
        metadata={"description": "Why it is written; it stands in the record.", "example": "Read again on the page"},
    )
    override = fields.String(
        validate=[validate.Length(1, REASON.most, error=f"must have 1 to {REASON.most} characters"), _NOT_BLANK],
        metadata={"description": "Why what looks like personal data in it is none; for roles that may say so."},
    )
    format = a_format()
