"""The words of the service: kinds, link types, rules, verdicts, gap reasons. Served by the API as they stand here."""

from typing import NamedTuple

KINDS = (
    "review",
    "recommendation",
    "clause",
    "source",
    "evidence",
    "action",
    "progress",
    "assessment",
    "decision",
    "body",
)

# A kind's collection in the API; the same word names the noun's file at every layer.
COLLECTIONS = {
    "review": "reviews",
    "recommendation": "recommendations",
    "clause": "clauses",
    "source": "sources",
    "evidence": "evidence",
    "action": "actions",
    "progress": "progress",
    "assessment": "assessments",
    "decision": "decisions",
    "body": "bodies",
}

# A body is not an event: it has no date and is shown at any `as_of`.
TIMELESS_KINDS = ("body",)

HANDLINGS = ("PUBLIC", "OFFICIAL", "OFFICIAL-SENSITIVE")
# Who may call, besides the public; the highest handling that each may be cleared for; who has to do with content.
CALLER_ROLES = ("inspector", "officer", "programme_office", "auditor", "admin", "machine")
CLEARANCES = {role: "PUBLIC" if role in {"auditor", "admin"} else HANDLINGS[-1] for role in CALLER_ROLES}
ROLES_WITH_CONTENT = ("inspector", "officer", "programme_office", "machine")
# Whom a review can let know that something in its chains is withheld from them.
STUB_ROLES = ("inspector", "officer", "programme_office")
APPROVED_ACTIONS = ("release", "redact")
APPROVAL_STATES = ("open", "confirmed", "declined")
# What the record tells of besides items and links.
RECORDED_KINDS = ("baseline", "key", "account", "approval", "override")
ADMINISTRATION = ("key", "account")
CATEGORIES = ("recommendation", "area_for_development")
SOURCE_CLASSES = ("fieldwork", "publication")
METHODS = ("observe", "interview", "examine", "survey", "document")
EVIDENCE_KINDS = ("audit_finding", "observation", "survey_theme", "statistic", "document")
CLAIMED_STATUSES = ("not_started", "under_way", "complete", "stalled")
VERDICTS = ("not_met", "partially_met", "fully_met", "not_published")
DECISIONS = ("proposed", "returned", "discharged", "no_longer_relevant", "superseded", "disputed")
DERIVED_STATUSES = ("no_action", "not_demonstrated", "partly_demonstrated", "demonstrated")
PUBLICATION_TYPES = ("primary", "trade press", "press", "press opinion")
CONFIDENCES = ("high", "medium", "low")
STRENGTHS = ("strong", "moderate", "weak")
BASES = ("stated", "inferred")
# What a person who looked at a link again found of it.
FINDINGS = ("valid", "invalid")

# The fields by which an item is what it says: when one of them changes, the links to and from the item are suspect.
# What a body claims or decides is a status, and makes nothing suspect; nor do title, address and dates of a thing whose
# statement is as it was.
CONTENT_FIELDS = {
    "review": ("title", "published_on"),
    "recommendation": ("category", "text"),
    "clause": ("span_start", "span_end"),
    "source": ("title", "source_class", "method", "population", "sample", "sample_size", "statement"),
    "evidence": ("evidence_kind", "statement", "period", "url", "locator"),
    "action": ("title",),
    "progress": ("statement",),
    "assessment": ("statement",),
    "decision": ("statement",),
    "body": ("title",),
}


class Parent(NamedTuple):
    """A structural edge: which kind stands under which, and what the edge is called."""

    kind: str
    parent_kind: str
    type: str
    inverse: str


PARENTS = (
    Parent("recommendation", "review", "part_of", "has_part"),
    Parent("clause", "recommendation", "part_of", "has_part"),
    Parent("progress", "action", "reports_on", "reported_by"),
    Parent("assessment", "recommendation", "assesses", "assessed_by"),
    Parent("assessment", "clause", "assesses", "assessed_by"),
    Parent("assessment", "review", "assesses", "assessed_by"),
    Parent("decision", "recommendation", "decides_on", "decided_by"),
)


class Role(NamedTuple):
    """What a body is to an item: the structural edge from the item to the body."""

    role: str
    kind: str
    type: str
    inverse: str


ROLES = (
    Role("publisher", "review", "published_by", "publishes"),
    Role("lead", "recommendation", "led_by", "leads"),
    Role("partner", "recommendation", "partnered_by", "partners"),
    Role("partner", "action", "partnered_by", "partners"),
    Role("assessor", "assessment", "given_by", "gives"),
)


class LinkType(NamedTuple):
    """A trace link's type: what it joins, its inverse, whether a circle of them is refused, its PROV term."""

    type: str
    inverse: str
    meaning: str
    acyclic: bool
    pairs: tuple[tuple[str, str], ...]
    prov: str | None = None


def _pairs(sources: str, targets: str) -> tuple[tuple[str, str], ...]:
    """Every pair of the source kinds with the target kinds."""
    return tuple((source, target) for source in sources.split() for target in targets.split())


