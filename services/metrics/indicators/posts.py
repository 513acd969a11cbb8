"""Posts: filled by permanent or agency staff, or vacant."""

from collections.abc import Iterator
from decimal import Decimal

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import EMPLOYED, RecordView, WorkerView, fte_of, team_of

REPORTED = "csc.establishment.reported"
CONTRACTS = ("permanent", "agency")


def fte(worker: WorkerView) -> Iterator[Mark]:
    """Each running employment, by contract."""
    for spell in worker.running:
        position = CONTRACTS.index(spell.start.data["contract"])
        yield Mark(team_of(spell), (position, fte_of(spell)), spell.start.subject)


def headcount(worker: WorkerView) -> Iterator[Mark]:
    """The worker, once for each team and contract."""
    for team, contract in sorted({(team_of(spell), spell.start.data["contract"]) for spell in worker.running}):
        yield Mark(team, (CONTRACTS.index(contract), 1))


def vacant(record: RecordView) -> Iterator[Mark]:
    """The latest report on a team's establishment."""
    if latest := record.latest_report(REPORTED):
        yield Mark(latest.subject, (0, Decimal(str(latest.data["vacant_fte"]))), latest.subject)


INDICATOR = Indicator(
    title="Posts",
    meaning="How many social workers are in post, how many of them from an agency, and how many posts are vacant.",
    source="DfE, children's social work workforce: agency rate and vacancy rate.",
    numerator="Full-time equivalent and headcount of running employments by contract; vacant posts as last reported.",
    denominator="Agency rate: agency and permanent together. Vacancy rate: vacant and permanent together.",
    exclusions="Employments that have ended. Vacancies include those that agency staff cover: never add the two.",
    silent_on="Whether agency staff stay: turnover counts permanent staff only.",
    balance="Turnover, and average caseload: fewer agency staff with more children each is no gain.",
    breached="For the head of service: which posts, for how long, and what would make someone take them.",
    national="England 2025: 13.0 % agency, 14.2 % vacant (DfE, children's social work workforce, full-time "
    "equivalent).",
    strands=(
        Strand(
            families=(
                Family("csc_workforce_fte", "Full-time equivalent of running employments.", {"contract": CONTRACTS}),
            ),
            needs=EMPLOYED,
            marks={Kind.WORKER: fte},
            tally=counts(2),
        ),
        Strand(
            families=(
                Family(
                    "csc_workforce_headcount", "Distinct workers with a running employment.", {"contract": CONTRACTS}
                ),
            ),
            needs=EMPLOYED,
            marks={Kind.WORKER: headcount},
            tally=counts(2),
        ),
        Strand(
            families=(Family("csc_workforce_vacant_fte", "Vacant posts, full-time equivalent, as last reported."),),
            needs=frozenset({REPORTED}),
            marks={Kind.RECORD: vacant},
            tally=counts(1),
        ),
    ),
)
