"""Section 47 enquiries, initial conferences and child protection plans."""

from collections.abc import Callable
from functools import partial

from deploy.rehearsal import rates
from deploy.rehearsal.allocation import Allocation
from deploy.rehearsal.episodes import Case, Episode
from deploy.rehearsal.need import NeedPlans
from deploy.rehearsal.rhythm import Hand, Spans
from deploy.rehearsal.setting import Setting, later
from deploy.rehearsal.visits import Visits
from deploy.rehearsal.workforce import Workforce

Then = Callable[[Episode], None]


class Protection:
    """What is done where a child may be suffering significant harm."""

    def __init__(
        self, setting: Setting, workforce: Workforce, allocation: Allocation, visits: Visits, need: NeedPlans
    ) -> None:
        self._setting, self._workforce, self._allocation = setting, workforce, allocation
        self._visits, self._need = visits, need
        rng, factor = setting.rng, setting.profile.lateness
        self._conference_days = Spans(rng, later(rates.CONFERENCE_DAYS, 15, factor), pack=50)
        self._categories = Hand(rng, rates.CP_CATEGORIES)
        self._core_group_days = Spans(rng, later(rates.CORE_GROUP_DAYS, 10, factor))
        self._first_review = Spans(rng, later(rates.CP_REVIEW_FIRST_DAYS, 90, factor))
        self._later_review = Spans(rng, later(rates.CP_REVIEW_LATER_DAYS, 181, factor))
        self._every = Spans(rng, later(rates.CP_VISIT_DAYS, 10, factor))

    # --- the enquiry

    def enquire(self, episode: Episode, conference: bool, plan_days: int, then: Then) -> None:
        """Hold a strategy discussion today; ``plan_days`` is 0 where no plan comes of it."""
        if episode.over:
            return
        enquiries = {case.child: self._setting.recorder.record_id("Q") for case in episode.cases}
        for case in episode.cases:
            data = {"child_id": case.child, "referral_id": case.referral} | _team(case)
            episode.put(self._setting, "csc.section47.started", enquiries[case.child], data)
        if conference:
            day = self._setting.almanac.add(self._setting.today, self._conference_days.deal())
            self._setting.diary.at(day, self._confer, episode, enquiries, plan_days, then)
        else:
            day = self._setting.almanac.add(self._setting.today, self._setting.within(2, 15))
        completed = day if not conference else self._setting.almanac.add(self._setting.today, 5)
        self._setting.diary.at(completed, self._complete, episode, enquiries, conference)
        episode.busy_until = max(episode.busy_until, day + 1)

    def _complete(self, episode: Episode, enquiries: dict[str, str], conference: bool) -> None:
        outcome = "conference" if conference else "no_conference"
        for child, enquiry in enquiries.items():
            data = {"child_id": child, "outcome": outcome}
            episode.put(self._setting, "csc.section47.completed", enquiry, data)

    def _confer(self, episode: Episode, enquiries: dict[str, str], plan_days: int, then: Then) -> None:
        outcome = "plan" if plan_days else "no_plan"
        for child, enquiry in enquiries.items():
            data = {"child_id": child, "section47_id": enquiry, "outcome": outcome}
            episode.put(self._setting, "csc.conference.held", self._setting.recorder.record_id("K"), data)
        if plan_days:
            self.begin(episode, plan_days, then)

    # --- the move of a child on a plan from elsewhere

    def notified(self, episode: Episode, plan_days: int, then: Then) -> None:
        """A family on a plan moved here; its conference is due, or nothing comes of it."""
        notices = {case.child: self._setting.recorder.record_id("T") for case in episode.cases}
        for case in episode.cases:
            data = {"child_id": case.child} | _team(case)
            episode.put(self._setting, "csc.transfer_in.notified", notices[case.child], data)
        day = self._setting.almanac.add(self._setting.today, self._conference_days.deal())
        self._setting.diary.at(day, self._received, episode, notices, plan_days, then)
        episode.busy_until = max(episode.busy_until, day + 1)

    def _received(self, episode: Episode, notices: dict[str, str], plan_days: int, then: Then) -> None:
        for child, notice in notices.items():
            if plan_days:
                data = {"child_id": child, "notification_id": notice, "outcome": "plan"}
                episode.put(self._setting, "csc.conference.held", self._setting.recorder.record_id("K"), data)
            else:
                episode.put(self._setting, "csc.transfer_in.closed", notice, {"child_id": child})
        if plan_days:
            self.begin(episode, plan_days, then)

    # --- the plan

    def begin(self, episode: Episode, days: int, then: Then) -> None:
        """A plan for each child of the family from today, with a worker of a safeguarding team."""
        cases = [case for case in episode.cases if not case.cp_plan]
        if episode.over or not cases:
            return
        self._to_safeguarding(episode)
        category = self._categories.deal()
        for case in cases:
            self._need.end(episode, case)
            case.cp_plan = self._setting.recorder.record_id("P")
            data = {"child_id": case.child, "category": category} | _team(case)
            episode.put(self._setting, "csc.cp_plan.started", case.cp_plan, data)
        self._plan_ahead(episode, days, then)

    def end(self, episode: Episode, case: Case) -> None:
        """A child's plan ends today, if one is running."""
        if case.cp_plan:
            episode.put(self._setting, "csc.cp_plan.ended", case.cp_plan, {"child_id": case.child})
            case.cp_plan = ""

    def _to_safeguarding(self, episode: Episode) -> None:
        team = episode.cases[0].team
        if team is None or team.service == "assessment":
            self._allocation.transfer(list(episode.cases), self._workforce.team("safeguarding"))
        if self._setting.happens(0.15) and episode.opened > self._setting.start:
            self._allocation.assist(list(episode.cases), self._setting.within(30, 150))

    def _plan_ahead(self, episode: Episode, days: int, then: Then) -> None:
        today, diary, almanac = self._setting.today, self._setting.diary, self._setting.almanac
        episode.busy_until = max(episode.busy_until, today + days)
        diary.at(self._setting.workday(days, days), self._over, episode, then)
        diary.at(almanac.add(today, self._core_group_days.deal()), self._core_group, episode)
        diary.at(almanac.on_or_after(today + self._first_review.deal()), self._review, episode)
        self._visits.again(self._every.deal(), partial(self._visit, episode))

    def _over(self, episode: Episode, then: Then) -> None:
        if any(case.cp_plan for case in episode.cases):
            for case in episode.cases:
                self.end(episode, case)
            then(episode)

    def _core_group(self, episode: Episode) -> None:
        if self._meet(episode, "csc.core_group.held", "G"):
            self._visits.again(self._setting.within(18, 30), partial(self._core_group, episode))

    def _review(self, episode: Episode) -> None:
        if self._meet(episode, "csc.cp_review.held", "R"):
            day = self._setting.today + self._later_review.deal()
            self._setting.diary.at(self._setting.almanac.on_or_after(day), self._review, episode)

    def _meet(self, episode: Episode, kind: str, prefix: str) -> bool:
        on_plan = [case for case in episode.cases if case.cp_plan]
        for case in on_plan:
            data = {"child_id": case.child, "plan_id": case.cp_plan}
            episode.put(self._setting, kind, self._setting.recorder.record_id(prefix), data)
        return bool(on_plan)

    def _visit(self, episode: Episode) -> None:
        on_plan = [case for case in episode.cases if case.cp_plan]
        if on_plan:
            seen = [self._visits.put(case.child, "cp", case.cp_plan) for case in on_plan]
            self._visits.again(self._every.deal(), partial(self._visit, episode), all(seen))


def _team(case: Case) -> dict[str, str]:
    return {"team_id": case.team.id} if case.team else {}
