"""The worked example of CONTRIBUTING.md is true: its two files, and nothing else, add an indicator to the house."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = re.compile(r"<!-- example: (\S+) -->\n```python\n(.*?)```\n", re.DOTALL)
KEPT = ("services", "shared", "deploy", "bench", "tests", "docs", "pyproject.toml")
LAWS = ("test_mirror.py", "test_labels.py::test_the_figures_of_unkind_histories_have_labels_from_closed_lists_only")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The house as it stands, to build in."""
    for name in KEPT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path)
    return tmp_path


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    return subprocess.run(
        [sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.timeout(120)
def test_the_worked_example_adds_an_indicator_with_two_files(copy: Path) -> None:
    files = EXAMPLE.findall((ROOT / "CONTRIBUTING.md").read_text())
    assert [Path(path).parts[0] for path, _ in files] == ["services", "tests"]
    test = files[1][0]
    for path, text in files:
        assert not (copy / path).exists()
        (copy / path).write_text(text)
    laws = [f"tests/house/{law}" for law in LAWS]
    ran = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", test, "tests/golden", *laws)
    assert ran.returncode == 0, ran.stdout[-3000:]
    style = run(copy, "-m", "ruff", "check", "--no-cache", *(path for path, _ in files))
    assert style.returncode == 0, style.stdout
    shape = run(copy, "-m", "ruff", "format", "--no-cache", "--check", *(path for path, _ in files))
    assert shape.returncode == 0, shape.stdout
    written = run(copy, "-m", "deploy.generate")
    assert written.returncode == 0, written.stderr
    assert "csc_plan_categories" in (copy / "docs" / "indicators.md").read_text()
