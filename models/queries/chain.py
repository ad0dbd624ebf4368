"""A chain: everything that stands behind a recommendation, down to its sources, and everything done about it."""

from sqlalchemy.orm import Session

from models.lens import Lens
from models.queries.graph import MOST, Graph, survey
from models.queries.walk import Extent, Steps, walk
from models.vocabulary import ARGUING_TYPES, ROLES

# From a recommendation: to what bears on it and to what is done about it; from there down to the sources.
CHAIN_STEPS = Steps(
    backward=(*ARGUING_TYPES, "contextualises", "addresses", "demonstrates"),
    forward=("derived_from", "depends_on", "supersedes"),
    children=("clause", "progress", "assessment", "decision"),
    roles=tuple(rule.role for rule in ROLES),
    owners=True,
)


def chain(session: Session, lens: Lens, item_id: int, extent: Extent = MOST) -> Graph:
    """The chain of one item (a recommendation or a clause), each node once.

    One statement for the walk and five for what it reached, whatever the depth; two more where a date is asked for,
    to count the undated.
    """
    return survey(session, lens, lambda seen: walk(session, seen, [item_id], CHAIN_STEPS, extent))
