"""Timescales: how many items of each clock are open, overdue, due soon, and were completed on time.

Each clock is a row of a table in ``services/metrics/clocks``.
"""

from services.metrics.clocks import clocks
from services.metrics.strand import Indicator
from services.metrics.timeliness import strand_of

NAMES = tuple(clock.name for clock in clocks())

INDICATOR = Indicator(
    title="Timescales",
    meaning="What is being waited for, what has waited too long, what is about to, and what was done in time. A clock "
    "is started and stopped by what happens; each is one row of the table below.",
    source="As the rule of each clock says. DfE counts assessments by the date on which they ended.",
    numerator="Items completed on time in the window; or open items that are overdue.",
    denominator="Items completed in the window; or open items.",
    exclusions="Items that are gone: closed without what would have stopped them. Spells that ended before they "
    "started.",
    silent_on="How good the work was. Slow items are in no completed figure until they finish, so that a rising share "
    "on time can go with a growing backlog.",
    balance="Read the completed and the overdue side by side, never one alone.",
    breached="See the clock. The list behind the figure names the records, for those who can help.",
    strands=tuple(strand_of(clock, NAMES) for clock in clocks()),
)
