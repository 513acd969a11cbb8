"""Workers who carry more than the policy's thresholds for their time."""

from collections.abc import Iterator
from decimal import Decimal

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import HOLDINGS, WorkerView
from shared.domain.policy import BANDS

STAGES = ("asye", "experienced")


def over(worker: WorkerView) -> Iterator[Mark]:
    """The worker, in every band whose threshold the cases exceed."""
    if not worker.post or not worker.held:
        return
    stage = STAGES.index("asye" if worker.newly_qualified else "experienced")
    for position, threshold in enumerate(thresholds(worker)):
        if len(worker.held) > threshold:
            yield Mark(worker.team, (position * len(STAGES) + stage, 1))


def thresholds(worker: WorkerView) -> Iterator[Decimal]:
    """Cases above which each band begins for this worker."""
    policy = worker.policy.caseload
    fte = worker.fte * (policy.asye_fte_factor if worker.newly_qualified else 1)
    for band in BANDS:
        yield getattr(policy, band) * fte


INDICATOR = Indicator(
    title="Caseload over threshold",
    meaning="How many workers carry more than they should be asked to, for the time they work; newly qualified ones "
    "apart.",
    source="The authority's policy; no national cap exists. The defaults are the 90th percentile of authorities' "
    "averages, a figure above every authority's average, and the load that Ofsted's accounts of failing services name.",
    numerator="Workers with more cases than the threshold times their effective full-time equivalent (newly "
    "qualified: times the policy's factor). Each band includes the higher ones.",
    denominator="Workers who hold cases or are to.",
    exclusions="Workers without a running employment: their children need cover and are counted there.",
    silent_on="How hard the cases are, and who the workers are: it is for their manager to know.",
    balance="Unallocated children, and cases that need cover: both make loads look light.",
    breached="The team manager and the worker look at the cases together: what can close, what can move, what must "
    "wait.",
    strands=(
        Strand(
            families=(
                Family(
                    "csc_caseload_workers_over",
                    "Workers with more cases than the threshold times their effective full-time equivalent.",
                    {"band": BANDS, "stage": STAGES},
                ),
            ),
            needs=HOLDINGS,
            marks={Kind.WORKER: over},
            tally=counts(len(BANDS) * len(STAGES)),
        ),
    ),
)
