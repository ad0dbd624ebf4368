"""Attacks on the closure of a recommendation: each a step, written by plain SQL, that one trigger refuses."""

from tests.models.attacks_on_guards import Case
from tests.models.plain_sql import id_of

NO_STEP = "no such step of closure follows the one before"
WHO = "a step of closure says who takes it, and is marked as its recommendation"
WHY = "a step of closure says why; a proposal what was done, and its impact"
TWO = "who proposes a closure does not discharge, and an override takes two"
PROOF = "nothing is discharged without evidence that another has given"
# On the one recommendation nothing is proposed, on the other an officer has proposed its closure.
OPEN, PROPOSED, HIDDEN = "clause", "other-clause", "hidden-clause"
BY_OFFICER, BY_INSPECTOR = "'an officer'", "'an inspector'"


def step(under: str, word: str, **said: str) -> str:
    """A step on the recommendation that something stands under, in the place of that thing's own row."""
    told = {"id": id_of(under), "decision": f"'{word}'", "decided_by": BY_INSPECTOR, "statement": "'Because.'"} | said
    return f"INSERT INTO decision ({', '.join(told)}) VALUES ({', '.join(told.values())})"  # noqa: S608 - names of ours


CASES = [
    Case("decision_closure", step(OPEN, "proposed", impact="'Less.'", decided_by="NULL"), WHO),
    Case("decision_closure", step(PROPOSED, "discharged", decided_by="NULL"), WHO),
    Case("decision_closure", step(HIDDEN, "proposed", impact="'Less.'"), WHO),
    Case("decision_follows", step(OPEN, "discharged"), NO_STEP),
    Case("decision_follows", step(OPEN, "returned"), NO_STEP),
    Case("decision_follows", step(OPEN, "override_asked"), NO_STEP),
    Case("decision_follows", step(OPEN, "reopened"), NO_STEP),
    Case("decision_follows", step(PROPOSED, "proposed", impact="'Less.'"), NO_STEP),
    Case("decision_follows", step(PROPOSED, "reopened"), NO_STEP),
    Case("decision_reasons", step(OPEN, "proposed"), WHY),
    Case("decision_reasons", step(OPEN, "proposed", statement="NULL", impact="'Less.'"), WHY),
    Case("decision_reasons", step(PROPOSED, "returned", statement="NULL"), WHY),
    Case("decision_reasons", step(OPEN, "no_longer_relevant", statement="NULL"), WHY),
    Case("decision_reasons", step(OPEN, "superseded", statement="NULL"), WHY),
    Case("decision_reasons", step(PROPOSED, "override_asked", statement="NULL"), WHY),
    Case("decision_persons", step(PROPOSED, "discharged", decided_by=BY_OFFICER), TWO),
    Case("decision_persons", step(PROPOSED, "override_asked", decided_by=BY_OFFICER), TWO),
    Case("decision_persons", step(PROPOSED, "discharged", unmet="'demonstrated'"), TWO),
    Case("decision_evidence", step(PROPOSED, "discharged"), PROOF),
]
