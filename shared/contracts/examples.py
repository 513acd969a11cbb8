"""One valid event of every type, invented: for the documents of the services and for whoever writes a client."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from shared.contracts.catalogue import CATALOGUE, EventType

_CHILD = {"child_id": "child-1042"}
_TEAM = {"team_id": "team-12"}
_WORKER = {"worker_id": "worker-104"}

_DATA: Mapping[str, dict[str, Any]] = {
    "csc.contact.received": {**_CHILD, **_TEAM, "source_code": "2A"},
    "csc.contact.decided": {**_CHILD, "outcome": "referral"},
    "csc.referral.received": {**_CHILD, **_TEAM, "source_code": "2A", "primary_need": "N1"},
    "csc.referral.decided": {**_CHILD, "outcome": "assessment"},
    "csc.case.closed": {**_CHILD, "reason": "RC8"},
    "csc.assessment.started": {**_CHILD, **_TEAM, "referral_id": "referral-2041"},
    "csc.assessment.authorised": {**_CHILD, "outcome": "cin_plan", "child_seen": True},
    "csc.section47.started": {**_CHILD, **_TEAM, "referral_id": "referral-2041"},
    "csc.section47.completed": {**_CHILD, "outcome": "conference"},
    "csc.conference.held": {**_CHILD, "section47_id": "enquiry-88", "outcome": "plan"},
    "csc.transfer_in.notified": {**_CHILD, **_TEAM},
    "csc.transfer_in.closed": {**_CHILD},
    "csc.cp_plan.started": {**_CHILD, **_TEAM, "category": "NEG"},
    "csc.cp_plan.ended": {**_CHILD},
    "csc.core_group.held": {**_CHILD, "plan_id": "plan-31"},
    "csc.cp_review.held": {**_CHILD, "plan_id": "plan-31"},
    "csc.cin_plan.started": {**_CHILD, **_TEAM},
    "csc.cin_plan.ended": {**_CHILD},
    "csc.care.started": {**_CHILD, **_TEAM},
    "csc.care.ended": {**_CHILD},
    "csc.placement.started": {**_CHILD, "care_id": "care-12", "regime": "standard"},
    "csc.placement.regime_changed": {**_CHILD, "placement_id": "placement-5", "regime": "long_term"},
    "csc.placement.ended": {**_CHILD},
    "csc.care_review.held": {**_CHILD, "care_id": "care-12"},
    "csc.visit.recorded": {**_CHILD, "purpose": "cp", "record_id": "plan-31", "seen": True, "seen_alone": True},
    "csc.missing.returned": {**_CHILD, **_TEAM},
    "csc.return_interview.held": {**_CHILD, "outcome": "held"},
    "csc.audit.completed": {**_TEAM, **_CHILD, "grade": "good"},
    "csc.audit_action.raised": {**_TEAM, "due": "2026-04-30", "audit_id": "audit-9"},
    "csc.audit_action.completed": {},
    "csc.audit_action.verified": {},
    "csc.case.allocated": {**_CHILD, **_WORKER, **_TEAM, "role": "lead"},
    "csc.case.deallocated": {**_CHILD, "reason": "transferred"},
    "csc.employment.started": {
        **_WORKER,
        **_TEAM,
        "fte": 0.8,
        "contract": "permanent",
        "role": "case_holder",
        "asye_until": "2026-09-30",
        "manager_id": "worker-7",
        "covers_vacancy": False,
    },
    "csc.employment.ended": {"reason": "moved"},
    "csc.absence.started": {**_WORKER, "reason": "sickness"},
    "csc.absence.ended": {},
    "csc.establishment.reported": {"vacant_fte": 1.5, "posts_fte": 12},
    "csc.team.described": {"name": "North Safeguarding & Support", "area": "North"},
    "csc.supervision.held": {**_WORKER, "supervisor_id": "worker-7", "kind": "one_to_one"},
}


def _example(number: int, row: EventType) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"example-{number}",
        "source": "/E09000003/hr" if row.stream == "csc.staffing" else "/E09000003/mosaic",
        "type": row.name,
        "subject": "team-12" if row.subject == "team id" else f"record-{number}",
        "time": "2026-03-31T09:30:00+01:00",
        "authority": "E09000003",
        "recordedtime": "2026-03-31T10:05:00+01:00",
        "recordversion": 1,
        "datacontenttype": "application/json",
        "data": _DATA[row.name],
    }


EXAMPLES: Mapping[str, dict[str, Any]] = MappingProxyType(
    {row.name: _example(number, row) for number, row in enumerate(CATALOGUE.values(), start=1)}
)
"""A structured-mode CloudEvent as JSON values, by the name of its type, in the contract's order."""
