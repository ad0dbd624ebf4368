"""The walkthrough of the docs is what the service answers, on either engine."""

from pathlib import Path

from tests.conftest import Databases
from tests.contract.life import PAGE, tell
from tests.contract.walkthrough import playing


def test_the_walkthrough_is_what_the_service_answers(databases: Databases, tmp_path: Path) -> None:
    database = databases.copy("empty")

    with playing(database, tmp_path) as play:
        told = tell(play)

    assert told == PAGE.read_text(encoding="utf-8")
