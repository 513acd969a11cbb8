"""Children looked after: periods of care, placements, visits, reviews, going missing, and leaving care."""

from dataclasses import dataclass

from deploy.rehearsal import rates
from deploy.rehearsal.allocation import Allocation
from deploy.rehearsal.casework import Casework
from deploy.rehearsal.episodes import Case, Episode, Pathway, Told
from deploy.rehearsal.people import Family
from deploy.rehearsal.rhythm import Drip, Hand, Spans
from deploy.rehearsal.setting import YEAR, Setting
from deploy.rehearsal.visits import VISITS_BACK
from deploy.rehearsal.workforce import Assignment

INTO_CARE = Pathway("assessment", decision_days=1, assessment_days=22, ending="care")
TOGETHER = 1.1  # children who come into care at once, on average
LONG_VISITS = {"long_term": 90, "long_term_foster": 181}
WEEKLY = {"weekly_then_six_weeks": 42, "weekly_then_four_weeks": 28}
VISITS_FURTHER_BACK = VISITS_BACK + 100
"""Some visits are due twice a year."""


@dataclass(slots=True, eq=False)
class Period:
    """One child's period of care, and the placement of now."""

    episode: Episode
    case: Case
    id: str
    began: int
    ends: int
    runs_away: bool
    reviews: int = 0
    placement: str = ""
    placed: int = 0
    regime: str = "standard"
    over: bool = False


