"""Each module has its tests where one looks for them."""

from tests.house.mirror import violations
from tests.house.sources import HOUSE, files

THE_WORLD = "speaks only through the world that it is part of: tests/unit/deploy/rehearsal/test_world.py and beside it"
ELSEWHERE = {
    "deploy/cli/checks.py": "tests/house/test_style.py sees each check fail",
    "deploy/cli/failures.py": "a tuple of errors; tests/journeys/ sees them as lines",
    "oracle/examples.py": "worked out by hand; tests/unit/oracle/test_figures.py holds the oracle against them",
    "oracle/facts.py": "the first half of the oracle: tests/unit/oracle/test_figures.py",
    **{
        f"deploy/rehearsal/{name}.py": THE_WORLD
        for name in (
            "allocation",
            "care",
            "episodes",
            "frontdoor",
            "need",
            "pathways",
            "protection",
            "quality",
            "rates",
            "setting",
            "visits",
            "workforce",
        )
    },
}
"""Modules that are tested elsewhere, and where."""
OF_PACKAGES = [
    "tests/unit/services/metrics/clocks/test_discovery.py",
    "tests/unit/services/metrics/indicators/test_discovery.py",
]
"""Tests of what a package does as a whole."""


def test_each_module_has_a_test_file_and_each_test_file_a_module() -> None:
    paths = [path.relative_to(HOUSE).as_posix() for path in files(HOUSE)]
    assert violations(paths, ELSEWHERE, OF_PACKAGES) == []


def test_a_module_without_tests_is_found() -> None:
    assert violations(["shared/domain/planted.py"], {}) == ["shared/domain/planted.py: no test file of its own"]


def test_tests_of_a_module_that_has_moved_are_found() -> None:
    paths = ["shared/domain/new.py", "tests/unit/shared/domain/test_new.py", "tests/unit/shared/domain/test_old.py"]
    assert violations(paths, {}) == ["tests of shared/domain/old.py, which is not there"]


def test_an_exception_that_is_no_longer_needed_is_found() -> None:
    paths = ["deploy/planted.py", "tests/integration/deploy/test_planted.py"]
    assert violations(paths, {"deploy/planted.py": "once"}) == [
        "deploy/planted.py: needs no exception, or is not there"
    ]


def test_either_kind_of_test_will_do_and_packages_need_none() -> None:
    paths = [
        "shared/a.py",
        "services/b.py",
        "services/__init__.py",
        "services/__main__.py",
        "tests/oracle/c.py",
        "tests/unit/shared/test_a.py",
        "tests/integration/services/test_b.py",
        "tests/unit/oracle/test_c.py",
        "tests/integration/conftest.py",
        "bench/d.py",
    ]
    assert violations(paths, {}) == []
