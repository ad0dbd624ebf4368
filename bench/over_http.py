"""Requests over HTTP on loopback: the service, bare Flask on the same server, and Datasette, in turn."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count

from bench.goals import Results
from bench.measuring import Found, interleaved
from bench.peers import Peers
from bench.prepared import Ready
from bench.serving import Server, loaded, serving

OURS, BARE, MEMORY, DATASETTE = "service", "flask and driver", "flask and bytes in memory", "datasette"
UNCHANGED = "one item, unchanged"
_ROUNDS, _REQUESTS, _WHOLE_ROUNDS = 6, 150, {"S": 5, "M": 3, "L": 1}
_DIFFERENT = 199
Running = Mapping[str, Server]


@contextmanager
def servers(ready: Ready, peers: Peers, found: Found) -> Iterator[Running]:
    """The servers that run here; why one does not is noted."""
    settings = {"DATABASE_URL": ready.url, "SECRET_KEY": "bench", "DEVELOPMENT_KEY": ""}
    settings |= {"PUBLIC_REQUESTS_A_MINUTE": "999999", "STATEMENT_SECONDS": "3600"}
    settings |= {"CHECKPOINT_FILE": str(ready.folder / "checkpoint.json")}
    settings |= {"SIGNING_KEY_FILE": str(ready.folder / "key.pem")}
    commands = {
        OURS: [sys.executable, "-m", "explorer.cli", "serve", "--port", "0"],
        BARE: [sys.executable, "-m", "bench.bare", ready.url],
    }
    if ready.engine != "sqlite":
        found.missing[DATASETTE] = "reads SQLite alone"
    elif "datasette" not in peers.versions:
        found.missing[DATASETTE] = peers.missing.get("datasette", "not installed")
    else:
        serve = ["serve", str(ready.folder / "bench.db"), "--host", "127.0.0.1", "--port", "8765"]
        commands[DATASETTE] = [str(peers.scripts / "datasette"), *serve]
    with ExitStack() as stack:
        running: dict[str, Server] = {}
        for name, command in commands.items():
            try:
                log = ready.folder / f"{name.replace(' ', '-')}.log"
                running[name] = stack.enter_context(serving(command, settings, log))
            except (OSError, RuntimeError) as error:
                found.missing[name] = f"did not start: {str(error)[-100:]}"
        if BARE in running:
            running[MEMORY] = running[BARE]
        yield running


def _paths(ready: Ready, ours: Server) -> dict[str, dict[str, list[str]]]:
    """What each server is asked, by question: other items and pages each time."""
    numbers = range(1, ready.size.evidence + 1, max(1, ready.size.evidence // _DIFFERENT))
    refs = [f"evidence-{number}" for number in numbers]
    ids = [ready.id_of(ref) for ref in refs]
    same = "/api/v1/evidence/evidence-77"
    whole = f"http://127.0.0.1:{ours.connection.port}{same}"
    return {
        "one item": {
            OURS: [f"/api/v1/evidence/{ref}" for ref in refs],
            BARE: [f"/one/{ref}" for ref in refs],
            DATASETTE: [f"/bench/item/{item}.json" for item in ids],
        },
        UNCHANGED: {OURS: [same], MEMORY: [f"/bytes?of={whole}"]},
        "page of 50": {
            OURS: _next_pages(ours),
            BARE: [f"/page?after={item}" for item in ids],
            DATASETTE: [f"/bench/item.json?kind__exact=evidence&_size=50&_nocount=1&_nofacet=1&_next={i}" for i in ids],
        },
        "chain": {OURS: [f"/api/v1/recommendations/recommendation-{n}/chain" for n in _some(ready)]},
        "reach": {OURS: [f"/api/v1/evidence/{ref}/reach" for ref in refs]},
    }


def _some(ready: Ready) -> list[int]:
    """The numbers of some recommendations that something bears on."""
    return [n for n in range(2, min(ready.size.recommendations, 120) + 1) if n % 10]


def _next_pages(ours: Server) -> list[str]:
    """The paths of some pages of 50, each the one after the other."""
    path: str | None = "/api/v1/evidence?limit=50"
    found: list[str] = []
    while path is not None and len(found) < _DIFFERENT:
        found.append(path)
        path = json.loads(ours.get(path))["next"]
    return found


def measure_http(ready: Ready, running: Running, results: Results, advance: Callable[[str], None]) -> None:
    """Measure requests: seconds of each by the clock, and seconds of the server's processor."""
    for question, paths in _paths(ready, running[OURS]).items():
        few = question in {"chain", "reach"} and ready.size.name == "L"
        loads = loaded(running, paths, (_ROUNDS, 20 if few else _REQUESTS), anew=question != UNCHANGED)
        results.found.add(f"HTTP: {question}", {name: load.wall / load.count for name, load in loads.items()})
        results.cpu.add(f"HTTP: {question}", {name: load.busy / load.count for name, load in loads.items()})
        advance(question)


def measure_downloads(ready: Ready, running: Running, found: Found, advance: Callable[[str], None]) -> None:
    """Measure what is asked of the whole programme: the matrix in three formats, and gaps."""
    ours, rounds, turns = running[OURS], _WHOLE_ROUNDS[ready.size.name], count(1)
    for form in ("json", "csv", "xlsx"):
        task = {OURS: lambda path=f"/api/v1/matrix?format={form}": ours.get(path, next(turns))}
        found.add(f"HTTP: whole matrix as {form}", interleaved(task, rounds, warm=int(rounds > 1)))
        advance(form)
    page = {OURS: lambda: ours.get("/api/v1/gaps?limit=200", next(turns))}
    found.add("HTTP: 200 gaps", interleaved(page, 3, warm=1))
    advance("gaps")
