"""The figures as Prometheus itself takes them."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest

from shared.runtime.clock import monotonic
from tests.journeys.running import AUTHORITY, KEY, Up, contact
from tests.oracle.text import parse

PATIENCE = 30.0


def program(name: str) -> str:
    """Debian's Prometheus; where it cannot be had these tests are skipped, but never on CI."""
    found = shutil.which(name)
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"{name} is not installed: apt-get install prometheus")
    assert found, f"{name} is not installed"
    return found


@pytest.fixture(scope="module")
def figures(up: Up) -> str:
    """Text with figures in it."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"}
    body = "\n".join(contact(number) for number in range(9_000, 9_010))
    assert httpx.post(up.report["referrals"] + "/events", content=body, headers=headers).status_code == 202
    end = monotonic() + PATIENCE
    while not httpx.get(up.report["metrics"] + "/status").json()["settled"]:
        assert monotonic() < end
    return up.figures()


def test_promtool_finds_nothing_to_complain_about(figures: str) -> None:
    told = subprocess.run(
        [program("promtool"), "check", "metrics"], input=figures, text=True, capture_output=True, check=False
    )
    assert told.stdout + told.stderr == ""
    assert told.returncode == 0


def test_promtool_would_complain() -> None:
    bad = "# TYPE csc_wrong counter\ncsc_wrong 1\n"
    told = subprocess.run(
        [program("promtool"), "check", "metrics"], input=bad, text=True, capture_output=True, check=False
    )
    assert told.returncode != 0


def test_a_real_prometheus_scrapes_the_same_figures(up: Up, figures: str, tmp_path: Path) -> None:
    query = f'csc_contacts{{authority="{AUTHORITY}",outcome="undecided",window="365d"}}'
    expected = {key: value for key, value in parse(figures).items() if _is_asked_for(key)}
    with prometheus(tmp_path, up.report["metrics"]) as url:
        end = monotonic() + PATIENCE
        while not (result := asked(url, query)):
            assert monotonic() < end, asked(url, "up")
            sleep(0.2)
        assert asked(url, 'scrape_samples_scraped{job="daymark"}')
    assert {one["metric"]["team"]: float(one["value"][1]) for one in result} == {
        dict(labels)["team"]: float(value) for (_, labels), value in expected.items()
    }


def _is_asked_for(key: Any) -> bool:
    family, labels = key
    wanted = {("authority", AUTHORITY), ("outcome", "undecided"), ("window", "365d")}
    return family == "csc_contacts" and wanted <= set(labels)


def asked(url: str, query: str) -> list[dict[str, Any]]:
    with suppress(httpx.TransportError):
        answer = httpx.get(f"{url}/api/v1/query", params={"query": query})
        if answer.status_code == 200:
            return answer.json()["data"]["result"]
    return []


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[str]:
    """A Prometheus that scrapes one target every second."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    scrape = {"job_name": "daymark", "static_configs": [{"targets": [target.removeprefix("http://")]}]}
    config = folder / "prometheus.yml"
    config.write_text(json.dumps({"global": {"scrape_interval": "1s"}, "scrape_configs": [scrape]}))
    options = [f"--config.file={config}", f"--storage.tsdb.path={folder}", f"--web.listen-address=127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program("prometheus"), *options], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
