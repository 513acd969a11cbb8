"""The exposition of one recorded week is what was reviewed, to the letter."""

from tests.golden.recorded import TEXT, text_of_the_week


def test_the_recorded_week_reads_as_it_was_reviewed() -> None:
    assert text_of_the_week().splitlines() == TEXT.read_text().splitlines()
