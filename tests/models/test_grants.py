"""Grants, which are keys and accounts: what they may say, whom they need, and that they are never altered."""

from itertools import product
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.database import Database
from models.accounts import Account
from models.errors import Conflict, Invalid, NotFound
from models.keys import Key
from models.lens import Lens
from models.queries.grants import find_grant, holder_of_account, list_grants
from models.queries.paging import Wanted
from models.vocabulary import HANDLINGS
from models.writing.grants import add_account, add_key, confirm_grant, end_grant
from tests.factories import an

OPERATOR = Lens(HANDLINGS[-1], whole=True)
OFFICER = {"name": "somebody", "role": "officer", "body": "own", "clearance": "OFFICIAL"}
KINDS = ("key", "account")
OF: dict[str, Any] = {"key": Key, "account": Account}


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with two bodies, of which one is hidden, and something that is no body."""
    with database.writing("an administrator", "begin") as session:
        an("body", session, ref="own")
        an("body", session, ref="hidden", handling="OFFICIAL", limited_to="hidden")
        an("source", session, ref="source")
    return database


def _add(database: Database, kind: str, by: str = "one", *, alone: bool = False, **values: Any) -> str:
    """Ask for a grant; its reference."""
    wanted = OFFICER | values
    with database.writing(by, "grant") as session:
        if kind == "key":
            return add_key(session, OPERATOR, wanted, by, alone=alone)[0]
        return add_account(session, OPERATOR, {"subject_id": f"subject of {wanted['name']}"} | wanted, by, alone=alone)


def _confirm(database: Database, kind: str, ref: str, by: str = "two") -> None:
    with database.writing(by, "confirm") as session:
        confirm_grant(session, kind, ref, by)


def _end(database: Database, kind: str, ref: str) -> None:
    with database.writing("one", "end") as session:
        end_grant(session, kind, ref)


def _states(database: Database, kind: str) -> dict[str, str]:
    with database.reading() as session:
        return {row["name"]: row["state"] for row in list_grants(session, kind, Wanted()).rows}


@pytest.mark.parametrize("kind", KINDS)
def test_a_grant_waits_until_another_confirms_it(filled: Database, kind: str) -> None:
    ref = _add(filled, kind)
    waiting = _states(filled, kind)
    _confirm(filled, kind, ref)

    with filled.reading() as session:
        found = find_grant(session, kind, ref)
    assert waiting == {"somebody": "not confirmed"}
    assert (found["state"], found["asked_by"], found["confirmed_by"]) == ("in force", "one", "two")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_one_without_rights_on_content_waits_too_and_has_no_body(filled: Database, kind: str, role: str) -> None:
    asked = {"role": role, "clearance": "PUBLIC"}
    with pytest.raises(Invalid, match="/body"):
        _add(filled, kind, **asked)

    _add(filled, kind, **asked, body=None)

    assert _states(filled, kind) == {"somebody": "not confirmed"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_grant_that_its_asker_may_give_alone_is_in_force_at_once(filled: Database, kind: str) -> None:
    ref = _add(filled, kind, alone=True)

    with filled.reading() as session:
        found = find_grant(session, kind, ref)
    assert (found["state"], found["asked_by"], found["confirmed_by"]) == ("in force", "one", "one")


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_asked_for_a_grant_cannot_confirm_it(filled: Database, kind: str) -> None:
    ref = _add(filled, kind)

    with pytest.raises(Conflict, match="a second person has to") as refused:
        _confirm(filled, kind, ref, by="one")

    assert refused.value.with_whom == ((kind, ref),)
    assert _states(filled, kind) == {"somebody": "not confirmed"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_database_lets_nobody_confirm_what_he_asked_for(filled: Database, kind: str) -> None:
    _add(filled, kind)

    def confirm_around_the_rule() -> None:
        with filled.writing("one", "around") as session:
            grant = session.scalars(select(OF[kind])).one()
            assert grant.confirmed_by is None
            grant.confirmed_by = grant.asked_by

    with pytest.raises(IntegrityError, match=f"ck_{kind}_second"):
        confirm_around_the_rule()

    assert _states(filled, kind) == {"somebody": "not confirmed"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("name", "value"),
    [("role", "inspector"), ("clearance", "OFFICIAL-SENSITIVE"), ("body", "other"), ("name", "x"), ("asked_by", "x")],
)
def test_a_grant_is_never_altered(filled: Database, kind: str, name: str, value: str) -> None:
    _add(filled, kind)

    def alter() -> None:
        with filled.writing("one", "alter") as session:
            grant = session.scalars(select(OF[kind])).one()
            assert getattr(grant, name) != value
            setattr(grant, name, value)

    with pytest.raises(IntegrityError, match="what is granted or asked for never changes"):
        alter()


@pytest.mark.parametrize("kind", KINDS)
def test_a_grant_is_confirmed_once(filled: Database, kind: str) -> None:
    ref = _add(filled, kind)
    _confirm(filled, kind, ref)

    with pytest.raises(Conflict, match="in force already"):
        _confirm(filled, kind, ref, by="three")


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_taken_away_is_neither_confirmed_nor_taken_away_again(filled: Database, kind: str) -> None:
    ref = _add(filled, kind)
    _end(filled, kind, ref)

    for do in (_confirm, _end):
        with pytest.raises(Conflict, match="taken away already"):
            do(filled, kind, ref)

    assert _states(filled, kind) == {"somebody": "revoked"}


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_no_grant_of_a_reference_that_none_has(filled: Database, kind: str) -> None:
    for do in (_confirm, _end):
        with pytest.raises(NotFound, match="'nothing'"):
            do(filled, kind, "nothing")
    with filled.reading() as session, pytest.raises(NotFound, match="'nothing'"):
        find_grant(session, kind, "nothing")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"role": "admin", "body": None}, "/clearance"),
        ({"role": "auditor", "clearance": "OFFICIAL-SENSITIVE"}, "/clearance"),
        ({"body": None}, "/body"),
        ({"role": "inspector", "body": None}, "/body"),
        ({"role": "programme_office", "body": None}, "/body"),
        ({"body": "nothing"}, "/body"),
        ({"body": "source"}, "/body"),
    ],
)
def test_a_grant_says_what_its_role_allows(filled: Database, kind: str, values: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        _add(filled, kind, **values)

    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert _states(filled, kind) == {}


def test_whoever_grants_names_only_bodies_that_he_sees(filled: Database) -> None:
    wanted = OFFICER | {"body": "hidden"}

    with filled.writing("one", "try") as session, pytest.raises(Invalid, match="there is no body 'hidden' here"):
        add_key(session, Lens(), wanted, "one", alone=False)

    assert _add(filled, "key", body="hidden")


@pytest.mark.parametrize(("first", "then"), list(product(KINDS, KINDS)))
def test_the_record_knows_one_key_or_account_of_a_name(filled: Database, first: str, then: str) -> None:
    _end(filled, first, _add(filled, first))

    with pytest.raises(Conflict, match="There is, or was, a key or an account of this name"):
        _add(filled, then, subject_id="another subject")


def test_a_person_has_one_account_at_a_time(filled: Database) -> None:
    first = _add(filled, "account", name="first", subject_id="sub")

    with pytest.raises(Conflict, match="end it before giving another") as refused:
        _add(filled, "account", name="second", subject_id="sub")
    _end(filled, "account", first)
    second = _add(filled, "account", name="third", subject_id="sub")

    assert refused.value.with_whom == (("account", first),)
    with filled.reading() as session:
        holder = holder_of_account(session, "sub")
    assert holder is not None
    assert (holder.ref, holder.name, holder.refused) == (second, "third", "not confirmed")


def test_a_person_is_known_by_the_account_that_is_in_force(filled: Database) -> None:
    ref = _add(filled, "account", subject_id="sub")
    _confirm(filled, "account", ref)

    with filled.reading() as session:
        holder = holder_of_account(session, "sub")
        nobody = [holder_of_account(session, subject) for subject in ("SUB", "sub ", "", "somebody")]
    _end(filled, "account", ref)

    assert holder is not None
    assert (holder.name, holder.role, holder.body, holder.clearance) == tuple(OFFICER.values())
    assert (holder.refused, holder.scopes) == (None, frozenset())
    assert nobody == [None] * 4
    with filled.reading() as session:
        assert holder_of_account(session, "sub") is None


@pytest.mark.parametrize("kind", KINDS)
def test_grants_are_listed_in_the_order_in_which_they_were_asked_for(filled: Database, kind: str) -> None:
    for number in range(5):
        _add(filled, kind, name=f"name {number}", body="own" if number % 2 else "hidden")

    with filled.reading() as session:
        pages = [list_grants(session, kind, Wanted(limit=2, count=True))]
        while pages[-1].after is not None:
            pages.append(list_grants(session, kind, Wanted(limit=2, count=True, after=pages[-1].after)))
        of_one = list_grants(session, kind, Wanted(count=True), "own")

    assert [[row["name"] for row in page.rows] for page in pages] == [
        ["name 0", "name 1"],
        ["name 2", "name 3"],
        ["name 4"],
    ]
    assert {page.total for page in pages} == {5}
    assert ([row["name"] for row in of_one.rows], of_one.total) == (["name 1", "name 3"], 2)
