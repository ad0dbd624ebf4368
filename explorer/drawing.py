"""Drawing: boxes in columns and curves between them, placed in units of the drawing; the template only writes them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

WIDTH, GAP = 176, 56
_ROW_GAP, _HEAD, _LINE, _PADDING = 14, 34, 15, 9


@dataclass
class Box:
    """A box: its name, in which column, its head and lines, how it looks, and where it leads."""

    ref: str
    column: int
    head: str
    lines: list[str]
    look: str = ""
    href: str = ""
    y: float = 0.0

    @property
    def x(self) -> int:
        """Where it begins."""
        return self.column * (WIDTH + GAP)

    @property
    def height(self) -> int:
        """How high it is."""
        return 2 * _PADDING + _LINE * (1 + len(self.lines))

    @property
    def middle(self) -> float:
        """Where its middle is."""
        return self.y + self.height / 2


class Tie(NamedTuple):
    """What joins two boxes: from which, to which, how it looks, and what it says."""

    start: str
    end: str
    look: str
    says: str


class Line(NamedTuple):
    """A tie as it is drawn."""

    path: str
    look: str
    says: str


@dataclass(frozen=True)
class Drawing:
    """A whole drawing: its boxes and lines, and its size."""

    boxes: list[Box]
    lines: list[Line]
    width: int
    height: float


def draw(boxes: Mapping[str, Box], ties: Iterable[Tie], columns: int, middle: int) -> Drawing:
    """The boxes placed, so that each is near those that it is tied to, and the ties drawn between them.

    It is ordered from the `middle` column, whose boxes stay as they come, outwards.
    """
    drawn = list(dict.fromkeys(ties))
    near: dict[str, list[Box]] = defaultdict(list)
    for tie in drawn:
        near[tie.start].append(boxes[tie.end])
        near[tie.end].append(boxes[tie.start])
    stacks = [[box for box in boxes.values() if box.column == number] for number in range(columns)]
    height = max(_stacked(stack) for stack in stacks)
    for stack in stacks:
        _spread(stack, height)
    outwards = [*range(middle - 1, -1, -1), *range(middle + 1, columns)]
    inwards = [*range(1, middle), *range(columns - 2, middle, -1)]
    for number, by in [(number, middle) for number in outwards] + [(number, -1) for number in (*inwards, *outwards)]:
        _sort(stacks[number], near, by)
        _spread(stacks[number], height)
    lines = [_line(boxes[tie.start], boxes[tie.end], tie) for tie in drawn]
    return Drawing(list(boxes.values()), lines, columns * (WIDTH + GAP) - GAP, _HEAD + height + _ROW_GAP)


def _stacked(stack: Sequence[Box]) -> float:
    """How high a column is at least."""
    return sum(box.height for box in stack) + _ROW_GAP * max(len(stack) - 1, 0)


def _spread(stack: Sequence[Box], height: float) -> None:
    """Place the boxes of a column evenly over the height."""
    room = (height - _stacked(stack)) / (len(stack) + 1)
    y = _HEAD + room
    for box in stack:
        box.y = y
        y += box.height + _ROW_GAP + room


def _sort(stack: list[Box], near: Mapping[str, Sequence[Box]], by: int) -> None:
    """Order a column by the mean height of what each box is tied to, in one column or (-1) in any."""

    def mean(box: Box) -> float:
        heights = [other.middle for other in near.get(box.ref, ()) if by in (-1, other.column)]
        return sum(heights) / len(heights) if heights else box.middle

    stack.sort(key=mean)


def _line(start: Box, end: Box, tie: Tie) -> Line:
    """A curve from the right of one box to the left of the other."""
    left, right = (start, end) if start.column < end.column else (end, start)
    x, y, to_x, to_y = left.x + WIDTH, f"{left.middle:.1f}", right.x, f"{right.middle:.1f}"
    bend = (x + to_x) // 2
    return Line(f"M{x} {y}C{bend} {y} {bend} {to_y} {to_x} {to_y}", tie.look, tie.says)
