"""Which server carries the service best: waitress, as `mappa-trace serve` has it, gunicorn and granian.

Run it: `.venv/bin/python -m bench.servers` (the published record in SQLite; `--engine postgresql` for PostgreSQL), with
`-o FILE` for the table as Markdown. 32 clients that keep their connections ask one item, a page of 50 and one chain,
each again as soon as it is answered; the servers take turns. Then one healthy client, with a new connection for each
question, while 1,000 slow ones are connected. Then each server is told to stop (SIGTERM) while the 32 are asking: what
was sent and not wholly answered is lost. Servers that the service does not depend on are installed into
`var/bench-servers`. The clients run on the same cores: trust the ratios, and the processor time.
"""

import argparse
import os
import platform
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.database import Database
from api.loading import prepare
from api.settings import ROOT, VAR
from bench.known_at import url_of
from bench.load import Measured, closed_loop, one_by_one, slow_clients
from seed.load import MAPPA_2015

ASKED = {
    "item": "/api/v1/evidence/F028",
    "page of 50": "/api/v1/evidence?limit=50",
    "chain": "/api/v1/recommendations/R7/chain",
}
CLIENTS, SLOW = 32, 1_000
OTHERS = ("gunicorn>=27,<28", "granian>=2.8,<2.9")
OWN = VAR / "bench-servers"
_FILES = 8_192
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Contender:
    """A server in one shape: how it is started on a port, how often, and what was measured of it."""

    name: str
    shape: str
    command: Callable[[int], list[str]]
    copies: int = 1
    port: int = 0
    seen: dict[str, Measured] = field(default_factory=lambda: {name: Measured() for name in (*ASKED, "healthy")})
    spent: float = 0.0
    lost: list[int] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        """Where it answers."""
        return ("127.0.0.1", self.port)

    def rate(self, asked: str) -> float:
        """How many answers a second."""
        seen = self.seen[asked]
        return len(seen.latencies) / seen.seconds if seen.seconds else 0.0


