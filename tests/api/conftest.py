"""What the tests of the command share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.serving import Served, Starts, command, start


@pytest.fixture
def fresh(tmp_path: Path) -> str:
    """The URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'fresh.db'}"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Starts]:
    """Starts `serve` on a free port and waits until it says where; ends what it started."""
    started: list[Served] = []

    def begin(url: str, *options: str, **settings: str) -> Served:
        made = start(command(*options), url, tmp_path / f"{len(started)}.log", **settings)
        started.append(made)
        return made

    yield begin
    for served in started:
        served.process.kill()
        served.process.wait(10)
