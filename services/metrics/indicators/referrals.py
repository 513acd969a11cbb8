"""Referrals, re-referrals and referrals with no further action."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import WINDOWS, windowed
from services.metrics.views import ChildView, Referral
from shared.domain.calendar import add_months


def referrals(child: ChildView) -> Iterator[Mark]:
    """Every referral; of these re-referrals; of these no further action."""
    for referral in child.referrals.values():
        day, id = referral.received.day, referral.received.subject
        yield Mark(referral.team, (0, day, 1), id)
        if is_rereferral(child, referral):
            yield Mark(referral.team, (1, day, 1), id)
        if referral.decided and referral.decided.data["outcome"] == "no_further_action":
            yield Mark(referral.team, (2, day, 1), id)


def is_rereferral(child: ChildView, referral: Referral) -> bool:
    """Whether an earlier-dated referral lies in the 12 months before, from the same day a year earlier on."""
    day = referral.received.day
    year_ago = add_months(day, -12)
    return any(year_ago <= other.received.day < day for other in child.referrals.values())


INDICATOR = Indicator(
    title="Referrals",
    meaning="Requests for services for children not known to be in need, how many of these children were referred "
    "within the twelve months before, and how many referrals led to nothing.",
    source="DfE, children in need: a re-referral is a referral within 12 months of an earlier one of the same child.",
    numerator="Referrals received in the window; of these re-referrals; of these decided with no further action.",
    denominator="All referrals of the window.",
    exclusions="Nothing: a referral with no further action counts, also as the earlier one. Closure dates play no "
    "part: counting from the last closure is another measure.",
    silent_on="Why a child came back. No further action says more about recording than about quality.",
    balance="The two against each other: fewer accepted, more coming back.",
    breached="Read a handful of re-referrals with those who closed the case: what would have had to be in place?",
    national="England 2025: 632,830 referrals, 22.6 % re-referrals, 6.5 % no further action; authorities 0 to 46.7 % "
    "and 0 to 52.6 % (DfE, children in need, table C1).",
    strands=(
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
            needs=frozenset({"csc.referral.received"}),
            marks={Kind.CHILD: referrals},
            tally=windowed(3),
        ),
    ),
)
