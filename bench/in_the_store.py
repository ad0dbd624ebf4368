"""Questions in the store: asked of the service's own queries, of the bare driver, and of DuckDB."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sqlalchemy.orm import Session

from bench import raw
from bench.measuring import Found, Spent, Task, interleaved
from bench.peers import Peers
from bench.prepared import Ready
from models.changes import newest_change
from models.lens import Lens
from models.queries.chain import CHAIN_STEPS, chain
from models.queries.gaps import gaps
from models.queries.graph import MOST
from models.queries.judging import Asked
from models.queries.matrix import matrix
from models.queries.paging import Wanted
from models.queries.reach import REACH_STEPS, reach
from models.queries.standing import Question
from models.queries.walk import Steps, walk

OURS, DRIVER, DUCKDB, SMALL = "service", "driver", "duckdb", "service at S"
_ROUNDS = {"S": 61, "M": 31, "L": 11}
_WHOLE_ROUNDS = {"S": 9, "M": 5, "L": 1}
LENS = Lens()


class Duck:
    """A DuckDB that has loaded the same data, in a process of its own."""

    def __init__(self, input_: IO[str], output: IO[str]) -> None:
        """Wait until it has loaded."""
        self._input, self._output = input_, output
        told = output.readline()
        self.works = bool(told)
        self.loading = float(told or "nan")

    def ask(self, question: str, value: int = 0) -> Spent:
        """How long it takes for a question, by its own clock."""
        self._input.write(f"{question} {value}\n")
        self._input.flush()
        return Spent(float(self._output.readline()))


@contextmanager
def duck(peers: Peers, folder: Path) -> Iterator[Duck | None]:
    """DuckDB on the files of a folder; None where it is not installed."""
    if "duckdb" not in peers.versions:
        yield None
        return
    command = [str(peers.python), str(Path(__file__).parent / "duck.py"), str(folder)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("DuckDB cannot be spoken to.")
        bird = Duck(process.stdin, process.stdout)
        yield bird if bird.works else None
        process.stdin.close()


def asked() -> Asked:
    """What gaps are judged by."""
    return Asked(LENS, datetime.now(UTC).date())


def whole_matrix(session: Session) -> int:
    """The whole transitive matrix, every line and the summary of it; how many lines."""
    found = matrix(session, asked(), Question())
    return sum(1 for _line in found.lines()) + len(found.summary)


def all_gaps(session: Session) -> int:
    """Every gap; how many."""
    return len(gaps(session, asked(), Wanted(limit=0)).rows)


def _reading(ready: Ready, ask: Callable[[Session], object]) -> Task:
    """A question in a read transaction of its own."""

    def task() -> None:
        with ready.database.reading() as session:
            newest_change(session)  # as the service does before any question
            ask(session)

    return task


def _anew(ready: Ready, ask: Callable[[Session], object]) -> Task:
    """A question of which nothing is kept yet; what it is made of is, as in a service that runs."""

    def task() -> None:
        with ready.database.reading() as session:
            ask(session)

    return task


def _walks(ready: Ready, session: Session, bird: Duck | None, walked: tuple[str, Steps]) -> dict[str, Task]:
    """One walk as each of them does it, all on connections that are open."""
    start, steps = ready.id_of(walked[0]), walked[1]
    plain = raw.walk(steps, fenced=not ready.asker.is_sqlite)
    tasks: dict[str, Task] = {
        OURS: lambda: walk(session, LENS, [start], steps, MOST),
        DRIVER: lambda: ready.asker.all(plain, start),
    }
    if bird is not None and steps is CHAIN_STEPS:
        tasks[DUCKDB] = lambda: bird.ask("chain", start)
    return tasks


def measure_store(ready: Ready, small: Ready, bird: Duck | None, found: Found, advance: Callable[[str], None]) -> None:
    """Measure chain and reach; `advance` is told each that is done."""
    rounds = _ROUNDS[ready.size.name]
    for name, ref, steps in (
        ("chain", "recommendation-7", CHAIN_STEPS),
        ("reach", "evidence-77", REACH_STEPS),
    ):
        with ready.database.reading() as session:
            found.add(f"{name}: the walk", interleaved(_walks(ready, session, bird, (ref, steps)), rounds))
        advance(name)
    equal = {who: _equal_chain(where) for who, where in ((OURS, ready), (SMALL, small))}
    found.add("chain of the same size: the answer", interleaved(equal, rounds))
    start, item = ready.id_of("recommendation-7"), ready.id_of("evidence-77")
    answers = {
        "chain: the answer": _reading(ready, lambda session: chain(session, LENS, start)),
        "reach: the answer": _reading(ready, lambda session: reach(session, LENS, item, "evidence-77")),
    }
    for name, task in answers.items():
        found.add(name, interleaved({OURS: task}, rounds))
    advance("answers")


def measure_whole(ready: Ready, bird: Duck | None, found: Found, advance: Callable[[str], None]) -> None:
    """Measure the whole matrix and all gaps: the first time, and while nothing has changed since."""
    whole = _WHOLE_ROUNDS[ready.size.name]
    first = {OURS: _anew(ready, whole_matrix)}
    found.add("whole matrix, the first time", interleaved(first, 1, warm=0))
    first = {OURS: _anew(ready, all_gaps)}
    found.add("all gaps, the first time", interleaved(first, 1, warm=0))
    tasks: dict[str, Task] = {
        OURS: _reading(ready, whole_matrix),
        DRIVER: lambda: ready.asker.all(raw.MATRIX),
    }
    found.add("whole matrix", interleaved(tasks | _of_duck(bird, "matrix"), whole, warm=int(whole > 1)))
    advance("matrix")
    tasks = {OURS: _reading(ready, all_gaps)}
    found.add("all gaps", interleaved(tasks | _of_duck(bird, "gaps"), whole, warm=int(whole > 1)))
    advance("gaps")


def _equal_chain(ready: Ready) -> Task:
    """The chain that is the same at every size."""
    start = ready.id_of("recommendation-1")
    return _reading(ready, lambda session: chain(session, LENS, start))


def _of_duck(bird: Duck | None, question: str) -> dict[str, Task]:
    """DuckDB's part in a question, where it is there."""
    return {} if bird is None else {DUCKDB: lambda: bird.ask(question)}
