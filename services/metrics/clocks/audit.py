"""What an audit asked for: each action, by the date that was set for it."""

from collections.abc import Iterator
from datetime import date

from services.metrics.casebook import Kind
from services.metrics.fact import UNASSIGNED
from services.metrics.timeliness import Clock, Item
from services.metrics.views import RecordView
from shared.domain.timescale import Rule, Until

RAISED = "csc.audit_action.raised"
COMPLETED = "csc.audit_action.completed"
SOURCE = "The date that was agreed when the action was raised"


def audit_action(record: RecordView) -> Iterator[Item]:
    """From the action raised to the action completed."""
    for raised in record.facts(RAISED):
        rule = Rule(Until(date.fromisoformat(raised.data["due"])), SOURCE)
        yield Item(raised.team or UNASSIGNED, raised.subject, raised, record.fact(COMPLETED, raised.subject), rule)


CLOCKS = (
    Clock(
        name="audit_action",
        starts="An audit raises an action.",
        stops="The action is completed.",
        gone="Never.",
        rules="The action's own due date.",
        needs=frozenset({RAISED}),
        kind=Kind.RECORD,
        items=audit_action,
        silent_on="Whether it was really done: see the actions that no one has verified.",
        balance="Actions completed and not verified.",
        breached="Ask the owner what stands in the way; an action that no one needs is better withdrawn than kept.",
    ),
)
