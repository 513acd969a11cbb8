"""Children with a case, on a child protection plan, looked after; and those whom nobody holds.

A case is a referral received, decided for an assessment or a strategy discussion, and not closed. Unallocated is an
absence, not an event: the child has a case, a plan or a period of care, and no running lead allocation. Changes of
worker: DfE counts distinct workers over a year.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from services.metrics.casebook import Kind
from services.metrics.fact import UNASSIGNED
from services.metrics.strand import Family, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import ChildView, Spell

YEAR = timedelta(days=365)
WORKERS = ("0", "1", "2", "3+")
STATUSES = {
    "in_need": "csc.referral.decided",
    "child_protection": "csc.cp_plan.started",
    "looked_after": "csc.care.started",
}
"""Each with the type that it needs."""
PATHWAYS = {"cla": "looked_after", "cp": "child_protection", "cin": "in_need"}
"""The first that applies counts."""


def team_in(child: ChildView, status: str) -> str | None:
    """The team under which a child has a status; None where it has not."""
    if status == "in_need":
        return child.case.team if child.case else None
    spell = child.protection_plan if status == "child_protection" else child.care
    return (spell.start.team or UNASSIGNED) if spell else None


def with_status(status: str, child: ChildView) -> Iterator[Mark]:
    """The child, once, if it has the status."""
    if team := team_in(child, status):
        yield team, (0, 1)


def unallocated(pathway: str, child: ChildView) -> Iterator[Mark]:
    """The child, if nobody holds it and this pathway is the first that applies."""
    if child.allocated:
        return
    for first, status in PATHWAYS.items():
        if team := team_in(child, status):
            if first == pathway:
                yield team, (0, 1)
            return


def by_lead_workers(child: ChildView) -> Iterator[Mark]:
    """The child with a case, by how many lead workers it had over the last 365 days."""
    if child.case:
        workers = {
            spell.start.data["worker_id"] for spell in child.lead_allocations if _ran_within_a_year(child, spell)
        }
        yield child.case.team, (min(len(workers), 3), 1)


def _ran_within_a_year(child: ChildView, spell: Spell) -> bool:
    """Whether it was running on any of the last 365 days, today included."""
    if spell.end is None:
        return True
    if spell.end.day == spell.start.day:
        return False
    child.look_again(spell.end.day + YEAR - timedelta(days=1))
    return spell.end.day > child.today - YEAR + timedelta(days=1)


_CHILDREN = Family("csc_children", "Children with this status, each once a status.", {"status": tuple(STATUSES)})
_UNALLOCATED = Family(
    "csc_cases_unallocated",
    "Children whom no lead worker holds, by first pathway.",
    {"pathway": tuple(PATHWAYS)},
)

STRANDS = (
    *(
        Strand(
            families=(_CHILDREN,),
            needs=frozenset({needed}),
            kind=Kind.CHILD,
            marks=partial(with_status, status),
            tally=counts(1),
            fixed={"status": status},
        )
        for status, needed in STATUSES.items()
    ),
    *(
        Strand(
            families=(_UNALLOCATED,),
            needs=frozenset({"csc.case.allocated", STATUSES[status]}),
            kind=Kind.CHILD,
            marks=partial(unallocated, pathway),
            tally=counts(1),
            fixed={"pathway": pathway},
        )
        for pathway, status in PATHWAYS.items()
    ),
    Strand(
        families=(
            Family(
                "csc_children_by_lead_workers",
                "Children with a case, by the distinct lead workers they had in the last 365 days.",
                {"workers": WORKERS},
            ),
        ),
        needs=frozenset({"csc.referral.decided", "csc.case.allocated"}),
        kind=Kind.CHILD,
        marks=by_lead_workers,
        tally=counts(len(WORKERS)),
    ),
)
