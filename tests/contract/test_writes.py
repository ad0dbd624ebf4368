"""What is written comes back as documented: the answer, its address and ETag, and the record of it."""

import pytest

from tests.contract.document import BY_NAME, WRITES, Operation, operation_at, thing_at
from tests.contract.problem import told
from tests.contract.server import Server
from tests.contract.writing import CONFIRMING, Ready, added, perform, ready, ref_of

JSON = "application/json"
SHOWN = [operation for operation in WRITES if operation.success != "204"]
ADDED = [operation for operation in WRITES if operation.success == "201"]
CHANGED = [operation for operation in WRITES if operation.success == "200"]
PATCHES = [operation for operation in WRITES if operation.method == "patch"]
ENDED = [operation for operation in WRITES if operation.name in {"end_key", "end_account"}]
WITHDRAWN = [operation for operation in WRITES if operation.success == "204" and operation not in ENDED]
# What a field of the body is called in the answer, where that has another field of its name.
SHOWN_AS = {"ask_approval": {"kind": "of_kind", "ref": "of_ref"}, "add_response": {"response": "decision"}}


@pytest.mark.parametrize("operation", SHOWN, ids=str)
def test_answers_the_documented_body_as_documented(writable: Server, operation: Operation) -> None:
    answer = perform(writable, operation, ready(writable, operation))

    assert answer.status_code == int(operation.success), answer.text
    assert answer.headers["Content-Type"] == JSON
    assert operation.faults(operation.success, JSON, answer.json()) == []


@pytest.mark.parametrize("operation", SHOWN, ids=str)
def test_shows_what_it_wrote_as_a_get_does(writable: Server, operation: Operation) -> None:
    answer = perform(writable, operation, ready(writable, operation))

    shown = writable.see(answer.json()["self"])
    assert shown.json() == {name: value for name, value in answer.json().items() if name != "secret"}
    assert shown.content == answer.content or operation.name == "add_key"
    assert shown.headers["ETag"] == answer.headers["ETag"]
    assert operation_at(answer.json()["self"]).faults("200", JSON, shown.json()) == []


@pytest.mark.parametrize("operation", ADDED, ids=str)
def test_names_the_address_of_what_it_added(writable: Server, operation: Operation) -> None:
    answer = perform(writable, operation, ready(writable, operation))

    assert answer.headers["Location"] == answer.json()["self"]


@pytest.mark.parametrize("operation", CHANGED, ids=str)
def test_names_no_new_address_for_what_it_changed(writable: Server, operation: Operation) -> None:
    answer = perform(writable, operation, ready(writable, operation))

    assert "Location" not in answer.headers


@pytest.mark.parametrize("operation", ADDED, ids=str)
def test_shows_the_fields_that_it_was_given(writable: Server, operation: Operation) -> None:
    wanted = ready(writable, operation)

    shown = perform(writable, operation, wanted).json()

    names = SHOWN_AS.get(operation.name, {})
    assert {name: shown.get(names.get(name, name)) for name in wanted.body if name != "known_at"} == {
        name: value for name, value in wanted.body.items() if name != "known_at"
    }


@pytest.mark.parametrize("operation", [found for found in WRITES if found.matches_etag], ids=str)
def test_writes_on_what_its_caller_has_seen(writable: Server, operation: Operation) -> None:
    wanted = ready(writable, operation)
    seen = writable.see(thing_at(wanted.path)).headers["ETag"]

    answer = perform(writable, operation, wanted, If_Match=f'"other", {seen}')

    assert answer.status_code == int(operation.success), answer.text


@pytest.mark.parametrize("operation", WITHDRAWN, ids=str)
def test_withdraws_and_says_nothing(writable: Server, operation: Operation) -> None:
    wanted = ready(writable, operation)

    answer = perform(writable, operation, wanted)

    assert answer.status_code == 204
    assert answer.content == b""
    assert not {"Content-Type", "ETag", "Location"} & set(answer.headers)
    told(writable.get(wanted.path), 404)


