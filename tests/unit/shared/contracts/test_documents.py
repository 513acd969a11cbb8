"""A request's body falls into the events that its sender wrote."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.documents import BATCH, NotAnArrayError, documents

NDJSON = "application/x-ndjson"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(VALUES, max_size=5))
def test_a_batch_falls_into_the_values_of_its_array(values: list[object]) -> None:
    assert [orjson.loads(part) for part in documents(orjson.dumps(values), BATCH)] == values


def test_an_event_of_a_batch_keeps_its_own_spelling() -> None:
    assert documents(b' [ {"b": 1.0, "a":1} ,\n2]', BATCH) == [b'{"b": 1.0, "a":1}', b"2"]


def test_a_line_that_is_not_json_spoils_no_other() -> None:
    assert documents(b'{"a":1}\n{broken\n{"b":2}', NDJSON) == [b'{"a":1}', b"{broken", b'{"b":2}']


@given(st.lists(VALUES, max_size=5), st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\n \t\r\n"]))
def test_blank_lines_between_events_are_not_events(values: list[object], gap: bytes) -> None:
    body = gap + gap.join(map(orjson.dumps, values)) + gap
    assert [orjson.loads(part) for part in documents(body, NDJSON)] == values


DEEP = b"[" * 2_000 + b"]" * 2_000


@pytest.mark.parametrize(
    "bad", [rb'{"a":"\ud800,]"}', rb'["\uDC00\ud83d\ude00\\\ud800"]', DEEP], ids=["half", "halves", "deep"]
)
def test_an_event_of_a_batch_that_cannot_be_read_spoils_no_other(bad: bytes) -> None:
    body = b' [ {"a":[1,{}]}, ' + bad + b' ,\n{"b":"]"} ] '
    assert documents(body, BATCH) == [b'{"a":[1,{}]}', bad, b'{"b":"]"}']


@given(st.lists(VALUES, max_size=5))
def test_brackets_and_commas_alone_give_the_same_events(values: list[object]) -> None:
    unread = orjson.dumps([*values, "here"]).replace(b'"here"', rb'"\ud800"')
    assert documents(unread, BATCH) == [*map(orjson.dumps, values), rb'"\ud800"']


@pytest.mark.parametrize(
    "body",
    [
        *("[@,]", "[,@]", "[@,,@]", "[@] []", "[] [@]", "[@", "[@,", "[@}", "@[]", "[@]]", '["@]', "[[@]", "[{@]}"),
        *(
            "[@]x",
            "{@}",
            '"@"',
            "[@,{]",
            "[@,{]]",
            r'["\ud800" 1]',
            r'[{"a" "\ud800"}]',
            r'["\ud800",NaN]',
            r'["\ud800"',
        ),
    ],
)
def test_a_batch_with_an_unreadable_event_must_still_be_an_array(body: str) -> None:
    with pytest.raises(NotAnArrayError):
        documents(body.encode().replace(b"@", DEEP), BATCH)


def test_a_batch_that_cannot_be_read_may_not_have_endless_brackets() -> None:
    with pytest.raises(NotAnArrayError):
        documents(b"[" + b"[]," * 400_000 + DEEP + b"]", BATCH)


@pytest.mark.timeout(20)
def test_a_string_without_end_is_found_out_at_once() -> None:
    with pytest.raises(NotAnArrayError):
        documents(b"[" + DEEP + b',"' + rb"\"" * 2_000_000, BATCH)


def test_a_line_is_an_event_without_its_line_end() -> None:
    assert documents(b' {"a":1}\t\r\n\x0c\n', NDJSON) == [b'{"a":1}', b"\x0c"]


@pytest.mark.parametrize("media_type", [BATCH, NDJSON])
def test_a_body_may_hold_no_event_at_all(media_type: str) -> None:
    assert documents(b"[]" if media_type == BATCH else b"\n\n", media_type) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"7", b"null", b"[{}", b"[{}] {}", b"[{]", b"\xef\xbb\xbf[]", b"\xff", b"[" * 100_000],
)
def test_a_batch_that_is_no_json_array_is_an_error(body: bytes) -> None:
    with pytest.raises(NotAnArrayError, match=r"^expected a JSON array of events$"):
        documents(body, BATCH)


@given(st.binary(max_size=64))
def test_any_bytes_are_events_or_one_known_error(body: bytes) -> None:
    assert isinstance(documents(body, NDJSON), list)
    try:
        parts = documents(b"[" + body + b"]", BATCH)
    except NotAnArrayError:
        return
    assert all(part in body for part in parts)
