"""Secrets: that of a key is in the answer that creates it and nowhere else; a token is nowhere at all."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select, text

from tests.api.command import run, url_of
from tests.api.identity_provider import provider_running, token
from tests.api.people import People
from tests.api.writing import ALICE, BOB, Caller, Row, calling
from tests.conftest import Databases

KEYS = "/api/v1/keys"
MACHINE = {"name": "a-machine", "role": "machine"}
UNDER = {"Idempotency-Key": "make-it-once"}
# What is read of a key or of the record, in every format that it has.
READS = [
    KEYS,
    *(f"{KEYS}?format={form}" for form in ("csv", "xlsx", "markdown")),
    "/api/v1/changes?limit=200",
    *(f"/api/v1/changes?limit=200&format={form}" for form in ("csv", "xlsx", "markdown")),
    "/api/v1/exports",
    "/api/v1/me",
    "/api/v1/openapi.json",
]


class Told(NamedTuple):
    """A service that made a key for an officer and was called with it and with a token: its answers, and its log."""

    service: Caller
    officer: Caller
    made: Row
    token: str
    answers: list[bytes]
    log: str

    def secrets(self) -> list[bytes]:
        """What must not be found anywhere; of a token, its signature, and its payload too."""
        _header, payload, signature = self.token.split(".")
        return [secret.encode() for secret in (self.made["secret"], payload, signature, ALICE, BOB)]


def _everything(records: list[logging.LogRecord]) -> str:
    """Everything that log records hold, whoever would write them how."""
    return "\n".join(f"{record.getMessage()} {record.__dict__}" for record in records)


@pytest.fixture(scope="module")
def told(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """A key is made, used, looked at, misused, made again under the same name of the request, and taken away."""
    records: list[logging.LogRecord] = []
    catching = logging.Handler(logging.DEBUG)
    catching.emit = records.append  # type: ignore[method-assign]
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(catching)
    root.setLevel(logging.DEBUG)
    with (
        provider_running() as provider,
        calling(databases.copy("empty"), tmp_path_factory.mktemp("secrets"), provider=provider.settings()) as service,
    ):
        force = service.a("body")["ref"]
        officer = People(service, force, force).officer()
        made = officer.post(KEYS, MACHINE, headers=UNDER).get_json()
        secret, signed = made["secret"], token(sub="nobody-of-ours")
        holder = service.holding(secret)
        answers = [
            officer.post(KEYS, MACHINE, headers=UNDER),
            officer.post(KEYS, MACHINE),
            officer.post(KEYS, MACHINE | {"role": "nothing"}),
            service.get(made["self"]),
            *(caller.get(path) for path in READS for caller in (service, officer, holder)),
            holder.get(made["self"]),
            holder.post(KEYS, MACHINE),
            holder.get("/api/v1/evidence", headers={"Authorization": f"Basic {secret}"}),
            holder.get("/api/v1/evidence", headers={"Authorization": f"Bearer {secret} {secret}"}),
            service.holding(f"{secret}x").get("/api/v1/evidence"),
            service.holding(signed).get("/api/v1/evidence"),
            service.delete(made["self"]),
            holder.get("/api/v1/evidence"),
            holder.get("/api/v1/nothing"),
        ]
        yield Told(
            service,
            officer,
            made,
            signed,
            [f"{one.headers}".encode() + one.data for one in answers],
            _everything(records),
        )
    root.removeHandler(catching)
    root.setLevel(level)


def test_tells_a_secret_in_the_answer_that_makes_it(told: Told) -> None:
    assert told.made["secret"].startswith("mtr_")


def test_tells_a_secret_in_no_other_answer(told: Told) -> None:
    assert len(told.answers) > 30
    assert [secret for secret in told.secrets() for answer in told.answers if secret in answer] == []


def test_tells_a_secret_in_no_record_of_its_log(told: Told) -> None:
    assert "caller refused" in told.log
    assert [secret for secret in told.secrets() if secret.decode() in told.log] == []


@pytest.mark.parametrize("table", ["change", "reply", "key", "key_use", "account"])
def test_keeps_a_secret_in_no_row(told: Told, table: str) -> None:
    with told.service.database.engine.connect() as connection:
        rows = connection.execute(select(text("*")).select_from(text(table))).all()

    assert rows or table == "account"
    assert [secret for secret in told.secrets() if secret.decode() in str(rows)] == []


def test_exports_no_secret(told: Told, tmp_path: Path) -> None:
    file = tmp_path / "export.ndjson"

    result = run(url_of(told.service.database), "export", "-o", str(file))

    assert result.returncode == 0, result.stderr
    assert told.made["ref"].encode() in file.read_bytes()
    assert [secret for secret in told.secrets() if secret in file.read_bytes() + result.stdout + result.stderr] == []


def test_makes_one_key_where_it_is_asked_twice_and_tells_its_secret_once(told: Told, tmp_path: Path) -> None:
    asked, once = {"name": "asked-twice", "role": "machine"}, {"Idempotency-Key": "asked-twice"}

    first, again = (told.officer.post(KEYS, asked, headers=once) for _ in range(2))

    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (201, 201, "true")
    assert again.get_json() == first.get_json() | {"secret": None}
    assert again.headers["ETag"] == first.headers["ETag"]
    assert told.service.holding(first.get_json()["secret"]).get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("other", [BOB, None])
def test_tells_no_secret_to_another_who_names_his_request_alike(told: Told, other: str | None) -> None:
    asked, once = {"name": f"of-alice-{other}", "role": "auditor"}, {"Idempotency-Key": f"of-alice-{other}"}
    first = told.service.post(KEYS, asked, headers=once)

    answer = told.service.holding(other).post(KEYS, asked, headers=once)

    assert "secret" in first.get_json()
    assert answer.status_code == (401 if other is None else 409)
    assert first.get_json()["secret"] not in answer.text


def test_lets_no_cache_keep_the_answer_with_a_secret(told: Told) -> None:
    admin = People(told.service, "", "").having("admin")

    answers = [
        caller.post(KEYS, {"name": f"kept-{role}", "role": role})
        for caller, role in ((told.officer, "machine"), (admin, "auditor"))
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert ["no-store" in answer.headers["Cache-Control"] for answer in answers] == [True, True]
