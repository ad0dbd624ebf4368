"""GraphML: a part of the graph for Gephi, yEd, igraph and the like."""

import io
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from api.formats.format import About
from api.formats.saying import facts
from models.queries.graph import Graph
from models.queries.rows import Row

Attribute = str | int | bool
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(text: str) -> str:
    """A text of characters that XML allows."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _attribute(value: Any) -> Attribute:
    """A value as GraphML has it: lists and parts are joined into a text, dates are ISO 8601."""
    if isinstance(value, bool | int):
        return value
    if isinstance(value, list):
        return "; ".join(str(_attribute(part)) for part in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_attribute(part)}" for name, part in value.items() if part is not None)
    return value.isoformat() if isinstance(value, date) else _text(str(value))


def _attributes(row: Row, *left_out: str) -> dict[str, Attribute]:
    """The fields of a row that say something, but for those that the element itself says."""
    return {
        name: _attribute(value)
        for name, value in row.items()
        if value is not None and value != [] and name not in left_out
    }


def write(graph: Graph, about: About) -> Iterable[bytes]:
    """The bytes of the graph, the same each time: a node's id is its reference, an edge's that of its link; UTF-8.

    Read it with `networkx.read_graphml(file, edge_key_type=str, force_multigraph=True)`, which keeps the edges' ids.
    """
    import networkx as nx  # noqa: PLC0415 - takes longer to import than all else; only this format needs it

    drawn = nx.MultiDiGraph(**_attributes(facts(graph, about)))
    for node in graph.nodes:
        distance = {"distance": graph.distances.get(node["ref"])}
        drawn.add_node(_text(node["ref"]), **_attributes(node | distance, "ref"))
    for link in graph.links:
        ends = (_text(link["source"]), _text(link["target"]))
        drawn.add_edge(*ends, key=_text(link["id"]), **_attributes(link, "id", "source", "target"))
    written = io.BytesIO()
    # Not write_graphml, which writes other bytes where lxml happens to be installed.
    nx.write_graphml_xml(drawn, written)
    return [written.getvalue()]
