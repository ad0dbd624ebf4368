"""Start, test or check the service with nothing but Python: makes .venv, installs the lock, then hands over.

This file must stay parseable by Python 3.6, so that an old interpreter is told what is wrong.
"""

import argparse
import hashlib
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

try:
    import fcntl
except ImportError:
    sys.exit("run.py: needs Linux or macOS; on Windows, start it inside WSL.")

OLDEST, NEWEST = (3, 11), (3, 13)
if not OLDEST <= sys.version_info[:2] <= NEWEST:
    THIS = ".".join(map(str, sys.version_info[:3]))
    sys.stderr.write(f"run.py: needs Python 3.11 to 3.13, this is {THIS} ({sys.executable}).\n")
    sys.stderr.write("Start it with one of those, for example: python3.12 run.py\n")
    sys.exit(2)

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed"
SITE_PACKAGES = VENV / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
RUNTIME_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
INSTALL_LOG = ROOT / "var" / "install.log"
GUARD = ROOT / "var" / "run.lock"

FAILED, NO_REGISTRY, INTERRUPTED = 1, 4, 130

USAGE = """
python3 run.py [--host H] [--port P]   start the service (as does `run.py serve`)
       python3 run.py test [pytest arguments]
       python3 run.py check                   format, lint, types, imports, tests
       python3 run.py bench [--size S|M|L]    measure against the goals and the peers"""

EXIT_CODES = """exit codes:
  0 done    1 something failed    2 wrong use, or Python is not 3.11 to 3.13
  3 the port is taken    4 the package registry does not answer
  5 the database cannot be written    6 the database is newer than this program
  130 interrupted
`test` ends with pytest's own code once the packages are installed.

The first start installs requirements.lock into .venv; later ones find it done. `.venv/bin/mappa-trace` has the rest.
What pip said is in var/install.log; pip's own settings (index, proxy, certificates) apply."""

CONSOLE_SCRIPT = """#!/bin/sh
'''exec' {python} "$0" "$@"
' '''
import sys

from explorer.cli import main

sys.exit(main())
"""

CHECKS = (
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("ruff check", ["ruff", "check", "."]),
    ("mypy", ["mypy"]),
    ("lint-imports", ["lint-imports"]),
    ("pytest", ["pytest"]),
)

# pip's words for a registry out of reach, with and without retries.
UNREACHABLE = re.compile(
    r"connection broken by|Max retries exceeded|NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout"
    r"|ProxyError|SSLError|problem confirming the ssl certificate|\b(?:403|407|5\d\d) (?:Client|Server) Error"
)


class InstallError(Exception):
    """Says why .venv could not be made ready, and with which code to end."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        """Keep the exit code beside the message."""
        super().__init__(message)
        self.code = code


class Progress:
    """Shows how far pip is: one redrawn line on a terminal, a line each quarter elsewhere."""

    def __init__(self, total: int) -> None:
        """Start counting towards `total` packages."""
        self.total = total
        self.started = time.monotonic()
        self.last = ("", 0)

    def show(self, phase: str, done: int) -> None:
        """Report that `done` packages of the phase are behind us."""
        done = min(done, self.total)
        if sys.stdout.isatty():
            bar = ("#" * (24 * done // self.total)).ljust(24, ".")
            sys.stdout.write(f"\r[{bar}] {phase} {done} of {self.total}, {self.seconds():.0f} s \033[K")
            sys.stdout.flush()
            return
        step = (phase, 4 * done // self.total)
        if step != self.last:
            say(f"{phase} packages: {done} of {self.total}")
        self.last = step

    def seconds(self) -> float:
        """Give the seconds since the start."""
        return time.monotonic() - self.started

    def close(self) -> None:
        """Leave the terminal on a clean line."""
        if sys.stdout.isatty():
            sys.stdout.write("\r\033[K")


def main(arguments: list[str]) -> int:
    """Do what the command line asks; give the exit code."""
    command = arguments.pop(0) if arguments and arguments[0] in {"serve", "test", "check", "bench"} else "serve"
    try:
        if command == "test":
            return test(arguments)
        if command == "bench":
            return bench(arguments)
        options = parse(command, arguments)
        return check() if command == "check" else serve(options)
    except InstallError as error:
        return complain(str(error), error.code)
    except OSError as error:
        return complain(str(error), FAILED)
    except KeyboardInterrupt:
        return complain("interrupted", INTERRUPTED)


def parse(command: str, arguments: list[str]) -> argparse.Namespace:
    """Read the options; only `serve` has any."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("run.py", usage=USAGE.strip(), epilog=EXIT_CODES, formatter_class=form)
    if command == "serve":
        parser.add_argument("--host", help="address to listen on (the service's default: this machine only)")
        parser.add_argument("--port", type=int, help="port to listen on (the service has a default)")
    return parser.parse_args(arguments)


