"""Turnover: permanent staff who came and who left in a year."""

from collections.abc import Iterator
from datetime import date, timedelta

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import windowed
from services.metrics.views import EMPLOYED, Spell, WorkerView, fte_of, team_of

YEAR = ("365d",)
YEAR_DAYS = (timedelta(days=365),)


def starters_and_leavers(worker: WorkerView) -> Iterator[Mark]:
    """Permanent employments: those that started, unless the worker moved into them; those that ended by leaving."""
    permanent = [spell for spell in worker.employments if spell.ran and spell.start.data["contract"] == "permanent"]
    for spell in permanent:
        if not _moved_into(spell, permanent):
            yield Mark(team_of(spell), (0, spell.start.day, fte_of(spell)), spell.start.subject)
        if spell.end and spell.end.data["reason"] == "left":
            yield Mark(team_of(spell), (1, spell.end.day, fte_of(spell)), spell.start.subject)


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


INDICATOR = Indicator(
    title="Turnover",
    meaning="How much of the permanent staff left within a year, and how much came.",
    source="DfE, children's social work workforce: leavers of the year over those in post at its end.",
    numerator="Full-time equivalent of permanent employments that ended `left` in the last 365 days; of those that "
    "started.",
    denominator="Full-time equivalent of permanent staff in post now (not the average, not the start).",
    exclusions="Moves within the authority, agency staff, and employments that never ran. Unlike DfE's, whoever came "
    "and left within the year counts.",
    silent_on="Why they left. Moves out to another service of the council are not told apart from resignations.",
    balance="Agency staff and vacancies: a low turnover of few permanent staff is no stability.",
    breached="Ask those who leave and, sooner, those who stay; look at caseload and supervision of their teams.",
    national="England 2025: 11.8 %; authorities' 10th to 90th percentile 7.6 to 19.5 % (DfE, children's social work "
    "workforce).",
    strands=(
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
            needs=EMPLOYED,
            marks={Kind.WORKER: starters_and_leavers},
            tally=windowed(2, YEAR_DAYS),
        ),
    ),
)
