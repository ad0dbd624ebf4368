"""A call: one request as a view sees it, and the service that it runs on."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from threading import Event, Lock
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from api.access import PUBLIC, Principal
from api.checkpoints import read_checkpoint
from api.consistency import Tokens
from api.database import Database
from api.identity import Caller, Identities
from api.metrics import Metrics
from api.paging import Cursors, Listing
from api.problems import TooMany, Unavailable
from api.rates import Rate
from api.remembering import Answers
from api.schemas.base import chosen_fields
from api.settings import BadSetting, Settings
from models.errors import Invalid, NotFound
from models.lens import Lens
from models.queries.judging import Asked
from models.queries.numbers import newest_number
from models.queries.paging import Key, Page, Wanted
from models.queries.points import point_of
from models.queries.rows import Row
from models.schema import current, newest

_NOT_FILTERS = {"as_of", "known_at", "format", "limit", "after", "count", "fields_", "sort"}
_ALWAYS_SHOWN = ("ref", "kind", "id", "seq", "name")


@dataclass(frozen=True)
class Service:
    """What an application runs on; `in_flight` are the requests (caller and key) that are being worked on.

    `stopping` is set once the server has been told to stop, and takes no new connections.
    """

    settings: Settings
    database: Database
    identities: Identities = field(default_factory=Identities)
    metrics: Metrics = field(default_factory=lambda: Metrics(lambda: 0))
    known_rate: Rate = field(default_factory=lambda: Rate(None))
    public_rate: Rate = field(default_factory=lambda: Rate(None))
    consistency: Tokens = field(default_factory=lambda: Tokens(""))
    lock: Lock = field(default_factory=Lock)
    in_flight: set[tuple[str, str]] = field(default_factory=set)
    stopping: Event = field(default_factory=Event)
    answers: Answers = field(default_factory=Answers)

    def reading(
        self, principal: Principal, token: str | None = None, *, anywhere: bool = False
    ) -> AbstractContextManager[Session]:
        """A read transaction of a caller, to whom PostgreSQL shows no more than he may see.

        `anywhere` lets it go to a replica; with a consistency token, to one that has what its holder has written.
        """
        known = principal != PUBLIC or self.settings.confine_public
        after = self.consistency.place(token) if self.database.replica is not None else None
        return self.database.reading(principal.sight if known else None, anywhere=anywhere, after=after)

    def caller(self, authorization: str, address: str) -> Caller:
        """Who is calling, as the primary knows him: what is taken away is gone with the next request.

        While the primary is away, nothing can be taken away, and its replica knows.
        """
        for anywhere in (False, True):
            try:
                with self.database.reading(anywhere=anywhere) as session:
                    return self.identities.caller(session, authorization, address)
            except (DBAPIError, PoolTimeout):
                if anywhere or self.database.replica is None:
                    raise
        raise AssertionError("unreachable")

    def admit(self, principal: Principal, address: str) -> None:
        """Count a request of a known caller by his name, of the public by its address; refuse what is too much."""
        wait = self.public_rate.take(address) if principal == PUBLIC else self.known_rate.take(principal.name)
        if wait:
            raise TooMany(wait, "requests")

    def checkpoint(self) -> Row:
        """The newest checkpoint that was written."""
        try:
            found = read_checkpoint(self.settings.checkpoint_file)
        except BadSetting as error:
            raise Unavailable("The checkpoint cannot be read.") from error
        if found is None:
            raise NotFound("checkpoint", str(self.settings.checkpoint_file.name))
        return found

    def health(self) -> Row:
        """What the database says of itself; raises what is wrong with it, or that the service is about to end."""
        if self.stopping.is_set():
            raise Unavailable("The service is stopping.")
        replica = self.database.replica
        standing = replica.standing(anew=True) if replica is not None else None
        try:
            with self.database.reading(anywhere=standing is not None and standing.alone) as session:
                revision = current(session.connection())
                seq = newest_number(session, Lens()) if revision == newest() else 0
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable("The database does not answer.") from error
        if revision != newest():
            raise Unavailable(f"The database is at revision {revision}, this version needs {newest()}: run migrate.")
        told: Row = {"status": "ready", "revision": revision, "record": seq}
        if standing is None:
            return told
        away = standing.place is None
        told["replica"] = {"status": "away" if away else "following", "behind": None if away else standing.behind}
        return told | ({"status": "reads_only"} if standing.alone else {})


@dataclass(frozen=True)
class Call:
    """One request as a view sees it: a session, a lens, the checked parameters and body, and who is calling.

    `today` is the day that overdue is judged by: the day asked for, that of the point of the record, or this one.
    """

    session: Session
    lens: Lens
    query: Mapping[str, Any]
    cursors: Cursors
    principal: Principal
    body: Mapping[str, Any]
    today: date

    @property
    def asked(self) -> Asked:
        """What gaps are judged by: the lens, and the day."""
        return Asked(self.lens, self.today)

    def asked_at(self, name: str) -> Asked:
        """What gaps are judged by at a point of the record that the path names."""
        try:
            point = point_of(self.session, self.lens, name)
        except Invalid as error:
            raise NotFound("point of the record", name) from error
        return Asked(replace(self.lens, known_at=point.seq), point.day)

    def wanted(self, **also: list[Any]) -> Wanted:
        """The page of a list that the parameters ask for; `also` are filters that the path sets."""
        return self._wanted(self.cursors.read(self.query.get("after")), also)

    def wanted_feed(self, **also: list[Any]) -> Wanted:
        """The page of the record that the parameters ask for."""
        return self._wanted(self.cursors.read_feed(self.query.get("after")), also)

    def _wanted(self, after: Key | None, also: dict[str, list[Any]]) -> Wanted:
        """The page after a key."""
        filters = {name: value for name, value in self.query.items() if name not in _NOT_FILTERS}
        return Wanted(
            filters=filters | also,
            sort=self.query.get("sort", "recorded"),
            after=after,
            limit=self.query["limit"],
            count=self.query["count"],
        )

    def feed(self, page: Page, known: tuple[str, ...]) -> Listing:
        """A page of the record as a client gets it; the record goes on for ever, so it says where to go on.

        Newest first, it does not: it ends with the first change.
        """
        on = self.cursors.feed(page.after)
        listed = self.listing(replace(page, after=None), known)
        backwards = self.query.get("sort") == "-recorded"
        return replace(listed, next=on if page.more else None, resume=None if backwards else on)

    def listing(self, page: Page, known: tuple[str, ...]) -> Listing:
        """A page as a client gets it: the fields asked for, and where the next page is."""
        chosen = chosen_fields(self.query, known)
        rows, keep = page.rows, known
        if chosen is not None:
            keep = tuple(name for name in known if name in chosen or name in _ALWAYS_SHOWN)
            rows = [{name: row[name] for name in keep if name in row} for row in page.rows]
        following, counted = self.cursors.next(page.after), self.query.get("count", False)
        return Listing(rows, keep, following, page.total, page.undated, counted=counted)
