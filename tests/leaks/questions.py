"""Questions: every published read in every format, and every page, with parameters drawn from all that it takes."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Flask
from marshmallow import fields, validate

from api.publishing import Published, declarations
from models.vocabulary import COLLECTIONS
from tests.explorer.pages import BROWSER, data_pages_of
from tests.leaks.readers import AUDITOR, READERS, Reader
from tests.leaks.script import Script
from tests.leaks.sight import Plain

NEVER = "N-never-was"
PII_CHECK = "/api/v1/pii-check"
COUNTS = "/metrics"
_KINDS = {collection: kind for kind, collection in COLLECTIONS.items()} | {"links": "link"}
# What the parameters name that take references: things of these kinds.
_NAMED = {
    "review": ("review",),
    "recommendation": ("recommendation",),
    "action": ("action",),
    "subject": ("recommendation", "clause", "review"),
    "source": ("source", "evidence"),
    "part_of": ("action",),
    "progress_review": ("assessment",),
    "target": ("recommendation", "clause", "source"),
    "start": ("recommendation", "evidence", "action", "source", "body"),
    "ref": (*COLLECTIONS, "link"),
    "row": ("recommendation", "clause", "evidence"),
} | dict.fromkeys(("owner", "lead", "partner", "publisher", "assessor", "body"), ("body",))
# How often a parameter is given; the others less.
_OFTEN = {"limit": 0.6, "sort": 0.5, "count": 0.4, "known_at": 0.3, "start": 0.7, "columns": 0.7, "rows": 0.4}
_USUALLY, _AT_FIRST = 0.15, 0.6
_DAYS = ("2015-12-31", "2018-01-01", "2020-02-02", "2020-06-01", "2031-01-01")
# What an auditor is told by policy: of the whole record, by its own numbers.
_OF_THE_RECORD = re.compile(r"/changes|/history|/baselines|/exports|^/$|^/api/v1$")


class Card(NamedTuple):
    """A read in one format."""

    published: Published
    format: str

    @property
    def name(self) -> str:
        """By what it is known."""
        return f"{self.published.path} {self.format}"

    @property
    def is_page(self) -> bool:
        """Whether people read it."""
        return not self.published.declared.published

    @property
    def accept(self) -> dict[str, str]:
        """How a client asks for it; programs say it in the address."""
        return BROWSER if self.is_page else {}

    @property
    def is_usual(self) -> bool:
        """Whether it is answered so where no format is asked for: JSON, unless there is none."""
        return self.format == self.published.declared.returns.formats[0].name


def deck(app: Flask) -> list[Card]:
    """Every published read in every format, the one question that is asked by POST, and every page.

    But for the counts of the process, which differ each time; test_canary.py reads them.
    """
    return [
        Card(published, form.name)
        for published in (*declarations(app), *data_pages_of(app))
        if (published.method == "get" and published.path != COUNTS) or published.path == PII_CHECK
        for form in published.declared.returns.formats
    ]


def may_be_asked(card: Card, reader: Reader) -> bool:
    """Whether what a reader is answered may depend on nothing hidden; an auditor is told of the whole record.

    So he is by every page, which says at which of its changes it was made.
    """
    if reader != AUDITOR:
        return True
    if card.is_page:
        return False
    return card.format in {"json", "csv", "yaml", "html"} and not _OF_THE_RECORD.search(card.published.path)


class Asking:
    """Draws questions about what a script made, for one reader."""

    def __init__(self, random: Random, script: Script, reader: Reader, given: set[str]) -> None:
        """Keep what to ask about: what is there for the reader, what is hidden from him, what never was.

        `given` are the parameters that questions have named so far, each after its path; others are named sooner.
        """
        self._random, self._reader, self._given = random, reader, given
        self._plain = Plain(script)
        self._refs: dict[tuple[str, bool], list[str]] = defaultdict(list)
        for ref, thing in self._plain.things.items():
            self._refs[thing.kind, self._plain.sees(reader, ref)].append(ref)
        self._moments = [operation.at for operation in script]
        self._baselines = [operation.ref for operation in script if operation.what == "baseline"]
        self._approvals = [operation.values["approval"] for operation in script if operation.what == "ask"]
        self._keys = [operation.ref for operation in script if operation.what == "key"]

    def about(self, card: Card) -> str:
        """A question of this sort: its path and query."""
        path = re.sub(r"<(\w+)>", lambda found: self._in_path(card, found[1]), card.published.path)
        query = {name: told for name, told in self._query(card) if told}
        self._given |= {f"{card.published.path} {name}" for name in query}
        form = {"format": card.format} if card.format not in {"json", "yaml", "html"} else {}
        return f"{path}?{urlencode(query | form, doseq=True)}" if query or form else path

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def ref(self, kinds: Iterable[str]) -> str:
        """A reference of something of these kinds: mostly of what is seen, else of what is hidden or never was."""
        seen = self._chance(0.65)
        found = [ref for kind in kinds for ref in self._refs[kind, seen]]
        return self._random.choice(found) if found and self._chance(0.95) else NEVER

    def point(self) -> str:
        """A point of the record: a number, a moment, a day, a baseline."""
        moment = self._random.choice(self._moments)
        numbers = [str(self._random.randrange(len(self._moments) + 12))] if self._reader != AUDITOR else []
        return self._random.choice([*numbers, moment, moment[:10], *self._baselines, "now" if numbers else moment])

    def _in_path(self, card: Card, name: str) -> str:
        """What stands for a parameter of the path."""
        collection = card.published.path.removeprefix("/api/v1").split("/")[1]
        if name == "ref" and collection in _KINDS:
            return self.ref((_KINDS[collection],))
        others = {"baselines": self._baselines, "approvals": self._approvals, "keys": self._keys}
        match name:
            case "start" | "end":
                return self.point()
            case "seq":
                return str(self._random.randrange(len(self._moments) + 12))
            case "name":
                return "not-found"
            case _:
                return self._random.choice([*others.get(collection, ()), NEVER])

    def _query(self, card: Card) -> Iterable[tuple[str, list[str]]]:
        """The parameters of a question, drawn from those that it takes."""
        for name, field in card.published.declared.query.fields.items():
            told = field.data_key or name
            if told == "format" or (told == "after" and not _is_feed(card)):
                continue
            if told == "known_at" and self._reader == AUDITOR and card.format == "csv":
                continue
            share = _OFTEN.get(told, _USUALLY) if f"{card.published.path} {told}" in self._given else _AT_FIRST
            if self._chance(share):
                yield told, self._values(card, told, field)

    def _values(self, card: Card, name: str, field: Any) -> list[str]:
        """One value for a parameter, now and then two."""
        if not isinstance(field, fields.List):
            return [self._value(card, name, field)]
        values = [self._value(card, name, field.inner) for _ in range(1 if self._chance(0.7) else 2)]
        return list(dict.fromkeys(values))

    def _value(self, card: Card, name: str, field: Any) -> str:
        """A value for a parameter, by its name or the words that it takes."""
        words = [rule.choices for rule in field.validators if isinstance(rule, validate.OneOf)]
        if words:
            return str(self._random.choice(list(words[0])))
        if isinstance(field, fields.Boolean):
            return self._random.choice(("true", "false"))
        if name in _NAMED:
            return self.ref(_NAMED[name])
        ways: dict[str, Callable[[], str]] = {
            **dict.fromkeys(("known_at", "from", "to"), self.point),
            "q": lambda: self._random.choice(("Alpha", "thing", "observed", "%", self.ref(_NAMED["ref"]))),
            "from_row": lambda: self._random.choice(("0", "1", "2")),
            **dict.fromkeys(("as_of", "due_before", "first_day", "last_day"), lambda: self._random.choice(_DAYS)),
            "stale_for": lambda: self._random.choice(("0", "30", "3650")),
            "limit": lambda: self._random.choice(("1", "2", "3", "200")),
            "depth": lambda: self._random.choice(("1", "2", "3", "32")),
            "after": lambda: str(self._random.randrange(len(self._moments) + 12)),
            "fields": lambda: ",".join(self._random.sample(_fields(card), 3)),
            "external_id": lambda: self._random.choice(("X-0", "X-1", "X-2")),
            "principal": lambda: self._random.choice(("clerk", "analyst", "operator", *(who.name for who in READERS))),
            "since": lambda: self._random.choice(self._moments),
            "until": lambda: self._random.choice(self._moments),
        }
        return ways[name]()


def _is_feed(card: Card) -> bool:
    """Whether it is a list of changes, which goes on after a number."""
    return "/changes" in card.published.path or "/history" in card.published.path


def _fields(card: Card) -> list[str]:
    """The fields that the rows of a list have."""
    schema: Any = card.published.declared.returns.formats[0].schema
    return [name for name in schema.fields["items"].inner.schema.fields if name != "self"]
