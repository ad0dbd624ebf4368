"""What the lists show is what may be read one by one: each caller finds in them what the table lets him see."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from models.vocabulary import COLLECTIONS
from tests.policy.arranging import Thing, secret_of
from tests.policy.cells import sorts
from tests.policy.conftest import Served
from tests.policy.operations import ACCOUNT, APPROVAL, BODY, KEY, THING, Group
from tests.policy.running import Server
from tests.policy.table import MARKINGS, Caller, callers, manages, may, sees, shown_in_record

# Of each kind: its list, what it asks of its caller, and by which field it names a thing.
LISTS = {kind: (f"/api/v1/{collection}?", "read", "ref") for kind, collection in COLLECTIONS.items()} | {
    "link": ("/api/v1/links?", "read", "id"),
    "approval": ("/api/v1/approvals?", "approve", "ref"),
    "override": ("/api/v1/pii-overrides?", "override-guard", "ref"),
    "key": ("/api/v1/keys?", "manage-keys", "ref"),
    "account": ("/api/v1/accounts?", "manage-accounts", "ref"),
}
_TO = {"body": BODY, "key": KEY, "account": ACCOUNT, "approval": APPROVAL}
READERS = [
    (kind, caller) for kind, (_path, asked, _field) in LISTS.items() for caller in callers() if may(caller, asked)
]
OF_RECORD = [caller for caller in callers() if may(caller, "read-record")]


@pytest.fixture(scope="session")
def listed(served: Served) -> dict[str, Thing]:
    """One thing of each kind, owner and marking, by reference; no other test alters them."""
    made: dict[str, Thing] = {}
    for kind in LISTS:
        things = [Thing(kind, *sort) for sort in sorts(Group(kind, "", "", _TO.get(kind, THING)))]
        made |= zip(served.arranged.arrange(things), things, strict=True)
    return made


def _pages(server: Server, caller: Caller, path: str) -> Iterator[dict[str, Any]]:
    """Everything in a list, page after page."""
    after = ""
    while True:
        answer = server.get(secret_of(caller), f"{path}limit=200{after}")
        assert answer.status_code == 200, answer.text
        yield from answer.json()["items"]
        if not answer.json().get("next"):
            return
        after = f"&after={quote(answer.json()['next'])}"


def _shown(caller: Caller, thing: Thing) -> bool:
    """Whether a caller sees a thing."""
    if thing.kind in {"key", "account"}:
        return manages(caller, LISTS[thing.kind][1], thing.owner)
    return thing.kind == "body" or sees(caller, thing.owner, MARKINGS[thing.marking])


@pytest.mark.parametrize(("kind", "caller"), READERS, ids=lambda value: getattr(value, "name", value))
def test_a_list_shows_what_its_reader_may_see(
    served: Served, listed: dict[str, Thing], kind: str, caller: Caller
) -> None:
    path, _asked, field = LISTS[kind]
    there = {ref: thing for ref, thing in listed.items() if thing.kind == kind}

    found = {row[field] for row in _pages(served.server, caller, path)}

    assert len(there) >= (7 if kind in {"key", "account"} else 3 if kind == "body" else 18)
    assert {there[ref] for ref in found & set(there)} == {thing for thing in there.values() if _shown(caller, thing)}


@pytest.mark.parametrize("caller", OF_RECORD, ids=lambda caller: caller.name)
@pytest.mark.parametrize("kind", ["evidence", "action", "link", "key", "account"])
def test_the_record_shows_the_changes_of_what_the_policy_lets_it(
    served: Served, listed: dict[str, Thing], kind: str, caller: Caller
) -> None:
    there = {ref: thing for ref, thing in listed.items() if thing.kind == kind}

    found = {row["ref"] for row in _pages(served.server, caller, f"/api/v1/changes?kind={kind}&")}

    assert {there[ref] for ref in found & set(there)} == {
        thing for thing in there.values() if shown_in_record(caller, kind, thing.owner, MARKINGS[thing.marking])
    }
