"""`daymark demo`: from nothing to figures that move, and nothing left afterwards."""

import re
import signal
import subprocess

from tests.journeys.processes import await_true, of_folder
from tests.journeys.running import command, environment, free_port_base

LITTLE = ("--days", "20", "--size", "0.1", "--pace", "40")


def test_a_demo_shows_figures_that_move_and_cleans_up(tmp_path):
    base = free_port_base()
    result = subprocess.run(
        command("demo", "--data", tmp_path / "d", "--port-base", base, "--seconds", "12", *LITTLE),
        check=False,
        capture_output=True,
        text=True,
        timeout=150,
        env=environment(),
    )
    out = result.stdout + result.stderr
    assert result.returncode == 0, out
    assert f"http://127.0.0.1:{base + 3}/metrics" in out
    assert re.search(r"curl .*/events -H 'Authorization: Bearer \S+'", out)
    accepted = [int(count.replace(",", "")) for count in re.findall(r"^events accepted +([\d,]+)$", out, re.M)]
    assert accepted[-1] > accepted[0] > 1000
    assert re.search(r"^children in need +[\d,]+$", out, re.M)
    assert of_folder(tmp_path) == []


def test_ctrl_c_during_the_history_stops_everything(tmp_path):
    process = subprocess.Popen(
        command("demo", "--data", tmp_path / "d", "--port-base", free_port_base()),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
    await_true((tmp_path / "d" / "rehearsal.json").exists, 60, "the history")
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 0
    assert of_folder(tmp_path) == []


def test_sigkill_of_the_demo_leaves_nothing(tmp_path):
    process = subprocess.Popen(
        command("demo", "--data", tmp_path / "d", "--port-base", free_port_base()),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
    )
    await_true((tmp_path / "d" / "rehearsal.json").exists, 60, "the history")
    process.kill()
    process.wait()
    await_true(lambda: of_folder(tmp_path) == [], what="the end of all of it")
