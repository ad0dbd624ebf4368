"""What the service says of itself: its index, vocabulary, problems and health."""

from marshmallow import fields

from api.schemas.base import Strict, a_flag, a_format, a_number, a_text
from api.schemas.closure import ConditionSchema


class PlainQuery(Strict):
    """What takes no parameters but the format."""

    format = a_format()


class IndexSchema(Strict):
    """Where everything is."""

    service = a_text("What this is.", required=True)
    version = a_text("The version of the service.", required=True)
    record = a_number("The newest change of the record.", required=True)
    links = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata={"description": "Name and address."}
    )


class TraceTypeSchema(Strict):
    """A type of trace link."""

    type = a_text("Its name.", required=True)
    inverse = a_text("Its name read the other way.", required=True)
    meaning = a_text("What it says.", required=True)
    acyclic = a_flag("Whether a circle of such links is refused.", required=True)
    prov = a_text("The term of PROV that it corresponds to.", null=True)
    pairs = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()),
        required=True,
        metadata={"description": "Which kinds it may join: from source to target."},
    )


class StructuralTypeSchema(Strict):
    """A structural edge."""

    type = a_text("Its name.", required=True)
    inverse = a_text("Its name read the other way.", required=True)
    source = a_text("The kind that it leads from.", required=True)
    target = a_text("The kind that it leads to.", required=True)


class WordSchema(Strict):
    """A word and its meaning."""

    name = a_text("The word.", required=True)
    meaning = a_text("What it means.", required=True)


class VocabularySchema(Strict):
    """The words of the service."""

    kinds = fields.List(
        fields.Dict(keys=fields.String(), values=fields.String()),
        required=True,
        metadata={"description": "Each kind of item and its collection."},
    )
    link_types = fields.List(fields.Nested(TraceTypeSchema), required=True)
    structural_types = fields.List(fields.Nested(StructuralTypeSchema), required=True)
    gap_reasons = fields.List(fields.Nested(WordSchema), required=True)
    disagreements = fields.List(fields.Nested(WordSchema), required=True)
    words = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "The words that a field may have, by field."},
    )
    content_fields = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "By kind: the fields which, when changed, make the links of an item suspect."},
    )


class LiveSchema(Strict):
    """The process answers."""

    status = a_text("Always 'live'.", required=True, words=("live",))


class ReplicaSchema(Strict):
    """How a replica does."""

    status = a_text("Whether it follows, or is away.", required=True, words=("following", "away"))
    behind = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "How many seconds it is behind; null where it is away."},
    )


class ReadySchema(Strict):
    """The service can answer questions."""

    status = a_text(
        "Whether it can write too; where it cannot even answer, the answer is a problem.",
        required=True,
        words=("ready", "reads_only"),
    )
    revision = a_text("The revision of the database's schema.", required=True)
    record = a_number("The newest change of the record.", required=True)
    replica = fields.Nested(
        ReplicaSchema, metadata={"description": "The replica that reads may go to, if there is one."}
    )


class ProblemKindSchema(Strict):
    """A kind of problem."""

    name = a_text("Its name, the last part of its type.", required=True)
    status = a_number("The status that comes with it.", required=True)
    title = a_text("What it is.", required=True)
    remedy = a_text("What a client can do about it.", required=True)
    self = a_text("Where this description is; the problem's type.", required=True)


class ProblemKindsSchema(Strict):
    """Every kind of problem."""

    items = fields.List(fields.Nested(ProblemKindSchema), required=True)


class FaultSchema(Strict):
    """One thing that is wrong with the input."""

    pointer = a_text("The parameter, or the JSON pointer, that is wrong.", required=True)
    detail = a_text("What would be right.", required=True)


class ConflictSchema(Strict):
    """Something that the request contradicts."""

    kind = a_text("The kind of item, `link` or `baseline`.", required=True)
    ref = a_text("Its reference.", required=True)


class SuspectedSchema(Strict):
    """What looks like personal data; the text itself is never told."""

    pointer = a_text("The field or parameter.", required=True)
    type = a_text("What it looks like.", required=True)
    start = a_number("Its first character, counted from 0.", required=True)
    end = a_number("The character after its last.", required=True)


class ProblemSchema(Strict):
    """An RFC 9457 problem."""

    type = a_text("Where this kind of problem is described.", required=True)
    title = a_text("The kind of problem in a few words.", required=True)
    status = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    detail = a_text("What is wrong in this case, and what to do.", required=True)
    instance = a_text("The path of the request.", required=True)
    errors = fields.List(fields.Nested(FaultSchema))
    conflicts = fields.List(fields.Nested(ConflictSchema))
    findings = fields.List(fields.Nested(SuspectedSchema))
    conditions = fields.List(fields.Nested(ConditionSchema))
