"""Parts of the graph as DOT, Mermaid, GraphML and JSON-LD."""

import io
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from types import ModuleType
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from rdflib import RDF, XSD, Literal, Namespace, URIRef
from rdflib import Graph as Triples
from sqlalchemy.orm import Session

from api.formats import as_dot, as_graphml, as_jsonld, as_mermaid
from api.formats.as_json import item_url
from api.formats.format import About
from models.lens import Lens
from models.queries.chain import chain
from models.queries.graph import LINK_FIELDS, Graph, structural_row
from models.queries.lookup import id_of
from models.queries.rows import Row, fields_of
from models.queries.walk import Extent
from models.vocabulary import KINDS, TRACE_TYPES

FORMATS = (as_dot, as_mermaid, as_graphml, as_jsonld)
ABOUT = About("/api/v1/recommendations/R7/chain", (("limit", "5"), ("format", "dot")), None, 42)
ROOT = "https://trace.example"
OWN = Namespace(f"{ROOT}/api/v1/vocabulary#")
PROV = Namespace("http://www.w3.org/ns/prov#")
DCTERMS = Namespace("http://purl.org/dc/terms/")

# Each is at most one drawn line long, so that what is drawn can be compared with it.
HOSTILE = (
    'say "no"',
    "ends in a backslash \\",
    "\\N \\G \\l \\n \\\\",
    '"]; evil -> node [label="',
    "<b>bold</b>",
    "&lt;b&gt; &amp; &#34;",
    "#quot; #35; #9829; #",
    "ﬂ°60¶ß ﬂ°lt¶ß",
    "%%{init: {}}%%",
    "`code` *a* _b_ ~c~ $$x$$",
    "]) end |x| --> n0; style n0 a:#f;",
    "1. :::note fa:fa-car @{x}",
    "Ærøskøbing, 東京 🚓",
)


def written(form: ModuleType, graph: Graph, about: About = ABOUT) -> bytes:
    return b"".join(form.write(graph, about))


def a_node(kind: str, ref: str, **values: Any) -> Row:
    node = {"ref": ref, "kind": kind, "title": f"Title of {ref}", "handling": "PUBLIC", "version": 1}
    return dict.fromkeys(name for name in fields_of(kind) if name != "ties") | node | values


def a_link(source: str, type_: str, target: str, **values: Any) -> Row:
    said = {"basis": "stated", "rationale": "Because.", "asserted_by": "a test", "handling": "PUBLIC", "version": 1}
    named = {"id": f"{source}-{type_}-{target}", "source": source, "type": type_, "target": target}
    return dict.fromkeys(LINK_FIELDS) | named | said | values


def a_graph(nodes: Iterable[Row] = (), links: Iterable[Row] = (), **values: Any) -> Graph:
    return Graph(list(nodes), list(links), **{"truncated": False} | values)


def titled(title: str) -> Graph:
    return a_graph([a_node("evidence", "E1", title=title)])


def two_derivations() -> Graph:
    nodes = [a_node("evidence", "E1"), a_node("source", "S1"), a_node("source", "S2")]
    links = [a_link("E1", "derived_from", "S1"), a_link("E1", "derived_from", "S2", basis="inferred", strength="weak")]
    return a_graph(nodes, links)


@pytest.fixture
def r7(published: Session) -> Graph:
    return chain(published, Lens(), id_of(published, Lens(), "R7"))


