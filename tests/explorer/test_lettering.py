"""Lettering: what is written in a picture stays inside its box, whatever it is."""

from io import BytesIO

import pytest

from explorer.assets import kept
from explorer.drawing import SIZE, lines_of, width_of

ROOM = 158
HOSTILE = (
    "W" * 80,
    "Multi-agency-public-protection-arrangements-in-the-community-of-registered-sex-offenders",
    "https://www.example.org/a/very/long/address/without/any/room/in/it?that=goes&on=and&on=%20%20",
    "\u6f22" * 60,
    "MMMM WWWW @@@@ MMMM WWWW @@@@ MMMM WWWW @@@@ MMMM",
    "---------------------------------------------------",
    "Cafe\u0301 na\u00efve " * 20,
)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("most", [1, 3])
def test_no_line_is_wider_than_its_room(text: str, most: int) -> None:
    lines = lines_of(text, ROOM, most)

    assert 1 <= len(lines) <= most
    assert max(map(width_of, lines)) <= ROOM


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_is_lost_where_there_is_room(text: str) -> None:
    lines = lines_of(text, ROOM)

    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_says_that_there_is_more() -> None:
    assert lines_of("one two three four five", width_of("one two "), 2) == ["one two", "three …"]
    assert lines_of("one two", ROOM, 1) == ["one two"]
    assert lines_of("", ROOM, 3) == []


def test_breaks_between_words_and_after_hyphens_first() -> None:
    lines = lines_of("a multi-agency inspection of everything", width_of("a multi-agency"))

    assert lines == ["a multi-agency", "inspection of", "everything"]
    assert lines_of("multi-agency", width_of("multi-ag")) == ["multi-", "agency"]


@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_takes_no_letter_for_narrower_than_the_font_draws_it(weight: str) -> None:
    fonts = pytest.importorskip("fontTools.ttLib", reason="what draws papers is not installed")
    font = fonts.TTFont(BytesIO(kept(f"vendor/roboto-latin-{weight}.ttf")))
    drawn = {chr(code): font["hmtx"][name][0] for code, name in font.getBestCmap().items() if code < 0x250}

    size = SIZE / font["head"].unitsPerEm
    assert [letter for letter, wide in drawn.items() if width_of(letter) < wide * size] == []
