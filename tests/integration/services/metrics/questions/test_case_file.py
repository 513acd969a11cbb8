"""What the journals hold about one record, whatever else they hold."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import orjson
import pytest

from services.metrics.clocks import clocks
from services.metrics.fact import decode
from services.metrics.questions.case_file import file_of
from services.metrics.questions.explanation import Question, clock_named, explain
from services.metrics.questions.provenance import Received
from shared.contracts.admission import EVERYTHING, Admitted, admit
from shared.contracts.streams import partition_of
from shared.domain.calendar import england_and_wales
from shared.domain.policy import PolicyBook
from shared.runtime import journal
from shared.runtime.database import migrate
from shared.runtime.journal import Submission
from tests.oracle.examples import AUTHORITY, contact, job, referral, said
from tests.oracle.histories import history, service_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
async def journals(database_url: str) -> AsyncIterator[Any]:
    """A connection to empty journals."""
    for service in journal.SERVICES:
        await migrate(database_url, service, journal.MIGRATIONS)
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def record(connection: Any, events: Sequence[dict[str, Any]], received: datetime = NOW) -> None:
    for service in journal.SERVICES:
        own = [orjson.dumps(event) for event in events if service_of(event["type"]) == service]
        judged = [admit(event, service=service, scope=EVERYTHING, today=NOW.date()) for event in own]
        assert all(isinstance(one, Admitted) for one in judged), judged
        admitted = [one for one in judged if isinstance(one, Admitted)]
        await connection.execute(f"SET search_path TO {service}")
        await journal.append(connection, [Submission("someone", EVERYTHING, received, admitted)])
    await connection.execute("RESET search_path")


def asked(clock: str, subject: str, known_on: date | None = None) -> Question:
    return Question(AUTHORITY, clock_named(clock), subject, NOW, known_on)


async def ids(connection: Any, question: Question) -> set[str]:
    return {event.id for event, _ in await file_of(connection, question)}


def numbered(*events: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": f"e{n}", **event} for n, event in enumerate(events)]


@pytest.mark.parametrize("seed", [3, 15])
async def test_a_file_explains_all_that_the_whole_journal_does(journals: Any, seed: int) -> None:
    events = history(seed, NOW.date(), 150)
    admitted = [event for event in events if event["time"] < "2026-03-03" and is_admitted(event)]
    await record(journals, admitted)
    everything = [Received(decode(orjson.dumps(event)), NOW.timestamp()) for event in admitted]
    asked_for, known = 0, 0
    for question in questions(everything):
        own = [one for one in everything if one.event.authority == AUTHORITY]
        file = await file_of(journals, question)
        answers = [explain(question, each, england_and_wales(), PolicyBook()) for each in (file, own)]
        assert answers[0] == answers[1], question
        asked_for, known = asked_for + 1, known + bool(answers[0].histories)
    assert 0 < known < asked_for


def is_admitted(event: dict[str, Any]) -> bool:
    verdict = admit(orjson.dumps(event), service=service_of(event["type"]), scope=EVERYTHING, today=NOW.date())
    return isinstance(verdict, Admitted)


def questions(file: Sequence[Received]) -> Iterator[Question]:
    """Every record and worker on a few clocks, one of each kind of unit among them."""
    subjects = {event.subject for event, _ in file} | {event.payload.get("worker_id") or "w0" for event, _ in file}
    names = ("allocation", "assessment", "care_visit", "supervision", "audit_action")
    for clock in clocks():
        if clock.name in names:
            for subject in sorted(subjects):
                yield Question(AUTHORITY, clock, subject, NOW)


async def test_the_ends_of_employments_come_though_they_name_no_worker(journals: Any) -> None:
    events = numbered(
        job("m1", "2026-01-05"),
        said("employment.ended", "m1", "2026-02-02", reason="moved"),
        job("m2", "2026-02-02"),
        said("absence.started", "b1", "2026-02-09"),
        said("absence.ended", "b1", "2026-02-16"),
        job("m3", "2026-01-05", worker_id="w2"),
        said("employment.ended", "m3", "2026-02-02"),
    )
    await record(journals, events)
    for subject in ("w1", "m2", "b1"):
        assert await ids(journals, asked("supervision", subject)) == {"e0", "e1", "e2", "e3", "e4"}


async def test_an_id_that_another_one_begins_with_or_resembles_is_another_id(journals: Any) -> None:
    others = ("k_1", "kx1", "k_11", "K_1", "k_1.", "ak_1")
    events = numbered(*(contact(subject, "2026-02-27", child_id=f"child-{subject}") for subject in others))
    await record(journals, events)
    assert await ids(journals, asked("contact_decision", "k_1")) == {"e0"}


async def test_an_id_that_only_the_envelope_holds_is_not_the_record_s(journals: Any) -> None:
    await record(journals, [contact("k1", "2026-02-27", id="k2", child_id="c2")])
    assert await ids(journals, asked("contact_decision", "k2")) == set()


async def test_another_authority_in_the_same_partition_stays_out(journals: Any) -> None:
    neighbour = next(
        code
        for code in (f"E0900{number:04}" for number in range(1, 999))
        if code != AUTHORITY and partition_of(code) == partition_of(AUTHORITY)
    )
    await record(
        journals, numbered(referral("r1", "2026-02-27"), referral("r1", "2026-02-27") | {"authority": neighbour})
    )
    assert await ids(journals, asked("referral_decision", "r1")) == {"e0"}


async def test_only_what_was_received_by_the_end_of_the_day_is_known(journals: Any) -> None:
    await record(journals, numbered(referral("r1", "2026-02-02")), datetime(2026, 2, 3, 23, 59, 59, 999999, UTC))
    later = said("referral.decided", "r1", "2026-02-03", outcome="advice", id="later")
    await record(journals, [later], datetime(2026, 2, 4, tzinfo=UTC))
    for day, known in ((2, set()), (3, {"e0"}), (4, {"e0", "later"})):
        assert await ids(journals, asked("referral_decision", "r1", date(2026, 2, day))) == known


async def test_where_no_service_has_begun_yet_nothing_is_known(database: Any) -> None:
    assert await file_of(database, asked("assessment", "a1")) == []
