"""One file an indicator: put a file with an ``INDICATOR`` here, and it is found."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from services.metrics.strand import Indicator, Strand


@cache
def indicators() -> tuple[Indicator, ...]:
    """Every indicator, in the order of the files' names."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return tuple(module.INDICATOR for module in modules)


@cache
def strands() -> tuple[Strand, ...]:
    """Every strand of every indicator."""
    return tuple(strand for indicator in indicators() for strand in indicator.strands)
