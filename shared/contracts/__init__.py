"""What travels: event types, payloads, streams, and what is refused."""
