"""A few figures out of an exposition, as a table for the terminal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families
from rich.table import Table

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: a figure, summed over the series that have these labels."""

    words: str
    metric: str
    labels: tuple[tuple[str, str], ...] = ()

    def takes(self, name: str, labels: Labels) -> bool:
        return name == self.metric and all(labels.get(key) == value for key, value in self.labels)


def _clock(words: str, clock: str) -> tuple[Row, Row]:
    return (
        Row(f"{words}, waiting", "csc_clock_open", (("clock", clock),)),
        Row("  of these overdue", "csc_clock_overdue", (("clock", clock),)),
    )


ROWS = (
    Row("events accepted", "csc_events_total", (("result", "accepted"),)),
    Row("referrals in the last 28 days", "csc_referrals", (("window", "28d"),)),
    *_clock("contacts to be decided", "contact_decision"),
    *_clock("referrals to be decided", "referral_decision"),
    *_clock("assessments", "assessment"),
    *_clock("first conferences", "conference"),
    Row("children in need", "csc_children", (("status", "in_need"),)),
    Row("children on a protection plan", "csc_children", (("status", "child_protection"),)),
    Row("children looked after", "csc_children", (("status", "looked_after"),)),
    Row("children without a lead worker", "csc_cases_unallocated"),
    Row("cases held", "csc_caseload_cases"),
    Row("workers who hold them", "csc_caseload_holders"),
    Row("social workers, FTE", "csc_workforce_fte"),
    Row("  of these agency", "csc_workforce_fte", (("contract", "agency"),)),
    Row("vacancies, FTE", "csc_workforce_vacant_fte"),
)


def read(exposition: str, rows: Iterable[Row] = ROWS) -> list[tuple[str, float | None]]:
    """The figure of each row; None where the exposition has no series for it: absent is not zero."""
    found: dict[Row, float | None] = dict.fromkeys(rows)
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            for row, figure in found.items():
                if row.takes(sample.name, sample.labels):
                    found[row] = (figure or 0.0) + float(sample.value)
    return [(row.words, figure) for row, figure in found.items()]


def shown(figure: float | None) -> str:
    """A figure as people read it; a dash where there is none."""
    return "-" if figure is None else f"{figure:,.1f}".removesuffix(".0")


def table(figures: Iterable[tuple[str, float | None]], title: str) -> Table:
    """The figures as a table."""
    board = Table(title=title, title_justify="left", show_header=False, min_width=46)
    board.add_column()
    board.add_column(justify="right")
    for words, figure in figures:
        board.add_row(words, shown(figure))
    return board


def lines(figures: Iterable[tuple[str, float | None]]) -> str:
    """The figures where there is no terminal: a line each, aligned."""
    return "\n".join(f"{words:<34}{shown(figure):>12}" for words, figure in figures)
