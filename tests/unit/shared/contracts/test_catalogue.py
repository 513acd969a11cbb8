"""The catalogue against the contract's tables, copied here field by field (* = optional)."""

import pytest

from shared.contracts.catalogue import CATALOGUE, types_of

REFERRALS = """
csc.contact.received | contact id | child_id *team_id source_code
csc.contact.decided | contact id | child_id outcome
csc.referral.received | referral id | child_id *team_id source_code *primary_need
csc.referral.decided | referral id | child_id outcome
csc.case.closed | referral id | child_id reason
csc.assessment.started | assessment id | child_id referral_id *team_id
csc.assessment.authorised | assessment id | child_id *outcome *child_seen
csc.section47.started | enquiry id | child_id *referral_id *team_id
csc.section47.completed | enquiry id | child_id outcome
csc.conference.held | conference id | child_id *section47_id *notification_id outcome
csc.transfer_in.notified | notification id | child_id *team_id
csc.transfer_in.closed | notification id | child_id
csc.cp_plan.started | plan id | child_id *team_id category
csc.cp_plan.ended | plan id | child_id
csc.core_group.held | meeting id | child_id plan_id
csc.cp_review.held | review id | child_id plan_id
csc.cin_plan.started | plan id | child_id *team_id
csc.cin_plan.ended | plan id | child_id
csc.care.started | period-of-care id | child_id *team_id
csc.care.ended | period-of-care id | child_id
csc.placement.started | placement id | child_id care_id regime
csc.placement.regime_changed | change id | child_id placement_id regime
csc.placement.ended | placement id | child_id
csc.care_review.held | review id | child_id care_id
csc.visit.recorded | visit id | child_id purpose *record_id seen *seen_alone
csc.missing.returned | missing-episode id | child_id *team_id
csc.return_interview.held | missing-episode id | child_id *outcome
csc.audit.completed | audit id | team_id grade *child_id
csc.audit_action.raised | action id | team_id due *audit_id
csc.audit_action.completed | action id |
csc.audit_action.verified | action id |
"""
WORKFORCE = """
csc.case.allocated | allocation id | child_id worker_id *team_id role
csc.case.deallocated | allocation id | child_id *reason
csc.employment.started | employment id | worker_id team_id fte contract role *asye_until *manager_id *covers_vacancy
csc.employment.ended | employment id | reason
csc.absence.started | absence id | worker_id reason
csc.absence.ended | absence id |
csc.establishment.reported | team id | vacant_fte *posts_fte
csc.team.described | team id | *name *area
csc.supervision.held | supervision id | worker_id supervisor_id kind
"""

Row = tuple[str, str, str]


def _rows(table: str) -> list[Row]:
    cells = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
    return [(name, subject, fields) for name, subject, fields in cells]


ROWS = _rows(REFERRALS) + _rows(WORKFORCE)


def test_the_catalogue_holds_the_types_of_the_contract_in_its_order() -> None:
    assert list(CATALOGUE) == [name for name, _, _ in ROWS]


@pytest.mark.parametrize(("service", "table"), [("referrals", REFERRALS), ("workforce", WORKFORCE)])
def test_each_service_owns_the_types_of_its_table(service: str, table: str) -> None:
    assert [row.name for row in types_of(service)] == [name for name, _, _ in _rows(table)]


@pytest.mark.parametrize(("name", "subject", "fields"), ROWS, ids=[name for name, _, _ in ROWS])
def test_a_type_has_the_subject_and_fields_of_the_contract(name: str, subject: str, fields: str) -> None:
    row = CATALOGUE[name]
    optional = {field[1:] for field in fields.split() if field.startswith("*")}
    required = {field for field in fields.split() if not field.startswith("*")}
    found = row.payload.model_fields
    assert row.subject == subject
    assert {field for field, is_ in found.items() if is_.is_required()} == required
    assert {field for field, is_ in found.items() if not is_.is_required()} == optional
    assert row.per_child == ("child_id" in required)
    assert row.data_required == bool(required)


def test_only_allocation_types_travel_on_the_allocation_stream() -> None:
    assert {row.name for row in CATALOGUE.values() if row.stream == "csc.allocation"} == {
        "csc.case.allocated",
        "csc.case.deallocated",
    }


def test_there_is_one_state_report_type() -> None:
    assert [row.name for row in CATALOGUE.values() if row.state_report] == ["csc.establishment.reported"]


def test_every_type_says_in_a_line_what_it_means() -> None:
    assert all(row.doc.endswith(".") and "\n" not in row.doc for row in CATALOGUE.values())
