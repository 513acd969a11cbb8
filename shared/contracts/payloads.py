"""The payload of every event type: what `data` holds, to the letter of the event contract.

Unknown fields are refused and nothing is converted: a number in quotes is not a number. In an optional
field `null` is as if it were not there; in a required one it is refused.
"""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, StringConstraints

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _not_reserved(text: str) -> str:
    if text == "unassigned":
        raise ValueError("should not be the reserved word unassigned")
    return text


def _day(value: Any) -> date:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("should be a date written YYYY-MM-DD")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("should be a date of the calendar") from None


Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$"),
    AfterValidator(_not_reserved),
    Field(json_schema_extra={"not": {"const": "unassigned"}}),
]
"""A record, child, worker or team: an opaque, pseudonymous string of 1-64 characters."""

Day = Annotated[date, PlainValidator(_day, json_schema_input_type=date)]
"""A date, written YYYY-MM-DD."""

Words = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[\p{L}\p{Nd} &'\-]+$")]
"""What people may read: 1-64 letters, digits, spaces, ampersands, hyphens and apostrophes."""

Fte = Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]
"""Full-time equivalent of one worker, over 0 up to 1."""

Posts = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""Full-time equivalent posts of a team, 0 or more."""

# fmt: off
SourceCode = Literal[
    "1A", "1B", "1C", "1D", "2A", "2B", "3A", "3B", "3C", "3D", "3E", "3F",
    "4", "5A", "5B", "5C", "5D", "6", "7", "8", "9", "10",
]
"""Who made the contact or referral: the code of the children in need census."""
# fmt: on

PrimaryNeed = Literal["N0", "N1", "N2", "N3", "N4", "N5", "N6", "N7", "N8", "N9"]
Closure = Literal["RC1", "RC2", "RC3", "RC4", "RC5", "RC6", "RC7", "RC8", "RC9"]
Regime = Literal["standard", "long_term", "long_term_foster", "weekly_then_six_weeks", "weekly_then_four_weeks"]


class Payload(BaseModel):
    """What every payload keeps: strict, closed and unchanging."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Nothing(Payload):
    """No field: `{}` or no data at all."""


class OfChild(Payload):
    """What is recorded of one child."""

    child_id: Id


class OfChildInTeam(OfChild):
    """What is recorded of one child, and perhaps by which team."""

    team_id: Id | None = None


class ContactReceived(OfChildInTeam):
    """A contact about a child came in."""

    source_code: SourceCode


class ContactDecided(OfChild):
    """What a contact led to."""

    outcome: Literal["referral", "early_help", "advice", "no_further_action", "existing_case"]


class ReferralReceived(OfChildInTeam):
    """A referral came in."""

    source_code: SourceCode
    primary_need: PrimaryNeed | None = None


class ReferralDecided(OfChild):
    """The next step on a referral was decided."""

    outcome: Literal["assessment", "strategy_discussion", "early_help", "advice", "no_further_action"]


class CaseClosed(OfChild):
    """The case opened by a referral was closed."""

    reason: Closure


class AssessmentStarted(OfChildInTeam):
    """An assessment was begun under a referral."""

    referral_id: Id


class AssessmentAuthorised(OfChild):
    """A manager authorised an assessment."""

    outcome: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")] | None = None
    child_seen: bool | None = None


class Section47Started(OfChildInTeam):
    """A strategy discussion, at `time`, initiated a section 47 enquiry."""

    referral_id: Id | None = None


class Section47Completed(OfChild):
    """A section 47 enquiry was completed."""

    outcome: Literal["conference", "no_conference"]


class ConferenceHeld(OfChild):
    """An initial child protection conference was held."""

    section47_id: Id | None = None
    notification_id: Id | None = None
    outcome: Literal["plan", "no_plan"]


class TransferInNotified(OfChildInTeam):
    """A child on a protection plan moved in from another authority."""


