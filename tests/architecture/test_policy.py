"""The policy, held by reading the code: who may do what is declared, for somebody, and for nobody unawares."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Blueprint, Flask

from api.access import MEANINGS, POLICY, PUBLIC, RECORD_OF, SCOPES, Permission, Principal, may, permissions_of
from api.app import RESOURCES, create_app
from api.endpoint import Declared, endpoint
from api.formats.results import an_item
from api.schemas.about import IndexSchema, PlainQuery
from api.settings import ROOT, Settings
from models.vocabulary import CALLER_ROLES

FILES = sorted(path for package in ("api", "models", "seed") for path in (ROOT / package).rglob("*.py"))
# What is asked for where somebody only reads.
READING = {
    Permission.OPEN,
    Permission.READ,
    Permission.READ_RECORD,
    Permission.READ_CHECKPOINT,
    Permission.READ_METRICS,
}
# What a view asks for itself, since it depends on what its caller wants of it.
ASKED_WITHIN = {"api/resources/approvals.py": {Permission.LOWER_HANDLING, Permission.REDACT}}
# Who makes a lens from which nothing is hidden, and why.
WHOLE = {
    "api/transfer.py": "the export of everything is written and read back by whoever runs the service",
    "api/keykeeping.py": "whoever runs the service names the body of a key",
    "api/handling.py": "what tells an auditor of the whole record is marked by the whole record",
    "models/writing/baselines.py": "the digest of a baseline covers everything, and is shown to who sees everything",
    "models/queries/withheld.py": "a review can let a role know that something is withheld: how many, and of what sort",
    "models/lens.py": "of a lens that shows everything, what is made with it does so too",
}
# Who looks, on PostgreSQL, at rows that the reader is not shown, and why.
BEYOND = {
    "models/lens.py": "where a list goes on that ended with what is hidden by now",
    "models/queries/numbers.py": "a reader's numbers are found from the changes that he is not shown",
    "models/queries/grants.py": "keys and accounts are no part of the graph; their tables are closed to readers",
    "models/queries/sight.py": "whether anything at all is restricted, for what tells of the whole record",
    "models/queries/withheld.py": "as above",
}


def _declared(app: Flask) -> dict[str, Declared]:
    """What each view declares, by its name."""
    views: dict[str, Any] = dict(app.view_functions)
    return {name: view.declared for name, view in views.items()}


def test_every_view_is_a_declared_endpoint_with_permissions_of_the_policy(app: Flask) -> None:
    granted = set().union(*POLICY.values())

    declarations = {name: getattr(view, "declared", None) for name, view in app.view_functions.items()}

    assert len(declarations) > 50
    for name, declared in declarations.items():
        assert isinstance(declared, Declared), name
        assert all(isinstance(permission, Permission) for permission in declared.permissions), name
        assert set(declared.permissions) <= granted, name


def test_somebody_else_than_the_developer_may_do_what_any_operation_does(app: Flask) -> None:
    grants = [granted for role, granted in POLICY.items() if role != "developer"]

    for name, declared in _declared(app).items():
        assert any(granted.issuperset(declared.permissions) for granted in grants), name


def test_a_view_that_writes_is_declared_so_and_asks_for_permission_to(app: Flask) -> None:
    declarations = _declared(app)

    assert len({rule.endpoint for rule in app.url_map.iter_rules() if rule.methods and "POST" in rule.methods}) > 10
    for rule in app.url_map.iter_rules():
        declared = declarations[rule.endpoint]
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        asks = declared.body is not None  # by POST, with what would be too much for an address
        assert (declared.write is not None) == (method != "GET" and not asks), rule
        assert not asks or method == "POST", rule
        assert declared.write is None or not READING & set(declared.permissions), rule


def test_a_view_that_writes_shows_what_is_there_or_nothing(app: Flask) -> None:
    for name, declared in _declared(app).items():
        if declared.write is not None:
            assert (declared.write.shows is None) == (declared.returns.status == 204), name
            assert not any(form.streams for form in declared.returns.formats), name


def test_nobody_may_write_who_has_not_said_who_he_is(app: Flask) -> None:
    writes = [declared for declared in _declared(app).values() if declared.write is not None]

    asked = {permission for declared in writes for permission in declared.permissions}

    assert len(writes) > 30
    assert not [permission for permission in asked if may(PUBLIC, permission)]
    assert not [permission for permission in asked if may(Principal("x", "nobody", "PUBLIC"), permission)]


def test_the_policy_grants_nothing_that_no_endpoint_asks_for(app: Flask) -> None:
    declared = {permission for declared in _declared(app).values() for permission in declared.permissions}

    granted = set().union(*POLICY.values())

    assert granted == declared | set().union(*ASKED_WITHIN.values())
    for name, asked in ASKED_WITHIN.items():
        assert asked <= {getattr(Permission, word) for word in re.findall(r"Permission\.(\w+)", _text(name))}
        assert not asked & declared


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_permission_says_what_it_lets_do_and_the_developer_has_all() -> None:
    assert set(MEANINGS) == set(Permission) == POLICY["developer"]


def test_the_policy_has_a_row_for_every_role_that_can_be_granted_and_for_no_other() -> None:
    assert set(POLICY) == {"public", "developer", *CALLER_ROLES}
    assert set(RECORD_OF) <= set(POLICY)


def test_a_machine_may_do_of_its_scopes_what_its_key_names() -> None:
    bare = Principal("feed", "machine", "OFFICIAL", "a-body")
    scoped = {scope: Principal("feed", "machine", "OFFICIAL", "a-body", frozenset({scope.value})) for scope in SCOPES}

    assert permissions_of(bare) == [Permission.OPEN, Permission.READ]
    for scope, machine in scoped.items():
        assert set(permissions_of(machine)) == {Permission.OPEN, Permission.READ, scope}
    everything = frozenset(permission.value for permission in Permission)
    assert set(permissions_of(Principal("x", "machine", "PUBLIC", "b", everything))) == POLICY["machine"]


def _planted(*permissions: Permission) -> Any:
    """A resource with one view that asks for these permissions; without any, one that is not declared."""
    blueprint = Blueprint("planted", __name__)
    view: Any = lambda call: {}  # noqa: E731 - a view without a name of its own
    if permissions:
        declare = endpoint(
            permissions[0],
            also=permissions[1] if permissions[1:] else None,
            query=PlainQuery(),
            returns=an_item(IndexSchema()),
            example="/planted",
        )
        view = declare(view)
    blueprint.add_url_rule("/planted", "view", view)
    return SimpleNamespace(blueprint=blueprint)


def _with(planted: Any, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application with one resource more."""
    monkeypatch.setattr("api.app.RESOURCES", (*RESOURCES, planted))
    return create_app(Settings("sqlite:///nowhere.db", "test"))


