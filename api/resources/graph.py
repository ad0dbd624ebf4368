"""The graph: nodes and links by filter, or around a start."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_graph
from api.schemas.graph import GraphQuery, GraphSchema
from models.errors import NotFound
from models.queries.graph import EDGE_TYPES, Graph, Selection, graph_of
from models.queries.lookup import ids_of
from models.queries.walk import Extent
from models.vocabulary import KINDS

blueprint = Blueprint("graph", __name__, url_prefix="/api/v1/graph")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=GraphQuery(),
    returns=a_graph(GraphSchema()),
    raises=(NotFound,),
    example="/api/v1/graph?start=F028&direction=out&type=derived_from",
)
def get_graph(call: Call) -> Graph:
    """Read a part of the graph.

    Around one or more starts, by link types, direction and depth; or, without a start, all nodes of some kinds.
    What does not fit the limit is left out, and `truncated` says so.
    """
    wanted = Selection(
        kinds=tuple(call.query.get("kind", KINDS)),
        types=tuple(call.query.get("type", EDGE_TYPES)),
        direction=call.query["direction"],
        extent=Extent(call.query["depth"], call.query["limit"]),
    )
    start = ids_of(call.session, call.lens, call.query.get("start", []))
    return graph_of(call.session, call.lens, start, wanted)
