"""The personal data guard: finds identifiers of individuals in free text, so that they are refused before it is stored.

The text is read as a person reads it: compatibility forms, dashes, spaces and digits of all kinds as the plain ones,
invisible characters and accents left out, escapes of a URL resolved. What is found is told by its place in the text as
given, never by its words.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from models.identifiers import (
    Found,
    dates_of_birth,
    national_insurance_numbers,
    phone_numbers,
    police_numbers,
    postcodes,
    ten_digits,
)

# What is counted up when the rules find more, or less, than before.
RULES_VERSION: int = 1
REFUSED = (
    "chi_number",
    "national_insurance_number",
    "pnc_id",
    "cro_number",
    "visor_reference",
    "date_of_birth",
    "email_address",
)
WARNED = ("nhs_number", "phone_number", "postcode")


class Finding(NamedTuple):
    """An identifier in a text: its type, and its first code point and the one after its last, in the text as given."""

    type: str
    start: int
    end: int

    @property
    def refused(self) -> bool:
        """Whether the text is refused for it; for another there is a warning."""
        return self.type in REFUSED


@dataclass(frozen=True)
class Rules:
    """What the operator knows: domains whose addresses are not personal, and what a ViSOR reference looks like."""

    email_domains: tuple[str, ...] = ()
    visor_patterns: tuple[str, ...] = ()


_NO_RULES = Rules()


def check_rules(rules: Rules) -> None:
    """Refuse, with a ValueError that names it, a pattern that does not compile or that matches the empty string."""
    for pattern in rules.visor_patterns:
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise ValueError(f"The ViSOR pattern {pattern!r} does not compile: {error}.") from error
        if compiled.search(""):
            raise ValueError(f"The ViSOR pattern {pattern!r} matches the empty string.")


def findings(text: str, rules: Rules = _NO_RULES) -> list[Finding]:
    """The identifiers in a text, ordered by where they start; none overlaps another.

    Of two that overlap, a refused one is kept before a warned one, then the longer one.
    """
    plain = _plain(text)
    if not (rules.visor_patterns or _WORTH_A_LOOK.search(plain)):
        return []
    if not (found := list(_found(plain, rules))):
        return []
    places = _places(text) if plain != text else [(at, at + 1) for at in range(len(text))]
    told = [Finding(one.type, places[one.start][0], places[one.end - 1][1]) for one in found]
    told.sort(key=lambda one: (not one.refused, one.start - one.end, one.start))
    return sorted(_apart(told, len(text)), key=lambda one: one.start)


def _found(plain: str, rules: Rules) -> Iterator[Found]:
    """Everything found in a normalised text, in any order; some of it may overlap."""
    for pattern in _compiled(rules.visor_patterns):
        for match in pattern.finditer(plain):
            if match.group():
                yield Found("visor_reference", match.start(), match.end())
    yield from _addresses(plain, rules)
    if _DIGIT.search(plain):
        yield from ten_digits(plain)
        yield from national_insurance_numbers(plain)
        yield from police_numbers(plain)
        yield from dates_of_birth(plain)
        yield from phone_numbers(plain)
        yield from postcodes(plain)


@lru_cache(maxsize=8)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """The patterns of the settings, ready to search with."""
    return tuple(map(re.compile, patterns))


def _apart(told: list[Finding], length: int) -> Iterator[Finding]:
    """The first of every two that overlap."""
    taken = bytearray(length)
    for one in told:
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            yield one


# Normalising

_LINE_ENDS = {"\u0085", "\u2028", "\u2029"}
_SIGNS = {"\u2212": "-", "\u2043": "-", "\u2044": "/", "\u2215": "/"}
_LEFT_OUT = ("Cf", "Mn", "Me")
# One character of UTF-8 as a URL has it ("%40"), also where that was escaped again ("%2540").
_MORE = r"%(?:25)*[89ABab][0-9A-Fa-f]"
_ESCAPE = re.compile(
    rf"%(?:25)*(?:[0-7][0-9A-Fa-f]|[CDcd][0-9A-Fa-f]{_MORE}|[Ee][0-9A-Fa-f](?:{_MORE}){{2}}|[Ff][0-4](?:{_MORE}){{3}})"
)
_OCTET = re.compile(r"[0-9A-Fa-f]{2}(?=%|\Z)")
_TOKEN = re.compile(rf"{_ESCAPE.pattern}|.", re.DOTALL)
_MOST_KEPT = 65_536


class _Plain(dict[int, str]):
    """A table for str.translate that works out the plain form of a character when it is first met."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[code] = plain = "".join(map(_plain_character, unicodedata.normalize("NFKC", chr(code))))
        return plain


