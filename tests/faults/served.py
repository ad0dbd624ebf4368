"""The service as a process of its own, to be killed, starved and asked."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from api.settings import ROOT

KEY = "a-key-of-these-faults"
PATIENCE_SECONDS = 60


def environ(url: str, folder: Path) -> dict[str, str]:
    """The environment of the command for one database, whose checkpoint and keys are kept in a folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    files = {"CHECKPOINT_FILE": str(folder / "checkpoint.json"), "SIGNING_KEY_FILE": str(folder / "key.pem")}
    own = {"DATABASE_URL": url, "SECRET_KEY": "test", "DEVELOPMENT_KEY": f"tester:{KEY}", "PYTHONPATH": str(ROOT)}
    often = dict.fromkeys(("REQUESTS_A_MINUTE", "PUBLIC_REQUESTS_A_MINUTE"), "999999")
    return kept | files | own | often | {"PYTHONDONTWRITEBYTECODE": "1"}


def command(*arguments: str, weakness: str | None = None) -> list[str]:
    """`mappa-trace` as a list of words; with one promise broken where a weakness is named."""
    module = ["explorer.cli"] if weakness is None else ["tests.faults.weak", weakness]
    return [sys.executable, "-m", *module, *arguments]


def run(url: str, folder: Path, *arguments: str, weakness: str | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run a command to its end."""
    words = command(*arguments, weakness=weakness)
    return subprocess.run(words, cwd=ROOT, env=environ(url, folder), capture_output=True, timeout=900, check=False)


@dataclass
class Service:
    """A service: where it listens, the process that it is, and what it wrote."""

    url: str
    folder: Path
    weakness: str | None = None
    before: Sequence[str] = ()
    process: subprocess.Popen[bytes] | None = None
    port: int = 0

    @property
    def log(self) -> Path:
        """The file of what it writes."""
        return self.folder / "service.log"

    def start(self) -> float:
        """Start it, on the port that it had before; after how many seconds it was ready."""
        begun = time.monotonic()
        words = [*self.before, *command("serve", "--port", str(self.port), weakness=self.weakness)]
        with self.log.open("wb") as told:
            self.process = subprocess.Popen(
                words, cwd=ROOT, env=environ(self.url, self.folder), stdout=told, stderr=told
            )
        while b"Docs " not in self.log.read_bytes():
            self._wait(begun)
        if not self.port:
            self.port = int(self.log.read_text().split("http://127.0.0.1:")[1].split()[0])
        while self.status("/api/v1/ready") != 200:
            self._wait(begun)
        return time.monotonic() - begun

    def _wait(self, begun: float) -> None:
        """Wait a moment; gives up where the process has ended or it takes too long."""
        assert self.process is not None
        if self.process.poll() is not None or time.monotonic() - begun > PATIENCE_SECONDS:
            raise RuntimeError(f"The service does not start: {self.log.read_text()}")
        time.sleep(0.01)

    def status(self, path: str) -> int:
        """The status of the answer to a GET; 0 where there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        return 0

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        """Send a signal and wait; kills what does not listen to it."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
        self.process = None
