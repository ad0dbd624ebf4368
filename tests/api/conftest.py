"""What the tests of the command share."""

from pathlib import Path

import pytest


@pytest.fixture
def fresh(tmp_path: Path) -> str:
    """The URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'fresh.db'}"
