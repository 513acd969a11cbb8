"""The command line behind ``./daymark``."""
