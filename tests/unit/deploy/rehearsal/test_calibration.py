"""The figures here are worked out from the events by their own plain code; calibration's table must agree."""

import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.rehearsal.calibration import Figure, facts_of, figures, table
from shared.domain.calendar import add_months, england_and_wales

YEAR = timedelta(days=365)
DOCUMENT = Path(__file__).parents[4] / "docs" / "rehearsal.md"


@pytest.fixture(scope="module")
def calibrated(rehearsed: Any) -> list[Figure]:
    return figures(facts_of(rehearsed.events), rehearsed.last_day, rehearsed.children)


@pytest.fixture(scope="module")
def lines(calibrated: list[Figure]) -> dict[str, float]:
    return {line.name: line.rehearsal for line in calibrated}


def day(event: dict[str, Any]) -> date:
    return date.fromisoformat(event["time"][:10])


def of_the_year(rehearsed: Any, kind: str) -> dict[tuple[str, str], dict[str, Any]]:
    since = rehearsed.last_day - YEAR
    return {record: event for record, event in rehearsed.facts[kind].items() if day(event) > since}


def running(rehearsed: Any, began: str, ended: str) -> list[dict[str, Any]]:
    over = rehearsed.facts[ended]
    return [event for record, event in rehearsed.facts[began].items() if record not in over]


def test_referrals_come_at_the_rate_of_england(rehearsed: Any, lines: dict[str, float]) -> None:
    rate = len(of_the_year(rehearsed, "referral.received")) * 10_000 / rehearsed.children
    assert rate == pytest.approx(519.4, rel=0.06)
    assert lines["Referrals per 10,000"] == pytest.approx(rate)


def test_contacts_come_at_the_rate_of_england_and_lead_where_they_do_there(rehearsed: Any) -> None:
    contacts = of_the_year(rehearsed, "contact.received")
    assert len(contacts) * 10_000 / rehearsed.children == pytest.approx(2501, rel=0.06)
    decided = rehearsed.facts["contact.decided"]
    outcomes = Counter(decided[record]["data"]["outcome"] for record in contacts if record in decided)
    shares = {name: 100 * count / outcomes.total() for name, count in outcomes.items()}
    expected = {"referral": 22, "early_help": 14, "advice": 30, "no_further_action": 23, "existing_case": 11}
    assert shares == pytest.approx(expected, abs=1.5)


def test_as_many_are_referred_again_as_in_england(rehearsed: Any, lines: dict[str, float]) -> None:
    every = rehearsed.facts["referral.received"]
    days: dict[str, list[date]] = {}
    for (_, child), event in every.items():
        days.setdefault(child, []).append(day(event))
    year = of_the_year(rehearsed, "referral.received")
    again = [
        record
        for record, event in year.items()
        if any(add_months(day(event), -12) <= one < day(event) for one in days[record[1]])
    ]
    share = 100 * len(again) / len(year)
    assert share == pytest.approx(22.6, abs=2)
    assert lines["… within 12 months of another, %"] == pytest.approx(share)


def test_as_many_referrals_come_to_nothing_as_in_england(rehearsed: Any) -> None:
    decided = of_the_year(rehearsed, "referral.decided")
    none = sum(event["data"]["outcome"] == "no_further_action" for event in decided.values())
    assert 100 * none / len(decided) == pytest.approx(6.5, abs=1.2)


def assessment_days(rehearsed: Any) -> list[int]:
    """Working days from the referral of its first authorised assessment."""
    first: dict[tuple[str, str], date] = {}
    for record, event in rehearsed.facts["assessment.authorised"].items():
        if record not in rehearsed.facts["assessment.started"]:  # not recorded yet
            continue
        referral = rehearsed.facts["assessment.started"][record]["data"]["referral_id"], record[1]
        first[referral] = min(day(event), first.get(referral, date.max))
    received, between = rehearsed.facts["referral.received"], england_and_wales().working_days_between
    since = rehearsed.last_day - YEAR
    return [between(day(received[one]), end) for one, end in first.items() if one in received and end > since]


def test_assessments_pile_up_just_under_the_45th_day(rehearsed: Any, lines: dict[str, float]) -> None:
    days = assessment_days(rehearsed)

    def share(low: int, high: int) -> float:
        return 100 * sum(low <= one <= high for one in days) / len(days)

    assert share(0, 45) == pytest.approx(85.7, abs=1.5)
    assert lines["Assessments in 45 working days, %"] == pytest.approx(share(0, 45))
    brackets = ((0, 0), (1, 10), (11, 20), (21, 30), (31, 40), (41, 45), (46, 50), (51, 60), (61, 999))
    england = [1.8, 11.7, 17.3, 15.8, 20.2, 18.9, 5.8, 4.3, 4.2]
    assert [share(*bracket) for bracket in brackets] == pytest.approx(england, abs=2)
    assert share(41, 45) / 5 > 1.5 * share(31, 40) / 10


