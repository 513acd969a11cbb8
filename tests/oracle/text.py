"""The text that Prometheus scrapes, read into the form in which the oracle answers."""

from collections.abc import Collection, Mapping
from decimal import Decimal

from prometheus_client.parser import text_string_to_metric_families

from tests.oracle.figures import FAMILIES
from tests.oracle.series import Figures, Series


def parse(text: str, families: Collection[str] | None = FAMILIES) -> Figures:
    """The samples of these families, or of all. A series that is there twice is an error."""
    found: Figures = {}
    for metric in text_string_to_metric_families(text):
        for sample in metric.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            if key in found:
                raise ValueError(f"twice: {shown(key)}")
            found[key] = Decimal(str(sample.value))
    return {key: value for key, value in found.items() if families is None or key[0] in families}


def shown(key: Series) -> str:
    """A series as Prometheus writes it."""
    family, labels = key
    return family + "{" + ",".join(f'{name}="{value}"' for name, value in labels) + "}"


def difference(expected: Mapping[Series, Decimal], got: Mapping[Series, Decimal]) -> list[str]:
    """A line for each series that is missing, extra or different; none if the two say the same.

    A figure is the same if it is the same floating-point number, since that is all the text can
    carry. A missing or an extra zero is a difference too, named as such and listed last.
    """
    lines = []
    for key in set(expected) | set(got):
        kind = kind_of_difference(expected.get(key), got.get(key))
        if kind is not None:
            sides = (("expected", expected), ("got", got))
            says = " ".join(f"{who} {side[key]}" for who, side in sides if key in side)
            lines.append((kind, f"{kind}: {shown(key)} {says}"))
    order = ("different", "missing", "extra", "missing zero", "extra zero")
    return [line for _, line in sorted(lines, key=lambda pair: (order.index(pair[0]), pair[1]))]


def kind_of_difference(expected: Decimal | None, got: Decimal | None) -> str | None:
    """None where both say the same."""
    if expected is None and got is not None:
        return "extra" if got else "extra zero"
    if got is None and expected is not None:
        return "missing" if expected else "missing zero"
    if expected is None or got is None or float(expected) == float(got):
        return None
    return "different"
