"""A disk as a power loss leaves it, from what strace saw of a service: its writes, its flushes, and its answers.

Until a file is flushed, what was written to it may be there or not, in any order, or by half: sectors of 512 bytes are
written whole, writes of several are not. A new file may be gone until its folder is flushed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

SECTOR = 512
# What is watched: everything by which the content of files changes, and what is sent to clients.
CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,sendto"
# strace watches from aside (-D), so that the process that is started is the service itself.
WATCHED = (
    "strace", "-D", "--seccomp-bpf", "-f", "-qq", "-y", "-xx", "-s", "50000000", "-e", f"trace={CALLS}",
)  # fmt: skip
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_UNFINISHED = " <unfinished ...>"
_HEX = re.compile(rb"\\x([0-9a-f]{2})")
_ACKNOWLEDGED = re.compile(rb"^HTTP/1\.1 20\d.*?\r\nX-Request-Id: (w-\d+)\r\n", re.DOTALL | re.IGNORECASE)


class Event(NamedTuple):
    """Something that happened: what, to which file, with which bytes, where; `mark` is what it ends."""

    what: str
    name: str
    data: bytes = b""
    at: int = 0
    mark: int = -1


def _bytes_of(text: str) -> bytes:
    """The bytes of a string in hexadecimal escapes."""
    return bytes.fromhex(text.replace("\\x", ""))


def _name_of(told: str) -> str:
    """The name of the file that a descriptor is of."""
    found = re.search(r"<((?:\\x[0-9a-f]{2})*)>", told)
    return _bytes_of(found[1]).decode(errors="replace") if found else ""


def events_in(log: Path, database: Path) -> Iterator[Event]:
    """What happened to the files of a database, in order, and each answer that acknowledges a write.

    A flush begins and ends: it covers what was written before it began, from when it has ended.
    """
    begun: dict[str, tuple[int, str]] = {}
    number = 0
    with log.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            number += 1
            resumed, first = _RESUMED.match(line), _LINE.match(line)
            if resumed and resumed[1] in begun:
                mark, told = begun.pop(resumed[1])
                if resumed[2] in {"fsync", "fdatasync"} and "= 0" in resumed[3]:
                    yield Event("flushed", _ours(told, database), mark=mark)
            elif first:
                yield from _event(first[2], first[3], database, number)
                if line.rstrip().endswith(_UNFINISHED):
                    begun[first[1]] = (number, first[3])
                elif first[2] in {"fsync", "fdatasync"} and "= 0" in first[3]:
                    yield Event("flushed", _ours(first[3], database), mark=number)


def _ours(told: str, database: Path) -> str:
    """The end of a file's name after the database's; "/" of its folder; nothing of any other file."""
    name = _name_of(told)
    if name == str(database.parent):
        return "/"
    return name.removeprefix(str(database)) or "db" if name.startswith(str(database)) else "?"


def _event(call: str, told: str, database: Path, number: int) -> Iterator[Event]:
    """What a call begins."""
    if call == "sendto":
        found = _ACKNOWLEDGED.match(_bytes_of([*told.split('"'), ""][1]))
        yield from [Event("told", found[1].decode())] if found else []
        return
    if call in {"unlink", "unlinkat", "rename"}:
        name = _bytes_of(told.split('"')[1]).decode(errors="replace")
        if name.startswith(str(database)):
            yield Event("removed", name.removeprefix(str(database)) or "db")
        return
    name = _ours(told, database)
    if name not in {"?", "/", "-shm"}:
        yield from _written(call, told, name, number)


def _written(call: str, told: str, name: str, number: int) -> Iterator[Event]:
    """How a call alters a file of the database."""
    if call == "pwrite64":
        _before, content, after = told.split('"')[:3]
        yield Event("written", name, _bytes_of(content), int(after.split(",")[2].split(")")[0].split("<")[0]), number)
    elif call == "ftruncate":
        yield Event("cut", name, at=int(told.rpartition(",")[2].split(")")[0].split("<")[0]), mark=number)
    elif call == "write":
        raise ValueError(f"the file {name} is written in a way that is not followed here")


@dataclass
class File:
    """A file: what the disk has of it for certain, and what it may have."""

    sure: bytearray = field(default_factory=bytearray)
    pending: list[Event] = field(default_factory=list)
    named: bool = True

    def flush(self, mark: int) -> None:
        """What was written before this mark is on the disk."""
        for event in self.pending:
            if event.mark < mark:
                _apply(self.sure, event)
        self.pending = [event for event in self.pending if event.mark >= mark]


def _apply(content: bytearray, event: Event) -> None:
    """Do what an event says to a content."""
    if event.what == "cut":
        del content[event.at :]
        content.extend(b"\0" * (event.at - len(content)))
        return
    content.extend(b"\0" * (event.at - len(content)))
    content[event.at : event.at + len(event.data)] = event.data


def _torn(event: Event, drawn: Random) -> Iterator[Event]:
    """Some sectors of a write."""
    start = event.at
    while start < event.at + len(event.data):
        end = min((start // SECTOR + 1) * SECTOR, event.at + len(event.data))
        if drawn.random() < 0.5:
            yield event._replace(data=event.data[start - event.at : end - event.at], at=start)
        start = end


class Disk:
    """The files of a database, as far as the disk has them for certain, and beyond."""

    def __init__(self, database: Path) -> None:
        """Begin with a database that was closed and flushed."""
        self.files = {"db": File(bytearray(database.read_bytes()))}
        self.removed: set[str] = set()

    def see(self, event: Event) -> None:
        """Let something happen."""
        if event.what == "flushed" and event.name == "/":
            for file in self.files.values():
                file.named = True
        elif event.what == "flushed":
            self.files.setdefault(event.name, File(named=False)).flush(event.mark)
        elif event.what == "removed":
            self.files.pop(event.name, None)
        elif event.what in {"written", "cut"}:
            self.files.setdefault(event.name, File(named=False)).pending.append(event)

    def after_power_loss(self, drawn: Random) -> dict[str, bytes]:
        """The files as a power loss at this moment may leave them, by the ends of their names."""
        keep, tear = drawn.choice((0.0, 0.0, 0.5, 0.9, 1.0)), drawn.choice((0.0, 0.3, 1.0))
        found = {}
        for name, file in self.files.items():
            if not file.named and drawn.random() < 0.5:
                continue
            content = bytearray(file.sure)
            for event in file.pending:
                if drawn.random() < keep:
                    torn = event.what == "written" and drawn.random() < tear
                    for part in _torn(event, drawn) if torn else (event,):
                        _apply(content, part)
            found[name] = bytes(content)
        return found


def moments(events: Sequence[Event], states: int, drawn: Random) -> list[int]:
    """After how many events the power is lost, so many times, in order."""
    return sorted(drawn.randrange(len(events) + 1) for _ in range(states))
