"""How long after it happened a thing is written down."""

from bisect import bisect_left
from collections.abc import Iterator

from services.metrics.casebook import STATE_REPORTS, Kind
from services.metrics.fact import Fact
from services.metrics.strand import SOURCE, Family, Indicator, Mark, Strand
from services.metrics.tally import cumulated
from services.metrics.views import RecordView, View

AN_HOUR, A_DAY = 3600, 86_400
BOUNDS = {
    "1h": AN_HOUR,
    "1d": A_DAY,
    "2d": 2 * A_DAY,
    "5d": 5 * A_DAY,
    "10d": 10 * A_DAY,
    "20d": 20 * A_DAY,
    "45d": 45 * A_DAY,
}
"""In seconds, by label."""
SECONDS = tuple(BOUNDS.values())
AT_MOST = (*BOUNDS, "+Inf")


def delays(view: View) -> Iterator[Mark]:
    """The fact, under the first bound that holds its delay; the tally adds those that follow."""
    for fact in current(view):
        delay = fact.delay
        if delay is not None:
            yield Mark(fact.source, (bisect_left(SECONDS, delay), 1), fact.subject)


def current(view: View) -> Iterator[Fact]:
    """The facts that stand; of the reports on one team the latest."""
    for type in sorted(view.types):
        if type not in STATE_REPORTS:
            yield from view.facts(type)
        elif isinstance(view, RecordView) and (latest := view.latest_report(type)):
            yield latest


INDICATOR = Indicator(
    title="Recording delay",
    meaning="How far behind the work its record is: a visit made and not yet written looks like none.",
    source="Own definition, by the event contract's recorded time. Local standards: 24 hours for what is critical, "
    "two working days for visits, five for the rest.",
    numerator="Facts that stand and say when they were recorded, by recorded time less time (cumulative).",
    denominator="All facts of the source that say when they were recorded.",
    exclusions="Facts without a recorded time. A source that knows only dates counts from midnight.",
    silent_on="How long the way from the recording system to here took: see the newest arrival of the source.",
    balance="Visits overdue, of which some are only unwritten.",
    breached="Ask what stands between the visit and the record: time, a form, a laptop that does not connect.",
    strands=(
        Strand(
            families=(
                Family(
                    "csc_recording_delay_facts",
                    "Facts that stand, by how long after they happened they were recorded (cumulative).",
                    {"at_most": AT_MOST},
                ),
            ),
            needs=frozenset(),
            marks={Kind.CHILD: delays, Kind.RECORD: delays},
            tally=cumulated(len(AT_MOST)),
            per=SOURCE,
        ),
    ),
)
