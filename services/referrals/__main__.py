"""``python -m services.referrals``: run the referrals service until it is told to stop."""

from services.referrals.app import SERVICE, build
from shared.runtime.service import run

if __name__ == "__main__":
    run(SERVICE, build)
