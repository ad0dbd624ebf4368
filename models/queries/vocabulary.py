"""The vocabulary as the API shows it."""

from models.queries.rows import Row
from models.vocabulary import (
    AGE_BANDS,
    BASES,
    CATEGORIES,
    CLAIMED_STATUSES,
    COLLECTIONS,
    CONFIDENCES,
    CONTENT_FIELDS,
    DECISIONS,
    DERIVED_STATUSES,
    DISAGREEMENTS,
    EVIDENCE_KINDS,
    FINDINGS,
    GAP_REASONS,
    HANDLINGS,
    LINK_TYPES,
    METHODS,
    PARENTS,
    PUBLICATION_TYPES,
    ROLES,
    SOURCE_CLASSES,
    STRENGTHS,
    VERDICTS,
)


def vocabulary() -> Row:
    """Every word that a field may have, and what may be joined to what; no statement, the words are code."""
    structural = [(rule.type, rule.inverse, rule.kind, rule.parent_kind) for rule in PARENTS]
    structural += [(rule.type, rule.inverse, rule.kind, "body") for rule in ROLES]
    structural += [("owned_by", "owns", kind, "body") for kind in COLLECTIONS]
    return {
        "kinds": [{"kind": kind, "collection": name} for kind, name in COLLECTIONS.items()],
        "link_types": [
            {
                "type": link_type.type,
                "inverse": link_type.inverse,
                "meaning": link_type.meaning,
                "acyclic": link_type.acyclic,
                "prov": link_type.prov,
                "pairs": [{"source": source, "target": target} for source, target in link_type.pairs],
            }
            for link_type in LINK_TYPES
        ],
        "structural_types": [
            dict(zip(("type", "inverse", "source", "target"), edge, strict=True)) for edge in structural
        ],
        "gap_reasons": [{"name": name, "meaning": meaning} for name, meaning in GAP_REASONS.items()],
        "disagreements": [{"name": name, "meaning": meaning} for name, meaning in DISAGREEMENTS.items()],
        "words": {
            "handling": HANDLINGS,
            "category": CATEGORIES,
            "source_class": SOURCE_CLASSES,
            "method": METHODS,
            "evidence_kind": EVIDENCE_KINDS,
            "claimed_status": CLAIMED_STATUSES,
            "derived_status": DERIVED_STATUSES,
            "age_band": tuple(AGE_BANDS),
            "verdict": VERDICTS,
            "decision": DECISIONS,
            "publication_type": PUBLICATION_TYPES,
            "confidence": CONFIDENCES,
            "strength": STRENGTHS,
            "basis": BASES,
            "finding": FINDINGS,
        },
        "content_fields": CONTENT_FIELDS,
    }
