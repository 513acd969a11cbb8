"""A request's body as the events in it, each as it was sent."""

import msgspec

BATCH = "application/cloudevents-batch+json"
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


class NotAnArrayError(ValueError):
    """A batch is not a JSON array."""


def documents(body: bytes, media_type: str) -> list[bytes]:
    """The events of a batch or of NDJSON; blank lines are no events. Raises ``NotAnArrayError``."""
    if media_type != BATCH:
        return [line for line in body.split(b"\n") if line.strip()]
    try:
        return [bytes(event) for event in _ARRAY.decode(body)]
    except msgspec.MsgspecError as error:
        raise NotAnArrayError("expected a JSON array of events") from error
