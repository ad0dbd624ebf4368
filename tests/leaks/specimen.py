"""The specimen: a small graph in which something hidden stands at every place where it could be told of.

What is hidden is called H..., and is hidden from whoever is not cleared for it, or not of body B.
"""

from typing import Any

from tests.leaks.readers import INSPECTOR_A, A, B
from tests.leaks.script import Operation, Script, Values
from tests.leaks.sight import AHEAD, OPEN, Mark
from tests.leaks.wording import TEXT

SECRET = Mark(2)
_NEEDED: dict[str, Values] = {
    "review": {"published_on": "2015-11-26"},
    "recommendation": {"category": "recommendation", "short_name": "Thing", "text": TEXT, "whole": "V"},
    "clause": {"span_start": 0, "span_end": 34, "whole": "R1"},
    "source": {"source_class": "fieldwork"},
    "evidence": {"evidence_kind": "observation", "statement": "A thing was observed."},
    "progress": {"statement": "A thing was done.", "whole": "A1"},
    "assessment": {"verdict": "not_met"},
    "decision": {"decision": "disputed"},
}


class Writing:
    """A script that is written line by line, an hour apart."""

    def __init__(self) -> None:
        self.script: Script = []

    def write(self, what: str, kind: str, ref: str, *, by: str = "clerk", **values: Any) -> None:
        """One operation; by a clerk, unless told otherwise."""
        day, hour = divmod(len(self.script), 20)
        at = f"2020-02-{day + 1:02}T{hour:02}:00:00.000000Z"
        self.script.append(Operation(what, kind, ref, at, by, values))

    def add(self, kind: str, ref: str, mark: Mark = OPEN, **values: Any) -> None:
        """An item, with a title of its own and a date unless it is told to have none."""
        told: Values = {"mark": mark, "title": f"Title of {ref}", "effective_from": "2017-06-29"}
        told |= _NEEDED.get(kind, {}) | values
        self.write("add", kind, ref, **{name: value for name, value in told.items() if value is not None})

    def link(self, ref: str, source: str, type_: str, target: str, mark: Mark = OPEN, **values: Any) -> None:
        """A link, named by its ends."""
        said = {"basis": "stated", "rationale": f"Because of {ref}.", "asserted_by": "a clerk"}
        self.write("link", "link", ref, mark=mark, source=source, target=target, type=type_, **said | values)


def specimen() -> Script:
    """The script of the specimen."""
    writing = Writing()
    _write_what_is_seen(writing)
    _write_what_is_hidden(writing)
    _write_what_was_hidden_later(writing)
    _write_what_disagrees(writing)
    _write_what_is_to_be_closed(writing)
    return writing.script


def _write_what_is_seen(writing: Writing) -> None:
    """Things whose ids are others without what is hidden before them; a link's id is then that of an action."""
    add, link = writing.add, writing.link
    add("review", "HV", SECRET, new_handling="OFFICIAL")
    add("action", "A1", owner=A, due_on="2020-01-15")
    add("review", "V", owner=A, bodies={"publisher": [A]})
    for number in (1, 2, 3):
        add("recommendation", f"R{number}", number=number, bodies={"lead": [A], "partner": [B]})
    add("clause", "C1", number=1)
    add("source", "S1")
    add("source", "S2")
    for ref in ("E1", "E3", "E5", "E6", "E9"):
        add("evidence", ref, owner=A)
    add("action", "A3")
    add("progress", "P1", number=1, owner=A, claimed_status="under_way")
    add("assessment", "J1", whole="R2")
    link("L1", "E1", "supports", "R1")
    link("L2", "A1", "addresses", "R1")
    link("L5", "E5", "derived_from", "E6")
    link("L6", "E6", "derived_from", "S2")
    link("L7", "E5", "supports", "R1", strength="weak")
    writing.write("ask", "link", "L7", mark=OPEN, approval="Q1")


