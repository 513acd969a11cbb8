"""Children whom nobody holds: an absence, not an event."""

from collections.abc import Iterator
from functools import partial

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import STATUSES, ChildView

PATHWAYS = {"cla": "looked_after", "cp": "child_protection", "cin": "in_need"}
"""The first that applies counts."""
FAMILY = Family(
    "csc_cases_unallocated", "Children whom no lead worker holds, by first pathway.", {"pathway": tuple(PATHWAYS)}
)


def unallocated(pathway: str, child: ChildView) -> Iterator[Mark]:
    """The child, if nobody holds it and this pathway is the first that applies."""
    if child.allocated:
        return
    for first, status in PATHWAYS.items():
        if team := child.team_in(status):
            if first == pathway:
                yield Mark(team, (0, 1))
            return


INDICATOR = Indicator(
    title="Unallocated children",
    meaning="Children in need, on a plan or looked after who have no social worker of their own.",
    source="Working Together and the Care Planning Regulations ask for an allocated worker; authorities report 100 % "
    "allocated.",
    numerator="Children with a case, a running plan or a running period of care, and no running lead allocation; each "
    "once, under care before protection before need.",
    exclusions="Children held by a co-worker alone are not held: they count.",
    silent_on="Whether a manager or duty worker keeps an eye on the child.",
    balance="Caseload over threshold: giving a child to whoever is full already only moves the risk.",
    breached="For a child on a plan or in care: today, by name of the worker. Otherwise within the allocation clock.",
    strands=tuple(
        Strand(
            families=(FAMILY,),
            needs=frozenset({"csc.case.allocated", STATUSES[status]}),
            marks={Kind.CHILD: partial(unallocated, pathway)},
            tally=counts(1),
            fixed={"pathway": pathway},
        )
        for pathway, status in PATHWAYS.items()
    ),
)
