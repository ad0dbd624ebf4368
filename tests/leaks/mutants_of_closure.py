"""Faults of closure: whether a recommendation may be discharged, and who may say so, depends on what is hidden."""

from typing import Any

import models.queries.closure
import models.writing.closing
from tests.leaks.planting import Mutant, blind, get
from tests.leaks.probes import ANY, Probe
from tests.leaks.readers import INSPECTOR_A, OFFICE

_CLOSURE = "/recommendations/R9/closure"


def _step(name: str, **said: Any) -> Probe:
    return Probe("POST", f"/api/v1{_CLOSURE}/{name}?reason=Probe", said, ANY)


_WHY = {"statement": "A probe."}
MUTANTS = (
    Mutant(
        "conditions",
        "conditions of closure judged on hidden actions",
        blind(models.queries.closure, "chain", 1),
        (get(_CLOSURE),),
    ),
    Mutant(
        "superseded-by-hidden",
        "evidence that something hidden has taken the place of",
        blind(models.queries.closure, "_superseded"),
        (get(_CLOSURE),),
    ),
    Mutant(
        "hidden-submission",
        "what the reader himself has tied by what is hidden from him now",
        blind(models.queries.closure, "_submitting"),
        (get(_CLOSURE),),
        INSPECTOR_A,
    ),
    Mutant(
        "refused-discharge",
        "a discharge refused because of what is hidden",
        blind(models.writing.closing, "closure", 1),
        (_step("discharge", **_WHY),),
        INSPECTOR_A,
    ),
    Mutant(
        "taking-part",
        "who takes part by a hidden action",
        blind(models.writing.closing, "list_items", 1),
        (_step("propose", **_WHY, impact="A probe."),),
        OFFICE,
    ),
)
