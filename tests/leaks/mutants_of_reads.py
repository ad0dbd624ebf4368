"""Faults of the questions: what is listed, counted, walked and judged looks at what is hidden."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, or_, select

import api.answering
import api.endpoint
import api.resources.evidence
import api.resources.matrix
import models.queries.filters
import models.queries.gap_rules
import models.queries.judged
import models.queries.latest
import models.queries.listing
import models.queries.lookup
import models.queries.overview
import models.queries.status
import models.queries.walk
from api.problems import Forbidden
from models.base import Base
from models.errors import NotFound
from models.lens import Lens
from models.queries.gap_rules import JUDGED
from models.queries.judging import Asked
from models.queries.sight import sees_restricted
from models.queries.ties import TARGETS
from models.several import among
from tests.leaks.planting import Mutant, Plant, blind, get, seeing_all, whole
from tests.leaks.readers import INSPECTOR_B

_ITEM, _LINK = Base.metadata.tables["item"], Base.metadata.tables["link"]


def _forbid(patch: pytest.MonkeyPatch) -> None:
    """What is hidden is forbidden, where what never was is not found."""
    found = api.resources.evidence.find

    def find(session: Any, lens: Lens, kind: str, ref: str) -> Any:
        try:
            return found(session, lens, kind, ref)
        except NotFound as error:
            if session.scalar(select(_ITEM.c.id).where(_ITEM.c.ref == ref)) is not None:
                raise Forbidden("You may not see this.") from error
            raise

    patch.setattr(api.resources.evidence, "find", find)


def _count_all(patch: pytest.MonkeyPatch) -> None:
    """The total counts every item of the kind."""
    counted = lambda session, _lens, kind, *_asked: session.scalar(  # noqa: E731
        select(func.count()).select_from(_ITEM).where(_ITEM.c.kind == kind)
    )
    patch.setattr(models.queries.listing, "_count", counted)


def _hide_afterwards(patch: pytest.MonkeyPatch) -> None:
    """A page is cut first, and what is hidden taken out of it then."""
    listed = api.resources.evidence.list_items

    def list_items(session: Any, lens: Lens, kind: str, wanted: Any) -> Any:
        seen = {row["ref"]: row for row in listed(session, lens, kind, replace(wanted, limit=200)).rows}
        page = listed(session, whole(lens), kind, wanted)
        return replace(page, rows=[seen[row["ref"]] for row in page.rows if row["ref"] in seen])

    patch.setattr(api.resources.evidence, "list_items", list_items)


def _continue_after_ids(patch: pytest.MonkeyPatch) -> None:
    """A cursor holds the id of the last row."""
    listed = api.resources.evidence.list_items

    def list_items(session: Any, lens: Lens, kind: str, wanted: Any) -> Any:
        page = listed(session, lens, kind, wanted)
        last = page.rows[-1]["ref"]
        return replace(page, after=(None, session.scalar(select(_ITEM.c.id).where(_ITEM.c.ref == last))))

    patch.setattr(api.resources.evidence, "list_items", list_items)


def _tag_with_everything(patch: pytest.MonkeyPatch) -> None:
    """An ETag covers how much there is in all."""
    handled, tagged, there = api.endpoint.handled, api.answering.etag_of, [0]

    def counting(call: Any, ask: Any, result: Any) -> Any:
        there[0] = call.session.scalar(select(func.count()).select_from(_ITEM))
        return handled(call, ask, result)

    patch.setattr(api.endpoint, "handled", counting)
    patch.setattr(api.answering, "etag_of", lambda content: tagged(content + bytes(there)))


def _order_by_degree(patch: pytest.MonkeyPatch) -> None:
    """A list is ordered by how many links there are to an item."""
    degree = lambda item, _sort: (  # noqa: E731
        select(func.count()).select_from(_LINK).where(_LINK.c.target_id == item.c.id).correlate(item).scalar_subquery()
    )
    patch.setattr(models.queries.listing, "_sort_column", degree)


def _count_in_the_matrix(patch: pytest.MonkeyPatch) -> None:
    """The summary of a matrix counts what stands in hidden cells."""
    asked = api.resources.matrix.matrix

    def matrix(session: Any, question: Any, wanted: Any) -> Any:
        seen, all_ = (
            asked(session, found, wanted) for found in (question, replace(question, lens=whole(question.lens)))
        )
        return replace(seen, summary=all_.summary)

    patch.setattr(api.resources.matrix, "matrix", matrix)


def _walk_hidden_links(patch: pytest.MonkeyPatch) -> None:
    """A walk goes along hidden links between things that are seen, and so arrives sooner."""
    edges = models.queries.walk._edges

    class Shortcuts:
        """A lens that sees every link between the items that it sees."""

        def __init__(self, lens: Lens) -> None:
            self._lens = lens

        def links(self, name: str) -> Any:
            link, item = whole(self._lens).links(f"{name}_all"), self._lens.items(f"{name}_ends")
            seen = select(item.c.id)
            return select(link).where(link.c.source_id.in_(seen), link.c.target_id.in_(seen)).subquery(name)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._lens, name)

    patch.setattr(models.queries.walk, "_edges", lambda lens, steps, here: edges(Shortcuts(lens), steps, here))


def _suspect_by_hidden_links(patch: pytest.MonkeyPatch) -> None:
    """A link is suspect where another from the same source was found invalid."""
    links = Lens.links

    def suspicious(self: Lens, name: str = "link_seen", **_options: Any) -> Any:
        seen, other = links(self, f"{name}_seen"), _LINK.alias()
        invalid = select(other.c.id).where(other.c.source_id == seen.c.source_id, other.c.finding == "invalid").exists()
        columns = [column for column in seen.c if column.name != "suspect"]
        return select(*columns, or_(seen.c.suspect, invalid).label("suspect")).subquery(name)

    patch.setattr(Lens, "links", suspicious)


def _keep_for_everybody(patch: pytest.MonkeyPatch) -> None:
    """What was made for one reader is kept for all of them."""
    shape = Lens.shape.fget

    class AnyReader(Lens):
        """A lens that is taken for that of any other reader."""

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Lens) and (self.as_of, self.known_at) == (other.as_of, other.known_at)

        def __hash__(self) -> int:
            return hash((self.as_of, self.known_at))

    def shared(self: Lens) -> Lens:
        made = shape(self)  # type: ignore[misc]  # a property has one
        return AnyReader(**vars(made))

    patch.setattr(Lens, "shape", property(shared))


def _mix_ids(patch: pytest.MonkeyPatch) -> None:
    """A suspect link is taken for the action with the same id."""
    judged = JUDGED["suspect_link"]

    def mixed(asked: Asked) -> Any:
        if asked.about is None:
            return judged(asked)
        every, own = judged(replace(asked, about=None)).subquery("every"), judged(asked).subquery("own")
        link = asked.lens.links("mixed")
        actions = select(link.c.source_id).where(link.c.type == "addresses", among(link.c.target_id, TARGETS))
        return select(every).where(or_(every.c.id.in_(select(own.c.id)), every.c.id.in_(actions)))

    patch.setitem(JUDGED, "suspect_link", mixed)


def _count_undated_by_id(patch: pytest.MonkeyPatch) -> None:
    """Undated gaps of everything are counted."""
    patch.setattr(models.queries.judged, "_count_undated", seeing_all(models.queries.judged._count_undated, 2))


def _mark_by_everything(patch: pytest.MonkeyPatch) -> None:
    """An answer says how what is hidden is to be handled."""

    def handled(call: Any, _ask: Any, _result: Any) -> tuple[str, bool]:
        return ("OFFICIAL", True) if sees_restricted(call.session, whole(call.lens)) else ("PUBLIC", False)

    patch.setattr(api.endpoint, "handled", handled)


def _judge_all(reason: str) -> Plant:
    """The fault that a gap is judged on everything."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setitem(JUDGED, reason, seeing_all(JUDGED[reason]))

    return plant


