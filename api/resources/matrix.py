"""The traceability matrix."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_matrix
from api.schemas.matrix import MatrixQuery, MatrixSchema
from models.queries.matrix import Matrix, matrix
from models.queries.standing import Question

blueprint = Blueprint("matrix", __name__, url_prefix="/api/v1/matrix")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=MatrixQuery(),
    returns=a_matrix(MatrixSchema()),
    example="/api/v1/matrix?cell=refs&basis=stated",
)
def get_matrix(call: Call) -> Matrix:
    """Ask for a traceability matrix: which items stand behind each row, and what is missing.

    Every row and column is there, empty ones too; each row has the reasons of its gaps. Of some rows that are named
    (`row`), the columns are the items that they have something in, and the summary speaks of these rows.
    """
    asked = call.query
    question = Question(
        rows=asked["rows"],
        columns=asked["columns"],
        via=tuple(asked.get("via", ())),
        cell=asked["cell"],
        direct=asked["direct"],
        review=tuple(asked.get("review", ())),
        basis=tuple(asked.get("basis", ())),
        row=tuple(asked.get("row", ())),
    )
    return matrix(call.session, call.asked, question)
