"""The servers that could carry the service, each in the shapes in which it would: started, asked, and ended."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from api.settings import ROOT, VAR
from bench.load import Measured, one_by_one

OTHERS = ("gunicorn>=27,<28", "granian>=2.8,<2.9")
OWN = VAR / "bench-servers"
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Contender:
    """A server in one shape: how it is started on a port, how often, and what was measured of it."""

    name: str
    shape: str
    command: Callable[[int], list[str]]
    copies: int = 1
    port: int = 0
    seen: dict[str, list[Measured]] = field(default_factory=lambda: defaultdict(list))
    spent: list[float] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        """Where it answers."""
        return ("127.0.0.1", self.port)


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
    return [sys.executable, "-m", "explorer.cli", "serve", "--port", str(port), "--threads", str(threads), *shared]


def contenders() -> list[Contender]:
    """Every server in every shape that is measured."""
    two = "2 processes, 8 threads each"
    return [
        Contender("waitress", "1 process, 8 threads", lambda port: _waitress(port, 8)),
        Contender("granian", "1 process, 8 threads", lambda port: _granian(port, 1, 8)),
        Contender("waitress", two, lambda port: _waitress(port, 8, "--share-port"), copies=2),
        Contender("gunicorn", two, lambda port: _gunicorn(port, 2, 8)),
        Contender("granian", two, lambda port: _granian(port, 2, 8)),
    ]


def install() -> None:
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


def versions() -> str:
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
    environ |= {"PUBLIC_REQUESTS_A_MINUTE": "999999"}
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


def spent(started: list[subprocess.Popen[bytes]]) -> float:
    """The processor time of a server with its workers so far, in seconds."""
    stats = _stats()
    return sum(stats[one][1] for process in started for one in _family(process.pid) if one in stats)


def exit_code(process: subprocess.Popen[bytes]) -> str:
    """The exit code of a server that was told to stop."""
    try:
        return str(process.wait(20))
    except subprocess.TimeoutExpired:
        return "none in 20 s"
