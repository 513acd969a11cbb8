"""One module asks what time it is."""

from pathlib import Path

import pytest

from tests.house.clocks import MAY_ASK, violations
from tests.house.sources import HOUSE, Source, plant, python


def test_nobody_reads_a_clock_but_the_one_module_that_may() -> None:
    assert violations(python(HOUSE)) == []


def test_whoever_may_read_a_clock_is_there_and_does() -> None:
    for path in MAY_ASK:
        assert violations([Source("elsewhere.py", (HOUSE / path).read_text())]), f"{path} needs no permission"


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import datetime\nstarted = datetime.now()",
        "import datetime as d\nstarted = d.datetime.utcnow()",
        "from datetime import date\ndef due(): return date.today()",
        "from datetime import datetime\nfield = dict(default_factory=datetime.now)",
        "import time\nbegan = time.monotonic()",
        "from time import perf_counter as tick\nbegan = tick()",
        "import asyncio\nasync def f(): return asyncio.get_running_loop().time()",
        "class A:\n    def f(self): return self._loop.time()",
    ],
)
def test_a_planted_clock_is_found_however_it_is_written(tmp_path: Path, text: str) -> None:
    found = violations(python(plant(tmp_path, {"services/metrics/planted.py": text})))
    assert len(found) == 1
    assert found[0].startswith("services/metrics/planted.py:2: ")


@pytest.mark.parametrize(
    "text",
    [
        "from datetime import time\nmidnight = time(0)",
        "import time\ntime.sleep(0.1)",
        "from datetime import datetime\ndef at(t: datetime): return t.time(), datetime.fromisoformat('2026-03-02')",
        "def now(clock): return clock.now()",
    ],
)
def test_times_that_are_told_are_no_clocks(tmp_path: Path, text: str) -> None:
    assert violations(python(plant(tmp_path, {"shared/told.py": text}))) == []
