"""Local dates: every clock but one works on the date in England."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def local_date(instant: datetime) -> date:
    """The date in Europe/London of an aware instant."""
    return instant.astimezone(LONDON).date()


def local_midnight(day: date) -> datetime:
    """The instant at which a local date begins."""
    return datetime.combine(day, time(), LONDON)


def last_instant(day: date) -> datetime:
    """The last microsecond of a local date."""
    return datetime.combine(day, time.max, LONDON)
