import re

from deploy.documents.indicators import page
from services.metrics import bookkeeping, exposition, reconciliation
from services.metrics.clocks import clocks
from services.metrics.indicators import indicators, strands

PAGE = page()


def test_every_family_has_a_line_that_says_what_it_counts() -> None:
    families = {family.name: family.meaning for strand in strands() for family in strand.families}
    others = exposition.OF_THE_WHOLE | bookkeeping.FAMILIES | reconciliation.FAMILIES
    for name, meaning in (families | others).items():
        assert re.search(rf"\| `{name}(_total)?` \| {re.escape(meaning)} \|", PAGE), name


def test_every_clock_says_what_starts_and_stops_it_when_it_is_due_and_who_says_so() -> None:
    for clock in clocks():
        section = PAGE.partition(f"### `{clock.name}`")[2].partition("###")[0]
        assert f"**Starts:** {clock.starts}" in section
        assert f"**Stops:** {clock.stops}" in section
        assert "**Due:** " in section
        assert re.search(r"olic|Working Together|Regulation|guidance|census|practice|own due date", section), clock.name


def test_every_indicator_says_what_it_does_not_say_and_what_to_read_beside_it() -> None:
    for indicator in indicators():
        section = PAGE.partition(f"## {indicator.title}\n")[2].partition("\n## ")[0]
        assert f"**What it does not say:** {indicator.silent_on}" in section
        assert f"**Read beside it:** {indicator.balance}" in section


def test_sentences_end_and_tables_hold_together() -> None:
    for indicator in indicators():
        texts = (indicator.meaning, indicator.numerator, indicator.exclusions, indicator.silent_on, indicator.breached)
        assert all(text.endswith((".", "?")) for text in texts), indicator.title
    widths = [line.count(" | ") for line in PAGE.splitlines() if line.startswith("| `csc_")]
    assert set(widths) <= {1, 3}


def test_what_a_family_needs_is_said_for_each_label_where_it_differs() -> None:
    assert "`in_need`: `csc.referral.decided`; `child_protection`: `csc.cp_plan.started`" in PAGE
