"""Visits and what else comes round again and again: recorded from some time before the start on."""

from collections.abc import Callable

from deploy.rehearsal.setting import Setting

VISITS_BACK = 90
"""Days before the start from which visits are told."""


class Visits:
    """Puts visits on record, and finds their next day."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def put(self, child: str, purpose: str, record: str) -> bool:
        """Record today's visit to a child; tells whether the child was seen."""
        seen = self._setting.happens(0.94)
        data = {"child_id": child, "purpose": purpose, "record_id": record, "seen": seen}
        if seen:
            data["seen_alone"] = self._setting.happens(0.72)
        self._setting.recorder.put(
            "csc.visit.recorded", self._setting.recorder.record_id("V"), self._setting.today, data
        )
        return seen

    def again(self, working_days: int, act: Callable[[], None], seen: bool = True) -> None:
        """Come back after so many working days; in a few days if nobody was seen."""
        today, almanac = self._setting.today, self._setting.almanac
        day = almanac.add(today, working_days if seen else 1 + working_days % 3)
        earliest = self._setting.start - VISITS_BACK
        if day < earliest:
            day = almanac.on_or_after(earliest + self._setting.within(0, 20))
        self._setting.diary.at(day, act)
