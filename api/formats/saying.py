"""What an answer about the graph says of itself and of its parts, whatever the format."""

import re
from textwrap import wrap

from api.formats.format import About
from models.queries.graph import Graph
from models.queries.rows import Row

_WIDTH, _LINES = 34, 3
# Controls, halves of surrogate pairs, and what turns the direction of the text around it.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


# What is said of what nothing on record says, and words that people need more than the word for.
UNKNOWN = "not known"
_WORDS = {None: UNKNOWN, "not_published": "not published here"}


def said(word: str | None) -> str:
    """A word of the vocabulary as people say it."""
    return _WORDS[word] if word in _WORDS else str(word).replace("_", " ")


def plain(text: str) -> str:
    """A text on one line, without characters that are not seen."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def caption(node: Row) -> list[str]:
    """What a node of a drawing says: its reference and kind, then its title in a few short lines."""
    title = wrap(plain(node["title"]), _WIDTH, max_lines=_LINES, placeholder=" …")
    return [f"{plain(node['ref'])} ({node['kind']})", *title]


def tie(link: Row) -> str:
    """What an edge of a drawing says: its type, whether it is only inferred, and whether it is suspect."""
    words = [word for word, so in (("inferred", is_inferred(link)), ("suspect", link["suspect"])) if so]
    return f"{link['type']} ({', '.join(words)})" if words else str(link["type"])


def is_inferred(link: Row) -> bool:
    """Whether an analyst inferred the tie; what is not stated is never drawn as if it were."""
    return bool(link["basis"] != "stated")


def notices(graph: Graph) -> list[str]:
    """What a drawing does not show, and has to say."""
    cut = [f"Truncated: there are more {graph.reason or 'items'} than are drawn"] if graph.truncated else []
    cut += [f"Undated items left out: {graph.undated}"] if graph.undated else []
    hidden = sum(stub["count"] for stub in graph.withheld or ())
    return cut + ([f"Withheld from this reader: {hidden} links and parts"] if hidden else [])


def heading(graph: Graph, about: About) -> list[str]:
    """What a drawing is an answer to, what its lines mean, and what it does not show."""
    told = [f"{name}: {plain(value)}" for name, value in about.pairs()]
    return [*told, "Broken lines: inferred by an analyst; others: stated", *notices(graph)]


def facts(graph: Graph, about: About) -> Row:
    """What an answer says of itself to a program: the question, its date, the record's point, and what is left out."""
    said = dict(about.pairs())
    return {
        "service": said["Service"],
        "question": said["Question"],
        "filters": said["Filters"],
        "as_of": about.as_of,
        "seq": about.seq,
        "handling": said["Handling"],
        "truncated": graph.truncated,
        "truncated_by": graph.reason,
        "undated": graph.undated,
        "withheld": sum(stub["count"] for stub in graph.withheld) if graph.withheld is not None else None,
    }
