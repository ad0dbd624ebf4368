# ruff: noqa: S608 - statements are made of names of our own
"""Attacks on the guards of markings, keys, accounts, approvals and overrides: each what one trigger refuses."""

from sqlalchemy import Boolean, Date, Integer

from models.base import Base
from tests.models.attacks_on_guards import EARLIER, GONE, ONLY_APPENDED, STEP, WITHDRAWN, Case
from tests.models.plain_sql import copied, further, id_of, put

GRANTED = "what is granted or asked for never changes"
ONCE, DECIDED = "it is confirmed once", "it is decided once"
RELEASED, WHOLE = "a marking is lowered by two persons", "a part is marked at least as its whole"
TABLES = ("key", "account", "approval", "override")
# What becomes of a grant or an approval; everything else of it stays as it was asked for.
BECOMES = {
    "key": {"version", "withdrawn_seq", "confirmed_by"},
    "account": {"version", "withdrawn_seq", "confirmed_by"},
    "approval": {"version", "withdrawn_seq", "state", "decided_by", "applied_version", "erased"},
}
WAITING = {"key": "ref = 'waiting-key'", "account": "ref = 'waiting-account'", "approval": "ref = 'open'"}
# Words that a column may have besides the one that it has.
_OTHERS = {"role": "inspector", "clearance": "OFFICIAL", "handling": "OFFICIAL"}


def _another_value(table: str, name: str) -> str:
    """Another value for a column, which breaks no rule of the table."""
    column = Base.metadata.tables[table].c[name]
    if isinstance(column.type, Boolean):
        return f"NOT {name}"
    if isinstance(column.type, Integer):
        return "999" if name == "id" else "1"
    return "'2999-01-01'" if isinstance(column.type, Date) else f"'{_OTHERS.get(name, 'another')}'"


def _of(table: str, where: str) -> list[Case]:
    """Attacks on what keys, accounts and approvals have in common."""
    fixed = [column.name for column in Base.metadata.tables[table].c if column.name not in BECOMES[table]]
    gone = f"ref = 'gone-{table}'"
    return [
        Case(f"{table}_delete", f"DELETE FROM {table} WHERE {where}", GONE),
        *(
            # There is one action alone: another would be refused by a check, too.
            Case(
                f"{table}_fixed",
                further(table, where, **{name: _another_value(table, name)}),
                GRANTED,
                name == "action",
            )
            for name in fixed
        ),
        Case(f"{table}_step", put(table, where, version="version + 2"), STEP),
        Case(f"{table}_step", put(table, where, version="version"), STEP),
        Case(f"{table}_step", put(table, where, withdrawn_seq=EARLIER), STEP),
        Case(f"{table}_gone", further(table, gone), WITHDRAWN),
        Case(f"{table}_gone", further(table, gone, withdrawn_seq="NULL"), WITHDRAWN),
        Case(f"{table}_gone", further(table, gone, withdrawn_seq="1"), WITHDRAWN),
    ]


def _of_grants(table: str) -> list[Case]:
    """Attacks on what is only in keys and accounts: that they are put in force, once."""
    where = f"ref = '{table}'"
    return [
        Case(f"{table}_gone", further(table, f"ref = 'gone-{table}'", confirmed_by="'another'"), WITHDRAWN),
        Case(f"{table}_confirmed", further(table, where, confirmed_by="'another'"), ONCE),
        Case(f"{table}_confirmed", further(table, where, confirmed_by="NULL"), ONCE),
        Case(f"{table}_confirmed", further(table, where, confirmed_by="NULL", withdrawn_seq=EARLIER), ONCE),
    ]


def _item(ref: str, /, **values: str) -> str:
    return further("item", f"ref = '{ref}'", **values)


def _part_of(whole: str, /, **values: str) -> str:
    """A new clause under a recommendation."""
    named = {"ref": "'another'", "external_id": "'another'", "parent_id": id_of(whole)}
    return copied("item", "ref = 'clause'", **named | values)


CASES = [
    *(case for table, where in WAITING.items() for case in _of(table, where)),
    *_of_grants("key"),
    *_of_grants("account"),
    Case("approval_decided", further("approval", "ref = 'declined'", decided_by="'third'"), DECIDED),
    Case("approval_decided", further("approval", "ref = 'declined'", state="'confirmed'"), DECIDED),
    Case("approval_decided", further("approval", "ref = 'declined'", state="'open'", decided_by="NULL"), DECIDED),
    Case("approval_decided", further("approval", "ref = 'declined'", applied_version="7"), DECIDED),
    Case("override_delete", "DELETE FROM override WHERE ref = 'passed'", GONE),
    Case("override_update", put("override", "ref = 'passed'", why="'Another.'"), ONLY_APPENDED),
    Case("override_update", further("override", "ref = 'passed'", withdrawn_seq=EARLIER), ONLY_APPENDED),
    Case("item_released", _item("hidden", handling="'OFFICIAL'"), RELEASED),
    Case("item_released", _item("hidden", handling="'PUBLIC'"), RELEASED),
    Case("item_released", _item("limited", limited_to="NULL"), RELEASED),
    Case("item_released", _item("limited", limited_to="'second'"), RELEASED),
    Case("item_released", _item("limited", limited_to="'body second'"), RELEASED),
    Case("item_released", _item("limited", limited_to="'b'"), RELEASED),
    Case("item_released", _item("limited", limited_to="NULL", handling="'OFFICIAL-SENSITIVE'"), RELEASED),
    Case("item_released", _item("embargoed", embargo_until="NULL", embargo_bodies="NULL"), RELEASED),
    Case("item_released", _item("embargoed", embargo_until="'2998-12-31'"), RELEASED),
    Case("item_released", _item("embargoed", embargo_bodies="'body second'"), RELEASED),
    Case("item_released", _item("hidden-gone", handling="'PUBLIC'"), RELEASED),
    Case("link_released", further("link", "ref = 'hidden-tie'", handling="'PUBLIC'"), RELEASED),
    Case("link_released", further("link", "ref = 'limited-tie'", limited_to="NULL"), RELEASED),
    Case("link_released", further("link", "ref = 'limited-tie'", limited_to="'other-body'"), RELEASED),
    Case("item_part_added", _part_of("hidden-whole"), WHOLE),
    Case("item_part_added", _part_of("hidden-whole", handling="'OFFICIAL'"), WHOLE),
    Case("item_part_added", _part_of("hidden-whole", limited_to="'body'"), WHOLE),
    Case("item_part_added", _part_of("hidden-whole", handling="'OFFICIAL'", limited_to="'second'"), WHOLE),
    Case("item_part_added", _part_of("hidden-whole", handling="'OFFICIAL'", limited_to="'body second'"), WHOLE),
    Case("item_part_marked", _item("hidden-part", handling="'PUBLIC'"), WHOLE),
    Case("item_part_marked", _item("hidden-part", limited_to="NULL"), WHOLE),
    Case("item_part_marked", _item("hidden-part", limited_to="'body second'"), WHOLE),
    Case("item_part_marked", _item("recommendation", handling="'OFFICIAL'"), WHOLE),
    Case("item_part_marked", _item("review", limited_to="'body'"), WHOLE),
    Case("item_part_marked", _item("action", embargo_until="'2999-01-01'", embargo_bodies="'body'"), WHOLE),
]
