"""Who works where: teams and posts, hiring and leaving, agency workers, absences, supervision."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from deploy.rehearsal import rates
from deploy.rehearsal.rhythm import Coin, Drip, Hand, Spans, poisson
from deploy.rehearsal.setting import YEAR, Setting

CASE_ROLES = ("case_holder", "senior_practitioner")
COVERED = (*CASE_ROLES, "first_line_manager", "qualified_without_cases")
WORKING_DAYS = 253  # a year
AREAS = ("North", "East", "South", "West", "Central", "Riverside", "Hillside", "Harbour", "Meadows", "Castle")


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of team: how many there are in an authority of 60,000 children, and the posts of each."""

    name: str
    teams: int
    posts: tuple[tuple[str, int], ...]


def _with_cases(name: str, teams: int, managers: int, seniors: int, holders: int) -> Service:
    posts = (("first_line_manager", managers), ("senior_practitioner", seniors), ("case_holder", holders))
    return Service(name, teams, posts)


def _without_cases(name: str, teams: int, *posts: tuple[str, int]) -> Service:
    return Service(name, teams, posts)


SERVICES = {
    "front_door": _without_cases("Front Door", 1, ("first_line_manager", 2), ("qualified_without_cases", 14)),
    "assessment": _with_cases("Assessment", teams=4, managers=2, seniors=1, holders=6),
    "safeguarding": _with_cases("Safeguarding", teams=8, managers=1, seniors=2, holders=5),
    "disability": _with_cases("Disabled Children", teams=1, managers=1, seniors=1, holders=5),
    "care": _with_cases("Children in Care", teams=3, managers=1, seniors=1, holders=7),
    "leaving_care": _with_cases("Leaving Care", teams=2, managers=1, seniors=1, holders=4),
    "fostering": _without_cases("Fostering", 2, ("first_line_manager", 1), ("qualified_without_cases", 10)),
    "reviewing": _without_cases("Independent Reviewing", 1, ("first_line_manager", 2), ("qualified_without_cases", 18)),
    "leadership": _without_cases(
        "Service Leadership", 1, ("senior_manager", 3), ("middle_manager", 9), ("qualified_without_cases", 6)
    ),
}


@dataclass(slots=True, eq=False)
class Assignment:
    """A child who is someone's work: in a team, and mostly with a worker."""

    child: str
    team: "Team | None" = None
    worker: "Worker | None" = None
    allocation: str = ""
    over: bool = False


@dataclass(slots=True, eq=False)
class Worker:
    """One spell of one social worker in one post."""

    id: str
    employment: str
    post: "Post"
    contract: str
    appetite: float
    """How many cases come this worker's way, against others of the same hours."""
    asye_until: int = 0
    absent_until: int = 0
    gone: bool = False
    assignments: dict[str, Assignment] = field(default_factory=dict)
    """By allocation."""


@dataclass(slots=True, eq=False)
class Post:
    """One post of a team, held by a permanent worker or vacant; an agency worker may stand in."""

    team: "Team"
    role: str
    fte: float
    holder: Worker | None = None
    cover: Worker | None = None
    wanted_since: int = 0


@dataclass(slots=True, eq=False)
class Team:
    """A team, its posts, and those who work there now."""

    id: str
    service: str
    name: str
    area: str
    posts: list[Post] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)

    @property
    def manager(self) -> Worker | None:
        """The first-line manager, if there is one."""
        return next((worker for worker in self.workers if worker.post.role == "first_line_manager"), None)


