"""Gathers the requests that wait into one transaction: appends to a partition follow each other anyway.

Whoever submits is answered after the commit, never before: a receipt is a promise.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence

import asyncpg

from shared.runtime.journal import Receipt, Submission, append

log = logging.getLogger(__name__)

MOST_TOGETHER = 5_000
"""Events after which a transaction takes no further request."""
MOST_WAITING = 60_000
"""Events that may wait before senders are asked to come back."""
TRIES = 5

STORE_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what is left of a connection that was cut off
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresIOError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What the store raises when it is away, full, or for the moment only to be read."""
CONTENDED = (asyncpg.UniqueViolationError, asyncpg.TransactionRollbackError)

Waiting = tuple[Submission, "asyncio.Future[Receipt]"]


class StoreAwayError(Exception):
    """The store cannot be reached, or does not keep up: nothing was promised, send again later."""


class Appender:
    """The only writer of a service's journal in its process."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._waiting: deque[Waiting] = deque()
        self._events = 0
        self._work = asyncio.Event()
        self.appended = asyncio.Event()
        """Set after each commit; whoever follows the journal clears it."""

    async def submit(self, submission: Submission) -> Receipt:
        """Have a request stored; ``StoreAwayError`` if that is not to be had now."""
        if self._events + len(submission.judged) > MOST_WAITING:
            raise StoreAwayError("the store does not keep up")
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((submission, future))
        self._events += len(submission.judged)
        self._work.set()
        return await future

    async def append_forever(self) -> None:
        """Store what waits, together; what cannot be stored is answered so, and the next is tried afresh."""
        while True:
            await self._work.wait()
            self._work.clear()
            while self._waiting:
                await self._store(self._take())

    def _take(self) -> list[Waiting]:
        together, events = [], 0
        while self._waiting and events < MOST_TOGETHER:
            together.append(self._waiting.popleft())
            events += len(together[-1][0].judged)
        self._events -= events
        return together

    async def _store(self, together: Sequence[Waiting]) -> None:
        try:
            receipts = await self._append([submission for submission, _ in together])
        except (*STORE_AWAY, *CONTENDED) as error:
            log.warning("cannot store events (%s): senders are asked to come back", type(error).__name__)
            _answer(together, StoreAwayError(type(error).__name__))
        except Exception as error:
            await self._store_apart(together, error)
        except BaseException:
            _answer(together, StoreAwayError("the service is stopping"))
            raise
        else:
            self.appended.set()
            for (_, future), receipt in zip(together, receipts, strict=True):
                if not future.done():
                    future.set_result(receipt)

    async def _store_apart(self, together: Sequence[Waiting], error: Exception) -> None:
        """One request that cannot be stored must not keep the others from it."""
        if len(together) == 1:
            log.error("cannot store a request of %d events", len(together[0][0].judged), exc_info=error)
            _answer(together, error)
            return
        for waiting in together:
            await self._store([waiting])

    async def _append(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """An event that comes to two partitions at the same moment is seen as known at the second try."""
        for tries_left in reversed(range(TRIES)):
            try:
                async with self._pool.acquire(timeout=5) as connection:
                    return await append(connection, submissions)
            except CONTENDED:
                if not tries_left:
                    raise
        raise AssertionError("unreachable")


def _answer(together: Sequence[Waiting], error: Exception) -> None:
    for _, future in together:
        if not future.done():
            future.set_exception(error)
