"""``./daymark bench [consumer|intake|latency|figures]…``: measure, and print the tables of bench/README.md.

``figures:10k,100k`` measures these numbers of facts and not all three.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench import consumer, figures, service
from bench.table import Row, markdown
from deploy.local.embedded import Stack
from services.metrics.fact import decode
from shared.contracts.catalogue import CATALOGUE

EVENTS = 100_000
TODAY = date(2026, 5, 31)
"""The day after the rehearsal's last."""
PORT_BASE = 28_400


def of_consumer(data: Path) -> str:
    """The consumer beside the contenders."""
    with Stack(data) as stack:
        rows = asyncio.run(consumer.run(stack, consumer.rehearsed(EVENTS), TODAY))
    return markdown(("consumer, one process", "measured", "Daymark is"), rows)


def of_intake(data: Path) -> str:
    """The intake, all three services running."""
    events = [one for one in consumer.rehearsed(EVENTS) if CATALOGUE[decode(one).type].service == "referrals"]
    with service.running(data, TODAY, PORT_BASE) as up:
        return _table(service.intake(up, events))


def of_latency(data: Path) -> str:
    """From a promise to a figure."""
    with service.running(data, TODAY, PORT_BASE) as up:
        return _table(service.latency(up, TODAY))


def of_figures(_data: Path, sizes: str = "") -> str:
    """What the figures cost, with few facts and with many."""
    numbers = [figures.number_of(size) for size in sizes.split(",")] if sizes else figures.SIZES
    return figures.table([figures.outcome_of(number) for number in numbers])


def _table(rows: list[Row]) -> str:
    return markdown(("all three services", "measured", "goal"), rows)


BENCHMARKS: dict[str, Callable[..., str]] = {
    "consumer": of_consumer,
    "intake": of_intake,
    "latency": of_latency,
    "figures": of_figures,
}


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; 2 where one is unknown."""
    if unknown := [name for name in names if name.partition(":")[0] not in BENCHMARKS]:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}\n")
        return 2
    for name in names or BENCHMARKS:
        sys.stderr.write(f"measuring: {name}\n")
        what, _, sizes = name.partition(":")
        with tempfile.TemporaryDirectory(prefix="dm") as data:
            print(BENCHMARKS[what](Path(data), *filter(None, [sizes])), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
