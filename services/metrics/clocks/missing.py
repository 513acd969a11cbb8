"""Children who went missing and are back: the return interview."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.fact import UNASSIGNED
from services.metrics.timeliness import Clock, Item
from services.metrics.views import ChildView
from shared.domain.timescale import Hours, always

RETURNED = "csc.missing.returned"


def return_interview(child: ChildView) -> Iterator[Item]:
    """From the return to the interview; one that was declined or not needed is no item."""
    for returned in child.facts(RETURNED):
        interview = child.fact("csc.return_interview.held", returned.subject)
        if interview is None or (interview.data.get("outcome") or "held") == "held":
            yield Item(returned.team or UNASSIGNED, returned.subject, returned, interview)


CLOCKS = (
    Clock(
        name="return_interview",
        starts="A child who was missing returns.",
        stops="The return interview is held.",
        gone="The interview was declined or not needed.",
        rules=always(Hours(72), "Statutory guidance on children who run away or go missing, 2014: within 72 hours"),
        needs=frozenset({RETURNED}),
        kind=Kind.CHILD,
        items=return_interview,
        silent_on="Whether the interviewer was independent and what was learnt. Sources that know only the date run "
        "the clock from local midnight.",
        balance="Interviews declined: asking badly makes the clock stop too.",
        breached="Ask the child again, and who else it would talk to. It counts from the return, weekends included.",
        national="On average 63 % within 72 hours in 2023-24 (Missing People, by freedom of information; not a "
        "statistic).",
    ),
)
