"""Attacks on the constraints of the tables of the graph and its record: each a statement that one of them refuses."""

from models.versions import VERSIONS
from models.vocabulary import KINDS
from tests.models import attacks_on_grants
from tests.models.plain_sql import NOWHERE, Case, copied, id_of, put

LONG = "'" + "x" * 501 + "'"


def _item(name: str, /, **values: str) -> str:
    return put("item", f"ref = '{name}'", **values)


def _own(kind: str, **values: str) -> str:
    return put(kind, f"id = {id_of(kind)}", **values)


def link_put(**values: str) -> str:
    return put("link", "ref = 'tie'", **values)


def another_item(like: str, /, **values: str) -> str:
    return copied("item", f"ref = '{like}'", **{"ref": "'another'", "external_id": "'another'"} | values)


def another_link(like: str = "tie", /, **values: str) -> str:
    return copied("link", f"ref = '{like}'", **{"ref": "'another'"} | values)


def _another_baseline(**values: str) -> str:
    return copied("baseline", FIRST, **{"name": "'another'"} | values)


FIRST = "name = 'first'"
CHANGE = "seq = 1"
DUE = f"action_id = {id_of('action')}"
LED = f"role = 'lead' AND item_id = {id_of('recommendation')}"
PUBLISHED = f"role = 'publisher' AND item_id = {id_of('review')}"
CASES = [
    Case("pk_change", copied("change", CHANGE)),
    Case("ck_change_seq", copied("change", CHANGE, seq="0")),
    Case("ck_change_action", copied("change", CHANGE, seq=NOWHERE, action="'lost'")),
    Case("pk_link_rule", copied("link_rule", "type = 'addresses' AND target_kind = 'clause'")),
    *(Case(f"pk_{kind}", copied(kind, f"id = {id_of(kind)}")) for kind in KINDS),
    *(Case(f"fk_{kind}_id", copied(kind, f"id = {id_of(kind)}", id=NOWHERE)) for kind in KINDS),
    Case("pk_item", another_item("evidence", id=id_of("source"))),
    Case("uq_item_ref", another_item("evidence", ref="'evidence'")),
    Case("uq_item_external_id", another_item("evidence", external_id="'evidence'")),
    Case("uq_item_external_id", another_item("action", external_id="'action'")),
    Case("uq_item_number", another_item("clause")),
    Case("uq_item_number", another_item("recommendation")),
    Case("fk_item_parent", _item("clause", parent_id=NOWHERE)),
    Case("fk_item_parent", _item("assessment", parent_kind="'clause'")),
    Case("fk_item_owner", _item("evidence", owner_id=NOWHERE, owner_kind="'body'")),
    Case("fk_item_owner", _item("evidence", owner_id=id_of("source"), owner_kind="'body'")),
    Case("fk_item_created_seq", _item("evidence", created_seq=NOWHERE)),
    Case("fk_item_withdrawn_seq", _item("evidence", withdrawn_seq=NOWHERE)),
    Case("ck_item_kind", _item("loose", kind="'rumour'")),
    Case("ck_item_parent", _item("clause", parent_id="NULL", parent_kind="NULL")),
    Case("ck_item_parent", _item("clause", parent_id=id_of("review"), parent_kind="'review'")),
    Case("ck_item_parent", _item("recommendation", parent_id="NULL", parent_kind="NULL")),
    Case("ck_item_parent", _item("progress", parent_id=id_of("recommendation"), parent_kind="'recommendation'")),
    Case("ck_item_parent", _item("assessment", parent_id=id_of("evidence"), parent_kind="'evidence'")),
    Case("ck_item_parent", _item("decision", parent_id=id_of("clause"), parent_kind="'clause'")),
    Case("ck_item_parent", _item("evidence", parent_id=id_of("recommendation"), parent_kind="'recommendation'")),
    Case("ck_item_parent", _item("loose", parent_id=id_of("source"), parent_kind="'source'")),
    Case("ck_item_parent_whole", _item("clause", parent_id="NULL")),
    Case("ck_item_owner", _item("evidence", owner_id=id_of("source"), owner_kind="'source'")),
    Case("ck_item_owner_whole", _item("evidence", owner_kind="'body'")),
    Case("ck_item_owner_whole", _item("action", owner_kind="NULL")),
    Case("ck_item_handling", _item("evidence", handling="'SECRET'")),
    Case("ck_item_handling", _item("evidence", handling="'public'")),
    Case("ck_item_embargo", _item("evidence", embargo_until="'2030-01-01'")),
    Case("ck_item_embargo", _item("evidence", embargo_bodies="'body'")),
    Case("ck_item_embargo", _item("embargoed", embargo_bodies="NULL")),
    Case("ck_item_embargo", _item("embargoed", embargo_until="NULL")),
    Case("ck_review_new_handling", _own("review", new_handling="'SECRET'")),
    Case("ck_review_new_handling", _own("review", new_handling="''")),
    Case("ck_item_publication_type", _item("evidence", publication_type="'gossip'")),
    Case("ck_item_confidence", _item("evidence", confidence="'certain'")),
    Case("ck_item_effective", _item("evidence", effective_from="'2020-01-02'", effective_to="'2020-01-01'")),
    Case("ck_item_effective", _item("evidence", effective_from="'2020-01-02'", effective_to="'2020-01-02'")),
    Case("ck_item_period", _item("evidence", period_from="'2020-01-02'", period_to="'2020-01-01'")),
    Case("ck_item_ref_length", _item("loose", ref="''")),
    Case("ck_item_ref_length", _item("loose", ref="'" + "r" * 121 + "'")),
    Case("ck_item_title_length", _item("loose", title="''")),
    Case("ck_item_title_length", _item("loose", title=LONG)),
    Case("ck_item_version", _item("evidence", version="0")),
    Case("ck_assessment_verdict", _own("assessment", verdict="'nearly_met'")),
    Case("ck_assessment_verdict_or_tally", _own("assessment", tally_not_met="1")),
    Case("ck_assessment_verdict_or_tally", _own("assessment", verdict="NULL")),
    Case("ck_assessment_verdict_or_tally", put("assessment", "verdict IS NULL", tally_not_met="NULL")),
    Case("ck_assessment_verdict_or_tally", put("assessment", "verdict IS NULL", verdict="'fully_met'")),
    Case("ck_assessment_tally", put("assessment", "verdict IS NULL", tally_not_met="-1")),
    Case("ck_clause_span", _own("clause", span_start="-1")),
    Case("ck_clause_span", _own("clause", span_start="8", span_end="8")),
    Case("ck_decision_decision", _own("decision", decision="'forgotten'")),
    Case("ck_evidence_evidence_kind", _own("evidence", evidence_kind="'rumour'")),
    Case("ck_progress_claimed_status", _own("progress", claimed_status="'nearly'")),
    Case("ck_recommendation_category", _own("recommendation", category="'wish'")),
    Case("ck_recommendation_roll_up", _own("recommendation", roll_up="'most'")),
    Case("ck_progress_delay", _own("progress", delay="'weather'")),
    Case("ck_due_date_delay", copied("due_date", DUE, number="2", note="'moved'", delay="'weather'")),
    Case("ck_recommendation_short_name_length", _own("recommendation", short_name="'Seventeen letters'")),
    Case("ck_recommendation_short_name_length", _own("recommendation", short_name="''")),
    Case("ck_recommendation_text_length", _own("recommendation", text="''")),
    Case("ck_source_method", _own("source", method="'guess'")),
    Case("ck_source_source_class", _own("source", source_class="'hearsay'")),
    Case("ck_source_sample_size", _own("source", sample_size="-1")),
    Case("pk_due_date", copied("due_date", DUE, note="'moved'")),
    Case("fk_due_date_action_id", copied("due_date", DUE, action_id=NOWHERE)),
    Case("fk_due_date_action_id", copied("due_date", DUE, action_id=id_of("evidence"))),
    Case("ck_due_date_number", copied("due_date", DUE, number="0", note="'moved'")),
    Case("ck_due_date_revision_has_reason", copied("due_date", DUE, number="2", note="NULL")),
    Case("pk_involvement", copied("involvement", PUBLISHED, position="2")),
    Case("fk_involvement_item", copied("involvement", LED, item_id=NOWHERE)),
    Case("fk_involvement_item", copied("involvement", LED, item_id=id_of("clause"))),
    Case("fk_involvement_body_id", copied("involvement", PUBLISHED, body_id=NOWHERE)),
    Case("fk_involvement_body_id", copied("involvement", PUBLISHED, body_id=id_of("source"))),
    Case("ck_involvement_role", copied("involvement", LED, item_id=id_of("review"), item_kind="'review'")),
    Case("ck_involvement_role", copied("involvement", LED, role="'bystander'")),
    Case("uq_involvement_lead", copied("involvement", LED, body_id=id_of("second"))),
    Case("pk_link", another_link(id="(SELECT id FROM link WHERE ref = 'tie')", type="'qualifies'")),
    Case("uq_link_ref", another_link(ref="'tie'", type="'qualifies'")),
    Case("uq_link_active", another_link()),
    Case("fk_link_rule", link_put(type="'addresses'")),
    Case("fk_link_rule", link_put(type="'dreams_of'")),
    Case("fk_link_rule", link_put(source_id=id_of("source"), source_kind="'source'")),
    Case("fk_link_source", link_put(source_id=NOWHERE)),
    Case("fk_link_source", link_put(source_id=id_of("source"))),
    Case("fk_link_target", link_put(target_id=NOWHERE)),
    Case("fk_link_target", link_put(target_id=id_of("clause"))),
    Case("fk_link_owner", link_put(owner_id=NOWHERE, owner_kind="'body'")),
    Case("fk_link_created_seq", link_put(created_seq=NOWHERE)),
    Case("fk_link_withdrawn_seq", link_put(withdrawn_seq=NOWHERE)),
    Case("ck_link_no_self_link", link_put(type="'supersedes'", target_id=id_of("evidence"), target_kind="'evidence'")),
    Case("ck_link_owner", link_put(owner_id=id_of("source"), owner_kind="'source'")),
    Case("ck_link_owner_whole", link_put(owner_kind="'body'")),
    Case("ck_link_supersedes_same_kind", link_put(type="'supersedes'")),
    Case("ck_link_basis", link_put(basis="'guessed'")),
    Case("ck_link_strength", link_put(strength="'overwhelming'")),
    Case("ck_link_handling", link_put(handling="'SECRET'")),
    Case("ck_link_embargo", link_put(embargo_until="'2030-01-01'")),
    Case("ck_link_embargo", link_put(embargo_bodies="'body'")),
    Case("ck_link_finding", link_put(finding="'doubtful'")),
    Case("ck_link_finding", link_put(finding="''")),
    Case("ck_link_effective", link_put(effective_from="'2020-01-02'", effective_to="'2020-01-02'")),
    Case("ck_link_ref_length", link_put(ref="''")),
    Case("ck_link_rationale_length", link_put(rationale="''")),
    Case("ck_link_rationale_length", link_put(rationale="'" + "x" * 2001 + "'")),
    Case("ck_link_version", link_put(version="0")),
    Case("pk_baseline", _another_baseline(id="(SELECT id FROM baseline WHERE name = 'first')")),
    Case("uq_baseline_name", _another_baseline(name="'first'")),
    Case("fk_baseline_created_seq", _another_baseline(created_seq=NOWHERE)),
    Case("fk_baseline_withdrawn_seq", _another_baseline(withdrawn_seq=NOWHERE)),
    Case("ck_baseline_name_length", _another_baseline(name="''")),
    Case("ck_baseline_name_length", _another_baseline(name="'" + "n" * 61 + "'")),
    Case("ck_baseline_digest_length", _another_baseline(digest="'" + "0" * 63 + "'")),
    Case("ck_baseline_digest_length", _another_baseline(digest="'" + "0" * 65 + "'")),
    Case("ck_baseline_seq", _another_baseline(seq="-1")),
    Case("ck_baseline_version", _another_baseline(version="0")),
    Case("pk_reply", copied("reply", "status = 200", status="201")),
    *(
        Case(f"pk_{table}_version", copied(f"{table}_version", "from_seq >= 1", until_seq="from_seq"))
        for table in VERSIONS
    ),
    *attacks_on_grants.CASES,
]