def _plain_character(character: str) -> str:
    """A character of a compatibility form as the plain one that it is read as."""
    category = unicodedata.category(character)
    if category in _LEFT_OUT:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if character in _LINE_ENDS:
        return "\n"
    if category == "Zs":
        return " "
    return "-" if category == "Pd" else _SIGNS.get(character, character)


_PLAIN = _Plain()


def _plain(text: str) -> str:
    """A text as it is searched."""
    if "%" in text:
        text = _ESCAPE.sub(_unescaped, text)
    return text if text.isascii() else text.translate(_PLAIN)


def _unescaped(escape: re.Match[str]) -> str:
    """The character that an escape of a URL stands for."""
    return bytes.fromhex("".join(_OCTET.findall(escape.group()))).decode(errors="replace")


def _places(text: str) -> list[tuple[int, int]]:
    """For each character of the normalised text, where in the given text it comes from: start and end."""
    places: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(text):
        places.extend([token.span()] * len(_plain(token.group())))
    return places


# E-mail addresses

_WORTH_A_LOOK = re.compile(r"[0-9@]|[(\[{][ +]?[Aa][Tt]")
_DIGIT = re.compile(r"[0-9]")
_AT = re.compile(r"[@(\[{](?:(?<=@)|(?<!@)[ +]?(?:[Aa][Tt]|@)[ +]?[)\]}][ +]?)")
_DOT = r"(?:\.|[ +]?[(\[{][ +]?(?:[Dd][Oo][Tt]|\.)[ +]?[)\]}][ +]?)"
_LOCAL = re.compile(r"[\w.+%'-]{1,64}")
_DOMAIN = re.compile(rf"\w[\w-]{{0,62}}(?:{_DOT}\w[\w-]{{0,62}}){{1,126}}")
_LABELS = re.compile(rf"({_DOT})")
_TOP_LABEL = re.compile(r"xn--[\w-]+|[^\W\d_]{2,}(?![^\W_])")
_VERSION = re.compile(r"v?[0-9]{1,2}", re.IGNORECASE)
# What is before the user of a URL, and after the host of a remote copy: no address of a person.
_USER_OF_URL = re.compile(r"\w://[^\s/?#@,;|<>()\"']{0,80}\Z")
_REMOTE_PATH = re.compile(r":[\w~.-]{0,80}/")
_FILE_END = re.compile(
    r"bmp|css|csv|gif|html?|ico|jpe?g|js|json|map|mjs|pdf|png|scss|service|svg|tiff?|tsx?|txt|ttf|webp|woff|xml|ya?ml",
    re.IGNORECASE,
)
_LONGEST_LOCAL, _LONGEST_DOMAIN = 64, 255


def _addresses(plain: str, rules: Rules) -> Iterator[Found]:
    """The e-mail addresses outside the allowed domains; the sign may be written "(at)" or "[at]"."""
    for sign in _AT.finditer(plain):
        if (start := _local_start(plain, sign.start())) is None:
            continue
        domain = _DOMAIN.match(plain, sign.end(), sign.end() + _LONGEST_DOMAIN)
        if domain is None or _REMOTE_PATH.match(plain, domain.end()):
            continue
        if name := _personal_domain(domain.group(), rules):
            yield Found("email_address", start, sign.end() + len(name))


def _local_start(plain: str, end: int) -> int | None:
    """Where the name before the sign starts, unless it is a handle, or the user of a URL."""
    if plain[end] != "@" and plain[max(0, end - 1) : end] in {" ", "+"}:
        end -= 1
    name = _LOCAL.match(plain[max(0, end - _LONGEST_LOCAL) : end][::-1])
    if name is None or name.group()[0] in ".'" or not (local := name.group().rstrip(".'-")):
        return None
    start = end - len(local)
    if plain[max(0, start - 1) : start] == "@" or _USER_OF_URL.search(plain, max(0, start - 100), start):
        return None
    return start


def _personal_domain(written: str, rules: Rules) -> str:
    """The domain as written, less what is no part of it; empty where it is allowed, a version or the name of a file."""
    parts = _LABELS.split(written)
    while parts and (not (top := _TOP_LABEL.match(parts[-1])) or _FILE_END.fullmatch(parts[-1])):
        del parts[-2:]
    if len(parts) < 3 or not top:  # noqa: PLR2004 - two labels and a dot
        return ""
    parts[-1] = top.group()
    labels = [label.casefold() for label in parts[::2]]
    domain = ".".join(labels)
    if all(map(_VERSION.fullmatch, labels[:-1])) or any(_is_in(domain, allowed) for allowed in rules.email_domains):
        return ""
    return "".join(parts)


def _is_in(domain: str, allowed: str) -> bool:
    """Whether a domain is the allowed one, or one of its subdomains."""
    return f".{domain}".endswith(f".{allowed.casefold()}")