@pytest.mark.parametrize("operation", ENDED, ids=str)
def test_goes_on_showing_what_lets_nobody_act_any_more(writable: Server, operation: Operation) -> None:
    wanted = ready(writable, operation)

    answer = perform(writable, operation, wanted)

    assert (answer.status_code, answer.content) == (204, b"")
    assert not {"Content-Type", "ETag", "Location"} & set(answer.headers)
    assert writable.get(wanted.path).json()["state"] == "revoked"


@pytest.mark.parametrize("operation", WITHDRAWN, ids=str)
def test_keeps_the_history_of_what_was_withdrawn(writable: Server, operation: Operation) -> None:
    wanted = ready(writable, operation)
    perform(writable, operation, wanted)

    history = writable.get(f"{wanted.path}/history").json()["items"]

    assert [change["action"] for change in history] == ["created", "withdrawn"]
    assert BY_NAME["get_change"].faults("200", JSON, writable.get(history[-1]["self"]).json()) == []


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_records_who_wrote_why_and_by_which_request(writable: Server, operation: Operation) -> None:
    wanted = ready(writable, operation)

    answer = perform(writable, operation, wanted, X_Request_Id=f"request-of-{operation}")

    newest = writable.see(f"/api/v1/changes/{writable.newest()}").json()
    assert answer.headers["X-Request-Id"] == f"request-of-{operation}"
    if operation.method != "patch":
        writer = "another" if operation.name in CONFIRMING else "a-test"
        assert (newest["principal"], newest["reason"]) == (writer, "A test")
        assert newest["request_id"] == f"request-of-{operation}"


@pytest.mark.parametrize("operation", PATCHES, ids=str)
def test_changes_nothing_by_a_patch_that_says_nothing(writable: Server, operation: Operation) -> None:
    wanted = ready(writable, operation)
    before = writable.get(wanted.path), writable.newest()

    answer = perform(writable, operation, Ready(wanted.path, {}))

    assert answer.status_code == 200
    assert (answer.content, writable.newest()) == (before[0].content, before[1])


@pytest.mark.parametrize("operation", PATCHES, ids=str)
def test_changes_the_field_that_a_patch_names_and_no_other(writable: Server, operation: Operation) -> None:
    field = "rationale" if operation.name == "change_link" else "title"
    wanted = ready(writable, operation)
    before = writable.get(wanted.path).json()

    after = perform(writable, operation, Ready(wanted.path, {field: "Changed by a test"})).json()

    assert after[field] == "Changed by a test"
    given = {*operation.fields, "version"}
    assert {name for name in after if name in given and before[name] != after[name]} == {field, "version"}


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_does_once_what_is_asked_twice_under_one_key(writable: Server, operation: Operation) -> None:
    wanted, key = ready(writable, operation), f"key-of-{operation}"
    first = perform(writable, operation, wanted, Idempotency_Key=key)
    newest = writable.newest()

    again = perform(writable, operation, wanted, Idempotency_Key=key)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.status_code == first.status_code
    if operation.name == "add_key":
        assert again.json() == first.json() | {"secret": None}
    else:
        assert again.content == first.content
    assert [again.headers.get(name) for name in ("ETag", "Location")] == [
        first.headers.get(name) for name in ("ETag", "Location")
    ]
    assert writable.newest() == newest


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_refuses_another_request_under_a_key_that_was_used(writable: Server, operation: Operation) -> None:
    wanted, key = ready(writable, operation), f"other-key-of-{operation}"
    perform(writable, operation, wanted, Idempotency_Key=key)

    answer = perform(writable, operation, wanted, "?reason=Another+reason", Idempotency_Key=key)

    assert [fault["pointer"] for fault in told(answer, 422)["errors"]] == ["Idempotency-Key"]


def test_numbers_reports_of_progress_under_their_action(writable: Server) -> None:
    action = ref_of(added(writable, "actions"))
    report = BY_NAME["report_progress"]

    numbers = [perform(writable, report, Ready(report.of(action), report.body)).json()["number"] for _ in range(3)]

    assert numbers == [1, 2, 3]
