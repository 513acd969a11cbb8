"""The page about the figures: what each means, how it is counted, and what it does not say: `docs/indicators.md`."""

from collections.abc import Iterable, Mapping

from services.metrics import bookkeeping, exposition, reconciliation
from services.metrics.clocks import clocks
from services.metrics.indicators import indicators
from services.metrics.strand import Family, Indicator, Strand
from services.metrics.timeliness import Clock
from shared.domain.timescale import Rules

HEAD = """\
# Indicators

What the figures mean. This page is written from the definitions by `./daymark generate`; change the definition
instead: an indicator is a file of `services/metrics/indicators`, a timescale a row of `services/metrics/clocks`.

## How to read them

- **Numerators and denominators are exposed, ratios are made of them** where they are shown. A ratio is never averaged.
- **Windows** end today: `28d` is today and the 27 days before. All figures but those of a window are of today.
- **Corrections restate.** What a source corrects, withdraws or sends late changes the figures of the days that it is
  about. The same question about a past day can be asked as it was known then: see [asking](asking.md).
- **No source, no number.** A figure is absent, not 0, until what it is made of has come; which types these are is said
  below. Then it is there for each team under which such an event has ever fallen, 0 included.
- **Working days** are those of England and Wales. What begins on a day counts from the day after.
- **Counted per child**: a contact about four siblings is four contacts.
- **Never by worker.** The labels are authority, team and the closed lists below. The records behind a figure are
  listed for those who can help (`./daymark list`), and how a clock came to its date is explained
  (`./daymark explain`).
"""

OTHERS = """\
## What is said of the information itself

These are not counted from records.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, _index(), *map(_of_indicator, indicators()), OTHERS + "\n" + _table_of_others()])


def _index() -> str:
    rows = [
        (f"[{indicator.title}](#{_anchor(indicator.title)})", ", ".join(f"`{name}`" for name in _families(indicator)))
        for indicator in indicators()
    ]
    return _table(("indicator", "families"), rows)


def _of_indicator(indicator: Indicator) -> str:
    said = {
        "How it is counted": indicator.numerator,
        "Divided by": indicator.denominator,
        "Not counted": indicator.exclusions,
        "What it does not say": indicator.silent_on,
        "Read beside it": indicator.balance,
        "When it goes wrong": indicator.breached,
        "England": indicator.national,
        "Where the definition comes from": indicator.source,
    }
    parts = [f"## {indicator.title}\n\n{indicator.meaning}\n", _list(said)]
    if indicator.title == "Timescales":
        parts += [_table_of_clocks(), *map(_of_clock, clocks()), "### The families of every clock\n"]
    return "\n".join([*parts, _table_of_families(indicator)])


def _table_of_clocks() -> str:
    rows = [(f"`{each.name}`", each.starts, each.stops, _rule(each)) for each in clocks()]
    return _table(("clock", "from", "to", "within"), rows)


def _of_clock(clock: Clock) -> str:
    said = {
        "Starts": clock.starts,
        "Stops": clock.stops,
        "Gone, neither open nor completed": clock.gone,
        "Due": _rule(clock),
        "By": _sources(clock),
        "Needs": _needs(clock.needs),
        "What it does not say": clock.silent_on,
        "Read beside it": clock.balance,
        "When it runs over": clock.breached,
        "England": clock.national,
    }
    return f"### `{clock.name}`\n\n{_list(said)}"


def _rule(clock: Clock) -> str:
    if isinstance(clock.rules, str):
        return clock.rules
    return "; ".join(str(rule.timescale) + _since(rule.version, clock.rules) for rule in clock.rules.dated)


def _since(version: str, rules: Rules) -> str:
    return f" ({version})" if len(rules.dated) > 1 else ""


def _sources(clock: Clock) -> str:
    return "; ".join(rule.source for rule in clock.rules.dated) if isinstance(clock.rules, Rules) else ""


def _table_of_families(indicator: Indicator) -> str:
    rows = {
        family.name: (f"`{family.name}`", family.meaning, _labels(strand, family), _needed_by(family.name, indicator))
        for strand in indicator.strands
        for family in strand.families
    }
    return _table(("family", "says", "labels", "needs"), rows.values())


def _needed_by(name: str, indicator: Indicator) -> str:
    """What all strands of a family need; where they differ, by the label that tells them apart."""
    needs = {
        _needs(strand.needs): next(iter(strand.fixed.values()), "")
        for strand in indicator.strands
        if name in {family.name for family in strand.families}
    }
    if len(needs) == 1:
        return next(iter(needs))
    if indicator.title == "Timescales":
        return "what starts the clock"
    return "; ".join(f"`{value}`: {types}" for types, value in needs.items())


def _needs(types: Iterable[str]) -> str:
    return ", ".join(f"`{type}`" for type in sorted(types)) or "nothing"


def _labels(strand: Strand, family: Family) -> str:
    """Authority and owner go without saying where it is the team."""
    owner = {"team": "`team`", "source": "`source`"}.get(strand.per)
    closed = [f"`{name}`: {' '.join(values)}" for name, values in family.labels.items() if name != "clock"]
    clock = ["`clock`"] if "clock" in family.labels else []
    return "; ".join(["`authority`", *([owner] if owner else []), *clock, *closed])


def _table_of_others() -> str:
    counted = {f"{name}_total" if name == "csc_events" else name: said for name, said in bookkeeping.FAMILIES.items()}
    said: Mapping[str, str] = exposition.OF_THE_WHOLE | counted | reconciliation.FAMILIES
    return _table(("family", "says"), [(f"`{name}`", meaning) for name, meaning in said.items()])


def _families(indicator: Indicator) -> list[str]:
    return list(dict.fromkeys(family.name for strand in indicator.strands for family in strand.families))


def _list(said: Mapping[str, str]) -> str:
    return "".join(f"- **{what}:** {text}\n" for what, text in said.items() if text)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [_row(head), _row("---" for _ in head), *map(_row, rows)]
    return "".join(lines)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
