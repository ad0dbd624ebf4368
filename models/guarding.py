"""Guarding what is written: no text enters the record that looks like personal data, whichever way it comes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from models.errors import PersonalData, Suspected
from models.personal import Rules, findings

# What the service itself makes, or takes from a list of words.
_NO_TEXT = {
    "ref",
    "kind",
    "of_ref",
    "role",
    "handling",
    "clearance",
    "secret_digest",
    "expires_at",
    "digest",
    "source_content",
    "target_content",
    "found",
}
_NO_RULES = Rules()


def set_rules(session: Session, rules: Rules) -> None:
    """Say what the operator knows of personal data."""
    session.info["rules"] = rules


def override(session: Session, why: str) -> None:
    """Let texts pass that look like personal data; `why` they are none is recorded with each."""
    session.info["override"] = why


def overridden(session: Session) -> tuple[str, dict[tuple[str, str], list[Suspected]]]:
    """Why texts were let pass, and which: by the kind and reference of the thing that they stand on."""
    return session.info.get("override", ""), session.info.pop("overridden", {})


def warnings(session: Session) -> list[Suspected]:
    """What was stored and may be personal data, such as a telephone number, which can be an office's."""
    found: list[Suspected] = session.info.get("warned", [])
    return found


def guard(session: Session, entries: Iterable[Mapping[str, Any]]) -> None:
    """Refuse what is to be recorded if any text of it looks like personal data; its author's reason too."""
    author = session.info["author"]
    said = {"reason": author["reason"], "X-Request-Id": author["request_id"]}
    rules = session.info.get("rules", _NO_RULES)
    refused: list[Suspected] = list(_refused(session, said, rules))
    for entry in entries:
        found = list(_refused(session, entry["after"] or {}, rules))
        if found and "override" in session.info and entry["kind"] != "override":
            session.info.setdefault("overridden", {}).setdefault((entry["kind"], entry["ref"]), []).extend(found)
        else:
            refused += found
    if refused and not ("override" in session.info and all(found.pointer in said for found in refused)):
        raise PersonalData(*refused)


def _refused(session: Session, values: Mapping[str, Any], rules: Rules) -> Iterator[Suspected]:
    """What of these values is to be refused; what is only to be looked at is noted."""
    for found, warned in suspected(values, rules):
        if warned:
            session.info.setdefault("warned", []).append(found)
        else:
            yield found


def suspected(values: Mapping[str, Any], rules: Rules) -> Iterator[tuple[Suspected, bool]]:
    """What in these values looks like personal data, and whether it is only to be looked at."""
    for name, value in values.items():
        if name in _NO_TEXT:
            continue
        for pointer, text in _texts(name, value):
            for found in findings(text, rules):
                yield Suspected(pointer, found.type, found.start, found.end), not found.refused


def _texts(name: str, value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value, with its JSON pointer; a parameter or header is named as it is."""
    at = name if name in {"reason", "X-Request-Id"} else f"{pointer}/{name}"
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(key, part, at)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _texts(str(place), part, at)
