"""Requests that schemathesis makes up from the document: the running server answers each as documented."""

import copy
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.contract.document import DOCUMENT, OPERATIONS
from tests.contract.server import Server

SETTINGS = Path(__file__).with_name("schemathesis.toml")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
# Not positive_data_acceptance: a reference or cursor of the right form need not exist, so 404 and 422 are right.
OPTIONS = (
    "--phases=examples,coverage,fuzzing",
    "--max-examples=15",
    "--seed=2015",
    "--workers=1",
    "--no-shrink",
    "--request-timeout=60",
    "--output-truncate=true",
    f"--checks={','.join(CHECKS)}",
)


def _without_default(folder: Path) -> Path:
    """The document in a file, without the answers for any other status, which would let every status conform."""
    document = copy.deepcopy(DOCUMENT)
    for operation in OPERATIONS:
        del document["paths"][operation.path][operation.method]["responses"]["default"]
    file = folder / "openapi.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_answers_made_up_requests_as_documented(server: Server, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS), "run", *OPTIONS]
    environ = os.environ | {"NO_COLOR": "1", "COLUMNS": "200", "no_proxy": "*"}

    run = subprocess.run(
        [*command, f"--url={server.address}", str(_without_default(tmp_path))],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    told = "\n".join(line[:500] for line in (run.stdout + run.stderr).splitlines())
    assert run.returncode == 0, told
    assert re.search(rf"Tested: +{len(OPERATIONS)}\b", told), told
    assert "Traceback" not in server.told()
