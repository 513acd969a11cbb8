"""The policy file says what holds without it, and its document explains every key."""

from dataclasses import fields
from decimal import Decimal

from shared.domain.policy import Policy, PolicyBook, parse_policy
from tests.house.documents import blocks
from tests.house.sources import HOUSE

FILE = (HOUSE / "deploy/policy.toml").read_text()
DOCUMENT = (HOUSE / "docs/policy.md").read_text()
NO_DEFAULT = {"population"}
KEYS = [(table.name, key.name) for table in fields(Policy) for key in fields(getattr(Policy(), table.name))]


def test_the_policy_file_says_the_defaults() -> None:
    assert parse_policy(FILE) == PolicyBook()


def test_the_policy_file_says_every_default_and_shows_every_key() -> None:
    assert len(KEYS) > 8
    for table, key in KEYS:
        comment = "# " if table in NO_DEFAULT else ""
        section = FILE.partition(f"\n{comment}[{table}]\n")[2].partition("\n[")[0]
        assert f"\n{comment}{key} = " in f"\n{section}", f"{table}.{key}"


def test_what_is_shown_as_a_comment_may_be_said() -> None:
    book = parse_policy(FILE.replace("# [population]", "[population]").replace("# children =", "children ="))
    assert book.general.population.children == 60_000


def test_the_document_names_every_key_with_its_default() -> None:
    for table, key in KEYS:
        default = "none" if table in NO_DEFAULT else str(getattr(getattr(Policy(), table), key))
        assert any(
            row.startswith(f"| `{table}.{key}` |") and f"| {default} |" in row for row in DOCUMENT.splitlines()
        ), f"{table}.{key}"


def test_the_example_in_the_document_means_what_is_said_of_it() -> None:
    (example,) = blocks(DOCUMENT, "toml")
    book = parse_policy(example)
    barnet, others = book.of("E09000003").caseload, book.of("E06000052").caseload
    assert (barnet.amber, others.amber) == (Decimal(16), Decimal(17))
    assert barnet.red == others.red == Policy().caseload.red
