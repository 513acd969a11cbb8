"""The records behind a number come to the number, whatever the number."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import orjson
import pytest

from services.metrics.exposition import Exposition
from services.metrics.indicators import strands
from services.metrics.questions.listing import Listing, NoListError, Wanted, listing, listings, total, wanted
from services.metrics.questions.readings import all_series, counted_families, labels_of, other_families
from services.metrics.questions.replay import Day, Replay, replay
from shared.domain.calendar import england_and_wales
from shared.domain.policy import parse_policy
from tests.oracle.examples import AUTHORITY, decided, lead, leads, referral, said
from tests.oracle.histories import THEMES, history, policy
from tests.oracle.text import parse
from tests.unit.services.metrics.product import as_toml

ON = date(2026, 3, 2)
SEEDS = range(54)
EVERY_NUMBER = [Wanted(series) for series in all_series()]
RECEIVED = 1_772_000_000_000_000


def of_history(seed: int, theme: str) -> Replay:
    day = Day(ON, None, england_and_wales(), parse_policy(as_toml(policy(seed))))
    return replay(day, [(RECEIVED, orjson.dumps(event)) for event in history(seed, ON, 240, theme=theme)])


def of(*events: Mapping[str, object], on: date = ON) -> Replay:
    entries = [orjson.dumps({"id": f"e{number}", **event}) for number, event in enumerate(events)]
    return replay(Day(on), [(RECEIVED, entry) for entry in entries])


def shown(replayed: Replay) -> dict[object, Decimal]:
    """What /metrics says."""
    text = b"".join(Exposition(strands()).write(replayed.snapshot())).decode()
    return parse(text, counted_families())


def come_to(number: Wanted, listed: Listing) -> dict[object, Decimal]:
    """By series, as /metrics names them: what the records add up to, or the largest of them."""
    adds = defaultdict(list)
    for line in listed.lines:
        adds[line.authority, number.strand.per, line.owner].append(line.adds)
    join = max if number.largest else sum
    return {
        (number.series.family, tuple(sorted((*labels_of(owner), *number.series.closed)))): Decimal(
            str(float(join(adds[owner] or [0])))
        )
        for owner in listed.numbers
    }


@pytest.fixture(scope="module")
def histories() -> list[Replay]:
    themes = sorted(THEMES)
    return [of_history(seed, themes[seed % len(themes)]) for seed in SEEDS]


def test_for_every_series_of_every_family_the_records_come_to_the_number_on_metrics(histories: list[Replay]) -> None:
    told = set()
    for replayed in histories:
        on_metrics = shown(replayed)
        found = listings(replayed, EVERY_NUMBER)
        listed = {}
        for number, one in zip(EVERY_NUMBER, found, strict=True):
            listed.update(come_to(number, one))
        assert listed == on_metrics
        told |= {family for (family, _), value in on_metrics.items() if value}
    assert told == set(counted_families()), "a family was 0 in all histories: this test said nothing of it"


def test_the_test_above_sees_a_record_that_is_left_out(histories: list[Replay]) -> None:
    number = wanted("csc_facts", {"state": "current"})
    listed = listing(histories[0], number)
    assert come_to(number, Listing(listed.numbers, listed.lines[1:])) != come_to(number, listed)


def test_records_stand_in_order_with_what_they_are_and_when_they_are_due() -> None:
    replayed = of(
        referral("r2", "2026-02-27", child_id="c2"),
        referral("r1", "2026-02-23", child_id="c1"),
        decided("r0", "2026-02-27"),
        referral("r0", "2026-02-26", child_id="c1"),
        decided("r0", "2026-02-27"),
    )
    number = wanted("csc_clock_open", {"clock": "referral_decision", "team": "north"})
    found = listing(replayed, number)
    assert [line[2:] for line in found.lines] == [
        ("child", "c1", "r1", 1, "2026-02-23", "", "2026-02-24"),
        ("child", "c2", "r2", 1, "2026-02-27", "", "2026-03-02"),
    ]
    assert found.numbers == {(AUTHORITY, "team", "north"): 2}
    assert total(found, number) == 2
    done = listing(replayed, wanted("csc_clock_completed", {"clock": "referral_decision", "window": "28d"}))
    assert [line[3:] for line in done.lines] == [("c1", "r0", 1, "2026-02-26", "2026-02-27", "2026-02-27")]


def test_a_clock_in_hours_shows_instants() -> None:
    replayed = of(said("missing.returned", "m1", "2026-03-01T22:30:00Z", team_id="north"))
    (line,) = listing(replayed, wanted("csc_clock_open", {"clock": "return_interview"})).lines
    assert line[6:] == ("2026-03-01T22:30:00+00:00", "", "2026-03-04T22:30:00+00:00")


def test_the_number_of_a_largest_is_that_of_its_largest_record() -> None:
    jobs = [said("employment.started", f"e-{worker}", "2026-01-01", worker_id=worker) for worker in ("w1", "w2")]
    number = wanted("csc_caseload_max", {})
    found = listing(of(*jobs, *leads("w1", 3), *leads("w2", 5)), number)
    assert [(line.unit, line.adds) for line in found.lines] == [("w1", 3), ("w2", 5)]
    assert (number.largest, total(found, number)) == (True, 5)


def test_without_a_source_there_is_no_number_and_no_list() -> None:
    replayed = of(referral("r1", "2026-02-23"), decided("r1", "2026-02-24"))
    number = wanted("csc_cases_unallocated", {"pathway": "cin"})
    assert listing(replayed, number) == Listing({}, [])
    allocated = of(referral("r1", "2026-02-23"), decided("r1", "2026-02-24"), lead("a1", "2026-02-25", child_id="c9"))
    assert [line.unit for line in listing(allocated, number).lines] == ["c1"]


def test_only_the_owner_that_was_named_is_listed() -> None:
    replayed = of(referral("r1", "2026-02-23"), referral("r2", "2026-02-23", team_id="south", child_id="c2"))
    number = wanted("csc_referrals", {"window": "28d", "team": "south"})
    assert [line.record for line in listing(replayed, number).lines] == ["r2"]


@pytest.mark.parametrize(
    ("family", "labels", "says"),
    [
        ("csc_caseload_threshold", {}, "no records lie behind csc_caseload_threshold: it is what the policy says"),
        ("csc_as_of_timestamp_seconds", {}, "it is the instant of the figures, not a count"),
        ("csc_source_stale", {}, "it is what was last heard of a source, not a count"),
        ("csc_team_info", {}, "it is a team's name, not a count"),
        ("csc_clock_overdu", {}, "there is no family csc_clock_overdu; did you mean csc_clock_overdue?"),
        ("x", {}, "there is no family x"),
        ("csc_clock_open", {"clock": "visit"}, "csc_clock_open wants clock to be one of: assessment, assessment_from"),
        ("csc_clock_completed_within", {"clock": "cp_visit"}, "clock to be one of: assessment, .*, conference$"),
        (
            "csc_clock_completed_within",
            {"clock": "conference", "window": "365d", "working_days": "45"},
            r"working_days to be one of: 10, 15, 20, \+Inf$",
        ),
        ("csc_referrals", {"window": "28d", "colour": "red"}, "has no label colour: it has team, window$"),
        ("csc_facts", {"team": "north", "state": "current"}, "has no label team: it has state$"),
    ],
)
def test_what_is_not_a_number_behind_which_records_lie_is_refused_by_name(
    family: str, labels: dict[str, str], says: str
) -> None:
    with pytest.raises(NoListError, match=says):
        wanted(family, labels)


def test_every_family_that_no_records_lie_behind_says_what_it_is() -> None:
    for family in other_families():
        with pytest.raises(NoListError, match=r"it is .*, not a count$"):
            wanted(family, {})
