"""How many lead workers a child has had in a year."""

from collections.abc import Iterator
from datetime import timedelta

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import ChildView, Spell

YEAR = timedelta(days=365)
WORKERS = ("0", "1", "2", "3+")


def by_lead_workers(child: ChildView) -> Iterator[Mark]:
    """The child with a case, by how many lead workers it had over the last 365 days."""
    if child.case:
        workers = {
            spell.start.data["worker_id"] for spell in child.lead_allocations if _ran_within_a_year(child, spell)
        }
        yield Mark(child.case.team, (min(len(workers), 3), 1))


def _ran_within_a_year(child: ChildView, spell: Spell) -> bool:
    """Whether it was running on any of the last 365 days, today included."""
    if spell.end is None:
        return True
    if spell.end.day == spell.start.day:
        return False
    child.look_again(spell.end.day + YEAR - timedelta(days=1))
    return spell.end.day > child.today - YEAR + timedelta(days=1)


INDICATOR = Indicator(
    title="Changes of worker",
    meaning="Whether children keep the same social worker.",
    source="DfE counts distinct workers over a year for children looked after; here for every child with a case.",
    numerator="Children with a case, by the number of distinct workers with a lead allocation running on any of the "
    "last 365 days.",
    denominator="Children with a case.",
    exclusions="Allocations that never ran, or ended on the day they began. Coming back to an earlier worker adds "
    "none.",
    silent_on="Why the worker changed: a move between teams that is planned looks like a resignation.",
    balance="Turnover and agency staff, which drive it; and unallocated children, the other way to have few workers.",
    breached="Look at transfers between teams first: these are the authority's own choice.",
    national="England 2024: 27 % of children looked after had three or more in the year (DfE), another population.",
    strands=(
        Strand(
            families=(
                Family(
                    "csc_children_by_lead_workers",
                    "Children with a case, by the distinct lead workers they had in the last 365 days.",
                    {"workers": WORKERS},
                ),
            ),
            needs=frozenset({"csc.referral.decided", "csc.case.allocated"}),
            marks={Kind.CHILD: by_lead_workers},
            tally=counts(len(WORKERS)),
        ),
    ),
)
