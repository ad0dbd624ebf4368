"""Ages: how long ago something was, in words."""

# From how many days on a time is told in months, and in years; a year has 365 days, as in the age bands of the plan.
_MONTHS, _YEARS = 90, 730
_MONTH, _YEAR = 30.4, 365
BANDS = {
    "under_1_year": "less than a year",
    "1_to_2_years": "one to two years",
    "2_to_3_years": "two to three years",
    "over_3_years": "more than three years",
}


def for_how_long(days: int | None) -> str:
    """So many days in words; a word for it where that is not known."""
    if days is None:
        return "not known"
    if days < _MONTHS:
        return f"{days} day{'' if days == 1 else 's'}"
    if days < _YEARS:
        return f"{int(days / _MONTH)} months"
    return f"{int(days / _YEAR)} years"
