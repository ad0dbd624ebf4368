"""Forms: what a page sends by POST, small, whole, and only from a page of ours."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from marshmallow import Schema, ValidationError, fields, validate

from api.call import Service
from api.problems import Forbidden, Unsupported
from api.schemas.base import Strict
from api.settings import Settings
from explorer.session import MOST_CHARACTERS, is_token_of, session_of
from models.errors import Fault, Invalid

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 8_192


class SessionForm(Strict):
    """A form that changes a session."""

    token = fields.String(required=True, metadata={"description": "What its page gave it."})


class SignInForm(SessionForm):
    """A key, given once."""

    key = fields.String(
        required=True,
        validate=validate.Regexp(
            rf"[\x21-\x7e]{{1,{MOST_CHARACTERS}}}\Z",
            error=f"Give a key or a token: 1 to {MOST_CHARACTERS} letters, digits and signs, without spaces.",
        ),
        metadata={"description": "A key, or a token of the identity provider."},
    )


def checked_form(schema: Schema) -> dict[str, Any]:
    """The checked fields of the form that was sent; refused where it stood on no page of this browser's session."""
    service: Service = current_app.extensions["mappa"]
    request.max_content_length = MOST_BYTES
    if request.mimetype != FORM:
        raise Unsupported(f"Send the form as {FORM}.")
    sent = request.form.to_dict()
    session = session_of(request, service.settings)
    token = sent.get("token", "")
    if session is None or not is_token_of(session, token, service.settings) or not _is_from_us(service.settings):
        raise Forbidden(
            "The form is out of date, or was not sent from its own page. Open the page again; it needs a cookie."
        )
    try:
        checked: dict[str, Any] = schema.load({name: value.strip() for name, value in sent.items()})
    except ValidationError as error:
        told: dict[str, list[str]] = dict(error.messages_dict)
        raise Invalid(*(Fault(name, lines[0]) for name, lines in told.items())) from error
    return checked


def _is_from_us(settings: Settings) -> bool:
    """Whether the browser says, where it says so, that a page of ours sent the form.

    Pages that tell no referrer, as ours, send `null` as their origin.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin", "null")
    return origin == "null" or urlsplit(origin).netloc in {request.host, urlsplit(settings.public_url).netloc}
