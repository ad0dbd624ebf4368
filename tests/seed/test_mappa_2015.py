"""The published data set against the record and the page that it was made from."""

import json
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest

from models.periods import span_of
from models.vocabulary import COLLECTIONS
from seed.load import MAPPA_2015, ORDER, entries

Entry = dict[str, Any]
PUBLISHED = MAPPA_2015 / "published"
RECORD = json.loads((PUBLISHED / "record.json").read_text(encoding="utf-8"))
FACTS: dict[str, Entry] = {fact["id"]: fact for fact in RECORD["facts"]}
PAGE = (PUBLISHED / "review-page.txt").read_text(encoding="utf-8")
ENTRIES = entries(MAPPA_2015)
ITEMS = [(kind, entry) for kind, entry in ENTRIES if kind != "link"]
LINKS = [entry for kind, entry in ENTRIES if kind == "link"]
BY_FACT = {entry["external_id"]: (kind, entry) for kind, entry in ITEMS if entry["external_id"] in FACTS}
REVIEW_DAY = date(2015, 11, 26)
# The review's own figures count from the day on which it published them (SOURCES.md, Dates).
REVIEWS_OWN = {"F024", "F026"}
RECOMMENDATIONS = {entry["ref"]: entry for kind, entry in ITEMS if kind == "recommendation"}


def _of(kind: str) -> list[Entry]:
    return [entry for its, entry in ITEMS if its == kind]


def _day(entry: Entry) -> date | None:
    return date.fromisoformat(entry["effective_from"]) if "effective_from" in entry else None


def test_the_record_has_87_facts() -> None:
    assert len(RECORD["facts"]) == len(FACTS) == 87


def test_every_file_of_the_data_set_is_loaded() -> None:
    files = {file.stem for file in MAPPA_2015.glob("*.json")}

    assert files == {COLLECTIONS[kind] for kind in ORDER} | {"links"}


def test_each_fact_is_the_external_id_of_exactly_one_item() -> None:
    counts = Counter(entry["external_id"] for _, entry in ITEMS if re.fullmatch(r"F\d{3}", entry["external_id"]))

    assert counts == dict.fromkeys(FACTS, 1)


def test_references_and_external_ids_are_each_given_once() -> None:
    for name in ("ref", "external_id"):
        counts = Counter(entry[name] for _, entry in ITEMS)
        assert [value for value, times in counts.items() if times > 1] == []


@pytest.mark.parametrize(("kind", "entry"), ENTRIES, ids=lambda value: value if isinstance(value, str) else "")
def test_every_entry_traces_to_what_is_published(kind: str, entry: Entry) -> None:
    assert entry["traces_to"]
    assert set(entry["traces_to"]) <= {*FACTS, "review-page", "about"}


def test_every_fact_is_of_the_kind_that_the_rules_give_it() -> None:
    kinds = {"fieldwork": "source", "progress": "progress"}
    special = {"F032": "source", "F033": "assessment", "F034": "assessment"}

    for ref, fact in FACTS.items():
        assert BY_FACT[ref][0] == special.get(ref, kinds.get(fact["kind"], "evidence"))


def test_evidence_keeps_the_kind_of_its_fact() -> None:
    observed = {"F039", "F040", "F041"}

    for entry in _of("evidence"):
        kind = FACTS[entry["external_id"]]["kind"]
        if kind == "assessment":
            kind = "observation" if entry["external_id"] in observed else "audit_finding"
        assert entry["evidence_kind"] == kind


@pytest.mark.parametrize("ref", FACTS)
def test_what_a_fact_says_stands_there_verbatim(ref: str) -> None:
    fact, (_, entry) = FACTS[ref], BY_FACT[ref]

    assert entry["statement"] == fact["statement"]
    assert entry.get("period") == fact["date"]
    assert entry.get("period_note", "") == fact["date_note"] or fact["date"] is None
    assert (entry["url"], entry["locator"]) == (fact["url"], fact["locator"])
    assert (entry["publisher"], entry["publication_type"]) == (fact["publisher"], fact["source_type"])
    assert entry["confidence"] == fact["confidence"]


@pytest.mark.parametrize("number", range(1, 11))
def test_a_recommendation_is_word_for_word_that_of_the_page(number: int) -> None:
    _, _, table = PAGE.partition("Recommendations:")
    rows = [line.strip() for line in table.splitlines() if line.strip()]

    entry = RECOMMENDATIONS[f"R{number}"]
    assert entry["number"] == number
    assert entry["text"] == rows[rows.index(str(number)) + 1]


