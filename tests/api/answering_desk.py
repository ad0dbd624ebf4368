"""The desk at which recommendations are answered and actions split, too: what brings links of its own with it."""

from collections.abc import Sequence
from datetime import UTC, datetime

import orjson

from models.vocabulary import RESPONSES
from tests.api.plain_record import COMMON, PlainRecord, Row, Thing, address
from tests.api.random_things import RandomThings, composed
from tests.api.writing_desk import Desk

# What a response says of itself, besides its answer.
_SAID = ("statement", "depends_on", "url", "locator", "publisher", "publication_type")


class AnsweringDesk(Desk):
    """A desk for responses and parts, beside everything else."""

    def respond(self, asked: Thing, given: Row) -> str:
        """Answer a recommendation in the name of a body; the status."""
        url, kept = f"{address('recommendation', asked.ref)}/responses", composed(given)
        if _response_refused(self.plain, kept):
            self.refused("POST", url, given, 422)
            return "422"
        answer, said = self._write("POST", url, given, None)
        assert answer.status_code == 201, answer.text
        ref = orjson.loads(answer.data)["ref"]
        fields = _fields_of_response(asked.ref, kept) | {"decided_by": said["principal"]}
        made = self.plain.create("decision", ref, {"ref": ref, "external_id": ref} | fields, said)
        if kept.get("depends_on_body"):
            ends = {"type": "depends_on", "source": ref, "target": kept["depends_on_body"]}
            self._tied(ends, "Named in the response.", kept["owner"], said)
        self._taken(answer, 201, given)
        assert answer.headers["Location"] == address("decision", ref)
        self._shows(answer, made)
        return "201"

    def split(self, whole: Thing, parts: Sequence[Row]) -> str:
        """Split an action into parts; the status."""
        url, kept = f"{address('action', whole.ref)}/split", composed(list(parts))
        owned = [part | {"owner": part.get("owner") or whole.held.get("owner")} for part in kept]
        status = next(filter(None, (self.plain.refusal_of_new("action", part) for part in owned)), None)
        if status is not None:
            self.refused("POST", url, {"parts": parts}, status, seen="*")
            return str(status)
        there = {row["ref"] for row in self.listed("/api/v1/actions", part_of=whole.ref)}
        answer, said = self._write("POST", url, {"parts": parts}, self.etag(whole))
        assert answer.status_code == 200, answer.text
        made = [row["ref"] for row in self.listed("/api/v1/actions", part_of=whole.ref) if row["ref"] not in there]
        for ref, part in zip(made, owned, strict=True):
            fields = self.plain.fields_of_new("action", part, said["principal"])
            self.plain.create("action", ref, {"ref": ref} | fields | {"external_id": ref}, said)
            ends = {"type": "contributes_to", "source": ref, "target": whole.ref}
            self._tied(ends, "A part of the larger action.", part["owner"], said)
        self._taken(answer, 200, parts)
        self._shows(answer, whole)
        return "200"

    def _tied(self, ends: Row, rationale: str, owner: str | None, said: Row) -> None:
        """Keep the link that came with something."""
        (row,) = self.listed("/api/v1/links", **ends)
        fields = self.plain.fields_of_link(ends | {"basis": "stated", "rationale": rationale}, said["principal"])
        self.plain.create("link", row["id"], {"ref": row["id"]} | fields | {"owner": owner}, said)


def a_response(things: RandomThings) -> Row:
    """The body of a response: mostly sound."""
    given: Row = {"response": things.random.choice(RESPONSES), "owner": things.value("owner")}
    if (given["response"] == "not_ours") != things.chance(0.2):
        given |= {"depends_on_body": things.one("body")} if things.chance(0.5) else {"depends_on": things.text()}
    for name in ("statement", "url", "locator", "publication_type"):
        given |= {name: things.value(name)} if things.chance(0.3) else {}
    return given | ({"effective_from": things.day()} if things.chance(0.3) else {})


def some_parts(things: RandomThings) -> list[Row]:
    """Parts of an action, one to three; none has an external id, which two of them could share."""
    parts = [things.new("action") for _ in range(things.random.randint(1, 3))]
    return [{name: value for name, value in part.items() if name != "external_id"} for part in parts]


def _response_refused(plain: PlainRecord, given: Row) -> bool:
    """Whether a response names a body that is not there, or names what it depends on where it must not."""
    named = given.get("depends_on_body"), given.get("depends_on")
    if any(name and ("body", name) not in plain.now for name in (given["owner"], named[0])):
        return True
    return any(named) != (given["response"] == "not_ours")


def _fields_of_response(asked: str, given: Row) -> Row:
    """The fields that a response has."""
    said = {name: given.get(name) for name in (*COMMON, *_SAID, "owner")}
    said["effective_from"] = given.get("effective_from") or datetime.now(UTC).date().isoformat()
    title = f"Response of {given['owner']} to {asked}: {given['response'].replace('_', ' ')}"
    told = {"kind": "decision", "handling": "PUBLIC", "parent": asked, "title": title, "decision": given["response"]}
    return said | told
