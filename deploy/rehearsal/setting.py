"""Where the rehearsal plays: what all that happens in one authority shares."""

from dataclasses import dataclass
from random import Random

from deploy.rehearsal.diary import Diary
from deploy.rehearsal.people import Register
from deploy.rehearsal.rates import CHILDREN
from deploy.rehearsal.recording import Recorder
from deploy.rehearsal.rhythm import Almanac, almanac

YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Profile:
    """How one authority differs from England: factors on the published rates, 1 for none."""

    children: float = 1.0
    demand: float = 1.0
    turnover: float = 1.0
    agency: float = 1.0
    vacancies: float = 1.0
    lateness: float = 1.0
    """How many more assessments, conferences and visits are late."""


PROFILES = (
    Profile(),
    Profile(children=0.7, demand=0.75, turnover=1.5, agency=1.9, vacancies=1.8, lateness=1.7),
    Profile(children=1.4, demand=1.2, turnover=0.8, agency=0.4, vacancies=0.7, lateness=0.6),
)
"""The first is England in small; then one under strain and one at ease. Further authorities begin again."""


class Setting:
    """One authority: its size and profile, its chance, its diary and its recording systems."""

    def __init__(self, seed: int, number: int, start: int, size: float) -> None:
        self.code = f"E99{number:06}"
        self.profile = PROFILES[(number - 1) % len(PROFILES)]
        self.children = CHILDREN * size * self.profile.children
        self.start = start
        self.rng = Random(f"rehearsal {seed} {self.code}")
        self.almanac: Almanac = almanac()
        self.diary = Diary(self.almanac.first)
        self.recorder = Recorder(self.rng, self.code, self.almanac)
        self.register = Register(self.rng)

    @property
    def today(self) -> int:
        """The day being lived."""
        return self.diary.today

    def yearly(self, rate: float) -> float:
        """What a rate a year and 10,000 children comes to here, a year."""
        return rate * self.children / 10_000

    def daily(self, rate: float) -> float:
        """The same a day."""
        return self.yearly(rate) / YEAR

    def within(self, low: int, high: int) -> int:
        """A number of days, each as likely."""
        return low + int(self.rng.random() * (high - low + 1))

    def workday(self, low: int, high: int) -> int:
        """A working day, so many days from now."""
        return self.almanac.on_or_after(self.today + self.within(low, high))

    def happens(self, share: float) -> bool:
        """Whether something happens that does so in this share of cases."""
        return self.rng.random() < share


def later(
    brackets: tuple[tuple[int, int, float], ...], on_time: int, factor: float
) -> tuple[tuple[int, int, float], ...]:
    """Brackets of durations; those beyond the time allowed have ``factor`` times their share."""
    return tuple((low, high, share * (factor if low > on_time else 1)) for low, high, share in brackets)
