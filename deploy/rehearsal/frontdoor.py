"""The front door: contacts by the day, what is decided on them, and the referrals that come of them."""

from deploy.rehearsal import rates
from deploy.rehearsal.casework import Casework
from deploy.rehearsal.people import Family
from deploy.rehearsal.rhythm import Coin, Drip, Hand, Spans, poisson
from deploy.rehearsal.setting import YEAR, Setting, later

SIBLINGS_MEAN = sum(int(size) * share for size, share in rates.SIBLINGS) / sum(share for _, share in rates.SIBLINGS)
BY_FAMILY = {"existing_case": 1.25}
"""Open cases are of fewer children than contacts are."""

BY_CONTACT = rates.REFERRALS - rates.TRANSFERS_IN - (1 - rates.FROM_OPEN_CASES) * rates.CARE_STARTS
"""Referrals that begin as a contact; others move in with a plan or come into care at once."""

MORE_FAMILIES = 1 + sum((BY_FAMILY.get(name, 1.0) - 1) * share for name, share in rates.CONTACT_OUTCOMES) / 100

YEARS_BACK = 5
"""Years before the start from which referrals may still be open."""


class FrontDoor:
    """Where everything begins."""

    def __init__(self, setting: Setting, casework: Casework) -> None:
        self._setting, self._casework = setting, casework
        rng = setting.rng
        self._outcomes = Hand(rng, [(name, share * BY_FAMILY.get(name, 1.0)) for name, share in rates.CONTACT_OUTCOMES])
        self._sources = Hand(rng, rates.CONTACT_SOURCES)
        self._decision_days = Spans(rng, later(rates.CONTACT_DECISION_DAYS, 1, setting.profile.lateness))
        self._rereferred = Coin(rng, rates.REREFERRED)
        expected = rates.CONTACTS * dict(rates.CONTACT_OUTCOMES)["referral"] / 100
        self._referred = Coin(rng, min(1.0, BY_CONTACT / expected))
        self._transfers, self._reassessments = Drip(rng), Drip(rng)
        for back in range(int(YEARS_BACK * YEAR), 0, -1):
            setting.diary.at(setting.start - back, self._remember)

    def live(self) -> None:
        """A day at the front door, and what else begins on it."""
        setting = self._setting
        for _ in range(poisson(setting.rng, self._expected(rates.CONTACTS) * MORE_FAMILIES)):
            self._contact()
        for _ in range(self._transfers.drip(setting.daily(rates.TRANSFERS_IN) / SIBLINGS_MEAN)):
            self._move_in()
        if setting.almanac.works(setting.today):
            for _ in range(self._reassessments.drip(setting.yearly(rates.REASSESSMENTS) / 253 / SIBLINGS_MEAN)):
                self._casework.reassess()

    def _expected(self, rate: float) -> float:
        setting = self._setting
        return setting.daily(rate) * setting.profile.demand * setting.almanac.weight(setting.today) / SIBLINGS_MEAN

    def _remember(self) -> None:
        """A day before the start: referrals only."""
        for _ in range(poisson(self._setting.rng, self._expected(rates.REFERRALS))):
            self._casework.refer(self._referred_family())

    def _referred_family(self) -> Family:
        back = self._setting.register.returning(self._setting.today) if self._rereferred.toss() else None
        return back or self._setting.register.newcomers()

    # --- contacts

    def _contact(self) -> None:
        outcome = self._outcomes.deal()
        children, family = self._about(outcome)
        record, minute = self._setting.recorder.record_id("Z"), self._minute()
        source, team = self._sources.deal(), self._casework.workforce.teams["front_door"][0].id
        for child in children:
            data = {"child_id": child, "team_id": team, "source_code": source}
            self._setting.recorder.put("csc.contact.received", record, self._setting.today, data, minute)
        day = self._setting.almanac.add(self._setting.today, self._decision_days.deal())
        self._setting.diary.at(day, self._decide, record, children, outcome, family)

    def _about(self, outcome: str) -> tuple[list[str], Family | None]:
        """The children, and the family if a referral is to come of it."""
        if outcome == "referral":
            family = self._referred_family()
            family.known = True
            return list(family.children), family
        episode = self._casework.any_open() if outcome == "existing_case" else None
        if episode:
            return [case.child for case in episode.cases], None
        return list(self._setting.register.passing().children), None

    def _minute(self) -> int:
        """Mostly in office hours, with evenings."""
        if self._setting.happens(0.85):
            return 510 + int((self._setting.rng.random() + self._setting.rng.random()) * 270)
        return self._setting.within(420, 1380)

    def _decide(self, record: str, children: list[str], outcome: str, family: Family | None) -> None:
        for child in children:
            data = {"child_id": child, "outcome": outcome}
            self._setting.recorder.put("csc.contact.decided", record, self._setting.today, data)
        if family and self._referred.toss():
            self._casework.refer(family, minute=None)
        elif family:
            self._setting.register.let_go(family)

    # --- families who move in with a plan

    def _move_in(self) -> None:
        family = self._setting.register.newcomers()
        episode = self._casework.refer(family, self._casework.pathways.draw("assessment"))
        self._setting.diary.at(self._setting.today + 1, self._casework.move_in, episode)
