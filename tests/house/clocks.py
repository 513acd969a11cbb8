"""The law of time: one module asks what time it is; everybody else is told."""

import ast
from collections.abc import Iterable, Iterator

from tests.house.sources import Source

MAY_ASK = {
    "shared/runtime/clock.py": "this is the module",
    "daymark": "runs before there is an environment, and says how long the installation took",
}
CLOCKS = {
    "datetime.datetime": {"now", "utcnow", "today"},
    "datetime.date": {"today"},
    "time": {
        "time",
        "time_ns",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "perf_counter_ns",
        "process_time",
        "localtime",
        "gmtime",
        "ctime",
        "strftime",
    },
}
BANNED = {f"{owner}.{name}" for owner, names in CLOCKS.items() for name in names}
LOOPS = {"get_running_loop", "get_event_loop", "new_event_loop"}


def violations(sources: Iterable[Source]) -> list[str]:
    """A line for every place that reads a clock of its own."""
    return [
        f"{source.path}:{line}: {what} reads a clock: use shared.runtime.clock, or take the time as an argument"
        for source in sources
        if source.path not in MAY_ASK
        for line, what in sorted(set(_readings(source.tree)))
    ]


def _readings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    names = dict(_imported(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            dotted = _dotted(node, names)
            if dotted in BANNED:
                yield node.lineno, dotted
        if isinstance(node, ast.Call) and _asks_a_loop(node):
            yield node.lineno, "the event loop's time()"


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What each imported name stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names)


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return names.get(node.id, "")
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    return ""


def _asks_a_loop(call: ast.Call) -> bool:
    """``get_running_loop().time()``, or ``.time()`` of something that is called a loop."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "time"):
        return False
    asked = call.func.value
    if isinstance(asked, ast.Call):
        return ast.unparse(asked.func).rpartition(".")[2] in LOOPS
    return ast.unparse(asked).rpartition(".")[2].strip("_") == "loop"
