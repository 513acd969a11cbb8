"""Payloads take what the contract says, as the type that it says, and nothing else."""

from datetime import date
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.examples import EXAMPLES
from shared.contracts.payloads import Day, EmploymentStarted, Fte, Id, Posts, SourceCode, Words

REQUIRED = [
    (row.name, field)
    for row in CATALOGUE.values()
    for field, info in row.payload.model_fields.items()
    if info.is_required()
]
OPTIONAL = [
    (row.name, field)
    for row in CATALOGUE.values()
    for field, info in row.payload.model_fields.items()
    if not info.is_required()
]


def takes(kind: Any, value: object) -> bool:
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def faults(name: str, data: dict[str, Any]) -> list[tuple[Any, ...]]:
    try:
        CATALOGUE[name].payload.model_validate(data)
    except ValidationError as error:
        return [fault["loc"] for fault in error.errors()]
    return []


@pytest.mark.parametrize(("name", "field"), REQUIRED)
def test_a_required_field_may_be_neither_missing_nor_null_nor_a_list(name: str, field: str) -> None:
    data = EXAMPLES[name]["data"]
    without = {key: value for key, value in data.items() if key != field}
    assert faults(name, without) == faults(name, data | {field: None}) == faults(name, data | {field: []}) == [(field,)]


@pytest.mark.parametrize(("name", "field"), OPTIONAL)
def test_null_in_an_optional_field_is_as_if_it_were_not_there(name: str, field: str) -> None:
    data = EXAMPLES[name]["data"]
    payload = CATALOGUE[name].payload
    without = {key: value for key, value in data.items() if key != field}
    assert payload.model_validate(data | {field: None}) == payload.model_validate(without)
    assert faults(name, data | {field: []}) == [(field,)]


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_unknown_field_is_refused_even_if_it_is_null(name: str) -> None:
    assert faults(name, EXAMPLES[name]["data"] | {"forename": None}) == [("forename",)]


@given(st.from_regex(r"\A[A-Za-z0-9._:-]{1,64}\Z").filter(lambda text: text != "unassigned"))
def test_an_id_is_any_text_of_its_alphabet(text: str) -> None:
    assert takes(Id, text)


@pytest.mark.parametrize("text", ["", "a" * 65, "a b", "a\n", "é", "a/b", "unassigned", 7, True, None])
def test_an_id_has_no_other_characters_and_is_no_reserved_word(text: object) -> None:
    assert not takes(Id, text)


def test_the_reserved_word_is_reserved_in_that_spelling_only() -> None:
    assert takes(Id, "Unassigned")
    assert takes(Id, "unassigned.")


@pytest.mark.parametrize("value", [1, 1.0, 0.01, 0.5, 5e-324])
def test_an_fte_lies_over_0_and_reaches_1(value: float) -> None:
    assert takes(Fte, value)


@pytest.mark.parametrize("value", [0, 0.0, -0.5, 1.0000001, 2, True, "1", None, float("nan"), float("inf")])
def test_no_other_fte_is_taken(value: object) -> None:
    assert not takes(Fte, value)


@pytest.mark.parametrize(("value", "taken"), [(0, True), (0.0, True), (12.5, True), (-0.1, False), (True, False)])
def test_posts_are_a_number_from_0(value: object, taken: bool) -> None:
    assert takes(Posts, value) is taken
    assert not takes(Posts, float("inf"))


@given(st.dates())
def test_a_date_is_taken_as_it_is_written(day: date) -> None:
    assert TypeAdapter(Day).validate_python(day.isoformat(), strict=True) == day


@pytest.mark.parametrize(
    "value",
    [
        "2025-02-29",
        "2025-13-01",
        "20250301",
        "2025-3-1",
        "2025-03-01T00:00:00",
        "2025-W09-1",
        "0000-01-01",
        "2025-03-01 ",
        "202\N{ARABIC-INDIC DIGIT FIVE}-03-01",
        "",
        20250301,
        date(2025, 3, 1),
        None,
    ],
)
def test_no_other_date_is_taken(value: object) -> None:
    assert not takes(Day, value)


