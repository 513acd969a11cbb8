"""Who works where: people in post, agency staff, vacancies, starters, leavers, absence.

The ratios are recording rules, by the formulae of DfE's children's social work workforce statistics: turnover is the
year's leavers over those in post now; agency and vacancy rates have the agency staff and the vacancies in the
denominator too. Vacancies include those that agency staff cover: never add the two.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Mark, Strand
from services.metrics.tally import counts, windowed
from services.metrics.views import RecordView, Spell, WorkerView, fte_of

EMPLOYMENT = frozenset({"csc.employment.started"})
REPORTED = "csc.establishment.reported"
CONTRACTS = ("permanent", "agency")
REASONS = ("sickness", "maternity", "other")
ROLES = (
    "senior_manager",
    "middle_manager",
    "first_line_manager",
    "senior_practitioner",
    "case_holder",
    "qualified_without_cases",
)
YEAR = ("365d",)
YEAR_DAYS = (timedelta(days=365),)


def fte(worker: WorkerView) -> Iterator[Mark]:
    """Each running employment, by contract."""
    for spell in worker.running:
        yield _team(spell), (CONTRACTS.index(spell.start.data["contract"]), fte_of(spell))


def headcount(worker: WorkerView) -> Iterator[Mark]:
    """The worker, once for each team and contract."""
    for team, contract in {(_team(spell), spell.start.data["contract"]) for spell in worker.running}:
        yield team, (CONTRACTS.index(contract), 1)


def role_fte(worker: WorkerView) -> Iterator[Mark]:
    """Each running employment, by role."""
    for spell in worker.running:
        yield _team(spell), (ROLES.index(spell.start.data["role"]), fte_of(spell))


def starters_and_leavers(worker: WorkerView) -> Iterator[Mark]:
    """Permanent employments: those that started, unless the worker moved into them; those that ended by leaving."""
    permanent = [spell for spell in worker.employments if spell.ran and spell.start.data["contract"] == "permanent"]
    for spell in permanent:
        if not _moved_into(spell, permanent):
            yield _team(spell), (0, spell.start.day, fte_of(spell))
        if spell.end and spell.end.data["reason"] == "left":
            yield _team(spell), (1, spell.end.day, fte_of(spell))


def absent(worker: WorkerView) -> Iterator[Mark]:
    """The worker in post, once for each reason of absence."""
    if worker.post:
        for reason in worker.absence_reasons:
            yield worker.team, (REASONS.index(reason), 1)


def vacant(record: RecordView) -> Iterator[Mark]:
    """The latest report on a team's establishment."""
    latest = max(record.reports(REPORTED), key=lambda report: report.time, default=None)
    if latest:
        yield latest.subject, (0, Decimal(str(latest.data["vacant_fte"])))


def _moved_into(spell: Spell, permanent: list[Spell]) -> bool:
    return any(
        other is not spell
        and other.end is not None
        and other.end.data["reason"] == "moved"
        and _follows(other.end.day, spell.start.day)
        for other in permanent
    )


def _follows(ended: date, started: date) -> bool:
    """On that day or the day before."""
    return ended in (started, started - timedelta(days=1))


def _team(spell: Spell) -> str:
    team: str = spell.start.data["team_id"]
    return team


STRANDS = (
    Strand(
        families=(
            Family("csc_workforce_fte", "Full-time equivalent of running employments.", {"contract": CONTRACTS}),
        ),
        needs=EMPLOYMENT,
        kind=Kind.WORKER,
        marks=fte,
        tally=counts(2),
    ),
    Strand(
        families=(
            Family(
                "csc_workforce_headcount",
                "Distinct workers with a running employment.",
                {"contract": CONTRACTS},
            ),
        ),
        needs=EMPLOYMENT,
        kind=Kind.WORKER,
        marks=headcount,
        tally=counts(2),
    ),
    Strand(
        families=(Family("csc_workforce_vacant_fte", "Vacant posts, full-time equivalent, as last reported."),),
        needs=frozenset({REPORTED}),
        kind=Kind.RECORD,
        marks=vacant,
        tally=counts(1),
    ),
    Strand(
        families=(
            Family(
                "csc_workforce_starters_fte",
                "Full-time equivalent of permanent employments that started, moves within the authority left out.",
                {"window": YEAR},
            ),
            Family(
                "csc_workforce_leavers_fte",
                "Full-time equivalent of permanent employments that ended because the worker left.",
                {"window": YEAR},
            ),
        ),
        needs=EMPLOYMENT,
        kind=Kind.WORKER,
        marks=starters_and_leavers,
        tally=windowed(2, YEAR_DAYS),
    ),
    Strand(
        families=(Family("csc_workforce_absent", "Workers in post and absent today.", {"reason": REASONS}),),
        needs=EMPLOYMENT | {"csc.absence.started"},
        kind=Kind.WORKER,
        marks=absent,
        tally=counts(len(REASONS)),
    ),
    Strand(
        families=(Family("csc_workforce_role_fte", "Full-time equivalent of running employments.", {"role": ROLES}),),
        needs=EMPLOYMENT,
        kind=Kind.WORKER,
        marks=role_fte,
        tally=counts(len(ROLES)),
    ),
)
