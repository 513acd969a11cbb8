"""How many facts there are, and how many events they replaced."""

from collections.abc import Iterator

from services.metrics.casebook import STATE_REPORTS, Kind
from services.metrics.strand import AUTHORITY, Family, Indicator, Mark, Strand
from services.metrics.tally import sums
from services.metrics.views import View

STATES = ("current", "superseded", "withdrawn")


def facts(view: View) -> Iterator[Mark]:
    """The unit's facts that stand, events that lost, and facts that were taken back."""
    known = list(view.unit.facts.values())
    reports = [fact for fact in known if fact.type in STATE_REPORTS]
    others = [fact for fact in known if fact.type not in STATE_REPORTS]
    current = sum(fact.stands for fact in others) + any(fact.stands for fact in reports)
    distinct = len(others) + bool(reports)  # all reports of one team are one fact
    yield Mark("", (current, sum(fact.versions for fact in known) - distinct, distinct - current))


INDICATOR = Indicator(
    title="Facts",
    meaning="How much is known, and how much of it was corrected or taken back.",
    source="The event contract: of several events for one fact the highest version counts.",
    numerator="Facts that stand; accepted events that another superseded; facts whose winner is a withdrawal.",
    exclusions="Duplicates. Events of days to come.",
    silent_on="Whether what stands is true.",
    balance="The data quality checks.",
    breached="Many superseded from one source within days: ask its owner what the system edits and why.",
    strands=(
        Strand(
            families=(Family("csc_facts", "Facts by state, and events that lost.", {"state": STATES}),),
            needs=frozenset(),
            marks={Kind.CHILD: facts, Kind.RECORD: facts},
            tally=sums(len(STATES)),
            per=AUTHORITY,
        ),
    ),
)
