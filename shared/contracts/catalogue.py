"""Every event type of the contract: who owns it, where it travels, and what its subject and data are."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.contracts import payloads as p
from shared.contracts.streams import PRODUCERS


@dataclass(frozen=True, slots=True)
class EventType:
    """One row of the contract's tables."""

    name: str
    service: str
    """The service that takes it in."""
    stream: str
    subject: str
    """What the `subject` attribute identifies, in words."""
    payload: type[p.Payload]
    per_child: bool
    """Whether `data.child_id` is part of the identity of the fact."""
    state_report: bool
    """Whether the latest report counts, and not the highest version."""
    doc: str

    @property
    def data_required(self) -> bool:
        """Whether an upsert must carry data: not so where no field of it is required."""
        return any(field.is_required() for field in self.payload.model_fields.values())


def _row(stream: str, name: str, subject: str, payload: type[p.Payload]) -> EventType:
    child = payload.model_fields.get("child_id")
    return EventType(
        name=name,
        service=PRODUCERS[stream],
        stream=stream,
        subject=subject,
        payload=payload,
        per_child=child is not None and child.is_required(),
        state_report=payload is p.EstablishmentReported,
        doc=inspect.getdoc(payload) or "",
    )


_REFERRAL, _ALLOCATION, _STAFFING = PRODUCERS

_ROWS = (
    _row(_REFERRAL, "csc.contact.received", "contact id", p.ContactReceived),
    _row(_REFERRAL, "csc.contact.decided", "contact id", p.ContactDecided),
    _row(_REFERRAL, "csc.referral.received", "referral id", p.ReferralReceived),
    _row(_REFERRAL, "csc.referral.decided", "referral id", p.ReferralDecided),
    _row(_REFERRAL, "csc.case.closed", "referral id", p.CaseClosed),
    _row(_REFERRAL, "csc.assessment.started", "assessment id", p.AssessmentStarted),
    _row(_REFERRAL, "csc.assessment.authorised", "assessment id", p.AssessmentAuthorised),
    _row(_REFERRAL, "csc.section47.started", "enquiry id", p.Section47Started),
    _row(_REFERRAL, "csc.section47.completed", "enquiry id", p.Section47Completed),
    _row(_REFERRAL, "csc.conference.held", "conference id", p.ConferenceHeld),
    _row(_REFERRAL, "csc.transfer_in.notified", "notification id", p.TransferInNotified),
    _row(_REFERRAL, "csc.transfer_in.closed", "notification id", p.TransferInClosed),
    _row(_REFERRAL, "csc.cp_plan.started", "plan id", p.CpPlanStarted),
    _row(_REFERRAL, "csc.cp_plan.ended", "plan id", p.CpPlanEnded),
    _row(_REFERRAL, "csc.core_group.held", "meeting id", p.CoreGroupHeld),
    _row(_REFERRAL, "csc.cp_review.held", "review id", p.CpReviewHeld),
    _row(_REFERRAL, "csc.cin_plan.started", "plan id", p.CinPlanStarted),
    _row(_REFERRAL, "csc.cin_plan.ended", "plan id", p.CinPlanEnded),
    _row(_REFERRAL, "csc.care.started", "period-of-care id", p.CareStarted),
    _row(_REFERRAL, "csc.care.ended", "period-of-care id", p.CareEnded),
    _row(_REFERRAL, "csc.placement.started", "placement id", p.PlacementStarted),
    _row(_REFERRAL, "csc.placement.regime_changed", "change id", p.PlacementRegimeChanged),
    _row(_REFERRAL, "csc.placement.ended", "placement id", p.PlacementEnded),
    _row(_REFERRAL, "csc.care_review.held", "review id", p.CareReviewHeld),
    _row(_REFERRAL, "csc.visit.recorded", "visit id", p.VisitRecorded),
    _row(_REFERRAL, "csc.missing.returned", "missing-episode id", p.MissingReturned),
    _row(_REFERRAL, "csc.return_interview.held", "missing-episode id", p.ReturnInterviewHeld),
    _row(_REFERRAL, "csc.audit.completed", "audit id", p.AuditCompleted),
    _row(_REFERRAL, "csc.audit_action.raised", "action id", p.AuditActionRaised),
    _row(_REFERRAL, "csc.audit_action.completed", "action id", p.AuditActionCompleted),
    _row(_REFERRAL, "csc.audit_action.verified", "action id", p.AuditActionVerified),
    _row(_ALLOCATION, "csc.case.allocated", "allocation id", p.CaseAllocated),
    _row(_ALLOCATION, "csc.case.deallocated", "allocation id", p.CaseDeallocated),
    _row(_STAFFING, "csc.employment.started", "employment id", p.EmploymentStarted),
    _row(_STAFFING, "csc.employment.ended", "employment id", p.EmploymentEnded),
    _row(_STAFFING, "csc.absence.started", "absence id", p.AbsenceStarted),
    _row(_STAFFING, "csc.absence.ended", "absence id", p.AbsenceEnded),
    _row(_STAFFING, "csc.establishment.reported", "team id", p.EstablishmentReported),
    _row(_STAFFING, "csc.team.described", "team id", p.TeamDescribed),
    _row(_STAFFING, "csc.supervision.held", "supervision id", p.SupervisionHeld),
)

CATALOGUE: Mapping[str, EventType] = MappingProxyType({row.name: row for row in _ROWS})
"""Every event type by its name, in the contract's order."""


def types_of(service: str) -> tuple[EventType, ...]:
    """The types that a service owns, in the contract's order."""
    return tuple(row for row in CATALOGUE.values() if row.service == service)
