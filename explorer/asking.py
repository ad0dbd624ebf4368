"""Asking: what a page shows it asks the API's own views, as the reader who looks, on his day and at his point.

So every number of a page is the number that the API gives to the same question, and no page knows a query or a rule.
"""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import current_app

from api.access import may
from api.call import Call
from api.endpoint import Declared
from api.problems import Forbidden

# What says on which day, and at which point of the record, everything on a page is shown.
TIMES = ("as_of", "known_at")


@dataclass(frozen=True)
class Answered:
    """An answer of the API: its address, with everything that was asked, the formats it comes in, and the result."""

    address: str
    formats: tuple[str, ...]
    result: Any

    def as_format(self, name: str) -> str:
        """Where the same is in a format."""
        return f"{self.address}{'&' if '?' in self.address else '?'}format={name}"


def ask(call: Call, path: str, **wanted: Any) -> Answered:
    """What the API answers at a path, asked with these parameters, to whoever asks for this page.

    Raises what the API's view raises, Forbidden where this reader may not ask for it, and Invalid for parameters that
    it does not take.
    """
    name, arguments = current_app.url_map.bind("").match(path)
    view: Any = current_app.view_functions[name]
    declared: Declared = view.declared
    if not all(may(call.principal, permission) for permission in declared.permissions):
        raise Forbidden(f"The role '{call.principal.role}' may not do this.")
    asked = _asked(wanted)
    query = declared.query.load(asked)
    times = {name: value for name, value in _times(call).items() if name in declared.query.fields}
    untold: dict[str, Any] = {name: None for name in TIMES if name not in declared.query.fields}
    result = view.__wrapped__(replace(call, query=query | times, lens=replace(call.lens, **untold)), **arguments)
    return Answered(
        _address(path, asked | {name: _sent(value) for name, value in times.items()}),
        tuple(form.name for form in declared.returns.formats),
        result,
    )


def address_of(call: Call, path: str, **wanted: Any) -> str:
    """The address of what the API would be asked on the reader's day and at his point, without asking it."""
    times = {name: _sent(value) for name, value in _times(call).items()}
    return _address(path, _asked(wanted) | times)


def _asked(wanted: dict[str, Any]) -> dict[str, Any]:
    """The parameters that are sent."""
    return {name: _sent(value) for name, value in wanted.items() if name not in TIMES and value not in (None, [], "")}


def _times(call: Call) -> dict[str, Any]:
    """The day and the point of the page, where it has any."""
    return {name: call.query[name] for name in TIMES if name in call.query}


def _address(path: str, asked: dict[str, Any]) -> str:
    """The address with everything that is asked."""
    return f"{path}?{urlencode(asked, doseq=True)}" if asked else path


def _sent(value: Any) -> Any:
    """A parameter as it is sent."""
    if isinstance(value, list):
        return [_sent(part) for part in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
