"""DOT: a part of the graph as Graphviz draws it."""

from collections.abc import Iterable, Iterator

from api.formats.format import About
from api.formats.saying import caption, heading, is_inferred, plain, tie
from models.queries.graph import Graph
from models.queries.rows import Row

SHAPES = {
    "review": "tab",
    "recommendation": "box",
    "clause": "note",
    "source": "cylinder",
    "evidence": "ellipse",
    "action": "hexagon",
    "progress": "component",
    "assessment": "octagon",
    "decision": "doubleoctagon",
    "body": "house",
}


def _escaped(text: str) -> str:
    """A text inside double quotes: no quote ends it, no backslash begins an escape such as the node's name."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _id(text: str) -> str:
    """A node's identity; always quoted, so that no keyword, number or HTML-like text is taken for one."""
    return f'"{_escaped(plain(text))}"'


def _label(lines: Iterable[str], end: str = r"\n") -> str:
    """A text that is drawn, its lines ended by an escape of DOT; entities of HTML stay as they are written."""
    return f'"{end.join(_escaped(line).replace("&", "&amp;") for line in lines)}"'


def _node(node: Row) -> str:
    """The line of one node."""
    return f"  {_id(node['ref'])} [shape={SHAPES[node['kind']]}, label={_label(caption(node))}];\n"


def _edge(link: Row) -> str:
    """The line of one link; its id is that of the link in the API."""
    style = ", style=dashed" if is_inferred(link) else ""
    told = f"id={_label([plain(link['id'])])}, label={_label([tie(link)])}{style}"
    return f"  {_id(link['source'])} -> {_id(link['target'])} [{told}];\n"


def _lines(graph: Graph, about: About) -> Iterator[str]:
    """The lines of the whole drawing."""
    yield "digraph traceability {\n"
    label = _label([*heading(graph, about), ""], end=r"\l")
    yield f'  graph [rankdir=LR, labelloc=t, labeljust=l, fontname="Helvetica", fontsize=10, label={label}];\n'
    yield '  node [fontname="Helvetica", fontsize=10];\n'
    yield '  edge [fontname="Helvetica", fontsize=8];\n'
    yield from map(_node, graph.nodes)
    yield from map(_edge, graph.links)
    yield "}\n"


def write(graph: Graph, about: About) -> Iterable[bytes]:
    """The bytes of the drawing: a shape for each kind, inferred ties dashed; UTF-8."""
    return ["".join(_lines(graph, about)).encode()]
