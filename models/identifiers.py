"""What identifiers of individuals look like: their shapes, check digits and check letters, in normalised text.

The rules are public facts: CHI and NHS numbers as in the NHS Data Dictionary; National Insurance numbers as in HMRC's
manual, NIM39110; PNC IDs and CRO numbers as in the Criminal Justice Hub's list of data standards and in HMPPS's open
services; postcodes as in BS 7666. Each search begins at a digit, an "@" or a word, and looks a few characters around
it: the time that it takes grows with the length of the text, whatever the text is.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Found(NamedTuple):
    """One identifier: its type, and where it starts and ends in the normalised text."""

    type: str
    start: int
    end: int


# Remainder 0 is Z; I, O and S are not used.
CHECK_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
# The days of each month; whether February has the last of them depends on the year.
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# Neither a letter nor a digit follows; the first digit, with neither of them before it.
_END = r"(?![^\W_])"
_FIRST = r"[0-9](?<![^\W_][0-9])"
# What may stand between the groups of a number: a space, a dash, "+" for a space in a URL, the end of a line.
_GAP = r"(?:[ +]?-[ +]?|[ +]|\r?\n)"
_SLASH = r"[ +]?/[ +]?"
# How many characters before a number the word that names it may begin.
_REACH = 24

_LENGTH = 10
# Ten digits: solid, 6-4, 3-3-4, 2-2-2-4. The last two only where no further group of digits adjoins.
_TEN = re.compile(
    rf"{_FIRST}(?<![0-9]\.[0-9])(?:[0-9]{{9}}|[0-9]{{5}}{_GAP}[0-9]{{4}}|(?<![0-9][ +-][0-9])"
    rf"(?:[0-9]{{2}}{_GAP}[0-9]{{3}}|[0-9]{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}){_GAP}[0-9]{{4}}(?![ +-][0-9]))"
    rf"{_END}(?!\.[0-9])"
)
_DIGITS = re.compile(r"[0-9]+")
# Its neighbours in a list of numbers of about this length.
_LISTED_BEFORE = re.compile(r"(?<![0-9])([0-9]{8,10}),\s?\Z")
_LISTED_AFTER = re.compile(r",\s{0,16}([0-9]{8,10})(?![0-9])")
_NHS_GROUPS = ([10], [3, 3, 4])
_BOOK = re.compile(r"ISBN[\w :=#./-]{0,8}\Z", re.IGNORECASE)

_NINO_REST = re.compile(rf"[0-9]{{2}}(?:{_GAP}?[0-9]{{2}}{_GAP}?[0-9]|[0-9][ +][0-9]{{2}})[0-9]{_GAP}?[A-Da-d]{_END}")
_NINO_PREFIX = re.compile(
    rf"(?<![^\W_])(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]{_GAP}?\Z", re.IGNORECASE
)

_SLASHED = re.compile(rf"({_FIRST}[0-9]{{0,5}}){_SLASH}([0-9]{{1,7}})([A-Za-z]){_END}")
_UNSLASHED = re.compile(
    rf"({_FIRST}[0-9]|{_FIRST}[0-9]{{3}})(?:{_GAP}|(?=[0-9]{{7}}[A-Za-z]))([0-9]{{1,7}})([A-Za-z]){_END}"
)
_SF = re.compile(rf"[Ss](?<![^\W_].)[Ff][ +-]?([0-9]{{2}}){_SLASH}([0-9]{{1,6}})([A-Za-z]){_END}")
_PNC_YEAR = re.compile(r"(?:19|20)?[0-9]{2}")
_PNC_WORD = re.compile(r"(?<![^\W_])PNC", re.IGNORECASE)
_CRO_WORD = re.compile(r"(?<![^\W_])(?:CRO(?:number|no|id)?(?![^\W_])|criminal record)", re.IGNORECASE)
# A serial number of fewer digits is taken for one only after the word that names it: "12/3B" is also a page or a flat,
# and "2014/15P" the provisional figure of a year.
_SURE_PNC, _SURE_CRO = 4, 5

_PHONE = re.compile(
    rf"[+(0](?<![^\W_].)(?<![0-9]\.0)(?:(?:(?<=\+)44|(?<=0)044)[ -]?(?:\(0\)[ -]?)?\(?|(?<=0)"
    rf"|(?<=\()(?=0[0-9]{{2,4}}\))0)[127](?:[ ()-]{{0,2}}[0-9]){{8,9}}{_END}"
)
_INWARD = re.compile(rf"[0-9][ABD-HJLNP-UW-Z]{{2}}{_END}", re.IGNORECASE)
_OUTWARD = re.compile(
    r"(?<![^\W_])[A-PR-UWYZ](?:[0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9]{1,2}|[A-HK-Y][0-9][ABEHMNPRVWXY]) ?\Z",
    re.IGNORECASE,
)

_BIRTH = (
    r"[BbDd](?i:(?<=d)ates?[\s_+-]{0,3}of[\s_+-]{0,3}birth|(?<=b)irth[\s_+-]{0,2}date"
    r"|(?<![^\W_].)(?:(?<=d)[. ]{0,2}o[. ]{0,2}b|(?<=b)orn)(?![^\W_]))"
)
# What may stand between the words and the date: signs, a remark in brackets, the form of a date, a few short words.
_BETWEEN = (
    r"(?:\([^()\d]{0,20}\)|[\s:=;,.\"'()\[\]<>|*_/+-]|(?:mon|tues|wednes|thurs|fri|satur|sun)day|is|was|were|as|on|of|the"
    r"|given|recorded|dd|mm|yy(?:yy)?){0,20}+"
)
_BORN = re.compile(f"{_BIRTH}(?i:{_BETWEEN})")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}"
_YEAR = re.compile(r"(?:1[89]|20)?[0-9]{2}")
_DATES = (
    re.compile(
        r"(?P<a>[0-9]{1,4})(?P<by>[ +]?[-/.][ +]?|[ +])(?P<b>[0-9]{1,2})(?P=by)(?P<c>[0-9]{4}|[0-9]{1,2})(?![0-9])"
    ),
    re.compile(r"(?P<a>[0-9]{2})(?P<b>[0-9]{2})(?P<c>[0-9]{4}|[0-9]{2})(?![0-9])"),
    re.compile(r"(?P<a>[0-9]{4})(?P<b>[0-9]{2})(?P<c>[0-9]{2})(?![0-9])"),
    re.compile(
        rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?(?:[\s+]of)?[\s+,./-]{{0,3}}{_MONTH}[\s+,./'-]{{0,3}}"
        r"(?P<year>[0-9]{4}|[0-9]{2})(?![0-9])",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_MONTH}[\s+./-]{{0,3}}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[\s+,./-]{{1,3}}(?P<year>[0-9]{{4}})(?![0-9])",
        re.IGNORECASE,
    ),
)


def check_digit_fits(number: str) -> bool:
    """Whether the last of ten digits is the check digit of the others: modulus 11 with the weights 10 to 1."""
    return sum(weight * int(digit) for weight, digit in zip(range(_LENGTH, 0, -1), number, strict=True)) % 11 == 0


def is_day(day: int, month: int, year: int) -> bool:
    """Whether the calendar has this day; of a year of two digits, in either century."""
    if not (1 <= month <= len(_MONTH_DAYS) and 1 <= day <= _MONTH_DAYS[month - 1]):
        return False
    return (day, month) != (29, 2) or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))


def ten_digits(text: str) -> Iterator[Found]:
    """CHI numbers, and NHS numbers that are none: ten digits with a check digit, a CHI number's first six a date.

    An ISBN that is called so has the same check digit; zeros and ones alone, or one digit, are a pattern.
    """
    for match in _TEN.finditer(text):
        groups = _DIGITS.findall(match.group())
        number = "".join(groups)
        if not check_digit_fits(number) or set(number) <= {"0", "1"} or len(set(number)) == 1:
            continue
        if _BOOK.search(text, max(0, match.start() - _REACH), match.start()) or _is_listed(text, match):
            continue
        if is_day(int(number[:2]), int(number[2:4]), int(number[4:6])):
            yield Found("chi_number", match.start(), match.end())
        elif [len(group) for group in groups] in _NHS_GROUPS:
            yield Found("nhs_number", match.start(), match.end())


def _is_listed(text: str, match: re.Match[str]) -> bool:
    """Whether a number stands in a list between two that have no check digit: they are numbers of another kind."""
    before = _LISTED_BEFORE.search(text, max(0, match.start() - _REACH), match.start())
    after = _LISTED_AFTER.match(text, match.end())
    return before is not None and after is not None and not (_is_checked(before[1]) or _is_checked(after[1]))


def _is_checked(number: str) -> bool:
    """Whether a number has ten digits with a check digit."""
    return len(number) == _LENGTH and check_digit_fits(number)


def national_insurance_numbers(text: str) -> Iterator[Found]:
    """Two letters, six digits and a letter from A to D, solid or in pairs."""
    for match in _NINO_REST.finditer(text):
        if prefix := _NINO_PREFIX.search(text, max(0, match.start() - 5), match.start()):
            yield Found("national_insurance_number", prefix.start(), match.end())


def police_numbers(text: str) -> Iterator[Found]:
    """PNC IDs (year/serial) and CRO numbers (serial/year, or SF, year/serial), each with its check letter."""
    if "/" in text:
        for match in _SLASHED.finditer(text):
            yield from _slashed(text, match)
        for match in _SF.finditer(text):
            if _is_sf(*match.groups()):
                yield Found("cro_number", match.start(), match.end())
    if "pnc" in text.lower():
        for match in _UNSLASHED.finditer(text):
            year, serial, letter = match.groups()
            if _is_pnc(year, serial, letter) and _named(_PNC_WORD, text, match.start()):
                yield Found("pnc_id", match.start(), match.end())


def _slashed(text: str, match: re.Match[str]) -> Iterator[Found]:
    """What two numbers with a slash between them, and a letter, are."""
    left, right, letter = match.groups()
    if _is_pnc(left, right, letter) and (len(right) >= _SURE_PNC or _named(_PNC_WORD, text, match.start())):
        yield Found("pnc_id", match.start(), match.end())
    elif _is_cro(left, right, letter) and (len(left) >= _SURE_CRO or _named(_CRO_WORD, text, match.start())):
        yield Found("cro_number", match.start(), match.end())


def _is_pnc(year: str, serial: str, letter: str) -> bool:
    """Whether the letter is that of the two-digit year followed by the serial number of seven digits."""
    return _PNC_YEAR.fullmatch(year) is not None and _check_letter(year[-2:] + serial.zfill(7)) == letter.upper()


def _is_cro(serial: str, year: str, letter: str) -> bool:
    """Whether the letter is that of the year followed by the serial number of six digits."""
    return len(year) == 2 and _check_letter(year + serial.zfill(6)) == letter.upper()  # noqa: PLR2004 - its digits


def _is_sf(year: str, serial: str, letter: str) -> bool:
    """Whether the letter is one that the published rules give for a number without fingerprints.

    HMPPS's services take the year and the serial number as written; the data standards pad the serial to five digits,
    and leave the year out before 1965.
    """
    readings = [year + serial, year + serial.zfill(5), *([serial] if year < "65" else [])]
    return letter.upper() in map(_check_letter, readings)


def _check_letter(number: str) -> str:
    """The check letter of a number: its remainder modulo 23."""
    return CHECK_LETTERS[int(number) % len(CHECK_LETTERS)]


def _named(word: re.Pattern[str], text: str, start: int) -> bool:
    """Whether the word that names an identifier stands a few characters before it."""
    return word.search(text, max(0, start - _REACH), start) is not None


def phone_numbers(text: str) -> Iterator[Found]:
    """Numbers of a place or a mobile phone in the United Kingdom, national or international."""
    for match in _PHONE.finditer(text):
        yield Found("phone_number", match.start(), match.end())


def postcodes(text: str) -> Iterator[Found]:
    """Full postcodes: an outward and an inward part."""
    for match in _INWARD.finditer(text):
        outward = _OUTWARD.search(text, max(0, match.start() - 5), match.start())
        if outward and (text[match.start() - 1] == " " or text[outward.start() : match.end()].isupper()):
            yield Found("postcode", outward.start(), match.end())


def dates_of_birth(text: str) -> Iterator[Found]:
    """The words for a date of birth and, a few characters after them, a day that the calendar has, with its year."""
    for words in _BORN.finditer(text):
        for form in _DATES:
            date = form.match(text, words.end())
            if date is not None and _is_date(date.groupdict()):
                yield Found("date_of_birth", words.start(), date.end())
                break


def _is_date(parts: dict[str, str]) -> bool:
    """Whether the parts of a date are a day from 1800 on: day first, month first, or year first."""
    if "month" in parts:
        return _is_dated(parts["day"], str(_MONTHS.index(parts["month"].lower()) + 1), parts["year"])
    a, b, c = parts["a"], parts["b"], parts["c"]
    return _is_dated(a, b, c) or _is_dated(b, a, c) or (len(a) > len(c) + 1 and _is_dated(c, b, a))


def _is_dated(day: str, month: str, year: str) -> bool:
    """Whether this is a day of a year of two digits, or of one from 1800 to 2099."""
    return _YEAR.fullmatch(year) is not None and is_day(int(day), int(month), int(year))
