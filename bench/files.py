"""What becomes files: tables written by the service's formats, an import, and the peers' whole commands."""

import shutil
import subprocess
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

from api.database import Database
from api.formats import as_csv, as_xlsx
from api.formats.table import Book, Table, Value
from api.transfer import read_export, write_export
from bench import raw
from bench.measuring import Found, Spent, Task, interleaved
from bench.peers import Peers
from bench.prepared import Ready
from bench.programme import things, ties

OURS, CLI, STRICTDOC = "service", "sqlite3 command", "strictdoc"
_FEW_ROWS, _MANY_ROWS = 30_000, 150_000
_STRICTDOC_SECONDS = 300
_CHANGES_TO_IMPORT = 200_000
_INDEXES = (
    "CREATE UNIQUE INDEX a ON item (ref); CREATE INDEX b ON item (kind, id); CREATE INDEX c ON item (parent_id, kind);"
    "CREATE UNIQUE INDEX d ON link (ref); CREATE INDEX e ON link (source_id, type, target_id);"
    "CREATE INDEX f ON link (target_id, type, source_id);"
)


def _rows(count: int) -> Iterator[tuple[Value, ...]]:
    """Rows such as a sheet of links has."""
    for place in range(count):
        names = (f"recommendation-{place % 1_000}", "observation", f"evidence-{place}", f"evidence-{place}-supports-x")
        yield (*names, "supports", None, "stated", "Because of the measurement.", False)


def _book(count: int) -> Book:
    """A book of one table."""
    header = ("Row", "Column", "Item", "Link", "Type", "Strength", "Basis", "Rationale", "Suspect")
    return Book("Links", (Table("Links", header, _rows(count)),), ())


def _drain(chunks: Iterator[bytes]) -> int:
    """Take all chunks; how many bytes."""
    return sum(map(len, chunks))


def _busy(chunks: Iterator[bytes]) -> Spent:
    """How long the processor takes for all chunks, in seconds."""
    begun = time.process_time()
    _drain(chunks)
    return Spent(time.process_time() - begun)


def _peak(count: int) -> int:
    """The most memory that writing so many rows as XLSX takes, in bytes."""
    tracemalloc.start()
    _drain(as_xlsx.write(_book(count)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def measure_writers(found: Found, facts: dict[str, float]) -> None:
    """Measure the writers alone: rows a second, and the memory that five times the rows take."""
    tasks: dict[str, Task] = {
        "csv": lambda: _busy(as_csv.write(_book(_MANY_ROWS))),
        "xlsx": lambda: _busy(as_xlsx.write(_book(_MANY_ROWS))),
    }
    taken = interleaved(tasks, 3)
    found.add(f"writing {_MANY_ROWS:,} rows of 9 columns, of the processor", taken)
    facts |= {f"{name} rows a second": _MANY_ROWS / seconds for name, seconds in taken.items()}
    facts["xlsx memory, times"] = _peak(_MANY_ROWS) / _peak(_FEW_ROWS)


def _shell(database: Path, script: str) -> None:
    """Run the sqlite3 command on a script."""
    subprocess.run(["sqlite3", str(database)], input=script, text=True, check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607


def measure_command(ready: Ready, found: Found) -> None:
    """Measure the sqlite3 command: the matrix as CSV, and an import of the same items and links with indexes."""
    if shutil.which("sqlite3") is None:
        found.missing[CLI] = "not on this machine"
        return
    if ready.engine == "sqlite":
        task: dict[str, Task] = {CLI: lambda: _shell(ready.folder / "bench.db", f".mode csv\n{raw.MATRIX};")}
        found.add("HTTP: whole matrix as csv", interleaved(task, 1 if ready.size.name == "L" else 3))
    place = ready.folder / "imported.db"

    def imported() -> None:
        place.unlink(missing_ok=True)
        files = "".join(f".import --csv {ready.folder / name}.csv {name}\n" for name in ("item", "link"))
        _shell(place, files + _INDEXES)

    found.add("import", interleaved({CLI: imported}, 1 if ready.size.name == "L" else 3, warm=0))
    place.unlink(missing_ok=True)


def measure_import(ready: Ready, empty: Database, found: Found, advance: Callable[[int], None]) -> None:
    """Measure the import of the whole record into an empty database, checked in full; left out where it takes hours."""
    if ready.size.things > _CHANGES_TO_IMPORT:
        found.missing["import"] = f"not measured: more than {_CHANGES_TO_IMPORT:,} changes"
        return
    file = ready.folder / "export.ndjson"
    with file.open("wb") as out:
        write_export(ready.database, None, out)
    begun = time.perf_counter()
    read_export(empty, file, advance)
    found.add("import", {OURS: time.perf_counter() - begun})


def _as_requirements(ready: Ready) -> Iterator[str]:
    """The programme as StrictDoc has it: a node for each item, with its links as relations."""
    leads: dict[str, list[str]] = {}
    for tie in ties(ready.size):
        leads.setdefault(tie.source, []).append(tie.target)
    yield "[DOCUMENT]\nTITLE: Programme\n"
    for thing in things(ready.size):
        yield f"\n[REQUIREMENT]\nUID: {thing.ref}\nTITLE: {thing.title}\nSTATEMENT: {thing.title} was seen.\n"
        parents = dict.fromkeys([*leads.get(thing.ref, ()), *([thing.parent] if thing.parent else [])])
        if parents:
            yield "RELATIONS:\n" + "".join(f"- TYPE: Parent\n  VALUE: {target}\n" for target in parents)


def measure_strictdoc(ready: Ready, peers: Peers, found: Found) -> None:
    """Measure StrictDoc's whole command on the same items and links, as JSON, which is the least that it can write."""
    if "strictdoc" not in peers.versions or ready.size.name == "L":
        found.missing[STRICTDOC] = peers.missing.get("strictdoc", "not tried at this size")
        return
    folder = ready.folder / "strictdoc"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "programme.sdoc").write_text("".join(_as_requirements(ready)))
    command = [str(peers.scripts / "strictdoc"), "export", str(folder), "--formats", "json", "--output-dir"]
    begun = time.perf_counter()
    try:
        subprocess.run(  # noqa: S603
            [*command, str(folder / "out")], check=True, capture_output=True, timeout=_STRICTDOC_SECONDS
        )
    except subprocess.TimeoutExpired:
        found.missing[STRICTDOC] = f"not done in {_STRICTDOC_SECONDS} s"
    except subprocess.CalledProcessError as error:
        found.missing[STRICTDOC] = f"failed: {error.stderr.decode(errors='replace')[-160:]}"
    else:
        found.add("import and matrix", {STRICTDOC: time.perf_counter() - begun})
