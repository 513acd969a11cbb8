"""What an authority may set for itself: timescales without a national rule, thresholds, population, patience.

One TOML file: general tables over the defaults here, tables under ``[authority.CODE]`` over the general ones. Unknown
keys are errors. No national number exists for caseload or for visits; the evidence for each default is in the
documentation of the policy.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

BANDS = ("amber", "red", "critical")
"""Of caseload, each above the one before."""
AUTHORITY = re.compile(r"E\d{8}")


class PolicyError(ValueError):
    """The policy says something that cannot be meant."""


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """Timescales that each authority sets: visits in working days, supervision in days."""

    cp_visit: int = 10
    cin_visit: int = 20
    supervision: int = 14


@dataclass(frozen=True, slots=True)
class CaseloadPolicy:
    """Cases per full-time worker above which a band begins, and what a newly qualified worker's time counts."""

    amber: Decimal = Decimal(18)
    red: Decimal = Decimal(22)
    critical: Decimal = Decimal(30)
    asye_fte_factor: Decimal = Decimal("0.9")


@dataclass(frozen=True, slots=True)
class SmallNumbersPolicy:
    """The denominator below which a ratio is not shown."""

    minimum_denominator: int = 6


@dataclass(frozen=True, slots=True)
class PopulationPolicy:
    """Children aged 0 to 17, for rates per 10,000; 0 where it was not given."""

    children: int = 0


@dataclass(frozen=True, slots=True)
class SourcesPolicy:
    """Hours for which a source may be silent before its figures count as stale."""

    patience_hours: Decimal = Decimal(24)


@dataclass(frozen=True, slots=True)
class Policy:
    """All that one authority goes by."""

    clocks: ClockPolicy = field(default_factory=ClockPolicy)
    caseload: CaseloadPolicy = field(default_factory=CaseloadPolicy)
    small_numbers: SmallNumbersPolicy = field(default_factory=SmallNumbersPolicy)
    population: PopulationPolicy = field(default_factory=PopulationPolicy)
    sources: SourcesPolicy = field(default_factory=SourcesPolicy)


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The general policy, and those of the authorities that differ."""

    general: Policy = field(default_factory=Policy)
    particular: Mapping[str, Policy] = field(default_factory=dict)

    def of(self, authority: str) -> Policy:
        """The policy that an authority goes by."""
        return self.particular.get(authority, self.general)


def parse_policy(text: str) -> PolicyBook:
    """Read a policy file; ``PolicyError`` names the key and what was expected."""
    try:
        tables = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"the policy is not TOML: {error}") from error
    authorities = tables.pop("authority", {})
    if not isinstance(authorities, dict):
        raise PolicyError("authority: expected tables such as [authority.E09000003.clocks]")
    general = _over(Policy(), tables, "")
    return PolicyBook(general, {code: _of_authority(general, code, own) for code, own in authorities.items()})


def _of_authority(general: Policy, code: str, tables: object) -> Policy:
    if not AUTHORITY.fullmatch(code):
        raise PolicyError(f"authority.{code}: expected a GSS code such as E09000003")
    return _over(general, tables, f"authority.{code}.")


def _over(base: Policy, tables: object, path: str) -> Policy:
    if not isinstance(tables, dict):
        raise PolicyError(f"{path.rstrip('.')}: expected tables such as [{path}clocks]")
    known = {section.name for section in fields(base)}
    for name in tables:
        if name not in known:
            raise PolicyError(f"{path}{name}: unknown; expected one of {', '.join(sorted(known))}")
    return replace(base, **{name: _section(getattr(base, name), own, path + name) for name, own in tables.items()})


def _section(base: Any, table: object, path: str) -> Any:
    if not isinstance(table, dict):
        raise PolicyError(f"{path}: expected a table")
    known = {key.name for key in fields(base)}
    for key in table:
        if key not in known:
            raise PolicyError(f"{path}.{key}: unknown; expected one of {', '.join(sorted(known))}")
    return replace(base, **{key: _number(getattr(base, key), value, f"{path}.{key}") for key, value in table.items()})


def _number(default: int | Decimal, value: object, path: str) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not _above_0(value):
        raise PolicyError(f"{path}: expected a number above 0")
    if isinstance(default, int):
        if not isinstance(value, int):
            raise PolicyError(f"{path}: expected a whole number above 0")
        return value
    return Decimal(value)


def _above_0(value: int | Decimal) -> bool:
    """TOML has numbers that are none: ``nan`` and ``inf``."""
    return Decimal(value).is_finite() and value > 0
