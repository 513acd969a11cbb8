"""Invented census returns: XML from plain Python, and whole invented authorities of any size.

An episode is a dict of element names; what is not given is not written. Every child also gets what must never
leave the return (`PRIVATE`), so that a test can look for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any
from xml.sax.saxutils import escape

SCHEMA_ORDER = (
    "CINreferralDate",
    "ReferralSource",
    "PrimaryNeedCode",
    "CINclosureDate",
    "ReasonForClosure",
    "DateOfInitialCPC",
    "Assessments",
    "CINPlanDates",
    "Section47",
    "ReferralNFA",
    "ChildProtectionPlans",
)
PRIVATE = ("A123456789012", "2011-02-07", "WBRI", "18C", "MOB", "2011-01-30")

Element = Mapping[str, Any]


def episode(referred: str = "2024-05-01", **more: Any) -> dict[str, Any]:
    """A referral from a school that went to assessment, with any elements over and beside that."""
    return {"CINreferralDate": referred, "ReferralSource": "2A", "ReferralNFA": "0"} | more


def header(**over: str | None) -> str:
    """The header of Barnet's return for 2024-25; an element given as None is not written."""
    said = {
        "Collection": "CIN",
        "Year": "2025",
        "ReferenceDate": "2025-03-31",
        "LEA": "302",
        "DateTime": "2025-05-23T11:14:05",
    } | over
    details = _elements({k: said[k] for k in ("Collection", "Year", "ReferenceDate")})
    source = _elements({"SourceLevel": "L", "LEA": said["LEA"], "SerialNo": "001", "DateTime": said["DateTime"]})
    return (
        f"<Header><CollectionDetails>{details}</CollectionDetails><Source>{source}</Source>"
        "<Content><CBDSLevels><CBDSLevel>Child</CBDSLevel></CBDSLevels></Content></Header>"
    )


def child(child_id: str | None, *episodes: Element) -> str:
    """A `Child` element with these `CINdetails`, elements in the order of the DfE's schema."""
    upn, born, ethnicity, _, disability, expected = PRIVATE
    identifiers = {
        "LAchildID": child_id,
        "UPN": upn,
        "PersonBirthDate": born,
        "ExpectedPersonBirthDate": expected,
    }
    characteristics = {"Ethnicity": ethnicity, "Disabilities": {"Disability": disability}}
    whole = {"ChildIdentifiers": identifiers, "ChildCharacteristics": characteristics}
    details = "\n".join(_element("CINdetails", _ordered(one)) for one in episodes)
    return f"<Child>\n{_elements(whole)}\n{details}\n</Child>"


def _ordered(episode: Element) -> dict[str, Any]:
    factors = {"FactorsIdentifiedAtAssessment": {"AssessmentFactors": PRIVATE[3]}}
    named = {name: episode[name] for name in SCHEMA_ORDER if name in episode}
    assessments = [{**one, **factors} for one in named.get("Assessments", [])]
    return named | ({"Assessments": assessments} if assessments else {})


def message(children: Iterable[str], head: str | None = None) -> str:
    """A whole return."""
    return "".join(message_parts(children, head))


def message_parts(children: Iterable[str], head: str | None = None) -> Iterator[str]:
    """A whole return, piece by piece, for files that should not be held in memory."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<Message>{header() if head is None else head}\n<Children>\n"
    for one in children:
        yield one + "\n"
    yield "</Children></Message>"


def invented(seed: int, children: int, year_end: date) -> Iterator[str]:
    """That many invented children with a year of episodes before `year_end`; same seed, same children."""
    random = Random(seed)
    for number in range(children):
        starts = sorted(random.sample(range(5, 360), random.choice((1, 1, 1, 2))), reverse=True)
        yield child(f"C{number:07d}", *(_life(random, year_end, back) for back in starts))


def _life(random: Random, year_end: date, days_back: int) -> dict[str, Any]:
    def after(day: date, least: int, most: int) -> date:
        return day + timedelta(days=random.randint(least, most))

    def by_year_end(day: date) -> str | None:
        return day.isoformat() if day <= year_end else None

    referred = year_end - timedelta(days=days_back)
    start, conference = after(referred, 0, 3), after(referred, 8, 20)
    found = episode(referred.isoformat(), ReferralSource=random.choice(("1A", "2A", "3A", "6")), PrimaryNeedCode="N1")
    if random.random() < 0.07:
        return found | {"ReferralNFA": "1"}
    assessment = {
        "AssessmentActualStartDate": start,
        "AssessmentAuthorisationDate": by_year_end(after(start, 5, 63)),
    }
    found |= {"Assessments": [assessment]}
    if random.random() < 0.3 and conference <= year_end:
        found |= {
            "Section47": [{"S47ActualStartDate": start, "DateOfInitialCPC": conference, "ICPCnotRequired": "false"}],
            "ChildProtectionPlans": [{"CPPstartDate": conference, "InitialCategoryOfAbuse": "NEG"}],
        }
    closed = by_year_end(after(referred, 70, 300))
    return found | {"CINclosureDate": closed, "ReasonForClosure": "RC7" if closed else None}


def _elements(elements: Element) -> str:
    return "".join(_element(name, value) for name, value in elements.items())


def _element(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "".join(_element(name, one) for one in value)
    inside = _elements(value) if isinstance(value, Mapping) else escape(str(value))
    return f"<{name}>{inside}</{name}>"