class Care:
    """All periods of care of one authority."""

    def __init__(self, setting: Setting, casework: Casework, allocation: Allocation) -> None:
        self._setting, self._casework, self._allocation = setting, casework, allocation
        rng = setting.rng
        self._days = Spans(rng, rates.CARE_DAYS)
        self._placement_days = Spans(rng, rates.PLACEMENT_DAYS)
        self._regimes = Hand(rng, rates.REGIMES)
        self._leaving_days = Spans(rng, rates.LEAVING_CARE_DAYS)
        self._entries, self._missing = Drip(rng), Drip(rng)
        self._running: list[Period] = []
        self._remember()

    # --- the stock at the start

    def _remember(self) -> None:
        """Children in care since before the start, and those who left it and have support."""
        setting = self._setting
        back = int(rates.CARE_YEARS_BACK * YEAR)
        for _ in range(round(setting.yearly(rates.CARE_STARTS) * rates.CARE_YEARS_BACK)):
            began, days = setting.start - setting.within(1, back), self._days.deal()
            if began + days > setting.start:
                setting.diary.at(began - setting.within(2, 90), self._come, began, days)
        for _ in range(round(setting.yearly(rates.CARE_STARTS * rates.LEAVING_CARE_SHARE) * 4)):
            left, days = setting.start - setting.within(1, int(4 * YEAR)), self._leaving_days.deal()
            if left + days > setting.start:
                child = Assignment(setting.register.child())
                setting.diary.at(setting.start - setting.within(1, 390), self._support, child, left + days)

    # --- a day

    def live(self) -> None:
        """Children who come into care on a day, and children who come back from having been missing."""
        busy = self._setting.almanac.weight(self._setting.today) * 0.6 + 0.4
        for _ in range(self._entries.drip(self._setting.daily(rates.CARE_STARTS) * busy / TOGETHER)):
            self._enter()
        for _ in range(self._missing.drip(self._setting.daily(rates.MISSING))):
            self._return()

    def _enter(self) -> None:
        episode = self._at_risk() if self._setting.happens(rates.FROM_OPEN_CASES) else None
        if episode is None:
            self._come(self._setting.today + self._setting.within(0, 3), self._days.deal())
            return
        together = len(episode.cases) if self._setting.happens(0.3) else 1
        days = self._days.deal()
        for case in episode.cases[:together]:
            self._begin(self._take_out(episode, case), self._setting.today + days)

    def _at_risk(self) -> Episode | None:
        """An open episode of children not in care, rather one with a protection plan than any other."""
        some = [self._casework.any_open() for _ in range(10)]
        at_home = [episode for episode in some if episode and episode.pathway is not INTO_CARE]
        protected = (episode for episode in at_home if any(case.cp_plan for case in episode.cases))
        return next(protected, at_home[0] if at_home else None)

    def _take_out(self, episode: Episode, case: Case) -> Episode:
        """The child's case goes on by itself."""
        episode.cases.remove(case)
        episode.family.children.remove(case.child)
        episode.over = episode.over or not episode.cases
        own = Episode(Family([case.child], episode.opened, known=True), [case], INTO_CARE, episode.opened)
        self._casework.keep_open(own)
        self._setting.diary.at(self._setting.workday(7, 25), self._end_plans, own)
        return own

    def _end_plans(self, episode: Episode) -> None:
        for case in episode.cases:
            self._casework.protection.end(episode, case)
            self._casework.need.end(episode, case)

    def _come(self, began: int, days: int) -> None:
        family = Family([self._setting.register.child()])
        episode = self._casework.refer(family, INTO_CARE, told=Told.ALL)
        self._setting.diary.at(began, self._begin, episode, began + days)

    # --- the period

    def _begin(self, episode: Episode, ends: int) -> None:
        setting, case = self._setting, episode.cases[0]
        record = setting.recorder.record_id("C")
        period = Period(episode, case, record, setting.today, ends, setting.happens(0.16))
        data = {"child_id": case.child} | ({"team_id": case.team.id} if case.team else {})
        episode.put(setting, "csc.care.started", record, data)
        self._running.append(period)
        self._place(period)
        setting.diary.at(self._on_time(setting.almanac.add(setting.today, 20), 6), self._review, period)
        setting.diary.at(setting.workday(40, 170), self._to_care_team, period)
        setting.diary.at(ends, self._end, period)

    def _to_care_team(self, period: Period) -> None:
        team = period.case.team
        if not period.over and (team is None or team.service not in ("care", "disability")):
            self._allocation.transfer([period.case], self._casework.workforce.team("care"))

    def _end(self, period: Period) -> None:
        period.over = True
        self._running.remove(period)
        self._end_placement(period)
        self._end_plans(period.episode)
        self._put(period, "csc.care.ended", period.id)
        self._setting.diary.at(self._setting.workday(0, 20), self._close, period)

    def _close(self, period: Period) -> None:
        reason = self._setting.rng.choice(("RC1", "RC3", "RC4", "RC6", "RC6", "RC7", "RC7", "RC7"))
        period.episode.over = True
        self._put(period, "csc.case.closed", period.case.referral, reason=reason)
        self._allocation.finish([period.case])
        if self._setting.happens(rates.LEAVING_CARE_SHARE):
            self._support(Assignment(period.case.child), self._setting.today + self._leaving_days.deal())

    def _support(self, child: Assignment, until: int) -> None:
        self._allocation.assign([child], self._casework.workforce.team("leaving_care"), within=1)
        self._setting.diary.at(until, self._allocation.finish, [child])

    # --- placements

    def _place(self, period: Period) -> None:
        setting = self._setting
        period.placement, period.placed = setting.recorder.record_id("H"), setting.today
        period.regime = self._regimes.deal()
        self._put(period, "csc.placement.started", period.placement, care_id=period.id, regime=period.regime)
        setting.diary.at(self._on_time(setting.today + 7, 4), self._visit, period, period.placement)
        until = setting.today + self._placement_days.deal()
        if until < period.ends:
            setting.diary.at(until, self._move, period)
        if period.regime == "standard" and setting.happens(0.3):
            setting.diary.at(setting.workday(120, 500), self._settle, period, period.placement)

    def _move(self, period: Period) -> None:
        if not period.over:
            self._end_placement(period)
            self._place(period)

    def _end_placement(self, period: Period) -> None:
        self._put(period, "csc.placement.ended", period.placement)
        period.placement = ""

    def _settle(self, period: Period, placement: str) -> None:
        """The placement is now meant to last."""
        if period.placement == placement:
            period.regime = self._setting.rng.choice(("long_term", "long_term_foster", "long_term_foster"))
            record = self._setting.recorder.record_id("J")
            self._put(period, "csc.placement.regime_changed", record, placement_id=placement, regime=period.regime)

    # --- visits and reviews

    def _visit(self, period: Period, placement: str) -> None:
        if period.placement != placement:
            return
        today, told_from = self._setting.today, self._setting.start - VISITS_FURTHER_BACK
        if today < told_from:
            self._setting.diary.at(told_from + self._setting.within(0, 40), self._visit, period, placement)
            return
        seen = self._casework.visits.put(period.case.child, "care", placement)
        every = self._every(period)
        day = self._on_time(today + every, every // 3) if seen else self._setting.workday(1, 5)
        self._setting.diary.at(day, self._visit, period, placement)

    def _every(self, period: Period) -> int:
        if period.regime in WEEKLY:
            return WEEKLY[period.regime] if period.reviews else 7
        settled = self._setting.today - period.placed >= YEAR
        return LONG_VISITS.get(period.regime, 42) if settled else 42

    def _on_time(self, due: int, leeway: int) -> int:
        """A working day that is mostly by the due day, and at times beyond."""
        almanac, late = (
            self._setting.almanac,
            (1 - rates.CARE_VISITS_ON_TIME) * self._setting.profile.lateness,
        )
        if self._setting.happens(late):
            return almanac.on_or_after(due + self._setting.within(1, 14))
        day = due - self._setting.within(0, leeway)
        while not almanac.works(day):
            day -= 1
        return max(day, self._setting.today)

    def _review(self, period: Period) -> None:
        if period.over:
            return
        self._put(period, "csc.care_review.held", self._setting.recorder.record_id("I"), care_id=period.id)
        period.reviews += 1
        due = self._setting.today + (89 if period.reviews == 1 else 181)
        self._setting.diary.at(self._on_time(due, 25), self._review, period)

    # --- missing

    def _return(self) -> None:
        """A child who was missing comes back, at any hour."""
        runners = [period for period in self._running if period.runs_away]
        if not runners:
            return
        period = self._setting.rng.choice(runners)
        record, minute = self._setting.recorder.record_id("M"), self._setting.within(130, 1439)
        data = {"child_id": period.case.child}
        if period.case.team:
            data["team_id"] = period.case.team.id
        self._setting.recorder.put("csc.missing.returned", record, self._setting.today, data, minute)
        if self._setting.happens(0.93):
            days = (
                self._setting.within(1, 2)
                if self._setting.happens(rates.INTERVIEWS_IN_72_HOURS)
                else self._setting.within(4, 15)
            )
            self._setting.diary.at(self._setting.today + days, self._interview, period, record)

    def _interview(self, period: Period, record: str) -> None:
        outcome = self._setting.rng.choices(("held", "declined", "not_needed"), (80, 15, 5))[0]
        data = {"child_id": period.case.child, "outcome": outcome}
        minute = self._setting.within(540, 1080)
        self._setting.recorder.put("csc.return_interview.held", record, self._setting.today, data, minute)

    def _put(self, period: Period, kind: str, subject: str, **data: str) -> None:
        period.episode.put(self._setting, kind, subject, {"child_id": period.case.child} | data)
