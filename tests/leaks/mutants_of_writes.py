"""Faults of the writes: what is refused, numbered and told again depends on what is hidden."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

import api.changing
import models.writing.items
import models.writing.links
import models.writing.markings
import models.writing.naming
from api.problems import Stale
from models.base import Base
from models.errors import Fault, Invalid
from models.replies import Reply, Told
from tests.leaks.planting import Mutant, blind, whole
from tests.leaks.probes import ANY, Probe
from tests.leaks.readers import INSPECTOR_A, A
from tests.leaks.wording import TEXT

_ITEM = Base.metadata.tables["item"]
_OBSERVED = {
    "title": "A probe",
    "evidence_kind": "observation",
    "statement": "A thing was observed.",
    "handling": "PUBLIC",
}
_ASKED = {"title": "A probe", "category": "recommendation", "short_name": "Probe", "text": TEXT, "review": "V"}


def _post(place: str, body: Any, **headers: str) -> Probe:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Probe("POST", f"/api/v1/{place}?reason=Probe", body, told)


def _linking(source: str, type_: str, target: str) -> Probe:
    said = {"basis": "stated", "rationale": "A probe.", "handling": "PUBLIC"}
    return _post("links", {"source": source, "type": type_, "target": target} | said)


def _answer_for_anybody(patch: pytest.MonkeyPatch) -> None:
    """A key is known whoever used it."""

    def reply_to(session: Any, _principal: str, key: str) -> Told | None:
        columns = (Reply.request, Reply.status, Reply.location, Reply.etag, Reply.body)
        found = session.execute(select(*columns).where(Reply.key == key)).first()
        return Told(*found) if found else None

    patch.setattr(api.changing, "reply_to", reply_to)


def _name_what_is_hidden(patch: pytest.MonkeyPatch) -> None:
    """A refusal says that what is named is there, but hidden."""
    named = models.writing.naming.Named.at

    def at(self: Any, pointer: str, ref: str, kinds: tuple[str, ...]) -> Any:
        try:
            return named(self, pointer, ref, kinds)
        except Invalid as error:
            if self.session.scalar(select(_ITEM.c.id).where(_ITEM.c.ref == ref)) is not None:
                raise Invalid(Fault(pointer, f"you may not see '{ref}'")) from error
            raise

    patch.setattr(models.writing.naming.Named, "at", at)


def _compare_tags_first(patch: pytest.MonkeyPatch) -> None:
    """Whether what a caller has seen is what is there is asked before whether he sees it."""
    done = api.changing._done

    def tell(call: Any, view: Any, write: Any, asked: Any) -> Any:
        if write.changes is not None and asked.seen is not None:
            row = write.changes(replace(call, lens=whole(call.lens)), *asked.path.values())
            there = api.changing.etag_of(api.changing._content(write, row))
            if there not in asked.seen:
                raise Stale(there)
        return done(call, view, write, asked)

    patch.setattr(api.changing, "_done", tell)


_PATCH = "/api/v1/evidence/HE2?reason=Probe"
_KEPT = Probe("PATCH", _PATCH, {"locator": "page 9"}, {"If-Match": "*", "Idempotency-Key": "one"}, kept=True)
_TELLING = tuple(
    Mutant(name, channel, blind(module, function, place), asked, INSPECTOR_A)
    for name, channel, module, function, place, asked in (
        (
            "circle",
            "would make a cycle through a hidden link",
            models.writing.links,
            "_refuse_a_circle",
            1,
            (_linking("A3", "depends_on", "A1"),),
        ),
        (
            "second-link",
            "unique links",
            models.writing.links,
            "_refuse_a_second",
            1,
            (_linking("E3", "supports", "R3"),),
        ),
        (
            "external-id",
            "unique-reference collisions",
            models.writing.items,
            "_refuse_taken_id",
            1,
            (_post("evidence", _OBSERVED | {"external_id": "X-1", "owner": A}),),
        ),
        (
            "next-number",
            "sequential references",
            models.writing.items,
            "_number",
            1,
            (_post("recommendations", _ASKED | {"handling": "PUBLIC"}),),
        ),
        (
            "taken-number",
            "sequential references",
            models.writing.items,
            "_number",
            1,
            (_post("recommendations", _ASKED | {"number": 4, "handling": "PUBLIC"}),),
        ),
        (
            "withdrawal",
            "refused withdrawals because of hidden dependants",
            models.writing.items,
            "_standing_on",
            1,
            (Probe("DELETE", "/api/v1/evidence/E9?reason=Probe", None, ANY),),
        ),
        (
            "usual-handling",
            "the setting of a hidden review",
            models.writing.markings,
            "_usual",
            1,
            (_post("evidence", {name: value for name, value in _OBSERVED.items() if name != "handling"}),),
        ),
    )
)
MUTANTS = (
    *_TELLING,
    Mutant(
        "idempotency-keys",
        "idempotency keys across principals",
        _answer_for_anybody,
        (_KEPT, _post("evidence", _OBSERVED, Idempotency_Key="one")),
        INSPECTOR_A,
    ),
    Mutant(
        "hidden-names",
        "error details",
        _name_what_is_hidden,
        (_linking("HE2", "supports", "R1"), _linking("N-never-was", "supports", "R1")),
        INSPECTOR_A,
    ),
    Mutant(
        "tags-of-hidden",
        "preconditions on what is hidden",
        _compare_tags_first,
        (Probe("PATCH", _PATCH, {"title": "A probe"}, {"If-Match": '"abc"'}),),
        INSPECTOR_A,
    ),
)
