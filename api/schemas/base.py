"""What the schemas of all nouns share: the fields of an item, and the parameters of a read."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from api.limits import PAGE, SEARCH
from models.errors import Fault, Invalid
from models.queries.paging import SORTS
from models.vocabulary import BASES, CONFIDENCES, HANDLINGS, KINDS, PUBLICATION_TYPES, STRENGTHS, TRACE_TYPES


class Whole(validate.Regexp):
    """A pattern that the whole text has, its end included; Python alone lets a line end stand behind it."""

    def __call__(self, value: Any) -> Any:
        """Refuse a text that has more or less than the pattern."""
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self._format_error(value))
        return value


REF = Whole(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$", error="is not a reference (letters, digits, . _ -)")


class Strict(Schema):
    """A schema that knows every field it may have."""

    class Meta:
        """Refuse what is not named here, and say so in the document."""

        unknown = RAISE


def a_text(about: str, *, required: bool = False, null: bool = False, words: Iterable[str] | None = None) -> Any:
    """A text field of an answer."""
    allowed = [*words] if words is not None else None
    checks = validate.OneOf([*allowed, None] if null else allowed) if allowed is not None else None
    return fields.String(required=required, allow_none=null, validate=checks, metadata={"description": about})


def a_number(about: str, *, required: bool = False, null: bool = False) -> Any:
    """A whole number of an answer, never negative."""
    return fields.Integer(
        required=required,
        allow_none=null,
        strict=True,
        validate=validate.Range(min=0),
        metadata={"description": about},
    )


def a_day(about: str, *, null: bool = True) -> Any:
    """A day of an answer."""
    return fields.Date(allow_none=null, metadata={"description": about})


def some_texts(about: str, *, required: bool = False, null: bool = False) -> Any:
    """A list of texts of an answer."""
    return fields.List(fields.String(), required=required, allow_none=null, metadata={"description": about})


def a_flag(about: str, *, required: bool = False, null: bool = False) -> Any:
    """A yes or no of an answer."""
    return fields.Boolean(required=required, allow_none=null, metadata={"description": about})


def the_kind(kind: str) -> Any:
    """The field that says which kind an item is; by it a client tells the nodes of a graph apart."""
    return a_text("What kind of item it is.", required=True, words=(kind,))


class ItemSchema(Strict):
    """What every item shows."""

    ref = a_text("The item's reference, unique in the service.", required=True)
    kind = a_text("What kind of item it is.", required=True, words=KINDS)
    self = a_text("Where the item is.", required=True)
    title = a_text("A short title.")
    external_id = a_text("Its id in the data that it was loaded from, unique within its owner.")
    handling = a_text("Its handling marking.", words=HANDLINGS)
    limited_to = some_texts("The only bodies whose readers see it; null where it is limited to none.", null=True)
    embargo_until = a_day("The day from which others than the body that owns it see it; null where it has none.")
    owner = a_text("The body that owns it; null where none is on record.", null=True)
    effective_from = a_day("The day from which it was so; null where it cannot be placed in time (undated).")
    effective_to = a_day("The day from which it was no longer so; null until further notice.")
    effective_note = a_text("By which rule effective_from follows from the published period.", null=True)
    period = a_text("The date or ISO 8601 interval exactly as published.", null=True)
    period_from = a_day("The first day of the published period.")
    period_to = a_day("The last day of the published period.")
    period_note = a_text("What is said or inferred about the period.", null=True)
    url = a_text("The published page it stands on.", null=True)
    locator = a_text("The place on that page.", null=True)
    publisher = a_text("Who published the page.", null=True)
    publication_type = a_text("What sort of publication it is.", null=True, words=PUBLICATION_TYPES)
    confidence = a_text("How sure it is that the page says this.", null=True, words=CONFIDENCES)
    version = a_number("Which version of the item this is, from 1.")
    distance = a_number("Hops from the start of the chain or graph; only there.")


class TieSchema(Strict):
    """A trace link from this item to what it bears on; an inferred one was made by an analyst, not by a page."""

    id = a_text("The link's id.", required=True)
    type = a_text("The link's type.", required=True, words=TRACE_TYPES)
    target = a_text("What it is tied to.", required=True)
    basis = a_text("Whether a published page states the tie or an analyst inferred it.", required=True, words=BASES)
    strength = a_text("How strong the tie is; null where nothing says.", required=True, null=True, words=STRENGTHS)


def the_ties() -> Any:
    """The field of an item that shows its ties; a chain or graph shows them as links instead."""
    about = "The links that tie it to what it bears on; in a chain or graph they are among `links`."
    return fields.List(fields.Nested(TieSchema), metadata={"description": about})


class StatusPartSchema(Strict):
    """One way of seeing the status of a recommendation or clause."""

    status = a_text("The status in one word; null where nothing says.", required=True, null=True)
    date = a_day("The day of the latest thing that it rests on; null where that is undated or nothing.")
    rests_on = some_texts("The references of the items that it rests on.", required=True)


class StatusSchema(Strict):
    """The status of a recommendation or clause seen three ways, kept apart so that they can be compared."""

    claimed = fields.Nested(StatusPartSchema, required=True)
    verified = fields.Nested(StatusPartSchema, required=True)
    derived = fields.Nested(StatusPartSchema, required=True)


def a_format() -> Any:
    """The parameter by which people choose a format."""
    about = "The format, for people; programs say it in Accept. Unknown formats give 406."
    return fields.String(metadata={"description": about})


def a_point(about: str) -> Any:
    """A parameter that names a point of the record."""
    forms = "a change's number, a moment (2017-06-29T12:00:00Z), a day (to its end, UTC) or a baseline's name"
    return fields.String(
        validate=validate.Length(min=1, max=60, error="must have 1 to 60 characters"),
        metadata={"description": f"{about}: {forms}.", "example": "424"},
    )


class Day(fields.Date):
    """A day in the one form that is documented; Python alone would read other forms too."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(value)):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        return super()._deserialize(value, attr, data, **options)


