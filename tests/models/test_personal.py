"""The personal data guard: what it refuses, what it warns of, what it leaves alone, and where it says that it is."""

import json
import string
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.personal import REFUSED, RULES_VERSION, WARNED, Rules, check_rules, findings
from seed.load import MAPPA_2015

LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
# Nobody's: the least that the rules of each kind allow. The form of a ViSOR reference is invented.
RULES = Rules(email_domains=("Example.net",), visor_patterns=(r"\bVX-[0-9]{6}\b",))
SAMPLES = {
    "chi_number": "0201700018",
    "national_insurance_number": "AA000000A",
    "pnc_id": "2000/0000001A",
    "cro_number": "000001/00A",
    "visor_reference": "VX-000000",
    "date_of_birth": "date of birth: 1 January 1970",
    "email_address": "reader@example.org",
    "nhs_number": "9434765919",
    "phone_number": "07700 900000",
    "postcode": "ZE1 0AA",
}
FRAMES = (
    "{}",
    "{} first.",
    "last {}",
    "a {}, b",
    "({})",
    "[{}]",
    "\u201c{}\u201d",
    "a\n{}\nb",
    "see:{}",
    "a\t{}\tb",
    "<{}>",
)
DAYS = ["1/1/1970", "01-01-70", "1.1.1970", "1970-01-01", "1970/1/1", "01011970", "19700131", "010170", "01 01 1970"]
DAYS += ["1st January 1970", "1 Jan 70", "1st of January, 1970", "January 1, 1970", "1-JAN-1970", "12/31/1970"]
EXAMPLES = settings(deadline=None, derandomize=True, database=None, max_examples=300)


def told(text: str, rules: Rules = RULES) -> list[tuple[str, str]]:
    """What is found in a text: each type with its part of the text."""
    return [(one.type, text[one.start : one.end]) for one in findings(text, rules)]


def refused(text: str, rules: Rules = RULES) -> list[str]:
    """The types for which a text is refused."""
    return [one.type for one in findings(text, rules) if one.refused]


def ten_digits(body: str) -> str:
    """Nine digits with the tenth that belongs to them."""
    rest = 11 - sum((10 - place) * int(digit) for place, digit in enumerate(body)) % 11
    assert rest != 10, "no tenth digit belongs to these"
    return f"{body}{rest % 11}"


def wide(text: str) -> str:
    """A text in full-width characters."""
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("type_", SAMPLES)
def test_finds_an_identifier_wherever_it_stands(type_: str, frame: str) -> None:
    text = frame.format(SAMPLES[type_])

    assert told(text) == [(type_, SAMPLES[type_])]


def test_every_type_is_either_refused_or_warned_of() -> None:
    found = {one.type: one.refused for sample in SAMPLES.values() for one in findings(sample, RULES)}

    assert found == dict.fromkeys(REFUSED, True) | dict.fromkeys(WARNED, False)


@pytest.mark.parametrize(
    ("type_", "written"),
    [
        ("chi_number", "020170 0018"),
        ("chi_number", "020170-0018"),
        ("chi_number", "020170 - 0018"),
        ("chi_number", "020170\r\n0018"),
        ("chi_number", "020 170 0018"),
        ("chi_number", "02 01 70 0018"),
        ("national_insurance_number", "aa000000a"),
        ("national_insurance_number", "AA 00 00 00 A"),
        ("national_insurance_number", "AA-00-00-00-A"),
        ("national_insurance_number", "AA 000000 A"),
        ("national_insurance_number", "Aa 000 000 a"),
        ("pnc_id", "00/1000000F"),
        ("pnc_id", "2000/1000000f"),
        ("pnc_id", "2000 / 0000001A"),
        ("cro_number", "10000/00U"),
        ("cro_number", "SF50/1U"),
        ("cro_number", "sf 50/1u"),
        ("email_address", "a.reader+tag@example.org"),
        ("email_address", "читач@приклад.укр"),
        ("email_address", "reader (at) example.org"),
        ("email_address", "reader [at] example [dot] org"),
        ("email_address", "READER@EXAMPLE.ORG"),
        ("email_address", "rene\u0301@example.org"),
        ("nhs_number", "943 476 5919"),
        ("phone_number", "+44 7700 900000"),
        ("phone_number", "+44 (0)131 496 0000"),
        ("phone_number", "(0131) 496 0000"),
        ("phone_number", "020 7946 0000"),
        ("postcode", "ze1 0aa"),
        ("postcode", "EC1A1AA"),
    ],
)
def test_finds_an_identifier_however_it_is_written(type_: str, written: str) -> None:
    text = f"The form says {written}, and no more."

    assert told(text) == [(type_, written)]


