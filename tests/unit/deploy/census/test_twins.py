"""Record ids: the same for the same record, whatever stands beside it."""

import re
from datetime import date
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from deploy.census.twins import Dated, identified, record_id

MAY = date(2024, 5, 1)


def lasting(until: date, record: str = "a", closed: date = date.max) -> Dated[str]:
    return Dated(MAY, until, closed, "", record)


def test_ids_are_what_the_contract_takes_and_say_nothing_of_the_child() -> None:
    made = record_id("CHILD-1", "referral", MAY, 0)
    assert re.fullmatch(r"cin-[0-9a-f]{32}", made)
    assert len({made, record_id("CHILD-2", "referral", MAY, 0), record_id("CHILD-1", "cin_plan", MAY, 0)}) == 3


def test_the_id_of_a_known_record_never_changes() -> None:
    """A change here doubles the history of every council that imports its next return."""
    assert record_id("C1", "referral", MAY, 0) == "cin-c6bb80156d9da28b104528aaa125a0d2"


def test_the_twin_that_lasts_keeps_its_id_when_the_other_is_gone() -> None:
    ended, running = lasting(date(2024, 6, 1)), lasting(date.max)
    assert [item for _, item in identified("C1", "x", [ended, running])] == [running, ended]
    assert [subject for subject, _ in identified("C1", "x", [running])] == [record_id("C1", "x", MAY, 0)]


def test_of_two_open_twins_the_one_in_the_open_episode_keeps_its_id() -> None:
    closed, running = lasting(date.max, closed=date(2024, 6, 1)), lasting(date.max)
    assert [item for _, item in identified("C1", "x", [closed, running])] == [running, closed]


items = st.builds(
    Dated,
    st.dates(MAY, date(2024, 5, 3)),
    st.sampled_from([date(2024, 6, 1), date(2024, 7, 1), date.max]),
    st.sampled_from([date(2024, 8, 1), date.max]),
    st.sampled_from(["", "r1", "r2"]),
    st.sampled_from(["a", "b"]),
)


@given(st.lists(items), st.randoms(use_true_random=False))
def test_order_in_the_file_decides_nothing(dated: list[Dated[str]], random: Random) -> None:
    shuffled = random.sample(dated, len(dated))
    assert list(identified("C1", "x", shuffled)) == list(identified("C1", "x", dated))


@given(st.lists(items))
def test_every_record_has_an_id_of_its_own(dated: list[Dated[str]]) -> None:
    assert len({subject for subject, _ in identified("C1", "x", dated)}) == len(dated)
