"""Progress reports as tables, in words: what is not known is said to be so, and every statement has its reference."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from api.formats.format import About
from api.formats.saying import UNKNOWN, said
from api.formats.table import Book, Table, Value
from models.queries.report import Report, Standing
from models.queries.rows import Row

_SEEN_AS = {"claimed": "claimed", "verified": "verified by the inspectorates", "derived": "shown by evidence"}
_STATUS = ("Ref", "Recommendation", "Seen as", "Status", "Date", "Rests on")
_LINE = (
    "Ref",
    "Recommendation",
    "Claimed",
    "Verified",
    "Shown by evidence",
    "Actions",
    "Days since publication",
    "Days since progress",
)
_COUNTS = (
    "Ref",
    "Recommendation",
    "Actions stated",
    "Claimed complete",
    "Overdue",
    "Related developments",
    "Days since publication",
    "Days since progress",
)
_ACTIONS = (
    "Ref",
    "Action",
    "Tie",
    "Owner",
    "Claimed",
    "Claimed on",
    "Rests on",
    "First due",
    "Due",
    "Revisions",
    "Overdue",
    "Demonstrated by",
)


def _known(value: Any) -> Value:
    """A value, or that it is not known."""
    found: Value = UNKNOWN if value is None else value
    return found


def _listed(refs: Sequence[str]) -> str:
    """References, or that there are none."""
    return ", ".join(refs) or "nothing on record"


def _statuses(standings: Iterable[Standing]) -> Iterator[tuple[Value, ...]]:
    """The status of each recommendation seen three ways, with its date and what it rests on."""
    for standing in standings:
        for name, words in _SEEN_AS.items():
            part = standing.status[name]
            told = (said(part["status"]), _known(part["date"]), _listed(part["rests_on"]))
            yield (standing.ref, standing.name, words, *told)


def _part(part: Row) -> str:
    """A status in a cell: the word, the date, and what it rests on."""
    if not part["rests_on"]:
        return said(part["status"])
    day = part["date"].isoformat() if part["date"] else f"date {UNKNOWN}"
    return f"{said(part['status'])}, {day} ({', '.join(part['rests_on'])})"


def _line(standing: Standing) -> tuple[Value, ...]:
    """How one recommendation stands, in a line."""
    counted = f"{standing.stated} stated: {standing.complete} complete, {standing.overdue} overdue"
    return (
        standing.ref,
        standing.name,
        *(_part(standing.status[name]) for name in _SEEN_AS),
        f"{counted}; {standing.related} related",
        _known(standing.days_since_publication),
        _known(standing.days_since_progress),
    )


def _counts(standings: Iterable[Standing]) -> Iterator[tuple[Value, ...]]:
    """The actions of each recommendation counted, and how long ago it was published and something was done."""
    for standing in standings:
        counted = (standing.stated, standing.complete, standing.overdue, standing.related)
        yield (
            standing.ref,
            standing.name,
            *counted,
            _known(standing.days_since_publication),
            _known(standing.days_since_progress),
        )


def _actions(ref: str, actions: Iterable[Row]) -> Iterator[tuple[Value, ...]]:
    """The actions for one recommendation, when each is due and what its latest progress claims."""
    for action in actions:
        overdue = {True: "yes", False: "no", None: UNKNOWN}[action["overdue"]]
        yield (
            action["ref"],
            action["title"],
            "stated" if ref in action["recommendations"] else "inferred: a related development",
            _known(action["owner"]),
            said(action["state"]),
            _known(action["claimed_on"]),
            action["claimed_by"] or "nothing on record",
            _known(action["due_first"]),
            _known(action["due_on"]),
            action["revisions"],
            overdue,
            action["demonstrated"],
        )


def _gaps(report: Report) -> Iterator[tuple[Value, ...]]:
    """The gaps of each recommendation in words, each with what has it: itself, its clauses, its actions, its links."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for gap in report.gaps:
        for ref in gap["recommendations"]:
            found[ref][gap["explanation"]].append(gap["ref"])
    for standing in report.standings:
        for explanation, refs in found[standing.ref].items():
            yield (standing.ref, explanation, ", ".join(refs))


def _about_one(report: Report) -> tuple[tuple[Table, ...], tuple[Table, ...]]:
    """What a report on one recommendation has before how it stands, its text, and after that, its parts."""
    row = report.subject
    if row["kind"] != "recommendation":
        return (), ()
    verdicts = (
        (found["ref"], said(found["verdict"]), _known(found["effective_from"]), ", ".join(found["assessors"]))
        for found in report.verdicts
    )
    counts = ((row["ref"], said(one["evidence_kind"]), one["count"], one["inferred"]) for one in row["evidence_counts"])
    text = Table("Text", ("Ref", "Text"), [(row["ref"], row["text"])])
    return (text,), (
        Table("Actions", _ACTIONS, _actions(row["ref"], report.actions)),
        Table("Verdicts", ("Ref", "Verdict", "Date", "Given by"), verdicts),
        Table("Evidence", ("Ref", "Kind of evidence", "Tied to it", "Of these only inferred"), counts),
    )


def _book(report: Report, about: About, *standing: Table) -> Book:
    """The report around the tables that say how each recommendation stands."""
    told = (
        *about.pairs(),
        ("Day", report.day.isoformat()),
        ("That change was recorded", report.seen.at or UNKNOWN),
        *((("Undated actions left out", str(report.undated)),) if report.undated is not None else ()),
        *((("Cut", "there is more than is told here"),) if report.cut else ()),
    )
    first, later = _about_one(report)
    gaps = Table("Gaps", ("Ref", "Gap", "Of"), _gaps(report))
    title = f"Progress report: {report.subject['ref']} {report.subject['title']}"
    return Book(title, (*first, *standing, *later, gaps), told)


def report_book(report: Report, about: About) -> Book:
    """The report as a workbook: words, dates, references and numbers in cells of their own."""
    statuses = Table("Status", _STATUS, _statuses(report.standings))
    return _book(report, about, statuses, Table("Counts", _COUNTS, _counts(report.standings)))


def report_page(report: Report, about: About) -> Book:
    """The report as a page to read: a line for each recommendation."""
    return _book(report, about, Table("Recommendations", _LINE, map(_line, report.standings)))
