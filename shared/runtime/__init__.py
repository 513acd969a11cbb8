"""What runs: clock, settings, database, journal, relay, intake, service."""
