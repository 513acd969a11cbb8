"""The return's header: whose it is, of which year, and how new."""

import csv
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from deploy.census.errors import CensusError
from deploy.census.markup import Record
from deploy.census.values import parse_day
from shared.domain.london import LONDON

FIRST_YEAR, LAST_YEAR = 2023, 2099
_CODES = Path(__file__).with_name("authorities.csv")
_GSS = re.compile(r"E[0-9]{8}")
_NO_VERSION_BEFORE = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Header:
    """What the header settles."""

    year: int
    """The year in which the census year ends, e.g. 2025 for 2024-25."""
    version: int
    """`recordversion` of all that the return says: a later reference date is higher, and of two returns
    for one date the one made later."""


def read_header(record: Record, authority: str) -> Header:
    """The header, checked against the authority (GSS code) that the events are to be sent for.

    Raises :class:`CensusError` where it is no Children in Need census, is of a year before 2022-23, lacks
    its dates or names another authority.
    """
    if not _GSS.fullmatch(authority):
        raise CensusError("the authority is not a GSS code", "Give one such as E09000003")
    details = _only(record, "CollectionDetails")
    _check_collection(details)
    reference = _reference_date(details)
    sources = record.all("Source")
    for source in sources:
        _check_authority(source, authority)
    made = max((_made(source) for source in sources), default=0)
    return Header(_census_year(reference, details), (reference - _NO_VERSION_BEFORE).days * 10**10 + made)


def _only(record: Record, name: str) -> Record:
    found = record.all(name)
    if not found:
        raise CensusError(f"the header has no {name}", "Export the return again, header included", record.line)
    return found[0]


def _check_collection(details: Record) -> None:
    if details.value("Collection").upper() != "CIN":
        raise CensusError(
            "the header does not say that this is a CIN collection",
            "Give the return of the Children in Need census; other returns are not read",
            details.line,
        )


def _reference_date(details: Record) -> date:
    text, year = details.value("ReferenceDate"), details.value("Year")
    if not text and re.fullmatch(r"20[0-9]{2}", year):
        text = f"{year}-03-31"
    reference = parse_day(text)
    if reference is None:
        raise CensusError(
            "the header has no usable ReferenceDate and no Year",
            "It should read like 2025-03-31",
            details.line,
        )
    return reference


def _census_year(reference: date, details: Record) -> int:
    year = reference.year + ((reference.month, reference.day) > (3, 31))
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CensusError(
            f"the return is of the census year that ends on 31 March {year}",
            f"Returns from 2022-23 on (31 March {FIRST_YEAR}) can be read",
            details.line,
        )
    return year


def _check_authority(source: Record, authority: str) -> None:
    code = source.value("LEA")
    gss_of, la_of = _authorities()
    if la_of.get(authority, code) != code or authority not in gss_of.get(code, {authority}):
        raise CensusError(
            f"the return is of local authority {code[:3]!r}, and {authority} is"
            f" {la_of.get(authority, 'none that is known')}",
            "Check that it is the right file, and the right GSS code for it",
            source.line,
        )


def _made(source: Record) -> int:
    """Seconds from 1970 to when the return was made, 0 where that is not said; without a zone it is local."""
    text = source.value("DateTime")
    if not text:
        return 0
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        made = None
    if made is None or not 2000 <= made.year <= LAST_YEAR:
        raise CensusError(
            "the header's DateTime is not a date and time",
            "It should read like 2025-05-23T11:14:05",
            source.line,
        ) from None
    return int((made if made.tzinfo else made.replace(tzinfo=LONDON)).timestamp())


@cache
def _authorities() -> tuple[dict[str, set[str]], dict[str, str]]:
    """The GSS codes of each DfE code, and the DfE code of each GSS code (boundary changes give new ones).

    From the DfE's open data on children in need and the social work workforce, 2023 to 2025 (Open
    Government Licence v3.0).
    """
    gss_of: dict[str, set[str]] = {}
    la_of: dict[str, str] = {}
    with _CODES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            gss_of.setdefault(row["la_code"], set()).add(row["gss_code"])
            la_of[row["gss_code"]] = row["la_code"]
    return gss_of, la_of
