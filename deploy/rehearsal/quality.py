"""Case audits, the actions they ask for, and whether anyone looked if they were done."""

from datetime import date

from deploy.rehearsal import rates
from deploy.rehearsal.casework import Casework
from deploy.rehearsal.rhythm import Drip, Hand
from deploy.rehearsal.setting import Setting


class Quality:
    """The audit programme of one authority."""

    def __init__(self, setting: Setting, casework: Casework) -> None:
        self._setting, self._casework = setting, casework
        self._grades = Hand(setting.rng, rates.GRADES)
        self._audits = Drip(setting.rng)

    def live(self) -> None:
        """The audits of a day."""
        if self._setting.almanac.works(self._setting.today):
            for _ in range(self._audits.drip(self._setting.yearly(rates.AUDITS) / 253)):
                self._audit()

    def _audit(self) -> None:
        setting, episode = self._setting, self._casework.any_open()
        case = setting.rng.choice(episode.cases) if episode else None
        if case is None or case.team is None:
            return
        audit, grade = setting.recorder.record_id("X"), self._grades.deal()
        data = {"team_id": case.team.id, "grade": grade, "child_id": case.child}
        setting.recorder.put("csc.audit.completed", audit, setting.today, data)
        for _ in range(setting.within(0, 2 if grade in ("outstanding", "good") else 4)):
            self._ask(case.team.id, audit)

    def _ask(self, team: str, audit: str) -> None:
        setting, action = self._setting, self._setting.recorder.record_id("Y")
        due = setting.workday(10, 45)
        data = {"team_id": team, "due": date.fromordinal(due).isoformat(), "audit_id": audit}
        setting.recorder.put("csc.audit_action.raised", action, setting.today, data)
        if setting.happens(0.92):
            done = due - setting.within(0, 9) if setting.happens(0.72) else due + setting.within(1, 40)
            setting.diary.at(setting.almanac.on_or_after(done), self._do, action)

    def _do(self, action: str) -> None:
        setting = self._setting
        setting.recorder.put("csc.audit_action.completed", action, setting.today, {})
        if setting.happens(0.66):
            day = setting.workday(2, 30)
            setting.diary.at(day, setting.recorder.put, "csc.audit_action.verified", action, day, {})