MUTANTS = (
    Mutant("forbidden", "403 against 404", _forbid, (get("/evidence/HE2"), get("/evidence/N-never-was"))),
    Mutant("totals", "totals", _count_all, (get("/evidence?count=true"),)),
    Mutant("short-pages", "page counts", _hide_afterwards, (get("/evidence?limit=6"),)),
    Mutant("raw-cursors", "cursors", _continue_after_ids, (get("/evidence?limit=5&sort=-recorded"), get("/evidence"))),
    Mutant("etags", "ETags", _tag_with_everything, (get("/recommendations/R3"),)),
    Mutant("degrees", "degrees", blind(models.queries.overview, "grid", 1), (get("/recommendations/R2"),)),
    Mutant("matrix-summary", "averages", _count_in_the_matrix, (get("/matrix"),)),
    Mutant("hidden-headings", "facets", blind(api.resources.matrix, "matrix", 1), (get("/matrix?columns=source"),)),
    Mutant("order", "order by a hidden field", _order_by_degree, (get("/recommendations?sort=title&limit=2"),)),
    Mutant(
        "latest-claim", "order by a hidden field", blind(models.queries.latest, "latest_claims"), (get("/actions/A1"),)
    ),
    Mutant(
        "hidden-middle",
        "a path through a hidden node",
        blind(models.queries.walk, "_edges"),
        (get("/recommendations/R1/chain"),),
    ),
    Mutant("distance", "distance", _walk_hidden_links, (get("/recommendations/R1/chain"),)),
    Mutant(
        "hidden-ties", "ties of what is hidden", blind(models.queries.lookup, "with_ties", 1), (get("/evidence/E3"),)
    ),
    Mutant(
        "filter-by-hidden", "filters", blind(models.queries.filters, "_by_tie"), (get("/evidence?recommendation=R3"),)
    ),
    Mutant("suspect", "suspect marks", _suspect_by_hidden_links, (get("/links/L7"),)),
    Mutant(
        "undated",
        "undated counts",
        blind(models.queries.listing, "_count_undated", 1),
        (get("/evidence?as_of=2018-01-01"),),
    ),
    Mutant("undated-gaps", "undated counts", _count_undated_by_id, (get("/gaps?as_of=2018-01-01"),)),
    Mutant(
        "gaps",
        "gaps judged on hidden evidence",
        blind(models.queries.gap_rules, "_tied"),
        (get("/gaps?recommendation=R2"),),
    ),
    Mutant(
        "contested",
        "gaps judged on hidden decisions",
        _judge_all("contested"),
        (get("/gaps?reason=contested"),),
    ),
    Mutant(
        "derived-status",
        "status from hidden evidence",
        blind(models.queries.status, "demonstrations", 1),
        (get("/recommendations/R1"),),
    ),
    Mutant(
        "verified-status",
        "status from hidden verdicts",
        blind(models.queries.status, "latest_verdicts"),
        (get("/recommendations?limit=1"),),
    ),
    Mutant("kept-selectables", "cached answers", _keep_for_everybody, (get("/evidence"),), first=INSPECTOR_B),
    Mutant("mixed-ids", "internal ids", _mix_ids, (get("/gaps?recommendation=R1&reason=suspect_link"),)),
    Mutant("handling", "the handling of an answer", _mark_by_everything, (get("/evidence/E1"),)),
)