@pytest.mark.parametrize("text", ["North & West", "Tŷ Gwyn", "O'Neil-Smith 2", "Größe", "界", "a" * 64])
def test_words_are_letters_digits_spaces_and_three_signs(text: str) -> None:
    assert takes(Words, text)


@pytest.mark.parametrize(
    "text", ["", "a" * 65, "a\n", "a\tb", "a.b", "a_b", "<b>", 'a"b', "a\N{NO-BREAK SPACE}b", "😀", 1]
)
def test_no_other_words_are_taken(text: object) -> None:
    assert not takes(Words, text)


def test_the_source_codes_are_those_of_the_census() -> None:
    codes = {
        f"{group}{letter}" for group, letters in (("1", "ABCD"), ("3", "ABCDEF"), ("5", "ABCD")) for letter in letters
    }
    codes |= {"2A", "2B", "4", "6", "7", "8", "9", "10"}
    assert set(get_args(SourceCode)) == codes


@pytest.mark.parametrize("value", [0, 1, "true", "false", []])
def test_only_true_and_false_are_booleans(value: object) -> None:
    assert faults("csc.visit.recorded", EXAMPLES["csc.visit.recorded"]["data"] | {"seen": value}) == [("seen",)]


@pytest.mark.parametrize(
    ("name", "field", "taken", "refused"),
    [
        (
            "csc.assessment.authorised",
            "outcome",
            ["a", "no_further_action", "a" * 32],
            ["", "A", "a1", "a" * 33, "a\n"],
        ),
        ("csc.case.deallocated", "reason", ["Left", "a_B", "A" * 32], ["", "a b", "a1", "a" * 33, "é"]),
    ],
)
def test_a_word_of_the_source_keeps_to_its_alphabet(
    name: str, field: str, taken: list[str], refused: list[str]
) -> None:
    data = EXAMPLES[name]["data"]
    assert [faults(name, data | {field: value}) for value in taken] == [[]] * len(taken)
    assert [faults(name, data | {field: value}) for value in refused] == [[(field,)]] * len(refused)


def test_a_payload_cannot_be_changed_after_it_was_judged() -> None:
    payload = EmploymentStarted.model_validate(EXAMPLES["csc.employment.started"]["data"])
    with pytest.raises(ValidationError, match="frozen"):
        payload.fte = 0.5  # type: ignore[misc]


CHOICES = """
csc.contact.decided outcome: referral early_help advice no_further_action existing_case
csc.referral.received primary_need: N0 N1 N2 N3 N4 N5 N6 N7 N8 N9
csc.referral.decided outcome: assessment strategy_discussion early_help advice no_further_action
csc.case.closed reason: RC1 RC2 RC3 RC4 RC5 RC6 RC7 RC8 RC9
csc.section47.completed outcome: conference no_conference
csc.conference.held outcome: plan no_plan
csc.cp_plan.started category: NEG PHY SAB EMO MUL
csc.placement.started regime: standard long_term long_term_foster weekly_then_six_weeks weekly_then_four_weeks
csc.placement.regime_changed regime: standard long_term long_term_foster weekly_then_six_weeks weekly_then_four_weeks
csc.visit.recorded purpose: cp cin care assessment
csc.return_interview.held outcome: held declined not_needed
csc.audit.completed grade: outstanding good requires_improvement inadequate
csc.case.allocated role: lead co_worker
csc.employment.started contract: permanent agency
csc.employment.started role: senior_manager middle_manager first_line_manager senior_practitioner case_holder qualified_without_cases
csc.employment.ended reason: left moved
csc.absence.started reason: sickness maternity other
csc.supervision.held kind: one_to_one peer group
"""  # noqa: E501  (the contract, a field a line)


@pytest.mark.parametrize("line", CHOICES.strip().splitlines())
def test_a_choice_is_one_of_the_contract(line: str) -> None:
    field, _, values = line.partition(": ")
    name, _, field = field.partition(" ")
    annotation = CATALOGUE[name].payload.model_fields[field].annotation
    choices = [each for each in (annotation, *get_args(annotation)) if get_origin(each) is Literal]
    assert [set(get_args(each)) for each in choices] == [set(values.split())]
