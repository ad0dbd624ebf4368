# ruff: noqa: S608 - statements are made of names of ours
"""The verifier of the record: what it proves of a database or an export, and how it names what is wrong."""

import ast
import base64
import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection

from api.database import Database
from api.loading import bring_up_to_date
from models import changes, verifier, vocabulary
from models.base import Base
from models.verifier import (
    START,
    UNSEEN,
    Execute,
    Fault,
    canonical,
    chain_faults,
    export_faults,
    hash_of,
    not_seen,
    signature_holds,
    verify,
)
from models.versions import VERSIONS
from tests.conftest import Databases
from tests.models.attack import KEY, OTHER_SECRET, Attack, attack_on, checkpoint_of, signature_of
from tests.models.small_records import one_of_everything, random_changes

Chain = list[dict[str, Any]]
# RFC 8032, 7.1: secret, public key, message, signature.
VECTORS = {
    "empty": (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    "one byte": (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    "two bytes": (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    "1023 bytes": (
        "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
        "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
        (
            "08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98fa6e264bf09efe12ee50f8f54e9f77b1e355"
            "f6c50544e23fb1433ddf73be84d879de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37c93a1b270b20329d658675fc"
            "6ea534e0810a4432826bf58c941efb65d57a338bbd2e26640f89ffbc1a858efcb8550ee3a5e1998bd177e93a7363c344fe6b"
            "199ee5d02e82d522c4feba15452f80288a821a579116ec6dad2b3b310da903401aa62100ab5d1a36553e06203b33890cc9b8"
            "32f79ef80560ccb9a39ce767967ed628c6ad573cb116dbefefd75499da96bd68a8a97b928a8bbc103b6621fcde2beca1231d"
            "206be6cd9ec7aff6f6c94fcd7204ed3455c68c83f4a41da4af2b74ef5c53f1d8ac70bdcb7ed185ce81bd84359d44254d9562"
            "9e9855a94a7c1958d1f8ada5d0532ed8a5aa3fb2d17ba70eb6248e594e1a2297acbbb39d502f1a8c6eb6f1ce22b3de1a1f40"
            "cc24554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f27088d78b7e883c8759d2c4f5c65adb7553"
            "878ad575f9fad878e80a0c9ba63bcbcc2732e69485bbc9c90bfbd62481d9089beccf80cfe2df16a2cf65bd92dd597b0707e0"
            "917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128bab27af87a71314f318c782b23ebfe808b82b0ce26"
            "401d2e22f04d83d1255dc51addd3b75a2b1ae0784504df543af8969be3ea7082ff7fc9888c144da2af58429ec96031dbcad3"
            "dad9af0dcbaaaf268cb8fcffead94f3c7ca495e056a9b47acdb751fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301"
            "651339e22904cc8c42f58c30c04aafdb038dda0847dd988dcda6f3bfd15c4b4c4525004aa06eeff8ca61783aacec57fb3d1f"
            "92b0fe2fd1a85f6724517b65e614ad6808d6f6ee34dff7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401ade"
            "bf5a7e08d78ff4ef5d63653a65040cf9bfd4aca7984a74d37145986780fc0b16ac451649de6188a7dbdf191f64b5fc5e2ab4"
            "7b57f7f7276cd419c17a3ca8e1b939ae49e488acba6b965610b5480109c8b17b80e1b7b750dfc7598d5d5011fd2dcc5600a3"
            "2ef5b52a1ecc820e308aa342721aac0943bf6686b64b2579376504ccc493d97e6aed3fb0f9cd71a43dd497f01f17c0e2cb37"
            "97aa2a2f256656168e6c496afc5fb93246f6b1116398a346f1a641f3b041e989f7914f90cc2c7fff357876e506b50d334ba7"
            "7c225bc307ba537152f3f1610e4eafe595f6d9d90d11faa933a15ef1369546868a7f3a45a96768d40fd9d03412c091c6315c"
            "f4fde7cb68606937380db2eaaa707b4c4185c32eddcdd306705e4dc1ffc872eeee475a64dfac86aba41c0618983f8741c5ef"
            "68d3a101e8a3b8cac60c905c15fc910840b94c00a0b9d0"
        ),
        (
            "0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350"
            "aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e30a6ac00a9704a188a03"
        ),
    ),
    "a hash": (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
}


def _runs_on(connection: Connection) -> Execute:
    def execute(sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
        found = connection.exec_driver_sql(sql)
        return list(found.keys()), [tuple(row) for row in found]

    return execute


def _faults(database: Database) -> list[Fault]:
    with database.reading() as session:
        return verify(_runs_on(session.connection()))


def _a_chain(length: int = 6) -> Chain:
    """A sound record of a few changes."""
    made: Chain = []
    for seq in range(1, length + 1):
        told = {"seq": seq, "at": f"2026-01-01T00:00:0{seq}.000000Z", "principal": "p", "reason": "r"}
        told |= {"request_id": None, "action": "created", "kind": "body", "ref": f"B{seq}"}
        told |= {"before": None, "after": {"kind": "body", "ref": f"B{seq}"}}
        made.append({**told, "hash": hash_of(told, made[-1]["hash"] if made else START)})
    return made


def _rehashed(chain: Chain) -> None:
    previous = START
    for change in chain:
        previous = change["hash"] = hash_of(change, previous)


def _found(chain: Chain, checkpoint: Any = None, key: str | None = None) -> list[tuple[str, str]]:
    return [(fault.where, fault.what) for fault in chain_faults(chain, checkpoint, key)]


class TestSound:
    def test_the_published_record(self, databases: Databases) -> None:
        assert _faults(databases.copy("published")) == []

    def test_an_empty_record(self, database: Database) -> None:
        assert _faults(database) == []

    @pytest.mark.parametrize("seed", range(3))
    def test_a_record_made_at_random(self, database: Database, seed: int) -> None:
        with database.writing("an inspector", "to try it") as session:
            one_of_everything(session)
        for turn in range(3):
            with database.writing("a clerk", "to try it") as session:
                random_changes(session, Random(f"{seed} {turn}"), 15)  # noqa: S311 - to be drawn again

        assert _faults(database) == []

    def test_links_from_before_they_remembered_what_their_ends_say(self, attack: Attack) -> None:
        attack.begin()
        for row in attack.run("SELECT * FROM change WHERE kind = 'link' AND action = 'created'"):
            after = {name: value for name, value in json.loads(row["after"]).items() if not name.endswith("_content")}
            attack.run("UPDATE change SET after = ? WHERE seq = ?", canonical(after), row["seq"])
        attack.rehash(1)

        assert verify(attack.execute) == []


class TestSignatures:
    @pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
    def test_hold_as_the_standard_has_them(self, vector: tuple[str, str, str, str]) -> None:
        secret, key, message, signature = map(bytes.fromhex, vector)

        assert signature_holds(key, message, signature)
        assert signature_of(secret, message) == (key, signature)
        assert not signature_holds(key, message + b"x", signature)
        assert not any(signature_holds(key, message, _flipped(signature, at)) for at in (0, 31, 32, 63))
        assert not any(signature_holds(_flipped(key, at), message, signature) for at in (0, 15, 31))

    @pytest.mark.parametrize("longer", [b"", b"\x00" * 33])
    def test_do_not_hold_in_other_lengths(self, longer: bytes) -> None:
        key, signature = signature_of(OTHER_SECRET, b"m")

        assert not signature_holds(longer, b"m", signature)
        assert not signature_holds(key, b"m", signature[:-1] + longer)
        assert not signature_holds(key, b"m", b"")

    def test_do_not_hold_with_a_second_form_of_their_number(self) -> None:
        key, signature = signature_of(OTHER_SECRET, b"m")
        order = 2**252 + 27742317777372353535851937790883648493
        second = int.from_bytes(signature[32:], "little") + order

        assert not signature_holds(key, b"m", signature[:32] + second.to_bytes(32, "little"))

    @pytest.mark.parametrize(
        "key",
        [
            b"\xff" * 32,  # beyond the field
            (2**255 - 18).to_bytes(32, "little"),  # 1, but not its one encoding
            (2).to_bytes(32, "little"),  # not on the curve
            (1 | 1 << 255).to_bytes(32, "little"),  # no x, with a sign
            (1).to_bytes(32, "little"),  # the neutral point, with which everything would hold
            bytes(32),  # a point of order four
        ],
    )
    def test_do_not_hold_for_a_key_that_is_none(self, key: bytes) -> None:
        neutral = (1).to_bytes(32, "little") + bytes(32)

        assert not signature_holds(key, b"m", neutral)


def _flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _lose_third(chain: Chain) -> None:
    del chain[2]


def _swap(chain: Chain) -> None:
    chain[1], chain[2] = chain[2], chain[1]


def _say(**values: Any) -> Callable[[Chain], None]:
    def alter(chain: Chain) -> None:
        chain[3] |= values

    return alter


def _then_rehash(alter: Callable[[Chain], None]) -> Callable[[Chain], None]:
    def altered(chain: Chain) -> None:
        alter(chain)
        _rehashed(chain)

    return altered


class TestTheChain:
    def test_is_sound(self) -> None:
        assert _found(_a_chain()) == []

    def test_is_sound_with_its_states_as_text(self) -> None:
        chain = [change | {"after": canonical(change["after"])} for change in _a_chain()]

        assert _found(chain) == []

    @pytest.mark.parametrize(
        ("alter", "where", "what"),
        [
            (_lose_third, "change 3", "after number 2 stands number 4"),
            (_swap, "change 2", "after number 1 stands number 3"),
            (_say(reason="another"), "change 4", "its hash does not match"),
            (_say(hash="0" * 64), "change 4", "its hash does not match"),
            (_say(after={"kind": "body"}), "change 4", "its hash does not match"),
            (_say(after='{"ref": "B4", "kind": "body"}'), "change 4", "'after' is not in the canonical form"),
            (_say(before="null"), "change 4", "'before' is not in the canonical form"),
            (_say(after="{"), "change 4", "it cannot be read"),
            (_say(after=float("nan")), "change 4", "it cannot be read"),
            (_say(after="[" * 100_000), "change 4", "it cannot be read"),
            (_say(reason="\udcff"), "change 4", "it cannot be read"),
            (_say(at=None), "change 4", "it cannot be read"),
            (_then_rehash(_say(at="2025-01-01T00:00:00.000000Z")), "change 4", "time goes back"),
            (_then_rehash(_say(action="deleted")), "change 4", "there is no action 'deleted'"),
            (lambda chain: chain[3].pop("hash"), "change 4", "it cannot be read"),
        ],
    )
    def test_is_wrong_first_at_one_change(self, alter: Callable[[Chain], Any], where: str, what: str) -> None:
        chain = _a_chain()
        alter(chain)

        ((found, why),) = _found(chain)

        assert found == where
        assert what in why


class TestCheckpoints:
    def test_agree_with_the_record_that_they_are_of(self) -> None:
        chain = _a_chain()

        for size in range(len(chain) + 1):
            assert _found(chain, checkpoint_of(size, chain[size - 1]["hash"] if size else START), KEY) == []

    def test_show_that_changes_were_cut_off(self) -> None:
        chain = _a_chain()

        assert _found(chain[:4], checkpoint_of(6, chain[5]["hash"]), KEY) == [
            ("change 5", "truncated: the checkpoint has 6 changes, here are 4")
        ]

    def test_show_that_the_record_was_hashed_again(self) -> None:
        chain = _a_chain()
        checkpoint = checkpoint_of(5, chain[4]["hash"])
        _then_rehash(_say(reason="another"))(chain)

        ((where, what),) = _found(chain, checkpoint, KEY)

        assert where == "change 5"
        assert what.startswith("re-hashed")

    def test_do_not_show_what_came_after_them(self) -> None:
        chain = _a_chain()
        checkpoint = checkpoint_of(3, chain[2]["hash"])
        _then_rehash(_say(reason="another"))(chain)

        assert _found(chain, checkpoint, KEY) == []
        assert "after number 3" in not_seen(checkpoint, KEY)[0]

    @pytest.mark.parametrize(
        ("altered", "what"),
        [
            ({"size": 5}, "its signature does not hold"),
            ({"root": START}, "its signature does not hold"),
            ({"origin": "another"}, "its signature does not hold"),
            ({"at": "2027"}, "its signature does not hold"),
            ({"signature": base64.b64encode(bytes(64)).decode()}, "its signature does not hold"),
            ({"signature": "?"}, "it cannot be read"),
            ({"key": base64.b64encode(b"k" * 32).decode()}, "its key is not the key that is trusted"),
            ({"size": -1}, "it is not made of"),
            ({"size": True}, "it is not made of"),
            ({"more": 1}, "it is not made of"),
        ],
    )
    def test_are_refused_when_altered(self, altered: dict[str, Any], what: str) -> None:
        chain = _a_chain()

        ((where, why),) = _found(chain, checkpoint_of(6, chain[5]["hash"]) | altered, KEY)

        assert where == "checkpoint"
        assert what in why

    def test_of_another_signer_are_refused_by_the_trusted_key_alone(self) -> None:
        chain = _a_chain()
        forged = checkpoint_of(6, chain[5]["hash"], OTHER_SECRET)

        assert _found(chain, forged, KEY) == [("checkpoint", "its key is not the key that is trusted")]
        assert _found(chain, forged) == []
        assert "anyone can replace" in not_seen(forged, None)[1]

    def test_of_nothing_have_the_start_as_their_root(self) -> None:
        assert _found([], checkpoint_of(0, "1" * 64), KEY) == [("checkpoint", "the root of no change is not the start")]

    @pytest.mark.parametrize("checkpoint", [{}, [], "text", 1])
    def test_that_are_none_are_refused(self, checkpoint: Any) -> None:
        assert [where for where, _what in _found(_a_chain(), checkpoint)] == ["checkpoint"]


@pytest.fixture(scope="module")
def attacked(databases: Databases) -> Iterator[Attack]:
    made = attack_on(databases.copy("empty"))
    with closing(made.connection):
        yield made


@pytest.fixture
def attack(attacked: Attack) -> Iterator[Attack]:
    yield attacked
    attacked.connection.rollback()


_ONE_DUE = "action_id = (SELECT min(action_id) FROM due_date) AND number = 2"
_ONE_ITEM = "(SELECT min(id) FROM item WHERE kind = 'evidence')"


class TestTables:
    @pytest.mark.parametrize(
        ("sql", "where", "what"),
        [
            (f"UPDATE item SET title = 'x' WHERE id = {_ONE_ITEM}", "item {'ref'", "title is 'x', by the record"),
            (f"UPDATE item SET version = 9 WHERE id = {_ONE_ITEM}", "item {'ref'", "version is 9"),
            (f"UPDATE item SET created_seq = 1 WHERE id = {_ONE_ITEM}", "item {'ref'", "created_seq is 1"),
            (f"UPDATE item SET withdrawn_seq = 2 WHERE id = {_ONE_ITEM}", "item {'ref'", "withdrawn_seq is 2"),
            (f"UPDATE item SET content = '' WHERE id = {_ONE_ITEM}", "item {'ref'", "content is ''"),
            (
                f"UPDATE item SET effective_from = '2000-01-01' WHERE id = {_ONE_ITEM}",
                "item {'ref'",
                "effective_from is",
            ),
            (f"UPDATE item SET ref = 'x' WHERE id = {_ONE_ITEM}", "item {'ref': 'x'}", "the record knows no such row"),
            ("UPDATE item SET parent_id = 1 WHERE kind = 'clause'", "item {'ref'", "parent_id is 1"),
            ("UPDATE evidence SET statement = 'x'", "evidence {'id'", "statement is 'x'"),
            ("UPDATE review SET published_on = '1999-01-01'", "review {'id'", "published_on is '1999-01-01'"),
            ("UPDATE source SET id = id + 1000", "source {'id'", "the record knows no such row"),
            ("UPDATE body_version SET is_group = NOT is_group", "body_version {'id'", "is_group is"),
            ("UPDATE item_version SET until_seq = 77 WHERE until_seq > 77", "item_version {'ref'", "until_seq is 77"),
            ("UPDATE clause_version SET span_end = 99", "clause_version {'id'", "span_end is 99"),
            ("DELETE FROM decision_version", "decision_version {'id'", "the row is missing"),
            ("DELETE FROM assessment", "assessment {'id'", "the row is missing"),
            ("UPDATE involvement SET position = 9 WHERE role = 'lead'", "involvement {'item_id'", "position is 9"),
            (
                "UPDATE involvement SET item_kind = 'x' WHERE role = 'assessor'",
                "involvement {'item_id'",
                "item_kind is",
            ),
            (
                f"UPDATE due_date SET note = 'x' WHERE {_ONE_DUE}",
                "due_date {'action_id'",
                "note is 'x', by the record 'moved'",
            ),
            (f"DELETE FROM due_date WHERE {_ONE_DUE}", "due_date {'action_id'", "the row is missing"),
            ("UPDATE link SET source_content = ''", "link {'ref'", "source_content is ''"),
            ("UPDATE link SET target_id = source_id", "link {'ref'", "target_id is"),
            (
                "UPDATE link_version SET finding = 'valid'",
                "link_version {'ref'",
                "finding is 'valid', by the record None",
            ),
            ("UPDATE baseline SET digest = '1'", "baseline {'name'", "digest is '1'"),
            (
                "UPDATE baseline SET name = 'x' WHERE version = 1",
                "baseline {'name': 'x'}",
                "the record knows no such row",
            ),
        ],
    )
    def test_are_wrong_where_they_were_altered(self, attack: Attack, sql: str, where: str, what: str) -> None:
        attack.begin()

        attack.run(sql)

        first = verify(attack.execute)[0]
        assert first.where.startswith(where)
        assert what in first.what

    @pytest.mark.parametrize(
        ("action", "values", "what"),
        [
            ("created", {"action": "updated", "before": "{}"}, "it was never created"),
            ("created", {"after": None}, "it cannot be followed"),
            ("created", {"before": "{}"}, "it lacks what was"),
            ("created", {"ref": "another"}, "it tells of another thing than it names"),
            (
                "created",
                {"kind": "zebra", "after": '{"kind":"zebra","ref":"T"}', "ref": "T"},
                "there is no kind 'zebra'",
            ),
            ("updated", {"action": "created", "before": None}, "it is created a second time"),
            ("updated", {"kind": "review"}, "it is of another kind"),
            ("updated", {"before": '{"title":"x"}', "after": '{"title":"y"}'}, "what it says was, was not"),
            ("updated", {"before": "{}"}, "what it says was, was not"),
            ("updated", {"after": None}, "it lacks what was"),
            ("withdrawn", {"after": "{}"}, "it lacks what was"),
        ],
    )
    def test_cannot_be_compared_with_a_record_that_contradicts_itself(
        self, attack: Attack, action: str, values: dict[str, Any], what: str
    ) -> None:
        attack.begin()
        kinds = "kind NOT IN ('link', 'baseline', 'review')"
        ((seq,),) = attack.execute(f"SELECT min(seq) FROM change WHERE action = '{action}' AND {kinds}")[1]
        for name, value in values.items():
            attack.run(f"UPDATE change SET {name} = ? WHERE seq = ?", value, seq)
        attack.rehash(seq)

        (found,) = verify(attack.execute)

        assert found.where == f"change {seq}"
        assert what in found.what

    @pytest.mark.parametrize(
        ("table", "column", "where"),
        [
            ("evidence", "statement", "evidence in item and evidence"),
            ("source_version", "period", "source in item_version and source_version"),
            ("link_version", "review_note", "link in link_version"),
            ("baseline", "description", "baseline in baseline"),
        ],
    )
    def test_lack_what_the_record_tells(self, attack: Attack, table: str, column: str, where: str) -> None:
        altered = "item_version" if column == "period" else table
        with_its_guards = "" if attack.is_sqlite else " CASCADE"
        attack.begin()
        attack.run(f"ALTER TABLE {altered} DROP COLUMN {column}{with_its_guards}")

        found = verify(attack.execute)

        assert Fault(where, f"no column holds '{column}'") in found

    def test_do_not_show_that_a_baseline_has_another_number_to_which_nothing_refers(self, attack: Attack) -> None:
        attack.begin()
        attack.run("UPDATE baseline SET id = id + 1000")

        assert verify(attack.execute) == []

    def test_cannot_be_changed_after_they_were_withdrawn(self, attack: Attack) -> None:
        attack.begin()
        withdrawn = attack.run("SELECT * FROM change WHERE action = 'withdrawn' ORDER BY seq LIMIT 1")[0]
        size = max(attack.earlier)
        attack.insert("change", [withdrawn | {"seq": size + 1, "at": "2999"}])
        attack.rehash(size + 1)

        (found,) = verify(attack.execute, attack.checkpoint, KEY)

        assert found == Fault(f"change {size + 1}", "it cannot be followed: it is of another kind, or was withdrawn")


def _an_export(chain: Chain, **manifest: Any) -> list[bytes]:
    """The lines of an export of a record."""
    lines = [{"format": "mappa-trace/1", "known_at": len(chain)}, {"item": {"ref": "B1", "kind": "body"}}]
    lines += [{"link": {"ref": "L1", "version": 1}}, *({"change": change} for change in chain)]
    written = [f"{canonical(line)}\n".encode() for line in lines]
    told = {
        "known_at": len(chain),
        "counts": {"items": 1, "links": 1, "baselines": 0, "changes": len(chain)},
        "sha256": hashlib.sha256(b"".join(written)).hexdigest(),
    }
    return [*written, f"{canonical({'manifest': told | manifest})}\n".encode()]


class TestExports:
    def test_are_sound(self) -> None:
        chain = _a_chain()

        assert export_faults(_an_export(chain), checkpoint_of(6, chain[5]["hash"]), KEY) == []
        assert export_faults(_an_export(chain, made_by="test")) == []
        assert export_faults(_an_export([])) == []

    @pytest.mark.parametrize(
        ("alter", "where", "what"),
        [
            (lambda lines: lines[:-1], "line 9", "the manifest, is missing"),
            (lambda lines: [*lines[:-1], lines[-1][:-5]], "line 10", "it cannot be read"),
            (lambda lines: [], "line 0", "the manifest, is missing"),
            (lambda lines: lines[1:], "line 1", "it cannot be read"),
            (lambda lines: [*lines, lines[1]], "line 11", "after the manifest"),
            (lambda lines: [lines[0], lines[1].replace(b"B1", b"B2"), *lines[2:]], "line 10", "the digest"),
            (lambda lines: [lines[0], lines[1].replace(b":", b": "), *lines[2:]], "line 2", "the canonical form"),
            (lambda lines: [lines[0].replace(b"6", b"5"), *lines[1:]], "line 10", "known_at is 5 and 6"),
            (lambda lines: [lines[0].replace(b"/1", b"/2"), *lines[1:]], "line 10", "known_at is None"),
            (lambda lines: [*lines[:8], *lines[9:]], "line 9", "there are 5 changes"),
        ],
    )
    def test_are_wrong_when_altered(self, alter: Callable[[list[bytes]], list[bytes]], where: str, what: str) -> None:
        first = export_faults(alter(_an_export(_a_chain())))[0]

        assert first.where == where
        assert what in first.what

    @pytest.mark.parametrize(
        ("manifest", "what"),
        [
            ({"known_at": 5}, "known_at is 6 and 5"),
            ({"sha256": "0" * 64}, "the digest"),
            ({"counts": {"link": 2}}, "another number of link lines"),
        ],
    )
    def test_are_wrong_when_their_manifest_is(self, manifest: dict[str, Any], what: str) -> None:
        (found,) = export_faults(_an_export(_a_chain(), **manifest))

        assert found.where == "line 10"
        assert what in found.what

    def test_are_wrong_when_a_change_in_them_is(self) -> None:
        chain = _a_chain()
        chain[3]["reason"] = "another"

        assert [fault.where for fault in export_faults(_an_export(chain))] == ["change 4"]

    def test_are_wrong_when_they_are_cut_off_and_sealed_again(self) -> None:
        chain = _a_chain()

        (found,) = export_faults(_an_export(chain[:4]), checkpoint_of(6, chain[5]["hash"]), KEY)

        assert found.what == "truncated: the checkpoint has 6 changes, here are 4"
        assert export_faults(_an_export(chain[:4])) == []


class Lone:
    """The one file, copied away from the project, and a database to run it on."""

    def __init__(self, folder: Path) -> None:
        """Copy the file, and write a record that is still open."""
        self.script, self.folder = folder / "verifier.py", folder
        shutil.copy(verifier.__file__, self.script)
        self.database = Database(f"sqlite:///{folder / 'record.db'}")
        bring_up_to_date(self.database)
        self.attack = attack_on(self.database)

    def run(self, *arguments: str | Path) -> tuple[int, str]:
        """Run it with nothing of the project in reach; its exit code, and what it says."""
        command = [sys.executable, "-I", self.script, *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout + done.stderr

    def written(self, name: str, content: str | bytes) -> Path:
        """A file with this content."""
        (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return self.folder / name


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lone]:
    made = Lone(tmp_path_factory.mktemp("lone"))
    yield made
    made.attack.connection.close()
    made.database.close()


class TestTheLoneFile:
    def test_says_what_it_checked_and_what_it_cannot_see(self, lone: Lone) -> None:
        code, said = lone.run("record.db")

        assert code == 0
        assert f"a database with {max(lone.attack.earlier)} changes" in said
        assert "Nothing is wrong." in said
        assert UNSEEN in said

    def test_says_what_checkpoint_it_was_given(self, lone: Lone) -> None:
        checkpoint = lone.written("checkpoint.json", json.dumps(lone.attack.checkpoint))

        code, said = lone.run("record.db", "--checkpoint", checkpoint, "--key", KEY)

        assert code == 0
        assert f"Checkpoint: of {max(lone.attack.earlier)} changes" in said
        assert UNSEEN not in said

    def test_names_the_first_row_that_is_wrong(self, lone: Lone) -> None:
        file = lone.written("tampered ?.db", b"")
        lone.attack.run("VACUUM INTO ?", str(file))
        attack = type(lone.attack)(_connected(file), is_sqlite=True)
        attack.run("UPDATE change SET reason = 'another' WHERE seq = 7")
        attack.connection.close()

        code, said = lone.run(file)

        assert code == 1
        assert "Wrong, first: change 7: its hash does not match" in said

    def test_checks_an_export(self, lone: Lone) -> None:
        sound = lone.written("export.ndjson", b"".join(_an_export(_a_chain())))
        cut = lone.written("cut.ndjson", b"".join(_an_export(_a_chain())[:-1]))

        assert lone.run(sound)[0] == 0
        assert "an export with 6 changes" in lone.run(sound)[1]
        assert lone.run(cut)[0] == 1
        assert "the manifest, is missing" in lone.run(cut)[1]

    @pytest.mark.parametrize("content", ["", "[]", "{", "[" * 100_000, b"\xff", '{"size": 1}'])
    def test_refuses_a_checkpoint_that_is_none(self, lone: Lone, content: str | bytes) -> None:
        code, said = lone.run("record.db", "--checkpoint", lone.written("none.json", content))

        assert code == 1
        assert "Wrong, first: checkpoint: it is not made of" in said

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("nowhere.db",),
            ("record.db", "--key", KEY),
            ("record.db", "--checkpoint", "nowhere"),
            ("record.db", "-x"),
        ],
    )
    def test_cannot_be_used_in_another_way(self, lone: Lone, arguments: tuple[str, ...]) -> None:
        assert lone.run(*arguments)[0] == 2

    def test_says_that_a_file_is_no_database_that_it_can_read(self, lone: Lone) -> None:
        code, said = lone.run(lone.written("broken.db", b"SQLite format 3\x00" + bytes(4096)))

        assert code == 2
        assert "cannot read it" in said


def _connected(file: Path) -> Any:
    return sqlite3.connect(file, isolation_level=None)


class TestTheFile:
    def test_needs_nothing_but_python(self) -> None:
        tree = ast.parse(Path(verifier.__file__).read_text(encoding="utf-8"))
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

        assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names

    def test_knows_what_the_project_knows(self) -> None:
        columns = [
            column for table in Base.metadata.tables.values() for column in table.c if column.default is not None
        ]
        defaults = {column.name: column.default.arg for column in columns if column.name != "version"}  # type: ignore[union-attr]

        assert verifier.CONTENT_FIELDS == vocabulary.CONTENT_FIELDS
        assert defaults == verifier.DEFAULTS
        assert set(verifier.KEPT) == set(VERSIONS)
        assert verifier.FOREVER == changes.FOREVER