class TransferInClosed(OfChild):
    """No conference will be held for a child who moved in."""


class CpPlanStarted(OfChildInTeam):
    """A child protection plan began."""

    category: Literal["NEG", "PHY", "SAB", "EMO", "MUL"]


class CpPlanEnded(OfChild):
    """A child protection plan ended."""


class CoreGroupHeld(OfChild):
    """A core group met about a child protection plan."""

    plan_id: Id


class CpReviewHeld(OfChild):
    """A review conference about a child protection plan was held."""

    plan_id: Id


class CinPlanStarted(OfChildInTeam):
    """A child in need plan began."""


class CinPlanEnded(OfChild):
    """A child in need plan ended."""


class CareStarted(OfChildInTeam):
    """A period of care began."""


class CareEnded(OfChild):
    """A period of care ended."""


class PlacementStarted(OfChild):
    """A placement began within a period of care, with its regime of visits."""

    care_id: Id
    regime: Regime


class PlacementRegimeChanged(OfChild):
    """Another regime of visits applies to a placement from here on."""

    placement_id: Id
    regime: Regime


class PlacementEnded(OfChild):
    """A placement ended."""


class CareReviewHeld(OfChild):
    """A review of a child in care was held."""

    care_id: Id


class VisitRecorded(OfChild):
    """A social worker visited a child; `record_id` is the plan, placement or assessment it was made under."""

    purpose: Literal["cp", "cin", "care", "assessment"]
    record_id: Id | None = None
    seen: bool
    seen_alone: bool | None = None


class MissingReturned(OfChildInTeam):
    """A child who was missing returned; `time` is the return, to the minute."""


class ReturnInterviewHeld(OfChild):
    """A return interview was held or came to nothing; without an outcome it was held."""

    outcome: Literal["held", "declined", "not_needed"] | None = None


class AuditCompleted(Payload):
    """A case audit was graded."""

    team_id: Id
    grade: Literal["outstanding", "good", "requires_improvement", "inadequate"]
    child_id: Id | None = None


class AuditActionRaised(Payload):
    """An audit asked a team for an action by a date."""

    team_id: Id
    due: Day
    audit_id: Id | None = None


class AuditActionCompleted(Nothing):
    """The team says that an audit action is done."""


class AuditActionVerified(Nothing):
    """Someone checked that an audit action was really done."""


class CaseAllocated(OfChildInTeam):
    """A child was allocated to a worker."""

    worker_id: Id
    role: Literal["lead", "co_worker"]


class CaseDeallocated(OfChild):
    """An allocation ended."""

    reason: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]{1,32}$")] | None = None


class EmploymentStarted(Payload):
    """One spell of one worker in one team, role and FTE began."""

    worker_id: Id
    team_id: Id
    fte: Fte
    contract: Literal["permanent", "agency"]
    role: Literal[
        "senior_manager",
        "middle_manager",
        "first_line_manager",
        "senior_practitioner",
        "case_holder",
        "qualified_without_cases",
    ]
    asye_until: Day | None = None
    manager_id: Id | None = None
    covers_vacancy: bool | None = None


class EmploymentEnded(Payload):
    """A spell ended; `moved` goes on in another employment record of the authority."""

    reason: Literal["left", "moved"]


class AbsenceStarted(Payload):
    """A worker's absence began."""

    worker_id: Id
    reason: Literal["sickness", "maternity", "other"]


class AbsenceEnded(Nothing):
    """An absence ended."""


class EstablishmentReported(Payload):
    """The posts of a team as they stand: vacant, and in all."""

    vacant_fte: Posts
    posts_fte: Posts | None = None


class TeamDescribed(Payload):
    """The words that people may read for a team."""

    name: Words | None = None
    area: Words | None = None


class SupervisionHeld(Payload):
    """A supervision of a worker was held."""

    worker_id: Id
    supervisor_id: Id
    kind: Literal["one_to_one", "peer", "group"]
