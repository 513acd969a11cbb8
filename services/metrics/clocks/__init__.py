"""Every clock of the contract, by field of work: put a file with ``CLOCKS`` here, and it is found."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from services.metrics.timeliness import Clock


@cache
def clocks() -> tuple[Clock, ...]:
    """Every clock, in the order of the files' names."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return tuple(clock for module in modules for clock in module.CLOCKS)
