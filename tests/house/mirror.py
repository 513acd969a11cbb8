"""The law of the mirror: a module's tests are found where the module is, one folder over."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import PurePosixPath

KINDS = ("tests/unit", "tests/integration")
MIRRORED = ("shared", "services", "deploy", "oracle")
"""``tests/oracle`` is mirrored too: what other tests believe is tested itself."""
WITHOUT = ("__init__.py", "__main__.py")
"""A package's file says what it is for; ``__main__`` is one line, and every journey runs it."""


def violations(paths: Iterable[str], elsewhere: Mapping[str, str], of_packages: Collection[str] = ()) -> list[str]:
    """A line for every module without tests and every test without a module.

    ``elsewhere`` says of modules where else they are tested; ``of_packages`` are the test files of whole packages.
    """
    paths = set(paths)
    modules = {path for path in map(_as_module, paths) if path}
    tested = {module for path in paths - set(of_packages) if (module := _tested_by(path))}
    lines = [f"{module}: no test file of its own" for module in modules - tested - elsewhere.keys()]
    lines += [f"tests of {module}, which is not there" for module in tested - modules]
    lines += [f"{module}: needs no exception, or is not there" for module in elsewhere.keys() - (modules - tested)]
    return sorted(lines)


def _as_module(path: str) -> str | None:
    module = path.removeprefix("tests/") if path.startswith("tests/oracle/") else path
    if not module.endswith(".py") or PurePosixPath(module).parts[0] not in MIRRORED:
        return None
    return None if module.endswith(WITHOUT) else module


def _tested_by(path: str) -> str | None:
    """The module that a test file is the mirror of."""
    for kind in KINDS:
        inner = PurePosixPath(path)
        if inner.is_relative_to(kind) and inner.name.startswith("test_"):
            inner = inner.relative_to(kind)
            return str(inner.with_name(inner.name.removeprefix("test_")))
    return None
