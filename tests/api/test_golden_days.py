"""Three days of the published programme as they were worked out by hand (tests/golden), and what changed between them.

Those files were written from the published record, not from an answer: where they and the service differ, one is wrong.
"""

import csv
import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient

GOLDEN = Path(__file__).parent.parent / "golden"
DAYS = ("2016-06-01", "2017-06-29", "2019-12-31")
SPANS = list(pairwise(DAYS))
# What only goes by is no change.
_GOES_BY = ("Days since publication", "Days since progress", "days_since_publication", "days_since_progress")
Line = dict[str, str]
Lines = list[Line]


def _cells(line: str) -> list[str]:
    """The cells of a line of a table, without the escapes of Markdown."""
    return [re.sub(r"\\(.)", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def _tables(page: str) -> dict[str, Lines]:
    """The tables of a page by their headings, each line by the names of its columns."""
    found = {}
    for section in page.split("\n## ")[1:]:
        heading, _, rest = section.partition("\n")
        header, _dashes, *lines = [line for line in rest.splitlines() if line.startswith("|")]
        found[heading] = [dict(zip(_cells(header), _cells(line), strict=True)) for line in lines]
    return found


def _golden(name: str) -> dict[str, Lines]:
    return _tables((GOLDEN / f"{name}.md").read_text(encoding="utf-8"))


def _report(client: FlaskClient, day: str) -> dict[str, Lines]:
    """What the report says of a day."""
    return _tables(client.get(f"/api/v1/reviews/MAPPA-2015/report?as_of={day}").get_data(as_text=True))


def _plan(client: FlaskClient, day: str) -> Lines:
    """What the action plan says of a day, in the columns of the golden file."""
    written = client.get(f"/api/v1/action-plan?as_of={day}&limit=200&format=csv").get_data(as_text=True)
    columns = _golden(day)["Plan"][0].keys()
    rows = csv.DictReader(io.StringIO(written, newline=""), strict=True)
    return [{name: row[name] for name in columns} for row in rows]


def _answers(client: FlaskClient, day: str) -> dict[str, Lines]:
    """Everything that a golden file tells, as the service answers it."""
    return _report(client, day) | {"Plan": _plan(client, day)}


@pytest.mark.parametrize("table", ["Recommendations", "Gaps", "Plan"])
@pytest.mark.parametrize("day", DAYS)
def test_says_of_a_day_what_was_worked_out_by_hand(client: FlaskClient, day: str, table: str) -> None:
    expected = _golden(day)[table]

    assert _answers(client, day)[table] == expected
    assert expected


@pytest.mark.parametrize("day", DAYS)
def test_gives_the_statuses_of_a_day_that_were_worked_out_by_hand(client: FlaskClient, day: str) -> None:
    rows = client.get(f"/api/v1/recommendations?as_of={day}&sort=number").get_json()["items"]

    columns = {"claimed": "Claimed", "verified": "Verified", "derived": "Shown by evidence"}
    words = {None: "not known", "not_published": "not published here"}
    found = []
    for row in rows:
        told = {"Ref": row["ref"]}
        for name, column in columns.items():
            part = row["status"][name]
            word = words.get(part["status"]) or part["status"].replace("_", " ")
            told[column] = f"{word}, {part['date']} ({', '.join(part['rests_on'])})" if part["rests_on"] else word
        found.append(told)
    assert found == [
        {name: line[name] for name in ("Ref", *columns.values())} for line in _golden(day)["Recommendations"]
    ]


def _keyed(table: str, lines: Lines) -> Iterator[tuple[tuple[str, str], str]]:
    """What a table says, cell by cell: of what, which column; of a gap, which gap, and what has it."""
    for line in lines:
        if table == "Gaps":
            yield (line["Ref"], line["Gap"]), line["Of"]
            continue
        ref = line["Ref"] if "Ref" in line else line["ref"]
        if table == "Plan":
            yield (ref, "in the plan"), "yes"
        yield from (((ref, name), value) for name, value in line.items() if name not in {"Ref", "ref", *_GOES_BY})


def _changes(before: dict[str, Lines], after: dict[str, Lines]) -> set[tuple[str, ...]]:
    """Every cell that differs between two days; of what only one of them has, that it is there."""
    found = set()
    for table in ("Recommendations", "Gaps", "Plan"):
        one, other = dict(_keyed(table, before[table])), dict(_keyed(table, after[table]))
        new = {ref for ref, _name in other.keys() - one.keys()} if table == "Plan" else set()
        for of, name in one.keys() | other.keys():
            values = one.get((of, name), ""), other.get((of, name), "")
            if values[0] != values[1] and (of not in new or name == "in the plan"):
                found.add((table, of, name, *values))
    return found


@pytest.mark.parametrize(("before", "after"), SPANS)
def test_tells_what_changed_from_one_day_to_the_next(client: FlaskClient, before: str, after: str) -> None:
    expected = {tuple(line.values()) for line in _golden("what-changed")[f"{before} to {after}"]}

    assert _changes(_answers(client, before), _answers(client, after)) == expected


@pytest.mark.parametrize(("before", "after"), SPANS)
def test_the_days_and_the_changes_that_were_worked_out_by_hand_agree(before: str, after: str) -> None:
    expected = {tuple(line.values()) for line in _golden("what-changed")[f"{before} to {after}"]}

    assert _changes(_golden(before), _golden(after)) == expected
