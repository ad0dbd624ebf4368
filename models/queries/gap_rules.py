"""The rule of each gap: which items have it, as one select for each reason."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    type_coerce,
)

from models.base import InOrder
from models.everything import everything
from models.lens import Lens
from models.queries.due import due_in_force, has_passed
from models.queries.judging import Asked
from models.queries.latest import latest_claims, latest_verdicts
from models.queries.ties import leads_to, recommendation_of, ties
from models.several import one_of
from models.vocabulary import ARGUING_TYPES, GAP_REASONS, TIMELESS_KINDS


def _judged(asked: Asked, item: Subquery, kind: str) -> list[ColumnElement[bool]]:
    """The condition that an item of a kind bears on what gaps are asked about."""
    if asked.about is None:
        return []
    if kind != "action" or asked.alone:
        return asked.among(item.c.id)
    link = asked.lens.links("about_link")
    acting = select(link.c.source_id).where(link.c.type == "addresses", *asked.among(link.c.target_id))
    return [item.c.id.in_(acting)]


def _gap(reason: str, item: Subquery, recommendation: Any = None, since: Any = None) -> Select[Any]:
    """One row for each item that has the gap: the reason's place in the vocabulary orders the list."""
    return select(
        literal(list(GAP_REASONS).index(reason)).label("place"),
        item.c.id.label("id"),
        item.c.kind.label("kind"),
        item.c.ref.label("ref"),
        item.c.title.label("title"),
        item.c.effective_from.label("dated_from"),
        (item.c.ref if recommendation is None else recommendation).label("recommendation"),
        (item.c.effective_from if since is None else since).label("since"),
    )


def _of_kind(asked: Asked, kind: str) -> Subquery:
    """The items to be judged."""
    item = asked.lens.items("judged")
    return everything(f"judged_{kind}", item, where=[one_of(item.c.kind, (kind,)), *_judged(asked, item, kind)])


def _tied(lens: Lens, item: Subquery, types: Sequence[str], *more: Any) -> ColumnElement[bool]:
    """Whether a trace link of these types leads to the item or, for a recommendation, to one of its clauses."""
    link = lens.links("gap_link")
    found = select(link.c.id).where(leads_to(link, item.c.id), one_of(link.c.type, types))
    for column, word in more:
        found = found.where(link.c[column] == word)
    return found.exists()


def _no_evidence(asked: Asked) -> Select[Any]:
    item = _of_kind(asked, "recommendation")
    return _gap("no_evidence", item).where(not_(_tied(asked.lens, item, ARGUING_TYPES)))


def _only_inferred_evidence(asked: Asked) -> Select[Any]:
    item = _of_kind(asked, "recommendation")
    supported = _tied(asked.lens, item, ("supports",))
    stated = _tied(asked.lens, item, ("supports",), ("basis", "stated"))
    return _gap("only_inferred_evidence", item).where(supported, not_(stated))


def _of_two_sources(asked: Asked) -> Select[Any]:
    """The recommendations of which one hop tells that their supporting evidence rests on more than one source."""
    support, hop = asked.lens.links("plain_support"), asked.lens.links("hop")
    recommendation = recommendation_of(support)
    return (
        select(recommendation)
        .join_from(support, hop, and_(hop.c.source_id == support.c.source_id, hop.c.type == "derived_from"))
        .where(support.c.type == "supports", hop.c.target_kind == "source", *asked.among(support.c.target_id))
        .where(recommendation.is_not(None))
        .group_by(recommendation)
        .having(func.min(hop.c.target_id) != func.max(hop.c.target_id))
    )


def _supporting_sources(asked: Asked) -> Subquery:
    """Each recommendation with each source that its supporting evidence rests on, however many hops down.

    But for those of which it is plain that there are several: going down from all of them takes most of the time.
    """
    lens = asked.lens
    support = lens.links("support")
    recommendation = recommendation_of(support)
    base = (
        select(recommendation.label("recommendation_id"), support.c.source_id.label("id"))
        .where(support.c.type == "supports", *asked.among(support.c.target_id))
        .where(recommendation.not_in(_of_two_sources(asked)))
        .cte("standing", recursive=True)
    )
    down = lens.links("down")
    standing = base.union(
        select(base.c.recommendation_id, down.c.target_id)
        .join_from(base, down, down.c.source_id == base.c.id)
        .where(down.c.type == "derived_from")
    )
    source = lens.items("standing_source")
    return (
        select(standing.c.recommendation_id, func.count(source.c.id.distinct()).label("sources"))
        .select_from(InOrder(standing, source, and_(source.c.id == standing.c.id, source.c.kind == "source")))
        .group_by(standing.c.recommendation_id)
        .subquery("supporting_sources")
    )


def _single_source(asked: Asked) -> Select[Any]:
    item, sources = _of_kind(asked, "recommendation"), _supporting_sources(asked)
    return (
        _gap("single_source", item)
        .join_from(item, sources, sources.c.recommendation_id == item.c.id)
        .where(sources.c.sources == 1)
    )


def _no_action(asked: Asked) -> Select[Any]:
    item = _of_kind(asked, "recommendation")
    return _gap("no_action", item).where(not_(_tied(asked.lens, item, ("addresses",), ("basis", "stated"))))


def _addressed(lens: Lens, item: Subquery) -> Any:
    """The one recommendation that an action is tied to, as a scalar; NULL where it is none or more than one."""
    tie = ties(lens, "plan")
    return (
        select(func.min(tie.c.recommendation))
        .where(tie.c.source_id == item.c.id, tie.c.type == "addresses")
        .having(func.count(tie.c.recommendation.distinct()) == 1)
        .correlate(item)
        .scalar_subquery()
    )


