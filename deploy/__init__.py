"""How Daymark is installed, run and rehearsed."""
