"""What the server of one engine answers, the server of the other must answer too, whichever process asks it."""

import hashlib
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import orjson
import requests

# Where the first answer to each question is kept, whichever engine gave it: one folder for all processes of a run.
FOLDER = "MAPPA_TEST_ALIKE"


def alike(answer: requests.Response, *asked: str) -> None:
    """Check an answer against that of the other engine to the same question, if that was asked before."""
    kind = answer.headers.get("Content-Type", "")
    given = [answer.status_code, answer.json() if kind.endswith("json") else answer.text]
    folder = Path(os.environ[FOLDER])
    first = folder / hashlib.sha256(orjson.dumps(asked)).hexdigest()
    with NamedTemporaryFile(dir=folder) as file:
        file.write(orjson.dumps(given))
        file.flush()
        try:
            first.hardlink_to(file.name)
        except FileExistsError:
            assert orjson.loads(first.read_bytes()) == given, asked
