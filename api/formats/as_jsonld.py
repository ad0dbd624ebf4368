"""JSON-LD: a part of the graph as linked data, in the terms of PROV-O where they fit.

Names of the service's own are in `/api/v1/vocabulary#`: the fields and edges of the API in camelCase, the kinds as
classes; values are the words of the vocabulary as they stand. All addresses are absolute paths, and so is that
namespace: they are resolved against the address of the document, as JSON-LD 1.1 says. Who reads a saved file gives
the service's address as the base (in rdflib: `publicID`).
"""

from collections.abc import Iterable
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from api.formats.as_json import BASE, item_url
from api.formats.format import About
from api.formats.saying import facts
from models.queries.graph import Graph
from models.queries.rows import PARENT_FIELDS, ROLE_FIELDS, Row
from models.vocabulary import LINK_TYPES, PARENTS, ROLES, TRACE_TYPES

CONTEXT = {
    "@version": 1.1,
    "@vocab": f"{BASE}/vocabulary#",
    "prov": "http://www.w3.org/ns/prov#",
    "dcterms": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_CLASSES = {"action": ("prov:Activity",), "body": ("prov:Agent", "prov:Organization")}
_ENTITY = ("prov:Entity",)
_PROV_LINKS = {link_type.type: f"prov:{link_type.prov}" for link_type in LINK_TYPES if link_type.prov}
# The field of a row that holds a reference, and what the edge to it is called.
_EDGES = (
    {(rule.kind, PARENT_FIELDS[rule.kind]): rule.type for rule in PARENTS}
    | {(rule.kind, ROLE_FIELDS[rule.kind, rule.role]): rule.type for rule in ROLES}
)  # fmt: skip
# What structure says in terms that others know. A lead is not here: the recommendation is not its work.
_KNOWN = {
    "part_of": "dcterms:isPartOf",
    "published_by": "dcterms:publisher",
    "given_by": "prov:wasAttributedTo",
}
_NAMES = {"ref": "dcterms:identifier", "title": "dcterms:title"}
# What the rest of the resource says already.
_LEFT_OUT = frozenset({"kind", "id", "source", "target", "subject_kind"})


def _iri(address: str) -> str:
    """An address without characters that no IRI may have."""
    return quote(address, safe="/:?#[]@!$&'()*+,;=%~", errors="replace")


def _to(kind: str, ref: str) -> Row:
    """A reference to an item."""
    return {"@id": _iri(item_url(kind, ref))}


def _name(field: str) -> str:
    """The name of a field as linked data has it."""
    first, *rest = field.split("_")
    return _NAMES.get(field, first + "".join(word.capitalize() for word in rest))


def _value(value: Any) -> Any:
    """A value as JSON-LD has it; a date says that it is one, parts of a value become resources without a name."""
    if isinstance(value, date):
        return {"@type": "xsd:date", "@value": value.isoformat()}
    if isinstance(value, list):
        return [_value(part) for part in value]
    if isinstance(value, dict):
        return _values(value)
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _values(row: Row, left_out: Iterable[str] = ()) -> Row:
    """The fields of a row that say something."""
    return {
        _name(field): _value(value)
        for field, value in row.items()
        if value is not None and value != [] and field not in _LEFT_OUT and field not in left_out
    }


def _add(resource: Row, name: str, targets: Iterable[Row]) -> None:
    """Let a resource refer to others, once to each."""
    for target in targets:
        known = resource.setdefault(name, [])
        if target not in known:
            known.append(target)


def _edges(node: Row) -> dict[str, str]:
    """The fields of a node that hold references, each with the type of the edge."""
    found = {field: _EDGES[node["kind"], field] for field in node if (node["kind"], field) in _EDGES}
    return found | {"owner": "owned_by"}


def _terms(kind: str, edge_type: str) -> tuple[str, ...]:
    """What an edge of structure is called: by the service, and by PROV or Dublin Core if they have a term for it.

    An owner is who an entity is attributed to and who an action is associated with; what a body is to a body that
    owns it, PROV has no term for.
    """
    known = _KNOWN.get(edge_type)
    if edge_type == "owned_by" and kind != "body":
        known = "prov:wasAssociatedWith" if kind == "action" else "prov:wasAttributedTo"
    return (_name(edge_type), known) if known else (_name(edge_type),)


def _add_edges(resource: Row, node: Row) -> None:
    """Add the edges of structure, which a node's own fields hold, whether or not their ends are part of the answer."""
    for field, edge_type in _edges(node).items():
        found = node.get(field) or []
        kind = "body"
        if field == PARENT_FIELDS.get(node["kind"]):
            kind = node["subject_kind"] if field == "subject" else field
        targets = [_to(kind, ref) for ref in ([found] if isinstance(found, str) else found)]
        for term in _terms(node["kind"], edge_type):
            _add(resource, term, targets)


def _add_page(resource: Row, row: Row) -> None:
    """Add the published page: a source of anything, a primary source of an entity if it is said to be primary."""
    url = row["url"] or ""
    if not url.startswith(("http://", "https://")):
        return
    resource["dcterms:source"] = {"@id": _iri(url)}
    if "prov:Entity" in resource["@type"] and row.get("publication_type") == "primary":
        resource["prov:hadPrimarySource"] = {"@id": _iri(url)}


def _item(node: Row) -> Row:
    """An item as a resource."""
    kind = node["kind"]
    classes = [*_CLASSES.get(kind, _ENTITY), kind.capitalize()]
    resource = _to(kind, node["ref"]) | {"@type": classes} | _values(node, {*_edges(node), "claimed_by"})
    if node.get("claimed_by"):
        resource["claimedBy"] = _to("progress", node["claimed_by"])
    _add_edges(resource, node)
    _add_page(resource, node)
    return resource


def _link(link: Row, ends: tuple[Row, Row]) -> Row:
    """A trace link as a resource: what it joins, on what basis, why, and who says so."""
    source, target = ends
    resource = {"@id": _iri(f"{BASE}/links/{link['id']}"), "@type": ["Link"], "source": source, "target": target}
    resource |= _values(link)
    _add_page(resource, link)
    return resource


def _answer(graph: Graph, about: About) -> Row:
    """The answer itself as a resource: what was asked, and what was left out."""
    query = urlencode([pair for pair in about.query if pair[0] != "format"])
    address = f"{about.path}?{query}" if query else about.path
    return {"@id": _iri(address), "@type": [*_ENTITY, "Answer"]} | _values(facts(graph, about))


def _resources(graph: Graph, about: About) -> list[Row]:
    """The answer, its items, its trace links."""
    items = {node["ref"]: _item(node) for node in graph.nodes}
    places = {node["ref"]: _to(node["kind"], node["ref"]) for node in graph.nodes}
    links = []
    for link in graph.links:
        if link["type"] not in TRACE_TYPES:
            continue
        links.append(_link(link, (places[link["source"]], places[link["target"]])))
        if link["type"] in _PROV_LINKS and link["basis"] == "stated":
            _add(items[link["source"]], _PROV_LINKS[link["type"]], [places[link["target"]]])
    return [_answer(graph, about), *items.values(), *links]


def write(graph: Graph, about: About) -> Iterable[bytes]:
    """The bytes of the graph as JSON-LD; the same bytes each time.

    Each trace link is a resource of class `Link` that says its basis. PROV's own `wasDerivedFrom` and
    `wasRevisionOf` are said besides only where a page states the tie. For an inferred one they are not: a bare triple
    has no room for its basis, PROV has no word for an analyst's guess, and whoever merges the triples with others
    would read it as the published provenance. Edges of structure are no trace links; the record itself states them.
    """
    return [orjson.dumps({"@context": CONTEXT, "@graph": _resources(graph, about)})]
