"""Writing redactions: erase the texts of an item or link for ever, as one has asked for and another confirms."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Table, bindparam, case, delete, or_, select, update
from sqlalchemy.orm import Session

from models.approvals import Approval
from models.base import Base
from models.changes import CHANGES
from models.errors import Conflict, Fault, Invalid
from models.items import Item, content_of
from models.lens import Lens
from models.links import Link
from models.markings import MARKING_FIELDS
from models.recording import restate, state_of
from models.redaction import FINGERPRINTS, REDACTED, TEXTS, erased_by, texts_in, without_fingerprints, without_words
from models.replies import Reply
from models.verifier import erasure_digest
from models.versions import PARTS, VERSIONS, tables_of
from models.vocabulary import CONTENT_FIELDS
from models.writing.markings import Marked, put_down, thing_of

Row = dict[str, Any]
_ERASABLE = ("reason", "before", "after", "erased", "erased_by")


def ask_redaction(session: Session, lens: Lens, values: Mapping[str, Any], by: str) -> str:
    """Ask for the texts of a thing to be erased; a second person has to confirm it. The reference of the approval."""
    given = [name for name in MARKING_FIELDS if values.get(name) is not None]
    if given:
        raise Invalid(*(Fault(f"/{name}", "goes with a release, not with a redaction") for name in given))
    thing = thing_of(session, lens, values["kind"], values["ref"])
    if not _erased_changes(session, thing, ""):
        raise Conflict("Every text of it was erased already.", thing.subject())
    return put_down(session, "redact", values, None, by)


def confirm_redaction(session: Session, lens: Lens, approval: Approval, by: str) -> None:
    """Erase the texts of a thing, as a second person: in what it is, was, and in what the record says of it.

    The approval goes first, with the digest of what the changes say from now on: the database erases nothing without.
    """
    thing = thing_of(session, lens, approval.kind, approval.of_ref)
    changes = _erased_changes(session, thing, approval.ref)
    approval.decide("confirmed", by)
    approval.applied_version = thing.version + 1
    approval.erased = erasure_digest(change["erased"].split(" ")[-1] for change in changes)
    session.flush()
    _put_changes(session, changes)
    if isinstance(thing, Item):
        _forget_what_it_said(session, thing)
    for name in tables_of(approval.kind):
        _erase_texts(session, VERSIONS[name], name, thing.id)
    if isinstance(thing, Item):
        _tell_contents_anew(session, approval.kind, thing.id)
    _erase_own_texts(session, thing)
    session.execute(delete(Reply).where(Reply.body.contains(f'"{approval.of_ref}"', autoescape=True)))
    session.info["erased"] = True


def _erased_changes(session: Session, thing: Marked, approval: str) -> list[Row]:
    """The changes that have to say something else when a thing is erased, as they will, in their order.

    Those of the thing lose texts and reasons; those of links at it what the links remember of their ends.
    """
    kind, ref = thing.subject()
    found = [without_words(row) for row in _changes(session, CHANGES.c.kind == kind, CHANGES.c.ref == ref)]
    if isinstance(thing, Item):
        tied = select(Link.ref).where(or_(Link.source_id == thing.id, Link.target_id == thing.id))
        at_it = _changes(session, CHANGES.c.kind == "link", CHANGES.c.ref.in_(tied))
        found += [without_fingerprints(row) for row in at_it]
    there = {row["seq"]: row for row in _changes(session, CHANGES.c.seq.in_([row["seq"] for row in found]))}
    altered = [row for row in found if row != there[row["seq"]]]
    return [erased_by(approval, row) for row in sorted(altered, key=lambda row: int(row["seq"]))]


def _changes(session: Session, *where: Any) -> list[Row]:
    """Changes of the record."""
    return [dict(row) for row in session.execute(select(CHANGES).where(*where)).mappings()]


def _put_changes(session: Session, changes: Iterable[Row]) -> None:
    """Let changes say what they say from now on."""
    values: Any = {name: bindparam(f"new_{name}", type_=CHANGES.c[name].type) for name in _ERASABLE}
    statement = update(CHANGES).where(CHANGES.c.seq == bindparam("at_seq")).values(values)
    told = [{"at_seq": row["seq"]} | {f"new_{name}": row[name] for name in _ERASABLE} for row in changes]
    if told:
        session.connection().execute(statement, told)


def _erase_texts(session: Session, table: Table, name: str, thing: int) -> None:
    """Erase the texts of one thing in a table, or in the table of its versions; `name` is the table's own."""
    texts = TEXTS.get(name, ())
    if texts:
        values: Any = {text: case((table.c[text].is_not(None), REDACTED)) for text in texts}
        owner = table.c[PARTS.get(name, "id")]
        session.connection().execute(update(table).where(owner == thing).values(values))


def _forget_what_it_said(session: Session, item: Item) -> None:
    """Take from the links at an item what they remember of their ends: they are suspect until somebody reviews them."""
    tables: tuple[Any, ...] = (Link.__table__, VERSIONS["link"])
    for table in tables:
        tied = or_(table.c.source_id == item.id, table.c.target_id == item.id)
        remembers = or_(*(table.c[name] != "" for name in FINGERPRINTS))
        blank: Any = dict.fromkeys(FINGERPRINTS, "")
        session.connection().execute(update(table).where(tied, remembers).values(blank))


def _erase_own_texts(session: Session, thing: Marked) -> None:
    """Erase the texts of a thing as it is, with one more version of it, of which the record tells what it says now.

    The tables of its kind go first: the database lets their texts go while this version is about to be made.
    """
    kind, _ref = thing.subject()
    for name in tables_of(kind):
        if name not in {"item", "link"}:
            _erase_texts(session, Base.metadata.tables[name], name, thing.id)
    session.expire_all()
    with session.no_autoflush:
        for text in TEXTS["link" if kind == "link" else "item"]:
            if getattr(thing, text) is not None:
                setattr(thing, text, REDACTED)
        restate(session, thing, texts_in(state_of(thing)))
    session.flush()


def _tell_contents_anew(session: Session, kind: str, item: int) -> None:
    """Work out anew what each version of an item says: from the fingerprint of a short text it could be guessed."""
    versions, own = VERSIONS["item"], VERSIONS[kind]
    columns = [versions.c[name] if name in versions.c else own.c[name] for name in CONTENT_FIELDS[kind]]
    joined = versions.join(own, (own.c.id == versions.c.id) & (own.c.from_seq == versions.c.from_seq))
    found = session.execute(select(versions.c.from_seq, *columns).select_from(joined).where(versions.c.id == item))
    told = [{"at_seq": seq, "says": content_of(values)} for seq, values in _named(found, CONTENT_FIELDS[kind])]
    one = (versions.c.id == item) & (versions.c.from_seq == bindparam("at_seq"))
    session.connection().execute(update(versions).where(one).values(content=bindparam("says")), told)


def _named(rows: Iterable[Any], names: Iterable[str]) -> Iterable[tuple[int, Row]]:
    """Each row as its number and the values by their names."""
    return ((seq, dict(zip(names, values, strict=True))) for seq, *values in rows)