class Workforce:
    """The workers of one authority, from long before the start."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        rng = setting.rng
        self._fte = Hand(rng, rates.FTE)
        self._agency_days = Spans(rng, rates.AGENCY_DAYS)
        self._covering = Coin(rng, rates.AGENCY_COVER)
        self._supervision_days = Spans(rng, rates.SUPERVISION_DAYS)
        self._leavers, self._movers, self._starters = Drip(rng), Drip(rng), Drip(rng)
        self._absences = {
            "sickness": (rates.SICKNESS_SPELLS, Spans(rng, rates.SICKNESS_DAYS)),
            "maternity": (rates.MATERNITY_SPELLS, Spans(rng, rates.MATERNITY_DAYS)),
            "other": (rates.OTHER_SPELLS, Spans(rng, rates.OTHER_DAYS)),
        }
        self.teams: dict[str, list[Team]] = {}
        self.posts: list[Post] = []
        self._build()
        self.on_leaving: Callable[[Worker], None] = lambda _worker: None
        """Told when a worker goes, whose work is to be passed on; and of long absence, the next."""
        self.on_long_absence: Callable[[Worker], None] = lambda _worker: None
        self._staff_the_past()

    # --- who gets the work

    def team(self, service: str) -> Team:
        """The team of a service that has most room."""
        return min(
            self.teams[service],
            key=lambda team: self._pressure(team) * (0.8 + 0.4 * self.setting.rng.random()),
        )

    def pick(self, team: Team, other_than: Worker | None = None) -> Worker | None:
        """The worker of a team who is to have the next case: the one with most room, more or less."""
        today, rng = self.setting.today, self.setting.rng
        best, least = None, 1e9
        for worker in team.workers:
            if worker.absent_until >= today or worker is other_than or worker.post.role not in CASE_ROLES:
                continue
            room = (len(worker.assignments) + 3) / self._capacity(worker) * (0.6 + 0.8 * rng.random())
            if room < least:
                best, least = worker, room
        return best

    def _capacity(self, worker: Worker) -> float:
        protected = 0.7 if worker.asye_until >= self.setting.today else 1.0
        senior = 0.55 if worker.post.role == "senior_practitioner" else 1.0
        return worker.post.fte * worker.appetite * protected * senior

    def _pressure(self, team: Team) -> float:
        cases = sum(len(worker.assignments) for worker in team.workers)
        return (cases + 5) / (sum(worker.post.fte for worker in team.workers) + 0.1)

    # --- posts and people at the start

    def _build(self) -> None:
        areas = iter(AREAS * 40)
        for key, service in SERVICES.items():
            count = max(1, round(service.teams * self.setting.children / rates.CHILDREN))
            scale = service.teams * self.setting.children / rates.CHILDREN / count
            self.teams[key] = [self._found(key, service, next(areas), number, scale) for number in range(count)]

    def _found(self, key: str, service: Service, area: str, number: int, scale: float) -> Team:
        team = Team(f"{key.replace('_', '-')}-{number + 1}", key, f"{service.name} {area}", area)
        for role, count in service.posts:
            posts = max(1, round(count * scale))
            team.posts += [Post(team, role, float(self._fte.deal())) for _ in range(posts)]
        self.posts += team.posts
        return team

    def _staff_the_past(self) -> None:
        start, diary = self.setting.start, self.setting.diary
        for post in self.posts:
            if self._vacant_at_start(post):
                post.wanted_since = start - self.setting.within(10, 400)
            else:
                diary.at(start - self._tenure(), self._appoint, post)
        self._past_leavers()
        for team in self._all_teams():
            diary.at(start - 720, self._describe, team)
        diary.at(start - 31, self._report)
        for days in range(196, 0, -7):
            diary.at(start - days, self._take_on_agency, 1 - days / 210)

    def _vacant_at_start(self, post: Post) -> bool:
        leads = post.role.endswith("_manager")
        return self.setting.happens(self._vacancy_share() * (0.35 if leads else 1.12))

    def _vacancy_share(self) -> float:
        return min(0.45, rates.VACANCY_SHARE * self.setting.profile.vacancies)

    def _tenure(self) -> int:
        return min(int(self.setting.rng.expovariate(1 / rates.TENURE_YEARS) * YEAR), int(24 * YEAR)) + 1

    def _past_leavers(self) -> None:
        in_post = sum(1 for post in self.posts if not post.wanted_since)
        rng, start = self.setting.rng, self.setting.start
        for _ in range(round(in_post * rates.TURNOVER * self.setting.profile.turnover)):
            post, left = rng.choice(self.posts), start - self.setting.within(1, 364)
            self.setting.diary.at(left - 60 - self._tenure(), self._pass_through, post, left)

    def _pass_through(self, post: Post, left: int) -> None:
        """Employ someone who leaves before the start and of whose work nothing remains."""
        worker = Worker(self._worker_id(), self.setting.recorder.record_id("E"), post, "permanent", 1.0)
        self._put_employment(worker, None)
        self.setting.diary.at(left, self._put_end, worker, "left")

    # --- a day

    def live(self) -> None:
        """What happens in the workforce on a day."""
        today = self.setting.today
        if self.setting.almanac.works(today):
            self._leave_and_hire()
            self._fall_ill()
        if (today - 1) % 7 == 0:
            self._take_on_agency()
        if date.fromordinal(today).day == 1:
            self._report()

    def _leave_and_hire(self) -> None:
        in_post = [post.holder for post in self.posts if post.holder]
        leavers = len(in_post) * rates.TURNOVER * self.setting.profile.turnover / WORKING_DAYS
        for _ in range(self._leavers.drip(leavers)):
            self._leave(self.setting.rng.choice(in_post))
        for _ in range(self._movers.drip(len(in_post) * rates.MOVES / WORKING_DAYS)):
            self._move(self.setting.rng.choice(in_post))
        self._hire(leavers)

    def _some(self, workers: list[Worker], mean: float) -> Iterator[Worker]:
        for _ in range(poisson(self.setting.rng, mean)):
            worker = self.setting.rng.choice(workers)
            if not worker.gone:
                yield worker

    def _hire(self, mean: float) -> None:
        wanted = [post for post in self.posts if post.holder is None]
        short = sum(post.fte for post in wanted) / sum(post.fte for post in self.posts)
        keenness = (short / self._vacancy_share()) ** 3
        for _ in range(min(len(wanted), self._starters.drip(mean * keenness))):
            wanted.sort(key=lambda post: post.wanted_since)
            post = wanted.pop(int(self.setting.rng.random() ** 2 * len(wanted)))
            self._appoint(post)

    # --- coming and going

    def _appoint(self, post: Post, before: Worker | None = None) -> None:
        if post.cover and self.setting.happens(0.7):
            self._leave(post.cover)
        new = not before and post.role == "case_holder" and self.setting.happens(rates.NEWLY_QUALIFIED)
        asye_until = before.asye_until if before else self.setting.today + 365 if new else 0
        post.holder = self._employ(post, "permanent", before.id if before else self._worker_id(), asye_until)

    def _employ(self, post: Post, contract: str, worker_id: str, asye_until: int = 0) -> Worker:
        appetite = self.setting.rng.lognormvariate(0, 0.22)
        worker = Worker(worker_id, self.setting.recorder.record_id("E"), post, contract, appetite, asye_until)
        self._put_employment(worker, post.holder is None if contract == "agency" else None)
        post.team.workers.append(worker)
        if post.role in CASE_ROLES:
            self._plan_supervision(worker, self.setting.today)
        return worker

    def _worker_id(self) -> str:
        return f"w{self.setting.rng.getrandbits(44):011x}"

    def _put_employment(self, worker: Worker, covers: bool | None) -> None:
        post, manager = worker.post, worker.post.team.manager
        data: dict[str, object] = {"worker_id": worker.id, "team_id": post.team.id, "fte": post.fte}
        data |= {"contract": worker.contract, "role": post.role}
        if worker.asye_until:
            data["asye_until"] = date.fromordinal(worker.asye_until).isoformat()
        if manager and manager is not worker:
            data["manager_id"] = manager.id
        if covers is not None:
            data["covers_vacancy"] = covers
        self.setting.recorder.put("csc.employment.started", worker.employment, self.setting.today, data)

    def _put_end(self, worker: Worker, reason: str) -> None:
        self.setting.recorder.put("csc.employment.ended", worker.employment, self.setting.today, {"reason": reason})

    def _leave(self, worker: Worker, reason: str = "left") -> None:
        if worker.gone:
            return
        worker.gone = True
        post = worker.post
        post.team.workers.remove(worker)
        if post.holder is worker:
            post.holder, post.wanted_since = None, self.setting.today
        if post.cover is worker:
            post.cover = None
        self._put_end(worker, reason)
        self.on_leaving(worker)

    def _move(self, worker: Worker) -> None:
        wanted = [post for post in self.posts if post.holder is None and post.role in CASE_ROLES]
        if wanted and not worker.gone and worker.post.role in CASE_ROLES and worker.absent_until < self.setting.today:
            self._leave(worker, "moved")
            self._appoint(self.setting.rng.choice(wanted), worker)

    # --- agency

    def _take_on_agency(self, part: float = 1.0) -> None:
        share = min(0.5, rates.AGENCY_SHARE * self.setting.profile.agency)
        in_post = sum(post.fte for post in self.posts if post.holder)
        working = sum(post.fte for post in self.posts if post.cover)
        lacking = part * in_post * share / (1 - share) * (0.96 + 0.08 * self.setting.rng.random()) - working
        while lacking > 0.4 and (post := self._post_to_cover()):
            lacking -= post.fte
            self._cover(post)

    def _post_to_cover(self) -> Post | None:
        vacant = self._covering.toss()
        open_posts = [
            post
            for post in self.posts
            if post.cover is None and (post.holder is None) == vacant and post.role in COVERED
        ]
        return self.setting.rng.choice(open_posts) if open_posts else None

    def _cover(self, post: Post) -> None:
        worker = post.cover = self._employ(post, "agency", self._worker_id())
        days = self._agency_days.deal()
        if self.setting.today < self.setting.start:
            days = max(self.setting.start - self.setting.today + 1, int(days * self.setting.rng.random()))
        friday = self.setting.today + days + 5 - (self.setting.today + days) % 7
        self.setting.diary.at(friday, self._leave, worker)

    # --- absence

    def _fall_ill(self) -> None:
        workers = [worker for team in self._all_teams() for worker in team.workers]
        for reason, (spells, days) in self._absences.items():
            for worker in self._some(workers, len(workers) * spells / WORKING_DAYS):
                if worker.absent_until < self.setting.today:
                    self._absent(worker, reason, days.deal())

    def _absent(self, worker: Worker, reason: str, days: int) -> None:
        absence, today = self.setting.recorder.record_id("B"), self.setting.today
        worker.absent_until = today + days - 1
        self.setting.recorder.put("csc.absence.started", absence, today, {"worker_id": worker.id, "reason": reason})
        self.setting.diary.at(today + days, self.setting.recorder.put, "csc.absence.ended", absence, today + days, {})
        if days > 25:
            self.setting.diary.at(self.setting.workday(5, 20), self._long_absent, worker)

    def _long_absent(self, worker: Worker) -> None:
        if not worker.gone:
            self.on_long_absence(worker)

    # --- supervision

    def _plan_supervision(self, worker: Worker, since: int) -> None:
        earliest = max(since, self.setting.start - self.setting.within(16, 30))
        day = self.setting.almanac.on_or_after(earliest + self._supervision_days.deal() - 2)
        self.setting.diary.at(day, self._supervise, worker)

    def _supervise(self, worker: Worker) -> None:
        today = self.setting.today
        if worker.gone:
            return
        if worker.absent_until >= today:
            self._plan_supervision(worker, worker.absent_until - 8)
            return
        self._put_supervision(worker)
        self._plan_supervision(worker, today)

    def _put_supervision(self, worker: Worker) -> None:
        supervisor = worker.post.team.manager or next(iter(self.teams["leadership"][0].workers), None)
        if supervisor:
            kind = "one_to_one" if self.setting.happens(0.86) else self.setting.rng.choice(("peer", "group"))
            data = {"worker_id": worker.id, "supervisor_id": supervisor.id, "kind": kind}
            record = self.setting.recorder.record_id("S")
            self.setting.recorder.put("csc.supervision.held", record, self.setting.today, data)

    # --- what teams report

    def _all_teams(self) -> Iterator[Team]:
        for teams in self.teams.values():
            yield from teams

    def _describe(self, team: Team) -> None:
        data = {"name": team.name, "area": team.area}
        self.setting.recorder.put("csc.team.described", team.id, self.setting.today, data)

    def _report(self) -> None:
        for team in self._all_teams():
            vacant = round(sum(post.fte for post in team.posts if post.holder is None), 2)
            posts = round(sum(post.fte for post in team.posts), 2)
            data = {"vacant_fte": vacant, "posts_fte": posts}
            self.setting.recorder.put("csc.establishment.reported", team.id, self.setting.today, data)
