"""What comes in: contacts and referrals, re-referrals, and what is decided on them.

Counted per child: a contact about four siblings is four contacts. DfE: a re-referral is a referral within 12 months
of an earlier referral of the same child (England 22.6 % in 2025); the share with no further action says more about
recording than about quality (England 6.5 %, authorities 0 to 52.6 %).
"""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Mark, Strand
from services.metrics.tally import WINDOWS, windowed
from services.metrics.views import ChildView, Referral
from shared.domain.calendar import add_months

OUTCOMES = ("referral", "early_help", "advice", "no_further_action", "existing_case", "undecided")
REFERRALS = frozenset({"csc.referral.received"})


def contacts(child: ChildView) -> Iterator[Mark]:
    """Contacts by outcome, undecided until decided."""
    for received in child.facts("csc.contact.received"):
        decided = child.fact("csc.contact.decided", received.subject)
        outcome = decided.data["outcome"] if decided else "undecided"
        yield child.team_by(received), (OUTCOMES.index(outcome), received.day, 1)


def referrals(child: ChildView) -> Iterator[Mark]:
    """Every referral; of these re-referrals; of these no further action."""
    for referral in child.referrals.values():
        yield referral.team, (0, referral.received.day, 1)
        if is_rereferral(child, referral):
            yield referral.team, (1, referral.received.day, 1)
        if referral.decided and referral.decided.data["outcome"] == "no_further_action":
            yield referral.team, (2, referral.received.day, 1)


def is_rereferral(child: ChildView, referral: Referral) -> bool:
    """Whether an earlier-dated referral lies in the 12 months before, from the same day a year earlier on."""
    day = referral.received.day
    year_ago = add_months(day, -12)
    return any(year_ago <= other.received.day < day for other in child.referrals.values())


STRANDS = (
    Strand(
        families=(
            Family("csc_contacts", "Contacts received in the window.", {"outcome": OUTCOMES, "window": WINDOWS}),
        ),
        needs=frozenset({"csc.contact.received"}),
        kind=Kind.CHILD,
        marks=contacts,
        tally=windowed(len(OUTCOMES)),
    ),
    Strand(
        families=(
            Family("csc_referrals", "Referrals received in the window.", {"window": WINDOWS}),
            Family(
                "csc_rereferrals",
                "Referrals received in the window within 12 months of an earlier referral of the child.",
                {"window": WINDOWS},
            ),
            Family(
                "csc_referrals_no_further_action",
                "Referrals received in the window and decided with no further action.",
                {"window": WINDOWS},
            ),
        ),
        needs=REFERRALS,
        kind=Kind.CHILD,
        marks=referrals,
        tally=windowed(3),
    ),
)
