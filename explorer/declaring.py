"""Declaring a page above its view: run, checked and answered as every endpoint of the API is."""

from collections.abc import Callable
from typing import Any

from flask import Response
from marshmallow import Schema

from api.access import Permission
from api.endpoint import endpoint
from api.formats.format import Format, Returns
from api.schemas.base import ReadQuery
from explorer.forms import FilledQuery
from explorer.page import Page
from explorer.rendering import render

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HTML = Format(
    "html",
    "text/html; charset=utf-8",
    lambda page, about: [render(page, about)],
    headers=(("Content-Security-Policy", POLICY),),
    says_point=True,
    says_reader=True,
    told=lambda page: page.headers,
)


class PageQuery(ReadQuery):
    """What every page takes: the day, and the point of the record."""

    class Meta(ReadQuery.Meta):
        """A page is a page."""

        exclude = ("format",)


def _from_form(query: Schema) -> Schema:
    """The same parameters, as a form sends them."""
    if isinstance(query, FilledQuery):
        return query
    kind = type(query)
    made: Schema = type(kind.__name__, (FilledQuery, kind), {})(only=query.only, exclude=query.exclude)
    return made


def page(
    example: str, *, query: Schema | None = None, permission: Permission = Permission.READ, **options: Any
) -> Callable[[Callable[..., Page]], Callable[..., Response]]:
    """Declare a page: the address of one that is there, what it takes, and whom it is for."""
    return endpoint(
        permission,
        query=_from_form(PageQuery() if query is None else query),
        returns=Returns((HTML,)),
        example=example,
        published=False,
        **options,
    )
