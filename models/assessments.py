"""What the inspectorates decide: verdicts of a progress review, and decisions about closure."""

from collections.abc import Iterator

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Text
from models.errors import Fault
from models.items import Item, one_of
from models.vocabulary import DECISIONS, VERDICTS

_TALLY = "tally_fully_met IS {0} NULL AND tally_partially_met IS {0} NULL AND tally_not_met IS {0} NULL"


class Assessment(Item):
    """A verdict on a recommendation or a clause, or, on a review, how many of its recommendations stand where."""

    __tablename__ = "assessment"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    verdict: Mapped[str | None] = mapped_column(Text)
    tally_fully_met: Mapped[int | None]
    tally_partially_met: Mapped[int | None]
    tally_not_met: Mapped[int | None]
    statement: Mapped[str | None] = mapped_column(Text)

    def faults(self) -> Iterator[Fault]:
        """What is wrong with it: a review is given a tally, everything else a verdict."""
        yield from super().faults()
        tally = (self.tally_fully_met, self.tally_partially_met, self.tally_not_met)
        if self.parent is not None and self.parent.kind == "review":
            if self.verdict is not None or None in tally:
                yield Fault("/tally_fully_met", "a review is given all three numbers of a tally, and no verdict")
        elif self.verdict is None or tally != (None, None, None):
            yield Fault("/verdict", "a recommendation or clause is given a verdict, and no tally")

    __mapper_args__ = {"polymorphic_identity": "assessment"}
    __table_args__ = (
        CheckConstraint(one_of("verdict", VERDICTS), name="verdict"),
        CheckConstraint(
            f"(verdict IS NOT NULL AND {_TALLY.format('')}) OR (verdict IS NULL AND {_TALLY.format('NOT')})",
            name="verdict_or_tally",
        ),
        CheckConstraint("tally_fully_met >= 0 AND tally_partially_met >= 0 AND tally_not_met >= 0", name="tally"),
        Base.__table_args__,
    )


class Decision(Item):
    """What a body decides about a recommendation: its response, or a step towards closing it or away from it.

    Whose decision it is, is its owner; `decided_by` is who took it for that body. A response says what it is `not_ours`
    for, where that is a programme (`depends_on`). A proposal tells what was done (`statement`) and its `impact`. Of a
    step that was judged by the rules of closure, `rules_version` says by which; `unmet` names the conditions that an
    override sets aside.
    """

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    decision: Mapped[str] = mapped_column(Text)
    statement: Mapped[str | None] = mapped_column(Text)
    impact: Mapped[str | None] = mapped_column(Text)
    depends_on: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    rules_version: Mapped[int | None]
    unmet: Mapped[str | None] = mapped_column(Text)

    __mapper_args__ = {"polymorphic_identity": "decision"}
    __table_args__ = (
        CheckConstraint(one_of("decision", DECISIONS), name="decision"),
        Base.__table_args__,
    )