@pytest.mark.parametrize("type_", [*REFUSED, *WARNED])
@pytest.mark.parametrize(
    "disguise",
    [
        wide,
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace(" ", "\u202f"),
        lambda text: text.replace("-", "\u2011"),
        lambda text: text.replace("-", "\u2212"),
        lambda text: f"{text[:4]}\u200b{text[4:]}",
        "\u00ad".join,
        lambda text: text.translate(dict(zip(map(ord, string.digits), "٠١٢٣٤٥٦٧٨٩", strict=True))),
    ],
)
def test_what_a_person_reads_alike_is_found_alike_and_where_it_stands(disguise: Any, type_: str) -> None:
    written = disguise(SAMPLES[type_])
    text = f"\ufb01ve \u200b\u2014 %41 {written} caf\u00e9"

    assert told(text) == [(type_, written)]


def test_an_invisible_character_after_an_identifier_is_not_part_of_it() -> None:
    text = "\u200bAA000000A\u200b."

    assert [tuple(one) for one in findings(text)] == [("national_insurance_number", 1, 10)]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/case/2000%2F0000001A/notes", [("pnc_id", "2000%2F0000001A")]),
        ("https://example.org/case/2000/0000001A", [("pnc_id", "2000/0000001A")]),
        ("https://example.org/?nino=AA+00+00+00+A&x=1", [("national_insurance_number", "AA+00+00+00+A")]),
        ("https://example.org/?chi=020170%200018", [("chi_number", "020170%200018")]),
        ("https://example.org/?to=reader%40example.org", [("email_address", "reader%40example.org")]),
        ("https://example.org/?to=reader%2540example.org", [("email_address", "reader%2540example.org")]),
        ("mailto:reader@b%C3%BCcher.example", [("email_address", "reader@b%C3%BCcher.example")]),
        ("https://example.org/?nino=%41A00000%30%41", [("national_insurance_number", "%41A00000%30%41")]),
        ("https://example.org/?dob=1970-01-01#top", [("date_of_birth", "dob=1970-01-01")]),
    ],
)
def test_finds_an_identifier_in_a_url(url: str, expected: list[tuple[str, str]]) -> None:
    assert told(url) == expected


@pytest.mark.parametrize("digit", string.digits)
def test_a_chi_number_has_the_one_check_digit_that_belongs_to_it(digit: str) -> None:
    number = f"020170001{digit}"

    found = refused(number)

    assert found == (["chi_number"] if number == ten_digits(number[:9]) else [])


@pytest.mark.parametrize(
    ("first", "is_one"),
    [(first, True) for first in ("290200", "290296", "310190", "300490")]
    + [(first, False) for first in ("290201", "300296", "310490", "000190", "320190", "010090", "011390")],
)
def test_a_chi_number_starts_with_a_day_that_a_calendar_has(first: str, is_one: bool) -> None:
    number = next(ten_digits(f"{first}{serial}") for serial in (234, 345, 456) if can_end(f"{first}{serial}"))

    found = refused(number)

    assert found == (["chi_number"] if is_one else [])


def can_end(body: str) -> bool:
    """Whether a tenth digit belongs to nine."""
    return sum((10 - place) * int(digit) for place, digit in enumerate(body)) % 11 != 1


