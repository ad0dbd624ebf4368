"""A call: one request as a view sees it, and the service that it runs on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from api.database import Database
from api.paging import Cursors, Listing
from api.problems import Unavailable
from api.schemas.base import chosen_fields
from api.settings import Settings
from models.changes import last_seq
from models.lens import Lens
from models.queries.gap_rules import Asked
from models.queries.listing import Page, Wanted
from models.queries.rows import Row
from models.schema import current, newest

_NOT_FILTERS = {"as_of", "format", "limit", "after", "count", "fields_", "sort"}
_ALWAYS_SHOWN = ("ref", "kind", "id")


@dataclass(frozen=True)
class Service:
    """What an application runs on."""

    settings: Settings
    database: Database

    def health(self) -> Row:
        """What the database says of itself; raises what is wrong with it."""
        try:
            with self.database.reading() as session:
                revision = current(session.connection())
                seq = last_seq(session) if revision == newest() else 0
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable("The database does not answer.") from error
        if revision != newest():
            raise Unavailable(f"The database is at revision {revision}, this version needs {newest()}: run migrate.")
        return {"status": "ready", "revision": revision, "record": seq}


@dataclass(frozen=True)
class Call:
    """One request as a view sees it: a session, a lens, and the checked parameters."""

    session: Session
    lens: Lens
    query: Mapping[str, Any]
    cursors: Cursors

    @property
    def asked(self) -> Asked:
        """What gaps are judged by: the lens, and the day asked for or today."""
        return Asked(self.lens, self.lens.as_of or datetime.now(UTC).date())

    def wanted(self, **also: list[Any]) -> Wanted:
        """The page of a list that the parameters ask for; `also` are filters that the path sets."""
        filters = {name: value for name, value in self.query.items() if name not in _NOT_FILTERS}
        return Wanted(
            filters=filters | also,
            sort=self.query.get("sort", "recorded"),
            after=self.cursors.read(self.query.get("after")),
            limit=self.query["limit"],
            count=self.query["count"],
        )

    def listing(self, page: Page, known: tuple[str, ...]) -> Listing:
        """A page as a client gets it: the fields asked for, and where the next page is."""
        chosen = chosen_fields(self.query, known)
        if chosen is None:
            return Listing(page.rows, known, self.cursors.next(page.after), page.total, page.undated)
        keep = tuple(name for name in known if name in chosen or name in _ALWAYS_SHOWN)
        rows = [{name: row[name] for name in keep if name in row} for row in page.rows]
        return Listing(rows, keep, self.cursors.next(page.after), page.total, page.undated)
