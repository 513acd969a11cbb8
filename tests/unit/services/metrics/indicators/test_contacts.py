from datetime import date

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.contacts import INDICATOR, OUTCOMES, contacts
from tests.oracle.examples import Example, contact, example, on_windows, said
from tests.unit.services.metrics.product import about, marked, view_of, wrong_either_way

OWN = [
    example(
        "a withdrawn decision leaves the contact undecided",
        contact("k1", "2026-02-20"),
        said("contact.decided", "k1", "2026-02-20", outcome="advice"),
        said("contact.decided", "k1", "2026-02-20", op="withdraw", recordversion=1),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 1, 1, 1),
    ),
    example(
        "a contact counts by the day it was received, not by that of its decision",
        contact("k1", "2025-11-20"),
        said("contact.decided", "k1", "2026-03-02", outcome="referral"),
        expected=on_windows("csc_contacts", 'outcome="referral",team="north"', 0, 0, 1),
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_contacts_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


@pytest.mark.parametrize("outcome", OUTCOMES[:-1])
def test_a_contact_is_marked_under_its_outcome_on_its_day(outcome: str) -> None:
    decided = said("contact.decided", "k1", "2026-02-24", outcome=outcome)
    child = view_of(Kind.CHILD, "c1", contact("k1", "2026-02-20"), decided)
    assert marked(contacts(child)) == [("north", (OUTCOMES.index(outcome), date(2026, 2, 20), 1), "k1")]


def test_four_siblings_are_four_contacts() -> None:
    siblings = [contact("k1", "2026-02-20", child_id=f"c{n}") for n in range(4)]
    assert sum(len(marked(contacts(view_of(Kind.CHILD, f"c{n}", *siblings)))) for n in range(4)) == 4
