"""Two runs: whatever a reader is answered is the same, byte for byte, without what he may not see."""

import pytest

from tests.conftest import Databases
from tests.leaks.ground import Ground
from tests.leaks.probes import Probing
from tests.leaks.questions import may_be_asked
from tests.leaks.readers import READERS
from tests.leaks.running import Counts, TwoRuns
from tests.leaks.sameness import sameness
from tests.leaks.two_runs import in_rotation

# How many graphs, and how much is asked of each; every read, parameter and probe on SQLite, a sample on PostgreSQL.
GRAPHS = {"sqlite": (40, Counts()), "postgresql": (8, Counts(reads=6, probes=3, pages=2))}


@pytest.fixture(scope="module")
def compared(databases: Databases) -> TwoRuns:
    """Random graphs, read by every reader in turn."""
    graphs, counts = GRAPHS[databases.engine]
    with sameness() as same:
        runs = TwoRuns(Ground(databases, same), counts=counts)
        for number in range(graphs):
            runs.run(number, in_rotation(number))
    return runs


def test_answers_nothing_that_depends_on_what_is_hidden(compared: TwoRuns) -> None:
    differences = compared.tally.differences

    assert differences == [], f"{len(differences)} differences; the first: {differences[0]}"


def test_asks_every_reader(compared: TwoRuns) -> None:
    assert set(compared.tally.asked) == set(READERS)


def test_asks_for_everything_that_is_published(compared: TwoRuns, databases: Databases) -> None:
    asked = compared.tally.asked
    wanted = {(reader, card.name) for reader in READERS for card in compared.cards if may_be_asked(card, reader)}

    missing = {(reader.name, name) for reader, name in wanted if name.endswith(" json") and name not in asked[reader]}

    if databases.engine == "sqlite":
        assert missing == set()
        assert {name for _reader, name in wanted} == set().union(*asked.values())


def test_gives_every_parameter(compared: TwoRuns, databases: Databases) -> None:
    queries = {card.published.path: card.published.declared.query for card in compared.cards}
    named = {
        f"{path} {field.data_key or name}" for path, query in queries.items() for name, field in query.fields.items()
    }

    missing = {name for name in named - compared.tally.given if not name.endswith((" format", " after"))}

    if databases.engine == "sqlite":
        assert missing == set()


def test_probes_with_every_write_that_could_tell(compared: TwoRuns, databases: Databases) -> None:
    ways = {name for name in vars(Probing) if name.startswith("to_")}

    if databases.engine == "sqlite":
        assert ways - set(compared.tally.probed) == set()
