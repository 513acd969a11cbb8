"""What cannot be right: records that contradict each other, for the team that keeps them to mend."""

from collections.abc import Iterable, Iterator

from services.metrics.casebook import Kind
from services.metrics.clocks import clocks
from services.metrics.strand import AUTHORITY, Family, Indicator, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import ChildView, Spell, View, WorkerView

CHECKS = (
    "stop_before_start",
    "end_before_start",
    "closed_with_open_assessment",
    "unknown_worker",
    "overlapping_plans",
    "plan_without_case",
    "allocation_without_case",
)


def of_child(child: ChildView) -> Iterator[Mark]:
    """What is wrong with the records about one child."""
    yield from stops_before_starts(Kind.CHILD, child)
    cp, cin, care = (_spells(child, kind) for kind in ("csc.cp_plan", "csc.cin_plan", "csc.care"))
    allocations = _spells(child, "csc.case", "allocated", "deallocated")
    yield from _ends_before_starts([*cp, *cin, *care, *child.placements, *allocations])
    yield from _marks("closed_with_open_assessment", _closed_with_open_assessment(child))
    plans = sorted(spell.start.subject for spell in cp if spell.running)
    yield from _marks("overlapping_plans", plans[1:])
    plans += [spell.start.subject for spell in cin if spell.running]
    if not child.case:
        yield from _marks("plan_without_case", plans)
    if not child.case and not plans and not any(spell.running for spell in care):
        leads = [spell for spell in child.lead_allocations if spell.running]
        yield from _marks("allocation_without_case", [spell.start.subject for spell in leads])


def of_worker(worker: WorkerView) -> Iterator[Mark]:
    """What is wrong with the records about one worker."""
    yield from _ends_before_starts([*worker.employments, *worker.absences])
    if not worker.employments:
        yield from _marks("unknown_worker", worker.lead_allocations)


def of_record(record: View) -> Iterator[Mark]:
    """What is wrong with a record that belongs to no one."""
    return stops_before_starts(Kind.RECORD, record)


def stops_before_starts(kind: Kind, view: View) -> Iterator[Mark]:
    """Stop facts dated before what they stop, each once however many clocks it stops."""
    items = [item for clock in clocks() if clock.kind is kind for item in clock.items_of(view)]
    stops = {item.stop.named for item in items if item.stop and item.stopped_before_start}
    return _marks("stop_before_start", [subject for _, subject in sorted(stops)])


def _spells(child: ChildView, record: str, started: str = "started", ended: str = "ended") -> list[Spell]:
    return child.spells(f"{record}.{started}", f"{record}.{ended}")


def _ends_before_starts(spells: Iterable[Spell]) -> Iterator[Mark]:
    return _marks("end_before_start", [spell.start.subject for spell in spells if not spell.ran])


def _closed_with_open_assessment(child: ChildView) -> list[str]:
    return [
        start.subject
        for start in child.facts("csc.assessment.started")
        if child.closed(start.data["referral_id"]) and not child.fact("csc.assessment.authorised", start.subject)
    ]


def _marks(check: str, records: Iterable[str]) -> Iterator[Mark]:
    return (Mark("", (CHECKS.index(check), 1), record) for record in records)


INDICATOR = Indicator(
    title="Data quality",
    meaning="Records that cannot both be true. The figures have a rule for each, so that they stand; the record wants "
    "mending.",
    source="Own checks, in the spirit of the census's validation rules.",
    numerator="Facts that fail a check: a stop dated before its start; a spell that ended before it began; "
    "assessments left open when the case closed; allocations to a worker of whom no employment is known; plans beyond "
    "a child's first; plans and allocations of children without a case.",
    exclusions="What was withdrawn or corrected since.",
    silent_on="What is missing altogether, and what is wrong but could be true.",
    balance="Superseded facts: a source that mends its records corrects them.",
    breached="The list behind the figure names the records; the team that keeps them corrects them in its own system.",
    strands=(
        Strand(
            families=(Family("csc_data_quality_facts", "Facts that fail a check.", {"check": CHECKS}),),
            needs=frozenset(),
            marks={Kind.CHILD: of_child, Kind.WORKER: of_worker, Kind.RECORD: of_record},
            tally=counts(len(CHECKS)),
            per=AUTHORITY,
        ),
    ),
)
