"""`mappa-trace` as a process of its own, forked from one that has imported it: a start without what imports take.

That a process imports what it needs, and without a warning, the tests that start one from nothing check.
"""

import os
import signal
import subprocess
import sys
import warnings
from multiprocessing import get_context
from pathlib import Path

from api.settings import ROOT

_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(["explorer.cli"])


class Forked:
    """Such a process, which is watched and ended as one of `subprocess` is."""

    def __init__(self, arguments: list[str], environ: dict[str, str], told: Path) -> None:
        """Begin; what it writes goes to a file."""
        told.touch()
        self._process = _FORKING.Process(target=_run, args=(arguments, environ, told))
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Its exit code, if it has ended."""
        return self._process.exitcode

    def wait(self, seconds: float) -> int:
        """Its exit code, once it has ended; raises `TimeoutExpired` where that takes longer."""
        self._process.join(seconds)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired("mappa-trace", seconds)
        return code

    def send_signal(self, sent: signal.Signals) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, sent)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def _run(arguments: list[str], environ: dict[str, str], told: Path) -> None:
    """Run the command in place of this process, as one that was started with this environment."""
    from explorer.cli import main  # noqa: PLC0415 - there already, in the process that is forked

    with told.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environ)
    # A warning is an error here too; but what waitress leaves to the end of the process is not ours.
    warnings.simplefilter("error")
    warnings.simplefilter("ignore", ResourceWarning)
    sys.exit(main(arguments))