LINK_TYPES = (
    LinkType(
        "derived_from",
        "gives_rise_to",
        "The evidence was drawn from this source or from this other evidence.",
        acyclic=True,
        pairs=_pairs("evidence", "evidence source"),
        prov="wasDerivedFrom",
    ),
    LinkType(
        "supports",
        "supported_by",
        "The evidence speaks for the recommendation or clause.",
        acyclic=False,
        pairs=_pairs("evidence", "recommendation clause"),
    ),
    LinkType(
        "contradicts",
        "contradicted_by",
        "The evidence speaks against the recommendation or clause.",
        acyclic=False,
        pairs=_pairs("evidence", "recommendation clause"),
    ),
    LinkType(
        "qualifies",
        "qualified_by",
        "The evidence limits how the recommendation or clause is to be read.",
        acyclic=False,
        pairs=_pairs("evidence", "recommendation clause"),
    ),
    LinkType(
        "contextualises",
        "in_context_of",
        "Background to the recommendation or the review; speaks neither for nor against.",
        acyclic=False,
        pairs=_pairs("evidence source", "recommendation review"),
    ),
    LinkType(
        "addresses",
        "addressed_by",
        "The action is meant to meet the recommendation or clause; with an inferred basis, a related development.",
        acyclic=False,
        pairs=_pairs("action", "recommendation clause"),
    ),
    LinkType(
        "demonstrates",
        "demonstrated_by",
        "The evidence shows that the action, progress or decision is so.",
        acyclic=False,
        pairs=_pairs("evidence", "action progress decision"),
    ),
    LinkType(
        "depends_on",
        "needed_by",
        "The action cannot be done without this action or body.",
        acyclic=True,
        pairs=_pairs("action", "action body"),
    ),
    LinkType(
        "supersedes",
        "superseded_by",
        "Takes the place of an earlier one of the same kind.",
        acyclic=True,
        pairs=(("recommendation", "recommendation"), ("evidence", "evidence")),
        prov="wasRevisionOf",
    ),
)
TRACE_TYPES = tuple(link_type.type for link_type in LINK_TYPES)

# How evidence bears on a recommendation; the default `via` of the matrix.
BEARING_TYPES = ("supports", "contradicts", "qualifies", "contextualises")
# Evidence of these types speaks for or against; mere context does not answer `no_evidence`.
ARGUING_TYPES = ("supports", "contradicts", "qualifies")

GAP_REASONS = {
    "no_evidence": "No evidence supports, contradicts or qualifies the recommendation or one of its clauses.",
    "only_inferred_evidence": "Evidence supports the recommendation, but every tie was inferred by an analyst.",
    "single_source": "All supporting evidence rests on one source.",
    "no_action": "No action is stated to address the recommendation; related developments do not count.",
    "no_owner": "The action has no owner on record.",
    "no_due_date": "The action has no due date on record.",
    "overdue": "The action's latest due date has passed and it is not claimed complete.",
    "claimed_complete_without_evidence": "The action is claimed complete and no evidence demonstrates it.",
    "no_assessment": "The inspectorates have given no verdict on the recommendation.",
    "assessment_not_published": "The latest verdict exists but is not published here.",
    "contested": "Evidence both supports and contradicts it, or a decision on it is disputed.",
    "orphan_evidence": "The evidence bears on nothing: no recommendation, clause, review, action or decision.",
    "clause_not_covered": "No evidence and no action is tied to this clause itself.",
    "suspect_link": "An end of the link has changed since it was last reviewed, or its review found it invalid.",
}

# The kind of what has a gap; the reasons that are not named are those of recommendations.
_GAPS_OF_OTHER_KINDS = {
    "no_owner": "action",
    "no_due_date": "action",
    "overdue": "action",
    "claimed_complete_without_evidence": "action",
    "orphan_evidence": "evidence",
    "clause_not_covered": "clause",
    "suspect_link": "link",
}


def kind_of_gap(reason: str) -> str:
    """The kind of what has the gap: that of an item, or `link`."""
    return _GAPS_OF_OTHER_KINDS.get(reason, "recommendation")


DISAGREEMENTS = {
    "claimed_complete_not_demonstrated": "It is claimed complete and no evidence demonstrates it.",
    "verified_met_clause_uncovered": "The latest verdict on the recommendation is fully met, and no evidence and no "
    "action is tied to this clause of it.",
    "verdict_against_clauses": "The latest verdict is fully met and that on a clause is not, or it is not met and "
    "those on all clauses are fully met.",
    "discharged_since_contradicted": "Evidence that contradicts it entered the record after it was discharged.",
    "discharged_since_withdrawn": "Evidence that demonstrated what was done, or the link by which it did, was "
    "withdrawn after it was discharged.",
    "discharged_since_suspect": "It is discharged, and a link to it, its parts or what was done for it is suspect.",
    "evidence_newer_than_verdict": "Evidence that bears on it or shows what was done is later than the latest verdict.",
    "claimed_against_verified": "It was claimed complete and a later verdict is not fully met, or it is claimed not "
    "complete though verified fully met.",
}
# The kinds of what can disagree for a reason, where it is not a recommendation alone.
_DISAGREEMENTS_OF_CLAUSES = {
    "claimed_complete_not_demonstrated": ("recommendation", "clause"),
    "verified_met_clause_uncovered": ("clause",),
}


def kinds_of_disagreement(reason: str) -> tuple[str, ...]:
    """The kinds of what can disagree for a reason."""
    return _DISAGREEMENTS_OF_CLAUSES.get(reason, ("recommendation",))
