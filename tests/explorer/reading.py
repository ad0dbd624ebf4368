"""Reading: a page's HTML as a program sees it: its elements with their attributes and text, and what is wrong in it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# By which attributes an element loads something by itself, and by which it leads somewhere.
LOADS = {
    "link": "href",
    "script": "src",
    "img": "src",
    "image": "href",
    "use": "href",
    "iframe": "src",
    "source": "src",
}


@dataclass
class Element:
    """An element: its name, attributes, the text in it, and what it stands in."""

    name: str
    attributes: dict[str, str]
    within: "Element | None" = None
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def get(self, name: str) -> str:
        """An attribute; empty where it is not there."""
        return self.attributes.get(name, "")

    def above(self) -> Iterator["Element"]:
        """What it stands in, from the inside."""
        element = self.within
        while element is not None:
            yield element
            element = element.within

    @property
    def name_for_people(self) -> str:
        """What a reader is told that it is, as far as its own content says it."""
        inner = "".join(child.name_for_people for child in self.children)
        return (self.get("aria-label") or self.text + inner or self.get("title") or self.get("alt")).strip()


class Reading(HTMLParser):
    """Reads a page."""

    def __init__(self, html: str) -> None:
        """Read it."""
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.wrong: list[str] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        self.wrong += [f"<{element.name}> is never closed" for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        names = [name for name, _value in attrs]
        self.wrong += [f"<{tag}> has {name} twice" for name in names if names.count(name) > 1]
        within = self._open[-1] if self._open else None
        element = Element(tag, {name: value or "" for name, value in attrs}, within)
        self.elements.append(element)
        if within is not None:
            within.children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element that is closed at once, as SVG has them."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if not self._open or self._open[-1].name != tag:
            self.wrong.append(f"</{tag}> ends <{self._open[-1].name if self._open else 'nothing'}>")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Keep text."""
        if self._open:
            self._open[-1].text += data

    def all(self, *names: str) -> list[Element]:
        """The elements of these names, in order."""
        return [element for element in self.elements if element.name in names]

    def in_head(self, name: str) -> list[Element]:
        """The elements of this name in the head."""
        return [element for element in self.all(name) if "head" in {outer.name for outer in element.above()}]

    def with_attribute(self, name: str) -> list[Element]:
        """The elements that have an attribute."""
        return [element for element in self.elements if name in element.attributes]

    def loaded(self) -> list[str]:
        """The addresses that a browser loads by itself."""
        found = [(element, element.get(LOADS[element.name])) for element in self.all(*LOADS)]
        away = [(element, address) for element, address in found if address and not address.startswith("#")]
        return [address for element, address in away if "alternate" not in element.get("rel")]

    def links(self) -> list[str]:
        """Where its links lead."""
        return [element.get("href") for element in self.all("a") if "href" in element.attributes]

    @property
    def said(self) -> str:
        """All of its text, and all that attributes tell people."""
        told = ("alt", "title", "aria-label", "value", "placeholder")
        return "\n".join(
            text for element in self.elements for text in (element.text, *(element.get(name) for name in told)) if text
        )
