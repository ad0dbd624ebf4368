# ruff: noqa: S608 - statements are made of names of our own
"""Attacks on the guards: each a statement that one trigger refuses, with what it says."""

from typing import NamedTuple

from models.base import Base
from models.changes import FOREVER
from models.versions import VERSIONS
from models.vocabulary import KINDS
from tests.models import attacks_on_constraints
from tests.models.plain_sql import further, put

GONE = "nothing is deleted"
ONLY_APPENDED = "it is only appended to"
FIXED = "what identifies it never changes"
STEP = "each change makes one more version"
WITHDRAWN = "what was withdrawn stays as it was"
ENDED = "a version only ends, and once"
RECORD = "the record is only appended to"
NEXT = "the record goes on by one, with a hash"
GUARDED = ("item", *KINDS, "involvement", "due_date", "link", "baseline", "key", "account", "approval", "override")


class Case(NamedTuple):
    """A guard, a statement that it alone refuses, what it says, and whether a foreign key would refuse it too."""

    guard: str
    statement: str
    says: str
    keyed: bool = False


def next_change(**changed: str) -> str:
    """The next change, with other values."""
    values = {"seq": "seq + 1", "reason": "'more'"} | changed
    names = list(Base.metadata.tables["change"].columns.keys())
    told = ", ".join(values.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO change ({columns}) SELECT {told} FROM change WHERE seq = (SELECT MAX(seq) FROM change)"


ITEM, CLAUSE, TIE, FIRST = "ref = 'loose'", "ref = 'clause'", "ref = 'tie'", "name = 'first'"
PLACES = {"item": ITEM, "link": TIE, "baseline": FIRST}
GONE_PLACES = {"item": "ref = 'gone'", "link": "ref = 'gone-tie'", "baseline": "name = 'gone'"}
# The change by which the loose item was altered: nothing refers to it, as things refer to those by which they came.
ALTERED = "action = 'updated'"
EARLIER = "(SELECT MIN(seq) FROM change WHERE action = 'withdrawn')"
NEWEST = f"until_seq = {FOREVER}"
ENDED_ONCE = f"id = (SELECT id FROM item WHERE {ITEM}) AND until_seq <> {FOREVER}"
CASES = [
    Case("change_update", put("change", "seq = 1", reason="'another'"), RECORD),
    Case("change_update", put("change", ALTERED, hash=f"'{'0' * 64}'"), RECORD),
    Case("change_update", put("change", "seq = 1", reason="reason"), RECORD),
    Case("change_delete", f"DELETE FROM change WHERE {ALTERED}", RECORD),
    Case("change_next", next_change(seq="seq + 2"), NEXT),
    Case("change_next", next_change(seq="9999"), NEXT),
    Case("change_next", next_change(at="'2020-01-01T00:00:00.000000Z'"), NEXT),
    Case("change_next", next_change(hash=f"'{'0' * 63}'"), NEXT),
    Case("change_next", next_change(hash=f"'{'0' * 65}'"), NEXT),
    Case("change_next", next_change(hash="''"), NEXT),
    # Nothing but a whole row goes: what a key refers to would be refused by that key as well.
    *(Case(f"{kind}_delete", f"DELETE FROM {kind}", GONE, keyed=kind in {"body", "action"}) for kind in KINDS),
    Case("item_delete", f"DELETE FROM item WHERE {ITEM}", GONE, keyed=True),
    Case("due_date_delete", "DELETE FROM due_date", GONE),
    Case("link_delete", f"DELETE FROM link WHERE {TIE}", GONE),
    Case("baseline_delete", f"DELETE FROM baseline WHERE {FIRST}", GONE),
    *(Case(f"{table}_version_delete", f"DELETE FROM {table}_version", GONE) for table in VERSIONS),
    Case("item_fixed", further("item", ITEM, id="999"), FIXED, keyed=True),
    Case("item_fixed", further("item", ITEM, kind="'source'"), FIXED),
    Case("item_fixed", further("item", ITEM, ref="'another'"), FIXED),
    Case("item_fixed", further("item", ITEM, external_id="'another'"), FIXED),
    Case("item_fixed", further("item", ITEM, created_seq="1"), FIXED),
    Case("item_fixed", further("item", CLAUSE, number="7"), FIXED),
    Case("item_fixed", further("item", CLAUSE, number="NULL"), FIXED),
    Case(
        "item_fixed",
        further("item", CLAUSE, parent_id="(SELECT id FROM item WHERE ref = 'other-recommendation')", number="7"),
        FIXED,
    ),
    Case("link_fixed", further("link", TIE, id="999"), FIXED),
    Case("link_fixed", further("link", TIE, ref="'another'"), FIXED),
    Case("link_fixed", further("link", TIE, type="'qualifies'"), FIXED),
    Case("link_fixed", further("link", TIE, created_seq="1"), FIXED),
    Case(
        "link_fixed",
        further("link", TIE, source_id="(SELECT id FROM item WHERE ref = 'other-evidence')"),
        FIXED,
    ),
    Case(
        "link_fixed",
        further("link", TIE, target_id="(SELECT id FROM item WHERE ref = 'other-recommendation')"),
        FIXED,
    ),
    Case("baseline_fixed", further("baseline", FIRST, id="999"), FIXED),
    Case("baseline_fixed", further("baseline", FIRST, name="'another'"), FIXED),
    Case("baseline_fixed", further("baseline", FIRST, seq="seq + 1"), FIXED),
    Case("baseline_fixed", further("baseline", FIRST, digest=f"'{'1' * 64}'"), FIXED),
    Case("baseline_fixed", further("baseline", FIRST, created_seq="1"), FIXED),
    *(
        case
        for table, where in PLACES.items()
        for case in (
            Case(f"{table}_step", put(table, where, version="version + 2"), STEP),
            Case(f"{table}_step", put(table, where, version="version"), STEP),
            Case(f"{table}_step", put(table, where, withdrawn_seq=EARLIER), STEP),
        )
    ),
    Case("item_step", put("item", ITEM, title="'Another'"), STEP),
    Case("item_step", put("item", "version = 2", version="1"), STEP),
    Case("link_step", put("link", TIE, strength="'weak'"), STEP),
    Case("baseline_step", put("baseline", FIRST, description="'Another'"), STEP),
    *(
        case
        for table, where in GONE_PLACES.items()
        for case in (
            Case(f"{table}_gone", further(table, where), WITHDRAWN),
            Case(f"{table}_gone", further(table, where, withdrawn_seq="NULL"), WITHDRAWN),
            Case(f"{table}_gone", further(table, where, withdrawn_seq="1"), WITHDRAWN),
        )
    ),
    Case("item_gone", further("item", "ref = 'gone'", title="'Another'"), WITHDRAWN),
    Case("link_gone", further("link", "ref = 'gone-tie'", strength="'weak'"), WITHDRAWN),
    Case("baseline_gone", further("baseline", "name = 'gone'", description="'Another'"), WITHDRAWN),
    Case("recommendation_text", put("recommendation", "1 = 1", text="text || '.'"), "published text never changes"),
    Case("recommendation_text", put("recommendation", "1 = 1", id="id + 1000"), "published text never changes", True),
    Case("progress_update", put("progress", "1 = 1", claimed_status="'complete'"), ONLY_APPENDED),
    Case("progress_update", put("progress", "1 = 1", statement="'Another.'"), ONLY_APPENDED),
    Case("assessment_update", put("assessment", "verdict IS NOT NULL", verdict="'fully_met'"), ONLY_APPENDED),
    Case("assessment_update", put("assessment", "1 = 1", statement="'Another.'"), ONLY_APPENDED),
    Case("decision_update", put("decision", "1 = 1", decision="'discharged'"), ONLY_APPENDED),
    Case("decision_update", put("decision", "1 = 1", statement="'Another.'"), ONLY_APPENDED),
    Case("due_date_update", put("due_date", "1 = 1", due_on="'2030-01-01'"), ONLY_APPENDED),
    Case("due_date_update", put("due_date", "1 = 1", note="'moved'"), ONLY_APPENDED),
    *(
        case
        for table in VERSIONS
        for case in (
            Case(f"{table}_version_update", put(f"{table}_version", NEWEST, from_seq="-from_seq"), ENDED),
            Case(f"{table}_version_update", put(f"{table}_version", NEWEST, until_seq="from_seq"), ENDED),
        )
    ),
    Case("item_version_update", put("item_version", NEWEST, title="'Another'"), ENDED),
    Case("item_version_update", put("item_version", NEWEST, title="'Another'", until_seq="from_seq + 1"), ENDED),
    Case("recommendation_version_update", put("recommendation_version", NEWEST, text="'Another.'"), ENDED),
    Case("evidence_version_update", put("evidence_version", NEWEST, statement="'Another.'"), ENDED),
    Case("due_date_version_update", put("due_date_version", NEWEST, due_on="'2030-01-01'"), ENDED),
    Case("involvement_version_update", put("involvement_version", NEWEST, position="position + 1"), ENDED),
    Case("link_version_update", put("link_version", NEWEST, strength="'weak'"), ENDED),
    *(
        Case(f"{table}_update", put(table, NEWEST, **{name: value}), ENDED)
        for table in ("item_version", "link_version")
        for name, value in (
            ("handling", "'OFFICIAL'"),
            ("limited_to", "'second'"),
            ("embargo_until", "'2998-01-01'"),
            ("embargo_bodies", "'second'"),
        )
    ),
    Case("item_version_update", put("item_version", ENDED_ONCE, until_seq="until_seq + 1"), ENDED),
    Case("item_version_update", put("item_version", ENDED_ONCE, until_seq=str(FOREVER)), ENDED),
    Case("item_version_update", put("item_version", ENDED_ONCE, title="'Another'"), ENDED),
    Case("evidence_version_update", put("evidence_version", ENDED_ONCE, statement="'Another.'"), ENDED),
]
# Each engine has a statement of its own by which rows go: PostgreSQL empties a table and what refers to it, SQLite puts
# one row in the place of another.
REPLACED = "no row takes the place of another"
# One row in the place of another that has the same of anything that only one row may have.
_KEYED = ("pk_", "uq_")
_INTO = "INSERT INTO"
_REPLACING = [
    Case(f"{table}_replaced", case.statement.replace(_INTO, "INSERT OR REPLACE INTO", 1), REPLACED, keyed=True)
    for case in attacks_on_constraints.CASES
    if case.constraint.startswith(_KEYED) and case.statement.startswith(_INTO)
    for table in case.statement.split('"')[1:2]
    if table in {*GUARDED, *(f"{name}_version" for name in VERSIONS)} - {"involvement"}
]
OWN_CASES = {
    "postgresql": [
        Case(f"{table}_truncate", f"TRUNCATE {table} CASCADE", GONE)
        for table in ("change", *GUARDED, *(f"{table}_version" for table in VERSIONS))
    ],
    "sqlite": [
        *(
            Case(f"{table}_replaced", f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}", REPLACED)
            for table in (*(set(GUARDED) - {"involvement"}), *(f"{table}_version" for table in VERSIONS))
        ),
        *_REPLACING,
    ],
}
