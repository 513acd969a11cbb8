"""A child's episodes as the file has them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deploy.census.children import Assessment, CinPlan, CpPlan, Enquiry, Episode, read_episode
from deploy.census.markup import records
from deploy.census.values import LeftOut
from tests.unit.deploy.census.synthetic import child, episode, message

Reading = Callable[..., tuple[Episode, LeftOut]]


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    def read(**elements: Any) -> tuple[Episode, LeftOut]:
        path, left_out = tmp_path / "return.xml", LeftOut()
        path.write_text(message([child("C1", episode(**elements))]))
        return read_episode(list(records(path))[1].all("CINdetails")[0], left_out), left_out

    return read


def test_an_episode_with_everything_is_read_whole(reading: Reading) -> None:
    found, left_out = reading(
        PrimaryNeedCode="N1",
        CINclosureDate="2024-12-20",
        ReasonForClosure="RC7",
        Assessments=[{"AssessmentActualStartDate": "2024-05-02", "AssessmentAuthorisationDate": "2024-06-10"}],
        CINPlanDates=[{"CINPlanStartDate": "2024-06-11", "CINPlanEndDate": "2024-07-01"}],
        Section47=[{"S47ActualStartDate": "2024-06-20", "DateOfInitialCPC": "2024-07-01", "ICPCnotRequired": "0"}],
        ChildProtectionPlans=[
            {
                "CPPstartDate": "2024-07-01",
                "CPPendDate": "2024-12-20",
                "InitialCategoryOfAbuse": "NEG",
                "LatestCategoryOfAbuse": "EMO",
                "Reviews": {"CPPreviewDate": ["2024-12-01", "2024-09-20"]},
            }
        ],
    )
    assert not left_out
    assert found == Episode(
        start=date(2024, 5, 1),
        end=date(2024, 12, 20),
        source="2A",
        need="N1",
        reason="RC7",
        no_further_action=False,
        assessments=(Assessment(date(2024, 5, 2), date(2024, 6, 10)),),
        enquiries=(Enquiry(date(2024, 6, 20), date(2024, 7, 1), not_required=False),),
        cin_plans=(CinPlan(date(2024, 6, 11), date(2024, 7, 1)),),
        cp_plans=(CpPlan(date(2024, 7, 1), date(2024, 12, 20), "NEG", (date(2024, 9, 20), date(2024, 12, 1))),),
    )


def test_assessments_without_a_referral_date_are_left_out_and_counted(reading: Reading) -> None:
    found, left_out = reading(referred="soon", Assessments=[{"AssessmentActualStartDate": "2024-05-02"}] * 2)
    assert (found.start, found.assessments) == (None, ())
    assert left_out == {
        "CINreferralDate: not a date": 1,
        "Assessments: no usable referral date to go with": 2,
    }


def test_a_record_without_its_start_is_left_out_and_counted(reading: Reading) -> None:
    found, left_out = reading(
        Assessments=[{"AssessmentAuthorisationDate": "2024-06-10"}],
        CINPlanDates=[{"CINPlanStartDate": "x"}],
        Section47=[{"S47ActualStartDate": "", "ICPCnotRequired": "0"}],
        ChildProtectionPlans=[{"CPPendDate": "2024-06-10", "InitialCategoryOfAbuse": "NEG"}],
    )
    assert (found.assessments, found.cin_plans, found.enquiries, found.cp_plans) == ((), (), (), ())
    assert left_out == {
        "AssessmentActualStartDate: missing": 1,
        "CINPlanStartDate: not a date": 1,
        "S47ActualStartDate: missing": 1,
        "CPPstartDate: missing": 1,
    }


def test_an_unusable_end_leaves_the_record_open(reading: Reading) -> None:
    found, left_out = reading(
        Assessments=[{"AssessmentActualStartDate": "2024-05-02", "AssessmentAuthorisationDate": "10/06/2024"}]
    )
    assert found.assessments == (Assessment(date(2024, 5, 2), None),)
    assert left_out == {"AssessmentAuthorisationDate: not a date": 1}


def test_a_closure_needs_both_date_and_reason(reading: Reading) -> None:
    assert reading(CINclosureDate="2024-12-20")[1] == {"ReasonForClosure: missing": 1}
    assert reading(ReasonForClosure="RC7")[1] == {"ReasonForClosure: no closure date beside it": 1}


def test_a_conference_that_was_held_outweighs_that_none_was_required(reading: Reading) -> None:
    held = {"S47ActualStartDate": "2024-06-20", "DateOfInitialCPC": "2024-07-01", "ICPCnotRequired": "true"}
    assert reading(Section47=[held])[0].enquiries == (Enquiry(date(2024, 6, 20), date(2024, 7, 1), False),)


def test_two_reviews_on_one_day_are_one(reading: Reading) -> None:
    plan = {
        "CPPstartDate": "2024-07-01",
        "InitialCategoryOfAbuse": "NEG",
        "Reviews": {"CPPreviewDate": ["2024-09-20", "2024-09-20", "never"]},
    }
    found, left_out = reading(ChildProtectionPlans=[plan])
    assert found.cp_plans[0].reviews == (date(2024, 9, 20),)
    assert left_out == {"CPPreviewDate: the same date again": 1, "CPPreviewDate: not a date": 1}


def test_the_order_of_records_in_the_file_decides_nothing(reading: Reading) -> None:
    one, other = {"AssessmentActualStartDate": "2024-05-02"}, {"AssessmentActualStartDate": "2024-06-02"}
    assert reading(Assessments=[one, other]) == reading(Assessments=[other, one])
