"""``daymark check``, ``test`` and ``bench``: other programs, run in order from the root of the repository."""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

IMPORT_LINTER = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
CHECKS: dict[str, Sequence[str]] = {
    "lint": ("-m", "ruff", "check", "--quiet", ".", "daymark"),
    "format": ("-m", "ruff", "format", "--quiet", "--check", ".", "daymark"),
    "types": ("-m", "mypy"),
    "import contracts": ("-c", IMPORT_LINTER),
}
PROMETHEUS_PATIENCE = 120


def check(root: Path) -> int:
    """Run all checks, also after one has failed; 0 if all passed."""
    failed = [name for name, command in CHECKS.items() if not _passes(root, name, command)]
    if failed:
        _say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def test(root: Path, arguments: Sequence[str]) -> int:
    """Run the checks, then pytest, whose lines come last; 0 if all passed."""
    _bring_promtool()
    checked = check(root)
    if checked:
        _say("the tests run nevertheless")
    tested = _python(root, ("-m", "pytest", *(arguments or _on_every_core())))
    return tested or checked


def bench(root: Path, arguments: Sequence[str]) -> int:
    """Run the benchmark."""
    return _python(root, ("-m", "bench", *arguments))


def _on_every_core() -> Sequence[str]:
    """The whole suite takes minutes: files are dealt out to as many processes as there are cores, four at the most.

    All of them must see sets in one order, another one with each run.
    """
    os.environ.setdefault("PYTHONHASHSEED", str(secrets.randbelow(2**32)))
    _say(f"testing with PYTHONHASHSEED={os.environ['PYTHONHASHSEED']}")
    return ("-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile", "-q")


def _passes(root: Path, name: str, command: Sequence[str]) -> bool:
    _say(f"checking {name}")
    return _python(root, command) == 0


def _python(root: Path, command: Sequence[str]) -> int:
    return subprocess.run([sys.executable, *command], cwd=root, check=False).returncode


def _bring_promtool() -> None:
    """Prometheus checks what we expose; it is fetched where it is missing, on Debian as root."""
    if shutil.which("promtool") or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    _say("installing prometheus, for promtool (a Debian package)")
    if not (_apt("install") or (_apt("update") and _apt("install"))):
        _say("prometheus could not be installed: tests that need it say so")


def _apt(action: str) -> bool:
    command = ["apt-get", "-qq", action]
    if action == "install":
        command += ["-y", "--no-install-recommends", "prometheus"]
    # The package would start a server of its own: not on a machine that only runs tests.
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    try:
        done = subprocess.run(
            command, env=os.environ | quiet, check=False, capture_output=True, timeout=PROMETHEUS_PATIENCE
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _say(what: str) -> None:
    sys.stderr.write(f"daymark: {what}\n")
    sys.stderr.flush()
