"""The field's own rules, with the standard library only: calendar, timescales, policy."""
