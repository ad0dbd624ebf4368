"""The architecture, held by reading the code."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from marshmallow import Schema

from api.resources.about import blueprint as about_blueprint
from api.schemas.action_plan import PlannedActionSchema
from api.schemas.gaps import GapSchema
from api.schemas.graph import NODE_SCHEMAS
from api.schemas.links import LinkSchema
from api.schemas.record import BaselineSchema, ChangeSchema, DifferenceSchema
from api.settings import ROOT, VERSION
from models.queries.baselines import BASELINE_FIELDS
from models.queries.differences import DIFFERENCE_FIELDS
from models.queries.gaps import GAP_FIELDS
from models.queries.graph import LINK_FIELDS
from models.queries.plan import PLAN_FIELDS
from models.queries.record import CHANGE_FIELDS
from models.queries.rows import fields_of
from models.vocabulary import COLLECTIONS, KINDS

# The one way from a request to a view, from a page to the views of the API, and from a cookie or form to its settings.
ASKING = {
    Path("api/endpoint.py"),
    Path("explorer/asking.py"),
    Path("explorer/posting.py"),
    Path("explorer/rendering.py"),
    Path("explorer/views/about.py"),
}
PACKAGES = ("models", "api", "explorer", "openapi", "seed")
FILES = sorted(path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))
# A migration is history: it is never edited, so never divided. An auditor copies the verifier as one file.
EDITED = [path for path in FILES if "versions" not in path.parts and path != Path("models/verifier.py")]
BANNED = {"utils", "helpers", "common", "misc", "manager", "service", "core", "handler", "processor"}
MOST_LINES = 300
WEB = {"flask", "werkzeug", "marshmallow", "apispec", "requests", "webargs"}
# What is recorded besides items and links, each with the module of its table.
SINGLE_TABLES = {"key": "keys", "account": "accounts", "approval": "approvals", "override": "overrides"}
# The modules of the tables that hold the graph, and of those that hold the record of it.
TABLES = {"models.items", "models.links", "models.nouns", *(f"models.{name}" for name in COLLECTIONS.values())}
RECORD = {f"models.{name}" for name in ("baselines", "changes", *SINGLE_TABLES.values())}
# Questions about the record itself, and which of its tables each may ask; these hold no items, and the lens on the
# record shows what of them a reader may see.
ABOUT_RECORD = {
    "points": {"baselines", "changes"},
    "baselines": {"baselines", "changes"},
    "record": {"changes"},
    "numbers": {"changes"},
    "rescan": {"changes", "overrides"},
    "grants": {"changes", "keys", "accounts"},
    "approvals": {"changes", "approvals"},
    "overrides": {"changes", "overrides"},
    "unchanged": {"changes"},
}
WRITING = "models.writing"
# What only some nodes show: where they are, how far from the start, and a recommendation's status.
OPTIONAL = {"status", "distance"}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def _imported(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, wherever in it, with the line."""
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield node.module or "", node.lineno


def _under(*folders: str) -> list[Path]:
    return [path for path in FILES if any(path.is_relative_to(folder) for folder in folders)]


def test_there_are_files_to_judge() -> None:
    assert len(FILES) > 60
    assert {path.parts[0] for path in FILES} == set(PACKAGES)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_file_says_what_it_is_for(path: Path) -> None:
    docstring = ast.get_docstring(_tree(path))

    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":"))


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_class_and_public_function_says_what_it_is_for(path: Path) -> None:
    silent = [
        node.name
        for node in _tree(path).body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and not (isinstance(node, ast.FunctionDef) and node.name.startswith("_"))
        and not ast.get_docstring(node)
    ]

    assert silent == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    named_badly = {path for path in (*FILES, *TESTS) if path.stem in BANNED or path.stem.removesuffix("s") in BANNED}

    assert named_badly == set()


