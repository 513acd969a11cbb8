import pytest

from shared.contracts.admission import EVERYTHING
from shared.runtime import keys
from shared.runtime.keys import Rates, Sender


class Watch:
    """Seconds, as a test turns them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(keys, "monotonic", lambda: self.now)


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(monkeypatch)


SLOW = Sender("slow", EVERYTHING, 10)


def test_a_sender_without_a_rate_never_waits(watch: Watch) -> None:
    rates = Rates()
    assert [rates.wait(Sender("fast", EVERYTHING, None), 10_000) for _ in range(5)] == [0.0] * 5


def test_ten_seconds_of_the_rate_may_come_at_once(watch: Watch) -> None:
    rates = Rates()
    assert rates.wait(SLOW, 60) == 0
    assert rates.wait(SLOW, 40) == 0
    assert rates.wait(SLOW, 1) == pytest.approx(0.1)


def test_after_the_time_that_was_told_there_is_room(watch: Watch) -> None:
    rates = Rates()
    rates.wait(SLOW, 100)
    told = rates.wait(SLOW, 25)
    assert told == pytest.approx(2.5)
    watch.now += told - 0.01
    assert rates.wait(SLOW, 25) > 0
    watch.now += 0.02
    assert rates.wait(SLOW, 25) == 0


def test_in_the_long_run_the_rate_holds(watch: Watch) -> None:
    rates, passed = Rates(), 0
    for _ in range(10_000):
        watch.now += 0.01
        passed += 7 if rates.wait(SLOW, 7) == 0 else 0
    assert 1000 <= passed <= 1000 + 100


def test_a_batch_larger_than_the_bucket_passes_when_full_and_is_paid_for(watch: Watch) -> None:
    rates = Rates()
    assert rates.wait(SLOW, 1) == 0
    assert rates.wait(SLOW, 500) == pytest.approx(0.1)
    watch.now += 0.11
    assert rates.wait(SLOW, 500) == 0
    assert rates.wait(SLOW, 1) == pytest.approx(40.1)


def test_senders_do_not_wait_for_each_other(watch: Watch) -> None:
    rates = Rates()
    rates.wait(SLOW, 100)
    assert rates.wait(SLOW, 1) > 0
    assert rates.wait(Sender("other", EVERYTHING, 10), 1) == 0
