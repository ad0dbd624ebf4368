"""Small records of everything that there is, to be kept, read back, moved and tampered with."""

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from models.accounts import Account
from models.actions import Action, DueDate
from models.baselines import Baseline
from models.evidence import Evidence
from models.items import Involvement, Item
from models.keys import Key
from models.links import Link
from models.markings import Marking
from models.overrides import Override
from models.vocabulary import HANDLINGS
from tests.factories import an, link
from tests.models.releasing import asked_for, release


def everything_public(session: Session) -> None:
    """A small record of what is for everybody: each kind created, most changed, some withdrawn, links reviewed."""
    bodies = [an("body", session, url=f"https://example.org/{name}", is_group=name == "b") for name in "abc"]
    parts = [Involvement(role="publisher", body=body, position=at) for at, body in enumerate(bodies[:2], start=1)]
    review = an("review", session, published_on=date(2020, 1, 1), bodies=parts, locator="p. 1")
    lead = Involvement(role="lead", body=bodies[0], position=1)
    partner = Involvement(role="partner", body=bodies[1], position=2)
    asked = an("recommendation", session, parent=review, number=1, bodies=[lead, partner], url="https://example.org")
    clause = an("clause", session, parent=asked, number=1, locator="line 1")
    source = an("source", session, period="2019", period_from=date(2019, 1, 1), period_to=date(2019, 12, 31))
    evidence = [an("evidence", session, publisher="A press", locator=f"p. {page}") for page in (3, 4)]
    due = DueDate(number=1, due_on=date(2021, 1, 1), note=None)
    helper = Involvement(role="partner", body=bodies[2], position=1)
    action = an("action", session, owner=bodies[0], due_dates=[due], bodies=[helper], effective_note="as told")
    other = an("action", session, effective_from=date(2020, 5, 1), effective_to=date(2021, 5, 1))
    an("progress", session, parent=action, number=1, claimed_status="under_way", effective_from=date(2020, 6, 1))
    assessor = Involvement(role="assessor", body=bodies[1], position=1)
    an("assessment", session, parent=asked, statement="Not as yet.", bodies=[assessor])
    an("assessment", session, parent=review, verdict=None, tally_fully_met=1, tally_partially_met=0, tally_not_met=2)
    decision = an("decision", session, parent=asked, owner=bodies[2], decision="disputed")
    baseline = Baseline(name="First", seq=3, digest="0" * 64, description="The first of them.")
    session.add(baseline)
    links = [
        link(session, evidence[0], "derived_from", source),
        link(session, evidence[0], "supports", asked, strength="strong"),
        link(session, evidence[1], "contradicts", clause, url="https://example.org/x", owner=bodies[0]),
        link(session, action, "addresses", asked, effective_from=date(2020, 1, 1)),
        link(session, action, "depends_on", other),
    ]
    assert isinstance(evidence[0], Evidence)
    evidence[0].statement = "Another thing was observed, “so it is said”."
    session.flush()
    for reviewed, finding in zip(links[:2], ("valid", "invalid"), strict=True):
        session.refresh(reviewed)  # what it was has to be known
        reviewed.remember()
        reviewed.finding, reviewed.review_note, reviewed.reviewed_by = finding, "Looked at again.", "an inspector"
        session.flush()
    assert isinstance(action, Action)
    action.due_dates.append(DueDate(number=2, due_on=date(2022, 1, 1), note="moved"))
    session.flush()
    asked.bodies = [
        Involvement(role="partner", body=bodies[2], position=1),
        Involvement(role="lead", body=bodies[0], position=2),
    ]
    session.flush()
    baseline.description = "The first."
    decision.owner = None
    for thing in (baseline, links[4], other, evidence[1]):
        session.flush()
        thing.withdraw()
    session.add(Baseline(name="Second", seq=30, digest="f" * 64))
    session.flush()


def one_of_everything(session: Session) -> None:
    """The same, with markings that were raised and lowered, keys, accounts, approvals and an override."""
    everything_public(session)
    markings(session)
    administration(session)


def markings(session: Session) -> None:
    """Things that are hidden from the start, or later, or no more, or that were hidden after they were withdrawn."""
    body = an("body", session, ref="a-body")
    until = {"embargo_until": date(2999, 1, 1), "embargo_bodies": body.ref}
    held, shown = an("evidence", session, owner=body, **until), an("evidence", session, handling="OFFICIAL")
    an("action", session, owner=body, **until)
    limited = link(session, shown, "derived_from", an("source", session), limited_to=body.ref)
    for thing in (held, limited):
        session.refresh(thing)  # what it was has to be known
        thing.mark(replace(thing.marking, handling="OFFICIAL-SENSITIVE", limited_to=frozenset({body.ref})))
        session.flush()
    limited.withdraw()
    session.flush()
    limited.mark(replace(limited.marking, limited_to=frozenset()))
    session.flush()
    release(session, shown)
    asked_for(session, held, Marking("OFFICIAL", frozenset({body.ref})))
    asked_for(session, held, Marking()).decide("declined", "another inspector")
    asked_for(session, held, Marking("OFFICIAL")).withdraw()
    session.flush()


