"""Mutants: the two-run test sees each fault by which something hidden could be told, one for each channel."""

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import Databases
from tests.leaks.answers import Answer, Stage, first_difference
from tests.leaks.ground import Ground
from tests.leaks.mutants import MUTANTS
from tests.leaks.planting import Mutant, planted
from tests.leaks.readers import READERS
from tests.leaks.sameness import sameness
from tests.leaks.sight import Plain, without_hidden
from tests.leaks.specimen import specimen

# The channels that the document names (access.md); rate limits and search ranks are of no data that is hidden as yet.
NAMED = (
    "403 against 404",
    "totals",
    "page counts",
    "cursors",
    "ETags",
    "degrees",
    "averages",
    "facets",
    "order by a hidden field",
    "a path through a hidden node",
    "distance",
    "would make a cycle through a hidden link",
    "unique-reference collisions",
    "refused withdrawals because of hidden dependants",
    "sequential references",
    "version and change numbers",
    "idempotency keys across principals",
    "cached answers",
    "export manifests",
    "error details",
    "change-feed gaps",
    "old versions after handling was raised",
)
TwoRuns = Callable[[Mutant], tuple[str, str, str] | None]


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """The specimen: whole, and without what is hidden from each reader.

    On SQLite alone: what the lens forgets, PostgreSQL does not show, and its second layer would hide the fault.
    """
    script, databases = specimen(), Databases("sqlite", tmp_path_factory.mktemp("mutants"), None)
    with sameness() as same:
        ground = Ground(databases, same)
        ground.lay(script)
        ground.keep("whole")
        for reader in READERS:
            ground.lay(without_hidden(script, reader))
            ground.keep(reader.name)
        yield ground
    databases.dispose()


@pytest.fixture(scope="module")
def two_runs(ground: Ground) -> TwoRuns:
    """Asks what a mutant is seen by, of the whole specimen and of what its reader may see; where the answers part."""
    stage = Stage(ground.database)

    def answers(mutant: Mutant, laid: str) -> list[Answer]:
        ground.lay_kept(laid)
        told = []
        for place, probe in enumerate(mutant.asked):
            ground.same.begin(f"{place}-")
            if mutant.first is not None:
                stage.ask(probe.path, method=probe.method, **probe.sent(mutant.first))
            answer = stage.ask(probe.path, method=probe.method, **probe.sent(mutant.reader))
            told += [] if probe.kept else [answer]
        return told

    return lambda mutant: first_difference(answers(mutant, "whole"), answers(mutant, mutant.reader.name))


@pytest.fixture(scope="module")
def unmutated(two_runs: TwoRuns) -> dict[str, tuple[str, str, str] | None]:
    """What the same questions tell of the service as it is."""
    return {mutant.name: two_runs(mutant) for mutant in MUTANTS}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_sees_what_leaks(mutant: Mutant, two_runs: TwoRuns, unmutated: dict[str, tuple[str, str, str] | None]) -> None:
    with planted(mutant):
        told = two_runs(mutant)

    assert unmutated[mutant.name] is None
    assert told is not None


def test_every_channel_that_the_document_names_has_a_mutant() -> None:
    assert set(NAMED) <= {mutant.channel for mutant in MUTANTS}


def test_the_specimen_hides_something_from_every_reader() -> None:
    plain = Plain(specimen())

    hidden = {reader.name: plain.hidden(reader) for reader in READERS if reader.name != "inspector-b"}

    assert all(len([thing for thing in found if thing.ends is None]) > 5 for found in hidden.values())
    assert all(len([thing for thing in found if thing.ends is not None]) > 5 for found in hidden.values())
