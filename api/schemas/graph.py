"""Chains, reach and graphs: what they take and show."""

from marshmallow import fields, validate

from api.schemas.actions import ActionSchema, ProgressSchema
from api.schemas.assessments import AssessmentSchema, DecisionSchema
from api.schemas.base import REF, ListQuery, ReadQuery, Strict, WholeNumber, a_day, a_flag, a_number, a_text, one_of
from api.schemas.bodies import BodySchema
from api.schemas.clauses import ClauseSchema
from api.schemas.evidence import EvidenceSchema
from api.schemas.links import LinkSchema
from api.schemas.recommendations import RecommendationSchema
from api.schemas.reviews import ReviewSchema
from api.schemas.sources import SourceSchema
from models.queries.graph import DEPTH, EDGE_TYPES, MOST
from models.vocabulary import BASES, KINDS

NODE_SCHEMAS = {
    "review": ReviewSchema,
    "recommendation": RecommendationSchema,
    "clause": ClauseSchema,
    "source": SourceSchema,
    "evidence": EvidenceSchema,
    "action": ActionSchema,
    "progress": ProgressSchema,
    "assessment": AssessmentSchema,
    "decision": DecisionSchema,
    "body": BodySchema,
}


EVENT_KINDS = (*KINDS, "due_date")


class Node(fields.Field[object]):
    """Any item; which one, its kind says."""

    def __init__(self) -> None:
        """Name every schema that a node may have, for the document."""
        super().__init__(metadata={"one_of": NODE_SCHEMAS, "discriminator": "kind"})


class HopSchema(Strict):
    """One step of a path."""

    link = a_text("The link taken.", required=True)
    to = a_text("The item that it leads to.", required=True)


class PathSchema(Strict):
    """One shortest path from the start."""

    to = a_text("Where it ends.", required=True)
    kind = a_text("The kind of item there.", required=True, words=KINDS)
    hops = fields.List(fields.Nested(HopSchema), required=True)


class StubSchema(Strict):
    """What is withheld from this reader at one node, so that it does not look like a gap; never which."""

    of = a_text("The node on which it stands.", required=True)
    type = a_text("By what type of edge.", required=True, words=EDGE_TYPES)
    kind = a_text("What kind of item is at its other end.", required=True, words=KINDS)
    count = a_number("How many of these there are.", required=True)


class GraphSchema(Strict):
    """Nodes and the links between them."""

    nodes = fields.List(Node(), required=True)
    links = fields.List(fields.Nested(LinkSchema), required=True)
    truncated = a_flag("Whether there is more than is shown.", required=True)
    truncated_by = a_text("Which limit cut it short; only where one did.", words=("nodes", "links", "steps"))
    undated = a_number("How many items `as_of` left out because they have no date; only with `as_of`.")
    withheld = fields.List(
        fields.Nested(StubSchema),
        metadata={"description": "What stands on these nodes and is hidden; only where the review lets the role know."},
    )


class ReachSchema(GraphSchema):
    """What rests on the evidence, with one shortest path to each end."""

    paths = fields.List(fields.Nested(PathSchema), required=True)


def _depth(default: int) -> WholeNumber:
    """How far to walk."""
    return WholeNumber(
        load_default=default,
        validate=validate.Range(min=1, max=MOST.depth, error=f"must be from 1 to {MOST.depth}"),
        metadata={"description": f"How many links to follow, from 1 to {MOST.depth}."},
    )


def _limit() -> WholeNumber:
    """How many nodes to give."""
    return WholeNumber(
        load_default=MOST.limit,
        validate=validate.Range(min=1, max=MOST.limit, error=f"must be from 1 to {MOST.limit}"),
        metadata={"description": "How many nodes to give, nearest first; beyond that `truncated` is true."},
    )


class ChainQuery(ReadQuery):
    """What a chain takes."""

    depth = _depth(MOST.depth)
    limit = _limit()


class GraphQuery(ReadQuery):
    """What a graph takes."""

    kind = one_of("Only nodes of this kind (the start is always there).", KINDS)
    type = one_of("Only links of this type, structural ones too.", EDGE_TYPES)
    start = fields.List(
        fields.String(validate=REF),
        validate=validate.Length(max=100),
        metadata={"description": "Where to begin; given more than once, from each. Without it: every node asked for."},
    )
    direction = fields.String(
        load_default="both",
        validate=validate.OneOf(["out", "in", "both"]),
        metadata={"description": "Along the links, against them, or both."},
    )
    depth = _depth(DEPTH)
    limit = _limit()


class EventSchema(Strict):
    """Something dated in a chain, or something that could not be dated."""

    date = a_day("The day from which it was so, or on which a due date was set; null where it is undated.")
    undated = a_flag("Whether it has no date.", required=True)
    kind = a_text("The kind of item, or `due_date`.", required=True, words=EVENT_KINDS)
    ref = a_text("Its reference; of a due date, the action's.", required=True)
    self = a_text("Where it is; of a due date, where the action is.", required=True)
    title = a_text("Its title.")
    basis = a_text(
        "Whether its tie to the recommendation is stated or inferred; null where it is part of it.",
        null=True,
        words=BASES,
    )
    period = a_text("The date or interval as published.", null=True)
    period_note = a_text("What is said or inferred about it.", null=True)


class TimelineQuery(ListQuery):
    """What a timeline takes."""
