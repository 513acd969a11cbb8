"""Plans for children in need."""

from collections.abc import Callable
from functools import partial

from deploy.rehearsal import rates
from deploy.rehearsal.episodes import Case, Episode
from deploy.rehearsal.rhythm import Spans
from deploy.rehearsal.setting import Setting, later
from deploy.rehearsal.visits import Visits


class NeedPlans:
    """Begins, visits and ends them."""

    def __init__(self, setting: Setting, visits: Visits) -> None:
        self._setting = setting
        self._visits = visits
        self._every = Spans(setting.rng, later(rates.CIN_VISIT_DAYS, 20, setting.profile.lateness))

    def begin(self, episode: Episode, days: int, then: Callable[[Episode], None]) -> None:
        """A plan for each child of the family, for so many days; ``then`` what follows."""
        for case in episode.cases:
            case.cin_plan = self._setting.recorder.record_id("N")
            data = {"child_id": case.child, "team_id": case.team.id} if case.team else {"child_id": case.child}
            episode.put(self._setting, "csc.cin_plan.started", case.cin_plan, data)
        self._setting.diary.at(self._setting.workday(days, days), self._over, episode, then)
        self._visits.again(self._every.deal(), partial(self._visit, episode))

    def end(self, episode: Episode, case: Case) -> None:
        """A child's plan ends today, if one is running."""
        if case.cin_plan:
            episode.put(self._setting, "csc.cin_plan.ended", case.cin_plan, {"child_id": case.child})
            case.cin_plan = ""

    def _visit(self, episode: Episode) -> None:
        on_plan = [case for case in episode.cases if case.cin_plan]
        if on_plan:
            seen = [self._visits.put(case.child, "cin", case.cin_plan) for case in on_plan]
            self._visits.again(self._every.deal(), partial(self._visit, episode), all(seen))

    def _over(self, episode: Episode, then: Callable[[Episode], None]) -> None:
        if any(case.cin_plan for case in episode.cases):
            for case in episode.cases:
                self.end(episode, case)
            then(episode)
