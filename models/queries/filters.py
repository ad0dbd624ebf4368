"""The filters that each list knows, and the condition that each stands for."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal, not_, or_, select
from sqlalchemy.orm import Session

from models.base import there_is
from models.lens import Lens
from models.queries.due import due_in_force, has_passed, is_claimed_complete
from models.queries.latest import latest_claims
from models.queries.rows import TIED_KINDS
from models.queries.ties import TARGETS, targets_of
from models.several import among
from models.vocabulary import CLAIMED_STATUSES

Condition = ColumnElement[bool]
Filter = Callable[[Lens, Subquery, Sequence[Any]], Condition]


def _by_column(name: str, _lens: Lens, item: Subquery, words: Sequence[Any]) -> Condition:
    """The item's own column holds one of the words."""
    return item.c[name].in_(words)


def _by_detail(kind: str, name: str, lens: Lens, item: Subquery, words: Sequence[Any]) -> Condition:
    """A column of the kind's own table holds one of the words."""
    own = lens.details(kind, "filter_details")
    return there_is(select(own.c.id).where(own.c.id == item.c.id, own.c[name].in_(words)))


def _by_review(lens: Lens, item: Subquery, words: Sequence[Any]) -> Condition:
    """The item stands under one of these, of which each has so many that the list is gone through until it is full."""
    parent = lens.items("filter_parent")
    return there_is(select(parent.c.id).where(parent.c.id == item.c.parent_id, parent.c.ref.in_(words)))


def _by_parent(lens: Lens, item: Subquery, words: Sequence[Any]) -> Condition:
    """The item stands under one of these, of which each has few: they are found from it."""
    parent = lens.items("filter_parent")
    return item.c.parent_id.in_(select(parent.c.id).where(parent.c.ref.in_(words)))


def _by_owner(lens: Lens, item: Subquery, words: Sequence[Any]) -> Condition:
    """One of these bodies owns the item."""
    owner = lens.items("filter_owner")
    return there_is(select(owner.c.id).where(owner.c.id == item.c.owner_id, owner.c.ref.in_(words)))


def _by_role(role: str, lens: Lens, item: Subquery, words: Sequence[Any]) -> Condition:
    """One of these bodies has this part in the item."""
    part = lens.involvements("filter_part")
    return there_is(
        select(part.c.item_id).where(part.c.item_id == item.c.id, part.c.role == role, part.c.body_ref.in_(words))
    )


def _by_link(type_: str, lens: Lens, item: Subquery, words: Sequence[Any]) -> Condition:
    """A link of this type leads from the item to one of these, from which the links are found."""
    link = lens.links("filter_link")
    return item.c.id.in_(select(link.c.source_id).where(link.c.type == type_, link.c.target_ref.in_(words)))


def _by_claim(lens: Lens, item: Subquery, words: Sequence[Any]) -> Condition:
    """The action's latest progress claims one of these statuses."""
    claim = latest_claims(lens)
    return there_is(select(claim.c.ref).where(claim.c.parent_id == item.c.id, claim.c.claimed_status.in_(words)))


def _by_progress_review(lens: Lens, item: Subquery, words: Sequence[Any]) -> Condition:
    """The verdict was given on the day of one of these assessments of a review, on a part of that review."""
    whole, subject = lens.items("filter_whole"), lens.items("filter_subject")
    asked = lens.items("filter_asked")
    return there_is(
        select(whole.c.id)
        .join_from(whole, subject, subject.c.id == item.c.parent_id)
        .outerjoin(asked, and_(asked.c.id == subject.c.parent_id, subject.c.kind == "clause"))
        .where(
            whole.c.ref.in_(words),
            whole.c.kind == "assessment",
            whole.c.effective_from == item.c.effective_from,
            whole.c.parent_id == case((subject.c.kind == "clause", asked.c.parent_id), else_=subject.c.parent_id),
        )
    )


def _either(so: Condition, words: Sequence[bool]) -> Condition:
    """It is so, or is not, as the words say; given both, either."""
    return or_(*(so if wanted else not_(so) for wanted in words))


