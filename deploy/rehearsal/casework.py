"""From referral to closure: decision, allocation, assessment, and what the pathway has in store."""

from functools import partial

from deploy.rehearsal import rates
from deploy.rehearsal.allocation import Allocation
from deploy.rehearsal.episodes import Case, Episode, Pathway, Told
from deploy.rehearsal.need import NeedPlans
from deploy.rehearsal.pathways import Pathways
from deploy.rehearsal.people import Family
from deploy.rehearsal.protection import Protection
from deploy.rehearsal.rhythm import Hand, Spans
from deploy.rehearsal.setting import Setting, later
from deploy.rehearsal.visits import Visits
from deploy.rehearsal.workforce import Workforce

OUTLINE_BACK = 370
"""Days before the start from which closed cases are told in outline: re-referrals look back a year."""

OUTCOMES = {"none": "no_further_action", "short": "short_term_support", "protection": "child_protection"}


class Casework:
    """All open episodes of one authority."""

    def __init__(self, setting: Setting, workforce: Workforce, allocation: Allocation) -> None:
        self.setting, self.workforce, self.allocation = setting, workforce, allocation
        self.visits = Visits(setting)
        self.need = NeedPlans(setting, self.visits)
        self.protection = Protection(setting, workforce, allocation, self.visits, self.need)
        self.pathways = Pathways(setting)
        self._needs = Hand(setting.rng, rates.PRIMARY_NEEDS)
        self._kept_plans = Hand(setting.rng, rates.TRANSFERS_TO_PLAN, pack=10)
        self._sources = Hand(setting.rng, rates.CONTACT_SOURCES)
        self._reassessment_days = Spans(setting.rng, later(rates.ASSESSMENT_DAYS, 45, setting.profile.lateness))
        self._open: list[Episode] = []

    # --- the referral

    def refer(
        self,
        family: Family,
        pathway: Pathway | None = None,
        minute: int | None = None,
        told: Told | None = None,
    ) -> Episode:
        """Receive a referral of all children of a family today."""
        pathway = pathway or self.pathways.draw()
        family.referred, family.known = self.setting.today, True
        cases = [Case(child, referral=self.setting.recorder.record_id("F")) for child in family.children]
        episode = Episode(family, cases, pathway, self.setting.today, told or self._told(pathway))
        if episode.told is Told.NOTHING:
            self.setting.diary.at(self.setting.today + pathway.length, self.setting.register.let_go, family)
            return episode
        self._receive(episode, minute)
        decided = self.setting.almanac.add(self.setting.today, pathway.decision_days)
        self.setting.diary.at(decided, self._decide, episode)
        return episode

    def _told(self, pathway: Pathway) -> Told:
        if self.setting.today + pathway.length >= self.setting.start:
            return Told.ALL
        return Told.OUTLINE if self.setting.today >= self.setting.start - OUTLINE_BACK else Told.NOTHING

    def _receive(self, episode: Episode, minute: int | None) -> None:
        team, source = self.workforce.teams["front_door"][0].id, self._sources.deal()
        need = None if self.setting.happens(0.06) else self._needs.deal()
        for case in episode.cases:
            data = {"child_id": case.child, "team_id": team, "source_code": source}
            if need:
                data["primary_need"] = need
            self.setting.recorder.put("csc.referral.received", case.referral, self.setting.today, data, minute)

    def _decide(self, episode: Episode) -> None:
        for case in episode.cases:
            data = {"child_id": case.child, "outcome": episode.pathway.outcome}
            episode.put(self.setting, "csc.referral.decided", case.referral, data)
        if episode.pathway.accepted:
            self._open_case(episode)
        else:
            self.setting.register.let_go(episode.family)

    def _open_case(self, episode: Episode) -> None:
        if episode.told is Told.ALL:
            self._open.append(episode)
            self.allocation.assign(list(episode.cases), self.workforce.team("assessment"))
        self._plan_assessment(episode)
        after = episode.pathway.section47_after
        if after is not None and episode.told is Told.ALL:
            day = max(self.setting.today, episode.opened + after)
            days = episode.pathway.days if episode.pathway.plan else 0
            act = partial(self.protection.enquire, episode, episode.pathway.conference, days, self._after_protection)
            self.setting.diary.at(day, act)

    def move_in(self, episode: Episode) -> None:
        """The family was on a protection plan where it came from; mostly it will be here."""
        days = self.pathways.protection_days() if self._kept_plans.deal() else 0
        self.protection.notified(episode, days, self._after_protection)

    # --- the assessment

    def _plan_assessment(self, episode: Episode) -> None:
        almanac = self.setting.almanac
        end = max(self.setting.today, almanac.add(episode.opened, episode.pathway.assessment_days))
        begin = min(end, almanac.add(self.setting.today, self.setting.within(0, 2)))
        self.setting.diary.at(begin, self._assess, episode, end, True)

    def _assess(self, episode: Episode, end: int, first: bool) -> None:
        if episode.over:
            return
        records = {case.child: self.setting.recorder.record_id("A") for case in episode.cases}
        for case in episode.cases:
            data = {"child_id": case.child, "referral_id": case.referral}
            if case.team:
                data["team_id"] = case.team.id
            episode.put(self.setting, "csc.assessment.started", records[case.child], data)
        if episode.told is Told.ALL:
            for _ in range(self.setting.within(1, 2)):
                self.setting.diary.at(self._between(end), self._visit, records)
        self.setting.diary.at(end, self._authorise, episode, records, first)

    def _between(self, end: int) -> int:
        day = self.setting.almanac.on_or_after(
            self.setting.within(self.setting.today, max(self.setting.today, end - 2))
        )
        return min(day, end)

    def _visit(self, records: dict[str, str]) -> None:
        for child, record in records.items():
            self.visits.put(child, "assessment", record)

    def _authorise(self, episode: Episode, records: dict[str, str], first: bool) -> None:
        outcome = OUTCOMES.get(episode.pathway.ending, "child_in_need_plan") if first else "continue_plan"
        for child, record in records.items():
            data = {"child_id": child, "outcome": outcome, "child_seen": self.setting.happens(0.97)}
            episode.put(self.setting, "csc.assessment.authorised", record, data)
        if first:
            self._go_on(episode)

    def reassess(self) -> None:
        """Assess an open episode again."""
        episode = self.any_open()
        if episode and self.setting.today - episode.opened > 120:
            end = self.setting.almanac.add(self.setting.today, self._reassessment_days.deal())
            self._assess(episode, end, False)

    # --- after it

    def _go_on(self, episode: Episode) -> None:
        pathway, diary = episode.pathway, self.setting.diary
        if episode.told is not Told.ALL:
            diary.at(self.setting.almanac.on_or_after(episode.opened + pathway.length), self.close, episode)
        elif pathway.ending in ("none", "short"):
            diary.at(self.setting.workday(pathway.days, pathway.days + 2), self.close, episode)
        elif pathway.ending in ("plan", "disability"):
            diary.at(self.setting.workday(0, 7), self._begin_plan, episode)

    def _begin_plan(self, episode: Episode) -> None:
        pathway = episode.pathway
        if not episode.over:
            service = "disability" if pathway.ending == "disability" else "safeguarding"
            self.allocation.transfer(list(episode.cases), self.workforce.team(service))
            self.setting.diary.at(self.setting.workday(0, 8), self._plan, episode, pathway.days)
            if pathway.step_up:
                self.setting.diary.at(self.setting.workday(pathway.step_up, pathway.step_up), self._step_up, episode)

    def _plan(self, episode: Episode, days: int) -> None:
        if not episode.over and not any(case.cp_plan for case in episode.cases):
            self.need.begin(episode, days, self._finish)

    def _step_up(self, episode: Episode) -> None:
        conference, plan = self.pathways.enquiry()
        days = self.pathways.protection_days() if plan else 0
        self.protection.enquire(episode, conference, days, self._after_protection)

    def _after_protection(self, episode: Episode) -> None:
        if episode.pathway.step_down and not any(case.cin_plan for case in episode.cases):
            self.need.begin(episode, episode.pathway.step_down, self._finish)
        else:
            self._finish(episode)

    def _finish(self, episode: Episode) -> None:
        self.setting.diary.at(self.setting.workday(1, 14), self.close, episode)

    def close(self, episode: Episode) -> None:
        """Close the cases of a family, unless something is still going on."""
        if episode.over:
            return
        if self.setting.today < episode.busy_until:
            self.setting.diary.at(self.setting.almanac.on_or_after(episode.busy_until), self.close, episode)
            return
        episode.over = True
        reason = self._reason(episode)
        for case in episode.cases:
            self.need.end(episode, case)
            self.protection.end(episode, case)
            episode.put(self.setting, "csc.case.closed", case.referral, {"child_id": case.child, "reason": reason})
        self.allocation.finish(episode.cases)
        self.setting.register.let_go(episode.family)

    def _reason(self, episode: Episode) -> str:
        if episode.pathway.ending == "none":
            return "RC8" if self.setting.happens(0.62) else "RC9"
        return "RC5" if self.setting.happens(0.05) else "RC7"

    # --- who is open

    def keep_open(self, episode: Episode) -> None:
        """An episode that came off another."""
        self._open.append(episode)

    def any_open(self) -> Episode | None:
        """One of the open episodes."""
        while self._open:
            place = int(self.setting.rng.random() * len(self._open))
            episode = self._open[place]
            if not episode.over and episode.cases:
                return episode
            self._open[place] = self._open[-1]
            self._open.pop()
        return None
