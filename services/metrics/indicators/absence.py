"""Workers in post who are away today."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import EMPLOYED, WorkerView

REASONS = ("sickness", "maternity", "other")


def absent(worker: WorkerView) -> Iterator[Mark]:
    """The worker in post, once for each reason of absence."""
    if worker.post:
        for reason in sorted(worker.absence_reasons):
            yield Mark(worker.team, (REASONS.index(reason), 1))


INDICATOR = Indicator(
    title="Absence",
    meaning="How many workers in post are away today, and why.",
    source="Own definition, a stock of today. DfE's absence rate counts days lost to sickness over a year.",
    numerator="Workers with a running employment and a running absence, by reason.",
    denominator="Workers in post.",
    exclusions="Annual leave, unless the source sends it as `other`.",
    silent_on="How long the absence has lasted, and who it is.",
    balance="Cover needed: the children of those who are away.",
    breached="Cover first. Many sick in one team is a question about the team's load.",
    national="England 2025: 3.5 % of working days lost to sickness in the year (DfE), another measure.",
    strands=(
        Strand(
            families=(Family("csc_workforce_absent", "Workers in post and absent today.", {"reason": REASONS}),),
            needs=EMPLOYED | {"csc.absence.started"},
            marks={Kind.WORKER: absent},
            tally=counts(len(REASONS)),
        ),
    ),
)
