"""What the documents say can be done can be done, and what they name is there."""

from pathlib import Path

import pytest
import typer

from deploy.cli.commands import app
from shared.contracts.catalogue import CATALOGUE
from tests.house.documents import (
    blocks,
    commands,
    dead_links,
    terms_not_in_use,
    unknown_commands,
    unknown_names,
)
from tests.house.sources import HOUSE, PRODUCT, Source, python, sources

COMMAND = typer.main.get_command(app)
DOCUMENTS = [source for source in sources(HOUSE) if source.path.endswith(".md")]
PRODUCT_TEXT = "\n".join(source.text for source in python(HOUSE, *PRODUCT))
AT_THE_DOOR = {"README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md", "CHANGELOG.md"}


def test_the_documents_at_the_door_are_there_and_begin_with_a_title() -> None:
    assert {document.path for document in DOCUMENTS} >= AT_THE_DOOR
    assert [document.path for document in DOCUMENTS if not document.text.startswith("# ")] == []
    assert "Apache License" in (HOUSE / "LICENSE").read_text()


def test_every_command_in_a_document_can_be_given_as_it_is_written() -> None:
    assert sum(len(commands(document.text)) for document in DOCUMENTS) > 12
    assert unknown_commands(DOCUMENTS, COMMAND) == []


def test_every_file_that_a_document_names_is_there() -> None:
    assert dead_links(DOCUMENTS, HOUSE) == []


def test_every_figure_and_event_type_in_a_document_is_in_the_product() -> None:
    assert unknown_names(DOCUMENTS, PRODUCT_TEXT, CATALOGUE.keys()) == []


def test_every_term_of_the_glossary_is_used_in_the_code() -> None:
    assert terms_not_in_use((HOUSE / "GLOSSARY.md").read_text(), PRODUCT_TEXT) == []


def test_each_station_of_the_way_of_an_event_is_named_in_the_architecture() -> None:
    architecture = (HOUSE / "ARCHITECTURE.md").read_text()
    modules = {path.name for path in (HOUSE / "services/metrics").glob("*.py")} - {"__init__.py", "__main__.py"}
    stations = modules - {"reach.py", "strand.py", "tally.py", "timeliness.py", "views.py"}
    assert {name for name in stations if f"services/metrics/{name}" not in architecture} == set()


def test_the_readme_needs_two_commands() -> None:
    readme = (HOUSE / "README.md").read_text()
    assert [block.split()[:2] for block in blocks(readme, "sh")][:2] == [["./daymark", "demo"], ["./daymark", "test"]]


@pytest.mark.parametrize(
    "line",
    ["./daymark fly", "./daymark up --hover", "./daymark demo --pace fast", "./daymark keys lend", "./daymark import"],
)
def test_a_command_that_is_not_there_is_found(line: str) -> None:
    assert len(unknown_commands([Source("planted.md", f"```sh\n{line}\n```\n")], COMMAND)) == 1
    assert len(unknown_commands([Source("planted.md", f"so:\n\n    {line} \n")], COMMAND)) == 1


def test_a_dead_link_and_a_file_that_has_gone_are_found(tmp_path: Path) -> None:
    (tmp_path / "here.md").write_text("")
    text = "[a](here.md) [b](gone.md#part) [c](https://example.org/x) `services/gone.py` `not/a/path of ours` `gone/`"
    assert dead_links([Source("planted.md", text)], tmp_path) == [
        "planted.md: gone.md",
        "planted.md: services/gone.py",
        "planted.md: gone/",
    ]


def test_a_figure_an_event_type_and_a_term_that_are_not_there_are_found() -> None:
    text = "`csc_planted` and `csc.case.planted`, but `csc_known_total` and\n```python\ncsc_example\n```\n"
    assert unknown_names([Source("planted.md", text)], '"csc_known"', ()) == [
        "planted.md: csc.case.planted",
        "planted.md: csc_planted",
    ]
    assert terms_not_in_use("`Casebook`, `Bookcase`, `Unit.marks`", "class Casebook: marks") == ["Bookcase"]
