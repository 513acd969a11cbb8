"""Single values of a return, and the count of those that could not be used."""

import re
from collections import Counter
from datetime import date
from typing import get_args

from deploy.census.markup import Record
from shared.contracts.payloads import Closure, CpPlanStarted, PrimaryNeed, SourceCode

SOURCE_CODES = frozenset(get_args(SourceCode))
PRIMARY_NEEDS = frozenset(get_args(PrimaryNeed))
CLOSURES = frozenset(get_args(Closure))
CATEGORIES = frozenset(get_args(CpPlanStarted.model_fields["category"].annotation))

EARLIEST = date(1900, 1, 1)
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T00:00:00(?:\.0+)?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


class LeftOut(Counter[str]):
    """What could not be used, as `element: reason`, with how often; `first_line` has the first of each."""

    def __init__(self) -> None:
        super().__init__()
        self.first_line: dict[str, int] = {}

    def note(self, element: str, reason: str, line: int) -> None:
        """Counts one more; the value itself is never kept."""
        key = f"{element}: {reason}"
        self[key] += 1
        self.first_line.setdefault(key, line)


def parse_day(text: str) -> date | None:
    """A date as XML Schema writes it (a zone or a midnight after it is passed over), else `None`."""
    written = _DAY.fullmatch(text)
    if not written:
        return None
    try:
        day = date.fromisoformat(written[1])
    except ValueError:
        return None
    return day if day >= EARLIEST else None


def optional_day(record: Record, element: str, left_out: LeftOut) -> date | None:
    """The date in an element of the record; `None` where it is absent, or unusable and counted."""
    text = record.value(element)
    day = parse_day(text)
    if text and day is None:
        left_out.note(element, "not a date", record.line)
    return day


def required_day(record: Record, element: str, left_out: LeftOut) -> date | None:
    """As :func:`optional_day`, but absence is counted too."""
    if not record.value(element):
        left_out.note(element, "missing", record.line)
    return optional_day(record, element, left_out)


def optional_code(record: Record, element: str, codes: frozenset[str], left_out: LeftOut) -> str | None:
    """The code in an element of the record, in capitals; `None` where absent, or unusable and counted."""
    code = record.value(element).upper()
    if code and code not in codes:
        left_out.note(element, "not a code that is carried", record.line)
    return code if code in codes else None


def required_code(record: Record, element: str, codes: frozenset[str], left_out: LeftOut) -> str | None:
    """As :func:`optional_code`, but absence is counted too."""
    if not record.value(element):
        left_out.note(element, "missing", record.line)
    return optional_code(record, element, codes, left_out)


def required_flag(record: Record, element: str, left_out: LeftOut) -> bool | None:
    """A yes or no, written `1`, `0`, `true` or `false`; `None` where absent or unusable, and counted."""
    text = record.value(element)
    flag = _BOOLEANS.get(text.lower())
    if flag is None:
        left_out.note(element, "not 0, 1, true or false" if text else "missing", record.line)
    return flag
