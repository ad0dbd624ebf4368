"""The report of the benchmark: ratios, goals, and a file with a part for each engine."""

from pathlib import Path

from bench.goals import Results, goals
from bench.measuring import Found, Spent, interleaved
from bench.report import as_markdown


def _results() -> Results:
    """A run in which one item took as long as Datasette and twice as long as bytes in memory."""
    found = Found()
    found.add("HTTP: one item", {"service": 0.002, "datasette": 0.002})
    found.add("HTTP: one item, unchanged", {"service": 0.002, "flask and bytes in memory": 0.001})
    found.missing["strictdoc"] = "not installed"
    return Results(found, Found(), {"xlsx rows a second": 70_000.0}, "M")


def test_says_of_each_goal_whether_it_was_reached_and_why_not() -> None:
    told = {goal.about: goal for goal in goals(_results())}

    assert told["one item, against Datasette"].reached is False
    assert told["one item, against Datasette"].row()[2:4] == ("1.00", "no")
    assert told["one item, unchanged, against bytes in memory"].measured == 0.5
    assert told["rows a second of processor into XLSX"].reached is True
    assert told["import and matrix, against StrictDoc"].row()[2:] == ("not measured", "-", "not installed")
    assert all(goal.reached or goal.why for goal in told.values() if goal.measured is not None)


def test_every_task_has_its_turn_in_each_round_and_may_say_what_it_took() -> None:
    turns: list[str] = []

    def other() -> Spent:
        turns.append("other")
        return Spent(3.0)

    taken = interleaved({"one": lambda: turns.append("one"), "other": other}, rounds=2, warm=1)

    assert turns == ["one", "other"] * 3
    assert taken["other"] == 3.0


def test_a_file_has_a_part_for_each_engine_and_keeps_the_others(tmp_path: Path) -> None:
    file = tmp_path / "bench.md"
    for engine, where in (("SQLite", "first"), ("PostgreSQL", "there"), ("SQLite", "second")):
        as_markdown(file, _results(), engine, where)

    written = file.read_text()

    assert [line for line in written.splitlines() if line.startswith("## ")] == ["## PostgreSQL", "## SQLite"]
    assert "first" not in written.replace("first time", "")
    assert "there" in written
    assert "second" in written
