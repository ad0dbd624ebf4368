"""A page: what it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.asking import Answered


@dataclass(frozen=True)
class Paper:
    """Where a page is on paper: the path without the format, the formats, and what it is asked with."""

    path: str
    formats: tuple[str, ...]
    asked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """What a page shows: a template, and what fills it.

    `answers` are the answers of the API that it is made of, the first being the one that says most of what is here;
    `above` are the pages above it, by name and address; `section` is where in the navigation it belongs;
    `paper` is where the same is on paper; `headers` go with it.
    """

    template: str
    title: str
    answers: tuple[Answered, ...]
    filled: Mapping[str, Any] = field(default_factory=dict)
    section: str = ""
    above: tuple[tuple[str, str], ...] = ()
    lead: str = ""
    paper: Paper | None = None
    headers: tuple[tuple[str, str], ...] = ()
