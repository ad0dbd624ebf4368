"""What the server of one engine answers, the server of the other must answer too."""

from typing import Any

import requests

# By what was asked: the first answer to it, whichever engine gave it.
_TOLD: dict[tuple[str, ...], tuple[int, Any]] = {}


def alike(answer: requests.Response, *asked: str) -> None:
    """Check an answer against that of the other engine to the same question, if that was asked before."""
    kind = answer.headers.get("Content-Type", "")
    given = answer.status_code, answer.json() if kind.endswith("json") else answer.text

    assert _TOLD.setdefault(asked, given) == given
