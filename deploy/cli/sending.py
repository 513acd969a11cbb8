"""Batches of events to the services over HTTP: in order for each, tried again where it helps, and counted."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from deploy.cli.lines import Batch, Line
from shared.runtime.clock import monotonic

AHEAD = 2
"""Batches that are prepared for a service while one is on its way."""
REQUEST_TIMEOUT = httpx.Timeout(60.0, connect=5.0)
UNREACHABLE_PATIENCE = 45.0
BUSY_PATIENCE = 900.0
BUSY = frozenset({429, 502, 503, 504})
JUDGED = frozenset({202, 403, 422})
LONGEST_PAUSE = 30.0


class SendingError(Exception):
    """The import cannot go on; the message says why and what to do."""


class _TryAgainError(Exception):
    def __init__(self, why: str, patience: float, after: float | None = None) -> None:
        super().__init__(why)
        self.patience = patience
        self.after = after


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was refused, and why; the detail names fields, never what is in them."""

    line: Line
    reason: str
    detail: str


@dataclass(slots=True)
class Tally:
    """What became of the lines."""

    accepted: int = 0
    duplicate: int = 0
    refused: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.accepted + other.accepted, self.duplicate + other.duplicate, self.refused + other.refused)


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends batches to services by URL with one key.

    ``refuse`` takes each refused line, ``say`` what is waited for.
    """

    urls: Mapping[str, str]
    key: str
    refuse: Callable[[Refusal], None]
    say: Callable[[str], None]

    async def send(self, batches: Iterator[Batch]) -> Tally:
        """Send all; the services side by side, each in order. Raises ``SendingError``."""
        async with httpx.AsyncClient(timeout=REQUEST_TIMEOUT) as client:
            return await self.send_through(client, batches)

    async def send_through(self, client: httpx.AsyncClient, batches: Iterator[Batch]) -> Tally:
        """The same through a client of the caller's."""
        tallies = {service: Tally() for service in self.urls}
        try:
            await self._send_side_by_side(client, batches, tallies)
        except* Exception as group:  # a file that turns out unreadable half-way too
            raise _first(group) from None
        return sum(tallies.values(), Tally())

    async def _send_side_by_side(
        self, client: httpx.AsyncClient, batches: Iterator[Batch], tallies: Mapping[str, Tally]
    ) -> None:
        queues: dict[str, asyncio.Queue[Batch | None]] = {service: asyncio.Queue(AHEAD) for service in self.urls}
        async with asyncio.TaskGroup() as lanes:
            for service, queue in queues.items():
                lanes.create_task(self._lane(client, queue, tallies[service]))
            for batch in batches:
                await queues[batch.service].put(batch)
            for queue in queues.values():
                await queue.put(None)

    async def _lane(self, client: httpx.AsyncClient, queue: asyncio.Queue[Batch | None], tally: Tally) -> None:
        while (batch := await queue.get()) is not None:
            self._count(batch, await self._post_patiently(client, batch), tally)

    async def _post_patiently(self, client: httpx.AsyncClient, batch: Batch) -> httpx.Response:
        again = AsyncRetrying(
            retry=retry_if_exception_type(_TryAgainError),
            wait=_pause,
            stop=_is_enough,
            before_sleep=self._say_what_is_waited_for,
            reraise=True,
        )
        try:
            return await again(self._post, client, batch)
        except _TryAgainError as error:
            raise SendingError(f"{error}; what was sent before is safe: run the same import again") from None

    async def _post(self, client: httpx.AsyncClient, batch: Batch) -> httpx.Response:
        url = f"{self.urls[batch.service].rstrip('/')}/events"
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/x-ndjson"}
        try:
            answer = await client.post(url, content=batch.body(), headers=headers)
        except httpx.TransportError as error:
            why = f"{batch.service} does not answer at {url} ({type(error).__name__})"
            raise _TryAgainError(why, UNREACHABLE_PATIENCE) from None
        except (httpx.InvalidURL, ValueError) as error:
            raise SendingError(f"{url} is not an address: {error}") from None
        if answer.status_code in BUSY:
            why = f"{batch.service} asks to wait ({answer.status_code}: {said(answer)})"
            raise _TryAgainError(why, BUSY_PATIENCE, _retry_after(answer))
        return answer

    def _count(self, batch: Batch, answer: httpx.Response, tally: Tally) -> None:
        if answer.status_code not in JUDGED:
            raise SendingError(f"{batch.service} answered {answer.status_code}: {said(answer)}")
        verdict = _body(answer)
        refused = verdict.get("refused", [])
        accepted, duplicate = verdict.get("accepted", 0), verdict.get("duplicate", 0)
        if accepted + duplicate + len(refused) != len(batch.lines):
            answered = accepted + duplicate + len(refused)
            raise SendingError(
                f"{batch.service} answered for {answered} of {len(batch.lines)} events: "
                f"is {self.urls[batch.service]} really Daymark's?"
            )
        tally.accepted += accepted
        tally.duplicate += duplicate
        for entry in refused:
            tally.refused[entry["reason"]] += 1
            self.refuse(Refusal(batch.lines[entry["index"]], entry["reason"], entry["detail"]))

    def _say_what_is_waited_for(self, state: RetryCallState) -> None:
        if state.attempt_number == 1:
            self.say(f"{_trouble(state)}; trying again")


async def await_settled(url: str, patience: float, show: Callable[[int], None]) -> None:
    """Wait until everything accepted is in the figures of a metrics service; ``SendingError`` if it never is.

    ``show`` is told how many events are still on the way.
    """
    end = monotonic() + patience
    async with httpx.AsyncClient(timeout=10.0) as client:
        while not await _is_settled(client, f"{url.rstrip('/')}/status", show):
            if monotonic() > end:
                raise SendingError(f"not all of it was in the figures after {patience:.0f} s; see {url}/status")
            await asyncio.sleep(0.1)


async def _is_settled(client: httpx.AsyncClient, url: str, show: Callable[[int], None]) -> bool:
    try:
        answer = await client.get(url)
    except httpx.TransportError:
        return False
    if answer.status_code != 200:
        return False
    status = _body(answer)
    show(int(status.get("lag_events", 0)))
    return status.get("settled") is True


def said(answer: httpx.Response) -> str:
    """What a problem document says, in a line."""
    problem = _body(answer)
    return str(problem.get("detail") or problem.get("title") or answer.reason_phrase)


def _body(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(answer: httpx.Response) -> float | None:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None


def _trouble(state: RetryCallState) -> _TryAgainError:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, _TryAgainError)  # noqa: S101 - tenacity tries again after these only
    return error


def _pause(state: RetryCallState) -> float:
    """As long as the service asks, else twice as long each time."""
    after = _trouble(state).after
    return after if after is not None else min(0.2 * 2.0**state.attempt_number, LONGEST_PAUSE)


def _is_enough(state: RetryCallState) -> bool:
    return (state.seconds_since_start or 0.0) > _trouble(state).patience


def _first(group: BaseExceptionGroup[Exception]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