def test_the_lead_of_a_recommendation_is_whom_its_text_names_first() -> None:
    for entry in RECOMMENDATIONS.values():
        leads = [part["body"] for part in entry["bodies"] if part["role"] == "lead"]
        assert leads == ["scottish-government"]
        assert entry["text"].startswith("Scottish Government")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("responsible-authorities", "Responsible Authorities"),
        ("risk-management-authority", "Risk Management Authority"),
    ],
)
def test_partners_are_those_whom_the_text_names(body: str, words: str) -> None:
    for entry in RECOMMENDATIONS.values():
        partners = [part["body"] for part in entry["bodies"] if part["role"] == "partner"]
        assert (body in partners) is (words in entry["text"])


def test_the_spans_of_clauses_lie_in_the_text_at_the_edges_of_words_and_apart() -> None:
    for ref, whole in RECOMMENDATIONS.items():
        text, last = whole["text"], 0
        clauses = [entry for entry in _of("clause") if entry["parent"] == ref]
        assert clauses
        for number, clause in enumerate(clauses, start=1):
            start, end = clause["span_start"], clause["span_end"]
            assert (clause["number"], clause["ref"]) == (number, f"{ref}.{number}")
            assert last <= start < end <= len(text)
            assert text[start:end] == text[start:end].strip(" .,")
            assert not text[start - 1].isalnum()
            assert not text[end : end + 1].isalnum()
            last = end


def _ties(ref: str) -> list[tuple[int, str]]:
    """The recommendations that an item is tied to by trace links, by number, each with its basis."""
    return [
        (int(link["target"][1:]), link["basis"])
        for link in LINKS
        if link["source"] == ref and link["target"] in RECOMMENDATIONS
    ]


def _tied(kind: str, entry: Entry) -> list[tuple[int, str]]:
    """The ties of a fact: its own, those of its action, or that it is an assessment of it."""
    if kind == "progress":
        return _ties(entry["parent"])
    if entry["ref"] == "F033":
        return [(number, "stated") for number in range(1, 11)] if entry["parent"] == "MAPPA-2015" else []
    if entry["ref"] == "F034":
        return [(int(entry["parent"][1:]), "stated")]
    return _ties(entry["ref"])


@pytest.mark.parametrize("ref", FACTS)
def test_a_fact_is_tied_to_what_the_record_ties_it_to_once_and_on_the_same_basis(ref: str) -> None:
    fact = FACTS[ref]
    basis = "stated" if fact["link_basis"].startswith("stated") else "inferred"

    assert sorted(_tied(*BY_FACT[ref])) == [(number, basis) for number in sorted(fact["recommendations"])]


def test_no_tie_to_a_recommendation_is_of_anything_but_a_fact_or_the_action_of_one() -> None:
    actions = {entry["parent"] for entry in _of("progress")}

    tied = {link["source"] for link in LINKS if link["target"] in RECOMMENDATIONS}

    assert tied <= {entry["ref"] for _, entry in BY_FACT.values()} | actions
    assert {entry["ref"] for entry in _of("action")} == actions


def test_every_link_to_a_recommendation_is_direct_or_there_is_none() -> None:
    clauses = {entry["ref"] for entry in _of("clause")}

    assert [link for link in LINKS if {link["source"], link["target"]} & clauses] == []


def test_the_ends_and_the_type_of_a_link_are_given_once() -> None:
    counts = Counter((link["source"], link["type"], link["target"]) for link in LINKS)

    assert max(counts.values()) == 1


def test_an_inferred_tie_is_the_analysts_and_a_stated_one_is_not() -> None:
    for link in LINKS:
        assert (link["asserted_by"] == "analyst of the published record") is (link["basis"] == "inferred")


def test_a_tie_stated_by_description_says_so() -> None:
    for ref, fact in FACTS.items():
        if fact["link_basis"] == "stated_by_description" and BY_FACT[ref][0] == "evidence":
            (link,) = [link for link in LINKS if link["source"] == ref and link["target"] in RECOMMENDATIONS]
            assert "stated by description" in link["rationale"]


