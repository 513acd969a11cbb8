"""What is going to happen, by day."""

from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")


class Diary:
    """Appointments by day; each day's are kept in the order in which they were made."""

    def __init__(self, first: int) -> None:
        self.today = first
        self._pages: dict[int, list[Callable[[], None]]] = {}

    def at(self, day: int, act: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Put something down for a day; what lies in the past happens today."""
        page = self._pages.setdefault(max(day, self.today), [])
        page.append(lambda: act(*args, **kwargs))

    def live(self, day: int) -> None:
        """Do all that is down for a day, and what it brings on the same day."""
        self.today = day
        page = self._pages.setdefault(day, [])
        for act in page:  # grows while it is read
            act()
        del self._pages[day]
