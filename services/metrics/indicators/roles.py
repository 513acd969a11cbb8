"""Who does what: full-time equivalent by role, and with it the span of control."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import counts
from services.metrics.views import EMPLOYED, WorkerView, fte_of, team_of

ROLES = (
    "senior_manager",
    "middle_manager",
    "first_line_manager",
    "senior_practitioner",
    "case_holder",
    "qualified_without_cases",
)


def role_fte(worker: WorkerView) -> Iterator[Mark]:
    """Each running employment, by role."""
    for spell in worker.running:
        position = ROLES.index(spell.start.data["role"])
        yield Mark(team_of(spell), (position, fte_of(spell)), spell.start.subject)


INDICATOR = Indicator(
    title="Roles",
    meaning="How many hold cases, and how many they are to a manager.",
    source="Children's social work workforce census, item organisational role.",
    numerator="Full-time equivalent of running employments, by role.",
    denominator="Span of control: case holders and senior practitioners, to one first line manager.",
    exclusions="Employments that have ended.",
    silent_on="Whom each manager really supervises.",
    balance="Supervision overdue.",
    breached="The National Framework asks for manageable spans of control and gives no number; the small ones "
    "recovered.",
    national="England 2025: 40.1 % of social workers are case holders by role (DfE, children's social work workforce).",
    strands=(
        Strand(
            families=(
                Family("csc_workforce_role_fte", "Full-time equivalent of running employments.", {"role": ROLES}),
            ),
            needs=EMPLOYED,
            marks={Kind.WORKER: role_fte},
            tally=counts(len(ROLES)),
        ),
    ),
)
