"""Running: the answers to a reader on a graph, compared with those on the graph without what he may not see."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random

from tests.leaks.answers import Answer, Difference, Stage, first_difference
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
        self._ground, self._stage = ground, Stage(ground.database)
        self._seed, self._reads, self._pages = seed, reads, pages
        self.cards = deck(self._stage.app)
        self._dealer = Dealer(self.cards, seed)
        self.tally = Tally()

    def run(self, number: int, readers: Iterable[Reader]) -> None:
        """Compare what some readers are told of one graph."""
        readers = list(readers)
        script = Drawing(hash((self._seed, number)), readers).script
        self._ground.lay(script)
        self._ground.keep()
        for reader in readers:
            self._compare(f"{self._seed}/{number}", reader, script)
        self.tally.graphs += 1

    def _compare(self, name: str, reader: Reader, script: Script) -> None:
        """Compare what one reader is told; something must be hidden from him that whoever sees all is told."""
        hidden = Plain(script).hidden(reader)
        if not any(thing.ends for thing in hidden) or not any(thing.ends is None for thing in hidden):
            raise AssertionError(f"Graph {name} hides no item, or no link, from {reader.name}: nothing is proved.")
        asking = Asking(Random(f"{name} {reader.name}"), script, reader)  # noqa: S311 - the same each time
        questions = [(card, asking.about(card)) for card in self._dealer.deal(reader, self._reads)]
        self._ground.lay_kept()
        told, all_told = self._answers(reader, questions)
        self._ground.lay(without_hidden(script, reader))
        without, all_without = self._answers(reader, questions)
        if all_told == all_without:
            raise AssertionError(f"Graph {name} is the same without what is hidden from {reader.name}.")
        for (card, _asked), one, other in zip(questions, told, without, strict=True):
            self.tally.asked[reader].add(card.name)
            self.tally.answers += len(one)
            if (apart := first_difference(one, other)) is not None:
                self.tally.differences.append(Difference(name, reader.name, *apart))
        self.tally.given |= asking.given

    def _answers(self, reader: Reader, questions: list[tuple[Card, str]]) -> tuple[list[list[Answer]], bytes]:
        """What a reader is told, and what whoever sees the whole record is told of it."""
        told = [self._stage.read(asked, reader, self._pages) for _card, asked in questions]
        return told, self._stage.ask(_ALL, {"Authorization": f"Bearer {KEEPERS_KEY}"}).body
