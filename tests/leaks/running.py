"""Running: the answers to a reader on a graph, compared with those on the graph without what he may not see."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from models.vocabulary import COLLECTIONS
from tests.leaks.answers import Answer, Difference, Stage, first_difference
from tests.leaks.drawing import Drawing
from tests.leaks.ground import Ground
from tests.leaks.probes import AFTER, Probe, Probing
from tests.leaks.questions import Asking, Card, deck, may_be_asked
from tests.leaks.readers import AUDITOR, KEEPERS_KEY, READERS, Reader
from tests.leaks.script import Script
from tests.leaks.sight import Plain, without_hidden

# What every reader is asked of every graph, whatever else is drawn.
ALWAYS = ("/api/v1 json", "/api/v1/ready json", "/api/v1/changes json", "/api/v1/exports ndjson")
_MOST_GRAPHS = 1_000_003
_ALL = "/api/v1/changes?limit=200"


class Counts(NamedTuple):
    """How many questions and probes a reader of a graph is drawn, and how many pages are read of each list."""

    reads: int = 27
    probes: int = 4
    pages: int = 3


@dataclass
class Tally:
    """What was compared: how many graphs and answers; which reads each reader made, with which parameters."""

    graphs: int = 0
    answers: int = 0
    differences: list[Difference] = field(default_factory=list)
    asked: dict[Reader, set[str]] = field(default_factory=lambda: defaultdict(set))
    given: set[str] = field(default_factory=set)
    probed: Counter[str] = field(default_factory=Counter)


class Dealer:
    """Deals the reads in turn, none again before all others: to each reader in the usual format, to all in others."""

    def __init__(self, cards: list[Card], seed: int) -> None:
        """Shuffle."""
        self.cards = cards
        self._random = Random(seed)  # noqa: S311 - the same each time
        plain, others = ([card for card in cards if card.is_usual == so] for so in (True, False))
        self._turns = {
            reader: self._shuffled(card for card in plain if may_be_asked(card, reader)) for reader in READERS
        }
        self._others = self._shuffled(others)

    def _shuffled(self, cards: Iterable[Card]) -> deque[Card]:
        shuffled = list(cards)
        self._random.shuffle(shuffled)
        return deque(shuffled)

    def deal(self, reader: Reader, count: int) -> list[Card]:
        """So many reads, besides those that are always made; one in four in another format than the usual."""
        always = [card for card in self.cards if card.name in ALWAYS and may_be_asked(card, reader)]
        others = [_next(self._others, reader) for _ in range(count // 4)]
        return always + others + [_next(self._turns[reader], reader) for _ in range(count - count // 4)]


def _next(turn: deque[Card], reader: Reader) -> Card:
    """The first in a turn that this reader may be asked, which then is the last."""
    card = next(card for card in turn if may_be_asked(card, reader))
    turn.remove(card)
    turn.append(card)
    return card


class TwoRuns:
    """Runs every question twice: with what is hidden, and without."""

    def __init__(self, ground: Ground, seed: int = 0, counts: Counts = Counts()) -> None:  # noqa: B008 - it is frozen
        """Ask so many questions of each reader of each graph; graphs of one seed are the same each time."""
        self._ground, self._stage = ground, Stage(ground.database)
        self._seed, self._counts = seed, counts
        self.cards = deck(self._stage.app)
        self._dealer = Dealer(self.cards, seed)
        self.tally = Tally()

    def run(self, number: int, readers: Iterable[Reader]) -> None:
        """Compare what some readers are told of one graph."""
        readers = list(readers)
        script = Drawing(self._seed * _MOST_GRAPHS + number, readers).script
        self._ground.lay(script)
        self._ground.keep("whole")
        for reader in readers:
            self._compare(f"{self._seed}/{number}", reader, script)
        self.tally.graphs += 1

    def _compare(self, name: str, reader: Reader, script: Script) -> None:
        """Compare what one reader is told; something must be hidden from him that whoever sees all is told."""
        hidden = Plain(script).hidden(reader)
        if not any(thing.ends for thing in hidden) or not any(thing.ends is None for thing in hidden):
            raise AssertionError(f"Graph {name} hides no item, or no link, from {reader.name}: nothing is proved.")
        random = Random(f"{name} {reader.name}")  # noqa: S311 - the same each time
        asking = Asking(random, script, reader, self.tally.given)
        questions = [(card, asking.about(card)) for card in self._dealer.deal(reader, self._counts.reads)]
        self._ground.lay_kept("whole")
        told, all_told = self._answers(reader, questions)
        probes = self._probes(name, reader, script)
        probed = [self._sent(reader, requests) for _name, requests in probes]
        self._ground.lay(without_hidden(script, reader))
        without, all_without = self._answers(reader, questions)
        unprobed = [self._sent(reader, requests) for _name, requests in probes]
        if all_told == all_without:
            raise AssertionError(f"Graph {name} is the same without what is hidden from {reader.name}.")
        for one, other in zip([*told, *probed], [*without, *unprobed], strict=True):
            self.tally.answers += len(one)
            if (apart := first_difference(one, other)) is not None:
                self.tally.differences.append(Difference(name, reader.name, *apart))
        self.tally.asked[reader] |= {card.name for card, _asked in questions}
        self.tally.probed.update(found for found, _requests in probes)

    def _probes(self, name: str, reader: Reader, script: Script) -> list[tuple[str, list[Probe]]]:
        """The probes for a reader of a graph, with the tags that hidden things have there."""
        tags = {}
        for thing in Plain(script).hidden(reader)[:3]:
            place = COLLECTIONS.get(thing.kind, "links")
            answer = self._stage.ask(f"/api/v1/{place}/{thing.ref}", {"Authorization": f"Bearer {KEEPERS_KEY}"})
            tags[thing.ref] = dict(answer.headers).get("ETag", '"none"')
        random = Random(f"probes {name} {reader.name}")  # noqa: S311 - the same each time
        drawn = list(Probing(random, script, reader, tags).drawn(self._counts.probes))
        return [*drawn, ("after", list(AFTER))] if drawn and reader != AUDITOR else drawn

    def _sent(self, reader: Reader, requests: list[Probe]) -> list[Answer]:
        """The answers to the requests of a probe, but for those that only prepare it."""
        answers = []
        for number, probe in enumerate(requests):
            self._ground.same.begin(f"{number}-")
            answer = self._stage.ask(probe.path, method=probe.method, **probe.sent(reader))
            answers += [] if probe.kept else [answer]
        return answers

    def _answers(self, reader: Reader, questions: list[tuple[Card, str]]) -> tuple[list[list[Answer]], bytes]:
        """What a reader is told, and what whoever sees the whole record is told of it."""
        told = [self._stage.read(asked, reader, self._counts.pages, card.accept) for card, asked in questions]
        return told, self._stage.ask(_ALL, {"Authorization": f"Bearer {KEEPERS_KEY}"}).body
