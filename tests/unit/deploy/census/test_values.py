"""Single values: what is taken, and how what is not taken is counted."""

from datetime import date

import pytest

from deploy.census.markup import Record
from deploy.census.values import (
    CATEGORIES,
    SOURCE_CODES,
    LeftOut,
    optional_code,
    optional_day,
    parse_day,
    required_code,
    required_day,
    required_flag,
)


def holding(element: str, text: str) -> Record:
    return Record("CINdetails", 12, {}, parts={element: [Record(element, 13, {}, text=text)]})


@pytest.mark.parametrize("text", ["2024-02-29", "2024-02-29Z", "2024-02-29+01:00", "2024-02-29T00:00:00"])
def test_dates_are_taken_as_xml_schema_writes_them(text: str) -> None:
    assert parse_day(text) == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "29/02/2024",
        "2023-02-29",
        "20240229",
        "2024-W09-4",
        "0024-02-29",
        "2024-02-29T10:00:00",
        "٢٠٢٤-02-29",
    ],
)
def test_other_texts_are_no_dates(text: str) -> None:
    assert parse_day(text) is None


def test_absent_optional_values_are_not_counted() -> None:
    left_out, empty = LeftOut(), Record("CINdetails", 12, {})
    assert optional_day(empty, "CINclosureDate", left_out) is None
    assert optional_code(empty, "PrimaryNeedCode", SOURCE_CODES, left_out) is None
    assert not left_out


def test_absent_required_values_are_counted_once_each() -> None:
    left_out, empty = LeftOut(), Record("CINdetails", 12, {})
    assert required_day(empty, "CINreferralDate", left_out) is None
    assert required_code(empty, "ReferralSource", SOURCE_CODES, left_out) is None
    assert required_flag(empty, "ReferralNFA", left_out) is None
    assert left_out == {
        "CINreferralDate: missing": 1,
        "ReferralSource: missing": 1,
        "ReferralNFA: missing": 1,
    }


def test_unusable_values_are_counted_with_first_line_and_without_the_value() -> None:
    left_out = LeftOut()
    for line in (12, 40):
        record = holding("CINreferralDate", "Jo Bloggs")
        record.line = line
        required_day(record, "CINreferralDate", left_out)
    assert left_out == {"CINreferralDate: not a date": 2}
    assert left_out.first_line == {"CINreferralDate: not a date": 12}


def test_codes_are_taken_in_small_letters_and_with_spaces_too() -> None:
    assert required_code(holding("ReferralSource", " 5d\n"), "ReferralSource", SOURCE_CODES, LeftOut()) == "5D"
    assert required_code(holding("X", "neg"), "X", CATEGORIES, LeftOut()) == "NEG"


def test_unknown_codes_are_counted() -> None:
    left_out = LeftOut()
    assert required_code(holding("ReferralSource", "5E"), "ReferralSource", SOURCE_CODES, left_out) is None
    assert left_out == {"ReferralSource: not a code that is carried": 1}


@pytest.mark.parametrize(
    ("text", "flag"), [("1", True), ("true", True), ("True", True), ("0", False), ("false", False)]
)
def test_flags_are_read_in_both_spellings(text: str, flag: bool) -> None:
    assert required_flag(holding("ReferralNFA", text), "ReferralNFA", LeftOut()) is flag


def test_other_flags_are_counted() -> None:
    left_out = LeftOut()
    assert required_flag(holding("ReferralNFA", "Y"), "ReferralNFA", left_out) is None
    assert left_out == {"ReferralNFA: not 0, 1, true or false": 1}
