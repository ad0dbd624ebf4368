"""The commands that keep keys and accounts, for whoever runs the service: the first can come from nowhere else."""

import argparse
import sys
from collections.abc import Callable
from contextlib import closing

from rich.console import Console
from rich.table import Table

from api.access import SCOPES
from api.database import Database
from api.loading import bring_up_to_date
from api.recordkeeping import BAD_ANSWER, Command, Stop, err
from api.settings import Settings
from models.errors import DomainError
from models.keys import MOST_DAYS
from models.lens import Lens
from models.queries.grants import find_grant, list_grants
from models.queries.paging import Wanted
from models.vocabulary import CALLER_ROLES, HANDLINGS
from models.writing.grants import add_account, add_key, confirm_grant, end_grant

OPERATOR = "operator"
_SIGHT = Lens(HANDLINGS[-1], whole=True)
_MOST, _WIDTH = 10_000, 180
_ADMIN = "mappa-trace keys create --name first-admin --role admin"
_INSPECTOR = (
    "mappa-trace keys create --name first-inspector --role inspector --body hmics --clearance OFFICIAL-SENSITIVE"
)
HOW_TO_BEGIN = (
    "Nobody may write yet. Make the first administrator and the first inspector:",
    f"  .venv/bin/{_ADMIN}",
    f"  .venv/bin/{_INSPECTOR}",
)


def add_key_commands(add: Callable[[str, Command], argparse.ArgumentParser]) -> None:
    """Add the commands that keep keys and accounts."""
    keys = add("keys", _list).add_subparsers(metavar="WHAT")
    _offer(keys, "key")
    accounts = add("accounts", _list).add_subparsers(metavar="WHAT")
    _offer(accounts, "account")


def _offer(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", kind: str) -> None:
    """What can be done with keys, or with accounts."""
    create = commands.add_parser("create", help=f"give a new {kind}")
    create.set_defaults(run=_create, kind=kind)
    create.add_argument(
        "--name", required=True, help="the name under which the record is to know its holder; no person's"
    )
    roles = [role for role in CALLER_ROLES if kind == "key" or role != "machine"]
    create.add_argument("--role", required=True, choices=roles)
    create.add_argument("--body", help="the reference of the body that its holder acts for")
    create.add_argument(
        "--clearance", choices=HANDLINGS, default=HANDLINGS[0], help="the highest handling that it shows"
    )
    if kind == "key":
        create.add_argument("--scope", action="append", choices=[scope.value for scope in SCOPES], help="of a machine")
        create.add_argument("--days", type=_days, default=MOST_DAYS, help=f"until it ends, at most {MOST_DAYS}")
    else:
        create.add_argument("--subject", required=True, help="the identity provider's name of the person (sub)")
    listed = commands.add_parser("list", help=f"list the {kind}s")
    listed.set_defaults(run=_list, kind=kind)
    for name, run, about in (
        ("revoke" if kind == "key" else "end", _end, f"take a {kind} away, from the next request on"),
        ("confirm", _confirm, f"put a {kind} in force that waits for a second person"),
    ):
        command = commands.add_parser(name, help=about)
        command.set_defaults(run=run, kind=kind)
        command.add_argument("ref", help=f"the reference of the {kind}")


def _days(text: str) -> int:
    """A number of days that a key can last."""
    if not (text.isdecimal() and 1 <= int(text) <= MOST_DAYS):
        raise argparse.ArgumentTypeError(f"give a number of days from 1 to {MOST_DAYS}")
    return int(text)


def _create(settings: Settings, args: argparse.Namespace) -> None:
    """Give a new key or account; the secret of a key is printed this once."""
    asked = {"name": args.name, "role": args.role, "body": args.body, "clearance": args.clearance}
    with closing(Database(settings.database_url, settings.rules)) as database:
        bring_up_to_date(database)
        try:
            with database.writing(OPERATOR, f"Give a new {args.kind} to {args.name}") as session:
                if args.kind == "key":
                    asked |= {"scopes": args.scope, "expires_in_days": args.days}
                    ref, secret = add_key(session, _SIGHT, asked, OPERATOR, alone=True)
                else:
                    asked |= {"subject_id": args.subject}
                    ref, secret = add_account(session, _SIGHT, asked, OPERATOR, alone=True), ""
        except DomainError as error:
            raise Stop(BAD_ANSWER, f"{error} Nothing was changed.") from error
    err.print(f"Made {args.kind} {ref} for {args.name}.", highlight=False)
    if secret:
        err.print("This is its secret; it is shown this once. Send it as: Authorization: Bearer SECRET")
        print(secret, file=sys.stdout)


def _list(settings: Settings, args: argparse.Namespace) -> None:
    """Create, list, confirm, and take away keys or accounts."""
    kind = getattr(args, "kind", None)
    if kind is None:
        raise Stop(2, "Say what to do: create, list, confirm, or revoke (of accounts: end).")
    with closing(Database(settings.database_url)) as database, database.reading() as session:
        rows = list_grants(session, kind, Wanted(limit=_MOST)).rows
    names = (
        "ref",
        "name",
        "role",
        "body",
        "clearance",
        "state",
        *(("expires_at", "last_used_at") if kind == "key" else ()),
    )
    table = Table(*names, box=None)
    for row in rows:
        table.add_row(*(str(row[name] or "-") for name in names))
    Console(stderr=True, width=max(err.width, _WIDTH)).print(table if rows else f"There is no {kind} yet.")


def _end(settings: Settings, args: argparse.Namespace) -> None:
    """Take a key or an account away."""
    _alter(settings, args, "Taken away", lambda session: end_grant(session, args.kind, args.ref))


def _confirm(settings: Settings, args: argparse.Namespace) -> None:
    """Put a key or an account in force, as the second person."""
    _alter(settings, args, "In force", lambda session: confirm_grant(session, args.kind, args.ref, OPERATOR))


def _alter(settings: Settings, args: argparse.Namespace, done: str, alter: Callable[..., None]) -> None:
    """Do something to a key or an account."""
    with closing(Database(settings.database_url)) as database:
        try:
            with database.writing(OPERATOR, f"{done}: {args.kind} {args.ref}") as session:
                alter(session)
                name = find_grant(session, args.kind, args.ref)["name"]
        except DomainError as error:
            raise Stop(BAD_ANSWER, f"{error} Nothing was changed.") from error
    err.print(f"{done}: {args.kind} {args.ref}, of {name}.", highlight=False)


def nobody_may_write(database: Database) -> bool:
    """Whether there is no key and no account yet."""
    with database.reading() as session:
        return not any(list_grants(session, kind, Wanted(limit=1)).rows for kind in ("key", "account"))
