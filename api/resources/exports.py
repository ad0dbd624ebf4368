"""Exports: everything that a reader sees, as one file that is the same bytes each time."""

import tempfile
from dataclasses import replace
from typing import IO

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import an_export
from api.schemas.record import PastQuery
from models.changes import last_seq
from models.queries.export import export

blueprint = Blueprint("exports", __name__, url_prefix="/api/v1/exports")
_IN_MEMORY = 8 * 1024 * 1024


@blueprint.get("")
@endpoint(Permission.READ, query=PastQuery(), returns=an_export(), example="/api/v1/exports?known_at=30")
def get_export(call: Call) -> IO[bytes]:
    """Export everything: items, links, baselines, and the changes that made them, a JSON value on each line.

    The same point of the record gives the same bytes. The last line is a manifest: counts, the SHA-256 of all lines
    before it, and the point of the record with its hash. `mappa-trace import` loads it into an empty database.
    """
    lens = call.lens if call.lens.known_at is not None else replace(call.lens, known_at=last_seq(call.session))
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when it has been sent
    file.writelines(export(call.session, lens))
    file.seek(0)
    return file
