"""A lifelike invented authority."""
