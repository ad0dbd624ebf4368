"""Requests that schemathesis makes up from the document: the running server answers each as documented.

A few for each operation; over 20,000 on each engine with `--long`.
"""

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.document import CLOSED, DOCUMENT, OPERATIONS, READS, Operation
from tests.contract.server import BEARER, Server

OPEN = [operation for operation in READS if operation.open]
BY_BODY = [operation for operation in OPERATIONS if operation not in READS]
SETTINGS = Path(__file__).with_name("schemathesis.toml")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
# Not unsupported_method and allow_header_conformance: test_hostile.py tries every method at every path.
# Not positive_data_acceptance: a reference or cursor of the right form need not exist, so 404 and 422 are right.
OPTIONS = (
    "--seed=2015",
    "--workers=1",
    "--no-shrink",
    "--request-timeout=60",
    "--output-truncate=true",
    f"--checks={','.join(CHECKS)}",
)
MADE_UP = "--phases=examples,fuzzing"
# Every boundary of every parameter of a read is tried in the long form; those of a body are in test_hostile_bodies.py.
EVERY_BOUNDARY = "--phases=examples,coverage,fuzzing"
# What gets a request past the question who is calling, and a write past what he has seen.
KNOWN = ("--header", f"Authorization: {BEARER}")
WRITING = (*KNOWN, "--header", "If-Match: *")


def _document_of(operations: list[Operation], folder: Path) -> Path:
    """The document of these operations in a file, without `default`, by which every status would conform."""
    document = copy.deepcopy(DOCUMENT)
    document["paths"] = {}
    for operation in operations:
        described = copy.deepcopy(operation.described)
        del described["responses"]["default"]
        document["paths"].setdefault(operation.path, {})[operation.method] = described
    file = folder / "openapi.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def _tell(server: Server, operations: list[Operation], folder: Path, *options: str) -> tuple[int, str]:
    """What schemathesis has to tell about these operations of a server, and its exit code."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS), "run", *OPTIONS, *options]
    environ = os.environ | {"NO_COLOR": "1", "COLUMNS": "200", "no_proxy": "*"}
    run = subprocess.run(
        [*command, f"--url={server.address}", str(_document_of(operations, folder))],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, "\n".join(line[:500] for line in (run.stdout + run.stderr).splitlines())


@pytest.fixture
def examples(pytestconfig: pytest.Config) -> int:
    """How many cases are made up for an operation: enough for 20,000 on each engine in the long form."""
    return 200 if pytestconfig.getoption("long") else 4


@pytest.fixture
def reading(pytestconfig: pytest.Config) -> str:
    """How reads are made up."""
    return EVERY_BOUNDARY if pytestconfig.getoption("long") else MADE_UP


def _check(told: tuple[int, str], operations: list[Operation], examples: int) -> None:
    """Check that schemathesis found nothing, in every operation and as many cases as were to be made up."""
    code, text = told
    assert code == 0, text
    assert re.search(rf"Tested: +{len(operations)}\b", text), text
    made_up = re.search(r"(\d+) generated", text)
    # Of what takes next to nothing, there are fewer cases than that.
    assert made_up, text
    sys.stdout.write(f"{made_up[1]} cases\n")  # shown by -rP
    assert int(made_up[1]) >= 0.85 * examples * len(operations), text


def test_answers_made_up_reads_as_documented(server: Server, tmp_path: Path, examples: int, reading: str) -> None:
    told = _tell(server, OPEN, tmp_path, f"--max-examples={examples}", reading)

    _check(told, OPEN, examples)
    assert "Traceback" not in server.told()


def test_answers_made_up_reads_of_what_needs_a_key_as_documented(
    server: Server, tmp_path: Path, examples: int, reading: str
) -> None:
    told = _tell(server, CLOSED, tmp_path, f"--max-examples={examples}", reading, *KNOWN)

    _check(told, CLOSED, examples)
    assert "Traceback" not in server.told()


def test_answers_made_up_writes_as_documented(scratch: Server, tmp_path: Path, examples: int) -> None:
    told = _tell(scratch, BY_BODY, tmp_path, f"--max-examples={examples}", MADE_UP, *WRITING)

    _check(told, BY_BODY, examples)
    assert "unhandled error" not in scratch.told()
