"""Sameness: what the service makes up by itself (moments, references, secrets) comes out the same in two databases."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, tzinfo
from itertools import count
from typing import Any

import pytest
from sqlalchemy import inspect

from api.database import _RecordedSession
from models import lens
from models.changes import moment, today
from models.keys import new_secret
from models.writing import grants
from models.writing.naming import new_ref

# The moment of every read and every probe; all that is recorded lies years before it.
NOW = moment()


class _Still(datetime):
    """A clock that stands."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # it is a moment like any other
        """The moment of every read."""
        return datetime.fromisoformat(NOW).astimezone(tz)


class Same:
    """What is made up next: the moment that is recorded, references and secrets that count from a name."""

    def __init__(self) -> None:
        """Begin with now, and names of no one in particular."""
        self.now = NOW
        self.begin("")

    def begin(self, name: str) -> None:
        """Count anew: what comes next is named after this."""
        self._name, self._refs, self._secret = name, count(1), f"mtr_made-{name}"

    def keep(self, secret: str) -> None:
        """Give this secret next."""
        self._secret = secret

    def moment(self) -> str:
        """The moment, in place of the clock's."""
        return self.now

    def today(self) -> date:
        """The day, in place of the clock's."""
        return date.fromisoformat(self.now[:10])

    def new_ref(self, kind: str) -> str:
        """A reference, in place of a random one."""
        return f"{kind[0].upper()}-made-{self._name}{next(self._refs)}"

    def new_secret(self) -> str:
        """A secret, in place of a random one."""
        return self._secret


def _in_order(session: Any) -> list[Any]:
    """What is to be changed by a flush, by sort and age; the session keeps it in a set, in no order."""
    things = [state.obj() for state in session._dirty_states if state not in session._deleted]
    return sorted(things, key=lambda thing: (type(thing).__name__, inspect(thing).identity))


@contextmanager
def sameness() -> Iterator[Same]:
    """Make the service make up the same each time, as long as this lasts."""
    same = Same()
    replaced: dict[Any, Any] = {moment: same.moment, today: same.today}
    replaced |= {new_ref: same.new_ref, new_secret: same.new_secret}
    with pytest.MonkeyPatch.context() as patch:
        for module in [
            found for name, found in sys.modules.items() if name.startswith(("api.", "models.", "explorer."))
        ]:
            for original, made in replaced.items():
                if vars(module).get(original.__name__) is original:
                    patch.setattr(module, original.__name__, made)
        for module in (grants, lens):
            patch.setattr(module, "datetime", _Still)
        patch.setattr(_RecordedSession, "dirty", property(_in_order), raising=False)
        yield same
