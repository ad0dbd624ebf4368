# ruff: noqa: S608 - these statements are only looked at
"""Nobody but through the lens: in each statement of each read, a marking decides on every item and link in it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.app import create_app
from api.call import Service
from api.publishing import Published, declarations
from api.settings import Settings
from models.items import Item
from models.lens import Lens
from models.queries.lookup import find_link
from models.vocabulary import HANDLINGS
from models.writing.grants import add_account, add_key
from models.writing.markings import ask_release, raise_marking
from tests.conftest import Databases
from tests.factories import an, link
from tests.models.statement_scopes import Read, unmarked_reads
from tests.statements import counted

BODY = "police-scotland"
OPERATOR = Lens(HANDLINGS[-1], whole=True)
# Who asks, and of what: everything, or what is of a sort for such a role.
ROLES: dict[str, set[str] | None] = {
    "public": None,
    "officer": None,
    "inspector": {"approvals", "changes", "personal_data"},
    "admin": {"accounts", "changes", "keys"},
}
# The only reads on which no marking decides, and why each may be.
EXCEPTIONS: dict[str, tuple[str, str]] = {
    "where a list goes on": (
        "the place of what a page ended with, which may be hidden by now; it is compared with, and never shown",
        r"SELECT (item|link)\.id FROM \1 WHERE \1\.ref = \S+",
    ),
    "what is hidden": (
        "the numbers of the changes that a reader is not shown, by which his own numbers are worked out",
        r"SELECT change\.seq FROM (item|link) .*JOIN change .*<> 'PUBLIC'.*\(negated\)",
    ),
    "what was hidden": (
        "as above, of how things were marked then",
        r"SELECT (item|link)_version\.from_seq FROM \1_version WHERE .*<> 'PUBLIC'.*\(negated\)",
    ),
    "the reader's own body": (
        "the number of the body that he acts for, by which what is its own is found",
        r"SELECT (item_\d+)\.id FROM item AS \1 WHERE \S+ \|\| \1\.ref \|\| \S+ = \S+ AND \1\.kind = \S+",
    ),
    "what is withheld": (
        "how many links and parts a reader does not see, of what he sees, where a review lets his role know",
        r"SELECT (all_links_link|all_parts_item|stub_far_item)\..*",
    ),
}


# What else a read is asked for: a day, a point of the record, a count, one page of one row, and the page after it. Of
# everything, one of these in turn is asked for on PostgreSQL, which is sent the same statements as SQLite; all of them
# with `--long`.
VARIANTS: tuple[dict[str, str], ...] = (
    {"as_of": "2017-06-29"},
    {"known_at": "300"},
    {"count": "true"},
    {"limit": "1"},
    {"after": "", "limit": "1"},
)


class Asking(NamedTuple):
    """The application on a database in which much is restricted, its callers' keys, and references to ask for.

    `whole` is whether everything is asked for in every variant.
    """

    app: Flask
    secrets: dict[str, str | None]
    refs: dict[str, str]
    whole: bool

    def client(self, role: str) -> tuple[FlaskClient, dict[str, str]]:
        """A client, and the headers of a caller."""
        secret = self.secrets[role]
        return self.app.test_client(), {} if secret is None else {"Authorization": f"Bearer {secret}"}


def _restrict(session: Session) -> dict[str, str]:
    """Raise the markings of some things, let a review tell of what is withheld, and ask for a release."""
    review: Any = session.query(Item).filter_by(ref="MAPPA-2015").one()
    session.refresh(review)  # what it was has to be known
    review.stubs_for = "inspector officer"
    body, asked = (session.query(Item).filter_by(ref=ref).one() for ref in (BODY, "R7"))
    until_then = {"embargo_until": date(2999, 1, 1), "embargo_bodies": BODY}
    own = an("action", session, ref="own", owner=body, effective_from=date(2016, 1, 1), **until_then)
    link(session, own, "addresses", asked, ref="own-addresses-R7", owner=body)
    raise_marking(session, OPERATOR, "evidence", "F028", {"handling": "OFFICIAL", "limited_to": [BODY]})
    raise_marking(session, OPERATOR, "link", "F018-supports-R8", {"handling": "OFFICIAL"})
    an("decision", session, ref="D1", parent=asked)
    wanted = {"kind": "evidence", "ref": "F028", "handling": "PUBLIC", "limited_to": None}
    return {"approvals": ask_release(session, OPERATOR, wanted, "somebody"), "decisions": "D1"}


@pytest.fixture(scope="module")
def asking(databases: Databases, pytestconfig: pytest.Config) -> Iterator[Asking]:
    """The application on the published record with some of it restricted, and a caller of each role."""
    database = databases.copy("published")
    secrets: dict[str, str | None] = {"public": None}
    with database.writing("operator", "To try it") as session:
        refs = _restrict(session)
        for role in set(ROLES) - {"public"}:
            rights = {} if role == "admin" else {"body": BODY, "clearance": HANDLINGS[-1]}
            wanted = {"name": role, "role": role, **rights}
            refs["keys"], secrets[role] = add_key(session, OPERATOR, wanted, "operator", alone=True)
        person = {"name": "a person", "role": "auditor", "subject_id": "a subject"}
        refs["accounts"] = add_account(session, OPERATOR, person, "operator", alone=True)
    app = create_app(Settings(database.url.render_as_string(hide_password=False), "test"))
    yield Asking(app, secrets, refs, database.is_sqlite or bool(pytestconfig.getoption("long")))
    app.extensions["mappa"].database.close()


def _addresses(published: Published, refs: dict[str, str], variants: Sequence[dict[str, str]]) -> Iterator[str]:
    """Addresses to ask: the example's, and that with what else it is asked for, as far as it takes that."""
    example = published.declared.example
    path, _, given = example.partition("?")
    if not example or "REF" in example:
        path = published.path.replace("<ref>", refs.get(published.tag, "nothing"))
    fields = published.declared.query.fields
    yield f"{path}?{given}"
    for more in variants:
        if more.keys() <= fields.keys():
            yield f"{path}?{urlencode(more)}"


