"""The DfE's published workforce rates, worked out by the product from employments that add up to the published parts.

A national row is told by one in twenty of its staff and one in a hundred of its cases and of those who hold them. The
full-time equivalents of the invented workers add up to exactly that share of the published ones, thousandths of a post
included, and both sides of a ratio are divided by the same number: the ratio stays what it was. Only people and
children are whole; what rounding them can move is added to the tolerance.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import count, cycle
from typing import Any

import pytest

from tests.oracle.figures import Figures
from tests.published.tables import ROUNDING, Row, event, measured, table, total, whole

ROWS = table("workforce")
RATES = ("turnover_rate_fte", "agency_rate_fte", "agency_rate_headcount", "vacancy_rate_fte", "caseload_fte")
STAFF, CASES = 20, 100
"""A national row is told by one in so many."""
TEAMS = ("north", "south", "east", "west", "front-door")

ONE_SIDED = "authorities that did not send one of the two parts are left out of the other in the rate, not in the table"
PARTS_ROUNDED = "the parts are published with one decimal, and within their rounding they give the published rate"
EXCEPTIONS = {
    ("England 2022", "turnover_rate_fte"): ONE_SIDED,
    ("England 2023", "agency_rate_fte"): ONE_SIDED,
    ("England 2024", "turnover_rate_fte"): ONE_SIDED,
    ("England 2024", "agency_rate_fte"): ONE_SIDED,
    ("England 2024", "agency_rate_headcount"): ONE_SIDED,
    ("Cornwall 2023", "turnover_rate_fte"): PARTS_ROUNDED,
}
"""Published rates that do not follow from the parts published beside them, and why."""

PARTS = {
    "inpost_fte": ("csc_workforce_fte", {"contract": "permanent"}),
    "agency_fte": ("csc_workforce_fte", {"contract": "agency"}),
    "inpost_headcount": ("csc_workforce_headcount", {"contract": "permanent"}),
    "agency_headcount": ("csc_workforce_headcount", {"contract": "agency"}),
    "starters_fte": ("csc_workforce_starters_fte", {"window": "365d"}),
    "leavers_fte": ("csc_workforce_leavers_fte", {"window": "365d"}),
    "vacancy_fte": ("csc_workforce_vacant_fte", {}),
    "case_holders_fte": ("csc_caseload_holders_fte", {}),
    "cases": ("csc_caseload_cases", {}),
}
"""What the product says of each published part."""


@dataclass(frozen=True)
class Staff:
    """Some workers of one kind: how many, and their full-time equivalent in all."""

    fte: Decimal
    people: int

    def __sub__(self, other: "Staff") -> "Staff":
        return Staff(self.fte - other.fte, self.people - other.people)

    def each(self) -> list[Decimal]:
        """Their full-time equivalents: as even as thousandths allow, and exact in sum."""
        if not self.people and not self.fte:
            return []
        part, rest = divmod(int(self.fte * 1000), self.people)
        assert part + bool(rest) <= 1000, f"{self}: more than a full post each"
        return [Decimal(part + (number < rest)) / 1000 for number in range(self.people)]


class Service:
    """An authority whose staff on 30 September add up to a published row."""

    def __init__(self, row: Row) -> None:
        self.staff, self.cases = (STAFF, CASES) if row.is_national else (1, 1)
        self.row = row
        self.today = date(row.year, 9, 30)
        self.year_ago = self.today - timedelta(days=365)
        self._numbers, self._teams = count(1), cycle(TEAMS)

    def of(self, kind: str) -> Staff:
        """The published staff of a kind, scaled."""
        return Staff(self.row[f"{kind}_fte"] / self.staff, whole(self.row[f"{kind}_headcount"], self.staff))

    def events(self) -> Iterator[dict[str, Any]]:
        """All that happened, and beside it what the DfE's formulae leave out."""
        in_post, agency, starters = self.of("inpost"), self.of("agency"), self.of("starters")
        theirs, ours = self._holders(in_post, agency)
        earlier = self.today - timedelta(days=1500)
        holders: list[str] = []
        for staff, contract in ((ours, "permanent"), (theirs, "agency")):
            for fte in staff.each():
                holders.append(worker := self._worker())
                yield self._employed(worker, fte, contract, earlier)
        yield from self._moved(in_post - ours - starters)
        for fte in (agency - theirs).each():
            yield self._employed(self._worker(), fte, "agency", self.today)
        for number, fte in enumerate(starters.each()):
            yield self._employed(self._worker(), fte, "permanent", self.today - timedelta(days=number % 365))
        yield from self._left()
        yield from self._vacant()
        yield from self._held(holders)

    def _holders(self, in_post: Staff, agency: Staff) -> tuple[Staff, Staff]:
        """Of the agency staff and of those in post, who hold cases: whole agency posts, the rest in post."""
        fte = self.row["case_holders_fte"] / self.cases
        theirs = int(fte * agency.fte / (agency.fte + in_post.fte))
        return Staff(Decimal(theirs), theirs), Staff(fte - theirs, int(fte - theirs) + 1)

    def _moved(self, staff: Staff) -> Iterator[dict[str, Any]]:
        """In post all year, one in eight in another team since some day of it: no starter, and no leaver."""
        for number, fte in enumerate(staff.each()):
            worker, begun = self._worker(), self.year_ago - timedelta(days=400)
            if number % 8 == 0:
                changed = self.year_ago + timedelta(days=1 + number % 365)
                yield self._employed(worker, Decimal(1), "permanent", begun)
                yield event("employment.ended", f"e-{worker}-{begun}", changed, reason="moved")
                begun = changed
            yield self._employed(worker, fte, "permanent", begun)

    def _left(self) -> Iterator[dict[str, Any]]:
        """Who left in the year; and, to be left out, agency staff who did and permanent staff who had left before."""
        begun = self.year_ago - timedelta(days=900)
        days = cycle(self.today - timedelta(days=n) for n in range(365))
        leaving = [("permanent", fte, day) for fte, day in zip(self.of("leavers").each(), days, strict=False)]
        leaving += [("agency", Decimal(1), day) for day, _ in zip(days, range(9), strict=False)]
        leaving += [("permanent", Decimal(1), self.year_ago)] * 3
        for contract, fte, day in leaving:
            worker = self._worker()
            yield self._employed(worker, fte, contract, begun)
            yield event("employment.ended", f"e-{worker}-{begun}", day, reason="left")

    def _vacant(self) -> Iterator[dict[str, Any]]:
        """A team's latest report counts, whatever it said before."""
        vacant = int(self.row["vacancy_fte"] / self.staff * 1000)
        for number, team in enumerate(TEAMS):
            part, rest = divmod(vacant, len(TEAMS))
            yield event("establishment.reported", team, self.year_ago, vacant_fte=50.5)
            yield event("establishment.reported", team, self.today, vacant_fte=(part + (number < rest)) / 1000)

    def _held(self, holders: list[str]) -> Iterator[dict[str, Any]]:
        """Every holder has cases, and some that ended, some as a co-worker: those do not count."""
        for number in range(whole(self.row["cases"], self.cases)):
            worker = holders[number % len(holders)]
            yield self._allocated(f"a-{number}", worker, "lead")
            if number % 20 == 0:
                yield self._allocated(f"b-{number}", worker, "co_worker")
                yield self._allocated(f"c-{number}", worker, "lead")
                yield event("case.deallocated", f"c-{number}", self.today, child_id=f"c-{number}")

    def _worker(self) -> str:
        return f"w-{next(self._numbers)}"

    def _employed(self, worker: str, fte: Decimal, contract: str, day: date) -> dict[str, Any]:
        return event(
            "employment.started",
            f"e-{worker}-{day}",
            day,
            worker_id=worker,
            team_id=next(self._teams),
            fte=float(fte),
            contract=contract,
            role="case_holder",
        )

    def _allocated(self, id: str, worker: str, role: str) -> dict[str, Any]:
        return event("case.allocated", id, self.year_ago, child_id=id, worker_id=worker, role=role)


