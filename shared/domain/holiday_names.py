"""What a bank holiday of England and Wales is called.

Which days are holidays is data (``bank_holidays.txt``); this only names them, by the standing rules and a list of the
days that were proclaimed once. A day that no rule names is a "bank holiday".
"""

from datetime import date, timedelta

MAY, AUGUST, DECEMBER = 5, 8, 12
UNNAMED = "bank holiday"
ONCE = {
    date(1977, 6, 7): "Silver Jubilee",
    date(1981, 7, 29): "Wedding of the Prince of Wales",
    date(1995, 5, 8): "Early May bank holiday, moved to the 50th anniversary of VE Day",
    date(1999, 12, 31): "Millennium holiday",
    date(2002, 6, 3): "Golden Jubilee",
    date(2002, 6, 4): "Spring bank holiday, moved",
    date(2011, 4, 29): "Wedding of Prince William",
    date(2012, 6, 4): "Spring bank holiday, moved",
    date(2012, 6, 5): "Diamond Jubilee",
    date(2020, 5, 8): "Early May bank holiday, moved to the 75th anniversary of VE Day",
    date(2022, 6, 2): "Spring bank holiday, moved",
    date(2022, 6, 3): "Platinum Jubilee",
    date(2022, 9, 19): "State Funeral of Queen Elizabeth II",
    date(2023, 5, 8): "Coronation of King Charles III",
}


def name_of(holiday: date) -> str:
    """The name of a day that is known to be a bank holiday and no Saturday or Sunday."""
    return ONCE.get(holiday) or _by_easter(holiday) or _by_monday(holiday) or _by_date(holiday) or UNNAMED


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    century, rest = divmod(year, 100)
    skipped = century - century // 4 - (8 * century + 13) // 25
    moon = (19 * (year % 19) + skipped + 15) % 30
    weekday = (2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4 + 32) % 7
    month, day = divmod(moon + weekday + 114 - _late(year, moon, weekday), 31)
    return date(year, month, day + 1)


def _late(year: int, moon: int, weekday: int) -> int:
    """Seven days earlier in the few years in which the formula overshoots."""
    return 7 * ((year % 19 + 11 * moon + 22 * weekday) // 451)


def _by_easter(day: date) -> str | None:
    since = (day - easter(day.year)).days
    return {-2: "Good Friday", 1: "Easter Monday"}.get(since)


def _by_monday(day: date) -> str | None:
    if day.weekday() != 0:
        return None
    last_of_its_kind = (day + timedelta(days=7)).month != day.month
    if day.month == MAY:
        return "Spring bank holiday" if last_of_its_kind else "Early May bank holiday" if day.day <= 7 else None
    return "Summer bank holiday" if day.month == AUGUST and last_of_its_kind else None


def _by_date(day: date) -> str | None:
    """Christmas, Boxing Day and New Year's Day, or the weekday that stands in for one of them."""
    if (day.month, day.day) in FIXED:
        return FIXED[day.month, day.day]
    if day.month == DECEMBER and day.day in (27, 28):
        return f"{_stood_in_for(day)} (substitute day)"
    if day.month == 1 and day.day in (2, 3):
        return "New Year's Day (substitute day)"
    return None


FIXED = {(DECEMBER, 25): "Christmas Day", (DECEMBER, 26): "Boxing Day", (1, 1): "New Year's Day"}


def _stood_in_for(day: date) -> str:
    """Christmas Day on a Saturday or Sunday moves to the 27th, Boxing Day on a Saturday or Sunday to the 28th.

    Where only one of the two falls on a weekend, that is the one; a Sunday's Christmas Day moves to the Tuesday.
    """
    christmas = date(day.year, DECEMBER, 25).weekday()
    if christmas == 6:  # a Sunday: Boxing Day is the Monday
        return "Christmas Day"
    if christmas == 5:  # a Saturday: Monday for Christmas, Tuesday for Boxing Day
        return "Christmas Day" if day.day == 27 else "Boxing Day"
    return "Boxing Day"
