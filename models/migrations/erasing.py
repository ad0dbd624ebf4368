"""The guards of texts: nothing that was written changes, unless two persons have confirmed that it is to be erased.

A revision that adds columns makes them anew, since each names every column that has to stay.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

# The texts of each table that can be erased.
Texts = Mapping[str, tuple[str, ...]]

REDACTED = "'[redacted]'"
FINGERPRINTS = ("source_content", "target_content")
MARKING = ("handling", "limited_to", "embargo_until", "embargo_bodies")
# What of a change stays as it is, whatever is erased.
CHANGE_FIXED = ("seq", "at", "principal", "request_id", "action", "kind", "ref", "hash")
FROZEN = ("progress", "assessment", "decision", "due_date")
RECORD, APPENDED = "the record is only appended to", "it is only appended to"
ENDED, GONE, STEP = (
    "a version only ends, and once",
    "what was withdrawn stays as it was",
    "each change makes one more version",
)
ENDS = "OLD.until_seq = 2147483647 AND NEW.until_seq > OLD.from_seq AND NEW.until_seq < 2147483647"


class Guard(NamedTuple):
    """A trigger that refuses updates of a table, on a condition, and what it says; `unless` two persons erase."""

    name: str
    table: str
    says: str
    condition: str | None
    unless: str


def _changed(names: Iterable[str]) -> str:
    """The condition that one of the columns changes."""
    return " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in names)


def _stays(names: Iterable[str]) -> list[str]:
    """The conditions that columns stay as they are."""
    return [f"OLD.{name} IS NOT DISTINCT FROM NEW.{name}" for name in names]


def _erased(names: Iterable[str]) -> list[str]:
    """The conditions that texts stay, or are erased where there are any."""
    gone = f"OLD.{{0}} IS NOT NULL AND NEW.{{0}} = {REDACTED}"
    return [f"({_stays([name])[0]} OR ({gone.format(name)}))" for name in names]


def _all(*conditions: str) -> str:
    """The condition that every one of some conditions holds."""
    return " AND ".join(conditions)


def _columns(table: str) -> list[str]:
    """The columns of a table, as the database has it now."""
    return [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]


def _two(of: str, *more: str) -> str:
    """The condition that two persons have confirmed that something is to be erased: which it is `of`, and `more`."""
    tables = "approval AS two LEFT JOIN item AS thing ON thing.kind = two.kind AND thing.ref = two.of_ref"
    confirmed = _all("two.action = 'redact'", "two.state = 'confirmed'", f"({of})", *more)
    return f"EXISTS (SELECT 1 FROM {tables} WHERE {confirmed})"  # noqa: S608 - names of ours


def _since(seq: str) -> str:
    """The condition that they confirmed it after a change."""
    done = "done.kind = 'approval' AND done.ref = two.ref AND done.action = 'updated'"
    return f"EXISTS (SELECT 1 FROM change AS done WHERE {done} AND done.seq > {seq})"  # noqa: S608 - names of ours


_LINK = "two.kind = 'link' AND two.of_ref = OLD.ref"
_END = "thing.id IN (OLD.source_id, OLD.target_id)"
# The change that is recorded next is the one that tells of it; afterwards nothing is open any more.
_ABOUT_TO = "two.applied_version = thing.version + 1"


def _blanked(table: str, *when: str) -> str:
    """The condition that a link loses what it remembers of its ends, and nothing else, as one of them is erased."""
    others = [name for name in _columns(table) if name not in FINGERPRINTS]
    return _all(*_stays(others), *(f"NEW.{name} = ''" for name in FINGERPRINTS), _two(_END, *when))


def _without_texts(texts: Texts, table: str, two: str, *free: str) -> str:
    """The condition that a row loses texts and nothing else, because two persons erase it; `free` may be anything."""
    own = texts[table.removesuffix("_version")]
    others = [column for column in _columns(table) if column not in {*own, *free}]
    return _all(*_stays(others), *_erased(own), two)


def _states_erased(*, sqlite: bool, allowed: str, added: str = "") -> str:
    """The condition that what a change says was and is has the same fields, with the same values but what is `allowed`.

    `allowed` speaks of a field that is now (`n`) and then (`o`); fields that are `added` may be new.
    """
    each, cast, differs = ("json_each", "", "IS NOT") if sqlite else ("jsonb_each", "::jsonb", "IS DISTINCT FROM")
    found = []
    for state in ("before", "after"):
        # An alias of both engines: the key and the value of each field.
        now, then = (f"{each}(coalesce({row}.{state}, '{{}}'){cast})" for row in ("NEW", "OLD"))
        other = f"o.key IS NULL OR (n.value {differs} o.value AND NOT ({allowed}))"
        other = f"({other}) AND NOT ({added})" if added else other
        found += [
            f"(NEW.{state} IS NULL) = (OLD.{state} IS NULL)",
            f"NOT EXISTS (SELECT 1 FROM {now} AS n LEFT JOIN {then} AS o ON o.key = n.key WHERE {other})",  # noqa: S608
            f"NOT EXISTS (SELECT 1 FROM {then} AS o LEFT JOIN {now} AS n ON n.key = o.key WHERE n.key IS NULL)",  # noqa: S608
        ]
    return _all(*found)


def _notes_erased(*, sqlite: bool) -> str:
    """The condition that a list of due dates is as it was but for notes that are erased."""
    if sqlite:
        length, pairs = "json_array_length", "json_each(n.value) AS d JOIN json_each(o.value) AS e ON e.key = d.key"
        rest = "json_remove(d.value, '$.note') IS NOT json_remove(e.value, '$.note')"
        note = "json_extract(d.value, '$.note')", "json_extract(e.value, '$.note')"
        lists = "n.type = 'array' AND o.type = 'array'"
    else:
        lists, length = "jsonb_typeof(n.value) = 'array' AND jsonb_typeof(o.value) = 'array'", "jsonb_array_length"
        elements = "jsonb_array_elements({0}.value) WITH ORDINALITY AS {1}(value, key)"
        pairs = f"{elements.format('n', 'd')} JOIN {elements.format('o', 'e')} ON e.key = d.key"
        rest = "d.value - 'note' IS DISTINCT FROM e.value - 'note'"
        note = "d.value ->> 'note'", "e.value ->> 'note'"
    erased = f"({note[0]} IS NOT DISTINCT FROM {REDACTED} AND {note[1]} IS NOT NULL)"
    other = f"{rest} OR NOT ({note[0]} IS NOT DISTINCT FROM {note[1]} OR {erased})"
    same = f"{length}(n.value) = {length}(o.value) AND NOT EXISTS (SELECT 1 FROM {pairs} WHERE {other})"  # noqa: S608
    return f"CASE WHEN n.key = 'due_dates' AND {lists} THEN {same} ELSE false END"


def _listed(names: Iterable[str]) -> str:
    """Names as a list of texts."""
    return f"({', '.join(repr(name) for name in names)})"


def _change_erased(texts: Texts, *, sqlite: bool) -> str:
    """The condition that a change loses texts, with its new digest, once for each approval, and nothing else of it."""
    named = sorted({name for names in texts.values() for name in names})
    redacted, nothing_said = (REDACTED, "''") if sqlite else (f"to_jsonb({REDACTED}::text)", "to_jsonb(''::text)")
    nothing = "o.type <> 'null'" if sqlite else "o.value <> 'null'::jsonb"
    text = f"n.key IN {_listed(named)} AND {nothing} AND n.value IS NOT DISTINCT FROM {redacted}"
    blank = f"n.key IN {_listed(FINGERPRINTS)} AND n.value IS NOT DISTINCT FROM {nothing_said}"
    own = _states_erased(sqlite=sqlite, allowed=f"({text}) OR {_notes_erased(sqlite=sqlite)}")
    tied = _states_erased(sqlite=sqlite, allowed=blank, added=blank)
    end = (
        "EXISTS (SELECT 1 FROM link WHERE OLD.kind = 'link' AND link.ref = OLD.ref"
        " AND thing.id IN (link.source_id, link.target_id))"
    )
    earlier = "' ' || coalesce(OLD.erased_by, '') || ' '"
    once = (
        "NEW.erased_by = CASE WHEN OLD.erased_by IS NULL THEN '' ELSE OLD.erased_by || ' ' END || two.ref",
        f"replace({earlier}, ' ' || two.ref || ' ', '') = {earlier}",
        _since("OLD.seq"),
    )
    digest = "CASE WHEN OLD.erased IS NULL THEN '' ELSE OLD.erased || ' ' END"
    said = f"OLD.reason = NEW.reason OR NEW.reason = {REDACTED}"
    mine = _all(f"({said})", own, _two("two.kind = OLD.kind AND two.of_ref = OLD.ref", *once))
    theirs = _all("OLD.reason = NEW.reason", tied, _two(end, *once))
    return _all(
        *_stays(CHANGE_FIXED),
        f"length(NEW.erased) = length({digest}) + 64",
        f"substr(NEW.erased, 1, length({digest})) = {digest}",
        f"(({mine}) OR ({theirs}))",
    )


def guards(texts: Texts, *, sqlite: bool) -> Iterable[Guard]:
    """Every guard that lets an erasure through, with what it refuses and refused before."""
    yield Guard("change_update", "change", RECORD, None, _change_erased(texts, sqlite=sqlite))
    for name in texts:
        table = f"{name}_version"
        owner = {"due_date": "action_id"}.get(name, "id")
        others = [column for column in _columns(table) if column != "until_seq"]
        of = _two(_LINK if name == "link" else f"thing.id = OLD.{owner}", _since("OLD.from_seq"))
        unless = _without_texts(texts, table, of, *(("content",) if name == "item" else ()))
        if name == "link":
            unless = f"({unless}) OR ({_blanked(table, _since('OLD.from_seq'))})"
        yield Guard(f"{table}_update", table, ENDED, f"NOT ({ENDS}) OR {_changed(others)}", unless)
    for name in FROZEN:
        owner = {"due_date": "action_id"}.get(name, "id")
        unless = _without_texts(texts, name, _two(f"thing.id = OLD.{owner}", _ABOUT_TO))
        yield Guard(f"{name}_update", name, APPENDED, None, unless)
    text = _without_texts(texts, "recommendation", _two("thing.id = OLD.id", _ABOUT_TO))
    says = "published text never changes"
    yield Guard("recommendation_text", "recommendation", says, _changed(("id", "text")), text)
    yield from _of_things(texts)


def _of_things(texts: Texts) -> Iterable[Guard]:
    """The guards of items and links: what was withdrawn is erased too, and a link that is tied to what is."""
    blanked = _blanked("link", _ABOUT_TO)
    versions = ("two.applied_version = NEW.version",)
    item = _without_texts(texts, "item", _two("thing.id = OLD.id", *versions), "content", "version")
    link = f"({_without_texts(texts, 'link', _two(_LINK, *versions), 'version')}) OR ({blanked})"
    for table, unless in (("item", item), ("link", link)):
        others = _changed(name for name in _columns(table) if name not in {*MARKING, "version"})
        condition = f"OLD.withdrawn_seq IS NOT NULL AND ({others} OR NOT ({_changed(MARKING)}))"
        yield Guard(f"{table}_gone", table, GONE, condition, unless)
    yield Guard("link_step", "link", STEP, "NEW.version <> OLD.version + 1", blanked)


def drop(guard: Guard, *, sqlite: bool) -> None:
    """Drop a trigger, on PostgreSQL with the function that looks for it."""
    op.execute(f"DROP TRIGGER guard_{guard.name}" + ("" if sqlite else f" ON {guard.table}"))
    if not sqlite:
        op.execute(f"DROP FUNCTION IF EXISTS look_{guard.name}()")


def _execute(statement: str) -> None:
    """Run a statement as it is: what is in it after a colon is no parameter."""
    op.get_bind().exec_driver_sql(statement)


def create(guard: Guard, *, sqlite: bool) -> None:
    """Make a trigger that refuses unless two persons erase; on PostgreSQL its function looks at other rows."""
    head = f"CREATE TRIGGER guard_{guard.name} BEFORE UPDATE ON {guard.table}"
    if sqlite:
        condition = f"({guard.condition}) AND " if guard.condition else ""
        _execute(f"{head} WHEN {condition}({guard.unless}) IS NOT TRUE BEGIN SELECT RAISE(ABORT, '{guard.says}'); END")
        return
    refused = f"RAISE EXCEPTION '{guard.says}' USING ERRCODE = 'integrity_constraint_violation'"
    body = f"BEGIN IF ({guard.unless}) IS NOT TRUE THEN {refused}; END IF; RETURN NEW; END"
    _execute(f"CREATE FUNCTION look_{guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$")
    when = f"WHEN ({guard.condition})" if guard.condition else ""
    _execute(f"{head} FOR EACH ROW {when} EXECUTE FUNCTION look_{guard.name}()")


def create_as_before(guard: Guard, *, sqlite: bool) -> None:
    """Make a trigger that refuses always."""
    head = f"CREATE TRIGGER guard_{guard.name} BEFORE UPDATE ON {guard.table}"
    when = f"WHEN ({guard.condition})" if guard.condition else ""
    if sqlite:
        _execute(f"{head} {when} BEGIN SELECT RAISE(ABORT, '{guard.says}'); END")
    else:
        _execute(f"{head} FOR EACH ROW {when} EXECUTE FUNCTION refuse('{guard.says}')")
