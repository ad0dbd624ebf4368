"""Published periods and the days that they span."""

import calendar
import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import Invalid
from models.periods import span_of
from seed.load import MAPPA_2015


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2015-11-26", date(2015, 11, 26), date(2015, 11, 26)),
        ("2015-11", date(2015, 11, 1), date(2015, 11, 30)),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29)),
        ("1900-02", date(1900, 2, 1), date(1900, 2, 28)),
        ("2015", date(2015, 1, 1), date(2015, 12, 31)),
        ("2014-10/2015-11", date(2014, 10, 1), date(2015, 11, 30)),
        ("2015-04-01/2016-03-31", date(2015, 4, 1), date(2016, 3, 31)),
        ("2021/2022", date(2021, 1, 1), date(2022, 12, 31)),
        ("2015/2015", date(2015, 1, 1), date(2015, 12, 31)),
        ("2015-11-26/2015", date(2015, 11, 26), date(2015, 12, 31)),
    ],
)
def test_a_period_spans_from_its_first_to_its_last_day(period: str, first: date, last: date) -> None:
    assert span_of(period) == (first, last)


@pytest.mark.parametrize(
    "period",
    [
        "",
        "/",
        "2015/",
        "/2015",
        "2015/2014",
        "2015-11/2015-10",
        "2015-13",
        "2015-00",
        "2015-02-30",
        "2015-1",
        "15",
        "0000",
        "2015-11-26T10:00",
        "2015/2016/2017",
        " 2015",
        "2015\n",
        "\uff12\uff10\uff11\uff15",
        "late 2016",
        "2015-11-26/..",
    ],
)
def test_refuses_what_is_not_a_period(period: str) -> None:
    with pytest.raises(Invalid) as refused:
        span_of(period)

    assert [fault.pointer for fault in refused.value.faults] == ["/period"]


def test_every_date_of_the_published_record_is_a_period() -> None:
    facts = json.loads((MAPPA_2015 / "published" / "record.json").read_text(encoding="utf-8"))["facts"]

    spans = [span_of(fact["date"]) for fact in facts if fact["date"] is not None]

    assert len(spans) == 77
    assert all(date(2009, 1, 1) <= first <= last <= date(2025, 12, 31) for first, last in spans)


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(first=st.dates(), last=st.dates())
def test_an_interval_of_days_spans_just_those_days(first: date, last: date) -> None:
    first, last = sorted((first, last))

    assert span_of(f"{first.isoformat()}/{last.isoformat()}") == (first, last)


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(day=st.dates())
def test_a_month_ends_on_the_last_day_that_the_calendar_has(day: date) -> None:
    length = calendar.monthrange(day.year, day.month)[1]

    assert span_of(day.isoformat()[:7]) == (day.replace(day=1), day.replace(day=length))
