"""The disk is full for a while under SQLite: `python -m tests.faults.disk_full 40`.

Reads go on, writes are answered 503 or 507, nothing acknowledged is lost, and writes go on by themselves once there is
space again. Where this user may mount, a small file system is filled; everywhere, the process may write no more.
"""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.ground import Ground, ground_of
from tests.faults.outage import Outage, repeated
from tests.faults.served import Service
from tests.faults.tally import Advance, Tally, arguments, concluded, shown

_SIZE = 16 * 1024 * 1024
_UNLIMITED = resource.RLIM_INFINITY
SECONDS = 1.0
_MOUNT, _UMOUNT = shutil.which("mount") or "", shutil.which("umount") or ""


def may_mount(folder: Path) -> bool:
    """Whether this user may mount a file system of memory."""
    if os.geteuid() != 0 or not (_MOUNT and _UMOUNT):
        return False
    place = folder / "may-mount"
    place.mkdir()
    done = subprocess.run([_MOUNT, "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, check=False)
    if done.returncode == 0:
        subprocess.run([_UMOUNT, place], check=True)
    return done.returncode == 0


def _allowed_no_more(service: Service) -> Outage:
    """The process may write to no file any more."""
    assert service.process is not None
    pid = service.process.pid

    def limit(size: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, _UNLIMITED))

    return Outage(lambda: limit(0), lambda: limit(_UNLIMITED), SECONDS)


def _filled(service: Service) -> Outage:
    """The file system of the database has no space left."""
    ballast = service.folder / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file:
            for size in (65536, 4096, 512, 1):
                try:
                    while file.write(b"\1" * size):
                        pass
                except OSError:
                    continue

    return Outage(fill, lambda: ballast.unlink(missing_ok=True), SECONDS)


@contextmanager
def _small(ground: Ground) -> Iterator[Ground]:
    """The ground, on a small file system of its own."""
    place = ground.place()
    subprocess.run([_MOUNT, "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", place], check=True)
    try:
        yield Ground(place)
    finally:
        subprocess.run([_UMOUNT, "-l", place], check=True)


def limited(ground: Ground, cycles: int, advance: Advance, *, weakness: str | None = None) -> Tally:
    """Let the process write no more, so many times."""
    return repeated(ground.begun(), _allowed_no_more, cycles, advance, weakness=weakness)


def filled(ground: Ground, cycles: int, advance: Advance, *, weakness: str | None = None) -> Tally:
    """Fill the file system, so many times."""
    with _small(ground) as small:
        return repeated(small.begun(), _filled, cycles, advance, weakness=weakness)


def main() -> None:
    """Read what is asked for, fill the disk, and say what was found."""
    args = arguments("disk_full", __doc__, 40, ("sqlite",)).parse_args()
    with ground_of("sqlite") as ground:
        ways = {"no more may be written": limited}
        if may_mount(ground.folder):
            ways["the file system is full"] = filled
        for name, way in ways.items():
            with shown(f"SQLite: {name}", args.cycles) as advance:
                tally = way(ground, args.cycles, advance)
            with shown("The control, which answers although its commit failed", 5) as advance:
                control = way(ground, 5, advance, weakness="swallows")
            concluded(f"disk full on sqlite, {name}", tally, control)


if __name__ == "__main__":
    main()
