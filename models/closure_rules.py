"""The rules by which a recommendation may be discharged: data, in versions; a discharge says by which it was judged."""

from typing import NamedTuple


class Condition(NamedTuple):
    """One condition of a discharge, and whether two inspectors may set it aside together."""

    name: str
    meaning: str
    may_be_overridden: bool = True


class Rules(NamedTuple):
    """One version of the rules: its number, the day from which it is asked, and its conditions."""

    version: int
    since: str
    conditions: tuple[Condition, ...]


CLOSURE_RULES = (
    Rules(
        1,
        "2026-11-26",
        (
            Condition(
                "proposed",
                "The lead body has proposed closure, saying what was done and what came of it.",
                may_be_overridden=False,
            ),
            Condition(
                "demonstrated",
                "Current evidence is stated to demonstrate each action stated to address it, or each of its clauses.",
            ),
            Condition("not_contradicted", "No current evidence contradicts it or a clause of it."),
            Condition("no_suspect_link", "No link of its chain is suspect, and the chain is seen whole."),
            Condition(
                "actions_complete",
                "Each action stated to address it, and each part of one, is claimed complete, or its latest progress"
                " says why it is not.",
            ),
            Condition(
                "another_person",
                "Whoever discharges has not proposed it, nor submitted evidence that demonstrates it.",
                may_be_overridden=False,
            ),
        ),
    ),
)
CURRENT_RULES = CLOSURE_RULES[-1]
# Which steps of closure may follow which state; a recommendation on which no step was taken is open.
OPEN = "open"
FOLLOWS: dict[str, tuple[str, ...]] = {
    "proposed": (OPEN, "returned", "reopened"),
    "returned": ("proposed", "override_asked"),
    "override_asked": ("proposed",),
    "discharged": ("proposed", "override_asked"),
    "no_longer_relevant": (OPEN, "returned", "reopened", "proposed", "override_asked"),
    "superseded": (OPEN, "returned", "reopened", "proposed", "override_asked"),
    "reopened": ("discharged", "no_longer_relevant", "superseded"),
}
