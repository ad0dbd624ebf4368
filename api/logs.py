"""The log: a constant message, and identifiers in fields; never a text that somebody wrote, never a key or token."""

import logging
import sys
from typing import Any

import orjson
import structlog
from sqlalchemy.exc import DBAPIError

_BEFORE: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def log_to_stderr(form: str = "") -> None:
    """Let the service log to the standard error output: `json`, a line for each entry, or `text`, for people.

    Without a form it is text on a terminal, and JSON elsewhere.
    """
    chosen = form or ("text" if sys.stderr.isatty() else "json")
    told: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if chosen == "json":
        told += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_json)]
    else:
        told.append(structlog.dev.ConsoleRenderer(colors=False))
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_BEFORE, processors=told))
    logger = logging.getLogger("mappa")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def _json(entry: dict[str, Any], **named: Any) -> str:
    """An entry as a line of JSON; `named` has how what JSON has no form for is shown."""
    return orjson.dumps(entry, default=named["default"]).decode()


def stopped(error: Exception) -> bool:
    """Whether the database stopped a statement because it took too long."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return getattr(cause, "sqlstate", None) == "57014" or str(cause) == "interrupted"


def of_database(error: Exception) -> dict[str, str]:
    """What the log may say of an error of the database: its sort and what it names, not the row that it tells of."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    told = {"error": type(cause).__name__}
    diagnosis = getattr(cause, "diag", None)
    if diagnosis is not None:  # of PostgreSQL
        named = {"sqlstate": diagnosis.sqlstate, "constraint": diagnosis.constraint_name}
        return told | {name: value for name, value in named.items() if value}
    return told | {"said": str(cause)}
