"""The desk at which random writes are made: each is sent, judged by the plain record, and looked up in the record."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Flask
from werkzeug.test import TestResponse

from models.verifier import START, hash_of
from tests.api.plain_record import REVIEWED, Key, PlainRecord, Row, Thing, address, by_role, content_of
from tests.api.plain_rows import Shown
from tests.api.random_things import composed

# What things of a kind are shown with that is worked out from other things.
WORKED_OUT = {"recommendation": ("status", "clauses", "evidence_counts", "gaps", "related"), "clause": ("status",)}
_REF = re.compile(r"[A-Z]-[a-z2-7]{16}")
_MERGE_PATCH = "application/merge-patch+json"


@dataclass(frozen=True)
class Sent:
    """A write that was taken under an Idempotency-Key, with its answer."""

    method: str
    url: str
    given: Row | None
    headers: Mapping[str, str]
    answer: TestResponse


class Desk:
    """The service over HTTP, and the plain record that is kept beside it."""

    def __init__(self, app: Flask, keys: Mapping[str, str]) -> None:
        """Open the service on an empty record."""
        self.app, self.client, self.plain = app, app.test_client(), PlainRecord()
        self.people = {name: f"Bearer {key}" for key, name in keys.items()}
        self.played: Counter[str] = Counter()
        self.feed: list[Row] = []
        self.sent: list[Sent] = []
        self._numbers = count(1)
        self._etags: dict[Key, list[str]] = defaultdict(list)

    def close(self) -> None:
        """Close the database."""
        self.app.extensions["mappa"].database.close()

    # Reading.

    def get(self, url: str, *, known: bool = False, **asked: Any) -> Any:
        """What a GET gives the public; or alice, to whom the record tells its hashes."""
        headers = {"Authorization": self.people["alice"]} if known else {}
        answer = self.client.get(f"{url}?{urlencode(asked)}" if asked else url, headers=headers)
        assert answer.status_code == 200, (url, asked, answer.text)
        return orjson.loads(answer.data)

    def listed(self, url: str, *, known: bool = False, **asked: Any) -> list[Row]:
        """Every row of a list, page after page."""
        page = self.get(url, known=known, **({"limit": 200} | asked))
        rows: list[Row] = page["items"]
        while page["next"]:
            page = self.get(page["next"], known=known)
            rows += page["items"]
        return rows

    def etag(self, thing: Thing) -> str:
        """The entity tag of a thing as it is, which is remembered."""
        answer = self.client.get(address(thing.kind, thing.ref))
        assert answer.status_code == 200, answer.text
        tag = answer.headers["ETag"]
        self._etags[thing.key].append(tag)
        return tag

    def former_etag(self, thing: Thing, random: Random) -> str:
        """An entity tag that the thing had and no longer has; one that it never had, where there is none."""
        now = self.etag(thing)
        former = [tag for tag in self._etags[thing.key] if tag != now]
        return random.choice(former) if former else '"0123456789abcdef"'

    # Writing.

    def _send(self, method: str, url: str, given: Row | None, headers: Mapping[str, str]) -> TestResponse:
        """Send a write as it is."""
        body: Row = {}
        if given is not None:
            body = {"data": orjson.dumps(given)}
            body["content_type"] = _MERGE_PATCH if method == "PATCH" else "application/json"
        return self.client.open(url, method=method, headers=dict(headers), **body)

    def _write(self, method: str, url: str, given: Row | None, seen: str | None) -> tuple[TestResponse, Row]:
        """Send a write in somebody's name, now and then with a key or an id; the answer, and what is to be recorded."""
        number = next(self._numbers)
        who = ("alice", "bob")[number % 2]
        reason = f"Reason {number}: “because” & so on"
        headers = {"Authorization": self.people[who]}
        if seen is not None:
            headers["If-Match"] = seen
        if number % 3 == 0:
            headers["X-Request-Id"] = f"request-{number}"
        if number % 5 == 0:
            headers["Idempotency-Key"] = f"key-{number}"
        url = f"{url}?{urlencode({'reason': reason})}"
        answer = self._send(method, url, given, headers)
        assert answer.status_code < 500, (method, url, given, answer.text)
        assert "Idempotency-Replayed" not in answer.headers
        if number % 5 == 0 and answer.status_code < 300:
            self.sent.append(Sent(method, url, given, headers, answer))
        if number % 3 == 0 and answer.status_code < 300:
            assert answer.headers["X-Request-Id"] == f"request-{number}"
        request_id = answer.headers.get("X-Request-Id")
        return answer, {"principal": who, "reason": reason, "request_id": request_id}

    def refused(
        self, method: str, url: str, given: Row | None, status: int, *, seen: str | None = None
    ) -> TestResponse:
        """Make a write that must be refused with this status, and leave no trace."""
        answer, _said = self._write(method, url, given, seen)
        return self._refused(answer, status, (method, url, given, seen))

    def _refused(self, answer: TestResponse, status: int, sent: Any) -> TestResponse:
        """Check that a write was refused as it should be."""
        assert answer.status_code == status, (status, answer.status_code, sent, answer.text)
        assert answer.content_type == "application/problem+json"
        assert orjson.loads(answer.data)["status"] == status
        self.played["refused"] += 1
        self.look_up()
        return answer

    def _taken(self, answer: TestResponse, status: int, sent: Any) -> None:
        """Check that a write was taken as it should be."""
        assert answer.status_code == status, (status, answer.status_code, sent, answer.text)
        self.played["accepted"] += 1
        self.look_up()

    def look_up(self) -> None:
        """Read what is new in the record: exactly what the plain record says, chained to what was before."""
        told = self.get("/api/v1/changes", known=True, after=len(self.feed), limit=200)["items"]
        expected = self.plain.changes[len(self.feed) :]
        assert len(told) == len(expected), (told, expected)
        for change, should in zip(told, expected, strict=True):
            previous = self.feed[-1] if self.feed else {"hash": START, "at": ""}
            self.same_change(change, should)
            assert change["hash"] == hash_of(change, previous["hash"])
            assert change["at"] >= previous["at"]
            self.feed.append(change)

    @staticmethod
    def same_change(change: Row, should: Row) -> None:
        """Check one change; of a body that was not said to be a group, it tells nothing, and it is none."""
        after = change["after"]
        if change["kind"] == "body" and change["action"] == "created":
            after = {"is_group": False} | after
        told = change | {"before": by_role(change["before"]), "after": by_role(after)}
        assert {name: told[name] for name in should} == should
        assert change["self"] == f"/api/v1/changes/{change['seq']}"

    def _shows(self, answer: TestResponse, thing: Thing) -> None:
        """Check that an answer shows a thing as it is now, as a GET does."""
        row = orjson.loads(answer.data)
        read = self.client.get(address(thing.kind, thing.ref))
        assert read.data == answer.data
        assert read.headers["ETag"] == answer.headers["ETag"]
        self._etags[thing.key].append(answer.headers["ETag"])
        for name in WORKED_OUT.get(thing.kind, ()):
            row.pop(name)
        assert row == Shown(self.plain.now).row(thing)

    def _added(self, answer: TestResponse, kind: str, fields: Row, said: Row) -> str:
        """Keep a new thing under the reference that it was given."""
        assert answer.status_code == 201, (kind, fields, answer.text)
        row = orjson.loads(answer.data)
        ref = row["id" if kind == "link" else "ref"]
        assert _REF.fullmatch(ref)
        if kind != "link":
            fields["external_id"] = fields["external_id"] or ref
        thing = self.plain.create(kind, ref, {"ref": ref} | fields, said)
        self._taken(answer, 201, fields)
        assert answer.headers["Location"] == address(kind, ref)
        self._shows(answer, thing)
        return "201"

    def add(self, kind: str, given: Row) -> str:
        """Add an item; the status."""
        url = address(kind, "").rstrip("/")
        kept = composed(given)
        status = self.plain.refusal_of_new(kind, kept)
        if status is not None:
            self.refused("POST", url, given, status)
            return str(status)
        answer, said = self._write("POST", url, given, None)
        return self._added(answer, kind, self.plain.fields_of_new(kind, kept, said["principal"]), said)

    def report(self, action: Thing, given: Row) -> str:
        """Report progress on an action; the status."""
        url = f"{address('action', action.ref)}/progress"
        kept = composed(given) | {"action": action.ref}
        status = self.plain.refusal_of_new("progress", kept)
        if status is not None:
            self.refused("POST", url, given, status, seen="*")
            return str(status)
        fields = self.plain.fields_of_new("progress", kept)
        answer, said = self._write("POST", url, given, self.etag(action))
        return self._added(answer, "progress", fields, said)

    def add_link(self, given: Row) -> str:
        """Add a link; the status."""
        kept = composed(given)
        status = self.plain.refusal_of_link(kept)
        if status is not None:
            self.refused("POST", "/api/v1/links", given, status)
            return str(status)
        answer, said = self._write("POST", "/api/v1/links", given, None)
        return self._added(answer, "link", self.plain.fields_of_link(kept, said["principal"]), said)

    def change(self, thing: Thing, given: Row, *, sound: bool = False) -> str:
        """Change an item or a link; the status. A sound change must be taken."""
        url, kept = address(thing.kind, thing.ref), composed(given)
        link = thing.kind == "link"
        status = self.plain.refusal_of_link_patch(thing, kept) if link else self.plain.refusal_of_patch(thing, kept)
        if status is not None:
            assert not sound
            self.refused("PATCH", url, given, status, seen=self.etag(thing))
            return str(status)
        answer, said = self._write("PATCH", url, given, self.etag(thing))
        new = self.plain.update(
            thing, kept if link else self.plain.fields_of_patch(thing, kept, said["principal"]), said
        )
        self._taken(answer, 200, (url, given))
        self._shows(answer, new)
        return "200 nothing new" if new is thing else "200"

    def review(self, link: Thing, given: Row) -> None:
        """Look at a link again."""
        url = f"{address('link', link.ref)}/review"
        answer, said = self._write("POST", url, given, self.etag(link))
        kept = composed(given)
        found = {"finding": kept["finding"], "review_note": kept["note"], "reviewed_by": said["principal"]}
        ends = {f"{end}_content": content_of(self.plain.item(link.held[end])) for end in ("source", "target")}
        at = orjson.loads(answer.data).get("reviewed_at")
        assert found.keys() | {"reviewed_at"} == set(REVIEWED)
        new = self.plain.update(link, found | ends | {"reviewed_at": at}, said)
        self._taken(answer, 200, (url, given))
        assert (self.feed[-2]["at"] if len(self.feed) > 1 else "") <= at <= self.feed[-1]["at"]
        self._shows(answer, new)

    def withdraw(self, thing: Thing) -> str:
        """Withdraw a thing; the status."""
        url, standing = address(thing.kind, thing.ref), self.plain.standing_on(thing)
        if standing:
            answer = self.refused("DELETE", url, None, 409, seen=self.etag(thing))
            named = {(one["kind"], one["ref"]) for one in orjson.loads(answer.data)["conflicts"]}
            assert named == standing if len(standing) < 10 else named <= standing
            return "409"
        answer, said = self._write("DELETE", url, None, self.etag(thing))
        self.plain.withdraw(thing, said)
        self._taken(answer, 204, url)
        assert answer.data == b""
        assert self.client.get(url).status_code == 404
        return "204"

    def name_point(self, name: str, at: str | None) -> str:
        """Name a point of the record; the status."""
        given: Row = {"name": name} | ({"known_at": at} if at is not None else {})
        url, taken = "/api/v1/baselines", self.plain.now.get(("baseline", name))
        if taken is not None:
            answer = self.refused("POST", url, given, 409)
            assert orjson.loads(answer.data)["conflicts"] == [{"kind": "baseline", "ref": name}]
            return "409"
        named = self.plain.now.get(("baseline", at or "now"))
        seq = named.held["seq"] if named is not None else int(at) if at and at.isdigit() else self.plain.seq
        answer, said = self._write("POST", url, given, None)
        row = orjson.loads(answer.data)
        self.plain.create("baseline", name, {"name": name, "seq": seq, "digest": row.get("digest")}, said)
        self._taken(answer, 201, given)
        assert (row["created_by"], row["created_at"]) == (said["principal"], self.feed[-1]["at"])
        assert (row["seq"], row["description"]) == (seq, None)
        assert self.get(answer.headers["Location"], known=True) == row
        assert self.get(answer.headers["Location"]) == row | {"digest": None}
        return "201"

    def repeat(self, random: Random) -> str:
        """Send a write a second time under its key: told the same, done once; another one under the key is refused."""
        if not self.sent:
            return "nothing to repeat yet"
        sent = random.choice(self.sent)
        again = self._send(sent.method, sent.url, sent.given, sent.headers)
        told = [
            (one.status_code, one.data, one.headers.get("ETag"), one.headers.get("Location"))
            for one in (again, sent.answer)
        ]
        assert told[0] == told[1]
        assert again.headers["Idempotency-Replayed"] == "true"
        self._taken(again, sent.answer.status_code, sent)
        other = sent.url + "+but+another"
        self._refused(self._send(sent.method, other, sent.given, sent.headers), 422, sent)
        return "told again"
