"""Rules of links that the schema may not have yet, for the tests of what will follow from them."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models.links import LinkRule


def allow(session: Session, type_: str, source: str, target: str) -> None:
    """Let links of a type join these kinds, if the rules do not let them already."""
    rule = {"type": type_, "source_kind": source, "target_kind": target}
    if session.execute(select(LinkRule.type).filter_by(**rule)).first() is None:
        session.execute(insert(LinkRule.__table__).values(rule))
