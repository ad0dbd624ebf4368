"""Words: how what is on record is said to people; what is not known is said to be so."""

from datetime import date
from functools import lru_cache
from typing import Any

from api.formats.saying import said
from api.limits import COUNTED
from models.vocabulary import COLLECTIONS

_NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_FORMATS = {
    "json": ("JSON", "application/json"),
    "csv": ("CSV", "text/csv"),
    "xlsx": ("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "markdown": ("Markdown", "text/markdown"),
    "jsonld": ("JSON-LD", "application/ld+json"),
    "graphml": ("GraphML", "application/graphml+xml"),
    "dot": ("DOT", "text/vnd.graphviz"),
    "mermaid": ("Mermaid", "text/vnd.mermaid"),
    "ndjson": ("NDJSON", "application/x-ndjson"),
    "ics": ("iCalendar", "text/calendar"),
    "yaml": ("YAML", "application/yaml"),
    "html": ("HTML", "text/html"),
    "prometheus": ("Prometheus", "text/plain"),
}
# How a status looks; what is not here is plain.
_TONES = {
    "under_way": "going",
    "partially_met": "going",
    "partly_demonstrated": "going",
    "complete": "done",
    "fully_met": "done",
    "demonstrated": "done",
    "not_met": "bad",
    "stalled": "bad",
    "not_published": "unknown",
    None: "unknown",
}
# How many letters of a value are told.
_MOST_TOLD = 300
_PLURALS = {"evidence": "evidence", "progress": "progress", "body": "bodies"}
# What a thing is a part of, that has no page of its own: the kind, and the field that names it.
_WHOLES = {
    "clause": ("recommendation", "recommendation"),
    "decision": ("recommendation", "recommendation"),
    "progress": ("action", "action"),
    "assessment": ("recommendation", "subject"),
}
# Which page shows things of a kind.
_PAGES = {
    "recommendation": "/recommendations/",
    "evidence": "/evidence/",
    "source": "/sources/",
    "action": "/actions/",
    "due_date": "/actions/",
    "link": "/links/",
}


def day(value: date | str | None) -> str:
    """A day as people write it."""
    if value is None:
        return "undated"
    found = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{found.day} {found:%B %Y}"


def moment(value: str) -> str:
    """A moment of the record as people write it, to the minute."""
    return f"{day(value)}, {value[11:16]} UTC"


def told(value: Any) -> str:
    """The value that a field had or has, in one line that is not too long."""
    if value in (None, "", []):
        return "nothing"
    parts = value if isinstance(value, list) else [value]
    whole = "; ".join(
        ", ".join(f"{name.replace('_', ' ')} {told(one)}" for name, one in part.items())
        if isinstance(part, dict)
        else str(part)
        for part in parts
    )
    return whole if len(whole) <= _MOST_TOLD else f"{whole[:_MOST_TOLD]} …"


def kind_name(kind: str, count: int = 1) -> str:
    """The name of a kind of thing, of one or of several."""
    name = kind.replace("_", " ")
    return name if count == 1 else _PLURALS.get(name, f"{name}s")


def format_name(name: str) -> str:
    """A format as people call it."""
    return _FORMATS[name][0] if name in _FORMATS else name


def media_type(name: str) -> str:
    """The media type of a format."""
    return _FORMATS[name][1] if name in _FORMATS else "application/octet-stream"


def in_words(count: int) -> str:
    """A small number as a word."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def tone(status: str | None) -> str:
    """How a status is to look, beside its word."""
    return _TONES.get(status, "")


def total(count: int | None) -> str:
    """How many there are in all; where that is not told, that they are very many."""
    return f"more than {COUNTED.most:,}" if count is None else f"{count:,}"


def plural(count: int | None, one: str, several: str | None = None) -> str:
    """A number with what it is the number of."""
    return f"{total(count)} {one if count == 1 else several or one + 's'}"


def web(address: str) -> str:
    """An address of the web; anything else leads nowhere."""
    return address if address.startswith(("https://", "http://")) else "#"


def page_of(kind: str, name: str) -> str:
    """Where the explorer shows a thing; what has no page of its own is shown by the API."""
    if kind == "review":
        return f"/recommendations?review={name}"
    return f"{_PAGES[kind]}{name}" if kind in _PAGES else f"/api/v1/{COLLECTIONS.get(kind, f'{kind}s')}/{name}"


def box_page(box: Any) -> str:
    """Which page shows what a box of a picture stands for."""
    return page_of(box.look, box.ref)


def called(row: dict[str, Any]) -> str:
    """What a thing is called in few words."""
    return str(row.get("short_name") or row["title"])


def where(row: dict[str, Any]) -> str:
    """Where the explorer shows the thing of a row; a part of something, on the page of that."""
    kind, whole = _WHOLES.get(row["kind"], ("", ""))
    if row["kind"] == "assessment":
        kind = row.get("subject_kind") or ""
    return page_of(kind, row[whole]) if kind in _PAGES and row.get(whole) else page_of(row["kind"], row["ref"])


def tied(tie: Any) -> str:
    """How a link of the matrix ties its ends, on whose word, how strongly, and whether that is in doubt."""
    return _tied(tie.type, tie.basis, tie.strength, tie.suspect)


@lru_cache(256)
def _tied(type_: str, basis: str, strength: str | None, suspect: bool) -> str:  # noqa: FBT001 - one key for all of it
    """The words for one sort of link; a matrix has few sorts and many links."""
    told = [said(type_), "stated on the page" if basis == "stated" else "inferred by an analyst"]
    told += [strength] if strength else []
    return ", ".join([*told, "suspect: an end has changed since it was reviewed"] if suspect else told)


# What templates call them by.
FILTERS = {
    word.__name__: word
    for word in (
        box_page,
        called,
        day,
        format_name,
        in_words,
        kind_name,
        media_type,
        moment,
        plural,
        said,
        tied,
        told,
        tone,
        total,
        web,
        where,
    )
}
