"""A replica: a copy of the database that follows it, and may answer reads while it is not far behind."""

from dataclasses import dataclass
from threading import Lock
from time import monotonic

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_WRITTEN = text("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint")
_REPLAYED = text(
    "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint AS place, pg_is_in_recovery() AS following, "
    "coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0)::float AS seconds"
)
_LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Standing:
    """How far a replica has come: up to which place of the log, by how many seconds it is behind; None: it is away."""

    place: int | None = None
    behind: float = 0.0
    alone: bool = False


class Replica:
    """A replica and how far it has come, looked at once a second at most.

    A place is one of the primary's write-ahead log, in bytes from its start.
    """

    def __init__(self, engine: Engine, primary: Engine, most_behind: float) -> None:
        """Follow a primary; reads may go here while this is at most so many seconds behind."""
        self.engine, self._primary, self._most = engine, primary, most_behind
        self._standing, self._looked = Standing(), -_LOOK_SECONDS
        self._lock = Lock()

    def serves(self, after: int | None) -> bool:
        """Whether a read may go here; with `after`, one that has to see what was written up to that place.

        While the primary is away every read may: there is nothing newer to be had.
        """
        standing = self.standing()
        if after is not None and standing.place is not None and standing.place < after:
            standing = self.standing(anew=True)
        if standing.place is None:
            return False
        caught_up = after is None or standing.place >= after
        return standing.alone or (caught_up and standing.behind <= self._most)

    def standing(self, *, anew: bool = False) -> Standing:
        """How far it has come, as of the last second or as it is now."""
        with self._lock:
            if anew or monotonic() - self._looked >= _LOOK_SECONDS:
                self._standing = self._look()
                self._looked = monotonic()
            return self._standing

    def _look(self) -> Standing:
        """Ask both; the primary first, so that what has been replayed since is not taken for less."""
        try:
            written: int | None = place_written(self._primary)
        except (DBAPIError, PoolTimeout):
            written = None
        try:
            with self.engine.connect().execution_options(postgresql_readonly=True) as connection:
                found = connection.execute(_REPLAYED).one()
        except (DBAPIError, PoolTimeout):
            return Standing()
        if found.place is None or not (found.following or written is None):
            return Standing()  # it has become a primary beside the one that is there, and knows nothing of its writes
        behind = 0.0 if written is None or found.place >= written else float(found.seconds)
        return Standing(int(found.place), behind, written is None)


def place_written(engine: Engine) -> int:
    """Up to which place of its log a primary has written."""
    with engine.connect() as connection:
        return int(connection.execute(_WRITTEN).scalar_one())