def test_no_application_is_made_with_a_view_that_is_not_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match=r"no policy: planted\.view\. Declare"):
        _with(_planted(), monkeypatch)


@pytest.mark.parametrize("asked", [[Permission.ASSESS], [Permission.READ, Permission.ASSESS]])
def test_no_application_is_made_with_a_view_that_the_developer_alone_may_call(
    monkeypatch: pytest.MonkeyPatch, asked: list[Permission]
) -> None:
    without = {role: granted - {Permission.ASSESS} for role, granted in POLICY.items() if role != "developer"}
    monkeypatch.setattr("api.app.POLICY", without | {"developer": POLICY["developer"]})

    with pytest.raises(RuntimeError, match=r"no row for: .*planted\.view\. Nobody may do this"):
        _with(_planted(*asked), monkeypatch)


def test_an_application_is_made_with_one_more_view_that_somebody_may_call(monkeypatch: pytest.MonkeyPatch) -> None:
    app = _with(_planted(Permission.READ, Permission.ASSESS), monkeypatch)

    assert "planted.view" in app.view_functions


def _calls(path: Path) -> Iterator[ast.Call]:
    """Every call in a file, wherever in it."""
    return (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))


def _makes_a_whole_lens(call: ast.Call) -> bool:
    return ast.unparse(call.func) in {"Lens", "replace"} and "whole" in {keyword.arg for keyword in call.keywords}


def _goes_beyond_sight(call: ast.Call) -> bool:
    return ast.unparse(call.func).endswith("beyond_sight")


@pytest.mark.parametrize(
    ("looks", "reasons"), [(_makes_a_whole_lens, WHOLE), (_goes_beyond_sight, BEYOND)], ids=["lens", "database"]
)
def test_those_who_look_past_what_a_reader_sees_are_named_with_their_reasons(
    looks: Callable[[ast.Call], bool], reasons: dict[str, str]
) -> None:
    found = {str(path.relative_to(ROOT)) for path in FILES if any(map(looks, _calls(path)))}

    assert found == set(reasons)
