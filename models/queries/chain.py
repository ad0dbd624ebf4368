"""A chain: everything that stands behind a recommendation, down to its sources, and everything done about it."""

from dataclasses import replace

from sqlalchemy.orm import Session

from models.lens import Lens
from models.queries.graph import MOST, Graph, survey
from models.queries.unchanged import while_reading
from models.queries.walk import Extent, Steps, walk
from models.queries.withheld import may_know, withheld
from models.vocabulary import ARGUING_TYPES, ROLES, STUB_ROLES

# From a recommendation: to what bears on it and to what is done about it; from there down to the sources.
CHAIN_STEPS = Steps(
    backward=(*ARGUING_TYPES, "contextualises", "addresses", "demonstrates", "contributes_to"),
    forward=("derived_from", "depends_on", "supersedes"),
    children=("clause", "progress", "assessment", "decision"),
    roles=tuple(rule.role for rule in ROLES),
    owners=True,
)


def chain(session: Session, lens: Lens, item_id: int, extent: Extent = MOST) -> Graph:
    """The chain of one item (a recommendation or a clause), each node once; never to be altered.

    One statement for the walk and five for what it reached, whatever the depth; two more where a date is asked for,
    to count the undated. None where the same reading has asked for it before.
    """

    def find() -> Graph:
        return survey(session, lens, lambda seen: walk(session, seen, [item_id], CHAIN_STEPS, extent))

    return while_reading(session, lens, ("chain", item_id, extent), find)


def chain_with_stubs(session: Session, lens: Lens, item_id: int, extent: Extent, role: str) -> Graph:
    """The chain of a recommendation, with what of it is withheld where its review lets this role know.

    So that a chain does not look like a gap. Two statements more for roles that a review can let know.
    """
    found = chain(session, lens, item_id, extent)
    if role not in STUB_ROLES or not may_know(session, lens, item_id, role):
        return found
    return replace(found, withheld=withheld(session, lens, list(found.ids)))
