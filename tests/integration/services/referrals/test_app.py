from typing import Any

from services.referrals.app import SERVICE, build
from shared.contracts.examples import EXAMPLES
from shared.contracts.streams import PRODUCERS

AFTER_THE_EXAMPLES = max(example["time"] for example in EXAMPLES.values())


def mine(name: str) -> bool:
    return not any(name.startswith(prefix) for prefix in WORKFORCE)


WORKFORCE = ("csc.case.allocated", "csc.case.deallocated", "csc.employment", "csc.absence", "csc.establishment",
             "csc.team", "csc.supervision")  # fmt: skip


async def test_it_takes_every_type_of_its_own_and_no_other(start: Any) -> None:
    async with start(SERVICE, clock=AFTER_THE_EXAMPLES) as running:
        answer = (await running.send(*EXAMPLES.values())).json()
    accepted = set(EXAMPLES) - {list(EXAMPLES)[refused["index"]] for refused in answer["refused"]}
    assert accepted == {name for name in EXAMPLES if mine(name)}
    assert {refused["reason"] for refused in answer["refused"]} == {"not_owned"}


async def test_its_events_travel_on_its_own_stream_only(start: Any, database: Any) -> None:
    async with start(SERVICE, clock=AFTER_THE_EXAMPLES) as running:
        await running.send(*EXAMPLES.values())
    streams = {row["stream"] for row in await database.fetch("SELECT stream FROM referrals.journal")}
    assert streams == {stream for stream, service in PRODUCERS.items() if service == SERVICE}


async def test_building_it_needs_nothing_but_settings(database_url: str, redis_url: str) -> None:
    from shared.runtime.settings import Settings

    settings = Settings.model_validate({"DATABASE_URL": database_url, "REDIS_URL": redis_url})
    async with build(settings) as parts:
        assert parts.app.title == "Daymark referrals"
        for task in parts.tasks:
            task.close()