def _no_owner(asked: Asked) -> Select[Any]:
    item, owner = _of_kind(asked, "action"), asked.lens.items("action_owner")
    owned = select(owner.c.id).where(owner.c.id == item.c.owner_id)
    return _gap("no_owner", item, _addressed(asked.lens, item)).where(not_(owned.exists()))


def _no_due_date(asked: Asked) -> Select[Any]:
    item, due = _of_kind(asked, "action"), asked.lens.due_dates()
    dated = select(due.c.number).where(due.c.action_id == item.c.id).exists()
    return _gap("no_due_date", item, _addressed(asked.lens, item)).where(not_(dated))


def _overdue(asked: Asked) -> Select[Any]:
    item, due = _of_kind(asked, "action"), due_in_force(asked.lens)
    return (
        _gap("overdue", item, _addressed(asked.lens, item), due.c.due_on)
        .join_from(item, due, due.c.action_id == item.c.id)
        .where(has_passed(asked.lens, due, bindparam("today", type_=Date)))
    )


def _claimed_complete_without_evidence(asked: Asked) -> Select[Any]:
    item, claim = _of_kind(asked, "action"), latest_claims(asked.lens)
    link = asked.lens.links("shown_link")
    shown = select(link.c.id).where(link.c.type == "demonstrates", leads_to(link, item.c.id, ("progress",)))
    return (
        _gap("claimed_complete_without_evidence", item, _addressed(asked.lens, item), claim.c.effective_from)
        .join_from(item, claim, claim.c.parent_id == item.c.id)
        .where(claim.c.claimed_status == "complete", not_(shown.exists()))
    )


def _no_assessment(asked: Asked) -> Select[Any]:
    item, verdict = _of_kind(asked, "recommendation"), latest_verdicts(asked.lens)
    given = select(verdict.c.ref).where(verdict.c.parent_id == item.c.id).exists()
    return _gap("no_assessment", item).where(not_(given))


def _assessment_not_published(asked: Asked) -> Select[Any]:
    item, verdict = _of_kind(asked, "recommendation"), latest_verdicts(asked.lens)
    return (
        _gap("assessment_not_published", item, None, verdict.c.effective_from)
        .join_from(item, verdict, verdict.c.parent_id == item.c.id)
        .where(verdict.c.verdict == "not_published")
    )


def _contested(asked: Asked) -> Select[Any]:
    item = _of_kind(asked, "recommendation")
    decision, own = asked.lens.items("decision"), asked.lens.details("decision")
    disputed = (
        select(decision.c.id)
        .join_from(decision, own, own.c.id == decision.c.id)
        .where(decision.c.parent_id == item.c.id, own.c.decision == "disputed")
        .exists()
    )
    supported = _tied(asked.lens, item, ("supports",))
    contradicted = _tied(asked.lens, item, ("contradicts",))
    return _gap("contested", item).where(or_(disputed, and_(supported, contradicted)))


def _orphan_evidence(asked: Asked) -> Select[Any]:
    item, link = _of_kind(asked, "evidence"), asked.lens.links("bearing")
    bears = select(link.c.id).where(
        link.c.source_id == item.c.id, not_(one_of(link.c.type, ("derived_from", "supersedes")))
    )
    used = select(link.c.id).where(link.c.target_id == item.c.id, link.c.type == "derived_from")
    return _gap("orphan_evidence", item, literal(None)).where(not_(bears.exists()), not_(used.exists()))


def covered(lens: Lens, clause: Subquery) -> ColumnElement[bool]:
    """Whether evidence or an action is tied to a clause itself."""
    return _tied(lens, clause, (*ARGUING_TYPES, "demonstrates", "addresses"))


def _clause_not_covered(asked: Asked) -> Select[Any]:
    item, whole = _of_kind(asked, "clause"), asked.lens.items("clause_whole")
    return (
        _gap("clause_not_covered", item, whole.c.ref)
        .join_from(item, whole, whole.c.id == item.c.parent_id)
        .where(not_(covered(asked.lens, item)))
    )


def _suspect_link(asked: Asked) -> Select[Any]:
    tie = ties(asked.lens, "suspect")
    dated = and_(
        *(
            or_(tie.c[f"{end}_item_effective_from"].is_not(None), one_of(tie.c[f"{end}_item_kind"], TIMELESS_KINDS))
            for end in ("source", "target")
        )
    )
    title = tie.c.source_item_title + literal(" - ") + tie.c.type + literal(" - ") + tie.c.target_item_title
    return select(
        literal(list(GAP_REASONS).index("suspect_link")).label("place"),
        tie.c.id.label("id"),
        literal("link").label("kind"),
        tie.c.ref.label("ref"),
        title.label("title"),
        case((dated, tie.c.source_item_effective_from)).label("dated_from"),
        tie.c.recommendation.label("recommendation"),
        type_coerce(null(), Date).label("since"),
    ).where(tie.c.suspect, *([] if asked.alone else asked.among(tie.c.target_id)))


JUDGED: dict[str, Callable[[Asked], Select[Any]]] = {
    "no_evidence": _no_evidence,
    "only_inferred_evidence": _only_inferred_evidence,
    "single_source": _single_source,
    "no_action": _no_action,
    "no_owner": _no_owner,
    "no_due_date": _no_due_date,
    "overdue": _overdue,
    "claimed_complete_without_evidence": _claimed_complete_without_evidence,
    "no_assessment": _no_assessment,
    "assessment_not_published": _assessment_not_published,
    "contested": _contested,
    "orphan_evidence": _orphan_evidence,
    "clause_not_covered": _clause_not_covered,
    "suspect_link": _suspect_link,
}
