"""Writing closure: the steps by which a recommendation is closed, and opened again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assessments import Decision
from models.changes import today
from models.closure_rules import FOLLOWS
from models.errors import Conflict, Fault, Invalid, Unmet
from models.items import Item
from models.queries.closure import closure
from models.queries.judging import Asked
from models.queries.listing import list_items
from models.queries.lookup import find, id_of
from models.queries.paging import Wanted
from models.queries.rows import Row
from models.writing.links import add_link
from models.writing.naming import Named, new_ref

_KIND = ("recommendation",)
# Actions of one recommendation that are looked at for who takes part in it.
_MOST = 10_000
_CALLED = {
    "proposed": "Closure proposed",
    "returned": "Proposal of closure returned",
    "override_asked": "Discharge asked for though conditions are not met",
    "discharged": "Discharged",
    "no_longer_relevant": "No longer relevant",
    "superseded": "Superseded",
    "reopened": "Reopened",
}


@dataclass(frozen=True)
class Closing:
    """Whoever takes a step on a recommendation (`ref`): by name, for a body (`owner` in what is given), with what."""

    session: Session
    asked: Asked
    ref: str
    given: Mapping[str, Any]
    by: str

    def follow(self, step: str) -> Row:
        """Where the recommendation stands, where this step may follow; refused where it may not."""
        found = closure(self.session, self.asked, self.ref, self.by)
        if found["state"] not in FOLLOWS[step]:
            last = [("decision", taken["ref"]) for taken in found["steps"][-1:]]
            raise Conflict(f"It is {found['state']}; '{step}' follows {' or '.join(FOLLOWS[step])}.", *last)
        return found

    def take(self, step: str, found: Row, unmet: str | None = None) -> str:
        """Take the step, today or on an earlier day that no step before it is later than; its reference.

        It is marked as its recommendation is, so that whoever sees the one sees the other.
        """
        day, since = self.given.get("effective_from") or today(), found["since"]
        if day > today() or (since is not None and day < since):
            raise Invalid(Fault("/effective_from", f"must be from {since or 'any day'} to {today()}"))
        ref = new_ref("decision")
        owner = Named(self.session, self.asked.lens, [self.given["owner"]]).at("/owner", self.given["owner"], ("body",))
        whole = self.session.get_one(Item, id_of(self.session, self.asked.lens, self.ref, _KIND))
        with self.session.no_autoflush:
            decision = Decision(ref=ref, external_id=ref, title=f"{_CALLED[step]}: {self.ref}", decision=step)
            decision.parent, decision.owner, decision.effective_from = whole, owner, day
            decision.statement, decision.impact = self.given.get("statement"), self.given.get("impact")
            decision.decided_by, decision.unmet = self.by, unmet
            decision.rules_version = found["rules_version"] if step in {"discharged", "override_asked"} else None
            decision.mark(whole.marking)
        self.session.add(decision)
        self.session.flush()
        return ref

    def tie(self, type_: str, source: str, target: str, rationale: str) -> None:
        """Add a link that a step brings with it; it is handled as the recommendation is."""
        whole = self.session.get_one(Item, id_of(self.session, self.asked.lens, self.ref, _KIND))
        told = {"type": type_, "source": source, "target": target, "owner": self.given["owner"], "basis": "stated"}
        told["handling"] = whole.handling
        add_link(self.session, self.asked.lens, {**told, "rationale": rationale}, self.by)


def _unmet(found: Row) -> list[Row]:
    """The conditions that are not met."""
    return [condition for condition in found["conditions"] if condition["met"] is False]


def propose(step: Closing) -> None:
    """Propose to close it, with what was done, what came of it, and the evidence for that.

    The body that leads on it proposes; where none does, one that is a partner, or owns an action for it.
    """
    shown = list(dict.fromkeys(step.given.get("evidence") or ()))
    Named(step.session, step.asked.lens, shown).every_at("/evidence", shown, ("evidence",))
    row, owner = find(step.session, step.asked.lens, "recommendation", step.ref), step.given["owner"]
    if owner != row["lead"] and (row["lead"] is not None or owner not in _taking_part(step, row)):
        who = f"the body that leads on it ({row['lead']})" if row["lead"] else "a body that takes part in it"
        raise Conflict(f"Only {who} proposes its closure.", ("recommendation", step.ref))
    made = step.take("proposed", step.follow("proposed"))
    for evidence in shown:
        step.tie("demonstrates", evidence, made, "Named in the proposal of closure.")


def _taking_part(step: Closing, row: Row) -> set[str | None]:
    """The bodies that have a part in a recommendation: its partners, and the owners of the actions stated for it."""
    wanted = Wanted(filters={"recommendation": [step.ref], "basis": ["stated"]}, limit=_MOST)
    actions = list_items(step.session, step.asked.lens, "action", wanted).rows
    return {*row["partners"], *(action["owner"] for action in actions)}


def send_back(step: Closing) -> None:
    """Return a proposal, with reasons."""
    step.take("returned", step.follow("returned"))


def ask_override(step: Closing) -> None:
    """Ask that it be discharged though conditions are not met; another inspector decides."""
    found = step.follow("override_asked")
    unmet = _unmet(found)
    if not unmet:
        raise Conflict("Every condition is met: there is nothing to set aside.", ("recommendation", step.ref))
    if not all(condition["may_be_overridden"] for condition in unmet):
        raise Unmet("A condition is not met that cannot be set aside.", found["conditions"])
    step.take("override_asked", found, " ".join(condition["name"] for condition in unmet))


def discharge(step: Closing) -> None:
    """Discharge it; refused, with every condition, where one is not met.

    What one inspector has asked to set aside, another may; which conditions these were stays on the step for ever.
    """
    found = step.follow("discharged")
    unmet, last = _unmet(found), found["steps"][-1]
    seconds = last["decision"] == "override_asked" and last["decided_by"] != step.by
    asked = last["unmet"] if seconds else []
    if not all(condition["name"] in asked for condition in unmet):
        raise Unmet("Not every condition of a discharge is met.", found["conditions"])
    step.take("discharged", found, " ".join(condition["name"] for condition in unmet) or None)


def end(step: Closing) -> None:
    """Close it as no longer relevant, or as superseded by another recommendation, which a link then ties to it."""
    word, successor = step.given["outcome"], step.given.get("superseded_by")
    if bool(successor) != (word == "superseded"):
        said = "goes with 'superseded' alone" if successor else "is needed with 'superseded'"
        raise Invalid(Fault("/superseded_by", said))
    if successor == step.ref:
        raise Invalid(Fault("/superseded_by", "is the recommendation itself"))
    if successor:
        Named(step.session, step.asked.lens, [successor]).at("/superseded_by", successor, _KIND)
    found = step.follow(word)
    if successor:
        link = step.asked.lens.links()
        same = (link.c.type == "supersedes", link.c.source_ref == successor, link.c.target_ref == step.ref)
        if step.asked.lens.read(step.session, select(link.c.id).where(*same)).first() is None:
            step.tie("supersedes", successor, step.ref, "Superseded by a decision of the inspectorate.")
    step.take(word, found)


def reopen(step: Closing) -> None:
    """Open it again, with reasons."""
    step.take("reopened", step.follow("reopened"))
