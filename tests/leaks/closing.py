"""Closing: the steps of closure in a random script, each one that may follow the one before, by whoever may take it."""

from collections import defaultdict
from random import Random

from models.closure_rules import CURRENT_RULES, FOLLOWS, OPEN
from tests.leaks.script import Values
from tests.leaks.wording import Wording

_ENDS = {"no_longer_relevant", "superseded"}
_UNMET = ("demonstrated", "demonstrated actions_complete", "not_contradicted")


class Closing:
    """Draws the next step of closure of a recommendation; keeps those that were taken."""

    def __init__(self, random: Random, wording: Wording) -> None:
        """Keep what to draw by."""
        self._random, self._wording = random, wording
        self._taken: dict[str, list[Values]] = defaultdict(list)

    def step(self, ref: str) -> Values:
        """The next step of closure of a recommendation: who takes it, and what it says."""
        taken = self._taken[ref]
        state = taken[-1]["decision"] if taken else OPEN
        steps = [step for step, after in FOLLOWS.items() if state in after]
        step = self._random.choices(steps, [1 if step in _ENDS else 4 for step in steps])[0]
        values = self._wording.of_step(step, self._by(ref, step))
        if step == "override_asked":
            values["unmet"] = self._random.choice(_UNMET)
        if step == "discharged" and state == "override_asked":
            values["unmet"] = taken[-1]["unmet"]
        if step in {"override_asked", "discharged"}:
            values["rules_version"] = CURRENT_RULES.version
        taken.append(values)
        return values

    def _by(self, ref: str, step: str) -> str:
        """Who takes a step: no discharge by whoever proposed it, nor by whoever asked that something be set aside."""
        of = {values["decision"]: values["decided_by"] for values in self._taken[ref]}
        others = {"override_asked": ("proposed",), "discharged": ("proposed", "override_asked")}.get(step, ())
        return self._wording.author(*(of.get(other) for other in others))


def needs_evidence(values: Values) -> bool:
    """Whether a step is a discharge that sets nothing aside."""
    return values["decision"] == "discharged" and "unmet" not in values
