"""Audits of practice by grade, and whether what they asked for was checked."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.fact import UNASSIGNED
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import WINDOWS, counts, windowed
from services.metrics.views import RecordView

AUDITED = "csc.audit.completed"
RAISED = "csc.audit_action.raised"
GRADES = ("outstanding", "good", "requires_improvement", "inadequate")


def audits(record: RecordView) -> Iterator[Mark]:
    """The audit, by grade."""
    for audit in record.facts(AUDITED):
        yield Mark(audit.team or UNASSIGNED, (GRADES.index(audit.data["grade"]), audit.day, 1), audit.subject)


def unverified(record: RecordView) -> Iterator[Mark]:
    """The action that was raised and completed, and that no one has verified."""
    for raised in record.facts(RAISED):
        done = record.fact("csc.audit_action.completed", raised.subject)
        if done and not record.fact("csc.audit_action.verified", raised.subject):
            yield Mark(raised.team or UNASSIGNED, (0, 1), raised.subject)


INDICATOR = Indicator(
    title="Audits",
    meaning="How good practice is where it was looked at, and whether the loop is closed: done, and seen to be done.",
    source="Ofsted's four grades; its commentary on improving services tells of checking that actions were completed.",
    numerator="Audits completed in the window, by grade; actions completed and not yet verified.",
    denominator="For a share of good or better: all audits of the window.",
    exclusions="Verifications of actions that were never completed change nothing.",
    silent_on="How the cases were chosen: ten picked for worry say nothing of the rest.",
    balance="Timescales: quality and time are each easily bought with the other.",
    breached="Read the inadequate ones with the team, not over it; see that each action has an owner and a date.",
    strands=(
        Strand(
            families=(Family("csc_audits", "Audits completed in the window.", {"grade": GRADES, "window": WINDOWS}),),
            needs=frozenset({AUDITED}),
            marks={Kind.RECORD: audits},
            tally=windowed(len(GRADES)),
        ),
        Strand(
            families=(Family("csc_audit_actions_unverified", "Actions completed and not yet verified."),),
            needs=frozenset({RAISED}),
            marks={Kind.RECORD: unverified},
            tally=counts(1),
        ),
    ),
)