@pytest.mark.parametrize("letter", string.ascii_uppercase)
@pytest.mark.parametrize(
    ("form", "counted", "type_"),
    [
        ("2014/1234567{}", "141234567", "pnc_id"),
        ("14/1234567{}", "141234567", "pnc_id"),
        ("1998/12345{}", "980012345", "pnc_id"),
        ("123456/98{}", "98123456", "cro_number"),
        ("12345/98{}", "98012345", "cro_number"),
        ("SF76/123456{}", "76123456", "cro_number"),
        ("SF76/12345{}", "7612345", "cro_number"),
    ],
)
def test_a_number_of_the_police_has_the_one_letter_that_belongs_to_it(
    form: str, counted: str, type_: str, letter: str
) -> None:
    found = refused(form.format(letter))

    assert found == ([type_] if letter == LETTERS[int(counted) % 23] else [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PNC 12/345G", ["pnc_id"]),
        ("pncId=12/345G", ["pnc_id"]),
        ("PNC: 2012-0000345G", ["pnc_id"]),
        ("PNC ID 20120000345G", ["pnc_id"]),
        ("see page 12/345G", []),
        ("part 20120000345G", []),
        ("CRO no. 345/12C", ["cro_number"]),
        ("crown 345/12C", []),
        ("in 2014/15L", []),
    ],
)
def test_a_short_number_of_the_police_is_taken_for_one_after_its_word(text: str, expected: list[str]) -> None:
    assert refused(text) == expected


@pytest.mark.parametrize(
    "prefix", ["BG", "GB", "KN", "NK", "NT", "TN", "ZZ", "DA", "FA", "IA", "QA", "UA", "VA", "AO", "AD"]
)
def test_a_national_insurance_number_has_a_prefix_in_use(prefix: str) -> None:
    assert refused(f"{prefix}000000A") == []


@pytest.mark.parametrize("type_", ["chi_number", "national_insurance_number", "pnc_id", "cro_number"])
@pytest.mark.parametrize("form", ["x{}", "{}x", "7{}", "{}7", "\u00e9{}", "{}\u00e9"])
def test_part_of_a_longer_word_is_no_identifier(type_: str, form: str) -> None:
    assert refused(form.format(SAMPLES[type_])) == []


@pytest.mark.parametrize(
    "text",
    [
        "0.0201700018",
        "3.0201700018.1",
        "ISBN 0306406152",
        "isbn-10: 0-306-40615-2",
        "0101000111",
        "1111111111",
        "seeds [1550709854, 1309423156, 4208992358]",
        "row 12 02 01 70 0018",
        "row 020 170 0018 5",
        "80 characters at 10 20 30 and more",
        "NIST SP 800-131A",
        "0x0201700018",
        "deadbeef-0201-7000-1800-000000000000",
        "TN 00 00 00 A",
        "AA000000E",
        "1/2 of 3/4B",
        "16/1024M",
    ],
)
def test_leaves_other_numbers_alone(text: str) -> None:
    assert refused(text) == []


def test_one_digit_ten_times_is_nobody() -> None:
    assert told("5555555555") == []


def test_a_list_of_chi_numbers_is_no_list_of_other_numbers() -> None:
    text = "0201700018, 0201700026, 0201700018"

    assert refused(text) == ["chi_number"] * 3


@pytest.mark.parametrize("words", ["date of birth", "Dates of Birth:", "DOB", "d.o.b.", "born", "Born on the"])
@pytest.mark.parametrize("day", DAYS)
def test_a_date_of_birth_is_its_words_with_a_date(words: str, day: str) -> None:
    text = f"A reader, {words} {day}, said so."

    assert told(text) == [("date_of_birth", f"{words} {day}")]


@pytest.mark.parametrize(
    "text",
    [
        "date of birth (dd/mm/yyyy): 01/01/1970",
        "date of birth (if known) 01/01/1970",
        "dateOfBirth: '1970-01-01T00:00'",
        '"date_of_birth": "1970-01-01"',
        "DATE OF BIRTH\n\n1 JANUARY 1970",
        "dob was given as Thursday, 1 January 1970",
    ],
)
def test_a_few_signs_and_words_may_stand_before_the_date_of_birth(text: str) -> None:
    assert refused(text) == ["date_of_birth"]


