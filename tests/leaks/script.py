"""A script: the writes that make a graph, as plain values, each with its own reference, moment, author and reason."""

from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]
# What is done to what stands in the graph; everything else is done beside it.
OF_THINGS = ("add", "link", "amend", "review", "mark", "release", "withdraw", "ask", "decline", "override")
BESIDE = ("baseline", "key", "end")


@dataclass(frozen=True)
class Operation:
    """One write.

    `what` is done, to the thing `ref` of this `kind`: it is added, linked, amended, reviewed (a link), marked (more
    strictly), released (marked less so), withdrawn; somebody asks for its release, declines that, overrides the guard
    for it. Or, beside the graph: a baseline is named, a key given or ended.
    """

    what: str
    kind: str
    ref: str
    at: str = ""
    principal: str = ""
    values: Values = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Why it is written."""
        return f"To {self.what} the {self.kind} {self.ref}"

    @property
    def request(self) -> str:
        """The name of the request by which it is written."""
        return f"request-{self.what}-{self.at}"


Script = list[Operation]
