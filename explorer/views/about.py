"""About the service: how to query it, what its data is and is not, and what it owes its readers and its makers."""

from collections import Counter
from dataclasses import dataclass
from importlib.resources import files

from flask import Blueprint, current_app

from api.call import Call
from explorer.asking import Answered, address_of, ask
from explorer.declaring import page
from explorer.page import Page
from explorer.reference import common_parameters, operations_of

blueprint = Blueprint("page_about", __name__)
SECTION = "API and data"
ABOVE = ((SECTION, "/api"),)
_MOST = 200
# What comes from others: its name, who made it, its licence, its files and their use, the file with the licence's text.
VENDORED = (
    (
        "Scottish Government Design System 4.2.0",
        "Scottish Government",
        "MIT",
        (("design-system.min.css", "on every page, as published"),),
        "design-system.LICENSE",
    ),
    (
        "Roboto",
        "The Roboto Project Authors",
        "SIL Open Font License 1.1",
        (
            ("roboto-latin-wght-normal.woff2", "on every page, and inside the pictures that are saved as SVG"),
            ("roboto-latin-regular.ttf", "in papers: the regular weight, cut from the file above"),
            ("roboto-latin-bold.ttf", "in papers: the bold weight, cut from the file above"),
        ),
        "roboto.LICENSE",
    ),
)
# What is counted of the data: where, and by which filters; a whole list before the parts of it.
_COUNTED: dict[str, tuple[str, dict[str, list[str]]]] = {
    "reviews": ("reviews", {}),
    "recommendations": ("recommendations", {}),
    "clauses": ("clauses", {}),
    "sources": ("sources", {}),
    "evidence": ("evidence", {}),
    "actions": ("actions", {}),
    "progress": ("progress", {}),
    "verdicts": ("assessments", {}),
    "unpublished": ("assessments", {"verdict": ["not_published"]}),
    "links": ("links", {}),
    "stated": ("links", {"basis": ["stated"]}),
    "inferred": ("links", {"basis": ["inferred"]}),
    "proofs": ("links", {"type": ["demonstrates"]}),
    "undue": ("gaps", {"reason": ["no_due_date"]}),
    "unowned": ("gaps", {"reason": ["no_owner"]}),
    "orphans": ("gaps", {"reason": ["orphan_evidence"]}),
}


@dataclass(frozen=True)
class Count:
    """How many there are of something, unless they are too many to tell, and the answer of the API that says so."""

    address: str
    total: int | None
    answer: Answered | None

    @property
    def is_part(self) -> bool:
        """Whether it is no whole list, but what has something of it: that has no number where it is not counted."""
        return self.answer is None or "/gaps?" in self.address


@blueprint.get("/api")
@page("/api")
def get_api_page(call: Call) -> Page:
    """Find out how to query the service."""
    index = ask(call, "/api/v1")
    kinds = ask(call, "/api/v1/problems")
    filled = {"links": index.result["links"], "kinds": kinds.result["items"]}
    return Page("api.html", "How to query it", (index, kinds), filled, SECTION)


@blueprint.get("/api/reference")
@page("/api/reference")
def get_reference_page(_call: Call) -> Page:
    """Read what each operation of the API is for and takes."""
    filled = {"tags": operations_of(current_app), "common": common_parameters()}
    return Page("reference.html", "API reference", (), filled, SECTION, ABOVE)


@blueprint.get("/about-the-data")
@page("/about-the-data")
def get_data_page(call: Call) -> Page:
    """Read what is published, what is inferred, and what is unknown."""
    counts: dict[str, Count] = {}
    wholes: dict[str, Count] = {}
    for name, (where, filters) in _COUNTED.items():
        counts[name] = _count(call, where, filters, wholes.get(where))
        if not filters:
            wholes[where] = counts[name]
    answers = tuple(count.answer for count in counts.values() if count.answer is not None)
    return Page("about_the_data.html", "About the data", answers, {"counts": counts}, SECTION, ABOVE)


def _count(call: Call, where: str, filters: dict[str, list[str]], whole: Count | None) -> Count:
    """The count of a list, or of a part of it: not counted where there is too much of the whole to be counted."""
    path = f"/api/v1/{where}"
    if whole is not None and whole.total is None:
        return Count(address_of(call, path, limit=1, count=True, **filters), None, None)
    answer = ask(call, path, limit=1, count=True, **filters)
    return Count(answer.address, answer.result.total, answer)


@blueprint.get("/accessibility")
@page("/accessibility")
def get_accessibility_page(_call: Call) -> Page:
    """Read for whom these pages work, and what was checked of that."""
    return Page("accessibility.html", "Accessibility", ())


@blueprint.get("/licences")
@page("/licences")
def get_licences_page(call: Call) -> Page:
    """Read what these pages and this data owe to others."""
    sources = ask(call, "/api/v1/sources", limit=_MOST)
    folder = files("explorer").joinpath("static", "vendor")
    publishers = Counter(row["publisher"] for row in sources.result.rows if row["publisher"])
    filled = {
        "vendored": [(*told, folder.joinpath(name).read_text("utf-8")) for *told, name in VENDORED],
        "publishers": sorted(publishers.items()),
        "more": bool(sources.result.next),
    }
    return Page("licences.html", "Licences", (sources,), filled)