def _by_date(_lens: Lens, item: Subquery, words: Sequence[bool]) -> Condition:
    """The item has a date, or has none."""
    return _either(item.c.effective_from.is_not(None), words)


def _by_body(lens: Lens, item: Subquery, words: Sequence[Any]) -> Condition:
    """One of these bodies owns the item, or is a partner in it."""
    return or_(_by_owner(lens, item, words), _by_role("partner", lens, item, words))


def _by_state(lens: Lens, item: Subquery, words: Sequence[str]) -> Condition:
    """The action's latest progress claims one of these statuses; or, where `unknown` is one, none claims any."""
    claimed = _by_claim(lens, item, words)
    return claimed if "unknown" not in words else or_(claimed, not_(_by_claim(lens, item, CLAIMED_STATUSES)))


def _due(item: Subquery, due: Subquery, *so: Condition) -> Condition:
    """The action has a due date in force, of which this is so."""
    return there_is(select(due.c.number).where(due.c.action_id == item.c.id, *so))


def _by_due(lens: Lens, item: Subquery, words: Sequence[bool]) -> Condition:
    """The action has a due date, or has none."""
    return _either(_due(item, due_in_force(lens, "filter_due")), words)


def _by_due_before(lens: Lens, item: Subquery, words: Sequence[date]) -> Condition:
    """The due date in force lies before the day."""
    due = due_in_force(lens, "filter_due")
    return _due(item, due, due.c.due_on < max(words))


def _by_revision(lens: Lens, item: Subquery, words: Sequence[bool]) -> Condition:
    """The first due date was revised, or was not."""
    due = due_in_force(lens, "filter_due")
    return _either(_due(item, due, due.c.number > 1), words)


def _by_overdue(lens: Lens, item: Subquery, words: Sequence[tuple[bool, date]]) -> Condition:
    """The action is overdue on the day, or is not; of one that has no due date and is not complete neither is known."""
    due = due_in_force(lens, "filter_due")
    known = or_(_due(item, due), is_claimed_complete(lens, item.c.id))
    found: list[Condition] = []
    for wanted, day in words:
        passed = _due(item, due, has_passed(lens, due, literal(day)))
        found.append(passed if wanted else and_(known, not_(passed)))
    return or_(*found)


def _by_silence(lens: Lens, item: Subquery, words: Sequence[tuple[date, date]]) -> Condition:
    """No progress on the action is dated between these two days, both included; undated progress breaks no silence."""
    progress = lens.items("filter_progress")
    first, last = words[0]
    told = select(progress.c.id).where(
        progress.c.parent_id == item.c.id,
        progress.c.kind == "progress",
        progress.c.effective_from.between(first, last),
    )
    return not_(there_is(told))


# Where things of a kind say what they have to say, besides their title; the text of a clause is a part of another's.
_TEXTS = {"recommendation": "text"} | dict.fromkeys(
    ("source", "evidence", "progress", "assessment", "decision"), "statement"
)


def _by_words(kind: str, lens: Lens, item: Subquery, words: Sequence[str]) -> Condition:
    """The title or the text has one of these in it, whether in small letters or capitals (of A to Z)."""
    found = [_has(item.c.title, word) for word in words]
    if kind in _TEXTS:
        own = lens.details(kind, "filter_texts")
        told = or_(*(_has(own.c[_TEXTS[kind]], word) for word in words))
        found.append(there_is(select(own.c.id).where(own.c.id == item.c.id, told)))
    return or_(*found)


def _has(column: ColumnElement[str], word: str) -> Condition:
    """A text has this in it, every sign of it standing for itself."""
    small = "".join(letter.lower() if letter.isascii() else letter for letter in word)
    return func.lower(column).contains(small, autoescape=True)


