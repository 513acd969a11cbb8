"""Children whose worker has left or is away."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.fact import UNASSIGNED
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import HOLDINGS, WorkerView, latest_started

REASONS = ("left", "absent")


def cover_needed(worker: WorkerView) -> Iterator[Mark]:
    """The worker's children, if the worker has left or is absent today."""
    if worker.held and (why := _why(worker)):
        reason, team = why
        for child in sorted(worker.held):
            yield Mark(team, (REASONS.index(reason), 1), child)


def _why(worker: WorkerView) -> tuple[str, str] | None:
    """The reason and the team; None where the worker is there, or nothing is known of an employment."""
    if worker.post:
        return ("absent", worker.team) if worker.absence_reasons else None
    last = latest_started(worker.employments)
    return ("left", last.start.team or UNASSIGNED) if last else None


INDICATOR = Indicator(
    title="Cover needed",
    meaning="Children who have a worker on paper, and nobody in fact.",
    source="Own definition. Ofsted's accounts name children left without a worker when staff leave or fall ill.",
    numerator="Pairs of worker and child with a running lead allocation whose worker has no running employment, or is "
    "absent today.",
    exclusions="Workers without any employment on record: see the data quality check `unknown_worker`.",
    silent_on="Whether someone covers without being written down.",
    balance="Unallocated children: taking the allocation away moves the child there, not to a worker.",
    breached="Name who covers, today for a child on a plan or in care; write it down as an allocation.",
    strands=(
        Strand(
            families=(
                Family(
                    "csc_caseload_cover_needed",
                    "Children whose lead worker has left or is absent today.",
                    {"reason": REASONS},
                ),
            ),
            needs=HOLDINGS,
            marks={Kind.WORKER: cover_needed},
            tally=counts(len(REASONS)),
        ),
    ),
)
