"""A year of a council's history from its Children in Need return, in one command."""

from datetime import date
from pathlib import Path

import pytest

from tests.journeys.running import KEY, Up, run
from tests.oracle.text import parse
from tests.unit.deploy.census.synthetic import invented, message_parts

AUTHORITY = "E09000003"


def send(up: Up, file: Path) -> object:
    return run("import", file, "--cin-census", "--authority", AUTHORITY, "--key", KEY, "--wait", *up.urls)


@pytest.fixture
def census(tmp_path: Path) -> Path:
    file = tmp_path / "return.xml"
    file.write_text("".join(message_parts(invented(1, 150, date(2025, 3, 31)))))
    return file


def test_a_return_becomes_figures_and_a_second_import_changes_nothing(up: Up, census: Path) -> None:
    first = send(up, census)
    assert first.returncode == 0, first.stderr
    figures = parse(up.figures())
    again = send(up, census)
    assert again.returncode == 0, again.stderr
    assert again.stdout.startswith("accepted 0, duplicate ")
    assert of_the_authority(parse(up.figures())) == of_the_authority(figures)
    assert sum(value for (family, _), value in of_the_authority(figures).items() if family == "csc_children") > 0


def test_a_return_without_a_header_is_refused_with_what_to_do(up: Up, census: Path) -> None:
    census.write_text("".join(message_parts(invented(1, 3, date(2025, 3, 31)), "")))
    told = send(up, census)
    assert told.returncode == 2
    assert "has no Header" in told.stderr
    assert "Traceback" not in told.stderr


def of_the_authority(figures: dict) -> dict:
    return {key: value for key, value in figures.items() if ("authority", AUTHORITY) in key[1]}
