"""What every published operation asks of its caller, by name and in groups, as access.md has it."""

from typing import NamedTuple

from tests.policy.table import OTHER, OWN

# What an operation is done to: one thing in its path (an item or link, a body, a key, an account, an approval), the
# changes of one thing, something new (marked as is asked for), a new part of one thing, what is put under the thing in
# its path, or what is asked for one thing: that it be released, or erased.
NOTHING, THING, BODY, HISTORY, CHANGE, UNDER = "nothing", "thing", "body", "history", "change", "under a thing"
NEW, NEW_PART, NEW_BODY = "new", "new part", "new body"
RELEASE, APPROVAL, ERASURE, APPROVAL_OF_ERASURE = "release", "approval", "erasure", "approval of erasure"
KEY, ACCOUNT, NEW_KEY, NEW_ACCOUNT = "key", "account", "new key", "new account"
# How a recommendation stands of which a step of closure is taken: who leads on it, what was decided, and whether
# evidence demonstrates it.
LED, LED_BY_ANOTHER, PROPOSED = "recommendation led", "recommendation led by another", "recommendation proposed"
DEMONSTRATED, CLOSED = "recommendation demonstrated", "recommendation closed"


class Group(NamedTuple):
    """Operations of which the policy says the same; one that does two things stands in two, as `name:what`.

    `asks` are the permissions, as the document tells them; `within`, what is asked for besides, by what the caller
    wants; what is `own` is to be the caller's own body's, unless he has the permission `unless`, or, where it is also
    `nobodys`, nobody's; `answers` is the status with which they succeed; `acts`, the body in whose name
    they are done.
    """

    name: str
    asks: str
    operations: str
    to: str = NOTHING
    answers: int = 200
    own: bool = False
    unless: str = ""
    within: str = ""
    nobodys: bool = False
    acts: str = ""


