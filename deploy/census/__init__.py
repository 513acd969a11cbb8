"""A Children in Need census return (the yearly XML file to the DfE) turned into events.

What is carried, how it is dated and what is left behind: docs/census.md.
"""

from deploy.census.returns import CensusError, Return, events

__all__ = ["CensusError", "Return", "events"]
