"""The life of one recommendation, from response to discharge, reopening and discharge again: docs/walkthrough.md.

What it is played on is made up, says so, and never reaches the published record. Write the page anew with
`.venv/bin/python -m tests.contract.life`.
"""

import sys
import tempfile
from pathlib import Path

from api.database import Database
from api.settings import ROOT
from tests.contract.walkthrough import Play, playing

PAGE = ROOT / "docs" / "walkthrough.md"
OFFICE, OFFICER, OTHER = "the programme office", "an officer", "another officer"
INSPECTOR, SECOND, PUBLIC = "an inspector", "another inspector", "the public"
DONE, CREATED, FORBIDDEN, REFUSED, BROKEN = 200, 201, 403, 409, 422
AUDIT, STATED = {"evidence_kind": "audit_finding"}, {"basis": "stated"}
LEAD, PARTNER = "police-scotland", "scottish-prison-service"
INTRODUCTION = """# The life of one recommendation

Five people take one recommendation from the bodies' responses to its discharge, and it does not go smoothly: a date
moves, a proposal is returned, evidence against it arrives after the discharge, it is opened again, and at last two
inspectors set a condition aside. Each request was made to a running service and is followed by what it answered (the
fields worth reading); what is refused is shown too. Each write has `?reason=`, a key (`Authorization: Bearer`), and,
where it changes what is there, `If-Match` with the ETag of what its writer has seen.

The recommendation and all that is done about it are made up for this page: nothing of it is on the published record.
Names in capitals stand for references that the service gives. The page is written by
`.venv/bin/python -m tests.contract.life` and held against the service by `tests/contract/test_walkthrough.py`.
"""


def _asked(play: Play) -> str:
    """A made-up recommendation."""
    play.say("## What is asked, and what the bodies answer")
    given = {"title": "Made up for a walk through the service", "published_on": "2026-01-31"}
    review = play.make(INSPECTOR, "/reviews", given, "REVIEW")
    text = "Police and prisons should tell one another of a thing within a day."
    named = {"title": "Made up: tell one another", "short_name": "Made up", "text": text, "category": "recommendation"}
    asked = {"review": review, "lead": LEAD, "partners": [PARTNER], "effective_from": "2026-01-31"}
    ref = play.make(INSPECTOR, "/recommendations", named | asked, "RECOMMENDATION")
    responses = f"/recommendations/{ref}/responses"
    play.do(OFFICER, responses, {"response": "accepted", "statement": "We shall."}, CREATED)
    programme = {"response": "not_ours", "depends_on": "A made-up programme of new systems"}
    play.do(OTHER, responses, programme, CREATED)
    play.say(
        "What is not one's own names what it depends on; and nobody answers for another body, an inspector for none."
    )
    play.do(OTHER, responses, {"response": "not_ours"}, BROKEN)
    play.do(OTHER, responses, {"response": "accepted", "owner": LEAD}, FORBIDDEN)
    play.do(INSPECTOR, responses, {"response": "accepted"}, FORBIDDEN)
    return ref


def _planned(play: Play, ref: str) -> str:
    """An action for it, of which the date moves."""
    play.say("## What is planned, and how it slips")
    given = {"title": "Made up: a common list", "owner": LEAD, "due_on": "2026-06-30", "effective_from": "2026-02-10"}
    play.do(OFFICER, "/actions", given, FORBIDDEN)
    action = play.make(OFFICE, "/actions", given, "ACTION")
    tie = {"type": "addresses", "source": action, "target": ref, "basis": "stated", "rationale": "It is to meet it."}
    play.do(OFFICE, "/links", tie, CREATED)
    where = f"/actions/{action}"
    begun = {"title": "Made up: begun", "statement": "The list was begun.", "claimed_status": "under_way"}
    dated = begun | {"effective_from": "2026-03-01"}
    play.do(OTHER, f"{where}/progress", dated, FORBIDDEN, seen=where)
    play.do(OFFICER, f"{where}/progress", dated, CREATED, seen=where)
    play.say("A due date is revised with its reason, and the first stays.")
    play.do(OFFICER, where, {"due_on": "2026-09-30"}, BROKEN, method="PATCH", seen=where)
    moved = {"due_on": "2026-09-30", "due_note": "The other body's system comes later.", "due_delay": "dependency"}
    play.do(OFFICER, where, moved, DONE, method="PATCH", seen=where)
    return action


