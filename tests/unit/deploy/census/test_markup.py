"""The XML reader: only what is wanted, in bounded memory, and nothing hostile."""

import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from deploy.census.errors import CensusError
from deploy.census.markup import LARGEST_CHILD, records
from tests.unit.deploy.census.synthetic import child, episode, header, invented, message, message_parts


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(text: str | bytes) -> Path:
        path = tmp_path / "return.xml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


Written = Callable[[str | bytes], Path]

BOMB = """<?xml version="1.0"?>
<!DOCTYPE Message [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>
<Message><Header>&c;</Header></Message>"""
EXTERNAL = """<?xml version="1.0"?>
<!DOCTYPE Message [<!ENTITY x SYSTEM "file:///etc/hostname">]><Message><Header>&x;</Header></Message>"""
REMOTE_DTD = """<?xml version="1.0"?><!DOCTYPE Message SYSTEM "http://127.0.0.1:9/x.dtd"><Message></Message>"""
PARAMETER = """<?xml version="1.0"?>
<!DOCTYPE Message [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]><Message></Message>"""


def test_header_and_children_come_whole_with_lines(written: Written) -> None:
    path = written(message([child("C1", episode()), child("C2", episode(), episode())]))
    found = list(records(path))
    assert [(r.name, r.line) for r in found] == [("Header", 2), ("Child", 4), ("Child", 8)]
    assert [len(r.all("CINdetails")) for r in found] == [0, 1, 2]
    assert found[0].all("Source")[0].value("LEA") == "302"


def test_what_is_not_carried_is_never_kept(written: Written) -> None:
    assessed = episode(Assessments=[{"AssessmentActualStartDate": "2024-05-02"}])
    kept = list(records(written(message([child("C1", assessed)]))))[1]
    assert set(kept.parts) == {"ChildIdentifiers", "CINdetails"}
    assert set(kept.all("ChildIdentifiers")[0].parts) == {"LAchildID"}
    assert set(kept.all("CINdetails")[0].all("Assessments")[0].parts) == {"AssessmentActualStartDate"}


@pytest.mark.parametrize(
    "root", ['<Message xmlns="urn:census">', '<c:Message xmlns:c="urn:census">'], ids=["default", "prefixed"]
)
def test_namespaces_make_no_difference(written: Written, root: str) -> None:
    plain = message([child("C1", episode(Section47=[{"S47ActualStartDate": "2024-05-02"}]))])
    body = plain.replace("<Message>", root)
    if root.startswith("<c:"):
        body = plain.replace("</", "</c:").replace("<", "<c:").replace("<c:/c:", "</c:").replace("<c:?", "<?")
        body = body.replace("<c:Message>", root)
    assert list(records(written(body))) == list(records(written(plain)))


def test_comments_and_stray_text_do_no_harm(written: Written) -> None:
    text = message([child("C1", episode())])
    stray = text.replace("<ReferralSource>2A", "stray<!-- x --><ReferralSource> <!-- y -->2A<?p i?>")
    kept = list(records(written(stray)))[1].all("CINdetails")[0]
    assert kept.value("ReferralSource") == "2A"


def test_other_encodings_that_xml_declares_are_read(written: Written) -> None:
    text = message([child("C1", episode())]).replace("UTF-8", "UTF-16")
    assert [r.name for r in records(written(text.encode("utf-16")))] == ["Header", "Child"]


@pytest.mark.parametrize("hostile", [BOMB, EXTERNAL, REMOTE_DTD, PARAMETER])
def test_document_types_and_their_entities_are_refused(written: Written, hostile: str) -> None:
    with pytest.raises(CensusError, match=r"return\.xml, line \d: has a document type declaration"):
        list(records(written(hostile)))


def test_another_outermost_element_is_refused(written: Written) -> None:
    with pytest.raises(CensusError, match=r"line 1: the outermost element is 'Worker', and .* 'Message'"):
        list(records(written("<Worker><Message/></Worker>")))


@pytest.mark.parametrize("text", ["", "not XML at all", "<Message>", "<Message></Header>"])
def test_broken_xml_is_refused(written: Written, text: str) -> None:
    with pytest.raises(CensusError, match="not well-formed XML"):
        list(records(written(text)))


def test_a_file_cut_off_gives_its_whole_children_first(written: Written) -> None:
    text = message([child("C1", episode()), child("C2", episode())])
    reading = records(written(text[: text.index("C2")]))
    assert [next(reading).name, next(reading).name] == ["Header", "Child"]
    with pytest.raises(CensusError, match="cut off"):
        next(reading)


def test_an_unknown_encoding_is_refused(written: Written) -> None:
    with pytest.raises(CensusError, match=r"encoding|well-formed"):
        list(records(written('<?xml version="1.0" encoding="x-none"?><Message/>')))


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(CensusError, match=r"none\.xml: cannot be read"):
        list(records(tmp_path / "none.xml"))


def test_a_child_beyond_all_reason_is_refused(written: Written) -> None:
    many = "<ReferralSource/>" * (LARGEST_CHILD + 1)
    text = f"<Message>{header()}<Children><Child><CINdetails>{many}</CINdetails></Child></Children></Message>"
    with pytest.raises(CensusError, match="more than 20,000 elements"):
        list(records(written(text)))


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    with path.open("w") as file:
        file.writelines(message_parts(invented(1, 3_000, date(2025, 3, 31))))
    assert path.stat().st_size > 2_500_000
    tracemalloc.start()
    try:
        assert sum(1 for _ in records(path)) == 3_001
        assert tracemalloc.get_traced_memory()[1] < 1_500_000
    finally:
        tracemalloc.stop()
