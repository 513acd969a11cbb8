"""Whole returns: what comes out, again, a year later, and of files at random."""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import deploy.census
from deploy.census.errors import CensusError
from deploy.census.returns import Return, events
from shared.contracts.admission import EVERYTHING, Admitted, admit
from tests.unit.deploy.census.synthetic import PRIVATE, child, episode, header, invented, message

BARNET = "E09000003"
TODAY = date(2026, 6, 1)
Event = dict[str, Any]
Writing = Callable[..., Path]


@pytest.fixture
def writing(tmp_path: Path) -> Writing:
    def write(*children: str, name: str = "return.xml", **head: str | None) -> Path:
        path = tmp_path / name
        path.write_text(message(children, header(**head)), encoding="utf-8")
        return path

    return write


def current(received: Iterable[Event]) -> dict[tuple[str, str, str], Event]:
    """The event that counts for each fact, by the contract's rule."""
    winners: dict[tuple[str, str, str], Event] = {}
    for event in received:
        fact = (event["type"], event["subject"], event["data"]["child_id"])
        winners[fact] = max(winners.get(fact, event), event, key=_precedence)
    return winners


def _precedence(event: Event) -> tuple[int, str, str, str]:
    assert "recordedtime" not in event
    return event["recordversion"], event["time"], event["id"], event["source"]


def facts(received: Iterable[Event]) -> dict[tuple[str, str, str], tuple[str, Event]]:
    """What the current facts say."""
    return {fact: (event["time"], event["data"]) for fact, event in current(received).items()}


def names(received: Iterable[Event]) -> list[str]:
    return sorted(event["type"][4:] for event in received)


GOLDEN_CHILD = child(
    "LA-0042",
    episode(
        "2024-05-01",
        ReferralSource="6",
        PrimaryNeedCode="N1",
        Assessments=[{"AssessmentActualStartDate": "2024-05-02", "AssessmentAuthorisationDate": "2024-07-03"}],
        Section47=[{"S47ActualStartDate": "2024-05-07", "DateOfInitialCPC": "2024-05-28", "ICPCnotRequired": "0"}],
        ChildProtectionPlans=[
            {
                "CPPstartDate": "2024-05-28",
                "InitialCategoryOfAbuse": "NEG",
                "LatestCategoryOfAbuse": "NEG",
                "NumberOfPreviousCPP": "0",
                "Reviews": {"CPPreviewDate": ["2024-08-20"]},
            }
        ],
    ),
)


def test_one_child_gives_these_events_exactly(writing: Writing, golden: list[Event]) -> None:
    assert list(events(writing(GOLDEN_CHILD), BARNET)) == golden


@pytest.fixture
def golden() -> list[Event]:
    lines = Path(__file__).with_name("golden_child.ndjson").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_every_event_of_an_invented_authority_is_admitted(writing: Writing) -> None:
    path = writing(*invented(7, 300, date(2025, 3, 31)))
    made = list(events(path, BARNET))
    verdicts = [admit(event, service="referrals", scope=EVERYTHING, today=TODAY) for event in made]
    assert {type(verdict) for verdict in verdicts} == {Admitted}
    assert len({event["type"] for event in made}) == 9


def test_nothing_private_is_in_any_event(writing: Writing) -> None:
    text = json.dumps(list(events(writing(GOLDEN_CHILD, *invented(7, 50, date(2025, 3, 31))), BARNET)))
    assert not [value for value in PRIVATE if value in text]


def test_the_same_file_twice_gives_the_same_events(writing: Writing) -> None:
    made = Return(writing(*invented(7, 50, date(2025, 3, 31))), BARNET)
    assert list(made) == list(made)


def test_local_midnight_has_the_offset_of_its_season(writing: Writing) -> None:
    path = writing(child("C1", episode("2024-07-01")), child("C2", episode("2024-12-01")))
    assert {event["time"] for event in events(path, BARNET)} == {
        "2024-07-01T00:00:00+01:00",
        "2024-12-01T00:00:00+00:00",
    }


