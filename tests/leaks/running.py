"""Running: the answers to a reader on a graph, compared with those on the graph without what he may not see."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from api.database import Database
from tests.leaks.answers import Difference, Stage, first_difference
from tests.leaks.drawing import Drawing
from tests.leaks.ground import Ground
from tests.leaks.questions import Asking, Card, deck, may_be_asked
from tests.leaks.readers import KEEPERS_KEY, READERS, Reader
from tests.leaks.script import Script
from tests.leaks.sight import Plain, without_hidden

# What every reader is asked of every graph, whatever else is drawn.
ALWAYS = ("/api/v1 json", "/api/v1/ready json", "/api/v1/changes json", "/api/v1/exports ndjson", "/api/v1/matrix json")
_ALL = "/api/v1/changes?limit=200"


@dataclass
class Tally:
    """What was compared: how many graphs and answers; which reads each reader made, with which parameters."""

    graphs: int = 0
    answers: int = 0
    differences: list[Difference] = field(default_factory=list)
    asked: dict[Reader, set[str]] = field(default_factory=lambda: defaultdict(set))
    given: set[str] = field(default_factory=set)


class Dealer:
    """Deals the reads in turn, to each reader all of them before any again."""

    def __init__(self, cards: list[Card], seed: int) -> None:
        """Shuffle for each reader."""
        self.cards = cards
        self._turns: dict[Reader, deque[Card]] = {}
        for reader in READERS:
            shuffled = [card for card in cards if may_be_asked(card, reader)]
            Random(f"{seed} {reader.name}").shuffle(shuffled)  # noqa: S311 - the same each time
            self._turns[reader] = deque(shuffled)

    def deal(self, reader: Reader, count: int) -> list[Card]:
        """So many reads, besides those that are always made."""
        turn = self._turns[reader]
        dealt = [turn[0] for _ in range(min(count, len(turn))) if turn.rotate(-1) is None]
        return [card for card in self.cards if card.name in ALWAYS and may_be_asked(card, reader)] + dealt


class TwoRuns:
    """Runs every question twice: with what is hidden, and without."""

    def __init__(self, ground: Ground, seed: int = 0, reads: int = 50, pages: int = 6) -> None:
        """Ask so many questions of each reader of each graph, and read on for so many pages."""
        self._ground, self._stage = ground, Stage(ground.url)
        self._seed, self._reads, self._pages = seed, reads, pages
        self.cards = deck(self._stage.app)
        self._dealer = Dealer(self.cards, seed)
        self.tally = Tally()

    def run(self, number: int, readers: Iterable[Reader]) -> None:
        """Compare what some readers are told of one graph."""
        readers = list(readers)
        name = f"{self._seed}/{number}"
        drawing = Drawing(hash((self._seed, number)), readers)
        with self._ground.played(drawing.script) as whole:
            for reader in readers:
                with self._ground.played(without_hidden(drawing.script, reader)) as part:
                    self._compare(name, reader, drawing.script, (whole, part))
        self.tally.graphs += 1

    def _compare(self, name: str, reader: Reader, script: Script, databases: tuple[Database, Database]) -> None:
        """Compare what one reader is told; it must be a matter of hiding something, and whoever sees all must see it."""
        hidden = Plain(script).hidden(reader)
        if not any(thing.ends for thing in hidden) or not any(thing.ends is None for thing in hidden):
            raise AssertionError(f"Graph {name} hides no item, or no link, from {reader.name}: nothing is proved.")
        told, without = (list(self._all(database)) for database in databases)
        if told == without:
            raise AssertionError(f"Graph {name} is the same without what is hidden from {reader.name}.")
        random = Random(f"{name} {reader.name}")  # noqa: S311 - the same each time
        asking = Asking(random, script, reader)
        questions = [(card, asking.about(card)) for card in self._dealer.deal(reader, self._reads)]
        answers = []
        for database in databases:
            self._stage.face(database)
            answers.append([self._stage.read(asked, reader, self._pages) for _card, asked in questions])
        for (card, _asked), told, without in zip(questions, *answers, strict=True):
            self.tally.asked[reader].add(card.name)
            self.tally.answers += len(told)
            if (apart := first_difference(told, without)) is not None:
                self.tally.differences.append(Difference(name, reader.name, *apart))
        self.tally.given |= asking.given

    def _all(self, database: Database) -> Iterator[bytes]:
        """What whoever sees everything is told of the record."""
        self._stage.face(database)
        yield self._stage.ask(_ALL, {"Authorization": f"Bearer {KEEPERS_KEY}"}).body
