"""Flask with nothing of ours around it: bytes already in memory, and rows of a bare connection written by orjson.

Run by the measurement as `python -m bench.bare DATABASE_URL`, on the server that the service has.
"""

import socket
import sys
import threading
from typing import Any
from urllib.request import urlopen

import orjson
from flask import Flask, Response, request
from sqlalchemy import make_url
from waitress.server import create_server

from bench import raw
from bench.connecting import connected

_local = threading.local()


def _asker(url: str) -> raw.Asker:
    """A bare connection of this thread's own."""
    if not hasattr(_local, "asker"):
        _local.asker = connected(url)
    asker: raw.Asker = _local.asker
    return asker


def _rows(url: str, statement: str, value: Any) -> list[dict[str, Any]]:
    """Rows of evidence with their ties, as plain values."""
    asker = _asker(url)
    names, found = asker.named(statement, value)
    rows = [dict(zip(names, row, strict=False)) for row in found[:50]]
    ties: dict[str, list[Any]] = {row["ref"]: [] for row in rows}
    for source, *tie in asker.all(raw.TIES.format(", ".join("?" * len(rows))), *ties):
        ties[source].append(tie)
    return [{**row, "ties": ties[row["ref"]]} for row in rows]


def _app(url: str) -> Flask:
    """The application: rows by reference or page, or bytes that were fetched once."""
    app, kept = Flask(__name__), {}

    @app.get("/one/<ref>")
    def one(ref: str) -> Response:
        return Response(orjson.dumps(_rows(url, raw.ONE, ref)[0]), content_type="application/json")

    @app.get("/page")
    def page() -> Response:
        after = int(request.args.get("after", "0"))
        return Response(orjson.dumps({"items": _rows(url, raw.PAGE, after)}), content_type="application/json")

    @app.get("/bytes")
    def in_memory() -> Response:
        source = request.args["of"]
        if source not in kept:
            with urlopen(source) as answer:  # noqa: S310 - an address on this machine
                kept[source] = answer.read()
        return Response(kept[source], content_type="application/json")

    return app


def main() -> None:
    """Serve on a free port of this machine, which is told on the standard output."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = make_url(sys.argv[1]).render_as_string(hide_password=False)
    server = create_server(_app(url), sockets=[listener], threads=8, ident=None)
    sys.stdout.write(f"Serving on http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run()


if __name__ == "__main__":
    main()
