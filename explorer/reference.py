"""The reference of the API: what each operation is for and takes, from the declarations that run the service."""

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from flask import Flask
from marshmallow import Schema

from api.access import PUBLIC, may
from api.publishing import Published, declarations
from api.schemas.base import ListQuery

# What is told once for all operations that take it.
COMMON = ListQuery


class Parameter(NamedTuple):
    """A parameter: its name, and what it does."""

    name: str
    about: str


class Operation(NamedTuple):
    """An operation as the reference tells it; `example` is the address of a call that everybody may make."""

    method: str
    path: str
    summary: str
    parameters: Sequence[Parameter]
    formats: Sequence[str]
    needs: Sequence[str]
    example: str


def operations_of(app: Flask) -> list[tuple[str, list[Operation]]]:
    """Every published operation, by what it is about, in the order of the OpenAPI document."""
    every = groupby(declarations(app), lambda found: found.tag)
    return [(tag.replace("_", " ").capitalize(), [_operation(found) for found in those]) for tag, those in every]


def common_parameters() -> list[Parameter]:
    """What every list takes."""
    return _parameters(COMMON())


def _operation(found: Published) -> Operation:
    """One operation."""
    declared = found.declared
    known = {parameter.name for parameter in common_parameters()}
    open_to_all = all(may(PUBLIC, permission) for permission in declared.permissions)
    return Operation(
        found.method.upper(),
        re.sub(r"<(\w+)>", r"{\1}", found.path),
        found.doc.partition("\n")[0],
        [parameter for parameter in _parameters(declared.query) if parameter.name not in known],
        [form.name for form in declared.returns.formats],
        [] if open_to_all else [permission.value for permission in declared.permissions],
        declared.example if open_to_all and found.method == "get" else "",
    )


def _parameters(schema: Schema) -> list[Parameter]:
    """The parameters of a schema."""
    return [
        Parameter(field.data_key or name, str(field.metadata.get("description", "")))
        for name, field in schema.fields.items()
    ]
