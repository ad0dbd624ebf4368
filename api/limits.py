"""Every limit in one table: how much there may be of what, and what is answered beyond; docs and tests read it."""

from typing import NamedTuple

from models.changes import PATIENCE_SECONDS
from models.queries.calendar import MOST_DUE
from models.queries.counting import MOST_COUNTED
from models.queries.differences import MOST_CHANGES, MOST_DIFFERENCES
from models.queries.graph import MOST, MOST_LINKS
from models.queries.looking import LOOKING_MS
from models.queries.matrix import MOST_CELLS
from models.queries.plan import MOST_SILENT
from models.queries.report import MOST_REPORTED
from models.queries.stretches import SMALL
from models.queries.whole import MOST_STEPS


class Limit(NamedTuple):
    """How much there may be of something, in which unit, and what is answered beyond."""

    what: str
    most: int
    unit: str
    beyond: str


URL = Limit("The URL of a request", 8_192, "bytes", "414")
HEADERS = Limit("The headers of a request", 100, "headers", "400")
BODY = Limit("The body of a request", 1_048_576, "bytes", "413")
DEPTH = Limit("How deep a body is nested", 32, "levels", "422")
KEYS = Limit("The names in a body", 1_000, "names", "422")
ELEMENTS = Limit("An array in a body", 10_000, "elements", "422")
LONG = Limit("A text of a thing", 10_000, "characters", "422")
SHORT = Limit("A title, a locator, an address, a note", 500, "characters", "422")
BODIES = Limit("The bodies that a field names", 100, "references", "422")
PARTS = Limit("The parts that an action is split into at once", 50, "actions", "422")
TEXTS = Limit("The texts of one `POST /pii-check`", 100, "texts", "422")
REASON = Limit("The reason of a write", 1_000, "characters", "422")
SEARCH = Limit("A text that a list is searched for (`q`)", 200, "characters", "422")
SILENCE = Limit("`stale_for`: for how long nothing was reported", MOST_SILENT, "days", "422")
PAGE = Limit("A page of a list", 200, "rows", "422")
COUNTED = Limit("What `count` counts, or goes through for it", MOST_COUNTED, "rows", "200, `total` is null")
JUDGED = Limit("The items and links of which gaps and disagreements are counted", SMALL, "of both", "200, it says so")
LOOKING = Limit("For how long a page is looked for, of little among much", LOOKING_MS, "milliseconds", "a shorter page")
CALENDAR = Limit("The due dates of a calendar", MOST_DUE, "events", "200, the soonest; it says so")
REPORT = Limit("The recommendations of a report, and its actions", MOST_REPORTED, "of each", "200, it says so")
GRAPH_DEPTH = Limit("How far a graph or chain is followed", MOST.depth, "links", "422")
GRAPH_NODES = Limit("The nodes of a graph", MOST.limit, "nodes", "200, `truncated_by` nodes")
GRAPH_LINKS = Limit("The links of a graph", MOST_LINKS, "links", "200, `truncated_by` links")
GRAPH_STEPS = Limit(
    "The work of following a graph: things met, again at each distance",
    MOST.steps,
    "steps",
    "200, `truncated_by` steps",
)
MATRIX_CELLS = Limit("The cells of a matrix: its rows times its columns", MOST_CELLS, "cells", "422")
MATRIX_STEPS = Limit("The work of finding what stands behind all rows of one", MOST_STEPS, "steps", "422")
COMPARED = Limit("The changes between two points that are looked at", MOST_CHANGES, "changes", "200, `truncated`")
DIFFERENCES = Limit("The differences between two points", MOST_DIFFERENCES, "rows", "200, `truncated`")
STATEMENT = Limit("One question to the database", 10, "seconds", "503")
WRITE_WAIT = Limit("The wait of a write for other writes", PATIENCE_SECONDS, "seconds", "503")
POOL_WAIT = Limit("The wait for a connection to the database", 2, "seconds", "503")
REPLICA = Limit("How far a replica that answers is behind", 5, "seconds", "the primary answers")
KNOWN_RATE = Limit("Requests of a known caller", 6_000, "a minute", "429")
PUBLIC_RATE = Limit("Requests from an address without a key", 1_200, "a minute", "429")
FAILURES = Limit("Keys and tokens from an address that are not accepted", 20, "a minute", "429")
# Of the embedded server.
HEADER_BYTES = Limit("The head of a request", 65_536, "bytes", "431")
SENDING = Limit("The sending of one request, from its first byte", 60, "seconds", "the connection is closed")
IDLE = Limit("The time between two requests on a connection", 75, "seconds", "the connection is closed")
CONNECTIONS = Limit("The connections of one process", 2_000, "connections", "new ones wait")

LIMITS = tuple(limit for limit in globals().values() if isinstance(limit, Limit))