def _returned(play: Play, ref: str) -> None:
    """A proposal that comes too early."""
    play.say("## A proposal that comes too early")
    closure = f"/recommendations/{ref}/closure"
    told = {"statement": "The list is there.", "impact": "Each sees what the other knows."}
    play.do(OTHER, f"{closure}/propose", told, REFUSED, seen=closure)
    play.do(INSPECTOR, f"{closure}/propose", told, FORBIDDEN, seen=closure)
    play.do(OFFICER, f"{closure}/propose", told, DONE, seen=closure)
    play.say("Not every condition is met, and the answer says which; so it goes back.")
    play.do(OFFICER, f"{closure}/discharge", {}, FORBIDDEN, seen=closure)
    play.do(INSPECTOR, f"{closure}/discharge", {}, REFUSED, seen=closure)
    why = {"statement": "Show that the list is used."}
    play.do(OFFICER, f"{closure}/return", why, FORBIDDEN, seen=closure)
    play.do(INSPECTOR, f"{closure}/return", why, DONE, seen=closure)
    play.do(INSPECTOR, f"{closure}/return", why, REFUSED, seen=closure)


def _discharged(play: Play, ref: str, action: str) -> None:
    """What was lacking is done and shown."""
    play.say("## Done, shown, and discharged")
    where, closure = f"/actions/{action}", f"/recommendations/{ref}/closure"
    done = {"title": "Made up: in use", "statement": "Both use the list.", "impact": "Each knows within a day."}
    claim = {"claimed_status": "complete", "effective_from": "2026-09-20"}
    play.do(OFFICER, f"{where}/progress", done | claim, CREATED, seen=where)
    audit = {"title": "Made up: an audit of the list", "statement": "It is used daily."}
    dated = {"effective_from": "2026-10-01", "owner": LEAD}
    evidence = play.make(OFFICER, "/evidence", AUDIT | audit | dated, "EVIDENCE")
    shows = {"type": "demonstrates", "source": evidence, "target": action, "rationale": "It says so."} | STATED
    play.do(OFFICER, "/links", shows, CREATED)
    told = {"statement": "The list is in use.", "impact": "Each knows within a day.", "evidence": [evidence]}
    play.do(OFFICER, f"{closure}/propose", told, DONE, seen=closure)
    play.do(INSPECTOR, f"{closure}/override", {"statement": "Without need."}, REFUSED, seen=closure)
    play.do(INSPECTOR, f"{closure}/discharge", {"statement": "Seen in use on two visits."}, DONE, seen=closure)
    play.do(OFFICER, f"{closure}/propose", told, REFUSED, seen=closure)


def _reopened(play: Play, ref: str) -> None:
    """Evidence against it arrives, and it is opened again."""
    play.say("## Evidence against it arrives later")
    closure = f"/recommendations/{ref}/closure"
    against = {"title": "Made up: a later audit", "statement": "It took a week."}
    dated = {"effective_from": "2026-11-10", "owner": PARTNER}
    evidence = play.make(OTHER, "/evidence", AUDIT | against | dated, "LATER")
    tie = {"type": "contradicts", "source": evidence, "target": ref, "rationale": "It is not met."} | STATED
    play.do(OTHER, "/links", tie, CREATED)
    play.say("Nothing is undone by itself. What the evidence now says is shown, and an inspector decides.")
    play.show(PUBLIC, closure)
    why = {"statement": "The later audit has to be answered."}
    play.do(OFFICER, f"{closure}/reopen", why, FORBIDDEN, seen=closure)
    play.do(SECOND, f"{closure}/reopen", why, DONE, seen=closure)


def _set_aside(play: Play, ref: str) -> None:
    """Two inspectors set a condition aside."""
    play.say("## Two inspectors set a condition aside")
    closure = f"/recommendations/{ref}/closure"
    told = {"statement": "The week was that of the move.", "impact": "Since then it is a day again."}
    play.do(OFFICER, f"{closure}/propose", told, DONE, seen=closure)
    play.do(INSPECTOR, f"{closure}/discharge", {}, REFUSED, seen=closure)
    why = {"statement": "The later audit looked at one week, in which the system was moved."}
    play.do(INSPECTOR, f"{closure}/override", why, DONE, seen=closure)
    play.do(INSPECTOR, f"{closure}/discharge", {}, REFUSED, seen=closure)
    play.do(SECOND, f"{closure}/discharge", {"statement": "Agreed."}, DONE, seen=closure)
    play.say("## What stays, for everybody to see")
    play.show(PUBLIC, closure)


def tell(play: Play) -> str:
    """Play it all, and give the page."""
    play.lines = [INTRODUCTION]
    ref = _asked(play)
    action = _planned(play, ref)
    _returned(play, ref)
    _discharged(play, ref, action)
    _reopened(play, ref)
    _set_aside(play, ref)
    return "\n".join(play.lines).rstrip() + "\n"


def main() -> None:
    """Play it on a database of its own, and write the page."""
    with tempfile.TemporaryDirectory() as name:
        database = Database(f"sqlite:///{Path(name) / 'walk.db'}")
        with playing(database, Path(name)) as play:
            PAGE.write_text(tell(play), encoding="utf-8")
        database.close()
    sys.stdout.write(f"Wrote {PAGE.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
