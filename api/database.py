"""The database: its engine, and the one place where a transaction begins and ends."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, insert, make_url, text, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from api.engines import BUSY, postgresql_engine, sqlite, sqlite_engine
from api.replica import Replica, place_written
from models.changes import author, moment
from models.guarding import set_rules
from models.keys import KeyUse
from models.personal import Rules
from models.recording import record_writes
from models.sight import Sight, confine


class Uncertain(Exception):
    """The database was lost just when it was to commit: whether it has is not known."""


class Following(NamedTuple):
    """A replica that reads may go to: its URL, and how many seconds it may be behind."""

    url: str
    most_behind: float


class Database:
    """The engines with their sessions; SQLite and PostgreSQL behave the same from here on."""

    def __init__(
        self, url: str, rules: Rules | None = None, seconds: float | None = None, following: Following | None = None
    ) -> None:
        """Connect lazily to the database of this URL.

        `rules` are what the operator knows of personal data; one statement may take so many `seconds`, None for as long
        as it likes; a replica that is `following` may answer reads.
        """
        self.url = make_url(url)
        self.engine = sqlite_engine(url, seconds) if self.is_sqlite else postgresql_engine(url, seconds)
        self.reader = sqlite_engine(url, seconds, reads=True) if self.is_sqlite else self.engine
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, class_=_RecordedSession)
        self.rules = rules or Rules()
        self.replica = None
        if following is not None:
            engine = postgresql_engine(following.url, seconds, pool_pre_ping=True)
            self.replica = Replica(engine, self.engine, following.most_behind)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def engines(self) -> set[Engine]:
        """The engine that writes and the one that only reads; on PostgreSQL one does both."""
        return {self.engine, self.reader}

    @property
    def file(self) -> Path | None:
        """The file of an embedded database."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    @contextmanager
    def reading(
        self, sight: Sight | None = None, *, anywhere: bool = False, after: int | None = None
    ) -> Iterator[Session]:
        """A read transaction: every statement in it sees one and the same state.

        With a sight, PostgreSQL shows it no row that such a reader may not see; without, it is the service's own.
        `anywhere` lets it go to a replica that is not far behind, and has what was written up to the place `after`.
        """
        with self._begun(anywhere=anywhere, after=after) as session:
            set_rules(session, self.rules)
            if sight is not None and not self.is_sqlite:
                confine(session, sight)
            yield session
            with suppress(SQLAlchemyError):
                session.commit()  # nothing, and quietly: should the connection be lost by now, all was read

    def row(self, statement: str) -> Any:
        """The first row that a statement finds, by the driver alone: for what is asked with every request."""
        with closing(self.reader.raw_connection()) as lent:
            driver: Any = lent.driver_connection
            found = driver.execute(statement).fetchone()
            driver.commit()  # as every read ends
            return found

    def _begun(self, *, anywhere: bool, after: int | None) -> Session:
        """A session in a read transaction, on the replica if it may go there and the replica is there."""
        options: dict[str, Any] = {}
        if not self.is_sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        if anywhere and self.replica is not None and self.replica.serves(after):
            session = self._sessions(bind=self.replica.engine)
            with suppress(DBAPIError, PoolTimeout):
                session.connection(execution_options=options)
                return session
            session.close()
        session = self._sessions(bind=self.reader)
        session.connection(execution_options=options)
        return session

    @contextmanager
    def writing(self, principal: str, reason: str, request_id: str | None = None) -> Iterator[Session]:
        """A write transaction in somebody's name: recorded and committed whole, or not at all."""
        committing = False
        try:
            with self._sessions() as session, session.begin():
                session.connection(execution_options={"writing": True})
                author(session, principal, reason, request_id)
                set_rules(session, self.rules)
                yield session
                session.flush()
                committing = True
        except DBAPIError as error:
            if committing and error.connection_invalidated:
                raise Uncertain("The connection to the database broke while it committed.") from error
            raise
        if self.replica is not None:
            with suppress(DBAPIError, PoolTimeout):
                session.info["place"] = place_written(self.engine)
        if session.info.get("erased"):
            self._let_go()

    def _let_go(self) -> None:
        """After texts were erased, give up what the database still keeps of them beside its rows, as far as it can.

        SQLite's log is written back and emptied, unless somebody goes on reading; PostgreSQL vacuums, and counts anew,
        since its statistics hold values. The texts are erased whether or not that succeeds.
        """
        if not self.is_sqlite:
            options = {"isolation_level": "AUTOCOMMIT"}
            with suppress(DBAPIError), self.engine.connect().execution_options(**options) as connection:
                connection.execute(text("VACUUM (ANALYZE, SKIP_LOCKED)"))
            return
        with closing(self.engine.raw_connection()) as lent:
            driver: Any = lent.driver_connection
            with suppress(sqlite.Error):
                for pragma in ("busy_timeout = 500", "wal_checkpoint(TRUNCATE)", BUSY):
                    driver.execute(f"PRAGMA {pragma}").fetchall()

    def note_use(self, key_id: int) -> None:
        """Note that a key was used, outside the record; let it be where another writes at the moment."""
        values = {"key_id": key_id, "used_at": moment()}
        with suppress(DBAPIError), self.engine.connect().execution_options(writing=True, hasty=True) as connection:
            connection.detach()
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
                noted = update(KeyUse).where(KeyUse.key_id == key_id).values(used_at=values["used_at"])
                if not connection.execute(noted).rowcount:
                    connection.execute(insert(KeyUse), values)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """A transaction that alters the schema, whole or not at all, on a connection that is not used again."""
        with self.engine.connect().execution_options(writing=True, migrating=True) as connection:
            connection.detach()
            with connection.begin():
                if not self.is_sqlite:
                    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
                yield connection
                if self.is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("The migration would leave references to what is not there.")

    def take_stock(self) -> None:
        """Let PostgreSQL count what was loaded: before it has, it plans as if there were nothing, and takes seconds.

        SQLite is never told: with statistics it chooses worse ways along the links.
        """
        if not self.is_sqlite:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))

    def in_use(self) -> int:
        """How many connections are in use."""
        pools: list[Any] = [engine.pool for engine in self.engines]
        return sum(pool.checkedout() for pool in pools)

    def close(self) -> None:
        """Close every connection, and let go of what was compiled for them."""
        for engine in (*self.engines, *([] if self.replica is None else [self.replica.engine])):
            engine.dispose()
            engine.clear_compiled_cache()


class _RecordedSession(Session):
    """A session that writes the record of changes."""


record_writes(_RecordedSession)
