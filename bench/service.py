"""The whole as installed: intake over HTTP, and the time from a promise to a figure that shows it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median, quantiles
from threading import Thread
from time import sleep
from typing import Any

import httpx
import orjson

from bench.table import Row
from shared.runtime.clock import monotonic

ROOT = Path(__file__).parents[1]
KEY = {"Authorization": "Bearer for-the-benchmark-only"}
NDJSON = {**KEY, "Content-Type": "application/x-ndjson"}
STRUCTURED = {**KEY, "Content-Type": "application/cloudevents+json"}
A_REQUEST = 1_000
AT_ONCE = 4
PACE = 200
"""Events a second while latency is measured."""
SECONDS = 20
LOOK_EVERY = 0.02
AUTHORITY = "E99000099"
SHOWN = re.compile(rf'csc_contacts{{authority="{AUTHORITY}",[^}}]*outcome="undecided",window="28d"}} (\d+)')


@contextmanager
def running(data: Path, today: date, port_base: int) -> Iterator[dict[str, Any]]:
    """``daymark up`` with its ready line."""
    command = [sys.executable, "-m", "deploy.cli", "up", "--data", str(data), "--json", "--port-base", str(port_base)]
    options = ["--dev-key", KEY["Authorization"].removeprefix("Bearer "), "--clock", f"{today}T09:00:00Z"]
    process = subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert process.stdout
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(15)


def intake(up: dict[str, Any], events: Sequence[bytes]) -> list[Row]:
    """Events a second that are durable, and that are in the figures, sent in NDJSON batches by four at once."""
    bodies = [b"\n".join(events[start : start + A_REQUEST]) for start in range(0, len(events), A_REQUEST)]
    with httpx.Client(headers=NDJSON, timeout=60) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        began = monotonic()
        answers = list(pool.map(lambda body: client.post(f"{up['referrals']}/events", content=body).json(), bodies))
        durable = monotonic() - began
        assert sum(answer["accepted"] for answer in answers) == len(events)
        while not client.get(f"{up['metrics']}/status").json()["settled"]:
            sleep(0.05)
        settled = monotonic() - began
    return [
        Row("intake over HTTP, durable (202)", f"{len(events) / durable:,.0f} events/s", "15,000"),
        Row("the same, until all of it is in the figures", f"{len(events) / settled:,.0f} events/s", ""),
    ]


def latency(up: dict[str, Any], today: date) -> list[Row]:
    """Milliseconds from a 202 to the first look at ``/metrics`` that shows the event, at 200 events a second."""
    promised: list[float] = []
    looks: list[tuple[float, int]] = []
    watcher = Thread(target=_watch, args=(f"{up['metrics']}/metrics", looks, PACE * SECONDS), daemon=True)
    watcher.start()
    with httpx.Client(headers=STRUCTURED, timeout=10) as client:
        began = monotonic()
        for number in range(PACE * SECONDS):
            sleep(max(0.0, began + number / PACE - monotonic()))
            assert client.post(f"{up['referrals']}/events", content=_contact(number, today)).status_code == 202
            promised.append(monotonic())
    watcher.join(30)
    waits = [1_000 * (_first_look(looks, number + 1) - at) for number, at in enumerate(promised)]
    percentiles = quantiles(waits, n=100)
    return [
        Row("202 → visible on /metrics, median", f"{median(waits):,.0f} ms", ""),
        Row("202 → visible on /metrics, p99", f"{percentiles[98]:,.0f} ms", "1,000 ms"),
    ]


def _contact(number: int, today: date) -> bytes:
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"latency-{number}",
            "source": f"/{AUTHORITY}/bench",
            "type": "csc.contact.received",
            "subject": f"contact-{number}",
            "time": f"{today}T08:00:00Z",
            "authority": AUTHORITY,
            "data": {"child_id": f"child-{number}", "team_id": f"team-{number % 10}", "source_code": "6"},
        }
    )


def _watch(url: str, looks: list[tuple[float, int]], wanted: int) -> None:
    """Note how many contacts each look at the figures shows, until all are there."""
    with httpx.Client(timeout=10) as client:
        while not looks or looks[-1][1] < wanted:
            text = client.get(url).text
            looks.append((monotonic(), sum(map(int, SHOWN.findall(text)))))
            sleep(LOOK_EVERY)


def _first_look(looks: Sequence[tuple[float, int]], number: int) -> float:
    return next(at for at, shown in looks if shown >= number)