def test_next_years_return_corrects_and_completes(writing: Writing) -> None:
    started = {"AssessmentActualStartDate": "2025-03-20"}
    waiting = {"S47ActualStartDate": "2025-03-20", "ICPCnotRequired": "0"}
    first = writing(child("C1", episode("2025-03-19", Assessments=[started], Section47=[waiting])), name="2025.xml")
    later = writing(
        child(
            "C1",
            episode(
                "2025-03-19",
                ReferralSource="6",
                CINclosureDate="2025-09-01",
                ReasonForClosure="RC8",
                Assessments=[started | {"AssessmentAuthorisationDate": "2025-05-01"}],
                Section47=[waiting | {"ICPCnotRequired": "1"}],
            ),
        ),
        name="2026.xml",
        ReferenceDate="2026-03-31",
        Year="2026",
        DateTime="2026-05-20T10:00:00",
    )
    both = [*events(later, BARNET), *events(first, BARNET)]
    assert facts(both) == facts(events(later, BARNET))
    assert names(current(both).values()) == [
        "assessment.authorised",
        "assessment.started",
        "case.closed",
        "referral.decided",
        "referral.received",
        "section47.completed",
        "section47.started",
    ]
    received = next(e for e in current(both).values() if e["type"] == "csc.referral.received")
    assert received["data"]["source_code"] == "6"


def test_a_return_made_again_outweighs_the_first(writing: Writing) -> None:
    wrong = writing(child("C1", episode(ReferralNFA="1")), name="a.xml", DateTime="2025-05-01T09:00:00")
    right = writing(child("C1", episode(ReferralNFA="0")), name="b.xml", DateTime="2025-06-01T09:00:00")
    both = [*events(right, BARNET), *events(wrong, BARNET)]
    assert facts(both) == facts(events(right, BARNET))


def test_a_pseudonym_key_replaces_every_child_id(writing: Writing) -> None:
    key = b"sixteen bytes or more"
    made = list(Return(writing(child("Ann / 1", episode())), BARNET, key))
    digest = hmac.new(key, b"Ann / 1", hashlib.sha256).hexdigest()
    assert {event["data"]["child_id"] for event in made} == {digest[:32]}
    assert {e["subject"] for e in made}.isdisjoint(
        e["subject"] for e in Return(writing(child("Ann / 1", episode())), BARNET, b"another key altogether")
    )


def test_a_short_pseudonym_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="16 bytes or more"):
        Return(tmp_path / "x.xml", BARNET, b"short")


@pytest.mark.parametrize("child_id", [None, "", "Ann / 1", "unassigned", "x" * 65])
def test_a_child_whose_id_cannot_be_carried_is_left_out(writing: Writing, child_id: str | None) -> None:
    made = Return(writing(child(child_id, episode()), child("C2", episode())), BARNET)
    assert {event["data"]["child_id"] for event in made} == {"C2"}
    assert made.left_out == {"LAchildID: missing, or not an id that is carried": 1}
    assert (made.children, list(made.left_out.first_line.values())) == (1, [4])


def test_a_child_that_comes_again_is_left_out(writing: Writing) -> None:
    made = Return(writing(child("C1", episode()), child("C1", episode("2024-06-01"))), BARNET)
    assert {event["time"][:10] for event in made} == {"2024-05-01"}
    assert made.left_out == {"LAchildID: the same child again": 1}


