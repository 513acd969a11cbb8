"""Where an event travels: the streams, who produces them, and the partition of an authority."""

import zlib
from collections.abc import Mapping
from types import MappingProxyType

STREAMS = ("csc.referral", "csc.allocation", "csc.staffing")
"""The streams on the bus, in the contract's order."""

PRODUCERS: Mapping[str, str] = MappingProxyType(
    {"csc.referral": "referrals", "csc.allocation": "workforce", "csc.staffing": "workforce"}
)
"""The service that owns each stream; the name is also that of its database schema."""

PARTITIONS = 16
"""Partitions of every stream. Changing it moves authorities between partitions: never on live data."""


def partition_of(authority: str) -> int:
    """The partition of all that concerns one authority (from 0), the same everywhere and for good."""
    return zlib.crc32(authority.encode()) % PARTITIONS


def stream_key(stream: str, partition: int) -> str:
    """The key of one partition on the bus, e.g. `csc.referral.{3}`."""
    return f"{stream}.{{{partition}}}"
