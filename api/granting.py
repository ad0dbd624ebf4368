"""Granting: the endpoints that keys and accounts share, declared once for both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint
from marshmallow import Schema

from api.access import Permission, may
from api.call import Call
from api.changing import Write
from api.endpoint import endpoint
from api.formats.results import NOTHING, a_list, an_item
from api.paging import Listing
from api.problems import Forbidden, Stale
from api.schemas.about import PlainQuery
from api.schemas.given import ReasonQuery
from api.schemas.grants import GrantQuery
from api.upkeep import REASON, named
from models.errors import Conflict, NotFound
from models.queries.grants import find_grant, list_grants
from models.queries.rows import Row
from models.writing.grants import confirm_grant, end_grant


@dataclass(frozen=True)
class Granting:
    """What is granted: its kind and what one is called, who grants it, how one is shown, asked for and added.

    `made` shows one that was just added; `once` is what it shows then and never again.
    """

    kind: str
    called: str
    permission: Permission
    schema: Schema
    fields: tuple[str, ...]
    body: Schema
    add: Callable[[Call], str]
    example: dict[str, Any]
    made: Schema
    once: str | None = None


def body_of(call: Call) -> str | None:
    """The body whose grants the caller sees; an administrator sees all."""
    return None if call.principal.role in {"admin", "developer"} else call.principal.body


def offer(blueprint: Blueprint, granting: Granting) -> None:
    """Give a sort of grant its endpoints."""
    kind, called = granting.kind, granting.called

    def read(call: Call, ref: str) -> Row:
        if not may(call.principal, granting.permission):
            raise NotFound(kind, ref)  # whoever has nothing to do with them is not told that it is there
        return find_grant(call.session, kind, ref, body_of(call))

    def read_new(call: Call, ref: str) -> Row:
        secret = {granting.once: call.session.info.pop("secret", None)} if granting.once else {}
        return read(call, ref) | secret

    def list_all(call: Call) -> Listing:
        return call.listing(list_grants(call.session, kind, call.wanted(), body_of(call)), granting.fields)

    def confirm(call: Call, ref: str) -> str:
        if not may(call.principal, Permission.MANAGE_ACCOUNTS):
            raise Forbidden("Only a second administrator puts in force what an administrator has asked for.")
        confirm_grant(call.session, kind, ref, call.principal.name)
        return ref

    def end(call: Call, ref: str) -> None:
        end_grant(call.session, kind, ref)

    address = f"/api/v1/{kind}s"
    reading: dict[str, Any] = {"example_answered": False}
    writing: dict[str, Any] = {"query": ReasonQuery(), "example_answered": False}
    declare = endpoint(
        granting.permission,
        query=GrantQuery(exclude=["as_of", "known_at"]),
        returns=a_list(granting.schema),
        example=address,
        **reading,
    )
    blueprint.get("")(declare(named(list_all, f"list_{kind}s", f"List the {kind}s; never what is secret of them.")))
    declare = endpoint(
        granting.permission,
        query=PlainQuery(),
        returns=an_item(granting.schema),
        raises=(NotFound,),
        example=f"{address}/REF",
        **reading,
    )
    blueprint.get("/<ref>")(declare(named(read, f"get_{kind}", f"Read {called}.")))
    declare = endpoint(
        granting.permission,
        returns=an_item(granting.made),
        raises=(Conflict,),
        example=f"{address}{REASON}",
        write=Write(body=granting.body, shows=read_new, example=granting.example, once=granting.once),
        **writing,
    )
    blueprint.post("")(declare(named(granting.add, f"add_{kind}", granting.add.__doc__ or "")))
    declare = endpoint(
        granting.permission,
        returns=an_item(granting.schema),
        raises=(NotFound, Conflict, Stale),
        example=f"{address}/REF/confirmation{REASON}",
        write=Write(changes=read, shows=read),
        **writing,
    )
    about = f"Put {called} in force that another asked for, as the second person that it needs."
    blueprint.post("/<ref>/confirmation")(declare(named(confirm, f"confirm_{kind}", about)))
    declare = endpoint(
        granting.permission,
        returns=NOTHING,
        raises=(NotFound, Conflict, Stale),
        example=f"{address}/REF{REASON}",
        write=Write(changes=read),
        **writing,
    )
    about = f"Take {called} away: from the next request on it lets nobody act. The record keeps that it was."
    blueprint.delete("/<ref>")(declare(named(end, f"end_{kind}", about)))
