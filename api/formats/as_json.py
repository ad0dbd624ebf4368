"""JSON: what a result looks like to a program, with the links that it would follow."""

from collections.abc import Callable, Iterable
from typing import Any

import orjson
from marshmallow import Schema

from api.formats.format import About, Format
from api.paging import Listing
from models.queries.differences import Difference
from models.queries.graph import Graph
from models.queries.matrix import Cell, Matrix
from models.queries.rows import Row
from models.vocabulary import COLLECTIONS

BASE = "/api/v1"


def item_url(kind: str, ref: str) -> str:
    """Where an item, a link or a baseline is; a due date is where its action is."""
    kind = "action" if kind == "due_date" else kind
    return f"{BASE}/{COLLECTIONS.get(kind, f'{kind}s')}/{ref}"


def _linked(row: Row) -> Row:
    """A row with its own address: an item's, a link's, or none for what is no resource."""
    if "source" in row and "id" in row:
        own = item_url("link", row["id"]) if row["rationale"] is not None else None
        return {**row, "self": own}
    if "seq" in row:
        return {**row, "self": item_url("baseline", row["name"]) if "name" in row else f"{BASE}/changes/{row['seq']}"}
    if "kind" in row and "ref" in row and row["kind"] != "override":
        return {**row, "self": item_url(row["kind"], row["ref"])}
    return row


def item_json(row: Row) -> Row:
    """One item, link or answer of the service, with the items that it holds."""
    shown = {
        name: [item_json(part) for part in value]
        if isinstance(value, list) and value and isinstance(value[0], dict)
        else value
        for name, value in row.items()
    }
    return _linked(shown)


def recommendation_json(row: Row) -> Row:
    """One recommendation, with where to go on from it."""
    shown = item_json(row)
    parts = ("chain", "evidence", "actions", "assessments", "responses", "closure", "bodies", "timeline")
    related = {part: f"{shown['self']}/{part}" for part in parts}
    questions = {name: f"{BASE}/{name}?recommendation={row['ref']}" for name in ("gaps", "disagreements")}
    return shown | {"related": related | questions}


def closure_json(row: Row) -> Row:
    """Where a recommendation stands on the way to its discharge, with its own address."""
    return {**item_json(row), "self": f"{item_url('recommendation', row['recommendation'])}/closure"}


def _listed(row: Row) -> Row:
    """A row of a list; what has an id there is a trace link, whatever fields of it are asked for."""
    return {**row, "self": item_url("link", row["id"])} if "id" in row else _linked(row)


def listing_json(listing: Listing) -> Row:
    """One page of a list."""
    shown: Row = {"items": [_listed(row) for row in listing.rows], "next": listing.next}
    if listing.counted:
        shown["total"] = listing.total
    if listing.undated is not None:
        shown["undated"] = listing.undated
    if listing.resume is not None:
        shown["resume"] = listing.resume
    return shown


def graph_json(graph: Graph) -> Row:
    """Nodes and links."""
    shown: Row = {
        "nodes": [_linked(node) | {"distance": graph.distances[node["ref"]]} for node in graph.nodes],
        "links": [_linked(link) for link in graph.links],
        "truncated": graph.truncated,
    }
    if graph.truncated:
        shown["truncated_by"] = graph.reason
    if graph.undated is not None:
        shown["undated"] = graph.undated
    if graph.withheld is not None:
        shown["withheld"] = graph.withheld
    if graph.paths is not None:
        shown["paths"] = graph.paths
    return shown


def difference_json(difference: Difference) -> Row:
    """What differs between two points of the record."""
    (first, start), (last, end) = difference.start, difference.end
    return {
        "from": {"name": first, "seq": start},
        "to": {"name": last, "seq": end},
        "summary": difference.summary,
        "differences": [_linked(row) for row in difference.rows],
        "truncated": difference.truncated,
        "gaps_compared": difference.gaps_compared,
    }


def _cell_json(cell: Cell, content: str) -> Row:
    """One cell: what was asked for, and how much of it is only inferred, and how much suspect."""
    match content:
        case "refs":
            return {
                "items": cell.items,
                "links": cell.links,
                "inferred_items": cell.inferred,
                "suspect_items": cell.suspect,
            }
        case "strength":
            return {"strength": cell.strength} | _counts(cell)
        case _:
            return _counts(cell)


def _counts(cell: Cell) -> Row:
    """How many items a cell has, and how many of them have only doubtful ways."""
    return {"count": len(cell.items), "inferred": len(cell.inferred), "suspect": len(cell.suspect)}


def matrix_json(matrix: Matrix) -> Row:
    """The whole matrix: columns once, then each row with a cell for each column and the reasons of its gaps."""
    question = matrix.question
    left_out = {"undated": matrix.undated} if matrix.undated is not None else {}
    return left_out | {
        "rows_are": question.rows,
        "columns_are": question.columns,
        "cell": question.cell,
        "via": list(question.followed()),
        "direct": question.direct,
        "columns": matrix.columns,
        "rows": [
            {
                "ref": line.ref,
                "title": line.title,
                "self": item_url(question.rows, line.ref),
                "cells": [_cell_json(cell, question.cell) for cell in line.cells],
                "gaps": line.gaps,
            }
            for line in matrix.lines()
        ],
        "summary": matrix.summary,
    }


def as_json(schema: Schema, shape: Callable[[Any], Row] = item_json) -> Format:
    """The JSON format of a resource whose results `shape` turns into plain values, described by a schema."""

    def write(result: Any, _about: About) -> Iterable[bytes]:
        return [orjson.dumps(shape(result))]

    return Format("json", "application/json", write, schema)
