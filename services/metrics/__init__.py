"""Turns facts into indicators and shows them."""