def test_nothing_is_given_as_proof_that_something_was_done() -> None:
    assert "demonstrates" not in {link["type"] for link in LINKS}


def test_evidence_of_a_press_editorial_or_statistic_supports_nothing() -> None:
    supporting = {link["source"] for link in LINKS if link["type"] == "supports"}

    assert supporting == {"F018", "F019", "F022", "F023", "F024", "F112"}
    assert {link["source"] for link in LINKS if link["type"] == "qualifies"} == {"F025"}


@pytest.mark.parametrize("ref", FACTS)
def test_a_fact_is_dated_by_the_rules_and_by_nothing_else(ref: str) -> None:
    fact, (_, entry) = FACTS[ref], BY_FACT[ref]
    if fact["date"] is None:
        expected = None
    elif ref in REVIEWS_OWN:
        expected = REVIEW_DAY
    else:
        first, last = span_of(fact["date"])
        expected = first if fact["kind"] == "fieldwork" else last

    assert _day(entry) == expected
    assert "effective_to" not in entry


@pytest.mark.parametrize("kind", [kind for kind in ORDER if kind not in {"body", "action"}])
def test_a_note_says_by_which_rule_a_day_follows_unless_the_period_is_that_day(kind: str) -> None:
    for entry in _of(kind):
        own_day = entry.get("period") == entry.get("effective_from")
        assert ("effective_note" in entry) is not own_day


def test_an_action_counts_from_its_first_dated_progress() -> None:
    for action in _of("action"):
        days = [day for entry in _of("progress") if entry["parent"] == action["ref"] and (day := _day(entry))]
        assert _day(action) == min(days, default=None)


def test_what_the_review_published_counts_from_its_day() -> None:
    for kind in ("review", "recommendation", "clause"):
        assert {_day(entry) for entry in _of(kind)} == {REVIEW_DAY}


def test_only_the_pages_that_the_rules_name_have_a_date() -> None:
    pages = [entry for entry in _of("source") if entry["ref"].startswith("S")]

    dated = {entry["ref"] for entry in pages if "effective_from" in entry}

    assert dated == {"S02", "S03", "S05", "S07", "S10", "S12", "S18", "S22"}
    assert all(_day(entry) == span_of(entry["period"])[1] for entry in pages if entry["ref"] in dated)


def test_the_verdicts_are_the_one_that_is_published_and_nine_that_are_not() -> None:
    verdicts = {entry["parent"]: entry["verdict"] for entry in _of("assessment") if "verdict" in entry}

    assert verdicts == {ref: "not_met" if ref == "R3" else "not_published" for ref in RECOMMENDATIONS}


def test_the_tally_is_four_four_and_two() -> None:
    tallies = [(entry["parent"], entry["tally"]) for entry in _of("assessment") if "tally" in entry]

    assert tallies == [("MAPPA-2015", {"fully_met": 4, "partially_met": 4, "not_met": 2})]


def test_a_status_is_claimed_only_where_the_sources_name_it() -> None:
    table = dict(re.findall(r"^\| (F\d{3}) \| (under_way|complete) \|", _sources(), re.MULTILINE))

    claimed = {entry["ref"]: entry["claimed_status"] for entry in _of("progress") if "claimed_status" in entry}

    assert claimed == table
    assert len(claimed) == 6


def test_the_only_due_date_is_the_published_one() -> None:
    due = {entry["ref"]: entry["due_dates"] for entry in _of("action") if "due_dates" in entry}

    assert {ref: [one["due_on"] for one in dates] for ref, dates in due.items()} == {"A11": ["2023-03-31"]}
    assert "31 March 2023" in FACTS["F068"]["statement"]


def test_the_numbers_of_progress_go_from_one_without_a_gap() -> None:
    for action in _of("action"):
        numbers = [entry["number"] for entry in _of("progress") if entry["parent"] == action["ref"]]
        assert numbers == list(range(1, len(numbers) + 1))


def _sources() -> str:
    return (MAPPA_2015.parent / "SOURCES.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [*ORDER, "link"])
def test_the_sources_tell_how_many_entries_a_file_has(kind: str) -> None:
    name = COLLECTIONS.get(kind, "links")

    told = re.search(rf"^\| `{name}\.json` \| (\d+) \|", _sources(), re.MULTILINE)

    assert told is not None
    assert int(told[1]) == sum(its == kind for its, _ in ENTRIES)
