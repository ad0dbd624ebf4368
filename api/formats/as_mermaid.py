"""Mermaid: a part of the graph as a flowchart that Markdown pages draw."""

import re
from collections.abc import Iterable, Iterator

from api.formats.format import About
from api.formats.saying import caption, heading, is_inferred, notices, tie
from models.queries.graph import Graph
from models.queries.rows import Row

COLOURS = {
    "review": ("#ede7f6", "#4527a0"),
    "recommendation": ("#e8eaf6", "#283593"),
    "clause": ("#e3f2fd", "#1565c0"),
    "source": ("#eceff1", "#37474f"),
    "evidence": ("#e0f2f1", "#00695c"),
    "action": ("#fff3e0", "#bf360c"),
    "progress": ("#fff8e1", "#8d5a00"),
    "assessment": ("#fce4ec", "#ad1457"),
    "decision": ("#f3e5f5", "#6a1b9a"),
    "body": ("#f1f8e9", "#33691e"),
}
# Every ASCII sign that means something to Mermaid, Markdown, KaTeX or HTML, and two with which Mermaid marks entities.
_MEANT = re.compile("[!\"#$%&'*+:;<=>?@\\[\\\\\\]^_`{|}~\xb0\xb6]")


def _text(line: str) -> str:
    """A text that is nothing but text to Mermaid: what could mean more is written as its entity, `#35;` for `#`."""
    return _MEANT.sub(lambda found: f"#{ord(found[0])};", line)


def _label(lines: Iterable[str]) -> str:
    """The lines of a label, in quotes."""
    return f'"{"<br/>".join(map(_text, lines))}"'


def _comment(line: str) -> str:
    """A line that is not drawn."""
    return f"  %% {_text(line)}\n"


def _edge(link: Row, ids: dict[str, str]) -> str:
    """The line of one link, dotted where it is inferred."""
    arrow = "-.->" if is_inferred(link) else "-->"
    label = _label([tie(link).replace("_", " ")])
    return f"  {ids[link['source']]} {arrow}|{label}| {ids[link['target']]}\n"


def _classes(graph: Graph) -> Iterator[str]:
    """The colours of the kinds that are there; the labels say the kind too."""
    present = {node["kind"] for node in graph.nodes}
    for kind, (fill, stroke) in COLOURS.items():
        if kind in present:
            yield f"  classDef {kind} fill:{fill},stroke:{stroke},color:#111111\n"


def _lines(graph: Graph, about: About) -> Iterator[str]:
    """The lines of the whole flowchart."""
    ids = {node["ref"]: f"n{number}" for number, node in enumerate(graph.nodes)}
    yield "flowchart LR\n"
    yield from map(_comment, heading(graph, about))
    if told := notices(graph):
        yield f"  note[{_label(told)}]:::note\n"
        yield "  classDef note fill:#fffde7,stroke:#b71c1c,stroke-width:3px,color:#111111\n"
    for node in graph.nodes:
        yield f"  {ids[node['ref']]}[{_label(caption(node))}]:::{node['kind']}\n"
    for link in graph.links:
        yield _edge(link, ids)
    yield from _classes(graph)


def write(graph: Graph, about: About) -> Iterable[bytes]:
    """The bytes of the flowchart, UTF-8: a class for each kind, inferred ties dotted, a note on what is left out.

    Mermaid draws at most 500 links and 50 000 characters unless its page allows more, which no diagram can do for
    itself; larger parts of the graph are better asked for as DOT or GraphML.
    """
    return ["".join(_lines(graph, about)).encode()]
