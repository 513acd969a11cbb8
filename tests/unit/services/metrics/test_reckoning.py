import random

import orjson
import pytest

from services.metrics.fact import decode
from services.metrics.indicators import strands
from services.metrics.reckoning import Figures, Rules, differences, parse, reckon
from services.metrics.tally import AsOf, Windowed
from shared.domain.calendar import england_and_wales
from shared.domain.policy import PolicyBook
from tests.oracle.examples import AUTHORITY, said
from tests.unit.services.metrics.product import NOW, Product

RULES = Rules(strands(), england_and_wales(), PolicyBook())


def reckoned(*events: dict[str, object]) -> Figures:
    return reckon([decode(orjson.dumps({"id": str(n), **event})) for n, event in enumerate(events)], NOW, RULES)


def test_what_never_came_has_no_figures() -> None:
    assert reckoned() == {}


def test_of_several_versions_the_highest_counts_in_any_order() -> None:
    versions = [
        said("referral.received", "r1", "2026-02-27", team_id=f"t{number}", recordversion=number) for number in range(4)
    ]
    for _ in range(5):
        random.Random(1).shuffle(versions)
        figures = reckoned(*versions)
        assert figures[f'csc_referrals{{authority="{AUTHORITY}",team="t3",window="28d"}}'] == "1"
        assert figures[f'csc_referrals{{authority="{AUTHORITY}",team="t0",window="28d"}}'] == "0"
        assert figures[f'csc_facts{{authority="{AUTHORITY}",state="superseded"}}'] == "3"


def test_events_of_days_to_come_do_not_count() -> None:
    assert reckoned(said("referral.received", "r1", "2026-03-03")) == {}


def test_labels_are_written_as_they_are_exposed() -> None:
    source = 'urn:a"b\\c'
    event = said("referral.received", "r1", "2026-02-27", source=source)
    product = Product()
    product.fold(event)
    product.text()
    assert differences(parse(product.exposition.write(product.snapshot()).body), reckoned(event)) == []


def test_differences_are_series_that_one_lacks_or_has_otherwise() -> None:
    assert differences({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "4", "d": "5"}) == ["a", "c", "d"]


def test_a_measurement_that_forgets_to_move_its_windows_on_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def stuck(self: Windowed, as_of: AsOf) -> None:
        if not hasattr(self, "_begins"):
            roll(self, as_of)

    roll = Windowed.roll
    event = said("referral.received", "r1", "2026-02-02")
    product = Product(NOW.replace(month=2))
    monkeypatch.setattr(Windowed, "roll", stuck)
    product.fold(event)
    product.text(NOW.replace(month=2))
    shown = parse(product.exposition.write(product.snapshot(NOW)).body)
    monkeypatch.undo()
    found = differences(shown, reckoned(event))
    assert f'csc_referrals{{authority="{AUTHORITY}",team="unassigned",window="28d"}}' in found
