"""The header: which census, whose, and how new."""

from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.census.errors import CensusError
from deploy.census.header import Header, read_header
from deploy.census.markup import records
from tests.unit.deploy.census.synthetic import child, episode, header, message

BARNET = "E09000003"
Reading = Callable[..., Header]


@pytest.fixture
def reading(tmp_path: Path) -> Reading:
    def read(authority: str = BARNET, head: str | None = None, **over: str | None) -> Header:
        path = tmp_path / "return.xml"
        path.write_text(message([child("C1", episode())], header(**over) if head is None else head))
        return read_header(next(records(path)), authority)

    return read


def test_year_is_that_in_which_the_census_year_ends(reading: Reading) -> None:
    assert reading().year == 2025
    assert reading(ReferenceDate=None, Year="2024").year == 2024
    assert reading(ReferenceDate="2024-09-30").year == 2025


def test_later_years_and_later_files_of_a_year_have_higher_versions(reading: Reading) -> None:
    first = reading(ReferenceDate="2024-03-31", DateTime="2024-05-01T09:00:00")
    again = reading(ReferenceDate="2024-03-31", DateTime="2025-11-01T09:00:01")
    next_year = reading(ReferenceDate="2025-03-31", DateTime="2025-05-01T09:00:00")
    undated = reading(ReferenceDate="2025-03-31", DateTime=None)
    assert first.version < again.version < undated.version < next_year.version


def test_highest_version_is_one_that_the_contract_takes(reading: Reading) -> None:
    assert reading(ReferenceDate="2099-03-31", DateTime="2099-12-31T23:59:59").version < 2**53


def test_time_of_making_is_local_unless_it_says_otherwise(reading: Reading) -> None:
    local = reading(DateTime="2025-05-23T11:14:05").version
    assert local == reading(DateTime="2025-05-23T10:14:05Z").version
    assert local == reading(DateTime="2025-05-23T11:14:05+01:00").version


def test_a_header_without_source_is_read(reading: Reading) -> None:
    details = "<Collection>CIN</Collection><Year>2025</Year>"
    head = f"<Header><CollectionDetails>{details}</CollectionDetails></Header>"
    assert reading(head=head).year == 2025


@pytest.mark.parametrize(
    ("over", "problem"),
    [
        ({"Collection": "CSWW"}, "not say that this is a CIN collection"),
        ({"Collection": None}, "not say that this is a CIN collection"),
        ({"ReferenceDate": "31/03/2025"}, "no usable ReferenceDate"),
        ({"ReferenceDate": None, "Year": None}, "no usable ReferenceDate and no Year"),
        ({"ReferenceDate": "2022-03-31"}, "ends on 31 March 2022"),
        ({"ReferenceDate": None, "Year": "2022"}, "ends on 31 March 2022"),
        ({"ReferenceDate": "2125-03-31"}, "ends on 31 March 2125"),
        ({"DateTime": "yesterday"}, "DateTime is not a date and time"),
        ({"DateTime": "0001-01-01T00:00:00"}, "DateTime is not a date and time"),
        ({"LEA": "908"}, "of local authority '908', and E09000003 is 302"),
        ({"LEA": None}, "of local authority '', and E09000003 is 302"),
    ],
)
def test_other_headers_are_refused_with_the_line(reading: Reading, over: dict[str, str | None], problem: str) -> None:
    with pytest.raises(CensusError, match=problem) as refused:
        reading(**over)
    assert refused.value.line == 2


def test_a_header_without_collection_details_is_refused(reading: Reading) -> None:
    with pytest.raises(CensusError, match="no CollectionDetails"):
        reading(head="<Header/>")


def test_something_that_is_no_gss_code_is_refused(reading: Reading) -> None:
    with pytest.raises(CensusError, match="not a GSS code"):
        reading("302")


def test_both_gss_codes_of_an_authority_whose_boundary_moved_are_taken(reading: Reading) -> None:
    assert reading("E08000016", LEA="370") == reading("E08000038", LEA="370")


def test_an_authority_that_nobody_knows_takes_only_a_code_that_nobody_knows(reading: Reading) -> None:
    assert reading("E99999999", LEA="000").year == 2025
    with pytest.raises(CensusError, match="of local authority '302', and E99999999 is none that is known"):
        reading("E99999999", LEA="302")
