"""Children with a case, on a child protection plan, looked after."""

from collections.abc import Iterator
from functools import partial

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import STATUSES, ChildView

FAMILY = Family("csc_children", "Children with this status, each once a status.", {"status": tuple(STATUSES)})


def with_status(status: str, child: ChildView) -> Iterator[Mark]:
    """The child, once, if it has the status."""
    if team := child.team_in(status):
        yield Mark(team, (0, 1))


INDICATOR = Indicator(
    title="Children",
    meaning="How many children are in need, on a child protection plan, and looked after, today.",
    source="Children in need census and SSDA903, as stocks of today.",
    numerator="Distinct children: with a case; with a running child protection plan; with a running period of care. A "
    "child can be in several.",
    exclusions="Plans and periods that have ended or never ran. `in_need` is narrower than DfE's children in need: a "
    "child on a plan or in care without a case here is not in it.",
    silent_on="What each child needs. A stock is not a flow: children who enter care are another figure.",
    balance="Referrals received and cases closed: what makes the stock rise or fall.",
    breached="There is no right number. A change beyond the usual asks where it comes from: the door, or what does "
    "not end.",
    denominator="For a rate per 10,000: the population aged 0 to 17 that the policy gives.",
    national="England, 31 March 2025, per 10,000 children: 330.3 in need, 40.6 on a plan, 67 looked after (DfE).",
    strands=tuple(
        Strand(
            families=(FAMILY,),
            needs=frozenset({needed}),
            marks={Kind.CHILD: partial(with_status, status)},
            tally=counts(1),
            fixed={"status": status},
        )
        for status, needed in STATUSES.items()
    ),
)
