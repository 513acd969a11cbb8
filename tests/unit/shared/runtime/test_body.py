import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import pytest
from starlette.datastructures import Headers

from shared.runtime.body import BINARY, MAX_BODY_BYTES, NDJSON, Room, read_body, split
from shared.runtime.problems import ProblemError


async def chunks(body: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def read(body: bytes, encoding: str = "", *, size: int = 1000) -> bytes:
    with Room().for_one() as take:
        return await read_body(chunks(body, size), encoding, take)


@pytest.mark.parametrize("size", [1, 7, 100_000])
async def test_a_packed_body_is_the_same_in_chunks_of_any_size(size: int) -> None:
    body = bytes(range(256)) * 40
    packed = gzip.compress(body[:5000]) + gzip.compress(b"") + gzip.compress(body[5000:])
    assert await read(packed, "gzip", size=size) == body


async def test_a_body_that_needs_many_steps_to_unpack_is_whole() -> None:
    body = b"0123456789abcdef" * (MAX_BODY_BYTES // 16)
    assert await read(gzip.compress(body), "gzip", size=100_000) == body


async def test_unpacking_stops_at_the_limit_and_not_at_the_end() -> None:
    read_so_far = 0

    async def bomb() -> AsyncIterator[bytes]:
        nonlocal read_so_far
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        for _ in range(1000):
            chunk = packer.compress(bytes(1024 * 1024))
            read_so_far += 1
            yield chunk

    with pytest.raises(ProblemError) as caught, Room().for_one() as take:
        await read_body(bomb(), "gzip", take)
    assert caught.value.status == 413
    assert read_so_far < 30


async def test_a_bomb_in_one_chunk_takes_little_memory() -> None:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    packed = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(256)) + packer.flush()
    tracemalloc.start()
    try:
        with pytest.raises(ProblemError):
            await read(packed, "gzip", size=len(packed))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


async def test_room_is_given_back_whatever_happens() -> None:
    room = Room(10)
    for _ in range(3):
        with pytest.raises(ProblemError) as caught, room.for_one() as take:  # noqa: PT012  # what is left by an error
            take(8)
            take(3)
        assert (caught.value.status, caught.value.headers["Retry-After"]) == (503, "1")
    with room.for_one() as take:
        take(10)
        with pytest.raises(ProblemError), room.for_one() as another:
            another(1)
    with room.for_one() as take:
        take(10)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, br", "gzip;q=1"])
async def test_an_encoding_that_is_not_gzip_is_refused(encoding: str) -> None:
    with pytest.raises(ProblemError) as caught:
        await read(b"", encoding)
    assert caught.value.status == 415


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"plain", "plain"),
        (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro \u20ac \U0001f600"),
        (b"100%", "100%"),
        (b"%zz", "%zz"),
        (b'"quoted \\"text\\""', 'quoted "text"'),
        (b'"', '"'),
        ("r\u00e9sum\u00e9".encode(), "r\u00e9sum\u00e9"),
    ],
)
def test_header_values_are_unquoted_then_percent_decoded(value: bytes, expected: str) -> None:
    headers = Headers(raw=[(b"content-type", BINARY.encode()), (b"ce-id", value)])
    assert split(b"", BINARY, headers) == [{"id": expected, "datacontenttype": BINARY}]


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("12", 12), ("-3", -3), ("1e3", "1e3"), ("٣", "٣")])
def test_recordversion_becomes_an_integer_where_it_is_one(text: str, expected: int | str) -> None:
    headers = Headers(raw=[(b"content-type", BINARY.encode()), (b"ce-recordversion", text.encode())])
    [event] = split(b"", BINARY, headers)
    assert isinstance(event, dict)
    assert event["recordversion"] == expected


def test_exactly_as_many_events_as_may_be_are_taken() -> None:
    assert len(split(b"1\n" * 10_000, NDJSON, Headers())) == 10_000
    with pytest.raises(ProblemError) as caught:
        split(b"1\n" * 10_001, NDJSON, Headers())
    assert caught.value.status == 413
