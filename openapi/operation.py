"""An operation as the document describes it, free of any framework."""

from dataclasses import dataclass
from typing import Any

from marshmallow import Schema


@dataclass(frozen=True)
class Content:
    """One media type of an answer: its schema where it is JSON, and a real example where there is one."""

    media_type: str
    schema: Schema | None = None
    example: Any = None


@dataclass(frozen=True)
class Operation:
    """One method of one path: what it is for, what it takes, what it gives, how it fails.

    `body` is what it takes besides parameters; `matches` says that its caller must have seen it (If-Match).
    `scopes` are the permissions that it asks for; where it is `open`, the public has them too.
    """

    name: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    path_parameters: dict[str, str]
    query: Schema
    formats: tuple[str, ...]
    contents: tuple[Content, ...]
    problems: tuple[int, ...]
    conditional: bool
    status: int = 200
    body: Content | None = None
    matches: bool = False
    writes: bool = False
    scopes: tuple[str, ...] = ()
    open: bool = True