GROUPS = (
    Group(
        "what is open",
        "open",
        "get_root get_index get_vocabulary list_problems get_problem get_live get_ready get_openapi_json "
        "get_openapi_yaml get_docs get_me list_closure_rules",
    ),
    Group(
        "lists and questions",
        "read",
        "list_reviews list_recommendations list_clauses list_sources list_evidence list_actions list_progress "
        "list_assessments list_decisions list_bodies list_trace_links list_gaps list_disagreements list_action_plan "
        "get_calendar list_all_baselines get_graph get_matrix get_baseline compare_baselines get_export",
    ),
    Group(
        "one thing",
        "read",
        "get_review get_recommendation get_clause get_source get_evidence get_action get_progress get_assessment "
        "get_decision get_link get_chain list_recommendation_evidence list_recommendation_actions "
        "list_recommendation_assessments list_recommendation_bodies get_timeline list_action_progress get_reach "
        "list_responses get_closure get_review_report get_recommendation_report",
        THING,
    ),
    Group("one body", "read", "get_body", BODY),
    Group("the record", "read-record", "list_record list_baseline_history"),
    Group(
        "the history of one thing",
        "read-record",
        "list_review_history list_recommendation_history list_clause_history list_source_history list_evidence_history "
        "list_progress_history list_assessment_history list_decision_history list_link_history",
        HISTORY,
    ),
    Group("the history of one action", "read-record", "list_action_history", HISTORY),
    Group("the history of one body", "read-record", "list_body_history", BODY),
    Group("one change", "read-record", "get_change", CHANGE),
    Group("the checkpoint", "read-checkpoint", "get_checkpoint"),
    Group("the counts", "read-metrics", "get_metrics"),
    Group("adding reviews and sources", "write-reviews", "add_review add_source", NEW, 201),
    Group("adding parts of reviews", "write-reviews", "add_recommendation add_clause", NEW_PART, 201),
    Group(
        "changing reviews and sources",
        "write-reviews",
        "change_review change_recommendation change_clause change_source",
        THING,
    ),
    Group(
        "withdrawing reviews and sources",
        "write-reviews withdraw",
        "withdraw_review withdraw_recommendation withdraw_clause withdraw_source",
        THING,
        204,
        own=True,
    ),
    Group("adding evidence", "write-evidence", "add_evidence", NEW, 201, own=True),
    # A link is its writer's body's from the start: none can be added for another body.
    Group("adding links", "write-evidence", "add_link", NEW_PART, 201),
    Group(
        "changing evidence and links",
        "write-evidence",
        "change_evidence change_link review_trace_link",
        THING,
        own=True,
    ),
    Group(
        "withdrawing evidence and links",
        "write-evidence withdraw",
        "withdraw_evidence withdraw_link",
        THING,
        204,
        own=True,
    ),
    Group("adding actions", "plan-actions", "add_action", NEW, 201),
    Group("revising actions", "revise-actions", "change_action", THING, own=True, unless="plan-actions"),
    Group("splitting actions", "plan-actions", "split_action", THING),
    Group("withdrawing actions", "plan-actions withdraw", "withdraw_action", THING, 204),
    Group("reporting progress", "report-progress", "report_progress", THING, 201, own=True),
    Group("withdrawing progress", "report-progress withdraw", "withdraw_progress", THING, 204, own=True),
    Group("answering", "respond", "add_response", UNDER, 201, acts=OWN),
    Group("answering for another body", "respond", "add_response:for_another", UNDER, 201, acts=OTHER),
    Group("proposing closure", "propose-closure", "propose_closure", THING, acts=OWN),
    Group(
        "proposing closure of what another body leads on",
        "propose-closure",
        "propose_closure:of_another",
        THING,
        409,
        acts=OWN,
    ),
    Group(
        "deciding on closure",
        "decide-closure",
        "return_closure override_closure end_closure discharge_closure reopen_closure",
        THING,
        acts=OWN,
    ),
    Group("deciding for another body", "decide-closure", "return_closure:for_another", THING, acts=OTHER),
    Group("discharging without evidence", "decide-closure", "discharge_closure:without_evidence", THING, 409, acts=OWN),
    Group("giving verdicts", "assess", "add_assessment", NEW_PART, 201),
    Group("withdrawing verdicts", "assess withdraw", "withdraw_assessment", THING, 204, own=True),
    Group(
        "raising markings",
        "raise-handling",
        "mark_review mark_recommendation mark_clause mark_source mark_evidence mark_action mark_progress "
        "mark_assessment mark_link",
        THING,
        own=True,
    ),
    Group("adding bodies", "write-bodies", "add_body", NEW_BODY, 201),
    Group("changing bodies", "write-bodies", "change_body", BODY),
    Group("withdrawing bodies", "write-bodies withdraw", "withdraw_body", BODY, 204),
    Group("naming baselines", "name-baselines", "name_baseline", NOTHING, 201),
    Group("listing keys", "manage-keys", "list_keys"),
    Group("reading keys", "manage-keys", "get_key", KEY),
    # Whatever an administrator asks for waits for a second administrator.
    Group("confirming keys", "manage-keys", "confirm_key", KEY, within="manage-accounts"),
    Group("adding keys", "manage-keys", "add_key", NEW_KEY, 201),
    Group("ending keys", "manage-keys", "end_key", KEY, 204),
    Group("listing accounts", "manage-accounts", "list_accounts"),
    Group("reading and confirming accounts", "manage-accounts", "get_account confirm_account", ACCOUNT),
    Group("adding accounts", "manage-accounts", "add_account", NEW_ACCOUNT, 201),
    Group("ending accounts", "manage-accounts", "end_account", ACCOUNT, 204),
    Group("listing approvals", "approve", "list_all_approvals"),
    Group("reading approvals", "approve", "get_approval", APPROVAL),
    Group("asking for a release", "approve", "ask_approval", RELEASE, 201, own=True, within="lower-handling"),
    Group(
        "deciding on a release",
        "approve",
        "confirm_approval decline_approval",
        APPROVAL,
        own=True,
        within="lower-handling",
    ),
    # What nobody owns is erased by whoever may erase at all.
    Group("asking to erase", "approve", "ask_approval:redact", ERASURE, 201, own=True, within="redact", nobodys=True),
    Group(
        "deciding to erase",
        "approve",
        "confirm_approval:redact decline_approval:redact",
        APPROVAL_OF_ERASURE,
        own=True,
        within="redact",
        nobodys=True,
    ),
    Group("checking texts", "check-text", "check_texts"),
    Group("listing overrides", "override-guard", "list_pii_overrides"),
)
GROUP_OF = {operation: group for group in GROUPS for operation in group.operations.split()}
# Of which kind the whole is that a new part names in its body.
WHOLES = {"add_recommendation": "review", "add_clause": "recommendation", "add_assessment": "recommendation"}
WHOLES |= {"add_link": "evidence"}
# How the recommendation stands that a step of closure is done to.
STANDS = {
    "propose_closure": LED,
    "propose_closure:of_another": LED_BY_ANOTHER,
    "discharge_closure": DEMONSTRATED,
    "reopen_closure": CLOSED,
    **dict.fromkeys(("return_closure", "return_closure:for_another"), PROPOSED),
    **dict.fromkeys(("override_closure", "discharge_closure:without_evidence"), PROPOSED),
}


def changes_nothing(operation: str) -> bool:
    """Whether an operation only reads or asks."""
    return operation == "check_texts" or operation.startswith(("get_", "list_", "compare_"))
