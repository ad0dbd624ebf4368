"""DOT: a part of the graph as Graphviz draws it."""

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

from api.formats.format import About
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
_WIDTH, _LINES = 34, 3
# Controls, halves of surrogate pairs, and what turns the direction of the text around it.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """A text on one line, without characters that are not seen."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def caption(node: Row) -> list[str]:
    """What a node of a drawing says: its reference and kind, then its title in a few short lines."""
    title = wrap(plain(node["title"]), _WIDTH, max_lines=_LINES, placeholder=" …")
    return [f"{plain(node['ref'])} ({node['kind']})", *title]


def tie(link: Row) -> str:
    """What an edge of a drawing says: its type, and whether it is only inferred."""
    return f"{link['type']} (inferred)" if is_inferred(link) else str(link["type"])


def is_inferred(link: Row) -> bool:
    """Whether an analyst inferred the tie; what is not stated is never drawn as if it were."""
    return bool(link["basis"] != "stated")


def notices(graph: Graph) -> list[str]:
    """What a drawing does not show, and has to say."""
    cut = [f"Truncated: there are more {graph.reason or 'items'} than are drawn"] if graph.truncated else []
    return cut + ([f"Undated items left out: {graph.undated}"] if graph.undated else [])


def heading(graph: Graph, about: About) -> list[str]:
    """What a drawing is an answer to, what its lines mean, and what it does not show."""
    told = [f"{name}: {plain(value)}" for name, value in about.pairs()]
    return [*told, "Broken lines: inferred by an analyst; others: stated", *notices(graph)]


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
