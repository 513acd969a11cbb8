"""``python -m docs.picture URL``: draws docs/figures.svg from what a running metrics service exposes.

The picture in the README is that of a demo: run ``./daymark demo``, and this beside it with the URL of its
``/metrics``. Nothing in it is made up here but the layout.
"""

import sys
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from shared.runtime.clock import SystemClock

PICTURE = Path(__file__).with_name("figures.svg")
CLOCKS = {
    "contact_decision": "Decision on a contact, 1 working day",
    "referral_decision": "Decision on a referral, 1 working day",
    "allocation": "A lead worker for a child, 1 working day",
    "assessment": "Assessment, 45 working days",
    "conference": "First conference, 15 working days",
}
INK, FAINT, WAITING, LATE, PAPER = "#1d2733", "#5b6b7b", "#4a7fb5", "#c8452f", "#ffffff"
AMBER, RED = 18, 22
WIDTH, ROW, BAR, LEFT = 860, 30, 330, 300
TEAMS_SHOWN = 12


class Scrape:
    """The samples of one scrape, to be added up."""

    def __init__(self, text: str) -> None:
        self._samples = [each for family in text_string_to_metric_families(text) for each in family.samples]

    def sum(self, name: str, **labels: str) -> float:
        """The sum over all series with these labels."""
        return sum(
            sample.value
            for sample in self._samples
            if sample.name == name and all(sample.labels.get(key) == value for key, value in labels.items())
        )

    def teams(self) -> list[str]:
        """Every team that holds cases."""
        return sorted({sample.labels["team"] for sample in self._samples if sample.name == "csc_caseload_cases"})


def picture(scrape: Scrape, day: str) -> str:
    """The figures as SVG."""
    parts = [*_waiting(scrape), *_caseload(scrape, 110 + ROW * len(CLOCKS))]
    height = 155 + ROW * len(CLOCKS) + 22 * min(TEAMS_SHOWN, len(scrape.teams()))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
            ' font-family="system-ui, Helvetica, Arial, sans-serif">',
            f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
            _text(20, 34, f"An invented authority on {day}", size=18),
            *parts,
            "</svg>\n",
        ]
    )


def _waiting(scrape: Scrape) -> Iterator[str]:
    yield _text(20, 68, "Waiting now", weight="bold")
    yield _text(WIDTH - 20, 68, "on time, last 91 days", anchor="end", fill=FAINT)
    largest = max(scrape.sum("csc_clock_open", clock=clock) for clock in CLOCKS) or 1
    for number, (clock, words) in enumerate(CLOCKS.items()):
        y = 82 + ROW * number
        waiting, late = (scrape.sum(f"csc_clock_{what}", clock=clock) for what in ("open", "overdue"))
        yield _text(20, y + 15, words)
        yield _rect(LEFT, y, BAR * waiting / largest, 20, WAITING)
        yield _rect(LEFT, y, BAR * late / largest, 20, LATE)
        note = f"{waiting:,.0f}, {late:,.0f} overdue"
        yield _text(LEFT + BAR * waiting / largest + 8, y + 15, note, fill=FAINT)
        yield _text(WIDTH - 20, y + 15, _share_on_time(scrape, clock), anchor="end", weight="bold")


def _share_on_time(scrape: Scrape, clock: str) -> str:
    window: Mapping[str, str] = {"clock": clock, "window": "91d"}
    completed = scrape.sum("csc_clock_completed", **window)
    return f"{scrape.sum('csc_clock_completed_on_time', **window) / completed:.0%}" if completed else "-"


def _caseload(scrape: Scrape, top: int) -> Iterator[str]:
    loads = sorted(((_load(scrape, team), team) for team in scrape.teams()), reverse=True)[:TEAMS_SHOWN]
    yield _text(20, top, "Cases per full-time worker, the teams that carry most", weight="bold")
    scale = BAR / RED
    for number, (load, team) in enumerate(loads):
        y = top + 12 + 22 * number
        yield _text(20, y + 13, team)
        yield _rect(LEFT, y, load * scale, 16, LATE if load > RED else WAITING)
        yield _text(LEFT + 8, y + 13, f"{load:.1f}", fill=PAPER)
    bottom = top + 12 + 22 * len(loads)
    for threshold, name in ((AMBER, "amber"), (RED, "red")):
        x = LEFT + threshold * scale
        yield f'<line x1="{x:.0f}" y1="{top + 8}" x2="{x:.0f}" y2="{bottom}" stroke="{FAINT}" stroke-dasharray="3 3"/>'
        yield _text(x, bottom + 14, f"{name} {threshold}", size=11, fill=FAINT, anchor="middle")


def _load(scrape: Scrape, team: str) -> float:
    """DfE's average caseload, of one team; 0 where nobody holds cases."""
    holders = scrape.sum("csc_caseload_holders_fte", team=team)
    return scrape.sum("csc_caseload_cases", team=team) / holders if holders else 0.0


def _text(
    x: float, y: float, words: str, *, size: int = 13, fill: str = INK, weight: str = "normal", anchor: str = "start"
) -> str:
    style = f'font-size="{size}" fill="{fill}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x:.0f}" y="{y:.0f}" {style}>{escape(words)}</text>'


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.1f}" height="{height:.0f}" fill="{fill}"/>'


def main(url: str) -> None:
    """Scrape once and draw."""
    scrape = Scrape(httpx.get(url, timeout=10).raise_for_status().text)
    PICTURE.write_text(picture(scrape, f"{SystemClock().now():%-d %B %Y}"))


if __name__ == "__main__":
    main(sys.argv[1])
