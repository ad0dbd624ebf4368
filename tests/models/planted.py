"""A programme in which every kind of gap and every kind of disagreement is planted once, and nothing else is wrong."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from models.actions import DueDate
from models.items import Item
from tests.factories import an, link

SEEN, CLAIMED, JUDGED, LATER = date(2020, 1, 1), date(2020, 6, 1), date(2021, 1, 1), date(2021, 6, 1)
TODAY = date(2022, 1, 1)

# What was planted, written by hand: of which item, for which reason.
GAPS = {
    ("no-evidence", "no_evidence"),
    ("inferred", "only_inferred_evidence"),
    ("one-source", "single_source"),
    ("no-action", "no_action"),
    ("A-no-owner", "no_owner"),
    ("A-no-day", "no_due_date"),
    ("A-overdue", "overdue"),
    ("A-undone", "claimed_complete_without_evidence"),
    ("unjudged", "no_assessment"),
    ("unpublished", "assessment_not_published"),
    ("contradicted", "contested"),
    ("loose", "orphan_evidence"),
    ("uncovered.1", "clause_not_covered"),
    ("E-doubtful-demonstrates-A-doubtful", "suspect_link"),
}
DISAGREEMENTS = {
    ("undone", "claimed_complete_not_demonstrated"),
    ("uncovered.1", "verified_met_clause_uncovered"),
    ("judged-apart", "verdict_against_clauses"),
    ("contradicted", "discharged_since_contradicted"),
    ("given-up", "discharged_since_withdrawn"),
    ("doubtful", "discharged_since_suspect"),
    ("outrun", "evidence_newer_than_verdict"),
    ("disowned", "claimed_against_verified"),
}


@dataclass
class Sound:
    """A recommendation with everything that should be there, and what is to be otherwise."""

    ref: str
    evidence: int = 2
    sources: int = 2
    basis: str = "stated"
    tie: str = "stated"
    covered: str | None = "action"
    owned: bool = True
    due: date | None = date(2030, 1, 1)
    claim: str = "under_way"
    claimed_on: date = CLAIMED
    shown: bool = False
    verdict: str | None = "partially_met"


class Programme:
    """A review with its recommendations; one thing of each is what its reference says."""

    def __init__(self, session: Session) -> None:
        """Begin with a review and a body."""
        self._session, self._number = session, 0
        self._review = an("review", session, ref="V", published_on=SEEN)
        self._body = an("body", session, ref="body")

    def add(self, sound: Sound) -> dict[str, Item]:
        """Add a recommendation with its clause, evidence, action, progress and verdict."""
        session, ref = self._session, sound.ref
        self._number += 1
        asked = an("recommendation", session, ref=ref, number=self._number, parent=self._review)
        clause = an("clause", session, ref=f"{ref}.1", number=1, parent=asked)
        sources = [an("source", session) for _ in range(sound.sources)]
        for number in range(sound.evidence):
            evidence = an("evidence", session, effective_from=SEEN)
            link(session, evidence, "derived_from", sources[number % len(sources)])
            link(session, evidence, "supports", asked, basis=sound.basis)
        made = {"asked": asked, "clause": clause} | self._plan(sound, asked)
        if sound.covered == "action":
            link(session, made["action"], "addresses", clause, basis=sound.tie)
        elif sound.covered == "evidence":
            link(session, evidence, "supports", clause)
        if sound.verdict is not None:
            an("assessment", session, parent=asked, verdict=sound.verdict, effective_from=JUDGED)
        return made

    def _plan(self, sound: Sound, asked: Item) -> dict[str, Item]:
        """The action for a recommendation, with its progress."""
        session, due = self._session, [DueDate(number=1, due_on=sound.due)] if sound.due else []
        owner = self._body if sound.owned else None
        action = an("action", session, ref=f"A-{sound.ref}", owner=owner, due_dates=due)
        link(session, action, "addresses", asked, basis=sound.tie)
        said = {"claimed_status": sound.claim, "effective_from": sound.claimed_on}
        progress = an("progress", session, parent=action, number=1, **said)
        if sound.shown:
            shown = an("evidence", session, effective_from=SEEN)
            link(session, shown, "demonstrates", progress)
        return {"action": action, "progress": progress}

    def discharge(self, made: dict[str, Item]) -> None:
        """Discharge a recommendation."""
        an("decision", self._session, parent=made["asked"], decision="discharged", effective_from=LATER)


def plant(session: Session) -> None:
    """Plant everything, beside one recommendation of which nothing is wrong."""
    programme = Programme(session)
    programme.add(Sound("sound"))
    _plant_gaps(session, programme)
    _plant_disagreements(session, programme)


def _plant_gaps(session: Session, programme: Programme) -> None:
    """What is missing."""
    for sound in (
        Sound("no-evidence", evidence=0),
        Sound("inferred", basis="inferred"),
        Sound("one-source", sources=1),
        Sound("no-action", tie="inferred"),
        Sound("no-owner", owned=False),
        Sound("no-day", due=None),
        Sound("overdue", due=date(2021, 12, 31)),
        Sound("unjudged", verdict=None),
        Sound("unpublished", verdict="not_published"),
    ):
        programme.add(sound)
    an("evidence", session, ref="loose")


def _plant_disagreements(session: Session, programme: Programme) -> None:
    """What disagrees; some of it is a gap, too."""
    programme.add(Sound("undone", claim="complete", claimed_on=LATER, covered="evidence"))
    programme.add(Sound("uncovered", claim="complete", shown=True, covered=None, verdict="fully_met"))
    apart = programme.add(Sound("judged-apart", verdict="not_met"))
    an("assessment", session, parent=apart["clause"], verdict="fully_met", effective_from=JUDGED)
    against = programme.add(Sound("contradicted"))
    programme.discharge(against)
    link(session, an("evidence", session, effective_from=SEEN), "contradicts", against["asked"])
    given_up = programme.add(Sound("given-up"))
    shown = link(session, an("evidence", session, effective_from=SEEN), "demonstrates", given_up["action"])
    link(session, shown.source, "supports", given_up["asked"])
    programme.discharge(given_up)
    session.refresh(shown)
    shown.withdraw()
    session.flush()
    doubtful = programme.add(Sound("doubtful"))
    evidence = an("evidence", session, ref="E-doubtful", effective_from=SEEN)
    link(session, evidence, "demonstrates", doubtful["action"], finding="invalid")
    programme.discharge(doubtful)
    outrun = programme.add(Sound("outrun"))
    link(session, an("evidence", session, effective_from=LATER), "qualifies", outrun["asked"])
    programme.add(Sound("disowned", claim="complete", shown=True))
