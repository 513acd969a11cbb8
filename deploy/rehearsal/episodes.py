"""A family's episode of need, its children's cases, and what was drawn for it beforehand."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from deploy.rehearsal.people import Family
from deploy.rehearsal.setting import Setting
from deploy.rehearsal.workforce import Assignment


class Told(IntEnum):
    """How much the events tell; of what was over before the start only what figures look back on."""

    NOTHING = 0
    OUTLINE = 1
    ALL = 2


OUTLINE = frozenset(
    f"csc.{name}"
    for name in (
        *("referral.received", "referral.decided", "case.closed"),
        *("assessment.started", "assessment.authorised"),
    )
)


@dataclass(slots=True, eq=False)
class Case(Assignment):
    """The case of one child, opened by a referral."""

    referral: str = ""
    cp_plan: str = ""
    """The plan that is running, if one is; so too the next."""
    cin_plan: str = ""


@dataclass(frozen=True, slots=True)
class Pathway:
    """What will become of a referral: drawn when it comes in, lived through day by day."""

    outcome: str
    decision_days: int = 0
    assessment_days: int = 0
    """Working days from the referral."""
    section47_after: int | None = None
    """Days from the referral."""
    conference: bool = False
    plan: bool = False
    ending: str = ""
    """`none` (not in need), `short`, `plan`, `disability` or `protection`."""
    days: int = 0
    """Of what comes after the assessment, or of the protection plan."""
    step_down: int = 0
    """Days of a plan for a child in need after the protection plan."""
    step_up: int = 0
    """Days into the plan for a child in need until an enquiry, if there is one."""

    @property
    def accepted(self) -> bool:
        """Whether a case is opened."""
        return self.outcome in ("assessment", "strategy_discussion")

    @property
    def length(self) -> int:
        """About how many days it will all take."""
        return self.assessment_days * 7 // 5 + self.days + self.step_down + 10 if self.accepted else 1


@dataclass(slots=True, eq=False)
class Episode:
    """Brothers and sisters referred together, and what is done with them."""

    family: Family
    cases: list[Case]
    pathway: Pathway
    opened: int
    told: Told = Told.ALL
    busy_until: int = 0
    over: bool = False
    category: str = "NEG"

    def put(self, setting: Setting, kind: str, subject: str, data: dict[str, Any]) -> None:
        """Record a fact of today, if it is told at all."""
        if self.told is Told.ALL or (self.told is Told.OUTLINE and kind in OUTLINE):
            setting.recorder.put(kind, subject, setting.today, data)
