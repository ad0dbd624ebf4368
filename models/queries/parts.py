"""Parts: what each body has to do with one recommendation, what it claims of it, and how it responded."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, String, Subquery, or_, select
from sqlalchemy.orm import Session

from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.claims import together
from models.queries.paging import Page, Wanted
from models.queries.rows import Row
from models.queries.status import addressing
from models.queries.ties import TARGETS, targets_of, ties
from models.queries.undated import count_undated
from models.several import among, one_of, several
from models.vocabulary import RESPONSES

PART_FIELDS = (
    "body",
    "title",
    "part",
    "actions",
    "claimed_status",
    "claimed_on",
    "rests_on",
    "response",
    "responded_on",
    "decision",
)
# What a body can be to a recommendation; of one that is more than one of these, the first is told.
PARTS_OF_BODIES = ("lead", "partner", "owner")


@kept(STATEMENTS)
def _named(lens: Lens) -> Select[Any]:
    """The statement that finds the bodies that lead a recommendation (one of `targets`) or are partners in it."""
    part, item = lens.involvements("named"), lens.items("named_in")
    return (
        select(part.c.body_ref, part.c.role)
        .join_from(part, item, item.c.id == part.c.item_id)
        .where(item.c.kind == "recommendation", among(item.c.id, TARGETS))
        .order_by(part.c.role, part.c.position)
    )


def _responding(lens: Lens) -> tuple[Subquery, list[Any]]:
    """The decisions on a recommendation (one of `targets`), and the condition that one is a body's response."""
    decision, word = lens.items("response"), lens.details("decision", "response_word")
    answered = select(word.c.id).where(word.c.id == decision.c.id, one_of(word.c.decision, RESPONSES)).exists()
    return decision, [decision.c.kind == "decision", among(decision.c.parent_id, TARGETS), answered]


@kept(STATEMENTS)
def _responses(lens: Lens) -> Select[Any]:
    """The statement that finds the responses to a recommendation (one of `targets`), each body's latest last.

    One without a date yields to any that has one.
    """
    decision, responding = _responding(lens)
    word, owner = lens.details("decision", "responded"), lens.items("responding")
    return (
        select(owner.c.ref.label("body"), word.c.decision.label("response"), decision.c.effective_from, decision.c.ref)
        .join_from(decision, owner, owner.c.id == decision.c.owner_id)
        .join(word, word.c.id == decision.c.id)
        .where(*responding)
        .order_by(decision.c.effective_from.is_not(None), decision.c.effective_from, decision.c.id)
    )


@kept(STATEMENTS)
def _titles(lens: Lens) -> Select[Any]:
    """The statement that finds the titles of some bodies (`refs`)."""
    body = lens.items("titled")
    refs = several("refs", String)
    return select(body.c.ref, body.c.title).where(body.c.kind == "body", among(body.c.ref, refs))


def bodies_of(session: Session, lens: Lens, ref: str, wanted: Wanted) -> Page:
    """One page of the bodies that have a part in a recommendation: who leads, the partners, the owners of its actions.

    The latter are those of actions stated to address it or a clause; if some of these have no owner on record, a last
    row without a body has what they claim. Each row has what the body's own actions for it claim together, and the
    body's latest response. Five statements, and two more for a day.
    """
    targets = targets_of(session, lens, [ref])
    owned: dict[str | None, list[Row]] = defaultdict(list)
    for action in addressing(session, lens, targets)[ref]:
        owned[action["owner"]].append(action)
    parts: dict[str | None, str] = {}
    for body, role in lens.read(session, _named(lens), targets=targets):
        parts.setdefault(body, role)
    for body in sorted(owned, key=lambda body: body is None):
        parts.setdefault(body, "owner")
    responses = {row["body"]: row for row in lens.read(session, _responses(lens), targets=targets).mappings()}
    found = lens.read(session, _titles(lens), refs=[body for body in parts if body])
    titles = {row.ref: row.title for row in found}
    rows = [_row(body, part, titles, owned[body], responses.get(body)) for body, part in parts.items()]
    start = wanted.after[1] if wanted.after else 0
    end = start + wanted.limit
    undated = _count_undated(session, lens, ref) if lens.as_of else None
    return Page(rows[start:end], (end, end) if end < len(rows) else None, len(rows) if wanted.count else None, undated)


def _row(body: str | None, part: str, titles: dict[str, str], actions: list[Row], response: Any) -> Row:
    """One body's part as shown."""
    claim = together(actions)
    return {
        "body": body,
        "title": titles.get(body) if body else None,
        "part": part,
        "actions": len(actions),
        "claimed_status": claim["status"],
        "claimed_on": claim["date"],
        "rests_on": claim["rests_on"],
        "response": response and response["response"],
        "responded_on": response and response["effective_from"],
        "decision": response and response["ref"],
    }


def _count_undated(session: Session, lens: Lens, ref: str) -> int:
    """How many actions stated to address a recommendation, and responses to it, have no date. Two statements."""
    always = lens.at_any_time()
    targets = targets_of(session, always, [ref])
    item, tie = always.items("undated"), ties(always, "undated_tie")
    decision, responding = _responding(always)
    stated = select(tie.c.source_id).where(
        tie.c.type == "addresses", tie.c.basis == "stated", among(tie.c.target_id, TARGETS)
    )
    bearing = or_(item.c.id.in_(stated), item.c.id.in_(select(decision.c.id).where(*responding)))
    return count_undated(session, always, item, bearing, targets=list(targets))
