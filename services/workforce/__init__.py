"""Takes in who works where, and who holds which child."""
