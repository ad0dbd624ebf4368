"""The same questions as plain SQL on a bare connection: what nobody can do without, markings obeyed."""

from collections.abc import Sequence
from typing import Any

from models.queries.chain import CHAIN_STEPS
from models.queries.reach import REACH_STEPS
from models.queries.walk import Steps
from models.vocabulary import BEARING_TYPES

# What a reader who is nobody in particular sees: what is public now, and was not withdrawn.
_SHOWN = (
    "{0}.handling = 'PUBLIC' AND {0}.limited_to IS NULL "
    "AND ({0}.embargo_until IS NULL OR {0}.embargo_until <= CURRENT_DATE) AND {0}.withdrawn_seq IS NULL"
)


def _shown(*tables: str) -> str:
    """The condition that rows are shown."""
    return " AND ".join(_SHOWN.format(table) for table in tables)


def _words(words: Sequence[str]) -> str:
    """Words as a list of SQL."""
    return ", ".join(f"'{word}'" for word in words)


ITEM = (
    "SELECT item.*, evidence.evidence_kind, evidence.statement, owner.ref AS owner FROM item "
    "JOIN evidence ON evidence.id = item.id LEFT JOIN item AS owner ON owner.id = item.owner_id "
    f"WHERE {_shown('item')} AND item.kind = 'evidence' "
)
ONE, PAGE = f"{ITEM} AND item.ref = ?", f"{ITEM} AND item.id > ? ORDER BY item.id LIMIT 51"
TIES = (
    "SELECT source.ref, link.ref, link.type, target.ref, link.basis, link.strength FROM link "
    "JOIN item AS source ON source.id = link.source_id JOIN item AS target ON target.id = link.target_id "
    f"WHERE {_shown('link', 'source', 'target')} "
    "AND link.type NOT IN ('derived_from', 'supersedes', 'depends_on') AND source.ref IN ({}) ORDER BY link.id"
)


def _edges(steps: Steps) -> list[str]:
    """A select of neighbours for each sort of edge that a walk takes from `reached`."""
    found = []
    for types, near, far in ((steps.forward, "source_id", "target_id"), (steps.backward, "target_id", "source_id")):
        if types:
            joined = f"FROM link JOIN item AS far ON far.id = link.{far} WHERE link.{near} = reached.id"
            found.append(f"SELECT far.id {joined} AND link.type IN ({_words(types)}) AND {_shown('link', 'far')}")
    if steps.children:
        part = f"WHERE far.parent_id = reached.id AND far.kind IN ({_words(steps.children)})"
        found.append(f"SELECT far.id FROM item AS far {part} AND {_shown('far')}")
    if steps.parents:
        joined = "FROM item AS here JOIN item AS far ON far.id = here.parent_id WHERE here.id = reached.id"
        found.append(f"SELECT far.id {joined} AND here.kind IN ({_words(steps.parents)}) AND {_shown('far')}")
    if steps.owners:
        joined = "FROM item AS here JOIN item AS far ON far.id = here.owner_id WHERE here.id = reached.id"
        found.append(f"SELECT far.id {joined} AND {_shown('far')}")
    if steps.roles:
        joined = "FROM involvement AS part JOIN item AS far ON far.id = part.body_id WHERE part.item_id = reached.id"
        found.append(f"SELECT far.id {joined} AND part.role IN ({_words(steps.roles)}) AND {_shown('far')}")
    return found


def walk(steps: Steps, *, fenced: bool) -> str:
    """The recursive question from one item (`?`): what is reached in how many hops; `fenced` as PostgreSQL wants it."""
    begun = f"SELECT id, 0 FROM item WHERE id = ? AND {_shown('item')}"
    if fenced:
        union = " UNION ALL ".join(_edges(steps))
        step = f"CROSS JOIN LATERAL ({union} OFFSET 0) AS step"
        onward = f"SELECT step.id, depth + 1 FROM reached {step} WHERE depth < 32"
    else:
        begins = "SELECT far.id, depth + 1 FROM reached, "
        terms = [edge.replace("SELECT far.id FROM ", begins) for edge in _edges(steps)]
        onward = " UNION ".join(f"{term} AND depth < 32" for term in terms)
    ended = "SELECT id, min(depth) FROM reached GROUP BY id ORDER BY 2, 1"
    return f"WITH RECURSIVE reached (id, depth) AS ({begun} UNION {onward}) {ended}"


CHAIN, REACH = CHAIN_STEPS, REACH_STEPS
# Every recommendation with every piece of evidence behind it, directly, by a clause, or by what it is derived from.
STANDING = f"""
WITH RECURSIVE standing (row_id, item_id, link_id) AS (
  SELECT CASE WHEN far.kind = 'clause' THEN far.parent_id ELSE far.id END, link.source_id, link.id
  FROM link JOIN item AS far ON far.id = link.target_id JOIN item AS near ON near.id = link.source_id
  WHERE far.kind IN ('recommendation', 'clause') AND link.type IN ({_words(BEARING_TYPES)})
  AND {_shown("link", "far", "near")}
  UNION
  SELECT standing.row_id, link.target_id, standing.link_id
  FROM standing JOIN link ON link.source_id = standing.item_id JOIN item AS far ON far.id = link.target_id
  WHERE link.type = 'derived_from' AND {_shown("link", "far")}
)"""
MATRIX = (
    f"{STANDING} SELECT row_id, evidence_kind, count(DISTINCT item_id) FROM standing "
    "JOIN evidence ON evidence.id = item_id GROUP BY row_id, evidence_kind ORDER BY row_id, evidence_kind"
)
ROWS = (
    f"{STANDING} SELECT whole.ref, evidence.evidence_kind, item.ref, link.ref, link.type, link.strength, link.basis, "
    "link.rationale FROM standing JOIN item AS whole ON whole.id = row_id JOIN item ON item.id = item_id "
    "JOIN evidence ON evidence.id = item_id JOIN link ON link.id = link_id ORDER BY row_id, item_id, link_id"
)


class Asker:
    """A bare connection of either engine that is asked plain SQL."""

    def __init__(self, connection: Any, *, is_sqlite: bool) -> None:
        """Ask on this connection."""
        self._connection, self.is_sqlite = connection, is_sqlite

    def all(self, statement: str, *values: Any) -> list[Any]:
        """Every row that a statement finds."""
        return self.named(statement, *values)[1]

    def named(self, statement: str, *values: Any) -> tuple[list[str], list[Any]]:
        """The names of the columns of what a statement finds, and every row."""
        if not self.is_sqlite:
            statement = statement.replace("?", "%s")
        cursor = self._connection.execute(statement, values)
        return [column[0] for column in cursor.description], cursor.fetchall()
