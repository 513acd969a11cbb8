from collections import Counter
from datetime import date
from random import Random

import pytest

from deploy.rehearsal.rhythm import Coin, Drip, Hand, Spans, almanac, poisson


def test_the_almanac_agrees_with_the_calendar_over_easter() -> None:
    start = date(2026, 3, 26).toordinal()
    assert date.fromordinal(almanac().add(start, 45)) == date(2026, 6, 3)
    assert almanac().between(start, date(2026, 6, 3).toordinal()) == 45


def test_beyond_the_calendar_every_weekday_is_a_working_day() -> None:
    christmas = date(2060, 12, 25)
    assert christmas.weekday() == 5
    assert not almanac().works(christmas.toordinal())
    assert almanac().works(date(2060, 12, 27).toordinal())


def test_august_christmas_and_weekends_are_quiet() -> None:
    def weight(*day: int) -> float:
        return almanac().weight(date(*day).toordinal())

    assert weight(2025, 8, 6) < 0.85 * weight(2025, 9, 10)
    assert weight(2025, 12, 25) < 0.2 * weight(2025, 12, 18)
    assert weight(2025, 9, 13) < 0.2 * weight(2025, 9, 10)


def test_a_year_is_as_busy_as_the_average_year() -> None:
    days = range(date(2025, 4, 1).toordinal(), date(2026, 4, 1).toordinal())
    assert sum(map(almanac().weight, days)) / len(days) == pytest.approx(1, abs=0.01)


def test_a_hand_deals_each_its_share_also_the_rarest() -> None:
    hand = Hand(Random(1), (("often", 98.9), ("now and then", 1.0), ("rarely", 0.1)))
    dealt = Counter(hand.deal() for _ in range(10_000))
    assert dealt["rarely"] == pytest.approx(10, abs=1)
    assert dealt["now and then"] == pytest.approx(100, abs=2)


def test_spans_stay_in_their_brackets_and_reach_both_ends() -> None:
    spans = Spans(Random(1), ((1, 3, 50.0), (10, 12, 50.0)))
    dealt = Counter(spans.deal() for _ in range(2000))
    assert set(dealt) == {1, 2, 3, 10, 11, 12}
    assert sum(dealt[day] for day in (1, 2, 3)) == pytest.approx(1000, abs=1)


def test_a_coin_falls_on_its_share() -> None:
    coin = Coin(Random(1), 0.226)
    assert sum(coin.toss() for _ in range(4000)) == pytest.approx(904, abs=2)


def test_a_drip_is_never_far_from_what_it_owes() -> None:
    drip = Drip(Random(1))
    assert sum(drip.drip(0.09) for _ in range(1000)) == pytest.approx(90, abs=9)


@pytest.mark.parametrize("mean", [0.5, 20.0, 80.0])
def test_poisson_has_its_mean_and_its_spread(mean: float) -> None:
    rng = Random(1)
    counts = [poisson(rng, mean) for _ in range(4000)]
    average = sum(counts) / len(counts)
    assert average == pytest.approx(mean, rel=0.06)
    assert sum((count - average) ** 2 for count in counts) / len(counts) == pytest.approx(mean, rel=0.1)
