# ruff: noqa: S311 - what is drawn has to be drawn again
"""Whatever is done to a database behind the service's back, the verifier finds, given the last checkpoint.

`python3 -m tests.models.test_tampering 10000` makes so many tamperings on SQLite; number n is always the same one.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from rich.console import Console
from rich.progress import track

from api.database import Database
from api.loading import bring_up_to_date
from models.verifier import CONTENT_FIELDS, SINGLE, signature_holds, verify
from tests.conftest import Databases
from tests.models.attack import OTHER_SECRET, SECRET, TABLES, UNTOLD, Attack, attack_on, signature_of
from tests.models.tampering import HIDDEN, OFTEN, columns_of, done, edited, seen_and_taken_back, tamper


@pytest.fixture(scope="module")
def attack(databases: Databases) -> Iterator[Attack]:
    made = attack_on(databases.copy("empty"))
    with closing(made.connection):
        yield made


def test_the_record_that_is_tampered_with_is_sound(attack: Attack) -> None:
    created = {row["kind"] for row in attack.run("SELECT kind FROM change")}

    assert attack.faults() == []
    assert verify(attack.execute) == []
    assert created == {*CONTENT_FIELDS, "link", *SINGLE}
    assert all(attack.rows(table) for table in TABLES)


def test_every_tampering_is_found_by_the_last_checkpoint_and_some_by_nothing_else(attack: Attack) -> None:
    made = Counter(tamper(attack, number) for number in range(1000 if attack.is_sqlite else 150))

    assert set(made) == set(OFTEN)
    assert attack.faults() == []


def test_every_column_of_every_table_counts(attack: Attack) -> None:
    columns = [(table, name) for table in TABLES for name in columns_of(table) if (table, name) not in UNTOLD]

    for table, name in columns if attack.is_sqlite else columns[::10]:
        draws = (done(attack, lambda attack, rng: edited(attack, rng, table, name), Random(at)) for at in range(50))  # noqa: B023 - used at once
        told = next((told for told in draws if told is not None), None)
        assert told is not None, f"{table}.{name} cannot be edited"
        seen_and_taken_back(attack, told)


def test_a_signature_is_of_one_message_and_one_key() -> None:
    (key, signature), (other, _) = signature_of(SECRET, b"a"), signature_of(OTHER_SECRET, b"a")

    assert signature_holds(key, b"a", signature)
    assert not signature_holds(key, b"b", signature)
    assert not signature_holds(other, b"a", signature)


def main(total: int) -> None:
    """Make so many tamperings on SQLite, and tell how many of which kind were found."""
    console, begun = Console(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'record.db'}")
        bring_up_to_date(database)
        attack = attack_on(database)
        made = Counter(tamper(attack, number) for number in track(range(total), "Tampering", console=console))
        attack.connection.close()
        database.close()
    for tampering, count in made.most_common():
        seen = ", and by nothing else" if tampering in HIDDEN else ""
        console.print(f"{count:>7,} {tampering.__name__}: all found by the last checkpoint{seen}")
    console.print(
        f"{total:>7,} tamperings of {max(attack.earlier)} changes in {time.monotonic() - begun:.1f} s, all found"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
