"""Draws what becomes of a referral, so that shares and stocks add up to England's."""

from deploy.rehearsal import rates
from deploy.rehearsal.episodes import Pathway
from deploy.rehearsal.rhythm import Coin, Hand, Spans
from deploy.rehearsal.setting import Setting, later

CALM_ENDINGS = (("none", 53.5), ("short", 21.0), ("plan", 23.5), ("disability", 2.0))
"""After an assessment without an enquiry; `none` comes to 31 % of all referrals."""

ENQUIRED_ENDINGS = (("short", 45.0), ("plan", 55.0))
SHORT_DAYS = ((10, 30, 40.0), (31, 90, 60.0))
STEP_DOWN = 0.55
AFTER_SECTION47 = ((1, 10, 60.0), (11, 30, 40.0))


class Pathways:
    """One authority's draws."""

    def __init__(self, setting: Setting) -> None:
        rng, factor = setting.rng, setting.profile.lateness
        self._setting = setting
        self._outcomes = Hand(rng, rates.REFERRAL_OUTCOMES)
        self._decisions = Spans(rng, later(rates.REFERRAL_DECISION_DAYS, 1, factor))
        self._assessments = Spans(rng, later(rates.ASSESSMENT_DAYS, 45, factor))
        self._enquired = Coin(rng, rates.SECTION47_IN_ASSESSMENT)
        self._enquired_later = Coin(rng, rates.SECTION47_IN_PLAN)
        self._after = Spans(rng, AFTER_SECTION47)
        self._conferences = Coin(rng, rates.CONFERENCE_SHARE)
        self._plans = Coin(rng, rates.PLAN_SHARE)
        self._calm = Hand(rng, CALM_ENDINGS)
        self._worried = Hand(rng, ENQUIRED_ENDINGS)
        self._days = {
            "none": Spans(rng, ((0, 10, 1.0),)),
            "short": Spans(rng, SHORT_DAYS),
            "plan": Spans(rng, rates.CIN_PLAN_DAYS),
            "disability": Spans(rng, rates.DISABILITY_DAYS),
            "protection": Spans(rng, rates.CP_PLAN_DAYS),
        }

    def draw(self, outcome: str | None = None) -> Pathway:
        """What becomes of the next referral; or of one of which the decision is known."""
        outcome = outcome or self._outcomes.deal()
        if outcome not in ("assessment", "strategy_discussion"):
            return Pathway(outcome, self._decisions.deal())
        assessment = self._assessments.deal()
        decision = min(self._decisions.deal(), assessment)
        if outcome == "assessment" and not self._enquired.toss():
            return self._calmly(outcome, decision, assessment)
        after = 0 if outcome == "strategy_discussion" else self._after.deal()
        return self._worriedly(outcome, decision, assessment, after)

    def enquiry(self) -> tuple[bool, bool]:
        """Whether an enquiry leads to a conference, and that to a plan."""
        conference = self._conferences.toss()
        return conference, conference and self._plans.toss()

    def protection_days(self) -> int:
        """The length of a protection plan."""
        return self._days["protection"].deal()

    def step_down_days(self) -> int:
        """The length of a plan for a child in need after a protection plan, 0 for none."""
        return self._days["plan"].deal() * 2 // 3 if self._setting.happens(STEP_DOWN) else 0

    def _calmly(self, outcome: str, decision: int, assessment: int) -> Pathway:
        ending = self._calm.deal()
        days = self._days[ending].deal()
        return Pathway(outcome, decision, assessment, ending=ending, days=days, step_up=self._step_up(ending, days))

    def _worriedly(self, outcome: str, decision: int, assessment: int, after: int) -> Pathway:
        conference, plan = self.enquiry()
        ending = "protection" if plan else self._worried.deal()
        days = self._days[ending].deal()
        return Pathway(
            outcome,
            decision,
            assessment,
            section47_after=after,
            conference=conference,
            plan=plan,
            ending=ending,
            days=days,
            step_down=self.step_down_days() if plan else 0,
            step_up=self._step_up(ending, days),
        )

    def _step_up(self, ending: str, days: int) -> int:
        return self._setting.within(20, days) if ending == "plan" and self._enquired_later.toss() else 0
