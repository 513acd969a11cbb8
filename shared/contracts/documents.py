"""A request's body as the events in it, each as it was sent."""

import msgspec

BATCH = "application/cloudevents-batch+json"
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])


class NotAnArrayError(ValueError):
    """A batch is not a JSON array."""


def documents(body: bytes, media_type: str) -> list[bytes]:
    """The events of a batch (`BATCH`), else of NDJSON, each as it was sent; blank lines are no events.

    Only the array is looked at: an event that is not UTF-8 or no object is found when it is judged. Raises
    ``NotAnArrayError``, whose message holds nothing of the body.
    """
    if media_type != BATCH:
        return [line for line in body.split(b"\n") if line.strip()]
    try:
        return [bytes(event) for event in _ARRAY.decode(body)]
    except (msgspec.MsgspecError, RecursionError):
        raise NotAnArrayError("expected a JSON array of events") from None
