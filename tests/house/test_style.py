"""`daymark check` looks at lint, format, types and import contracts; each is seen to fail here.

That the house itself passes is seen by `daymark test`, which runs the same checks before it runs the tests. The
contracts are broken in test_imports.py.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.cli import checks
from deploy.cli.checks import CHECKS, check
from tests.house.sources import HOUSE, PRODUCT, plant

FINE = '"""Something to look at."""\n'
UNTYPED = {
    "without_types": "def f(x):\n    return x\n",
    "wrong_type": "X: int = 'one'\n",
    "any_list": "def f(x: list) -> None: ...\n",
    "never_used": "X = 1  # type: ignore\n",
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house under our rules, with nothing wrong in it."""
    return small_house(tmp_path)


def small_house(root: Path) -> Path:
    shutil.copy(HOUSE / "pyproject.toml", root)
    shutil.copy(HOUSE / "daymark", root)
    return plant(root, {f"{package}/__init__.py": FINE for package in PRODUCT})


def run(house: Path, name: str) -> tuple[bool, str]:
    """Whether one check passes in a house, and what it says."""
    done = subprocess.run([sys.executable, *CHECKS[name]], cwd=house, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("lint", "import os\n"),
        ("lint", "def f(x):\n    try:\n        return x()\n    except:\n        pass\n"),
        ("lint", "from datetime import datetime\n\nSTARTED = datetime.now()\n"),
        ("lint", "print('x')\n"),
        ("lint", "def f(x):\n    return x\n\n\n# y = f(1)\n"),
        ("format", "X = {'a':1}\n"),
    ],
)
def test_a_planted_fault_of_style_is_found(house: Path, name: str, text: str) -> None:
    assert run(house, name) == (True, "")
    plant(house, {"services/planted.py": f"{FINE}\n{text}"})
    passes, _ = run(house, name)
    assert not passes


@pytest.fixture(scope="module")
def typing(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the type checker says of a house with several faults in it."""
    house = small_house(tmp_path_factory.mktemp("house"))
    plant(house, {"shared/fine.py": f"{FINE}\nX: int = 1\n"})
    plant(house, {f"services/{name}.py": text for name, text in UNTYPED.items()})
    passes, said = run(house, "types")
    assert not passes
    return said


@pytest.mark.parametrize("name", UNTYPED)
def test_a_planted_fault_of_types_is_found(typing: str, name: str) -> None:
    assert f"services/{name}.py:1: error" in typing


def test_what_has_its_types_is_left_alone(typing: str) -> None:
    assert "fine" not in typing


def test_the_check_goes_on_after_a_failure_and_names_what_failed(
    house: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert list(CHECKS) == ["lint", "format", "types", "import contracts"]
    monkeypatch.setattr(checks, "CHECKS", {name: CHECKS[name] for name in ("lint", "format")})
    assert check(house) == 0
    plant(house, {"services/planted.py": f"{FINE}\nimport os\n"})
    assert check(house) == 1
    assert capfd.readouterr().err.endswith("checking lint\ndaymark: checking format\ndaymark: failed: lint\n")
