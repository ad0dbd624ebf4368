"""Tables: a page as its reader sees it, and what stands in its tables."""

from typing import Any

from flask.testing import FlaskClient

from tests.explorer.pages import BROWSER
from tests.explorer.reading import Element, Reading


def look(client: FlaskClient, address: str) -> Reading:
    """A page as a browser gets it."""
    answer = client.get(address, headers=BROWSER)
    assert answer.status_code == 200, answer.text
    page = Reading(answer.get_data(as_text=True))
    assert page.wrong == []
    return page


def told(client: FlaskClient, address: str) -> Any:
    """What the API tells."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def text_of(element: Element) -> str:
    """All the text in an element, on one line."""
    return " ".join(" ".join([element.text, *map(text_of, element.children)]).split())


def inside(element: Element, name: str) -> list[Element]:
    """The elements of this name in an element, in order."""
    found = [child for child in element.children if child.name == name]
    return found + [deeper for child in element.children for deeper in inside(child, name)]


def rows_of(page: Reading) -> list[Element]:
    """The rows of the bodies of all tables, in order."""
    return [row for row in page.all("tr") if "tbody" in {outer.name for outer in row.above()}]


def links_in(element: Element) -> list[str]:
    """Where the links in an element lead."""
    return [link.get("href") for link in inside(element, "a")]


def marked(page: Reading, look: str) -> list[Element]:
    """The elements that have a class."""
    return [element for element in page.elements if look in element.get("class").split()]


def paragraphs(page: Reading) -> list[str]:
    """The text of each paragraph."""
    return [text_of(element) for element in page.all("p")]
