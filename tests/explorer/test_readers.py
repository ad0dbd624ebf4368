"""Readers of pages: every page is for whoever may read what it is made of, and asks for no more."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from api.access import POLICY, PUBLIC, Permission, Principal, may
from api.call import Service
from api.settings import Settings
from explorer.app import create_app
from models.vocabulary import CALLER_ROLES
from tests.conftest import Databases
from tests.explorer.conftest import give_key, url_of
from tests.explorer.pages import BROWSER, PAGES

_READING = {Permission.OPEN, Permission.READ, Permission.READ_RECORD}
_BODIES = {"inspector": "hmics", "officer": "police-scotland", "programme_office": "scottish-government"}
_BODIES |= {"machine": "police-scotland"}


@dataclass(frozen=True)
class Known:
    """The service, and the key of a reader of each role."""

    app: Flask
    keys: dict[str, str]

    def status(self, address: str, role: str) -> int:
        """How a page is answered to a reader of a role."""
        known = {"Authorization": f"Bearer {self.keys[role]}"} if role in self.keys else {}
        return self.app.test_client().get(address, headers=BROWSER | known).status_code


@pytest.fixture(scope="module")
def known(databases: Databases) -> Iterator[Known]:
    """The published record with readers of every role."""
    database = databases.copy("published")
    keys = {
        role: give_key(database, role, **({"body": _BODIES[role]} if role in _BODIES else {})) for role in CALLER_ROLES
    }
    app = create_app(Settings(url_of(database), "test"))
    yield Known(app, keys)
    service: Service = app.extensions["mappa"]
    service.database.close()
    database.close()


def test_pages_ask_for_nothing_but_to_read() -> None:
    asked = {permission for page in PAGES for permission in page.declared.permissions}

    assert Permission.READ in asked
    assert asked <= _READING
    assert all(may(PUBLIC, permission) for permission in asked)


@pytest.mark.parametrize("role", ["public", *CALLER_ROLES])
def test_every_page_is_for_whoever_may_read_what_it_is_made_of(known: Known, role: str) -> None:
    principal = Principal("anybody", role, "PUBLIC")

    told = {page.declared.example: known.status(page.declared.example, role) for page in PAGES}

    assert set(POLICY[role])
    assert told == {
        page.declared.example: 200 if all(may(principal, needed) for needed in page.declared.permissions) else 403
        for page in PAGES
    }


@pytest.mark.parametrize("page", [page for page in PAGES if page.declared.asks_who], ids=lambda page: page.path)
def test_no_page_is_for_whom_nobody_knows(known: Known, page: object) -> None:
    example = page.declared.example  # type: ignore[attr-defined]
    answer = known.app.test_client().get(example, headers=BROWSER | {"Authorization": "Bearer nobody"})

    assert answer.status_code in {401, 429}