# All


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_answer_is_the_same_bytes(form: ModuleType, published: Session) -> None:
    first, second = (written(form, chain(published, Lens(), id_of(published, Lens(), "R7"))) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("form", FORMATS)
def test_half_a_surrogate_pair_breaks_no_format(form: ModuleType) -> None:
    graph = titled("half \ud83d pair")

    assert "pair" in written(form, graph).decode()


# DOT

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|(->|[{}\[\];,=])|([A-Za-z_]\w*|-?\d+(?:\.\d+)?)|\s+', re.DOTALL)
Attributes = dict[str, str]


class Drawing:
    """What a DOT reader takes from a file; it knows no more of the language than is written."""

    def __init__(self, text: str) -> None:
        self.nodes: dict[str, Attributes] = {}
        self.edges: list[tuple[str, str, Attributes]] = []
        self.defaults: dict[str, Attributes] = {}
        self.tokens = self._tokens(text)
        assert [next(self.tokens) for _ in range(3)] == [("", "digraph"), ("", "traceability"), ("", "{")]
        while (token := next(self.tokens)) != ("", "}"):
            self._statement(*token)
        assert next(self.tokens, None) is None

    @staticmethod
    def _tokens(text: str) -> Any:
        position = 0
        while position < len(text):
            found = TOKEN.match(text, position)
            assert found, text[position : position + 40]
            position = found.end()
            quoted, sign, word = found.groups()
            if quoted is not None:
                yield ('"', quoted)
            elif sign or word:
                yield ("", sign or word)

    def _statement(self, quote: str, name: str) -> None:
        token = next(self.tokens)
        if token == ("", "->"):
            _, target = next(self.tokens)
            assert next(self.tokens) == ("", "[")
            self.edges.append((unescaped(name), unescaped(target), self._attributes()))
        elif quote:
            assert token == ("", "[")
            self.nodes[unescaped(name)] = self._attributes()
        else:
            assert name in {"graph", "node", "edge"}
            self.defaults[name] = self._attributes()

    def _attributes(self) -> Attributes:
        found = {}
        end = ("", ",")
        while end == ("", ","):
            _, name = next(self.tokens)
            assert next(self.tokens) == ("", "=")
            _, found[name] = next(self.tokens)
            end = next(self.tokens)
        assert (end, next(self.tokens)) == (("", "]"), ("", ";"))
        return found


def unescaped(text: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", text)


def drawn(text: str) -> list[str]:
    """The lines of a label as Graphviz draws them."""
    assert not re.search(r"&(?!amp;)", text)
    marked = re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nl" else found[1], text)
    return marked.replace("&amp;", "&").splitlines()


def dot(graph: Graph, about: About = ABOUT) -> Drawing:
    return Drawing(written(as_dot, graph, about).decode())


def test_dot_draws_each_item_and_link_of_a_chain_once(r7: Graph) -> None:
    drawing = dot(r7)

    assert list(drawing.nodes) == [node["ref"] for node in r7.nodes]
    assert [(a, b, told["id"]) for a, b, told in drawing.edges] == [
        (link["source"], link["target"], link["id"]) for link in r7.links
    ]
    assert drawn(drawing.nodes["R7"]["label"])[0] == "R7 (recommendation)"


def test_dot_has_a_shape_of_its_own_for_each_kind() -> None:
    drawing = dot(a_graph(a_node(kind, kind) for kind in KINDS))

    assert len({drawing.nodes[kind]["shape"] for kind in KINDS}) == len(KINDS)


def test_dot_dashes_what_is_inferred_and_says_so(r7: Graph) -> None:
    drawing = dot(r7)

    dashed = {told["id"] for _, _, told in drawing.edges if told.get("style") == "dashed"}
    assert dashed == {link["id"] for link in r7.links if link["basis"] == "inferred"}
    assert dashed == {told["id"] for _, _, told in drawing.edges if "inferred" in told["label"]}
    assert "contextualises (inferred)" in {told["label"] for _, _, told in drawing.edges}


@pytest.mark.parametrize("text", HOSTILE)
def test_dot_draws_hostile_text_as_it_is(text: str) -> None:
    drawing = dot(titled(text))

    assert list(drawing.nodes) == ["E1"]
    assert " ".join(drawn(drawing.nodes["E1"]["label"])[1:]) == text


@pytest.mark.parametrize("ref", ["node", "digraph", "1.0", "<b>x</b>", 'a"b', "a\\", "a:b"])
def test_dot_takes_every_reference_for_a_name_and_nothing_else(ref: str) -> None:
    nodes = [a_node("evidence", ref), a_node("source", "S1")]
    drawing = dot(a_graph(nodes, [a_link(ref, "derived_from", "S1")]))

    assert list(drawing.nodes) == [ref, "S1"]
    assert [edge[:2] for edge in drawing.edges] == [(ref, "S1")]


def test_dot_leaves_out_what_cannot_be_seen() -> None:
    drawing = dot(titled("a\x00b\x1b[31m\nc\u202ed\u2028e\x9f"))

    assert drawn(drawing.nodes["E1"]["label"])[1:] == ["a b [31m c d e"]


def test_dot_shortens_a_long_title_to_three_lines() -> None:
    drawing = dot(titled("word " * 80 + "x" * 90))

    title = drawn(drawing.nodes["E1"]["label"])[1:]
    assert len(title) == 3
    assert max(map(len, title)) <= 34
    assert title[-1].endswith(" …")


def test_dot_says_what_it_is_an_answer_to_and_what_is_missing() -> None:
    about = About("/api/v1/graph", (("kind", 'a "b"\n\\l'),), date(2017, 6, 29), 42)
    drawing = dot(a_graph(truncated=True, reason="links", undated=3), about)

    assert drawn(drawing.defaults["graph"]["label"]) == [
        "Service: MAPPA recommendations-to-evidence traceability",
        "Question: /api/v1/graph",
        "As of: 2017-06-29",
        'Filters: kind = a "b" \\l',
        "Known at: now",
        "From change of the record: 42",
        "Handling: PUBLIC",
        "Broken lines: inferred by an analyst; others: stated",
        "Truncated: there are more links than are drawn",
        "Undated items left out: 3",
    ]


def test_dot_of_a_whole_answer_speaks_of_nothing_missing(r7: Graph) -> None:
    label = dot(r7).defaults["graph"]["label"]

    assert not re.search("truncated|left out", label, re.IGNORECASE)


# Mermaid

MERMAID_LINES = {
    "comment": re.compile(r"  %% (?!\{)(.*)"),
    "node": re.compile(r'  (n\d+|note)\["([^"]*)"\]:::(\w+)'),
    "link": re.compile(r'  (n\d+) (-->|-\.->)\|"([^"]*)"\| (n\d+)'),
    "class": re.compile(r"  classDef (\w+) ([a-z0-9:#,-]+)"),
}


def mermaid(graph: Graph) -> dict[str, list[tuple[str, ...]]]:
    """What each line of a flowchart is; a line that is none of these is an error."""
    first, *lines = written(as_mermaid, graph).decode().removesuffix("\n").split("\n")
    assert first == "flowchart LR"
    found: dict[str, list[tuple[str, ...]]] = {name: [] for name in MERMAID_LINES}
    for line in lines:
        matches = [(name, match.groups()) for name, kind in MERMAID_LINES.items() if (match := kind.fullmatch(line))]
        assert len(matches) == 1, line
        found[matches[0][0]].append(matches[0][1])
    return found


def decoded(label: str) -> list[str]:
    """The lines of a label as Mermaid draws them; between breaks and entities there is no sign that means something."""
    parts = label.split("<br/>")
    rest = re.sub(r"#\d+;", "", "".join(parts))
    assert not set(rest) & set("!\"#$%&'*+:;<=>?@[\\]^_`{|}~")
    return [re.sub(r"#(\d+);", lambda found: chr(int(found[1])), part) for part in parts]


def test_mermaid_draws_each_item_and_link_of_a_chain_once(r7: Graph) -> None:
    chart = mermaid(r7)

    refs = {name: decoded(label)[0].split(" (")[0] for name, label, _ in chart["node"]}
    assert list(refs.values()) == [node["ref"] for node in r7.nodes]
    assert list(refs) == [f"n{number}" for number in range(len(r7.nodes))]
    assert [(refs[a], refs[b]) for a, _, _, b in chart["link"]] == [(row["source"], row["target"]) for row in r7.links]


def test_mermaid_dots_what_is_inferred_and_says_so(r7: Graph) -> None:
    chart = mermaid(r7)

    dotted = [arrow == "-.->" for _, arrow, _, _ in chart["link"]]
    assert dotted == [link["basis"] == "inferred" for link in r7.links]
    assert dotted == [label.endswith(" (inferred)") for _, _, label, _ in chart["link"]]
    assert "derived from" in {label for _, _, label, _ in chart["link"]}


def test_mermaid_has_a_class_for_each_kind_that_is_there() -> None:
    chart = mermaid(a_graph(a_node(kind, kind) for kind in KINDS))

    assert [kind for _, _, kind in chart["node"]] == list(KINDS)
    assert len({style for _, style in chart["class"]}) == len(KINDS)
    assert [kind for kind, _ in mermaid(titled("x"))["class"]] == ["evidence"]


@pytest.mark.parametrize("text", HOSTILE)
def test_mermaid_draws_hostile_text_as_it_is(text: str) -> None:
    chart = mermaid(titled(text))

    [(_, label, _)] = chart["node"]
    assert " ".join(decoded(label)[1:]) == text


@pytest.mark.parametrize("ref", ["end", "n1", "o", 'a"]', "a:::b"])
def test_mermaid_knows_no_item_by_its_reference(ref: str) -> None:
    nodes = [a_node("evidence", ref), a_node("source", "S1")]
    chart = mermaid(a_graph(nodes, [a_link(ref, "derived_from", "S1")]))

    assert chart["link"] == [("n0", "-->", "derived from", "n1")]
    assert decoded(chart["node"][0][1])[0] == f"{ref} (evidence)"


def test_mermaid_shows_what_is_missing_in_a_comment_and_in_a_note() -> None:
    chart = mermaid(a_graph([a_node("review", "M")], truncated=True, reason="nodes", undated=3))

    missing = ["Truncated: there are more nodes than are drawn", "Undated items left out: 3"]
    assert decoded(chart["node"][0][1]) == missing
    assert [decoded(told)[0] for (told,) in chart["comment"]][-2:] == missing


def test_mermaid_of_a_whole_answer_has_no_note(r7: Graph) -> None:
    assert "note" not in {name for name, _, _ in mermaid(r7)["node"]}


# GraphML


def graphml(graph: Graph, about: About = ABOUT) -> Any:
    """The graph as networkx reads it back."""
    return nx.read_graphml(io.BytesIO(written(as_graphml, graph, about)), edge_key_type=str, force_multigraph=True)


def test_graphml_reads_back_with_every_item_and_link(r7: Graph) -> None:
    read = graphml(r7)

    assert isinstance(read, nx.MultiDiGraph)
    assert list(read.nodes) == [node["ref"] for node in r7.nodes]
    assert set(read.edges(keys=True)) == {(link["source"], link["target"], link["id"]) for link in r7.links}
    assert read.number_of_edges() == len(r7.links)


def test_graphml_reads_back_with_every_field_that_says_something(r7: Graph) -> None:
    read = graphml(r7)

    for node in r7.nodes:
        told = {name: value for name, value in node.items() if value is not None and value != [] and name != "ref"}
        assert set(read.nodes[node["ref"]]) == {*told, "distance"}
    assert read.nodes["R7"]["text"] == next(node["text"] for node in r7.nodes if node["ref"] == "R7")
    assert read.nodes["R7"]["number"] == 7
    assert read.nodes["R7"]["effective_from"] == "2015-11-26"
    assert read.nodes["hmics"]["is_group"] is False
    assert read.nodes["PR2017-R7"]["assessors"] == "hmics; care-inspectorate"
    basis = {key: told["basis"] for _, _, key, told in read.edges(keys=True, data=True)}
    assert basis == {link["id"]: link["basis"] for link in r7.links}


def test_graphml_has_texts_numbers_and_truths_only(r7: Graph) -> None:
    root = ET.fromstring(written(as_graphml, r7))  # noqa: S314 - we wrote it

    keys = root.findall("{*}key")
    assert {key.get("attr.type") for key in keys} == {"string", "long", "boolean"}
    names = [(key.get("for"), key.get("attr.name")) for key in keys]
    assert len(names) == len(set(names))


def test_graphml_joins_due_dates_with_their_reasons() -> None:
    due = [
        {"number": 1, "due_on": date(2016, 3, 1), "note": None},
        {"number": 2, "due_on": date(2017, 3, 1), "note": "late"},
    ]
    read = graphml(a_graph([a_node("action", "A1", due_dates=due)]))

    assert read.nodes["A1"]["due_dates"] == "number: 1, due_on: 2016-03-01; number: 2, due_on: 2017-03-01, note: late"


@pytest.mark.parametrize("text", HOSTILE)
def test_graphml_keeps_hostile_text(text: str) -> None:
    assert graphml(titled(text)).nodes["E1"]["title"] == text


def test_graphml_leaves_out_characters_that_xml_forbids() -> None:
    every = "".join(map(chr, range(0x20))) + "a\x7f\ud800\ufffe\uffffb"

    assert graphml(titled(every)).nodes["E1"]["title"] == "\t\n\na\x7fb"


def test_graphml_keeps_two_links_between_the_same_items_apart() -> None:
    nodes = [a_node("evidence", "E1"), a_node("recommendation", "R1")]
    read = graphml(a_graph(nodes, [a_link("E1", "supports", "R1"), a_link("E1", "qualifies", "R1")]))

    assert {told["type"] for told in read["E1"]["R1"].values()} == {"supports", "qualifies"}


def test_graphml_says_what_it_is_an_answer_to() -> None:
    about = About("/api/v1/graph", (("depth", "2"),), date(2017, 6, 29), 42)
    read = graphml(a_graph(truncated=True, reason="nodes", undated=3), about)

    told = {name: value for name, value in read.graph.items() if name not in {"node_default", "edge_default"}}
    assert told == {
        "service": "MAPPA recommendations-to-evidence traceability",
        "question": "/api/v1/graph",
        "filters": "depth = 2",
        "as_of": "2017-06-29",
        "seq": 42,
        "handling": "PUBLIC",
        "truncated": True,
        "truncated_by": "nodes",
        "undated": 3,
    }


def test_graphml_of_now_has_no_date_and_is_whole(r7: Graph) -> None:
    read = graphml(r7)

    assert "as_of" not in read.graph
    assert read.graph["truncated"] is False


# JSON-LD


def triples(graph: Graph, about: About = ABOUT, root: str = ROOT) -> Triples:
    """The triples as rdflib reads them, served at this root.

    rdflib resolves the vocabulary's address for classes and not for properties (its issue 2167), so that is done here.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)  # rdflib's own use
        read = Triples().parse(data=written(as_jsonld, graph, about), format="json-ld", publicID=f"{root}{about.path}")
    resolved = Triples()
    for subject, predicate, thing in read:
        resolved.add((subject, URIRef(predicate, base=root), thing))
    return resolved


def place(kind: str, ref: str) -> URIRef:
    return URIRef(ROOT + item_url(kind, ref))


def link_place(source: str, type_: str, target: str) -> URIRef:
    return URIRef(f"{ROOT}/api/v1/links/{source}-{type_}-{target}")


def prov_ties(read: Triples) -> set[tuple[Any, ...]]:
    return {(s, p, o) for s, p, o in read if p in {PROV.wasDerivedFrom, PROV.wasRevisionOf}}


def test_json_ld_has_a_resource_for_each_item_and_trace_link_of_a_chain(r7: Graph) -> None:
    read = triples(r7)

    classes = Counter(thing.removeprefix(OWN) for thing in read.objects(None, RDF.type) if thing.startswith(OWN))
    traces = [link for link in r7.links if link["type"] in TRACE_TYPES]
    kinds = Counter(node["kind"].capitalize() for node in r7.nodes)
    assert classes == kinds + Counter(Link=len(traces), Answer=1)


def test_json_ld_of_a_known_graph_has_exactly_its_triples() -> None:
    read = triples(two_derivations())

    counted = Counter(str(subject).removeprefix(f"{ROOT}/api/v1/").split("/")[0] for subject in read.subjects())
    of_item = len(("class", "PROV class", "reference", "title", "handling", "version"))
    of_link = len(("class", "source", "target", "type", "basis", "rationale", "who", "handling", "version"))
    assert counted == {"evidence": of_item + 1, "sources": 2 * of_item, "links": 2 * of_link + 1, "recommendations": 8}


@pytest.mark.parametrize("kind", KINDS)
def test_json_ld_says_in_terms_of_prov_what_each_kind_is(kind: str) -> None:
    read = triples(a_graph([a_node(kind, "X1")]))

    classes = {"action": {PROV.Activity}, "body": {PROV.Agent, PROV.Organization}}.get(kind, {PROV.Entity})
    assert set(read.objects(place(kind, "X1"), RDF.type)) == classes | {OWN[kind.capitalize()]}


def test_json_ld_says_of_every_link_its_ends_its_basis_and_who_says_so(r7: Graph) -> None:
    read = triples(r7)

    kinds = {node["ref"]: node["kind"] for node in r7.nodes}
    for link in (link for link in r7.links if link["type"] in TRACE_TYPES):
        own = URIRef(f"{ROOT}/api/v1/links/{link['id']}")
        assert read.value(own, OWN.source) == place(kinds[link["source"]], link["source"])
        assert read.value(own, OWN.target) == place(kinds[link["target"]], link["target"])
        for field, name in (
            ("type", "type"),
            ("basis", "basis"),
            ("rationale", "rationale"),
            ("asserted_by", "assertedBy"),
        ):
            assert read.value(own, OWN[name]) == Literal(link[field])


def test_json_ld_says_every_stated_derivation_in_prov_too(r7: Graph) -> None:
    read = triples(r7)

    stated = [link for link in r7.links if link["type"] == "derived_from" and link["basis"] == "stated"]
    assert len(stated) == 7
    assert len(prov_ties(read)) == 7


def test_json_ld_says_no_inferred_tie_in_prov_but_keeps_it_as_a_link() -> None:
    read = triples(two_derivations())

    assert prov_ties(read) == {(place("evidence", "E1"), PROV.wasDerivedFrom, place("source", "S1"))}
    inferred = link_place("E1", "derived_from", "S2")
    assert read.value(inferred, OWN.basis) == Literal("inferred")
    assert read.value(inferred, OWN.strength) == Literal("weak")
    assert {s for s, _ in read.subject_predicates(place("source", "S2"))} == {inferred}


def test_json_ld_calls_what_supersedes_a_revision() -> None:
    nodes = [a_node("evidence", "E1"), a_node("evidence", "E2")]
    read = triples(a_graph(nodes, [a_link("E2", "supersedes", "E1")]))

    assert prov_ties(read) == {(place("evidence", "E2"), PROV.wasRevisionOf, place("evidence", "E1"))}


@pytest.mark.parametrize(
    ("kind", "terms"),
    [
        ("evidence", {OWN.ownedBy, PROV.wasAttributedTo}),
        ("action", {OWN.ownedBy, PROV.wasAssociatedWith}),
        ("body", {OWN.ownedBy}),
    ],
)
def test_json_ld_says_whose_a_thing_is_as_prov_does_for_its_kind(kind: str, terms: set[URIRef]) -> None:
    read = triples(a_graph([a_node(kind, "X1", owner="police")]))

    assert set(read.predicates(place(kind, "X1"), place("body", "police"))) == terms


def test_json_ld_has_every_edge_of_structure_once_under_its_name(r7: Graph) -> None:
    read = triples(r7)

    kinds = {node["ref"]: node["kind"] for node in r7.nodes}
    structure = [link for link in r7.links if link["type"] not in TRACE_TYPES]
    assert len(structure) == 17
    for link in structure:
        name = re.sub(r"_(.)", lambda found: found[1].upper(), link["type"])
        ends = [place(kinds[link[end]], link[end]) for end in ("source", "target")]
        assert (ends[0], OWN[name], ends[1]) in read
        assert read.value(URIRef(f"{ROOT}/api/v1/links/{link['id']}"), RDF.type) is None


@pytest.mark.parametrize(("subject_kind", "subject"), [("recommendation", "R1"), ("clause", "R1.1"), ("review", "M1")])
def test_json_ld_finds_what_a_verdict_is_on_whatever_its_kind(subject_kind: str, subject: str) -> None:
    node = a_node("assessment", "V1", subject=subject, subject_kind=subject_kind, assessors=["hmics"])
    read = triples(a_graph([node], [structural_row("assesses", "V1", subject)]))

    assert read.value(place("assessment", "V1"), OWN.assesses) == place(subject_kind, subject)
    assert read.value(place("assessment", "V1"), PROV.wasAttributedTo) == place("body", "hmics")


def test_json_ld_attributes_no_recommendation_to_who_must_carry_it_out() -> None:
    read = triples(a_graph([a_node("recommendation", "R1", lead="police", partners=["prisons", "nhs"])]))

    own = place("recommendation", "R1")
    assert read.value(own, OWN.ledBy) == place("body", "police")
    assert set(read.objects(own, OWN.partneredBy)) == {place("body", "prisons"), place("body", "nhs")}
    assert read.value(own, PROV.wasAttributedTo) is None


def test_json_ld_types_dates_as_dates(r7: Graph) -> None:
    read = triples(r7)

    assert read.value(place("recommendation", "R7"), OWN.effectiveFrom) == Literal("2015-11-26", datatype=XSD.date)
    days = {str(p).removeprefix(OWN) for _, p, o in read if isinstance(o, Literal) and o.datatype == XSD.date}
    assert {"effectiveFrom", "periodFrom", "periodTo"} <= days


def test_json_ld_keeps_due_dates_with_their_reasons() -> None:
    due = [
        {"number": 1, "due_on": date(2016, 3, 1), "note": None},
        {"number": 2, "due_on": date(2017, 3, 1), "note": "late"},
    ]
    read = triples(a_graph([a_node("action", "A1", due_dates=due, claimed_by="P1")]))

    kept = {str(read.value(part, OWN.dueOn)): read.value(part, OWN.note) for part in read.objects(None, OWN.dueDates)}
    assert kept == {"2016-03-01": None, "2017-03-01": Literal("late")}
    assert read.value(place("action", "A1"), OWN.claimedBy) == place("progress", "P1")


@pytest.mark.parametrize(
    ("kind", "publication_type", "primary"),
    [("evidence", "primary", True), ("evidence", "press", False), ("action", "primary", False)],
)
def test_json_ld_names_the_published_page_a_primary_source_only_where_it_is(
    kind: str, publication_type: str, *, primary: bool
) -> None:
    node = a_node(kind, "X1", url="https://news.example/a b?c=<d>", publication_type=publication_type)
    read = triples(a_graph([node]))

    page = URIRef("https://news.example/a%20b?c=%3Cd%3E")
    assert read.value(place(kind, "X1"), DCTERMS.source) == page
    assert read.value(place(kind, "X1"), PROV.hadPrimarySource) == (page if primary else None)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "www.example.org", "/api/v1/keys"])
def test_json_ld_takes_only_addresses_of_the_web_for_pages(url: str) -> None:
    read = triples(a_graph([a_node("evidence", "E1", url=url)]))

    assert read.value(place("evidence", "E1"), DCTERMS.source) is None
    assert read.value(place("evidence", "E1"), OWN.url) == Literal(url)


@pytest.mark.parametrize("text", HOSTILE)
def test_json_ld_keeps_hostile_text(text: str) -> None:
    assert triples(titled(text)).value(place("evidence", "E1"), DCTERMS.title) == Literal(text)


def test_json_ld_stands_at_the_address_from_which_it_is_served(r7: Graph) -> None:
    read = triples(r7, root="http://127.0.0.1:8000")

    addresses = {str(term) for row in read for term in row if isinstance(term, URIRef)}
    assert "http://127.0.0.1:8000/api/v1/recommendations/R7" in addresses
    assert all(address.startswith(("http://", "https://")) for address in addresses)


def test_json_ld_says_what_it_is_an_answer_to_and_what_is_missing() -> None:
    about = About("/api/v1/graph", (("kind", "a b"), ("kind", "c"), ("format", "jsonld")), date(2017, 6, 29), 42)
    read = triples(a_graph(truncated=True, reason="nodes", undated=3), about)

    answer = URIRef(f"{ROOT}/api/v1/graph?kind=a+b&kind=c")
    told = {
        str(name).removeprefix(OWN): value.toPython()
        for name, value in read.predicate_objects(answer)
        if name != RDF.type
    }
    assert told == {
        "service": "MAPPA recommendations-to-evidence traceability",
        "question": "/api/v1/graph",
        "filters": "kind = a b, kind = c",
        "asOf": date(2017, 6, 29),
        "seq": 42,
        "handling": "PUBLIC",
        "truncated": True,
        "truncatedBy": "nodes",
        "undated": 3,
    }


def test_a_chain_that_is_cut_short_says_so_in_every_format(published: Session) -> None:
    cut = chain(published, Lens(), id_of(published, Lens(), "R7"), Extent(32, 3))
    said: dict[ModuleType, Callable[[], bool]] = {
        as_dot: lambda: "Truncated" in dot(cut).defaults["graph"]["label"],
        as_mermaid: lambda: mermaid(cut)["node"][0][0] == "note",
        as_graphml: lambda: graphml(cut).graph["truncated"] is True,
        as_jsonld: lambda: (None, OWN.truncated, Literal(True)) in triples(cut),
    }

    assert [form.__name__ for form in FORMATS if not said[form]()] == []