_COMMON: Mapping[str, Filter] = {
    "dated": _by_date,
    "external_id": partial(_by_column, "external_id"),
    "ref": partial(_by_column, "ref"),
}
_PUBLISHED: Mapping[str, Filter] = {
    "publication_type": partial(_by_column, "publication_type"),
    "confidence": partial(_by_column, "confidence"),
}
FILTERS: Mapping[str, Mapping[str, Filter]] = {
    "review": {"publisher": partial(_by_role, "publisher")},
    "recommendation": {
        "review": _by_review,
        "category": partial(_by_detail, "recommendation", "category"),
        "lead": partial(_by_role, "lead"),
        "partner": partial(_by_role, "partner"),
    },
    "clause": {"recommendation": _by_parent},
    "source": {
        "source_class": partial(_by_detail, "source", "source_class"),
        "method": partial(_by_detail, "source", "method"),
        **_PUBLISHED,
    },
    "evidence": {
        "evidence_kind": partial(_by_detail, "evidence", "evidence_kind"),
        "source": partial(_by_link, "derived_from"),
        **_PUBLISHED,
    },
    "action": {
        "owner": _by_owner,
        "claimed_status": _by_claim,
        "part_of": partial(_by_link, "contributes_to"),
        "body": _by_body,
        "state": _by_state,
        "due": _by_due,
        "due_before": _by_due_before,
        "revised": _by_revision,
        "overdue": _by_overdue,
        "silent": _by_silence,
    },
    "progress": {
        "action": _by_parent,
        "claimed_status": partial(_by_detail, "progress", "claimed_status"),
        **_PUBLISHED,
    },
    "assessment": {
        "subject": _by_parent,
        "verdict": partial(_by_detail, "assessment", "verdict"),
        "assessor": partial(_by_role, "assessor"),
        "progress_review": _by_progress_review,
    },
    "decision": {"recommendation": _by_parent, "decision": partial(_by_detail, "decision", "decision")},
    "body": {"is_group": partial(_by_detail, "body", "is_group")},
}
# Filters of which each word has few items, found from it by an index; for all others a list is gone through.
_FINDING = {"ref", "external_id", "recommendation", "action", "subject", "source", "part_of"}
# Filters on the link that ties an item to a recommendation; given together they are asked of one and the same link.
TIE_FILTERS = ("recommendation", "link_type", "basis")


def _by_tie(lens: Lens, item: Subquery, filters: Mapping[str, Sequence[Any]]) -> Condition:
    """A trace link of this type and basis ties the item to one of these recommendations, or to a clause of one.

    Those are the `TARGETS` of the statement, from which the links are found; without, each item is asked for its links.
    """
    link = lens.links("tie")
    asked = [
        link.c[column].in_(words)
        for name, column in (("link_type", "type"), ("basis", "basis"))
        if (words := filters.get(name))
    ]
    if filters.get("recommendation"):
        return item.c.id.in_(select(link.c.source_id).where(among(link.c.target_id, TARGETS), *asked))
    return there_is(select(link.c.id).where(link.c.source_id == item.c.id, *asked))


def conditions(lens: Lens, kind: str, item: Subquery, filters: Mapping[str, Sequence[Any]]) -> list[Condition]:
    """What the rows of a list must satisfy; alternatives of one filter are joined by "or", filters by "and"."""
    known: dict[str, Filter] = {**_COMMON, "q": partial(_by_words, kind), **FILTERS[kind]}
    found = [known[name](lens, item, words) for name, words in filters.items() if name in known]
    if kind in TIED_KINDS and any(filters.get(name) for name in TIE_FILTERS):
        found.append(_by_tie(lens, item, filters))
    return found


def find_few(filters: Mapping[str, Sequence[Any]]) -> bool:
    """Whether from the words of one of these filters the few items are found that the others are asked of.

    If not, a list is gone through in its order, each item judged by the filters, until a page is full.
    """
    return bool(_FINDING & filters.keys())


def given(session: Session, lens: Lens, kind: str, filters: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """What a statement with the conditions of these filters is given when it is run.

    One statement where they name the recommendations that items are tied to, none if not.
    """
    refs = filters.get("recommendation") if kind in TIED_KINDS else None
    return {"targets": targets_of(session, lens, refs)} if refs else {}