@pytest.mark.parametrize(
    "text",
    [
        "born in 1970",
        "born 1970",
        "born in January 1970",
        "born on 1 January",
        "born on 31 April 1970",
        "born on 29/02/1970",
        "born on 29/02/1900",
        "date of birth: unknown; review of 1 January 1970",
        "The field date of birth was added to the form on 1 January 1970",
        "airborne 1/1/1970",
        "stubborn 1/1/1970",
        "hob 1/1/1970",
        "On 1 January 1970",
        "born 99/99/9999",
        "born 1/1/170",
        "born 1/1/2",
        "born 70/1/1",
    ],
)
def test_leaves_other_dates_alone(text: str) -> None:
    assert refused(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reader@example.org.", "reader@example.org"),
        ("reader@example.org.Then", "reader@example.org.Then"),
        ("reader@example.org-see", "reader@example.org"),
        ("'reader@example.org'", "reader@example.org"),
        ("-reader@example.org", "reader@example.org"),
        ("o'reader@example.org", "o'reader@example.org"),
        ("reader@163.example", "reader@163.example"),
        ("reader@example.org(work)", "reader@example.org"),
        ("reader@example.org.pdf", "reader@example.org"),
        ("https://a.example,reader@example.org", "reader@example.org"),
        ("https://a.example/reader@example.org", "reader@example.org"),
    ],
)
def test_an_address_is_told_from_what_is_around_it(text: str, expected: str) -> None:
    assert told(text) == [("email_address", expected)]


@pytest.mark.parametrize(
    "text",
    [
        "@reader",
        "see @reader.name there",
        "@reader@social.example",
        "icon@2x.png",
        "package@1.2.3",
        "action@v4.beta",
        "https://reader@example.org/",
        "https://reader:secret@example.org/",
        "git@example.org:team/project.git",
        "reader@localhost",
        "getty@tty1.service",
        "meet (at) noon",
        "a @ b.example",
        "@",
        "@@@@",
        "reader@",
        "reader@.example",
        "reader@example..org",
        "reader@192.168.1.1",
    ],
)
def test_leaves_other_signs_alone(text: str) -> None:
    assert refused(text) == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("reader@example.net", []),
        ("reader@EXAMPLE.NET", []),
        ("reader@mail.example.net", []),
        ("reader [at] example [dot] net", []),
        ("reader@example.net-see", []),
        ("reader@example.net.", []),
        ("reader@notexample.net", ["email_address"]),
        ("reader@example.net.example", ["email_address"]),
        ("reader@a.b.c.d.e.f.g.example.net.example.org", ["email_address"]),
        ("reader@net", []),
    ],
)
def test_an_address_of_an_allowed_domain_is_not_personal(address: str, expected: list[str]) -> None:
    assert refused(address) == expected


def test_without_rules_no_domain_is_allowed_and_nothing_is_a_visor_reference() -> None:
    text = "reader@example.net VX-000000"

    assert told(text, Rules()) == [("email_address", "reader@example.net")]