def _asked(asking: Asking, role: str, address: str) -> tuple[list[str], int]:
    """The statements that an answer takes, and its status; with an empty `after`, those of the second page."""
    client, headers = asking.client(role)
    if "after=" in address:
        first = client.get(address.replace("after=&", ""), headers=headers).get_json(silent=True) or {}
        address = urlsplit(first.get("next") or first.get("resume") or "").geturl() or address.replace("after=&", "")
        address = address if address.startswith("/") else f"{urlsplit(address).path}?{urlsplit(address).query}"
    service: Service = asking.app.extensions["mappa"]
    with counted(*service.database.engines) as statements:
        answer = client.get(address, headers=headers)
        answer.get_data()
    return statements, answer.status_code


def _excused(read: Read) -> str | None:
    """The exception that a read falls under."""
    return next((name for name, (_why, sign) in EXCEPTIONS.items() if re.match(sign, read.select)), None)


class Found(NamedTuple):
    """What was found: reads that no marking decides on, the exceptions that others fell under, and the answers."""

    unmarked: set[Read]
    excused: set[str]
    statuses: dict[str, int]


def _read_all(asking: Asking, role: str, addresses: Iterator[str]) -> Found:
    """Ask for everything at these addresses."""
    found = Found(set(), set(), {})
    for address in addresses:
        statements, found.statuses[address] = _asked(asking, role, address)
        for read in (read for statement in statements for read in unmarked_reads(statement)):
            excuse = _excused(read)
            if excuse is None:
                found.unmarked.add(read)
            else:
                found.excused.add(excuse)
    return found


def _every_address(asking: Asking, role: str) -> Iterator[str]:
    """The addresses of everything that can be read, of a sort for this role."""
    wanted = ROLES[role]
    for number, published in enumerate(declarations(asking.app)):
        in_turn = VARIANTS if asking.whole or wanted else VARIANTS[number % len(VARIANTS) :][:1]
        if published.method == "get" and (wanted is None or published.tag in wanted):
            yield from _addresses(published, asking.refs, in_turn)


