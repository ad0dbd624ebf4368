"""What clients sent and what they were told: the ledger against which a database is held after a fault."""

import json
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from api.database import Database
from models.verifier import Execute, verify

Row = dict[str, Any]


class Sent(NamedTuple):
    """A write as it was sent: its name in the record, the request, and what it says."""

    token: str
    method: str
    path: str
    body: Row | None
    says: str


@dataclass
class Ledger:
    """Every write that was sent, the status and answer of each that was answered, and answers as none may be."""

    sent: dict[str, Sent] = field(default_factory=dict)
    told: dict[str, tuple[int, Row]] = field(default_factory=dict)
    improper: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def send(self, write: Sent) -> None:
        """Note a write before it is sent."""
        with self.lock:
            self.sent[write.token] = write

    def tell(self, token: str, status: int, answer: Row) -> None:
        """Note what was answered."""
        with self.lock:
            self.told[token] = (status, answer)

    def acknowledged(self) -> set[str]:
        """The names of the writes that were answered as done."""
        with self.lock:
            return {token for token, (status, _answer) in self.told.items() if status < 300}

    def refused(self) -> set[str]:
        """The names of the writes of which it was answered that they were not done."""
        with self.lock:
            return {token for token, (status, answer) in self.told.items() if status >= 300 and not _is_open(answer)}

    def statuses(self) -> Counter[int]:
        """How many answers of each status there were."""
        with self.lock:
            return Counter(status for status, _answer in self.told.values())


def _is_open(answer: Row) -> bool:
    """Whether an answer says that it is not known whether the write was done."""
    return "not known" in str(answer.get("detail", ""))


class Findings(NamedTuple):
    """What a database lacks of the acknowledged; what it has that nobody sent, by half, or though refused; faults."""

    acknowledged: int
    recorded: int
    lost: list[str]
    ghosts: list[str]
    halves: list[str]
    denied: list[str]
    faults: list[str]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.ghosts or self.halves or self.denied or self.faults)


def runs_on(connection: Connection) -> Execute:
    """Runs the verifier's queries on a connection."""

    def execute(query: str) -> tuple[list[str], list[Any]]:
        result = connection.exec_driver_sql(query)
        return list(result.keys()), [tuple(row) for row in result]

    return execute


_RECORDED = """SELECT request_id, action, kind, ref, "after" FROM change WHERE request_id LIKE 'w-%' ORDER BY seq"""


def hold_against(connection: Connection, ledger: Ledger, acknowledged: set[str]) -> Findings:
    """Hold a database against the ledger: acknowledged, sent, whole, and sound by the verifier."""
    recorded: dict[str, list[Row]] = {}
    for token, action, kind, ref, after in connection.execute(text(_RECORDED)):
        state = after if isinstance(after, dict) or after is None else json.loads(after)
        recorded.setdefault(token, []).append({"action": action, "kind": kind, "ref": ref, "after": state})
    halves = [
        token for token, changes in recorded.items() if token in ledger.sent and not _whole(ledger, token, changes)
    ]
    return Findings(
        len(acknowledged),
        len(recorded),
        sorted(acknowledged - recorded.keys()),
        sorted(recorded.keys() - ledger.sent.keys()),
        halves,
        sorted(recorded.keys() & ledger.refused()),
        [f"{fault.where}: {fault.what}" for fault in verify(runs_on(connection))],
    )


def _whole(ledger: Ledger, token: str, changes: list[Row]) -> bool:
    """Whether the changes recorded under a write's name are what it asked for, once, and what its answer says."""
    write, (status, answer) = ledger.sent[token], ledger.told.get(token, (0, {}))
    wanted = {"POST": "created", "PATCH": "updated", "DELETE": "withdrawn"}[write.method]
    main = [change for change in changes if change["action"] == wanted]
    if len(main) != 1 or (write.says and write.says not in json.dumps(main[0]["after"])):
        return False
    named = answer.get("ref") or answer.get("id") if 0 < status < 300 else None
    return named in {None, main[0]["ref"]}


def findings(url: str, ledger: Ledger) -> Findings:
    """What is wrong with the database of this URL, by the ledger."""
    with closing(Database(url)) as database, database.reading() as session:
        return hold_against(session.connection(), ledger, ledger.acknowledged())
