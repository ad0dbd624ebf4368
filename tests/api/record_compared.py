"""The record compared with the plain one: what there is, what there was at each point, and what is told of it."""

import io
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from api.transfer import write_export
from models.verifier import START, export_faults, hash_of
from tests.api.plain_record import Row, Thing, address, by_role
from tests.api.plain_rows import ITEM_KINDS, Shown, differences_of_things, differences_of_words, without_hashes
from tests.api.writing_desk import WORKED_OUT, Desk

API = "/api/v1"
KINDS = (*ITEM_KINDS, "link")
# How many points lie between those at which everything was asked and is asked again.
EVERY = 10


class Compared:
    """Compares, on the way and at the end."""

    def __init__(self, desk: Desk, random: Random) -> None:
        """Keep the desk, with its plain record, and what to choose points by."""
        self.desk, self.plain, self.random = desk, desk.plain, random
        self.answers: dict[int, list[tuple[str, Any]]] = {}
        self.exports: dict[int, bytes] = {}

    def _answers(self, urls: list[str], **asked: Any) -> list[tuple[str, Any]]:
        """What is answered to some questions; a list is read to its end."""
        return [(url, self._whole(url, **asked)) for url in urls]

    def _whole(self, url: str, **asked: Any) -> Any:
        if url.endswith(("/gaps", "/disagreements", "/recommendations", "/clauses", "/bodies")):
            return self.desk.listed(url, **asked)
        return self.desk.get(url, **asked)

    def _questions(self) -> list[str]:
        """What is asked at a point and again later: gaps, disagreements, statuses, matrices, one chain, its bodies."""
        urls = [f"{API}/{name}" for name in ("gaps", "disagreements", "recommendations", "clauses")]
        urls += [f"{API}/matrix?cell=refs", f"{API}/matrix?columns=action"]
        found = self.plain.of("recommendation")
        chosen = self.random.sample(found, min(1, len(found)))
        return urls + [f"{address(one.kind, one.ref)}/{part}" for one in chosen for part in ("chain", "bodies")]

    def on_the_way(self) -> None:
        """At every tenth point, keep what is answered while it is the newest; now and then an export too."""
        seq = self.plain.seq
        if seq >= EVERY * (len(self.answers) + 1):
            self.answers[seq] = self._answers(self._questions())
        if seq >= 8 * EVERY * (len(self.exports) + 1):
            self.exports[seq] = self._export()
            assert self._export() == self.exports[seq]
            assert self._export(known_at=seq) == self.exports[seq]

    def _export(self, known_at: str | int | None = None) -> bytes:
        """The bytes of the operator's export, which is whole."""
        file = io.BytesIO()
        point = None if known_at is None else str(known_at)
        write_export(self.desk.app.extensions["mappa"].database, point, file)
        return file.getvalue()

    def _exported(self, known_at: int, *, known: bool) -> list[Any]:
        """What an export tells the public, or alice, between its header and its manifest."""
        headers = {"Authorization": self.desk.people["alice"]} if known else {}
        answer = self.desk.client.get(f"{API}/exports?known_at={known_at}", headers=headers)
        assert answer.status_code == 200
        return [json.loads(line) for line in answer.data.splitlines()[1:-1]]

    def now(self, most: int) -> None:
        """Everything that is there, in lists and so many one by one, and nothing that is gone."""
        shown, gone = Shown(self.plain.now), self.plain.gone()
        self._lists(shown)
        for thing in self.random.sample([*shown.things.values()], min(most, len(shown.things))):
            self._one(thing, shown)
        for thing in self.random.sample(gone, min(most, len(gone))):
            assert self.desk.client.get(address(thing.kind, thing.ref)).status_code == 404
        self.suspects()

    def _one(self, thing: Thing, shown: Shown, **asked: Any) -> None:
        """One thing as a GET shows it."""
        row = self.desk.get(address(thing.kind, thing.ref), **asked)
        if thing.kind == "recommendation":
            clauses = [shown.row(one) for one in shown.things.values() if one.held.get("parent") == thing.ref]
            clauses = sorted((one for one in clauses if one["kind"] == "clause"), key=lambda one: one["number"])
            assert [self._without(clause) for clause in row["clauses"]] == clauses
        assert self._without(row) == shown.row(thing)

    @staticmethod
    def _without(row: Row) -> Row:
        """A row without what is worked out from other things."""
        worked_out = WORKED_OUT.get(row["kind"], ()) if "kind" in row else ()
        return {name: value for name, value in row.items() if name not in worked_out}

    def _lists(self, shown: Shown, kinds: Sequence[str] = KINDS, **asked: Any) -> None:
        """The lists of these kinds."""
        for kind in kinds:
            rows = self.desk.listed(address(kind, "").rstrip("/"), **asked)
            assert [self._without(row) for row in rows] == shown.rows(kind), (kind, asked)

    def suspects(self) -> None:
        """The links that are suspect, and the gaps that say so."""
        suspects = Shown(self.plain.now).suspect()
        assert [row["id"] for row in self.desk.listed(f"{API}/links", suspect="true")] == suspects
        gaps = self.desk.listed(f"{API}/gaps", reason="suspect_link")
        assert [(gap["kind"], gap["ref"]) for gap in gaps] == [("link", ref) for ref in suspects]

    def at_the_end(self) -> None:
        """Everything: now, at every point, in the histories and the feed, between points, and in the exports."""
        self.now(most=len(self.plain.ever))
        self.feed()
        self.histories()
        self.points()
        self.same_answers()
        self.baselines()
        self.differences(pairs=25)
        self.same_exports()

    def points(self) -> None:
        """The lists at every point of the record, some at each in turn and all at some; and some things one by one."""
        for seq, state in enumerate(self.plain.points):
            shown = Shown(state)
            self._lists(shown, KINDS if seq % EVERY == 0 else KINDS[seq % 4 :: 4], known_at=seq)
            for thing in self.random.sample([*shown.things.values()], min(1, len(shown.things))):
                self._one(thing, shown, known_at=seq)
            for thing in self.random.sample([*self.plain.ever.values()], 1):
                if thing.key not in state and thing.kind != "baseline":
                    answer = self.desk.client.get(f"{address(thing.kind, thing.ref)}?known_at={seq}")
                    assert answer.status_code == 404

    def same_answers(self) -> None:
        """What was answered while a point was the newest is answered now at that point."""
        assert len(self.answers) >= self.plain.seq // EVERY - 1
        for seq, answers in self.answers.items():
            for url, answer in answers:
                assert self._whole(url if "?" not in url else f"{url}&known_at={seq}", **_at(url, seq)) == answer, url

    def histories(self) -> None:
        """The history of each thing, withdrawn ones too: who did what to it, why, and what it changed."""
        for kind, ref in self.plain.ever:
            told = self.desk.listed(f"{address(kind, ref)}/history", known=True)
            expected = [change for change in self.plain.changes if (change["kind"], change["ref"]) == (kind, ref)]
            assert len(told) == len(expected)
            for change, should in zip(told, expected, strict=True):
                self.desk.same_change(change, should)
                assert change == self.desk.feed[change["seq"] - 1]

    def _pages_of_the_feed(self) -> Iterator[Row]:
        """The feed, read in pages of differing size."""
        after = 0
        while True:
            page = self.desk.get(f"{API}/changes", known=True, after=after, limit=self.random.randint(1, 60))
            yield from page["items"]
            if not page["next"]:
                return
            after = page["items"][-1]["seq"]

    def feed(self) -> None:
        """Whoever applies every change to nothing has what there is."""
        things: dict[tuple[str, str], Row] = {}
        last: Row = {"seq": 0, "hash": START}
        assert self.desk.listed(f"{API}/changes") == [without_hashes(change) for change in self.desk.feed]
        for change in self._pages_of_the_feed():
            assert change["seq"] == last["seq"] + 1
            assert change["hash"] == hash_of(change, last["hash"])
            last, key = change, (change["kind"], change["ref"])
            if change["action"] == "created":
                assert key not in things
                things[key] = ({"is_group": False} if change["kind"] == "body" else {}) | change["after"]
            elif change["action"] == "updated":
                assert {name: things[key].get(name) for name in change["before"]} == change["before"]
                things[key] |= change["after"]
            else:
                del things[key]
        told = {
            key: {name: value for name, value in thing.items() if value is not None} for key, thing in things.items()
        }
        assert {key: by_role(thing) for key, thing in told.items()} == {
            key: dict(thing.held) for key, thing in self.plain.now.items()
        }
        assert last["seq"] == self.plain.seq

    def baselines(self) -> None:
        """The baselines, each with the digest of the export at its point."""
        rows = self.desk.listed(f"{API}/baselines", known=True)
        assert self.desk.listed(f"{API}/baselines") == [row | {"digest": None} for row in rows]
        named = self.plain.of("baseline")
        assert [(row["name"], row["seq"]) for row in rows] == [(one.ref, one.held["seq"]) for one in named]
        for row in rows:
            manifest = self._export(known_at=row["name"]).splitlines()[-1].decode()
            assert f'"sha256":"{row["digest"]}"' in manifest
        for seq in self.random.sample(range(self.plain.seq), 10):
            there = [ref for kind, ref in self.plain.points[seq] if kind == "baseline"]
            assert [row["name"] for row in self.desk.listed(f"{API}/baselines", known_at=seq)] == there

    def differences(self, pairs: int) -> None:
        """What differs between two points, whichever is the earlier: things, statuses, verdicts and gaps."""
        names = {"now": self.plain.seq, "0": 0} | {one.ref: one.held["seq"] for one in self.plain.of("baseline")}
        names |= {str(seq): seq for seq in self.random.sample(range(self.plain.seq), pairs)}
        for start, end in [tuple(self.random.sample([*names], 2)) for _ in range(pairs)]:
            told = self.desk.get(f"{API}/baselines/{start}/diff/{end}")
            expected = self._expected(names[start], names[end])
            assert (told["from"], told["to"]) == (
                {"name": start, "seq": names[start]},
                {"name": end, "seq": names[end]},
            )
            assert sorted(told["differences"], key=repr_of) == sorted(expected, key=repr_of), (start, end)
            summary: dict[str, int] = {}
            for row in expected:
                word = f"{row['what']}_{row['change']}"
                summary[word] = summary.get(word, 0) + 1
            assert told["summary"] == summary
            assert told["truncated"] is False

    def _expected(self, start: int, end: int) -> list[Row]:
        """What should differ between two points: things by the plain record, the rest by what is answered at both."""
        before, after = self.plain.points[start], self.plain.points[end]
        statuses, gaps = zip(*(self._words(seq) for seq in (start, end)), strict=True)
        return [
            *differences_of_things(before, after),
            *differences_of_words("status", *statuses),
            *differences_of_words("gap", *gaps),
        ]

    def _words(self, seq: int) -> tuple[Row, Row]:
        """The statuses of recommendations and the gaps that are answered at a point."""
        statuses = {
            (way, "recommendation", row["ref"]): part["status"]
            for row in self.desk.listed(f"{API}/recommendations", known_at=seq)
            for way, part in row["status"].items()
        }
        gaps = self.desk.listed(f"{API}/gaps", known_at=seq)
        return statuses, {(gap["reason"], gap["kind"], gap["ref"]): gap["reason"] for gap in gaps}

    def same_exports(self) -> None:
        """An export has the bytes that it had when its point was the newest, and nothing is wrong with it."""
        assert self.exports
        for seq, content in self.exports.items():
            assert self._export(known_at=seq) == content
            assert export_faults(content.splitlines(keepends=True)) == []
            whole = [json.loads(line) for line in content.splitlines()[1:-1]]
            assert self._exported(seq, known=True) == whole
            assert self._exported(seq, known=False) == [_as_public(line) for line in whole]
        assert self._export() == self._export()


def _as_public(line: Row) -> Row:
    """A line of an export without what covers more than its reader may see."""
    ((sort, row),) = line.items()
    if sort == "change":
        return {sort: without_hashes(row)}
    return {sort: row | {"digest": None}} if sort == "baseline" else line


def repr_of(row: Row) -> str:
    """A difference as text, to sort by."""
    return repr(sorted(row.items(), key=lambda pair: pair[0]))


def _at(url: str, seq: int) -> Row:
    """The parameter for a point, where the address does not have it."""
    return {} if "?" in url else {"known_at": seq}
