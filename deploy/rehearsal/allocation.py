"""Whose work a child is: allocation, transfer, and passing on when workers go."""

from collections.abc import Iterable

from deploy.rehearsal import rates
from deploy.rehearsal.rhythm import Spans
from deploy.rehearsal.setting import Setting
from deploy.rehearsal.workforce import Assignment, Team, Worker, Workforce

ALLOCATIONS_BACK = 400
"""Days before the start from which allocations are told; of older cases only the present worker is known."""


class Allocation:
    """Gives children to workers; brothers and sisters go to one."""

    def __init__(self, setting: Setting, workforce: Workforce) -> None:
        self.setting = setting
        self.workforce = workforce
        self._days = Spans(setting.rng, rates.ALLOCATION_DAYS)
        workforce.on_leaving = self._pass_on
        workforce.on_long_absence = self._relieve

    def assign(self, work: list[Assignment], team: Team, within: int | None = None) -> None:
        """Make children the work of a team, and in a day or two of one of its workers."""
        for one in work:
            one.team = team
        days = self._days.deal() if within is None else within
        self._give_at(self.setting.almanac.add(self.setting.today, days), work)

    def transfer(self, work: list[Assignment], team: Team) -> None:
        """Hand children over to a worker of another team."""
        self.end(work, "TSPROC")
        self.assign(work, team, within=0 if self.setting.happens(0.8) else 2)

    def end(self, work: Iterable[Assignment], reason: str) -> None:
        """Nobody's work for now."""
        for one in work:
            if one.worker:
                del one.worker.assignments[one.allocation]
                one.worker = None
                self._put_end(one.allocation, one.child, reason)

    def finish(self, work: Iterable[Assignment], reason: str = "CLOSED") -> None:
        """Nobody's work for good."""
        work = list(work)
        for one in work:
            one.over = True
        self.end(work, reason)

    def assist(self, work: list[Assignment], days: int) -> None:
        """A second worker works with the children for a while."""
        team = work[0].team
        worker = self.workforce.pick(team, work[0].worker) if team else None
        if worker:
            for one in work:
                record = self._put(one, worker, "co_worker")
                self.setting.diary.at(self.setting.today + days, self._put_end, record, one.child, "MANAGE")

    def _give_at(self, day: int, work: list[Assignment]) -> None:
        earliest = self.setting.start - ALLOCATIONS_BACK
        if day < earliest:
            day = earliest + self.setting.within(0, ALLOCATIONS_BACK - 1)
        self.setting.diary.at(day, self._give, work)

    def _give(self, work: list[Assignment]) -> None:
        waiting = [one for one in work if not one.over and not one.worker]
        if not waiting or not waiting[0].team:
            return
        worker = self.workforce.pick(waiting[0].team)
        if worker is None:
            self.setting.diary.at(self.setting.almanac.add(self.setting.today, 2), self._give, waiting)
            return
        for one in waiting:
            one.worker = worker
            one.allocation = self._put(one, worker, "lead")
            worker.assignments[one.allocation] = one

    def _put(self, one: Assignment, worker: Worker, role: str) -> str:
        record = self.setting.recorder.record_id("L")
        data = {"child_id": one.child, "worker_id": worker.id, "team_id": worker.post.team.id, "role": role}
        self.setting.recorder.put("csc.case.allocated", record, self.setting.today, data)
        return record

    def _put_end(self, record: str, child: str, reason: str) -> None:
        data = {"child_id": child, "reason": reason}
        self.setting.recorder.put("csc.case.deallocated", record, self.setting.today, data)

    def _pass_on(self, worker: Worker) -> None:
        """Somebody left: mostly all is handed over on the day, at times it lies for a while."""
        late = 0 if self.setting.happens(0.8) else self.setting.within(1, 6)
        self.setting.diary.at(self.setting.almanac.add(self.setting.today, late), self._hand_over, worker, "LEFTRL")

    def _relieve(self, worker: Worker) -> None:
        self._hand_over(worker, "ABSENC")

    def _hand_over(self, worker: Worker, reason: str) -> None:
        for work in _together(worker):
            self.end(work, reason)
            delay = 0 if self.setting.happens(0.7) else self.setting.within(1, 5)
            self._give_at(self.setting.almanac.add(self.setting.today, delay), work)


def _together(worker: Worker) -> list[list[Assignment]]:
    """A worker's children in threes, as they came: mostly brothers and sisters are together."""
    work = list(worker.assignments.values())
    return [work[place : place + 3] for place in range(0, len(work), 3)]
