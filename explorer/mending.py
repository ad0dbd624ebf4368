"""What would mend a gap: a sentence for each reason."""

MENDING = {
    "no_evidence": "Link evidence that supports, contradicts or qualifies the recommendation or a clause of it.",
    "only_inferred_evidence": "Find a published page that states the tie, and link the evidence with that page.",
    "single_source": "Link evidence that was drawn from a second source.",
    "no_action": "Link an action to the recommendation, with the page that states that it addresses it.",
    "no_owner": "Record the body that owns the action.",
    "no_due_date": "Record the due date of the action, and who set it.",
    "overdue": "Report progress that completes the action, or revise its due date and give the reason.",
    "claimed_complete_without_evidence": "Link evidence that demonstrates the action, or progress on it.",
    "no_assessment": "Record the inspectorates' verdict, once there is one.",
    "assessment_not_published": "Record what the verdict says, once it is published.",
    "contested": "Withdraw the link that does not hold, or record how the dispute was decided.",
    "orphan_evidence": "Link the evidence to what it bears on, or withdraw it.",
    "clause_not_covered": "Link evidence or an action to the clause itself, and not to its recommendation alone.",
    "suspect_link": "Have a named person read both ends and review the link; withdraw it if it no longer holds.",
}