def test_a_visor_pattern_is_looked_for_in_a_text_without_digits() -> None:
    rules = Rules(visor_patterns=("quite[a-z]", "w?"))

    found = told("This is qui\u200btex now", rules)

    assert found == [("visor_reference", "qui\u200btex"), ("visor_reference", "w")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0201700018", [("chi_number", "0201700018")]),
        ("AA000000A0201700018", []),
        ("+44 1001700023", [("chi_number", "1001700023")]),
        ("dob 020170 0018", [("chi_number", "020170 0018")]),
        ("dob 02/01/1970 0003", [("date_of_birth", "dob 02/01/1970")]),
        ("0131 496 0000 ZE1 0AA", [("phone_number", "0131 496 0000"), ("postcode", "ZE1 0AA")]),
        ("VX-000000@example.org", [("email_address", "VX-000000@example.org")]),
        ("07700900000@example.org", [("email_address", "07700900000@example.org")]),
        ("ZE1 0AA@example.org", [("email_address", "0AA@example.org")]),
    ],
)
def test_of_two_that_overlap_the_refused_one_is_kept_then_the_longer(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert told(text) == expected


@pytest.mark.parametrize("pattern", ["(", "[a-", "x*", "|a", "", "(?i"])
def test_refuses_a_pattern_that_does_not_compile_or_matches_nothing_at_all(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern") as error:
        check_rules(Rules(visor_patterns=("VX", pattern)))

    assert repr(pattern) in str(error.value)


def test_accepts_patterns_that_compile() -> None:
    check_rules(RULES)

    assert RULES_VERSION >= 1


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def test_nothing_of_the_published_record_is_refused() -> None:
    texts = [text for path in MAPPA_2015.rglob("*.json") for text in strings(json.loads(path.read_text("utf-8")))]

    found = [(text, refused(text, Rules())) for text in texts]

    assert len(found) > 5_000
    assert [(text, types) for text, types in found if types] == []


PARTS = st.sampled_from(
    [*SAMPLES.values(), *map(wide, SAMPLES.values()), "%40", "%2F", "\u200b", "\u2013", "\u00bd", "\u2100"]
)
TEXTS = st.lists(PARTS | st.text(max_size=6) | st.text("0129 -/@.+ABabdo%()", max_size=12), max_size=12).map("".join)


@EXAMPLES
@given(text=TEXTS)
@example("AA000000\u2100A000000A")
@example("\u0301" * 40 + "\ud800AA000000A")
def test_findings_lie_within_the_text_in_order_and_apart(text: str) -> None:
    found = findings(text, RULES)

    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= following.start for one, following in pairwise(found))
    assert {one.type for one in found} <= {*REFUSED, *WARNED}
    assert found == findings(text, RULES)


@EXAMPLES
@given(
    before=st.text(st.characters(codec="utf-8", categories=["L", "Zs", "Po"], exclude_characters="%@")),
    after=st.text(st.characters(codec="utf-8", categories=["L", "Zs"])),
    type_=st.sampled_from(REFUSED),
)
def test_what_stands_around_an_identifier_does_not_hide_it(before: str, after: str, type_: str) -> None:
    text = f"{before}; {SAMPLES[type_]}; {after}"

    assert (type_, SAMPLES[type_]) in told(text)


@EXAMPLES
@given(body=st.text(string.digits, min_size=9, max_size=9).filter(can_end))
def test_ten_digits_with_their_check_digit_are_never_passed_over(body: str) -> None:
    number = ten_digits(body)

    found = [one.type for one in findings(f"no. {number}.")]

    assert set(found) & {"chi_number", "nhs_number"} or set(number) <= {"0", "1"} or len(set(number)) == 1


HOSTILE = [
    "1",
    "@",
    "a@",
    "a@b.",
    "a@b.example ",
    "%25",
    "a%40b.example ",
    "dob ",
    "born" + " " * 20,
    "dob(",
    "12 ",
    "- ",
]
HOSTILE += [
    "0201700018 ",
    "0201700018, ",
    "1/",
    "12/34567A ",
    "AA000000A ",
    "PNC 2000 0000001A ",
    "SF",
    "+44(0)",
    "ZE1 0AA ",
]
HOSTILE += [
    "(at)",
    "a (at) b (dot) ",
    "x://a:",
    "x://u@",
    "a" * 63 + "@",
    "a-",
    "\u0301",
    "\u200b",
    "\u00bd",
    "\u4e2d",
    "\uff11",
]


@pytest.mark.parametrize("piece", [*HOSTILE, "\u0316" * 9_999 + "\u0301"])
def test_the_time_that_it_takes_grows_with_the_length_whatever_the_text(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    times = []

    for _ in range(3):
        begun = time.process_time()
        findings(text, RULES)
        times.append(time.process_time() - begun)

    assert min(times) < 0.1