class WholeNumber(fields.Integer):
    """A whole number in plain digits; Python alone would read `1_0` and the digits of other scripts too."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if not re.fullmatch(r"-?[0-9]{1,10}", str(value)):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **options)


class ReadQuery(Strict):
    """What every read takes."""

    as_of = Day(
        error_messages={"invalid": "is not a day; write it as YYYY-MM-DD"},
        metadata={
            "description": "Show what was so on this day (YYYY-MM-DD). Undated items are left out, and counted.",
            "example": "2017-06-29",
        },
    )
    known_at = a_point("Show everything as the record had it at this point")
    format = a_format()


class ListQuery(ReadQuery):
    """What every list takes."""

    limit = WholeNumber(
        load_default=50,
        error_messages={"invalid": f"is not a whole number; give one from 1 to {PAGE.most}"},
        validate=validate.Range(min=1, max=PAGE.most, error=f"must be from 1 to {PAGE.most}"),
        metadata={"description": f"How many items a page has, from 1 to {PAGE.most}."},
    )
    after = fields.String(
        validate=validate.Length(min=1, max=1_000, error="is not a cursor of this list"),
        metadata={"description": "The cursor of the page wanted, from `next` of the page before."},
    )
    count = fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        error_messages={"invalid": "must be true or false"},
        metadata={"description": "Whether to count the whole list into `total`."},
    )
    fields_ = fields.String(
        data_key="fields",
        validate=validate.Length(max=1_000),
        metadata={"description": "Only these fields, comma-separated; ref, kind and self are always there."},
    )


def flags(about: str) -> Any:
    """A filter that is true or false; given as both, either."""
    return fields.List(fields.Boolean(truthy={"true"}, falsy={"false"}), metadata={"description": about})


class ItemQuery(ListQuery):
    """What every list of items takes."""

    sort = fields.String(
        load_default="recorded",
        validate=validate.OneOf([*SORTS, *(f"-{name}" for name in SORTS)]),
        metadata={"description": "The order; with a minus the other way round. What has no value comes last."},
    )
    external_id = fields.List(
        fields.String(validate=validate.Length(min=1, max=500)),
        metadata={"description": "Only items with this id in the data that they were loaded from."},
    )
    dated = flags("Only items with a date (true), or only undated ones (false).")
    q = fields.List(
        fields.String(validate=validate.Length(min=1, max=SEARCH.most)),
        validate=validate.Length(max=10),
        metadata={
            "description": "Only items with this in their title, text or statement, in capitals or not; more than "
            f"once, any of them. At most {SEARCH.most} characters.",
            "example": ["visor"],
        },
    )


def one_of(about: str, words: Iterable[str]) -> Any:
    """A filter by words of the vocabulary; given more than once, any of them."""
    return fields.List(fields.String(validate=validate.OneOf([*words])), metadata={"description": about})


def refs(about: str, most: int = 100) -> Any:
    """A filter by references; given more than once, any of them."""
    return fields.List(fields.String(validate=REF), validate=validate.Length(max=most), metadata={"description": about})


def chosen_fields(query: Mapping[str, Any], known: Iterable[str]) -> list[str] | None:
    """The fields that `fields=` names, refused if the list has no such field; None for all."""
    if "fields_" not in query:
        return None
    known = set(known)
    names = [name.strip() for name in query["fields_"].split(",") if name.strip()]
    unknown = sorted(set(names) - known)
    if unknown or not names:
        wrong = f"unknown: {', '.join(unknown) or 'none named'}; there are: {', '.join(sorted(known))}"
        raise Invalid(Fault("fields", wrong))
    return names
