"""Writing responses: what a body that is asked answers to a recommendation."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from models.changes import today
from models.errors import Fault, Invalid
from models.lens import Lens
from models.markings import MARKING_FIELDS
from models.writing.items import add_item
from models.writing.links import add_link
from models.writing.naming import Named


def respond(session: Session, lens: Lens, ref: str, values: Mapping[str, Any], by: str) -> str:
    """Record what a body (`owner`) answers to a recommendation; the reference of its response.

    What is not its own depends on a body (`depends_on_body`) or on a programme (`depends_on`), which it then names.
    """
    answer, body = values["response"], values.get("depends_on_body")
    named = bool(body or values.get("depends_on"))
    if named != (answer == "not_ours"):
        said = "goes with 'not_ours' alone" if named else "is needed with 'not_ours', or depends_on_body is"
        raise Invalid(Fault("/depends_on_body" if body else "/depends_on", said))
    if body:
        Named(session, lens, [body]).at("/depends_on_body", body, ("body",))
    title = f"Response of {values['owner']} to {ref}: {answer.replace('_', ' ')}"
    given = {"title": title, "recommendation": ref, "decision": answer, "decided_by": by}
    told = {name: value for name, value in values.items() if name not in {"response", "depends_on_body"}}
    made = add_item(session, lens, "decision", {"effective_from": today()} | told | given)
    if body:
        tie = {"type": "depends_on", "source": made, "target": body, "owner": values["owner"], "basis": "stated"}
        marking = {name: values[name] for name in MARKING_FIELDS if name in values}
        add_link(session, lens, {**tie, **marking, "rationale": "Named in the response."}, by)
    return made