@pytest.mark.parametrize("path", EDITED, ids=str)
def test_no_file_is_too_long_to_be_one_idea(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_every_kind_names_its_file_at_every_layer() -> None:
    for collection in COLLECTIONS.values():
        assert Path(f"api/resources/{collection}.py") in FILES


@pytest.mark.parametrize("path", _under("models", "seed"), ids=str)
def test_models_and_seed_know_no_web(path: Path) -> None:
    assert [found for found in _imported(path) if found[0].partition(".")[0] in {*WEB, "api", "openapi"}] == []


@pytest.mark.parametrize("path", _under("api/resources", "api/schemas", "api/formats"), ids=str)
def test_views_schemas_and_formats_know_no_sql(path: Path) -> None:
    assert [found for found in _imported(path) if found[0].partition(".")[0] == "sqlalchemy"] == []


@pytest.mark.parametrize("path", _under("openapi"), ids=str)
def test_the_document_knows_no_framework_and_no_model(path: Path) -> None:
    foreign = {"flask", "werkzeug", "sqlalchemy", "models", "api", "seed"}

    assert [found for found in _imported(path) if found[0].partition(".")[0] in foreign] == []


@pytest.mark.parametrize("path", _under("api/resources"), ids=str)
def test_resources_do_not_import_each_other(path: Path) -> None:
    assert [found for found in _imported(path) if found[0].startswith("api.resources")] == []


@pytest.mark.parametrize("path", [path for path in FILES if path not in ASKING], ids=str)
def test_only_the_endpoint_knows_of_a_current_application(path: Path) -> None:
    names = {
        alias.name
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ImportFrom) and node.module == "flask"
        for alias in node.names
    }

    assert not names & {"g", "current_app"}


@pytest.mark.parametrize("path", [path for path in FILES if path != Path("api/database.py")], ids=str)
def test_nothing_is_committed_elsewhere_than_in_the_database(path: Path) -> None:
    called = {
        node.func.attr
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }

    assert not called & {"commit", "rollback"}


@pytest.mark.parametrize("path", _under("models/queries"), ids=str)
def test_a_question_reaches_tables_through_the_lens_alone(path: Path) -> None:
    allowed = {f"models.{name}" for name in ABOUT_RECORD.get(path.stem, ())}

    assert {module for module, _line in _imported(path) if module in TABLES | RECORD} == allowed


@pytest.mark.parametrize("path", _under("models/queries"), ids=str)
def test_a_question_does_not_write(path: Path) -> None:
    called = {
        f"session.{node.func.attr}"
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_session(node.func.value)
    }

    assert not called & {"session.add", "session.add_all", "session.flush", "session.delete", "session.merge"}
    assert [found for found in _imported(path) if found[0].startswith(WRITING)] == []


def _is_session(value: ast.expr) -> bool:
    return (isinstance(value, ast.Name) and value.id == "session") or (
        isinstance(value, ast.Attribute) and value.attr in {"session", "_session"}
    )


@pytest.mark.parametrize("path", [path for path in _under("api", "openapi") if path != Path("api/loading.py")], ids=str)
def test_nothing_above_the_models_touches_their_tables(path: Path) -> None:
    assert [found for found in _imported(path) if found[0] in TABLES] == []


@pytest.mark.parametrize("path", _under("models/writing"), ids=str)
def test_a_write_knows_no_request(path: Path) -> None:
    assert [found for found in _imported(path) if found[0].partition(".")[0] in {"api", "openapi", "seed"}] == []


@pytest.mark.parametrize("path", _under("models", "seed"), ids=str)
def test_only_what_is_above_writes_uses_them(path: Path) -> None:
    if not path.is_relative_to("models/writing"):
        assert [found for found in _imported(path) if found[0].startswith(WRITING)] == []


def test_every_route_leads_to_a_view(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(app.view_functions)
    assert about_blueprint.name in app.blueprints


@pytest.mark.parametrize("kind", KINDS)
def test_the_fields_of_a_row_are_those_of_its_schema(kind: str) -> None:
    described = set(NODE_SCHEMAS[kind]().fields)

    shown = {*fields_of(kind), "self"}
    assert shown <= described
    assert described - shown <= OPTIONAL


def test_a_schema_describes_each_kind() -> None:
    assert tuple(NODE_SCHEMAS) == KINDS


def test_the_fields_of_a_link_are_those_of_its_schema() -> None:
    assert {*LINK_FIELDS, "self"} == set(LinkSchema().fields)


def test_the_fields_of_a_gap_are_those_of_its_schema() -> None:
    assert {*GAP_FIELDS, "self"} == set(GapSchema().fields)


def test_the_fields_of_a_planned_action_are_those_of_its_schema() -> None:
    assert {*PLAN_FIELDS, "self"} == set(PlannedActionSchema().fields)


@pytest.mark.parametrize(
    ("fields", "schema"),
    [(CHANGE_FIELDS, ChangeSchema), (BASELINE_FIELDS, BaselineSchema), (DIFFERENCE_FIELDS, DifferenceSchema)],
)
def test_the_fields_of_the_record_are_those_of_its_schemas(fields: tuple[str, ...], schema: type[Schema]) -> None:
    assert {*fields, "self"} == set(schema().fields)


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == VERSION
