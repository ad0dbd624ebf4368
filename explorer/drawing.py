"""Drawing: boxes in columns, the lines of text in them, and curves between them; the template only writes them.

Everything is placed and measured in units of the drawing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category, east_asian_width, normalize

WIDTH, GAP = 176, 56
_ROW_GAP, _HEAD, _LINE, _PADDING = 14, 34, 15, 9
SIZE = 12
_FIRST = 32
# How wide the letters from the space to the tilde are in Roboto, regular or bold, whichever is wider, or with
# an accent: hundredths of the size of the letters.
_WIDTHS = (
    *(25, 28, 33, 62, 58, 74, 66, 18, 35, 36, 46, 57, 25, 40, 30, 42, 58, 58, 58, 58, 58, 58, 58, 58),
    *(58, 58, 29, 27, 51, 58, 53, 50, 90, 68, 64, 66, 66, 57, 56, 69, 72, 30, 56, 64, 55, 88, 72, 69),
    *(65, 69, 65, 62, 62, 66, 66, 89, 64, 62, 61, 28, 43, 28, 44, 46, 34, 55, 57, 53, 57, 55, 36, 58),
    *(57, 28, 27, 54, 27, 88, 57, 58, 57, 57, 37, 52, 34, 57, 51, 76, 51, 51, 51, 34, 26, 34, 69),
)
# What is not in the font comes from another one, and may be a little wider than it is high.
_OTHER = 105
_CUT = " …"
# A word, or a part of one up to a hyphen, with the room before it.
_PART = re.compile(r"\s*[^\s-]*-+(?=\w)|\s*\S[^\s-]*")


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


def width_of(text: str) -> float:
    """How wide a text is, in units of the drawing."""
    return sum(map(_wide, text)) * SIZE / 100


@lru_cache(1024)
def _wide(letter: str) -> int:
    """How wide a letter is, in hundredths of its size; an accent takes no room beside its letter."""
    if category(letter) in ("Mn", "Me"):
        return 0
    place = ord(normalize("NFD", letter)[0]) - _FIRST
    plain = 0 <= place < len(_WIDTHS) and east_asian_width(letter) not in "WF"
    return _WIDTHS[place] if plain else _OTHER


def lines_of(text: str, room: float, most: int = 99) -> list[str]:
    """A text in lines that are no wider than the room, broken within a word where it is wider by itself.

    Where there would be more lines than `most`, the last one says that there is more.
    """
    lines = [""]
    for part in _PART.findall(text):
        if width_of(f"{lines[-1]}{part}".strip()) <= room:
            lines[-1] = f"{lines[-1]}{part}".strip()
            continue
        lines += _broken(part.strip(), room)
        if len(lines) > most + 1:
            break
    lines = [line for line in lines if line]
    return lines if len(lines) <= most else [*lines[: most - 1], _shortened(lines[most - 1], room)]


def _broken(word: str, room: float) -> list[str]:
    """A word in as many lines as it takes."""
    lines = [""]
    for letter in word:
        if lines[-1] and width_of(lines[-1] + letter) > room:
            lines.append("")
        lines[-1] += letter
    return lines


def _shortened(line: str, room: float) -> str:
    """A line with a mark that there is more, without the last words, or letters, that leave no room for it."""
    while line and width_of(line + _CUT) > room:
        line = line.rpartition(" ")[0] or line[:-1]
    return line + _CUT if line else _CUT.strip()
