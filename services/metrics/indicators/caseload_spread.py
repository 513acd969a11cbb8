"""How evenly cases are spread over a team's workers."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import counts, largest
from services.metrics.views import HOLDING_ROLES, HOLDINGS, WorkerView

BOUNDS = (0, 5, 10, 12, 15, 18, 20, 22, 25, 30, 35)


def spread(worker: WorkerView) -> Iterator[Mark]:
    """The worker, under every bound that holds the number of cases."""
    if worker.post and (worker.held or worker.post.start.data["role"] in HOLDING_ROLES):
        first = sum(bound < len(worker.held) for bound in BOUNDS)
        for position in range(first, len(BOUNDS) + 1):
            yield Mark(worker.team, (position, 1))


def heaviest(worker: WorkerView) -> Iterator[Mark]:
    """The number of cases of the worker."""
    if worker.post:
        yield Mark(worker.team, (len(worker.held),))


INDICATOR = Indicator(
    title="Spread of caseloads",
    meaning="Whether the work is shared: how many workers hold at most so many cases, and the most that one holds.",
    source="Ofsted's commentaries name even workloads as a mark of services that recovered; failing ones had 7 to 34 "
    "a worker.",
    numerator="Workers in post who are to hold cases or do, by number of cases (cumulative); the largest number.",
    exclusions="Workers in other roles without a case. Full-time equivalent plays no part here: see over threshold.",
    silent_on="How hard the cases are. Never a worker's name or id: only how many.",
    balance="Average caseload.",
    breached="The team manager knows why: new starters, part-time work, one complex family. Where not, share out.",
    strands=(
        Strand(
            families=(
                Family(
                    "csc_caseload_workers",
                    "Workers who hold cases or whose role is to, with at most so many (cumulative).",
                    {"at_most": (*map(str, BOUNDS), "+Inf")},
                ),
            ),
            needs=HOLDINGS,
            marks={Kind.WORKER: spread},
            tally=counts(len(BOUNDS) + 1),
        ),
        Strand(
            families=(Family("csc_caseload_max", "The largest number of cases of one worker."),),
            needs=HOLDINGS,
            marks={Kind.WORKER: heaviest},
            tally=largest,
        ),
    ),
)