def administration(session: Session) -> None:
    """Keys and accounts: in force, waiting, confirmed, taken away; and an override."""
    word = {"body": "a-body", "clearance": "OFFICIAL", "asked_by": "an administrator", "second_needed": True}
    times = {"expires_at": "2999-01-01T00:00:00.000000Z"}
    keys: list[Any] = [
        Key(ref=f"key-{name}", name=f"key {name}", secret_digest=name * 64, role="officer", **word, **times)
        for name in "abc"
    ]
    feed = {"role": "machine", "scopes": "write-evidence"}
    keys.append(Key(ref="key-d", name="feed", secret_digest="d" * 64, **feed, **word, **times))
    accounts: list[Any] = [
        Account(ref=f"person-{name}", name=f"person {name}", subject_id=f"subject {name}", role="inspector", **word)
        for name in "abc"
    ]
    passed = {"kind": "evidence", "of_ref": "T1", "found": "/statement chi_number 3-13"}
    session.add_all([*keys, *accounts, Override(ref="passed", why="An example of none.", by="an inspector", **passed)])
    session.flush()
    for granted in (*keys, *accounts):
        session.refresh(granted)  # what it was has to be known
    for granted in (keys[0], keys[1], keys[3], accounts[0], accounts[1]):
        granted.confirm("another administrator")
    session.flush()
    for granted in (keys[1], keys[2], accounts[1]):
        granted.withdraw()
    session.flush()


def random_changes(session: Session, rng: Random, steps: int, *, hiding: bool = True) -> None:
    """So many more changes at random to what is there; with what hides things, or without."""
    for step in range(steps):
        item = rng.choice([found for found in session.query(Item).order_by(Item.id) if found.withdrawn_seq is None])
        ties = [tie for tie in session.query(Link).order_by(Link.id) if tie.withdrawn_seq is None]
        what = rng.randrange(9 if hiding else 7)
        if what > 6:
            _hide(session, rng.choice(ties) if what == 8 and ties else item, rng)
        elif what in {3, 4} and ties:
            _change_link(rng.choice(ties), rng, step, withdrawing=what == 4)
        else:
            _change_item(session, item, rng, (what, step))
        session.flush()


def _change_link(tie: Link, rng: Random, step: int, *, withdrawing: bool) -> None:
    """Look at a link again, or withdraw it."""
    if withdrawing:
        tie.withdraw()
    else:
        tie.remember()
        tie.review_note, tie.finding = f"Note {step}", rng.choice(["valid", "invalid"])


def _change_item(session: Session, item: Item, rng: Random, told: tuple[int, int]) -> None:
    """Change an item, or add another with a link."""
    what, step = told
    match what:
        case 0:
            item.title = f"Title {step}"
        case 1:
            item.url, item.period_note = f"https://example.org/{step}", rng.choice(["a\u2028note", 'é\\"', None])
        case 2 if isinstance(item, Action):
            number = len(item.due_dates) + 1
            item.due_dates.append(DueDate(number=number, due_on=date(2023, 1, number), note="late"))
        case 5 if item.owner is not None:
            bodies = list(session.query(Item).filter_by(kind="body", withdrawn_seq=None).order_by(Item.id))
            item.owner = rng.choice([None, *bodies])
        case _:
            fresh, target = an("evidence", session), an("recommendation", session, parent=_a_review(session))
            link(session, fresh, rng.choice(["supports", "qualifies"]), target)


def _hide(session: Session, thing: Item | Link, rng: Random) -> None:
    """Mark a thing more strictly, or release it; of items those alone that nothing stands under."""
    if isinstance(thing, Item) and thing.kind not in {"evidence", "source", "body"}:
        return
    session.refresh(thing)  # what it was has to be known
    wanted = Marking(rng.choice(HANDLINGS), rng.choice([None, frozenset({"a-body"})]))
    if wanted.covers(thing.marking):
        thing.mark(wanted)
    else:
        release(session, thing, wanted)


def _a_review(session: Session) -> Item:
    return session.query(Item).filter_by(kind="review").order_by(Item.id).limit(1).one()
