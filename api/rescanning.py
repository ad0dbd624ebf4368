"""The command that looks again at every stored text, for when the rules of the guard of personal data have changed."""

import argparse
import sys
from collections.abc import Callable
from contextlib import closing

from rich.progress import Progress

from api.database import Database
from api.recordkeeping import SUSPECTED, Command, Stop, err
from api.settings import Settings
from models.changes import last_seq
from models.personal import RULES_VERSION
from models.queries.rescan import rescan


def add_rescan_command(add: Callable[[str, Command], argparse.ArgumentParser]) -> None:
    """Add the command."""
    command = add("pii-scan", _scan)
    command.add_argument(
        "--warnings", action="store_true", help="also what is only to be looked at, as telephone numbers"
    )


def _scan(settings: Settings, args: argparse.Namespace) -> None:
    """Look again at every stored text for personal data; name where, never the text."""
    found = 0
    with (
        closing(Database(settings.database_url)) as database,
        database.reading() as session,
        Progress(console=err, transient=True) as progress,
    ):
        task = progress.add_task("Looking at every change", total=last_seq(session))
        for one in rescan(session, settings.rules, lambda count: progress.advance(task, count)):
            if one.warned and not args.warnings:
                continue
            found += not one.warned
            place = f"{one.found.pointer} {one.found.type} {one.found.start}-{one.found.end}"
            print(f"change {one.seq}: {one.kind} {one.ref}: {place}", file=sys.stdout)
    if found:
        raise Stop(SUSPECTED, f"{found} places look like personal data by version {RULES_VERSION} of the rules.")
    err.print(f"Nothing looks like personal data by version {RULES_VERSION} of the rules.")
