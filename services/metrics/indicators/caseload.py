"""Average caseload: children held, and the full-time equivalent of those who hold them."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import HOLDINGS, WorkerView


def cases(worker: WorkerView) -> Iterator[Mark]:
    """Cases, holders and their full-time equivalent."""
    if worker.post and worker.held:
        for child in sorted(worker.held):
            yield Mark(worker.team, (0, 1), child)
        yield Mark(worker.team, (1, 1))
        yield Mark(worker.team, (2, worker.fte))


INDICATOR = Indicator(
    title="Average caseload",
    meaning="How many children a full-time social worker who holds any holds on average.",
    source="DfE, children's social work workforce: cases over the full-time equivalent of workers with at least one, "
    "agency included.",
    numerator="Children with a running lead allocation to a worker in post.",
    denominator="Full-time equivalent of the workers with at least one case, each at most 1.",
    exclusions="Co-workers. Workers without cases are not in the denominator, whatever their role. Carers who foster "
    "or adopt are cases to DfE and cannot be counted here.",
    silent_on="Who carries thirty while the average says fifteen; how hard the cases are.",
    balance="The spread and the workers over threshold; unallocated children, who make the average look light.",
    breached="No national cap exists. See who is over, what could close, and where posts are vacant.",
    national="England 2025: 15.2; authorities 10.1 to 20.9, nine in ten at most 18.1 (DfE, children's social work "
    "workforce).",
    strands=(
        Strand(
            families=(
                Family("csc_caseload_cases", "Children held by workers with a running employment."),
                Family("csc_caseload_holders", "Workers with at least one case."),
                Family("csc_caseload_holders_fte", "Full-time equivalent of the workers with at least one case."),
            ),
            needs=HOLDINGS,
            marks={Kind.WORKER: cases},
            tally=counts(3),
        ),
    ),
)
