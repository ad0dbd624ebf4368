"""Every kind of item with its table; to import this module is to know the whole graph."""

from models.actions import Action, Progress
from models.assessments import Assessment, Decision
from models.bodies import Body
from models.evidence import Evidence
from models.items import Item
from models.recommendations import Clause, Recommendation
from models.reviews import Review
from models.sources import Source

NOUNS: dict[str, type[Item]] = {
    "review": Review,
    "recommendation": Recommendation,
    "clause": Clause,
    "source": Source,
    "evidence": Evidence,
    "action": Action,
    "progress": Progress,
    "assessment": Assessment,
    "decision": Decision,
    "body": Body,
}
