"""A format: how a result becomes bytes, and what a client has to say to get it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from marshmallow import Schema

from api.access import Principal


@dataclass(frozen=True)
class About:
    """What an answer is an answer to: said inside every download, so that a file explains itself.

    `restricted` is what only some bodies' readers get, `private` what is about its caller alone. `base` is where the
    service is, as far as it knows: what comes before the path of an address. `reader` is who is answered, where he has
    said who he is and the format tells it.
    """

    path: str
    query: tuple[tuple[str, str], ...]
    as_of: date | None
    seq: int
    past: bool = False
    handling: str = "PUBLIC"
    restricted: bool = False
    private: bool = False
    base: str = ""
    reader: Principal | None = None

    @property
    def marking(self) -> str:
        """How the answer is to be handled, in words."""
        return f"{self.handling} (not for everybody)" if self.restricted else self.handling

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What a file says of itself: the question, the date, the filters, the point of the record."""
        asked = ", ".join(
            f"{name} = {value}" for name, value in self.query if name not in {"as_of", "known_at", "format"}
        )
        return (
            ("Service", "MAPPA recommendations-to-evidence traceability"),
            ("Question", self.path),
            ("As of", self.as_of.isoformat() if self.as_of else "now (undated items included)"),
            ("Filters", asked or "none"),
            ("Known at", f"change {self.seq} of the record" if self.past else "now"),
            ("From change of the record", str(self.seq)),
            ("Handling", self.marking),
        )


@dataclass(frozen=True)
class Format:
    """One format of one resource; `streams` is said of what is written while it is sent.

    `says_point` is said of what tells at which point of the record it was made, as every file does; `says_reader` of
    what tells who reads it, and so is for him alone. `told` gives the headers that depend on the result.
    """

    name: str
    media_type: str
    write: Callable[[Any, About], Iterable[bytes]]
    schema: Schema | None = None
    streams: bool = False
    extension: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    says_point: bool = False
    says_reader: bool = False
    told: Callable[[Any], Iterable[tuple[str, str]]] = lambda _result: ()


@dataclass(frozen=True)
class Returns:
    """What a view returns: in which formats, the first being the default; a file has nothing to be compared by."""

    formats: tuple[Format, ...]
    status: int = 200
    description: str = "The answer."
    comparable: bool = True

    def named(self, name: str) -> Format | None:
        """The format of this name."""
        return next((form for form in self.formats if form.name == name), None)
