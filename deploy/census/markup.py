"""The return's XML, read a child at a time.

Only elements that become events are ever kept: birth dates, UPNs, ethnicity and whatever else a return
holds pass by unread. Memory is bounded by the largest single child.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from deploy.census.errors import CensusError

CHUNK = 1 << 16
LONGEST_VALUE = 256
LARGEST_CHILD = 20_000

Shape = Mapping[str, "Shape"]


def _values(*names: str) -> dict[str, Shape]:
    return {name: {} for name in names}


_EPISODE: Shape = {
    **_values("CINreferralDate", "ReferralSource", "PrimaryNeedCode", "CINclosureDate", "ReasonForClosure"),
    **_values("ReferralNFA"),
    "Assessments": _values("AssessmentActualStartDate", "AssessmentAuthorisationDate"),
    "CINPlanDates": _values("CINPlanStartDate", "CINPlanEndDate"),
    "Section47": _values("S47ActualStartDate", "DateOfInitialCPC", "ICPCnotRequired"),
    "ChildProtectionPlans": {
        **_values("CPPstartDate", "CPPendDate", "InitialCategoryOfAbuse"),
        "Reviews": _values("CPPreviewDate"),
    },
}
_HEADER: Shape = {
    "CollectionDetails": _values("Collection", "Year", "ReferenceDate"),
    "Source": _values("LEA", "DateTime"),
}
_CHILD: Shape = {"ChildIdentifiers": _values("LAchildID"), "CINdetails": _EPISODE}
_RETURN: Shape = {"Message": {"Header": _HEADER, "Children": {"Child": _CHILD}}}
_WHOLE = ("Header", "Child")


@dataclass(slots=True)
class Record:
    """An element that is kept: its line in the file, its text, and the kept elements inside it by name."""

    name: str
    line: int
    shape: Shape
    text: str = ""
    parts: dict[str, list["Record"]] = field(default_factory=dict)

    def all(self, name: str) -> list["Record"]:
        """The elements of that name directly inside, in the file's order."""
        return self.parts.get(name, [])

    def value(self, name: str) -> str:
        """The text of the first element of that name, stripped; empty where there is none."""
        return next((part.text.strip() for part in self.all(name)), "")


class _Reader:
    """What the parser tells of elements, put together into headers and children."""

    def __init__(self) -> None:
        self.ready: list[Record] = []
        self.parser: Any = None
        self._open: list[Record] = []
        self._passing = 0
        self._kept = 0

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        shape = self._open[-1].shape if self._open else _RETURN
        if self._passing or name not in shape:
            self._pass_by(name)
        else:
            self._open.append(Record(name, self._line(), shape[name]))

    def data(self, text: str) -> None:
        if not self._passing and self._open and not self._open[-1].shape:
            leaf = self._open[-1]
            leaf.text = (leaf.text + text)[:LONGEST_VALUE]

    def end(self, _tag: str) -> None:
        if self._passing:
            self._passing -= 1
            return
        record = self._open.pop()
        if record.name in _WHOLE:
            self.ready.append(record)
            self._kept = 0
        elif record.name not in _RETURN and record.name != "Children":
            self._keep(record)

    def close(self) -> None:
        """Called by the parser at the end of the file; there is nothing left to do."""

    def _pass_by(self, name: str) -> None:
        if not self._open:
            raise CensusError(
                f"the outermost element is {name[:40]!r}, and that of a census return is 'Message'",
                "Give the XML file that was made for the Children in Need census",
                self._line(),
            )
        self._passing += 1

    def _keep(self, record: Record) -> None:
        self._kept += 1
        if self._kept > LARGEST_CHILD:
            raise CensusError(
                f"one child has more than {LARGEST_CHILD:,} elements",
                "No real child has: look at how the file was made",
                self._line(),
            )
        self._open[-1].parts.setdefault(record.name, []).append(record)

    def _line(self) -> int:
        line: int = self.parser.CurrentLineNumber
        return line


def records(path: Path) -> Iterator[Record]:
    """The file's `Header` and `Child` elements, each whole, in the file's order.

    Raises :class:`CensusError` where the file cannot be read, is not well-formed XML, has a document type
    declaration (no return has; entities are how XML is made to attack its reader) or is not a `Message`.
    """
    try:
        with path.open("rb") as file:
            yield from _parsed(file)
    except OSError as error:
        raise CensusError(f"cannot be read ({error.strerror})", "Check the path", file=str(path)) from None
    except CensusError as error:
        error.file = str(path)
        raise


def _parsed(file: BinaryIO) -> Iterator[Record]:
    reader = _Reader()
    parser: Any = DefusedXMLParser(target=reader, forbid_dtd=True)
    reader.parser = parser.parser
    while chunk := file.read(CHUNK):
        _fed(parser, chunk)
        yield from reader.ready
        reader.ready.clear()
    _fed(parser, None)


def _fed(parser: Any, chunk: bytes | None) -> None:
    try:
        if chunk is None:
            parser.close()
        else:
            parser.feed(chunk)
    except CensusError:
        raise
    except DefusedXmlException:
        raise CensusError(
            "has a document type declaration", "Remove it: no census return has one", _line(parser)
        ) from None
    except ParseError as error:
        raise CensusError("is not well-formed XML, or was cut off", "Export it again", error.position[0]) from None
    except (ValueError, LookupError):
        raise CensusError("is in a character encoding that cannot be read", "Save it as UTF-8", _line(parser)) from None


def _line(parser: Any) -> int:
    line: int = parser.parser.CurrentLineNumber
    return line
