"""The peers: programs that others would take, in a virtual environment of their own, and what became of each."""

import subprocess
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path

from api.settings import VAR

PLACE = VAR / "bench-peers"
NAMES = ("datasette", "duckdb", "strictdoc")
_PATIENCE_SECONDS = 600


@dataclass
class Peers:
    """Which peers are there, in which version, and why the others are not."""

    python: Path
    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def scripts(self) -> Path:
        """Where their commands are."""
        return self.python.parent

    def says(self) -> str:
        """The versions and the absences, in words."""
        return ", ".join(f"{name} {self.versions.get(name) or 'not installed'}" for name in NAMES)


def _version(python: Path, name: str) -> str | None:
    """The version of a package in that environment, None where it is not there."""
    asked = f"from importlib.metadata import version; print(version({name!r}))"
    found = subprocess.run([python, "-c", asked], capture_output=True, text=True, check=False)  # noqa: S603
    return found.stdout.strip() if found.returncode == 0 else None


def peers() -> Peers:
    """The peers, installed with plain pip where they are not there yet; a peer that cannot be is told as missing."""
    found = Peers(PLACE / "bin" / "python")
    if not found.python.exists():
        venv.create(PLACE, with_pip=True)
    for name in NAMES:
        if _version(found.python, name) is None:
            command = [str(found.python), "-m", "pip", "install", "--quiet", name]
            sys.stderr.write(f"Installing {name} into {PLACE.name}\n")
            said = subprocess.run(  # noqa: S603
                command, capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS
            )
            if said.returncode:
                found.missing[name] = "pip could not install it"
        if (version := _version(found.python, name)) is not None:
            found.versions[name] = version
    return found
