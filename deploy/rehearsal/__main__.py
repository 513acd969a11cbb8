"""``python -m deploy.rehearsal [SEED]``: how near the rehearsal comes to England, as Markdown."""

import sys
from datetime import timedelta

from deploy.rehearsal.calibration import facts_of, figures, table
from deploy.rehearsal.world import DAYS, START, children, events


def main(seed: int) -> None:
    """Print the table for the last year of a rehearsal."""
    facts = facts_of(events(seed=seed))
    lines = figures(facts, START + timedelta(days=DAYS - 1), children(1))
    sys.stdout.write(table(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
