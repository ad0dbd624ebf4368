"""The canary: no word of what is hidden from a reader is ever in what he is answered, or in the log; nor is any key."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest
import requests
from sqlalchemy import text

from tests.conftest import Databases
from tests.contract.server import Server, serving
from tests.leaks.answers import Answer, Stage
from tests.leaks.canary import CANARY, heard, with_canaries
from tests.leaks.drawing import Drawing
from tests.leaks.ground import Ground
from tests.leaks.mutants import MUTANTS
from tests.leaks.planting import planted
from tests.leaks.probes import Probing
from tests.leaks.questions import COUNTS, Asking, deck, may_be_asked
from tests.leaks.readers import ADMIN, INSPECTOR_B, KEEPERS_KEY, OFFICER, PUBLIC, READERS, Reader
from tests.leaks.sameness import sameness
from tests.leaks.sight import Plain

SEED = 7
STRANGER = Reader("stranger", "officer")
SECRETS = tuple(filter(None, (reader.key for reader in (*READERS, STRANGER))))
KEEPER = {"Authorization": f"Bearer {KEEPERS_KEY}"}


@dataclass
class Told:
    """What every reader was answered, with what he had asked; what the log says; what the record holds."""

    script: list = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    answers: dict[Reader, list[tuple[str, Answer]]] = field(default_factory=dict)
    all_answers: list[Answer] = field(default_factory=list)
    log: str = ""
    changes: str = ""

    def hidden_from(self, reader: Reader) -> set[str]:
        """The canaries of what a reader may not see."""
        return {self.words[thing.ref] for thing in Plain(self.script).hidden(reader)}


class _Listening(logging.Handler):
    """Keeps every line of the log, with its fields and what led to it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record, with everything in it."""
        self.lines.append(f"{self.format(record)} {vars(record)}")


def _ask_everything(stage: Stage, reader: Reader, told: Told, *, all_json: bool) -> Iterator[tuple[str, Answer]]:
    """Every eighth read in any format, with parameters; and the others in JSON as they are, if they are wanted too."""
    asking = Asking(Random(f"{SEED} {reader.name}"), told.script, reader, set())  # noqa: S311 - the same each time
    for number, card in enumerate(deck(stage.app)):
        mine = number % len(READERS) == READERS.index(reader)
        if may_be_asked(card, reader) and (mine or (all_json and card.format == "json")):
            asked = asking.about(card)
            asked = asked if mine else asked.partition("?")[0]
            yield from ((asked, answer) for answer in stage.read(asked, reader, 2, card.accept))


def _probe(stage: Stage, reader: Reader, told: Told) -> Iterator[tuple[str, Answer]]:
    """Every write that could tell, with all that its reader sent for it: what he wrote himself tells him nothing."""
    random = Random(f"probes {SEED} {reader.name}")  # noqa: S311 - the same each time
    for _name, probes in Probing(random, told.script, reader, {}).drawn(99):
        sent = ""
        for probe in probes:
            sent += f"{probe.path} {probe.body} "
            answer = stage.ask(probe.path, method=probe.method, **probe.sent(reader))
            if not probe.kept:
                yield sent, answer


@pytest.fixture(scope="module")
def ground(databases: Databases) -> Iterator[Ground]:
    """A place for the graph with canaries."""
    with sameness() as same:
        yield Ground(databases, same)


@pytest.fixture(scope="module")
def told(ground: Ground) -> Told:
    """What everybody was told of a graph with canaries."""
    told, listening = Told(), _Listening()
    told.script, told.words = with_canaries(Drawing(SEED, READERS, 110).script)
    ground.lay(told.script)
    ground.keep("sung")
    stage = Stage(ground.database)
    logging.getLogger().addHandler(listening)
    logging.getLogger("mappa").setLevel(logging.INFO)
    for reader in READERS:
        ground.lay_kept("sung")
        ground.same.begin(f"{reader.name}-")
        asked = _ask_everything(stage, reader, told, all_json=ground.database.is_sqlite)
        told.answers[reader] = [*asked, *_probe(stage, reader, told)]
        told.all_answers += [stage.ask(path, KEEPER) for path in ("/api/v1/exports", "/api/v1/changes?limit=200")]
        with ground.database.reading() as session:
            told.changes += "".join(map(str, session.execute(text("SELECT * FROM change"))))
    told.answers[ADMIN].append((COUNTS, stage.ask(COUNTS, ADMIN.headers)))
    stage.ask("/api/v1", {"Authorization": f"Bearer {STRANGER.key}"})
    logging.getLogger("mappa").setLevel(logging.NOTSET)
    logging.getLogger().removeHandler(listening)
    told.log = "\n".join(listening.lines)
    return told


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_tells_no_word_of_what_is_hidden(reader: Reader, told: Told) -> None:
    hidden = told.hidden_from(reader)

    sung = {
        (asked, found)
        for asked, answer in told.answers[reader]
        for found in heard(answer) & hidden - set(CANARY.findall(asked))
    }

    assert hidden
    assert sung == set()


@pytest.mark.parametrize("reader", [INSPECTOR_B, OFFICER], ids=lambda reader: reader.name)
def test_tells_whoever_may_see_it(reader: Reader, told: Told) -> None:
    words = set(told.words.values()) - told.hidden_from(reader)

    sung = {found for asked, answer in told.answers[reader] for found in heard(answer) - set(CANARY.findall(asked))}

    assert words & sung


def test_sings_where_a_fault_lets_it(ground: Ground, told: Told) -> None:
    (lax,) = (mutant for mutant in MUTANTS if mutant.name == "clearance")
    ground.lay_kept("sung")

    with planted(lax):
        sung = heard(Stage(ground.database).ask("/api/v1/evidence", PUBLIC.headers))

    assert sung & told.hidden_from(PUBLIC) or not ground.database.is_sqlite


def test_tells_every_word_to_whoever_sees_the_record(told: Told) -> None:
    sung = set().union(*map(heard, told.all_answers))

    assert set(told.words.values()) <= sung


def test_logs_no_word_of_what_anybody_wrote(told: Told) -> None:
    assert "caller refused" in told.log
    assert told.log.count("answered") >= sum(map(len, told.answers.values()))
    assert CANARY.findall(told.log) == []


def test_tells_no_key(told: Told) -> None:
    answers = [answer for answers in told.answers.values() for _asked, answer in answers] + told.all_answers
    everything = [*(f"{answer.headers} {answer.body!r}" for answer in answers), told.log, told.changes]

    assert [secret for secret in SECRETS if any(secret in part for part in everything)] == []


def test_tells_a_new_key_once_and_to_whoever_asked_for_it(told: Told) -> None:
    made = "mtr_made-"

    shown = [asked for answers in told.answers.values() for asked, answer in answers if made.encode() in answer.body]

    assert shown
    assert all(asked.startswith("/api/v1/keys?reason=") for asked in shown)
    assert made not in told.changes
    assert not any(made.encode() in answer.body for answer in told.all_answers)


@pytest.fixture(scope="module")
def served(ground: Ground, told: Told, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real process that serves the graph with canaries."""
    ground.lay_kept("sung")
    ground.database.close()
    with serving(ground.served(), tmp_path_factory.mktemp("served")) as server:
        yield server


def _send(server: Server, path: str, reader: Reader) -> requests.Response:
    return server.session.get(f"{server.address}{path}", headers=reader.headers, timeout=60)


def test_a_served_process_writes_no_word_and_no_key(served: Server, told: Told) -> None:
    hidden = next(thing.ref for thing in Plain(told.script).hidden(PUBLIC) if thing.kind == "evidence")
    paths = (f"/api/v1/evidence/{hidden}", "/api/v1/exports", "/api/v1/changes", f"/api/v1/graph?start={hidden}")

    statuses = [_send(served, path, reader).status_code for path in paths for reader in (*READERS, STRANGER)]

    written = Path(served.log).read_text()
    assert {200, 401, 404} <= set(statuses)
    assert CANARY.findall(written) == []
    assert [secret for secret in SECRETS if secret in written] == []