@pytest.mark.parametrize("role", ROLES)
def test_a_marking_decides_on_every_item_and_link_that_a_read_names(asking: Asking, role: str) -> None:
    found = _read_all(asking, role, _every_address(asking, role))

    assert found.unmarked == set()
    everything = 200 if asking.whole else 90
    assert Counter(found.statuses.values())[200] > (everything if ROLES[role] is None else 10)
    assert max(found.statuses.values()) < 500
    assert role != "officer" or found.excused == set(EXCEPTIONS)


def test_a_read_that_forgets_the_lens_is_found(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(session: Session, lens: Lens, ref: str) -> Any:
        session.execute(text("SELECT forgotten.title FROM item AS forgotten WHERE forgotten.ref = 'F028'"))
        return find_link(session, lens, ref)

    monkeypatch.setattr("api.resources.links.find_link", forgetful)
    found = _read_all(asking, "public", iter(["/api/v1/links/F019-supports-R8"]))

    assert [(read.table, read.alias) for read in found.unmarked] == [("item", "forgotten")]


SEES = "handling IN (?) AND a.limited_to IS NULL"
THEN = "SELECT b.id FROM item_version AS b WHERE EXISTS (SELECT c.id FROM item AS c WHERE c.id = b.id AND {})"
NOW = THEN.format("c.handling IN (?)")


@pytest.mark.parametrize(
    ("statement", "unmarked"),
    [
        (f"SELECT a.id FROM item AS a WHERE a.{SEES}", []),
        ("SELECT item.id FROM item WHERE item.handling IN (?)", []),
        ("SELECT a.id FROM item AS a WHERE a.withdrawn_seq IS NULL", ["a"]),
        ("SELECT a.id FROM item AS a WHERE aa.handling IN (?)", ["a"]),
        ("SELECT a.id FROM item AS a WHERE a.handling NOT IN (?)", ["a"]),
        (f"SELECT a.id FROM item AS a WHERE NOT (a.{SEES})", ["a"]),
        (f"SELECT a.id FROM item AS a WHERE (a.id = ? OR (a.{SEES}))", []),
        (f"SELECT a.id FROM item AS a JOIN item AS b ON b.id = a.parent_id WHERE a.{SEES}", ["b"]),
        (f"SELECT a.id FROM item AS a, link AS b WHERE a.{SEES}", ["b"]),
        (f"SELECT a.id FROM item AS a WHERE a.{SEES} UNION SELECT a.id FROM item AS a", ["a"]),
        (f"SELECT a.id FROM item AS a UNION ALL SELECT a.id FROM item AS a WHERE a.{SEES}", ["a"]),
        (f"SELECT a.id FROM item AS a WHERE EXISTS (SELECT b.id FROM item AS b WHERE a.{SEES})", ["a", "b"]),
        (f"SELECT a.id FROM ({NOW}) AS a WHERE a.{SEES}", []),
        (f"SELECT a.id FROM ({NOW}) AS a WHERE a.id = ?", ["b"]),
        (f"SELECT a.id FROM ({NOW.replace('EXISTS', 'NOT EXISTS')}) AS a WHERE a.{SEES}", ["b"]),
        (f"SELECT a.id FROM ({NOW.replace('c.id = b.id', 'c.id = ?')}) AS a WHERE a.{SEES}", ["b"]),
        (f"SELECT a.id FROM ({THEN.format('c.id > ?')}) AS a WHERE a.{SEES}", ["c"]),
        (f"SELECT a.id FROM (SELECT b.id FROM item_version AS b) AS a WHERE a.{SEES}", ["b"]),
        ("SELECT a.id FROM (SELECT b.id FROM item_version AS b) AS a WHERE a.id = ?", ["b"]),
        (f"SELECT a.id FROM (SELECT b.id FROM item AS b) AS a WHERE a.{SEES}", ["b"]),
        (f"SELECT c.id FROM (SELECT b.id FROM item_version AS b) AS c, item AS a WHERE a.{SEES}", ["b"]),
        (f"WITH x AS (SELECT b.id FROM link AS b) SELECT x.id FROM x, item AS a WHERE a.{SEES}", ["b"]),
        ("SELECT change.seq FROM change JOIN evidence AS item_like ON true", []),
    ],
)
def test_a_statement_is_taken_apart(statement: str, unmarked: list[str]) -> None:
    assert sorted(read.alias for read in unmarked_reads(statement)) == unmarked
