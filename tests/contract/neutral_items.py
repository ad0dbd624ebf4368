"""What the published record lacks, for the servers of these tests: one of each thing that the document has."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.database import Database
from models.accounts import Account
from models.approvals import Approval
from models.items import Item
from models.keys import Key, digest
from models.overrides import Override
from models.writing.baselines import add_baseline
from tests.contract.server import KEY_OF_ADMIN, KEY_OF_READER, KEY_OF_STRANGER, WRITER
from tests.factories import an, link

_ENDS = "2999-12-31T00:00:00.000000Z"


def add_neutral_items(database: Database) -> None:
    """Add a decision and evidence for it, newer than a verdict, a baseline, a suspect link, and awkward text."""
    with database.writing("a test", "Add neutral items") as session:
        recommendation = session.scalars(select(Item).where(Item.ref == "R1")).one()
        body = an("body", session, ref="T-body", title="Körper “T” — naïve & <b>bold</b>")
        decision = an("decision", session, ref="T-decision", parent=recommendation, owner=body, statement="=1+1")
        said = {"title": "One | two\nthree", "statement": "+cmd|' /C calc'!A0", "effective_from": date(2020, 1, 1)}
        evidence = an("evidence", session, ref="T-evidence", **said)
        action = an("action", session, ref="T-action", owner=body, title="@action, with “quotes”")
        an("progress", session, ref="T-progress", parent=action, number=1, claimed_status="complete")
        an("evidence", session, ref="T-hidden", handling="OFFICIAL-SENSITIVE")
        link(session, evidence, "demonstrates", decision)
        link(session, evidence, "supports", recommendation, basis="inferred", strength="weak")
        link(session, action, "addresses", recommendation)
    with database.writing("a test", "Name a baseline, and make links suspect") as session:
        add_baseline(session, "t-baseline", "=1+1 | “quoted”", 424)
        session.scalars(select(Item).where(Item.ref == "T-evidence")).one().locator = "page 2"


def add_grants(database: Database) -> None:
    """Add what is not for everybody: two keys that let nothing but read, and one of an administrator; a key and an
    account that wait for a second person, an approval that does, and an override. The writer of these tests asked.
    """
    with database.writing("a test", "Add keys, an account, an approval and an override") as session:
        add_key(session, "T-key", "mtr_key-that-is-not-confirmed", body="hmics", confirmed=False)
        add_key(session, "T-reader", KEY_OF_READER, body="hmics", clearance="OFFICIAL")
        add_key(session, "T-stranger", KEY_OF_STRANGER, body="police-scotland")
        add_key(session, "T-admin", KEY_OF_ADMIN, role="admin")
        asked = {"role": "inspector", "body": "hmics", "clearance": "PUBLIC", "asked_by": WRITER, "second_needed": True}
        session.add(Account(ref="T-account", name="T-account", subject_id="the sub of nobody", **asked))
        an("evidence", session, ref="T-marked", handling="OFFICIAL")
        about = {"kind": "evidence", "of_ref": "T-marked"}
        release = {"action": "release", "handling": "PUBLIC", "asked_by": WRITER, "state": "open"}
        session.add(Approval(ref="T-approval", **about, **release))
        found = "/statement nhs_number 0-10"
        session.add(Override(ref="T-override", **about, found=found, why="It is an example.", by=WRITER))


def add_key(session: Session, ref: str, secret: str, *, confirmed: bool = True, **granted: str) -> None:
    """Add a key; of a machine, and cleared for nothing, unless told otherwise."""
    asked = {"role": "machine", "clearance": "PUBLIC", "asked_by": WRITER, "second_needed": True} | granted
    made = {"secret_digest": digest(secret), "expires_at": _ENDS, "confirmed_by": "another" if confirmed else None}
    session.add(Key(ref=ref, name=ref, **asked, **made))
