"""The exposition of one recorded week is what was reviewed, to the letter."""

from tests.golden.recorded import TEXT, text_of_the_week


def family_of(line: str) -> str:
    return line.split()[2] if line.startswith("#") else line.partition("{")[0].partition(" ")[0]


def test_the_recorded_week_reads_as_it_was_reviewed() -> None:
    """Families that came to the house since are for their own tests."""
    reviewed = TEXT.read_text().splitlines()
    families = {family_of(line) for line in reviewed}
    assert [line for line in text_of_the_week().splitlines() if family_of(line) in families] == reviewed
