"""The rehearsal: invented authorities of lifelike shape, as a stream of valid events."""
