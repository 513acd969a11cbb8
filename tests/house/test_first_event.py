"""The first event of the README can be sent as it is written there, and shows in the figures."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.documents import blocks
from tests.house.sources import HOUSE
from tests.journeys.processes import await_true
from tests.journeys.running import KEY, running

SHELL = blocks((HOUSE / "README.md").read_text(), "sh")


def block(beginning: str) -> str:
    """The one block that begins so."""
    (found,) = [each for each in SHELL if each.startswith(beginning)]
    return found


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl, as the README does")
def test_the_first_event_of_the_readme_is_accepted_and_moves_a_figure(tmp_path: Path) -> None:
    send, look = block("curl -i "), block("curl -s ")
    with running(tmp_path / "data") as up:
        assert "202 Accepted" in shell(send, up.report)
        await_true(lambda: 'clock="referral_decision"} 1' in shell(look, up.report), what="the figure")


def shell(script: str, report: dict[str, str]) -> str:
    """Run a block of the README, on the ports and with the key that this test has."""
    for port, service in ((8101, "referrals"), (8103, "metrics")):
        script = script.replace(f"http://127.0.0.1:{port}", report[service])
    script = script.replace("try-me", KEY)
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, timeout=30)
    return done.stdout
