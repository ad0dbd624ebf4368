"""A corpus of hostile inputs on every operation: no failure of ours, and the same status on both engines.

Here a part of it is sent, another part to each operation; all of it with `--long`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import requests

from tests.conftest import ENGINES, Databases
from tests.contract.document import OPERATIONS, PROBLEM, Operation
from tests.contract.hostile_inputs import LEAST, Input, hostile
from tests.contract.neutral_items import add_grants, add_neutral_items
from tests.contract.problem import LEAKS
from tests.contract.server import TIMEOUT_SECONDS, Server, serving

# One in so many is sent where not all are.
SHARE = 60


@pytest.fixture(scope="module")
def both(
    every_engine: Callable[[str], Databases], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Server]]:
    """A server on each engine, with the published record and neutral items, of which nothing need be left."""
    with ExitStack() as stack:
        servers = {}
        for engine in ENGINES:
            database = every_engine(engine).copy("empty")
            servers[engine] = stack.enter_context(serving(database, tmp_path_factory.mktemp(engine)))
            add_neutral_items(database)
            add_grants(database)
        yield servers


def _sent(server: Server, sent: Input) -> requests.Response:
    """The answer to a hostile input, with nothing but what it says."""
    request = requests.Request(sent.method, server.address, headers=sent.headers, data=sent.body)
    prepared = server.session.prepare_request(request)
    prepared.url = server.address + sent.target  # as it is, without the mending that the library does
    return server.session.send(prepared, timeout=TIMEOUT_SECONDS, allow_redirects=False)


def _is_sound(answer: requests.Response) -> bool:
    """Whether an answer is no failure of ours, and a refusal is a problem that tells nothing of how we work."""
    if answer.status_code < 400:
        return True
    told = answer.headers.get("Content-Type") == PROBLEM or answer.request.method == "HEAD"
    text = answer.content.decode()
    return answer.status_code < 500 and told and not any(leak in text for leak in LEAKS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_answers_hostile_input_alike_and_never_fails(
    both: dict[str, Server], operation: Operation, pytestconfig: pytest.Config
) -> None:
    inputs = hostile(operation)
    share = inputs if pytestconfig.getoption("long") else inputs[OPERATIONS.index(operation) % SHARE :: SHARE]
    wrong = {}
    for sent in share:
        answers = [_sent(server, sent) for server in both.values()]
        if len({answer.status_code for answer in answers}) > 1 or not all(map(_is_sound, answers)):
            wrong[sent.name] = [(answer.status_code, answer.text[:300]) for answer in answers]

    assert len({str(sent[1:]) for sent in inputs}) >= LEAST
    assert wrong == {}
    assert not any("unhandled error" in server.told() for server in both.values())
