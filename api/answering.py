"""Answering: how a result becomes a response, with its entity tag, its name as a file, and what caches may do."""

import hashlib
from http import HTTPStatus

import orjson
from flask import Response, request

from api.formats.format import About, Format
from api.paging import Listing
from api.problems import Stale

_CONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE")


def etag_of(content: bytes) -> str:
    """The entity tag of a representation: a fingerprint of its bytes."""
    return hashlib.sha256(content).hexdigest()[:32]


def answer(form: Format, status: int, result: object, about: About) -> Response:
    """The response to a read: streamed, or whole with its ETag."""
    body = form.write(result, about)
    if form.streams:
        response = Response(iter(body), status, content_type=form.media_type)
    else:
        content = b"".join(body)
        response = Response(content, status, content_type=form.media_type)
        response.set_etag(etag_of(content))
    if form.extension is not None:
        response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(about, form.extension)}"'
    if isinstance(result, Listing) and result.next:
        response.headers["Link"] = f'<{result.next}>; rel="next"'
    response.headers.update(form.headers)
    response.headers.extend(form.told(result))
    with_caching(response, about)
    return if_wanted(response)


def if_wanted(response: Response) -> Response:
    """The response if the request's conditions hold; 304 where its caller has it, 412 where he has seen another."""
    if request.environ.keys().isdisjoint(_CONDITIONS):
        return response
    asked = dict(request.environ)
    if asked.get("HTTP_IF_MATCH", "").strip() == "*":  # whatever there is
        del asked["HTTP_IF_MATCH"]
    response.make_conditional(asked)
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        raise Stale(response.get_etag()[0] or "")
    return response


def with_caching(response: Response, about: About) -> Response:
    """The response, with what caches may do: keep it, and ask each time; for this caller and format alone.

    What is not for everybody no cache keeps, and its handling is in its headers.
    """
    response.headers["Vary"] = "Accept, Authorization"
    public = about.handling == "PUBLIC" and not about.restricted
    response.headers.setdefault("Cache-Control", "no-cache" if public and not about.private else "private, no-store")
    if not public:
        response.headers["Handling"] = about.handling
    return response


def _file_name(about: About, extension: str) -> str:
    """What a download is called: the question, and the day and the point of the record if they were asked for."""
    name = about.path.removeprefix("/api/v1/").strip("/").removesuffix(f".{extension}").replace("/", "-")
    name += f"-as-of-{about.as_of}" if about.as_of else ""
    name += f"-known-at-{about.seq}" if about.past else ""
    name += f".{extension}"
    return name if about.handling == "PUBLIC" and not about.restricted else f"{about.handling}-{name}"


def location_of(content: bytes) -> str:
    """Where the thing is that was made: its own address, as its representation says."""
    return str(orjson.loads(content)["self"])
