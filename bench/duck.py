"""DuckDB on the same data, in a Python of its own: reads questions from the standard input, says what each took.

Run by the measurement as `PEERS/bin/python bench/duck.py FOLDER`, where the folder has `item.csv` and `link.csv`.
"""

import sys
import time
from pathlib import Path

import duckdb

_BEARING = "link.type IN ('supports', 'qualifies', 'contradicts', 'contextualises')"
_ARGUING = "link.type IN ('supports', 'qualifies', 'contradicts')"
_TIES = """
CREATE TEMP VIEW tie AS SELECT link.*, CASE WHEN far.kind = 'clause' THEN far.parent_id ELSE far.id END AS whole
FROM link JOIN item AS far ON far.id = link.target_id
"""
_STANDING = """
WITH RECURSIVE standing AS (
  SELECT whole AS row_id, source_id AS item_id FROM tie AS link WHERE {bearing}
  UNION
  SELECT standing.row_id, link.target_id FROM standing JOIN link ON link.source_id = standing.item_id
  WHERE link.type = 'derived_from'
)
"""
_UNTIED = "SELECT id FROM item WHERE kind = '{kind}' AND id NOT IN (SELECT {end} FROM tie AS link WHERE {types})"
QUESTIONS = {
    "chain": """
WITH RECURSIVE reached AS (
  SELECT {0} AS id UNION
  (SELECT CASE WHEN link.target_id = reached.id THEN link.source_id ELSE link.target_id END
   FROM reached JOIN link ON (link.target_id = reached.id AND link.type IN
     ('supports', 'qualifies', 'contradicts', 'contextualises', 'addresses', 'demonstrates'))
     OR (link.source_id = reached.id AND link.type IN ('derived_from', 'depends_on', 'supersedes'))
   UNION ALL SELECT item.id FROM reached JOIN item ON item.parent_id = reached.id
   UNION ALL SELECT item.owner_id FROM reached JOIN item ON item.id = reached.id WHERE item.owner_id IS NOT NULL)
) SELECT id FROM reached""",
    "matrix": _STANDING.format(bearing=_BEARING)
    + "SELECT row_id, evidence_kind, count(*) FROM standing JOIN item ON item.id = item_id AND item.kind = 'evidence' "
    "GROUP BY ALL",
    "gaps": " UNION ALL ".join(
        (
            _UNTIED.format(kind="recommendation", end="whole", types=_ARGUING),
            _UNTIED.format(kind="recommendation", end="whole", types="link.type = 'addresses' AND basis = 'stated'"),
            _UNTIED.format(kind="clause", end="target_id", types=f"{_ARGUING} OR link.type = 'addresses'"),
            "SELECT id FROM item WHERE kind = 'recommendation'",  # nobody has assessed any
            "SELECT id FROM item WHERE kind = 'action'",  # none has a due date
            "SELECT id FROM item WHERE kind = 'action' AND owner_id IS NULL",
            (
                "SELECT id FROM item WHERE kind = 'evidence' AND id NOT IN "
                "(SELECT source_id FROM link WHERE type NOT IN ('derived_from', 'supersedes')) "
                "AND id NOT IN (SELECT target_id FROM link WHERE type = 'derived_from')"
            ),
            (
                "SELECT whole FROM tie AS link WHERE link.type IN ('supports', 'contradicts') GROUP BY whole "
                "HAVING count(DISTINCT link.type) = 2"
            ),
            (
                "SELECT whole FROM tie AS link WHERE link.type = 'supports' GROUP BY whole "
                "HAVING count(*) FILTER (basis = 'stated') = 0"
            ),
            "SELECT row_id FROM (" + _STANDING.format(bearing="link.type = 'supports'") + "SELECT row_id FROM standing "
            "JOIN item ON item.id = item_id AND item.kind = 'source' GROUP BY row_id HAVING count(*) = 1)",
        )
    ),
}


def main() -> None:
    """Load the data, say how long that took; then answer questions until there are no more."""
    folder = Path(sys.argv[1])
    begun = time.perf_counter()
    connection = duckdb.connect()
    for name in ("item", "link"):
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{folder / name}.csv', sample_size=-1)")
    connection.execute(_TIES)
    sys.stdout.write(f"{time.perf_counter() - begun}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        name, _, value = line.strip().partition(" ")
        begun = time.perf_counter()
        connection.execute(QUESTIONS[name].format(value)).fetchall()
        sys.stdout.write(f"{time.perf_counter() - begun}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
