"""Nobody gives himself rights: whatever an administrator asks for waits for a second one.

Decision 10: "An administrator alone grants nothing at all."
"""

from itertools import count
from typing import Any

import pytest

from tests.policy.arranging import BODY_OF, Thing, secret_of
from tests.policy.conftest import SECOND_ADMIN, SECOND_INSPECTOR, Served
from tests.policy.running import DEVELOPER
from tests.policy.table import HANDLINGS, OTHER, OWN, Caller, callers

BY_ROLE = {caller.role: caller for caller in callers()}
ADMIN, INSPECTOR, OFFICER = BY_ROLE["admin"], BY_ROLE["inspector"], BY_ROLE["officer"]
PENDING = "not confirmed"
_NUMBERS = count(1)
# Every sort of key and account that can be asked for over HTTP.
OF_BODY: dict[str, Any] = {"body": BODY_OF[OWN]}
KEYS: list[dict[str, Any]] = [{"role": "machine", "clearance": handling} | OF_BODY for handling in HANDLINGS]
KEYS += [{"role": "machine", "scopes": ["write-evidence"]} | OF_BODY]
NO_CONTENT: list[dict[str, Any]] = [{"role": role} for role in ("auditor", "admin")]
ACCOUNTS: list[dict[str, Any]] = [{"role": role} | OF_BODY for role in ("inspector", "officer", "programme_office")]


def _asked(served: Served, by: Caller, kind: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """What somebody asks for, as the answer shows it."""
    name = f"somebody-{next(_NUMBERS)}"
    body = wanted | {"name": name} | ({"subject_id": f"the sub of {name}"} if kind == "account" else {})
    answer = served.server.write(secret_of(by), "POST", f"/api/v1/{kind}s", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _confirmed(served: Served, secret: str | None, made: dict[str, Any]) -> int:
    """The status with which whoever has this secret is answered who confirms a grant."""
    return served.server.write(secret, "POST", f"{made['self']}/confirmation").status_code


def _state(served: Served, made: dict[str, Any]) -> str:
    """What became of a grant."""
    told: str = served.server.get(secret_of(ADMIN), made["self"]).json()["state"]
    return told


def _lets_in(served: Served, made: dict[str, Any]) -> bool:
    """Whether a key says who its holder is."""
    return served.server.get(made["secret"], "/api/v1/me").status_code == 200


def _told(wanted: dict[str, Any]) -> str:
    """The name of a case."""
    return "-".join(str(value) for value in wanted.values())


@pytest.mark.parametrize("asker", [ADMIN, DEVELOPER], ids=lambda caller: caller.name)
@pytest.mark.parametrize("wanted", KEYS + NO_CONTENT, ids=_told)
def test_a_key_waits_for_a_second_administrator(served: Served, asker: Caller, wanted: dict[str, Any]) -> None:
    made = _asked(served, asker, "key", wanted)

    assert made["state"] == PENDING
    assert _lets_in(served, made) is False
    assert _confirmed(served, secret_of(asker), made) == 409
    assert _lets_in(served, made) is False
    assert _confirmed(served, secret_of(SECOND_ADMIN), made) == 200
    assert _lets_in(served, made) is True


@pytest.mark.parametrize("asker", [ADMIN, DEVELOPER], ids=lambda caller: caller.name)
@pytest.mark.parametrize("wanted", ACCOUNTS + NO_CONTENT, ids=_told)
def test_an_account_waits_for_a_second_administrator(served: Served, asker: Caller, wanted: dict[str, Any]) -> None:
    made = _asked(served, asker, "account", wanted)

    assert made["state"] == PENDING
    assert _confirmed(served, secret_of(asker), made) == 409
    assert _state(served, made) == PENDING
    assert _confirmed(served, secret_of(SECOND_ADMIN), made) == 200
    assert _state(served, made) == "in force"


def test_an_administrator_whom_another_made_alone_is_no_second_person_for_him(served: Served) -> None:
    puppet = _asked(served, ADMIN, "key", {"role": "admin"})
    wanted = _asked(served, ADMIN, "key", {"role": "machine", "clearance": "OFFICIAL-SENSITIVE"} | OF_BODY)

    _confirmed(served, puppet["secret"], wanted)

    assert _lets_in(served, wanted) is False


@pytest.mark.parametrize("confirmer", [INSPECTOR, OFFICER, BY_ROLE["programme_office"]], ids=lambda caller: caller.name)
def test_nobody_of_the_body_is_the_second_administrator(served: Served, confirmer: Caller) -> None:
    wanted = _asked(served, ADMIN, "key", {"role": "machine", "clearance": "OFFICIAL-SENSITIVE"} | OF_BODY)

    _confirmed(served, secret_of(confirmer), wanted)

    assert _lets_in(served, wanted) is False


@pytest.mark.parametrize("role", ["auditor", "admin"])
@pytest.mark.parametrize("kind", ["key", "account"])
def test_who_has_no_rights_on_content_gets_none_by_a_body(served: Served, kind: str, role: str) -> None:
    name = f"somebody-{next(_NUMBERS)}"
    wanted = {"name": name, "role": role} | OF_BODY | ({"subject_id": f"sub of {name}"} if kind == "account" else {})

    answer = served.server.write(secret_of(ADMIN), "POST", f"/api/v1/{kind}s", wanted)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/body"]


@pytest.mark.parametrize("body", [OTHER, OWN])
@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_an_inspector_gives_no_key_to_auditors_or_administrators(served: Served, role: str, body: str) -> None:
    asked = {"name": f"somebody-{next(_NUMBERS)}", "role": role, "body": BODY_OF[body]}

    answer = served.server.write(secret_of(INSPECTOR), "POST", "/api/v1/keys", asked)

    assert answer.status_code == 403


def test_whoever_asks_for_a_release_does_not_confirm_it(served: Served) -> None:
    (ref,) = served.arranged.arrange([Thing("evidence", OWN, "OFFICIAL")])
    asked = {"action": "release", "kind": "evidence", "ref": ref, "handling": "PUBLIC"}
    made = served.server.write(secret_of(INSPECTOR), "POST", "/api/v1/approvals", asked).json()

    assert _confirmed(served, secret_of(INSPECTOR), made) == 409
    assert served.server.get(None, f"/api/v1/evidence/{ref}").status_code == 404
    assert _confirmed(served, secret_of(SECOND_INSPECTOR), made) == 200
    assert served.server.get(None, f"/api/v1/evidence/{ref}").status_code == 200
