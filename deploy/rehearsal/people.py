"""The children and families that the authority comes to know."""

from dataclasses import dataclass
from random import Random

from deploy.rehearsal.rates import SIBLINGS
from deploy.rehearsal.rhythm import Hand

LONG_AGO = -1_000_000
A_YEAR = 364


@dataclass(slots=True, eq=False)
class Family:
    """Children who are referred together."""

    children: list[str]
    referred: int = LONG_AGO
    """The day of the last referral."""
    known: bool = False
    """Whether a case is open, or being decided on."""


class Register:
    """All families seen so far."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._sizes = Hand(rng, SIBLINGS)
        self._returning: list[Family] = []
        self._passing: list[Family] = []

    def child(self) -> str:
        """A child's pseudonym."""
        return f"c{self._rng.getrandbits(52):013x}"

    def newcomers(self) -> Family:
        """A family never seen before."""
        return Family([self.child() for _ in range(int(self._sizes.deal()))])

    def let_go(self, family: Family) -> None:
        """Nothing is open for the family any more; it may come back."""
        family.known = False
        self._returning.append(family)

    def returning(self, day: int) -> Family | None:
        """A family that was referred in the last twelve months and has nothing open."""
        while self._returning:
            family = self._take(self._returning)
            if family.children and not family.known and 0 < day - family.referred <= A_YEAR:
                return family
        return None

    def passing(self) -> Family:
        """A family that a contact is about, but no referral: often one that a contact was about before."""
        if len(self._passing) > 200 and self._rng.random() < 0.35:
            return self._rng.choice(self._passing)
        family = self.newcomers()
        if self._rng.random() < 0.1:
            self._passing.append(family)
        return family

    def _take(self, families: list[Family]) -> Family:
        place = int(self._rng.random() * len(families))
        families[place], families[-1] = families[-1], families[place]
        return families.pop()
