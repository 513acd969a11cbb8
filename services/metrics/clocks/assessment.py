"""Assessments, by both readings of their 45 working days: from the referral and from their own start."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.fact import Fact
from services.metrics.timeliness import Clock, Item
from services.metrics.views import ChildView, earliest
from shared.domain.timescale import WorkingDays, always

STARTED = "csc.assessment.started"
AUTHORISED = "csc.assessment.authorised"
BUCKETS = (0, 10, 20, 30, 40, 45, 50, 60)
NATIONAL = (
    "England 2025: 85.7 % of 648,830 assessments within 45 working days, quartiles 17, 33 and 43 "
    "(DfE, children in need, table C2)."
)


def assessment(child: ChildView) -> Iterator[Item]:
    """From the referral to the first authorisation: one clock a referral."""
    started: dict[str, list[Fact]] = {}
    for start in child.facts(STARTED):
        started.setdefault(start.data["referral_id"], []).append(start)
    for referral_id, starts in started.items():
        if referral := child.referrals.get(referral_id):
            authorised = earliest([end for start in starts if (end := child.fact(AUTHORISED, start.subject))])
            leading = child.fact(STARTED, authorised.subject) if authorised else earliest(starts)
            if leading and (authorised or not referral.closed):
                yield Item(leading.team or referral.team, leading.subject, referral.received, authorised)


def assessment_from_start(child: ChildView) -> Iterator[Item]:
    """From the start of each assessment to its authorisation."""
    for start in child.facts(STARTED):
        authorised = child.fact(AUTHORISED, start.subject)
        if authorised or not child.closed(start.data["referral_id"]):
            yield Item(child.team_by(start), start.subject, start, authorised)


CLOCKS = (
    Clock(
        name="assessment",
        starts="The referral is received; one clock a referral, once it has an assessment.",
        stops="The first of its assessments is authorised by a manager.",
        gone="None was authorised and the case closed.",
        rules=always(
            WorkingDays(45), "Working Together; CIN census guide 4.9: 45 working days from the point of referral"
        ),
        needs=frozenset({STARTED}),
        kind=Kind.CHILD,
        items=assessment,
        silent_on="How good the assessment is. One in five in England ends in the last five days that are on time: "
        "the figure shows the deadline as much as the work.",
        balance="Overdue beside completed on time: slow ones are in no completed figure until they finish. Audit "
        "grades.",
        breached="Ask what each one waits for: a visit, a partner's report, a manager's reading. Closing in haste "
        "mends no child.",
        national=NATIONAL,
        buckets=BUCKETS,
    ),
    Clock(
        name="assessment_from_start",
        starts="Each assessment is started.",
        stops="It is authorised by a manager.",
        gone="It was not authorised and the case closed.",
        rules=always(WorkingDays(45), "CIN census query 8670Q: open for more than 45 working days"),
        needs=frozenset({STARTED}),
        kind=Kind.CHILD,
        items=assessment_from_start,
        silent_on="How long the child waited before the assessment began.",
        balance="The clock from the referral, which a late start cannot help.",
        breached="As from the referral; second and later assessments of one case are only here.",
        national="Which of the two clocks DfE's table C2 uses is not established.",
        buckets=BUCKETS,
    ),
)
