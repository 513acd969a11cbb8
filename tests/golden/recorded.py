"""One recorded week, and the text that it comes to.

``python -m tests.golden.recorded`` writes the text anew after a change that is meant; review it as a diff. The events
are kept as they were recorded, so that a change of the rehearsal changes nothing here.
"""

import gzip
from datetime import UTC, datetime
from pathlib import Path

from services.metrics.casebook import Casebook
from services.metrics.exposition import whole
from services.metrics.fact import decode
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement
from shared.domain.calendar import england_and_wales
from shared.domain.policy import PolicyBook

HERE = Path(__file__).parent
EVENTS = HERE / "week.ndjson.gz"
TEXT = HERE / "week.prom"
NOW = datetime(2026, 3, 8, 18, tzinfo=UTC)
RECEIVED = datetime(2026, 3, 8, 17, tzinfo=UTC)


def text_of_the_week() -> str:
    """The figures on the Sunday of the recorded week."""
    casebook = Casebook(NOW.date())
    for line in gzip.decompress(EVENTS.read_bytes()).splitlines():
        casebook.fold(decode(line), RECEIVED.timestamp())
    measurement = Measurement(casebook, strands(), england_and_wales(), PolicyBook())
    return whole(measurement.snapshot(NOW), strands()).decode()


if __name__ == "__main__":
    TEXT.write_text(text_of_the_week())
