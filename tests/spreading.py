"""How the tests are spread over the processes: the tests of a module on one engine stay together."""

import re

import pytest
from xdist.scheduler import WorkStealingScheduling
from xdist.workermanage import WorkerController

ENGINES = ("sqlite", "postgresql")
_ENGINE = re.compile(rf"[\[-]({'|'.join(ENGINES)})[\]-]")
# A process runs a test only when it knows which comes after it, or that none does.
_FEWEST = 2
# What takes longest is begun with, so that no process goes on with it alone when the others have nothing left.
_FIRST = (
    "tests/leaks/test_two_runs.py",
    "tests/policy/test_matrix.py",
    "tests/leaks/test_canary.py",
    "tests/models/test_statements_and_the_lens.py",
)
Part = tuple[str, str]


class ByEngine(WorkStealingScheduling):
    """Gives each process the modules of an engine in turn; who has done his own helps out from the other end.

    So a process sets up the servers and databases of another engine late, or never, and what a module sets up for an
    engine is set up once.
    """

    def __init__(self, config: pytest.Config) -> None:
        """Begin with nothing known."""
        super().__init__(config)
        self._parts: list[Part] = []

    def check_schedule(self) -> None:
        """Give the next part to every process that has next to nothing left; where there is none, let it end."""
        if not self._parts:
            self._parts = [part_of(name) for name in self.collection or ()]
            self.pending.sort(key=lambda index: self._parts[index][0] not in _FIRST)
        for number, (node, given) in enumerate(self.node2pending.items()):
            while self.pending and len(given) < _FEWEST and not node.shutting_down:
                self._give(node, ENGINES[number % len(ENGINES)])
            if not self.pending and len(given) < _FEWEST and not node.shutting_down:
                node.shutdown()

    def _give(self, node: WorkerController, engine: str) -> None:
        """Give the first part of an engine, or else the last of all."""
        own = (index for index in self.pending if self._parts[index][1] == engine)
        part = self._parts[next(own, self.pending[-1])]
        taken = [index for index in self.pending if self._parts[index] == part]
        self.pending[:] = taken + [index for index in self.pending if self._parts[index] != part]
        self._send_tests(node, len(taken))


def part_of(test: str) -> Part:
    """The module of a test, and the engine that it runs on, if it runs on one."""
    module, _, name = test.partition("::")
    found = _ENGINE.search(name)
    return module, found[1] if found else ""