@cache
def figures_of(name: str) -> Figures:
    """What the product says on 30 September."""
    service = Service(ROWS[name])
    now = datetime.combine(service.today, time(9), UTC)
    return measured(service.events(), now, {family for family, _ in PARTS.values()})


def parts_of(name: str) -> dict[str, Decimal]:
    """The published parts as the product has them, scaled."""
    return {part: total(figures_of(name), family, **labels) for part, (family, labels) in PARTS.items()}


def rates(part: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """The DfE's formulae."""
    return {
        "turnover_rate_fte": 100 * part["leavers_fte"] / part["inpost_fte"],
        "agency_rate_fte": 100 * part["agency_fte"] / (part["agency_fte"] + part["inpost_fte"]),
        "agency_rate_headcount": 100 * part["agency_headcount"] / (part["agency_headcount"] + part["inpost_headcount"]),
        "vacancy_rate_fte": 100 * part["vacancy_fte"] / (part["vacancy_fte"] + part["inpost_fte"]),
        "caseload_fte": part["cases"] / part["case_holders_fte"],
    }


def tolerance(row: Row, rate: str, part: Mapping[str, Decimal]) -> Decimal:
    """The rounding of the published figure and, in a scaled row, half a person or half a child."""
    half = Decimal("0.5") if row.is_national else Decimal(0)
    if rate == "caseload_fte":
        return ROUNDING + half / part["case_holders_fte"]
    if rate == "agency_rate_headcount":
        return ROUNDING + 100 * half / (part["agency_headcount"] + part["inpost_headcount"])
    return ROUNDING


def apart(name: str) -> dict[str, str]:
    """The rates in which the product and the DfE differ by more than rounding: both figures."""
    row, part = ROWS[name], parts_of(name)
    return {
        rate: f"{figure:.3f}, published {row[rate]}"
        for rate, figure in rates(part).items()
        if abs(figure - row[rate]) > tolerance(row, rate, part)
    }


def test_all_published_rows_are_here() -> None:
    assert list(ROWS) == [
        f"{area} {year}" for year in range(2025, 2016, -1) for area in ("England", "Cornwall", "Barnet")
    ]
    assert all(rate in RATES and name in ROWS for name, rate in EXCEPTIONS)


@pytest.mark.parametrize("name", ROWS)
def test_the_published_rates_follow_from_the_published_parts_but_for_the_named_exceptions(name: str) -> None:
    assert set(rates(parts_of(name))) == set(RATES)
    assert {rate: both for rate, both in apart(name).items() if (name, rate) not in EXCEPTIONS} == {}


@pytest.mark.parametrize(("name", "rate"), EXCEPTIONS)
def test_a_named_exception_cannot_be_reproduced(name: str, rate: str) -> None:
    assert rate in apart(name)


@pytest.mark.parametrize("name", ROWS)
def test_the_parts_come_out_as_they_were_published(name: str) -> None:
    row = ROWS[name]
    scale = {
        part: (CASES if part in ("cases", "case_holders_fte") else STAFF) if row.is_national else 1 for part in PARTS
    }
    people = ("inpost_headcount", "agency_headcount", "cases")
    expected = {
        part: Decimal(whole(row[part], scale[part])) if part in people else row[part] / scale[part] for part in PARTS
    }
    assert parts_of(name) == expected


@pytest.mark.parametrize(("name", "rate"), EXCEPTIONS)
def test_the_reason_for_an_exception_is_the_right_one(name: str, rate: str) -> None:
    lowest, highest = (rates(shifted(ROWS[name], by))[rate] for by in (-1, 1))
    within = lowest - ROUNDING <= ROWS[name][rate] <= highest + ROUNDING
    assert EXCEPTIONS[name, rate] == (PARTS_ROUNDED if within else ONE_SIDED)


def shifted(row: Row, by: int) -> dict[str, Decimal]:
    """The published parts, numerators up or down by what rounding can hide, those in post the other way."""
    half = by * Decimal("0.05")
    return {
        part: row[part] + (0 if part in ("cases", "inpost_headcount", "agency_headcount") else half) for part in PARTS
    } | {"inpost_fte": row["inpost_fte"] - half}