def _gunicorn(port: int, workers: int, threads: int) -> list[str]:
    options = ["--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)]
    options += ["--bind", f"127.0.0.1:{port}", "--no-control-socket", "--limit-request-line", "8190"]
    options += ["--keep-alive", "75", "--graceful-timeout", "10", "--log-level", "warning"]
    return [str(OWN / "bin" / "gunicorn"), *options, "wsgi:application"]


def _granian(port: int, workers: int, threads: int) -> list[str]:
    options = ["--interface", "wsgi", "--http", "1", "--no-ws", "--workers", str(workers)]
    options += ["--blocking-threads", str(threads), "--host", "127.0.0.1", "--port", str(port)]
    options += ["--backlog", "4096", "--backpressure", "4096", "--workers-kill-timeout", "10"]
    options += ["--log-level", "warning"]
    return [str(OWN / "bin" / "granian"), *options, "wsgi:application"]


def _waitress(port: int, threads: int, *shared: str) -> list[str]:
    return [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--threads", str(threads), *shared]


def contenders() -> list[Contender]:
    """Every server in every shape that is measured."""
    two = "2 processes, 4 threads each"
    return [
        Contender("waitress", "1 process, 8 threads", lambda port: _waitress(port, 8)),
        Contender("granian", "1 process, 8 threads", lambda port: _granian(port, 1, 8)),
        Contender("waitress", two, lambda port: _waitress(port, 4, "--share-port"), copies=2),
        Contender("gunicorn", two, lambda port: _gunicorn(port, 2, 4)),
        Contender("granian", two, lambda port: _granian(port, 2, 4)),
    ]


def _install() -> None:
    """Make the environment of the servers that the service does not depend on, if it is not there."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        sys.exit("bench.servers needs the development tools: python3 run.py test installs them.")
    python = OWN / "bin" / "python"
    wanted = ["psycopg[binary]>=3.3,<4", *OTHERS]
    for step in (
        [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(OWN)],
        [uv, "pip", "install", "--quiet", "--python", str(python), "-r", "requirements.lock"],
        [uv, "pip", "install", "--quiet", "--python", str(python), *wanted],
    ):
        if subprocess.run(step, cwd=ROOT, check=False).returncode:  # noqa: S603 - our own words
            sys.exit("The servers cannot be installed: see above.")


def _versions() -> str:
    """The versions that are measured."""
    told = (
        "import importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in ('waitress', 'gunicorn', 'granian')))"
    )
    words = [str(OWN / "bin" / "python"), "-c", told]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - our own words


def _free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(one: Contender, url: str, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A server that answers, and that is gone when the block ends."""
    one.port = _free_port()
    files = {"CHECKPOINT_FILE": str(folder / "checkpoint.json"), "SIGNING_KEY_FILE": str(folder / "key.pem")}
    environ = os.environ | files | {"DATABASE_URL": url, "SECRET_KEY": "bench", "PYTHONPATH": str(ROOT)}
    environ.pop("DEVELOPMENT_KEY", None)
    log, words = folder / f"{one.port}.log", one.command(one.port)
    started: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(one.copies):
            with log.open("ab") as told:
                started.append(subprocess.Popen(words, cwd=ROOT, env=environ, stdout=told, stderr=told))  # noqa: S603 - ours
        deadline = time.monotonic() + 60
        while log.read_bytes().count(b"Serving on") < one.copies and one.name == "waitress":
            _wait(one, started, log, deadline)
        while one_by_one(one.address, "/api/v1/ready", 0.01).cut:
            _wait(one, started, log, deadline)
        yield started
    finally:
        for process in started:
            _end(process)


def _wait(one: Contender, started: list[subprocess.Popen[bytes]], log: Path, deadline: float) -> None:
    """Wait a little for a server that does not answer yet; end where it never will."""
    if any(process.poll() is not None for process in started) or time.monotonic() > deadline:
        sys.exit(f"{one.name} does not answer: {log.read_text()}")
    time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a server with what it started."""
    if process.poll() is None:
        family = _family(process.pid)
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            for pid in family:
                os.kill(pid, signal.SIGKILL)
            process.wait(10)


def _stats() -> dict[int, tuple[int, float]]:
    """The parent and the processor time so far, in seconds, of every process; none where there is no /proc."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found[int(stat.parent.name)] = (int(words[1]), (int(words[11]) + int(words[12])) / _TICKS)
    return found


def _family(pid: int) -> set[int]:
    """A process and everything that it started."""
    stats, family = _stats(), {pid}
    while more := {one for one, (parent, _) in stats.items() if parent in family} - family:
        family |= more
    return family


def _spent(started: list[subprocess.Popen[bytes]]) -> float:
    """The processor time of a server with its workers so far, in seconds."""
    stats = _stats()
    return sum(stats[one][1] for process in started for one in _family(process.pid) if one in stats)


def _race(
    shapes: list[Contender], url: str, folder: Path, args: argparse.Namespace, step: Callable[[str], None]
) -> None:
    """Throughput and latency, the servers taking turns; and the healthy client among the slow ones."""
    with ExitStack() as stack:
        processes = [stack.enter_context(running(one, url, folder)) for one in shapes]
        for turn in range(args.rounds + 1):
            for one, process in zip(shapes, processes, strict=True):
                for asked, path in ASKED.items():
                    step(f"{one.name}, {one.shape}: {asked}")
                    before = _spent(process)
                    seen = closed_loop(one.address, [path], CLIENTS, args.seconds if turn else 0.5)
                    if turn:  # the first round is to get warm
                        one.seen[asked].add(seen)
                        one.spent += (_spent(process) - before) if asked == "item" else 0
    for turn in range(args.rounds):
        for one in shapes:
            step(f"{one.name}, {one.shape}: slow clients, round {turn + 1}")
            with running(one, url, folder), slow_clients(one.address, SLOW):
                time.sleep(4)  # until they are all there
                one.seen["healthy"].add(one_by_one(one.address, ASKED["item"], args.seconds * 2))


def _stop_each(shapes: list[Contender], url: str, folder: Path, rounds: int, step: Callable[[str], None]) -> None:
    """Tell each server to stop while it is asked, and count what was lost."""
    for _ in range(rounds):
        for one in shapes:
            step(f"{one.name}, {one.shape}: a stop")
            with running(one, url, folder) as started:
                closed_loop(one.address, list(ASKED.values()), CLIENTS, 0.5)
                for process in started:
                    Timer(1.0, process.terminate).start()
                one.lost.append(closed_loop(one.address, list(ASKED.values()), CLIENTS, 20).cut)
                one.ended += [_code(process) for process in started]


def _code(process: subprocess.Popen[bytes]) -> str:
    """The exit code of a server that was told to stop."""
    try:
        return str(process.wait(20))
    except subprocess.TimeoutExpired:
        return "none in 20 s"


COLUMNS = (
    "server",
    "shape",
    "items/s",
    "pages/s",
    "chains/s",
    "item p50, ms",
    "p99, ms",
    "CPU of an item, ms",
    "healthy p50, ms",
    "healthy p99, ms",
    "unanswered",
    "lost at a stop",
    "exit codes",
)


def _row(one: Contender, base: Contender) -> list[str]:
    """What was measured of one server; in brackets the ratio to the first."""
    rates = [f"{one.rate(asked):.0f} ({one.rate(asked) / (base.rate(asked) or 1):.2f})" for asked in ASKED]
    item, healthy = one.seen["item"], one.seen["healthy"]
    times = [item.percentile(0.5), item.percentile(0.99), one.spent / max(1, len(item.latencies))]
    times += [healthy.percentile(0.5), healthy.percentile(0.99)]
    told = [f"{taken * 1_000:.1f}" for taken in times]
    unanswered = f"{healthy.cut} of {len(healthy.latencies)}"
    return [one.name, one.shape, *rates, *told, unanswered, ", ".join(map(str, one.lost)), ", ".join(one.ended)]


def _markdown(title: str, rows: list[list[str]]) -> str:
    """The table as Markdown."""
    lines = [title, "", f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("-o", "--output", help="a file for the table as Markdown")
    args = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, _FILES), hard), hard))
    console, shapes = Console(width=max(Console().width, 170)), contenders()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    total = len(shapes) * ((args.rounds + 1) * len(ASKED) + 2 * args.rounds) + 1
    with (
        tempfile.TemporaryDirectory() as name,
        url_of(args.engine, Path(name)) as url,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        task = progress.add_task("Installing", total=total)
        _install()

        def step(what: str) -> None:
            progress.update(task, description=what, advance=1)

        database = Database(url)
        prepare(database, MAPPA_2015)
        database.close()
        _race(shapes, url, Path(name), args, step)
        _stop_each(shapes, url, Path(name), args.rounds, step)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    title = f"{_versions()}; {args.engine}, {machine}; {CLIENTS} clients, {SLOW} slow clients; {args.rounds} rounds"
    rows = [_row(one, shapes[0]) for one in shapes]
    table = Table(*COLUMNS, title=title)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    if args.output:
        Path(args.output).write_text(_markdown(title, rows))


if __name__ == "__main__":
    main()
