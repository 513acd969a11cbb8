"""What social workers carry: cases per worker, spread, thresholds, and children whose worker is away.

A case is a child with a running lead allocation. DfE's average caseload is cases held by workers with at least one
case, over the full-time equivalent of those workers, agency included: 15.2 in England in 2025. No national cap
exists; the default bands (18, 22, 30 cases per full-time worker) are the 90th percentile of authorities' averages, a
figure above every authority's average, and the load that Ofsted's accounts of failing services name. A worker's
figures appear here only as numbers of workers of a team: never by name, never by id.
"""

from collections.abc import Iterator
from decimal import Decimal

from services.metrics.casebook import Kind
from services.metrics.fact import UNASSIGNED
from services.metrics.strand import Family, Mark, Strand
from services.metrics.tally import counts, largest
from services.metrics.views import HOLDING_ROLES, WorkerView, latest_started

NEEDS = frozenset({"csc.employment.started", "csc.case.allocated"})
BOUNDS = (0, 5, 10, 12, 15, 18, 20, 22, 25, 30, 35)
BANDS = ("amber", "red", "critical")
STAGES = ("asye", "experienced")
COVER = ("left", "absent")


def cases(worker: WorkerView) -> Iterator[Mark]:
    """Cases, holders and their full-time equivalent."""
    if worker.post and worker.held:
        yield worker.team, (0, len(worker.held))
        yield worker.team, (1, 1)
        yield worker.team, (2, worker.fte)


def spread(worker: WorkerView) -> Iterator[Mark]:
    """The worker, under every bound that holds the number of cases."""
    if worker.post and (worker.held or worker.post.start.data["role"] in HOLDING_ROLES):
        first = sum(bound < len(worker.held) for bound in BOUNDS)
        for position in range(first, len(BOUNDS) + 1):
            yield worker.team, (position, 1)


def heaviest(worker: WorkerView) -> Iterator[Mark]:
    """The number of cases of the worker."""
    if worker.post:
        yield worker.team, (len(worker.held),)


def over(worker: WorkerView) -> Iterator[Mark]:
    """The worker, in every band whose threshold the cases exceed."""
    if not worker.post or not worker.held:
        return
    stage = STAGES.index("asye" if worker.newly_qualified else "experienced")
    for position, threshold in enumerate(thresholds(worker)):
        if len(worker.held) > threshold:
            yield worker.team, (position * len(STAGES) + stage, 1)


def thresholds(worker: WorkerView) -> Iterator[Decimal]:
    """Cases above which each band begins for this worker."""
    policy = worker.policy.caseload
    fte = worker.fte * (policy.asye_fte_factor if worker.newly_qualified else 1)
    for band in BANDS:
        yield getattr(policy, band) * fte


def cover_needed(worker: WorkerView) -> Iterator[Mark]:
    """The worker's children, if the worker has left or is absent today."""
    if not worker.held or not worker.employments:
        return
    if not worker.post:
        last = latest_started(worker.employments)
        team = (last.start.team if last else None) or UNASSIGNED
        yield team, (COVER.index("left"), len(worker.held))
    elif worker.absence_reasons:
        yield worker.team, (COVER.index("absent"), len(worker.held))


STRANDS = (
    Strand(
        families=(
            Family("csc_caseload_cases", "Children held by workers with a running employment."),
            Family("csc_caseload_holders", "Workers with at least one case."),
            Family("csc_caseload_holders_fte", "Full-time equivalent of the workers with at least one case."),
        ),
        needs=NEEDS,
        kind=Kind.WORKER,
        marks=cases,
        tally=counts(3),
    ),
    Strand(
        families=(
            Family(
                "csc_caseload_workers",
                "Workers who hold cases or whose role is to, with at most so many (cumulative).",
                {"at_most": (*map(str, BOUNDS), "+Inf")},
            ),
        ),
        needs=NEEDS,
        kind=Kind.WORKER,
        marks=spread,
        tally=counts(len(BOUNDS) + 1),
    ),
    Strand(
        families=(Family("csc_caseload_max", "The largest number of cases of one worker."),),
        needs=NEEDS,
        kind=Kind.WORKER,
        marks=heaviest,
        tally=largest,
    ),
    Strand(
        families=(
            Family(
                "csc_caseload_workers_over",
                "Workers with more cases than the threshold times their effective full-time equivalent.",
                {"band": BANDS, "stage": STAGES},
            ),
        ),
        needs=NEEDS,
        kind=Kind.WORKER,
        marks=over,
        tally=counts(len(BANDS) * len(STAGES)),
    ),
    Strand(
        families=(
            Family(
                "csc_caseload_cover_needed",
                "Children whose lead worker has left or is absent today.",
                {"reason": COVER},
            ),
        ),
        needs=NEEDS,
        kind=Kind.WORKER,
        marks=cover_needed,
        tally=counts(len(COVER)),
    ),
)
