"""Faults of the record, of exports and of the lens: numbers, hashes, old versions, and what a marking means."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import and_, func, select, true

import api.call
import api.resources.about
import api.resources.baselines
import api.resources.exports
import api.resources.personal_data
import models.queries.approvals
import models.queries.baselines
import models.queries.export
import models.queries.points
import models.queries.record
import models.record_lens
from models.base import Base
from models.changes import last_seq
from models.lens import Lens
from models.queries.numbers import Numbers
from models.versions import VERSIONS
from tests.leaks.planting import Mutant, Plant, blind, get, whole
from tests.leaks.readers import INSPECTOR_A
from tests.leaks.specimen import specimen

_ITEM = Base.metadata.tables["item"]


def _raw(module: Any) -> Plant:
    """The fault that a module tells the numbers of the record."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(module, "numbers_of", lambda _session, _lens: Numbers(()))

    return plant


def _newest(module: Any) -> Plant:
    """The fault that a module tells how many changes there are in all."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(module, "newest_number", lambda session, _lens: last_seq(session))

    return plant


def _leave_gaps(patch: pytest.MonkeyPatch) -> None:
    """A page of the feed is cut first, and what is hidden taken out of it then."""
    listed = models.queries.record.list_changes

    def list_changes(session: Any, lens: Lens, wanted: Any) -> Any:
        seen = {(row["kind"], row["ref"], row["at"]) for row in listed(session, lens, replace(wanted, limit=200)).rows}
        page = listed(session, whole(lens), wanted)
        kept = [row | {"seq": 0, "hash": None} for row in page.rows if (row["kind"], row["ref"], row["at"]) in seen]
        return replace(page, rows=kept)

    patch.setattr("api.resources.changes.list_changes", list_changes)


def _show(module: Any, function: str, field: str) -> Plant:
    """The fault that a row shows a field of the record that covers everything."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        shown = getattr(module, function)
        patch.setattr(module, function, lambda lens, numbers, raw: shown(lens, numbers, raw) | {field: raw[field]})

    return plant


def _count_everything(patch: pytest.MonkeyPatch) -> None:
    """The manifest of an export counts all items."""
    exported = api.resources.exports.export

    def export(session: Any, lens: Lens) -> Any:
        *lines, last = exported(session, lens)
        manifest = orjson.loads(last)
        manifest["manifest"]["counts"]["items"] = session.scalar(select(func.count()).select_from(_ITEM))
        return [*lines, orjson.dumps(manifest)]

    patch.setattr(api.resources.exports, "export", export)


def _summarise_everything(patch: pytest.MonkeyPatch) -> None:
    """The summary of a comparison counts what differs for everybody."""
    compared = api.resources.baselines.differences

    def differences(session: Any, start: Any, end: Any) -> Any:
        all_ = [(name, replace(asked, lens=whole(asked.lens))) for name, asked in (start, end)]
        return replace(compared(session, start, end), summary=compared(session, *all_).summary)

    patch.setattr(api.resources.baselines, "differences", differences)


def _judge_by_the_marking_of_then(patch: pytest.MonkeyPatch) -> None:
    """An old version is shown to whoever could see it then."""

    def rows(self: Lens, name: str, alias: str) -> Any:
        if self.known_at is None:
            return Base.metadata.tables[name].alias(alias)
        version = VERSIONS[name]
        columns = [column for column in version.c if column.name not in {"from_seq", "until_seq"}]
        within = version.c.from_seq <= models.record_lens.POINT, version.c.until_seq > models.record_lens.POINT
        return select(*columns).where(*within).subquery(alias)

    patch.setattr(Lens, "_rows", rows)


def _tell_by_the_marking_of_then(patch: pytest.MonkeyPatch) -> None:
    """A change is shown to whoever could see the thing as the change left it."""
    judged = models.record_lens._then_and_now
    patch.setattr(models.record_lens, "_then_and_now", lambda *args: judged(*args)[1:])


def _allow(without: str) -> Plant:
    """The fault that one part of a marking does not matter."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        allowed = Lens.allowed

        def lax(self: Lens, table: Any) -> Any:
            terms = list(allowed(self, table).clauses) if not self.whole else []
            kept = [term for term in terms if without not in str(term)]
            return and_(true(), *kept)

        patch.setattr(Lens, "allowed", lax)

    return plant


def _show_links_with_hidden_ends(patch: pytest.MonkeyPatch) -> None:
    """A link is shown to whoever may see the link itself."""
    seen = Lens.links

    def links(self: Lens, name: str = "link_seen", **_options: Any) -> Any:
        link, own = seen(whole(self), f"{name}_all"), self._rows("link", f"{name}_own")
        return select(link).join_from(link, own, own.c.id == link.c.id).where(self._visible(own)).subquery(name)

    patch.setattr(Lens, "links", links)


_COUNT = len(specimen())
MUTANTS = (
    Mutant("raw-numbers", "version and change numbers", _raw(models.queries.record), (get("/changes?limit=200"),)),
    Mutant("index", "change numbers in the index", _newest(api.resources.about), (get(""),)),
    Mutant("ready", "change numbers of a service that is ready", _newest(api.call), (get("/ready"),)),
    Mutant("feed-gaps", "change-feed gaps", _leave_gaps, (get("/changes?limit=40&kind=evidence"),)),
    Mutant(
        "hashes",
        "the hash of changes",
        _show(models.queries.record, "change_row", "hash"),
        (get("/changes?limit=200"),),
    ),
    Mutant("baseline-number", "the number of a baseline", _raw(models.queries.baselines), (get("/baselines/after"),)),
    Mutant(
        "baseline-digest",
        "the digest of a baseline",
        _show(models.queries.baselines, "_row", "digest"),
        (get("/baselines"),),
    ),
    Mutant("newest-number", "error details", _raw(models.queries.points), (get(f"/evidence?known_at={_COUNT + 99}"),)),
    Mutant("manifest", "export manifests", _count_everything, (get("/exports"),)),
    Mutant("checkpoint-size", "export manifests", _raw(models.queries.export), (get("/exports"),)),
    Mutant(
        "differences", "what differs between two points", _summarise_everything, (get("/baselines/before/diff/after"),)
    ),
    Mutant(
        "old-versions",
        "old versions after handling was raised",
        _judge_by_the_marking_of_then,
        (get("/evidence/HE8?known_at=before"),),
    ),
    Mutant(
        "old-changes", "the history of what is hidden", _tell_by_the_marking_of_then, (get("/evidence/HE8/history"),)
    ),
    Mutant("clearance", "a clearance that does not matter", _allow("handling"), (get("/evidence/HE2"),)),
    Mutant("limits", "limits to bodies", _allow("limited_to"), (get("/evidence"),)),
    Mutant("embargoes", "embargoes", _allow("embargo"), (get("/evidence"),)),
    Mutant("hidden-ends", "links with hidden ends", _show_links_with_hidden_ends, (get("/links?limit=200"),)),
    Mutant(
        "approvals",
        "approvals of what is hidden",
        blind(models.queries.approvals, "_shown"),
        (get("/approvals"),),
        INSPECTOR_A,
    ),
    Mutant(
        "overrides",
        "overrides of what is hidden",
        blind(api.resources.personal_data, "list_overrides", 1),
        (get("/pii-overrides"),),
        INSPECTOR_A,
    ),
)