def serve(options: argparse.Namespace) -> int:
    """Become the service: same process, so signals and exit codes are its own."""
    prepare(RUNTIME_LOCK)
    given = [(f"--{name}", str(value)) for name, value in vars(options).items() if value is not None]
    words = [word for pair in given for word in pair]
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "-m", "explorer.cli", "serve", *words])


def test(arguments: list[str]) -> int:
    """Run pytest; give its exit code."""
    prepare(DEV_LOCK)
    return subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, check=False).returncode


def bench(arguments: list[str]) -> int:
    """Run the benchmark; give its exit code."""
    prepare(DEV_LOCK)
    return subprocess.run([PYTHON, "-m", "bench", *arguments], cwd=ROOT, check=False).returncode


def check() -> int:
    """Run every check, also after one failed; give 0 if all passed."""
    prepare(DEV_LOCK)
    results = [(name, passes(name, words)) for name, words in CHECKS]
    for name, passed in results:
        say(f"{'ok    ' if passed else 'FAILED'}  {name}")
    return 0 if all(passed for _, passed in results) else FAILED


def passes(name: str, words: list[str]) -> bool:
    """Run one tool of .venv in the repository; tell whether it is content."""
    say(f"== {name}")
    started = time.monotonic()
    code = subprocess.run([VENV / "bin" / words[0], *words[1:]], cwd=ROOT, check=False).returncode
    say(f"== {name}: {'ok' if code == 0 else f'FAILED with code {code}'}, {time.monotonic() - started:.1f} s\n")
    return code == 0


def prepare(lock: Path) -> None:
    """Make .venv hold what the lock names; milliseconds if it does already."""
    if installed(lock):
        return
    GUARD.parent.mkdir(exist_ok=True)
    with GUARD.open("w") as guard:
        take(guard.fileno())
        if not installed(lock):
            install(lock, guard.fileno())


def take(guard: int) -> None:
    """Hold the guard file, so that only one run.py installs at a time."""
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("waiting for another run.py")
        fcntl.flock(guard, fcntl.LOCK_EX)


def installed(lock: Path) -> bool:
    """Tell whether .venv is whole, of this Python and place, and holds the lock or one that includes it."""
    if not (PYTHON.exists() and STAMP.exists()):
        return False
    enough = [RUNTIME_LOCK, DEV_LOCK] if lock == RUNTIME_LOCK else [DEV_LOCK]
    return STAMP.read_text() in [stamp(each) for each in enough]


def stamp(lock: Path) -> str:
    """Give the text that marks a finished install: a digest of all that decides what is in .venv."""
    digest = hashlib.sha256(f"{sys.version}\n{sys.base_prefix}\n{ROOT}\n".encode())
    for part in [RUNTIME_LOCK, lock]:
        digest.update(part.read_bytes())
    return f"{lock.name} {digest.hexdigest()}\n"


