"""``python -m services.metrics``: run the metrics service until it is told to stop."""

from services.metrics.app import build
from shared.runtime.service import run

if __name__ == "__main__":
    run("metrics", build)
