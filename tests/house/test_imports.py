"""The import contracts of pyproject.toml hold, and break where they should."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from deploy.cli.checks import IMPORT_LINTER
from tests.house.sources import HOUSE, PRODUCT

PLANTED = {
    "shared/domain/london": "import shared.runtime.clock",
    "shared/contracts/streams": "from services.metrics import tally",
    "shared/runtime/keys": "import tests.oracle.figures",
    "shared/runtime/unplaced": "",
    "shared/unplaced": "",
    "services/referrals/app": "from services.workforce import app",
    "services/metrics/tally": "from services.metrics import measurement",
    "services/metrics/casebook": "import asyncio",
    "services/metrics/indicators/caseload": "import asyncpg",
    "services/metrics/indicators/children": "from services.metrics.indicators import clocks",
    "services/metrics/unplaced": "",
    "services/unplaced/__init__": "",
    "deploy/local/folder": "from deploy.local import up",
    "deploy/census/errors": "from deploy.cli import lines",
}
SAYS = {
    "a domain that looks up": "shared.domain.london -> shared.runtime.clock",
    "contracts that know a service": "shared.contracts.streams -> services.metrics.tally",
    "one service that knows another": "services.referrals.app -> services.workforce.app",
    "counting that knows measuring": "services.metrics.tally -> services.metrics.measurement",
    "a casebook that waits": "services.metrics.casebook -> asyncio",
    "an indicator that asks a database": "services.metrics.indicators.caseload -> asyncpg",
    "an indicator that knows another": (
        "services.metrics.indicators.children is not allowed to import services.metrics.indicators.clocks"
    ),
    "a product that needs its tests": "shared.runtime.keys -> tests",
    "a census reader that knows the command line": "deploy.census.errors -> deploy.cli.lines",
    "a cycle": "No cycles are allowed in deploy.local",
    "a module of metrics without a place": "not listed as layers: - services.metrics.unplaced",
    "a module of the runtime without a place": "not listed as layers: - shared.runtime.unplaced",
    "a floor without a place": "not listed as layers: - shared.unplaced",
    "a service without a place": "not listed as layers: - services.unplaced",
}


def lint(house: Path) -> tuple[bool, str]:
    """Whether the contracts are kept in a house, and what the linter says, in one line."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_LINTER], cwd=house, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode == 0, re.sub(r"\s+", " ", done.stdout + done.stderr)


@pytest.fixture(scope="module")
def verdict(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of a house just like ours in which every contract is broken."""
    house = tmp_path_factory.mktemp("house")
    shutil.copy(HOUSE / "pyproject.toml", house)
    for folder in (*PRODUCT, "bench"):
        shutil.copytree(HOUSE / folder, house / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for module, text in PLANTED.items():
        path = house / f"{module}.py"
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            file.write(f"\n{text}\n")
    kept, said = lint(house)
    assert not kept
    return said


def test_the_contracts_are_kept() -> None:
    kept, said = lint(HOUSE)
    assert kept, said


@pytest.mark.parametrize("what", SAYS)
def test_a_planted_violation_is_found(verdict: str, what: str) -> None:
    assert SAYS[what] in verdict


def test_every_package_is_under_contract_and_every_new_module_must_be() -> None:
    with (HOUSE / "pyproject.toml").open("rb") as file:
        linter = tomllib.load(file)["tool"]["importlinter"]
    assert {path.parent.name for path in HOUSE.glob("*/__init__.py")} == set(linter["root_packages"])
    exhaustive = {name for each in linter["contracts"] if each.get("exhaustive") for name in each["containers"]}
    floors = {f"shared.{floor}" for floor in ("domain", "contracts", "runtime")}
    services = {f"services.{service}" for service in ("referrals", "workforce", "metrics", "metrics.questions")}
    assert exhaustive == {"shared", "services", "deploy"} | floors | services
