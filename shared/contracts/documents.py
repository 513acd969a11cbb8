"""A request's body as the events in it, each as it was sent."""

import re
from itertools import pairwise

import msgspec

BATCH = "application/cloudevents-batch+json"
_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_WHITE = b" \t\r\n"
_LEXEME = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[][{},]', re.DOTALL)  # an open string runs to the end: linear, always
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_CLOSING = {b"[": b"]", b"{": b"}"}
_MOST_LEXEMES = 1_000_000


class NotAnArrayError(ValueError):
    """A batch is not a JSON array."""

    def __init__(self) -> None:
        super().__init__("expected a JSON array of events")


def documents(body: bytes, media_type: str) -> list[bytes]:
    """The events of a batch (`BATCH`), else of NDJSON, each as it was sent; blank lines are no events.

    Only the array is looked at: an event that is not UTF-8, holds half a surrogate pair, is nested beyond measure or
    is no object is found when it is judged, and spoils no other. Raises ``NotAnArrayError``, whose message holds
    nothing of the body.
    """
    if media_type != BATCH:
        return [line for part in body.split(b"\n") if (line := part.strip(_WHITE))]
    try:
        return [bytes(event) for event in _ARRAY.decode(body)]
    except (msgspec.MsgspecError, RecursionError):
        _require_array(_SURROGATE.sub(rb"\\u0020", body))
        return _between_commas(body.strip(_WHITE))


def _require_array(body: bytes) -> None:
    try:
        _ARRAY.decode(body)
    except msgspec.MsgspecError:
        raise NotAnArrayError from None
    except RecursionError:  # brackets and commas will have to do
        return


def _between_commas(body: bytes) -> list[bytes]:
    """The elements of an array by its brackets and commas alone."""
    marks = _marks(body)
    if marks[:1] != [0] or marks[-1] != len(body) - 1:
        raise NotAnArrayError
    parts = [body[start + 1 : end].strip(_WHITE) for start, end in pairwise(marks)]
    if not all(parts):
        raise NotAnArrayError
    return parts


def _marks(body: bytes) -> list[int]:
    """Where the array begins, has its commas, and ends; anything that is not in balance is no array."""
    marks: list[int] = []
    closing: list[bytes] = []
    for number, lexeme in enumerate(_LEXEME.finditer(body)):
        sign = lexeme[0]
        if number > _MOST_LEXEMES or not (closing or (number == 0 and sign == b"[")):
            raise NotAnArrayError
        if number == 0 or (sign in (b",", b"]") and len(closing) == 1):
            marks.append(lexeme.start())
        if sign in _CLOSING:
            closing.append(_CLOSING[sign])
        elif sign in (b"]", b"}") and closing.pop() != sign:
            raise NotAnArrayError
    if closing:
        raise NotAnArrayError
    return marks
