"""``python -m services.workforce``: run the workforce service until it is told to stop."""

from services.workforce.app import SERVICE, build
from shared.runtime.service import run

if __name__ == "__main__":
    run(SERVICE, build)