def test_counts_begin_anew_with_each_iteration(writing: Writing) -> None:
    made = Return(writing(child("C1", episode(ReferralSource="5E"))), BARNET)
    for _ in range(2):
        assert names(made) == ["referral.decided"]
    assert (made.children, made.left_out) == (1, {"ReferralSource: not a code that is carried": 1})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<Message><Children/></Message>", "has no Header"),
        (f"<Message><Children>{GOLDEN_CHILD}</Children></Message>", "no Header before its children"),
        (f"<Message>{header()}<Children/></Message>", "has no Child"),
        (f"<Message>{header(LEA='908')}<Children/></Message>", "of local authority '908'"),
    ],
)
def test_what_is_no_return_is_refused_with_the_files_name(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "odd.xml"
    path.write_text(text)
    with pytest.raises(CensusError, match=problem) as refused:
        list(events(path, BARNET))
    assert str(refused.value).startswith(f"{path}")


def test_the_package_offers_the_same() -> None:
    assert (deploy.census.events, deploy.census.Return) == (events, Return)


# Lives at random: a child's true story, and what the returns of two years say of it.

FIRST, SECOND = date(2024, 3, 31), date(2025, 3, 31)
BEGIN = date(2023, 11, 1)


@dataclass(frozen=True)
class Span:
    start: date
    end: date | None
    kind: str = ""


@dataclass(frozen=True)
class Life:
    """An episode as it truly went."""

    referred: date
    closed: date | None
    source: str
    no_further_action: bool
    assessments: tuple[Span, ...]
    enquiries: tuple[Span, ...]
    cin_plans: tuple[Span, ...]
    cp_plans: tuple[Span, ...]


@st.composite
def lives(draw: st.DrawFn, number: int) -> Life:
    """Episodes of one child may begin on one day; records of different episodes do not."""

    def day(least: date) -> date:
        return least + timedelta(days=draw(st.integers(0, 20)) * 18)

    referred = BEGIN + timedelta(days=draw(st.integers(0, 3)) * 30)
    closed = draw(st.none() | st.just(day(referred)))

    def spans(*kinds: str) -> tuple[Span, ...]:
        starts = draw(st.lists(st.integers(0, 2), max_size=3))
        return tuple(span(referred + timedelta(days=3 * s + number), draw(st.sampled_from(kinds))) for s in starts)

    def span(start: date, kind: str) -> Span:
        end = draw(st.none() | st.just(day(start)))
        if closed:
            end = min(end or closed, max(closed, start))
        return Span(start, end, kind)

    return Life(
        referred,
        closed,
        draw(st.sampled_from(["2A", "6"])),
        draw(st.booleans()),
        spans(""),
        spans("held", "not_required"),
        spans(""),
        spans("NEG", "PHY"),
    )


children_lives = st.lists(
    st.integers(0, 2).flatmap(lambda n: st.tuples(*(lives(i) for i in range(n + 1)))), min_size=1, max_size=2
)


def returned(histories: Iterable[Iterable[Life]], on: date, since: date | None = None) -> list[str]:
    """The children as a return on that date has them: without episodes closed by `since`."""
    return [
        child(
            f"C{number}",
            *(
                _as_of(life, on)
                for life in history
                if life.referred <= on and not (since and life.closed and life.closed <= since)
            ),
        )
        for number, history in enumerate(histories)
    ]


def _as_of(life: Life, on: date) -> dict[str, Any]:
    def known(day: date | None) -> str | None:
        return day.isoformat() if day and day <= on else None

    def plain(spans: Iterable[Span], start: str, end: str) -> list[dict[str, str | None]]:
        return [{start: s.start.isoformat(), end: known(s.end)} for s in spans if s.start <= on]

    return episode(
        life.referred.isoformat(),
        ReferralSource=life.source,
        ReferralNFA=str(life.no_further_action).lower(),
        CINclosureDate=known(life.closed),
        ReasonForClosure="RC7" if known(life.closed) else None,
        Assessments=plain(life.assessments, "AssessmentActualStartDate", "AssessmentAuthorisationDate"),
        CINPlanDates=plain(life.cin_plans, "CINPlanStartDate", "CINPlanEndDate"),
        Section47=[
            {
                "S47ActualStartDate": s.start.isoformat(),
                "DateOfInitialCPC": known(s.end) if s.kind == "held" else None,
                "ICPCnotRequired": "1" if known(s.end) and s.kind == "not_required" else "0",
            }
            for s in life.enquiries
            if s.start <= on
        ],
        ChildProtectionPlans=[_plan_as_of(s, known) for s in life.cp_plans if s.start <= on],
    )


def _plan_as_of(plan: Span, known: Callable[[date | None], str | None]) -> Mapping[str, Any]:
    reviews = [known(plan.start + timedelta(days=days)) for days in (80, 250)]
    return {
        "CPPstartDate": plan.start.isoformat(),
        "CPPendDate": known(plan.end),
        "InitialCategoryOfAbuse": plan.kind,
        "Reviews": {"CPPreviewDate": [day for day in reviews if day and day <= str(plan.end or SECOND)]},
    }


def imported(path: Path, children: list[str], on: date) -> list[Event]:
    head = header(Year=None, ReferenceDate=on.isoformat(), DateTime=f"{on.year}-05-20T10:00:00")
    path.write_text(message(children, head))
    made = Return(path, BARNET)
    found = list(made)
    assert not made.left_out
    return found


at_random = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@at_random
@given(children_lives)
def test_two_years_of_returns_say_what_one_of_both_would(tmp_path: Path, histories: list[Any]) -> None:
    first = imported(tmp_path / "1.xml", returned(histories, FIRST), FIRST)
    second = imported(tmp_path / "2.xml", returned(histories, SECOND, since=FIRST), SECOND)
    both = imported(tmp_path / "3.xml", returned(histories, SECOND), SECOND)
    assert facts([*second, *first]) == facts(both)


@at_random
@given(children_lives)
def test_every_event_is_a_fact_of_its_own_and_is_admitted(tmp_path: Path, histories: list[Any]) -> None:
    made = imported(tmp_path / "1.xml", returned(histories, SECOND), SECOND)
    assert len(current(made)) == len({event["id"] for event in made}) == len(made)
    for event in made:
        assert isinstance(admit(event, service="referrals", scope=EVERYTHING, today=TODAY), Admitted)


@at_random
@given(children_lives)
def test_as_many_facts_come_out_as_the_file_holds(tmp_path: Path, histories: list[Any]) -> None:
    made = names(imported(tmp_path / "1.xml", returned(histories, SECOND), SECOND))
    everyone = [life for history in histories for life in history]
    assert made.count("referral.received") == made.count("referral.decided") == len(everyone)
    assert made.count("case.closed") == sum(_by_second(life.closed) for life in everyone)
    assert made.count("assessment.started") == sum(len(life.assessments) for life in everyone)
    assert made.count("section47.started") == sum(len(life.enquiries) for life in everyone)
    assert made.count("section47.completed") == sum(_by_second(s.end) for x in everyone for s in x.enquiries)
    assert made.count("cp_plan.started") == sum(len(life.cp_plans) for life in everyone)
    assert made.count("cin_plan.ended") == sum(_by_second(s.end) for x in everyone for s in x.cin_plans)


def _by_second(day: date | None) -> bool:
    return day is not None and day <= SECOND


@at_random
@given(children_lives, st.integers())
def test_order_within_the_file_decides_nothing(tmp_path: Path, histories: list[Any], seed: int) -> None:
    random = Random(seed)
    shuffled = [[_shuffled(life, random) for life in random.sample(h, len(h))] for h in histories]
    made = imported(tmp_path / "1.xml", returned(histories, SECOND), SECOND)
    again = imported(tmp_path / "2.xml", returned(shuffled, SECOND), SECOND)
    assert {event["id"]: event for event in again} == {event["id"]: event for event in made}


def _shuffled(life: Life, random: Random) -> Life:
    parts = (life.assessments, life.enquiries, life.cin_plans, life.cp_plans)
    mixed = [tuple(random.sample(part, len(part))) for part in parts]
    return Life(life.referred, life.closed, life.source, life.no_further_action, *mixed)
