"""A small record as the first revision of the schema kept it."""

import json
from collections.abc import Iterator
from typing import Any

from api.database import Database
from api.loading import bring_up_to_date

LED, PUBLISHED = {"role": "lead", "body": "B"}, {"role": "publisher", "body": "B"}
DUE = {"number": 1, "due_on": "2021-01-01", "note": None}
# What was stored at the first revision, in the order of the record: kind, fields of every kind, fields of its own.
STORED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("body", {"ref": "B", "title": "A “body”"}, {"is_group": False}),
    ("review", {"ref": "V", "title": "A review", "bodies": [PUBLISHED]}, {"published_on": "2020-01-01"}),
    (
        "recommendation",
        {"ref": "R", "title": "Asked", "parent": "V", "number": 1, "bodies": [LED]},
        {"category": "recommendation", "text": "It should – say they – do the thing.", "short_name": "Thing"},
    ),
    ("clause", {"ref": "R.1", "title": "Asked", "parent": "R", "number": 1}, {"span_start": 0, "span_end": 9}),
    ("source", {"ref": "S", "title": "Talks", "period": "2019"}, {"source_class": "fieldwork", "sample_size": 12}),
    (
        "evidence",
        {"ref": "E", "title": "Seen", "effective_from": "2019-05-01", "url": "https://example.org/é"},
        {"evidence_kind": "observation", "statement": 'A thing\nwas "observed".'},
    ),
    ("action", {"ref": "A", "title": "To do", "owner": "B", "due_dates": [DUE]}, {}),
    (
        "progress",
        {"ref": "P", "title": "Done", "parent": "A", "number": 1, "effective_from": "2021-02-01"},
        {"claimed_status": "under_way", "statement": "It was begun."},
    ),
    ("assessment", {"ref": "J", "title": "Judged", "parent": "R", "handling": "OFFICIAL"}, {"verdict": "not_met"}),
    ("decision", {"ref": "D", "title": "Decided", "parent": "R"}, {"decision": "disputed", "statement": "Not yet."}),
]
TIES = [("E", "supports", "R"), ("E", "derived_from", "S"), ("A", "addresses", "R")]
AT = "2026-01-02T03:04:05.000678Z"


def _insert(table: str, **values: Any) -> str:
    """A statement with its values in it, as either engine reads them."""

    def literal(value: Any) -> str:
        quoted = str(value).replace("'", "''")
        return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{quoted}'"

    columns = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(map(literal, values.values()))})"  # noqa: S608 - our own


def _old_change(seq: int, kind: str, after: dict[str, Any], *, sqlite: bool) -> str:
    """A change as the first revision kept it: a time in the engine's own form, a state with spaces and escapes."""
    at = "2026-01-02 03:04:05.000678" if sqlite else "2026-01-02 05:04:05.000678+02"
    told = {"action": "created", "kind": kind, "ref": after["ref"], "before": "null" if seq == 1 else None}
    return _insert("change", seq=seq, at=at, principal="loader", reason="“Load”", **told, after=json.dumps(after))


def _old_item(seq: int, kind: str, fields: dict[str, Any], own: dict[str, Any]) -> Iterator[str]:
    """An item as the first revision kept it."""
    ids = {item["ref"]: (number, kind) for number, (kind, item, _) in enumerate(STORED, start=1)}
    row = {name: value for name, value in fields.items() if name not in {"parent", "owner", "bodies", "due_dates"}}
    for role in ("parent", "owner"):
        if role in fields:
            row[f"{role}_id"], row[f"{role}_kind"] = ids[fields[role]]
    stamps = {"id": seq, "kind": kind, "external_id": fields["ref"], "version": 1, "created_seq": seq}
    yield _insert("item", **{"handling": "PUBLIC"} | row | stamps)
    yield _insert(kind, id=seq, **own)
    for part in fields.get("bodies", ()):
        body = ids[part["body"]][0]
        yield _insert("involvement", item_id=seq, item_kind=kind, role=part["role"], body_id=body, position=1)
    for due in fields.get("due_dates", ()):
        yield _insert("due_date", action_id=seq, **due)


def _old_statements(*, sqlite: bool, hidden: str) -> Iterator[str]:
    """Everything that was stored at the first revision; what is not for everybody is marked as `hidden`."""
    stored = [(kind, fields | dict.fromkeys({"handling"} & fields.keys(), hidden), own) for kind, fields, own in STORED]
    for seq, (kind, fields, own) in enumerate(stored, start=1):
        told = {"kind": kind, "handling": "PUBLIC", "external_id": fields["ref"]} | fields
        told |= own if kind != "body" else {}  # what was not given was not told
        yield _old_change(seq, kind, told, sqlite=sqlite)
        yield from _old_item(seq, kind, fields, own)
    ids = {item["ref"]: (number, kind) for number, (kind, item, _) in enumerate(STORED, start=1)}
    for number, (source, type_, target) in enumerate(TIES, start=1):
        seq = len(STORED) + number
        said = {"basis": "stated", "rationale": "“Because”", "asserted_by": "a test", "handling": "PUBLIC"}
        said |= {"ref": f"{source}-{type_}-{target}", "type": type_}
        yield _old_change(seq, "link", {"source": source, "target": target, **said}, sqlite=sqlite)
        ends = {
            f"{end}_{part}": ids[ref][place]
            for end, ref in (("source", source), ("target", target))
            for place, part in enumerate(("id", "kind"))
        }
        yield _insert("link", id=number, **said, **ends, version=1, created_seq=seq)


def filled_of_old(database: Database, hidden: str = "OFFICIAL") -> Database:
    """A database put back to the first revision, with a small record."""
    bring_up_to_date(database, "base")
    bring_up_to_date(database, "0001")
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        for statement in _old_statements(sqlite=database.is_sqlite, hidden=hidden):
            connection.exec_driver_sql(statement)
    return database