def test_conferences_are_as_quick_as_in_england(rehearsed: Any, lines: dict[str, float]) -> None:
    started = {event["subject"]: day(event) for event in rehearsed.facts["section47.started"].values()}
    between = england_and_wales().working_days_between
    days = [
        between(started[event["data"]["section47_id"]], day(event))
        for event in of_the_year(rehearsed, "conference.held").values()
        if event["data"].get("section47_id") in started
    ]
    share = 100 * sum(one <= 15 for one in days) / len(days)
    assert share == pytest.approx(81.4, abs=4)
    assert lines["Conferences in 15 working days, %"] == pytest.approx(share)


def test_protection_and_care_are_as_frequent_as_in_england(rehearsed: Any) -> None:
    def per_10000(count: int) -> float:
        return count * 10_000 / rehearsed.children

    assert per_10000(len(of_the_year(rehearsed, "section47.started"))) == pytest.approx(189.3, rel=0.08)
    assert per_10000(len(running(rehearsed, "cp_plan.started", "cp_plan.ended"))) == pytest.approx(40.6, rel=0.15)
    assert per_10000(len(running(rehearsed, "care.started", "care.ended"))) == pytest.approx(67, rel=0.1)


def test_the_stocks_are_there_from_the_first_day(rehearsed: Any) -> None:
    start = date(2025, 4, 1)

    def on_the_first_day(kind: str, end: str = "ended") -> float:
        over = {record: day(event) for record, event in rehearsed.facts[f"{kind}.{end}"].items()}
        began = rehearsed.facts[f"{kind}.{'allocated' if kind == 'case' else 'started'}"]
        spells = [one for one, event in began.items() if day(event) <= start and over.get(one, date.max) > start]
        return len(spells) * 10_000 / rehearsed.children

    assert on_the_first_day("cp_plan") == pytest.approx(40.6, rel=0.2)
    assert on_the_first_day("care") == pytest.approx(67, rel=0.15)
    assert on_the_first_day("case", "deallocated") == pytest.approx(280, rel=0.12)


def test_the_workforce_turns_over_as_in_england(rehearsed: Any, lines: dict[str, float]) -> None:
    now = [event["data"] for event in running(rehearsed, "employment.started", "employment.ended")]
    permanent = sum(one["fte"] for one in now if one["contract"] == "permanent")
    agency = sum(one["fte"] for one in now if one["contract"] == "agency")
    started = rehearsed.facts["employment.started"]
    left = [
        started[record]["data"]
        for record, event in of_the_year(rehearsed, "employment.ended").items()
        if event["data"]["reason"] == "left"
    ]
    leavers = sum(one["fte"] for one in left if one["contract"] == "permanent")
    reports = [event for event in rehearsed.events if event["type"] == "csc.establishment.reported"]
    latest = {report["subject"]: report["data"] for report in sorted(reports, key=day)}
    vacant = sum(one["vacant_fte"] for one in latest.values())
    found = [
        100 * leavers / permanent,
        100 * agency / (agency + permanent),
        100 * vacant / (vacant + permanent),
    ]
    assert found == pytest.approx([11.8, 13.0, 14.2], abs=2)
    assert [lines[name] for name in ("Turnover, %", "Agency, %", "Vacancies, %")] == pytest.approx(found)


def test_caseloads_average_as_in_england_and_spread_widely(rehearsed: Any, lines: dict[str, float]) -> None:
    employed = {
        event["data"]["worker_id"]: event["data"]
        for event in running(rehearsed, "employment.started", "employment.ended")
    }
    cases = Counter(
        event["data"]["worker_id"]
        for event in running(rehearsed, "case.allocated", "case.deallocated")
        if event["data"]["role"] == "lead" and event["data"]["worker_id"] in employed
    )
    average = cases.total() / sum(employed[worker]["fte"] for worker in cases)
    assert average == pytest.approx(15.6, abs=1.4)
    assert lines["Cases per full-time worker"] == pytest.approx(average, rel=0.01)
    assert max(cases.values()) >= 25
    assert sum(count <= 8 for count in cases.values()) >= 5


def test_the_document_shows_the_table_that_the_command_prints(calibrated: list[Figure]) -> None:
    shown = re.search(r"\| \| England \|.*?(?=\n\n)", DOCUMENT.read_text(), re.DOTALL)
    assert shown
    assert shown.group() == table(calibrated)