def install(lock: Path, guard: int) -> None:
    """Bring .venv to the lock: add to a whole one, make any other anew, and stamp it last."""
    whole = installed(RUNTIME_LOCK)
    STAMP.unlink(missing_ok=True)
    if not whole:
        make_venv()
    progress = Progress(len(re.findall(r"(?m)^[a-zA-Z0-9]", lock.read_text())))
    run_pip(lock, guard, progress)
    link_repository()
    STAMP.write_text(stamp(lock))
    say(f"installed {lock.name} in {progress.seconds():.0f} s")


def make_venv() -> None:
    """Make .venv without pip, which a bare Debian's venv module cannot bring."""
    say(f"making .venv with Python {sys.version.split()[0]}")
    command = [base_python(), "-m", "venv", "--without-pip", "--clear", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        message = f"cannot make .venv:\n{made.stdout}{made.stderr}"
        raise InstallError(message)


def base_python() -> str:
    """Give the interpreter beneath any virtual environment that runs this file."""
    return getattr(sys, "_base_executable", None) or sys.executable


def run_pip(lock: Path, guard: int, progress: Progress) -> None:
    """Install the lock's exact files; pip inherits the guard, so it stays held if we are killed."""
    options = ["--require-hashes", "--only-binary", ":all:", "--no-input", "--progress-bar", "off"]
    command = [*pip(), "install", *options, "-r", str(lock)]
    null, same = subprocess.DEVNULL, subprocess.STDOUT
    with INSTALL_LOG.open("w") as log:
        process = subprocess.Popen(command, stdin=null, stdout=log, stderr=same, pass_fds=[guard])
    while process.poll() is None:
        progress.show(*how_far())
        time.sleep(0.1)
    progress.close()
    if process.returncode:
        raise failure(INSTALL_LOG.read_text(errors="replace"))


def pip() -> list[str]:
    """Give the command for a pip that installs into .venv: this Python's, or one brought by ensurepip."""
    for python in [sys.executable, base_python()]:
        if works([python, "-c", "import pip"]):
            return [python, "-m", "pip", "--python", str(PYTHON)]
    if works([str(PYTHON), "-m", "ensurepip"]):
        return [str(PYTHON), "-m", "pip"]
    message = "this Python has neither pip nor ensurepip; on Debian and Ubuntu: apt install python3-pip"
    raise InstallError(message)


def works(command: list[str]) -> bool:
    """Tell whether a command succeeds, silently."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def how_far() -> tuple[str, int]:
    """Read from pip's log and from .venv which phase pip is in and how many packages are behind it."""
    text = INSTALL_LOG.read_text(errors="replace")
    if "Installing collected packages" in text:
        return "installing", len(list(SITE_PACKAGES.glob("*.dist-info")))
    return "downloading", len(re.findall(r"(?m)^(?:Collecting|Requirement already satisfied|Ignoring) ?", text))


def failure(log: str) -> InstallError:
    """Turn what pip said into our message: a registry out of reach, or anything else."""
    tail = "\n".join(f"    {line}" for line in log.splitlines()[-12:])
    nothing_found = "(from versions: none)" in tail and "Collecting " not in log
    if nothing_found or UNREACHABLE.search(tail):
        text = "the package registry does not answer. Check the network, or pip's settings for an index or a proxy."
        return InstallError(f"{text}\n{tail}\n  All of it: var/install.log", NO_REGISTRY)
    return InstallError(f"pip failed:\n{tail}\n  All of it: var/install.log")


def link_repository() -> None:
    """Let .venv import this repository, and give it the `mappa-trace` command."""
    (SITE_PACKAGES / "mappa_traceability_api.pth").write_text(f"{ROOT}\n")
    script = VENV / "bin" / "mappa-trace"
    script.write_text(CONSOLE_SCRIPT.format(python=shlex.quote(str(PYTHON))))
    script.chmod(0o755)


def say(line: str) -> None:
    """Print a line at once, in order with what the tools print."""
    print(line, flush=True)


def complain(message: str, code: int) -> int:
    """Print what went wrong; give the exit code."""
    print(f"run.py: {message}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
