"""Faults of disagreements, statuses and parts: what is claimed, verified, shown and decided looks at what is hidden."""

import pytest

import models.queries.claims
import models.queries.disagreement_rules
import models.queries.parts
import models.queries.status
from models.lens import Lens
from models.queries.disagreement_rules import JUDGED
from models.vocabulary import DISAGREEMENTS
from tests.leaks.planting import Mutant, Plant, blind, get, seeing_all


def _judge_all(reason: str) -> Plant:
    """The fault that a disagreement is judged on everything."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setitem(JUDGED, reason, seeing_all(JUDGED[reason]))

    return plant


def _see_all_that_ever_was(patch: pytest.MonkeyPatch) -> None:
    """What is looked for among what was withdrawn, too, is looked for among everything."""
    for name in ("every_item", "every_link"):
        patch.setattr(Lens, name, seeing_all(getattr(Lens, name)))


MUTANTS = (
    *(
        Mutant(reason, "disagreements judged on everything", _judge_all(reason), (get("/disagreements"),))
        for reason in DISAGREEMENTS
    ),
    Mutant(
        "verdicts",
        "disagreements judged on hidden verdicts",
        blind(models.queries.disagreement_rules, "latest_verdicts"),
        (get("/disagreements?recommendation=R1"),),
    ),
    Mutant(
        "claims",
        "disagreements judged on hidden claims",
        blind(models.queries.claims, "latest_claims"),
        (get("/disagreements?reason=claimed_complete_not_demonstrated"),),
    ),
    Mutant(
        "gone",
        "what was withdrawn and is hidden",
        _see_all_that_ever_was,
        (get("/disagreements?reason=discharged_since_withdrawn&count=true"),),
    ),
    Mutant(
        "verdict-of-clause",
        "status from hidden verdicts",
        blind(models.queries.status, "latest_verdicts"),
        (get("/clauses/C1"),),
    ),
    Mutant(
        "part",
        "what a body claims by hidden progress",
        blind(models.queries.parts, "addressing", 1),
        (get("/recommendations/R1/bodies"),),
    ),
    Mutant(
        "response",
        "a hidden response",
        blind(models.queries.parts, "_responses"),
        (get("/recommendations/R3/bodies"),),
    ),
)
