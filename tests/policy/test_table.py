"""The table of these tests against what the product publishes of its policy: neither can change without the other."""

import json
from typing import Any

import pytest

from api.access import MEANINGS, POLICY, SCOPES
from api.publishing import FILE
from models.vocabulary import CLEARANCES, ROLES_WITH_CONTENT
from tests.policy import table
from tests.policy.arranging import BODY_OF, secret_of
from tests.policy.conftest import Served
from tests.policy.operations import GROUP_OF
from tests.policy.table import PUBLIC, Caller, callers, may, permissions_of

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
SECURITY = {
    described["operationId"]: described["security"]
    for methods in DOCUMENT["paths"].values()
    for described in methods.values()
}


def test_the_policy_has_the_roles_of_the_table() -> None:
    assert set(POLICY) == set(table.ROLES)


@pytest.mark.parametrize("role", table.ROLES)
def test_the_policy_gives_a_role_what_the_table_gives_it(role: str) -> None:
    granted = {permission.value for permission in POLICY[role]}

    assert granted == permissions_of(Caller("anybody", role, scopes=table.SCOPES))


def test_a_key_can_name_the_scopes_of_the_table() -> None:
    assert {scope.value for scope in SCOPES} == table.SCOPES


def test_those_roles_alone_see_more_than_what_is_public_that_work_on_content() -> None:
    assert set(ROLES_WITH_CONTENT) == table.CONTENT
    assert {role for role, most in CLEARANCES.items() if most != "PUBLIC"} == table.CONTENT


def test_the_document_has_the_operations_of_the_table() -> None:
    assert set(SECURITY) == {name.partition(":")[0] for name in GROUP_OF}


@pytest.mark.parametrize("operation", SECURITY)
def test_the_document_asks_for_the_permissions_of_the_table(operation: str) -> None:
    asked = GROUP_OF[operation].asks

    ways = [{way: asked.split()} for way in ("key", "token")]
    assert SECURITY[operation] == ([{}, *ways] if may(PUBLIC, asked) else ways)


@pytest.mark.parametrize("caller", callers(), ids=lambda caller: caller.name)
def test_everybody_is_told_what_the_table_lets_him_do(served: Served, caller: Caller) -> None:
    told = served.server.get(secret_of(caller), "/api/v1/me").json()

    assert (told["role"], told["clearance"]) == (caller.role, caller.clearance)
    assert told["body"] == (BODY_OF[caller.body] if caller.body else None)
    assert sorted(told["permissions"]) == sorted(permissions_of(caller))
    assert told["meanings"] == {name.value: about for name, about in MEANINGS.items() if name in told["permissions"]}
