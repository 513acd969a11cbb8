"""The partition of an authority is part of what is stored: it must never change."""

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.streams import PARTITIONS, PRODUCERS, STREAMS, partition_of, stream_key


def test_partitions_of_known_authorities_stay_where_they_are() -> None:
    assert {code: partition_of(code) for code in ("E09000003", "E06000001", "E06000002", "E10000014")} == {
        "E09000003": 5,
        "E06000001": 0,
        "E06000002": 10,
        "E10000014": 10,
    }


@given(st.from_regex(r"\AE[0-9]{8}\Z"))
def test_every_authority_has_a_partition_that_exists(authority: str) -> None:
    assert 0 <= partition_of(authority) < PARTITIONS


def test_authorities_spread_over_all_partitions() -> None:
    assert {partition_of(f"E0900{number:04}") for number in range(400)} == set(range(PARTITIONS))


def test_a_key_names_its_stream_and_its_partition() -> None:
    assert stream_key("csc.referral", 0) == "csc.referral.{0}"


def test_every_stream_has_one_producer_of_the_two() -> None:
    assert tuple(PRODUCERS) == STREAMS
    assert set(PRODUCERS.values()) == {"referrals", "workforce"}
