"""Supervision of those who hold cases: from one to the next, days of absence not counted."""

from collections.abc import Iterator
from datetime import date

from services.metrics.casebook import Kind
from services.metrics.fact import UNASSIGNED
from services.metrics.repeating import intervals
from services.metrics.timeliness import Clock, Item
from services.metrics.views import HOLDING_ROLES, Spell, WorkerView, latest_started
from shared.domain.timescale import DaysThatCount, Rule

EMPLOYMENT = "csc.employment.started"
SOURCE = "The authority's policy (clocks.supervision); employer standards ask for monthly at the least"


def supervision(worker: WorkerView) -> Iterator[Item]:
    """From the start of a worker's time in a holding role to the first supervision, and from each to the next."""
    breaks = [(spell.start.day, spell.end.day if spell.end else None) for spell in worker.absences if spell.ran]
    rule = Rule(DaysThatCount(worker.policy.clocks.supervision, tuple(breaks)), SOURCE)
    for jobs in spells_in_role(worker):
        for interval in intervals(_whole(jobs), worker.supervisions):
            team = _team_on(interval.begins.day, jobs)
            yield Item(team, worker.unit.id, interval.begins, interval.ends, rule)


def spells_in_role(worker: WorkerView) -> Iterator[list[Spell]]:
    """Employments in the holding roles, in order, those together that touch or overlap."""
    held = [spell for spell in worker.employments if spell.ran and spell.start.data["role"] in HOLDING_ROLES]
    together: list[Spell] = []
    for job in sorted(held, key=lambda spell: (spell.start.day, spell.start.subject)):
        if together and job.start.day > _last_day(together):
            yield together
            together = []
        together.append(job)
    if together:
        yield together


def _last_day(jobs: list[Spell]) -> date:
    return max(job.end.day if job.end else date.max for job in jobs)


def _whole(jobs: list[Spell]) -> Spell:
    """From the first start to the last end, if all have ended."""
    ends = [job.end for job in jobs if job.end]
    return Spell(jobs[0].start, max(ends, key=lambda end: end.day) if len(ends) == len(jobs) else None)


def _team_on(day: date, jobs: list[Spell]) -> str:
    """The team of the latest-started that had started by then."""
    latest = latest_started([job for job in jobs if job.start.day <= day])
    return (latest.start.team if latest else None) or UNASSIGNED


CLOCKS = (
    Clock(
        name="supervision",
        starts="A worker's time as case holder or senior practitioner starts; then each supervision.",
        stops="The next supervision of the worker.",
        gone="That time ended.",
        rules="By policy; the 14th day where it says nothing. Days of absence do not count, and in an absence without "
        "an end nothing falls due. "
        f"{SOURCE}.",
        needs=frozenset({EMPLOYMENT}),
        kind=Kind.WORKER,
        items=supervision,
        silent_on="How good the supervision was. Counted by team, never by worker.",
        balance="Overdue visits and caseload of the same team: supervision is what gives way when there is too much "
        "of both.",
        breached="Ask the manager what they need: how many people they supervise is in the workforce figures by role.",
    ),
)
