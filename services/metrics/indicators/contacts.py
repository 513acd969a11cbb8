"""Contacts: what is brought to the front door, and what becomes of it."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Indicator, Mark, Strand
from services.metrics.tally import WINDOWS, windowed
from services.metrics.views import ChildView

OUTCOMES = ("referral", "early_help", "advice", "no_further_action", "existing_case", "undecided")


def contacts(child: ChildView) -> Iterator[Mark]:
    """Contacts by outcome, undecided until decided."""
    for received in child.facts("csc.contact.received"):
        decided = child.fact("csc.contact.decided", received.subject)
        outcome = decided.data["outcome"] if decided else "undecided"
        yield Mark(child.team_by(received), (OUTCOMES.index(outcome), received.day, 1), received.subject)


INDICATOR = Indicator(
    title="Contacts",
    meaning="How much comes to the front door, and how much of it turns out to need a referral.",
    source="Contacts are in no census. ADCS collects them (Safeguarding Pressures); the outcomes are those of the "
    "event contract.",
    numerator="Contacts received in the window, by what was decided; undecided until then.",
    denominator="For a share of an outcome: all contacts of the window.",
    exclusions="Nothing: new information on an open case is a contact too (outcome `existing_case`). Four siblings "
    "are four contacts.",
    silent_on="Whether the decision was right. Authorities differ in what they call a contact: compare a team with "
    "itself.",
    balance="The decision clock, and re-referrals within twelve months.",
    breached="A rise is first a question to those who refer: who brings what, and would advice have served?",
    national="England 2023-24: about 3.0 million; 22 % to referral, 14 % to early help, 30 % advice, 23 % no further "
    "action (ADCS, extrapolated from some 108 authorities).",
    strands=(
        Strand(
            families=(
                Family("csc_contacts", "Contacts received in the window.", {"outcome": OUTCOMES, "window": WINDOWS}),
            ),
            needs=frozenset({"csc.contact.received"}),
            marks={Kind.CHILD: contacts},
            tally=windowed(len(OUTCOMES)),
        ),
    ),
)
