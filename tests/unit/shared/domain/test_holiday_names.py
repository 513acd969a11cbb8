from datetime import date, timedelta

import holidays
import pytest

from shared.domain.calendar import england_and_wales
from shared.domain.holiday_names import UNNAMED, easter, name_of

THEIRS = {
    "May Day": "Early May bank holiday",
    "Spring Bank Holiday": "Spring bank holiday",
    "Late Summer Bank Holiday": "Summer bank holiday",
}
YEARS = range(1972, 2041)


def days() -> list[date]:
    calendar = england_and_wales()
    every = (date(YEARS[0], 1, 1) + timedelta(days=n) for n in range(len(YEARS) * 366))
    known = (day for day in every if day <= calendar.horizon)
    return [day for day in known if day.weekday() < 5 and not calendar.is_working_day(day)]


def test_every_holiday_has_the_name_that_others_give_it() -> None:
    others = holidays.country_holidays("GB", subdiv="ENG", years=YEARS)
    wrong = []
    for day in days():
        theirs = others[day].replace(" (observed)", "")
        own = name_of(day).removesuffix(" (substitute day)").partition(",")[0]
        if THEIRS.get(theirs, theirs) != own and not set(theirs.split()) & set(own.split()):
            wrong.append((day, own, theirs))
    assert wrong == []
    assert len(days()) > 500


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 4, 3), "Good Friday"),
        (date(2026, 4, 6), "Easter Monday"),
        (date(2026, 5, 4), "Early May bank holiday"),
        (date(2022, 9, 19), "State Funeral of Queen Elizabeth II"),
        (date(2022, 12, 27), "Christmas Day (substitute day)"),
        (date(2021, 12, 28), "Boxing Day (substitute day)"),
        (date(2026, 12, 28), "Boxing Day (substitute day)"),
        (date(2030, 7, 17), UNNAMED),
        (date(2030, 5, 13), UNNAMED),
    ],
)
def test_a_holiday_is_called_by_its_name(day: date, name: str) -> None:
    assert name_of(day) == name


def test_easter_is_right_in_its_earliest_and_latest_years() -> None:
    known = {1818: (3, 22), 1943: (4, 25), 1954: (4, 18), 2008: (3, 23), 2038: (4, 25), 2049: (4, 18), 2076: (4, 19)}
    assert {year: (easter(year).month, easter(year).day) for year in known} == known
