"""One file an indicator or family of indicators: put a file with ``STRANDS`` here, and it is found."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from services.metrics.strand import Strand


@cache
def strands() -> tuple[Strand, ...]:
    """Every strand of every indicator, in the order of the files' names."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return tuple(strand for module in modules for strand in module.STRANDS)
