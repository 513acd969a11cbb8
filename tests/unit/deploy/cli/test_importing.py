"""What an import says, refuses to start, and leaves behind."""

import io
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from deploy.cli.importing import Job, Refused, refused_path, summary
from deploy.cli.lines import STDIN, Line
from deploy.cli.sending import Refusal, Tally
from deploy.local.up import UsageError


def job(*files, **changes):
    return Job(**{"files": files, "key": "k", "services": {}} | changes)


def test_the_summary_counts_and_gives_the_reasons_most_frequent_first():
    tally = Tally(accepted=12345, duplicate=2, refused=Counter(not_json=1, bad_payload=3))
    assert summary(tally) == "accepted 12,345, duplicate 2, refused 4 (bad_payload 3, not_json 1)"


def test_a_summary_without_refusals_has_no_reasons():
    assert summary(Tally(accepted=1)) == "accepted 1, duplicate 0, refused 0"


def test_refused_lines_go_beside_their_file():
    assert refused_path(Path("/x/y.ndjson.gz")) == Path("/x/y.ndjson.gz.refused.ndjson")
    assert refused_path(STDIN) == Path("stdin.refused.ndjson")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": ""}, "a sender's key is needed"),
        ({"census_authority": ""}, "--cin-census needs --authority"),
        ({"census_authority": "E09000003", "files": (STDIN,)}, "not from standard input"),
        ({"files": (Path("/no/such"),)}, "/no/such: there is no such file"),
    ],
)
def test_what_cannot_be_run_is_refused_before_anything_is_sent(changes, words):
    with pytest.raises(UsageError, match=words):
        job(**changes).check()


def test_refused_lines_are_kept_as_they_were_and_explained_by_kind(tmp_path):
    out = io.StringIO()
    with Refused(tmp_path / "f") as refused:
        for number in (4, 2, 9):
            refused.take(Refusal(Line(number, b"line %d" % number), "bad_payload", "data.outcome: expected [a]"))
        refused.take(Refusal(Line(7, b"x"), "not_json", "expected JSON"))
        refused.explain(Console(file=out, width=40))
    assert (tmp_path / "f.refused.ndjson").read_bytes() == b"line 4\nline 2\nline 9\nx\n"
    assert out.getvalue().splitlines()[:2] == [
        "daymark: line 2: bad_payload: data.outcome: expected [a], 3 times from there on",
        "daymark: line 7: not_json: expected JSON",
    ]
    assert "all 4 refused lines are in" in out.getvalue()


def test_an_import_without_refusals_leaves_no_file_not_even_that_of_the_last_time(tmp_path):
    (tmp_path / "f.refused.ndjson").write_bytes(b"old\n")
    with Refused(tmp_path / "f"):
        pass
    assert not (tmp_path / "f.refused.ndjson").exists()
