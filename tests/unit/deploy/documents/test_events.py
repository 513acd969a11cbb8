"""The page about events says all that the contract has."""

import json
import re

import pytest

from deploy.documents.events import allowed, page
from shared.contracts.admission import Reason
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.envelope import Upsert
from shared.contracts.examples import EXAMPLES
from shared.contracts.streams import STREAMS
from shared.runtime.specification import ANSWERS

PAGE = page()
SECTION = dict(re.findall(r"^#### `(.+?)`\n(.*?)(?=^#{2,4} |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_every_type_has_its_section_in_the_order_of_the_contract() -> None:
    assert list(SECTION) == list(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_section_shows_subject_fields_values_and_an_example(name: str) -> None:
    row, section = CATALOGUE[name], SECTION[name]
    assert row.doc in section
    assert f"Subject: the {row.subject}." in section
    assert f"(schemas/{name}.json)" in section
    lines = re.findall(r"^\| `(\w+)` \| (required|optional) \| \S.* \| \S.* \|$", section, re.MULTILINE)
    fields = row.payload.model_fields.items()
    assert lines == [(field, "required" if about.is_required() else "optional") for field, about in fields]
    shown = re.findall(r"```json\n(.*?)\n```", section)
    assert [json.loads(each) for each in shown] == ([EXAMPLES[name]["data"]] if lines else [])


def test_every_code_that_a_field_may_have_is_shown() -> None:
    assert (
        "| `grade` | required | `outstanding` `good` `requires_improvement` `inadequate` |"
        in SECTION["csc.audit.completed"]
    )
    assert "| `fte` | required | a number, over 0, at most 1 |" in SECTION["csc.employment.started"]
    assert "| `due` | required | a date, `YYYY-MM-DD` |" in SECTION["csc.audit_action.raised"]
    assert "| `outcome` | optional | `[a-z_]{1,32}` |" in SECTION["csc.assessment.authorised"]
    assert "| `seen_alone` | optional | `true` `false` |" in SECTION["csc.visit.recorded"]


@pytest.mark.parametrize("named", [*Upsert.model_fields.keys() - {"data_base64"}, *Reason, *ANSWERS, "202"])
def test_attributes_reasons_and_answers_are_rows_of_a_table(named: str) -> None:
    assert re.search(rf"^\| `?{named}`? \| \S", PAGE, re.MULTILINE)


def test_streams_have_their_headings_and_services_theirs() -> None:
    assert re.findall(r"^### Stream `(.+)`$", PAGE, re.MULTILINE) == list(STREAMS)
    assert re.findall(r"^## Types that the (\w+) service takes$", PAGE, re.MULTILINE) == ["referrals", "workforce"]


def test_a_value_for_which_there_are_no_words_is_an_error() -> None:
    with pytest.raises(KeyError):
        allowed({"type": "array"})
