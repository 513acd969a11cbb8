"""What is said of a file that cannot be taken in."""

from deploy.census.errors import CensusError


def test_message_says_file_line_problem_and_remedy() -> None:
    said = str(CensusError("has no Header", "Export it again", line=7, file="a.xml"))
    assert said == "a.xml, line 7: has no Header. Export it again."


def test_message_without_place_begins_with_the_problem() -> None:
    assert str(CensusError("has no Header", "Export it again")) == "has no Header. Export it again."