def _write_what_is_hidden(writing: Writing) -> None:
    add, link = writing.add, writing.link
    add("recommendation", "HR4", SECRET, number=4)
    add("clause", "HC2", SECRET, number=2)
    add("evidence", "HE2", SECRET, owner=A, external_id="X-1", effective_from=None, title="A hidden title")
    add("evidence", "HE4", SECRET, owner=A)
    add("source", "HS", SECRET)
    add("action", "HA2", SECRET, owner=B)
    add("progress", "HP2", SECRET, number=2, claimed_status="complete", effective_from="2019-01-01")
    add("assessment", "HJ", SECRET, whole="R1", verdict="fully_met")
    add("decision", "HD", SECRET, whole="R1")
    add("evidence", "HLimited", Mark(0, frozenset({B})), owner=B)
    add("evidence", "HEmbargo", Mark(0, None, AHEAD, frozenset({B})), owner=B)
    link("HL2", "HE2", "supports", "R2")
    link("HL3", "E1", "derived_from", "HE4")
    link("HL4", "HE4", "derived_from", "S1")
    link("HL5", "E5", "derived_from", "S2", SECRET)
    link("HL6", "E3", "supports", "R3", SECRET, strength="strong")
    link("HL7", "A1", "depends_on", "A3", SECRET)
    link("HL8", "HE2", "demonstrates", "A1")
    link("HL9", "HA2", "addresses", "R2")
    link("HL10", "E9", "derived_from", "E3", SECRET)
    writing.write("review", "link", "HL5", finding="invalid", note="It was not drawn from there.")
    writing.write("ask", "evidence", "HE2", mark=OPEN, approval="HQ")
    writing.write("override", "evidence", "HE2", override="HO", why="An office's number")


def _write_what_was_hidden_later(writing: Writing) -> None:
    writing.add("evidence", "HE8", owner=A)
    writing.link("HL12", "HE8", "supports", "R3")
    writing.write("amend", "evidence", "HE8", statement="What was observed, in other words.")
    writing.write("baseline", "baseline", "before", description="Before it was marked")
    writing.write("mark", "evidence", "HE8", mark=SECRET)
    writing.write("amend", "evidence", "E6", statement="Another thing was observed.")
    writing.write("baseline", "baseline", "after", description="After it was marked")
    writing.add("evidence", "HE10", SECRET, effective_from=None)


_DISCHARGE: dict[str, dict[str, Any]] = {
    "D1": {"decision": "proposed", "impact": "There is less of it.", "decided_by": "an officer"},
    "D2": {"decision": "override_asked", "unmet": "demonstrated", "decided_by": "an inspector"},
    "D3": {"decision": "discharged", "unmet": "demonstrated", "decided_by": "another inspector"},
}


def _write_what_disagrees(writing: Writing) -> None:
    """A discharge, an action and a verdict with which only what is hidden disagrees."""
    add, link = writing.add, writing.link
    add("action", "A4", owner=B)
    link("L8", "A4", "addresses", "R3")
    add("progress", "HP4", SECRET, whole="A4", number=1, claimed_status="complete", effective_from="2018-01-01")
    add("assessment", "HJ3", SECRET, whole="R3", verdict="not_met", effective_from="2019-01-01")
    add("assessment", "HJ4", SECRET, whole="C1", verdict="not_met")
    add("evidence", "HE11", SECRET, effective_from="2019-01-01")
    link("HL20", "HE11", "supports", "R2")
    link("HL21", "HE11", "demonstrates", "A4")
    for ref, said in _DISCHARGE.items():
        add("decision", ref, whole="R3", statement="Because of the test.", **said)
    add("decision", "HD2", SECRET, whole="R3", owner=A)
    link("HL22", "HE11", "contradicts", "R3")
    link("HL23", "HE4", "supports", "R3")
    writing.write("review", "link", "HL23", finding="invalid", note="It bears on something else.")
    writing.write("withdraw", "link", "HL21")


def _write_what_is_to_be_closed(writing: Writing) -> None:
    """A recommendation that nobody leads on, of which closure is proposed; what stands in its way is hidden."""
    add, link = writing.add, writing.link
    add("review", "V2")
    add("recommendation", "R9", whole="V2", number=1)
    add("action", "A5", owner=A)
    add("progress", "P5", whole="A5", number=1, claimed_status="complete")
    link("L9", "A5", "addresses", "R9")
    add("evidence", "E12")
    link("L10", "E12", "demonstrates", "A5")
    said = {"statement": "Because of the test.", "impact": "There is less of it.", "decided_by": "an officer"}
    add("decision", "D4", whole="R9", decision="proposed", **said)
    add("action", "HA5", SECRET, owner=B)
    link("HL30", "HA5", "addresses", "R9")
    add("evidence", "HE12", SECRET)
    link("HL31", "HE12", "supersedes", "E12")
    link("HL32", "E12", "demonstrates", "A3", SECRET, by=INSPECTOR_A.name)
