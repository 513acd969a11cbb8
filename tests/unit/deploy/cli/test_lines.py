"""Files of events read, routed and put into batches."""

import gzip
import io
import sys
from types import SimpleNamespace

import pytest

from deploy.cli import lines as module
from deploy.cli.lines import STDIN, Line, UnreadableFileError, batches, owner, read_lines

REFERRAL = b'{"type": "csc.referral.received", "data": {"type": "csc.case.allocated"}}'
ALLOCATION = b'{"type": "csc.case.allocated"}'


def numbered(*texts):
    return iter([Line(number, text) for number, text in enumerate(texts, 1)])


def read(path):
    return [(line.number, line.text) for line in read_lines(path, lambda _: None)]


def test_a_line_goes_to_the_service_that_owns_its_type():
    assert [owner(REFERRAL), owner(ALLOCATION)] == ["referrals", "workforce"]


@pytest.mark.parametrize("text", [b"no json", b"[]", b'{"type": 7}', b'{"type": "csc.no.such"}', b"{}", b"\xff\xfe"])
def test_a_line_that_is_nobodys_goes_to_referrals_to_be_refused_there(text):
    assert owner(text) == "referrals"


def test_batches_are_by_service_in_order_and_not_larger_than_asked():
    made = list(batches(numbered(REFERRAL, ALLOCATION, REFERRAL, REFERRAL, ALLOCATION), most=2))
    assert [(batch.service, [line.number for line in batch.lines]) for batch in made] == [
        ("referrals", [1, 3]),
        ("workforce", [2, 5]),
        ("referrals", [4]),
    ]


def test_no_batch_grows_beyond_what_a_request_may_have(monkeypatch):
    monkeypatch.setattr(module, "MOST_BATCH_BYTES", 2 * len(REFERRAL) + 2)
    assert [len(batch.lines) for batch in batches(numbered(*[REFERRAL] * 5), most=1000)] == [2, 2, 1]


def test_blank_lines_are_skipped_but_counted_in_line_numbers(tmp_path):
    (tmp_path / "f").write_bytes(b"one\n\n  \r\ntwo\r\nthree")
    assert read(tmp_path / "f") == [(1, b"one"), (4, b"two"), (5, b"three")]


def test_gzip_is_known_by_its_content_whatever_the_name(tmp_path):
    (tmp_path / "f.ndjson").write_bytes(gzip.compress(b"one\ntwo\n"))
    assert read(tmp_path / "f.ndjson") == [(1, b"one"), (2, b"two")]


def test_a_damaged_gzip_is_said_to_be_one(tmp_path):
    (tmp_path / "f.gz").write_bytes(gzip.compress(b"one\n" * 1000)[:-12])
    with pytest.raises(UnreadableFileError, match="damaged gzip"):
        read(tmp_path / "f.gz")


def test_the_mark_that_windows_puts_before_utf8_is_no_part_of_the_event(tmp_path):
    (tmp_path / "f").write_bytes(b"\xef\xbb\xbf{}\n")
    assert read(tmp_path / "f") == [(1, b"{}")]


def test_utf16_is_named_as_what_it_is(tmp_path):
    (tmp_path / "f").write_bytes("{}\n".encode("utf-16"))
    with pytest.raises(UnreadableFileError, match="UTF-16: save it as UTF-8"):
        read(tmp_path / "f")


def test_progress_ends_at_the_size_of_the_file(tmp_path):
    for name, content in (("f", b"line\n" * 1200), ("f.gz", gzip.compress(b"line\n" * 1200))):
        path, seen = tmp_path / name, []
        path.write_bytes(content)
        list(read_lines(path, seen.append))
        assert seen == sorted(seen)
        assert seen[-1] == len(content)


def test_a_dash_is_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BufferedReader(io.BytesIO(b"one\n"))))
    assert read(STDIN) == [(1, b"one")]
