"""Local dates: every clock but one works on the date in England."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def local_date(instant: datetime) -> date:
    """The date in Europe/London of an aware instant."""
    return instant.astimezone(LONDON).date()
