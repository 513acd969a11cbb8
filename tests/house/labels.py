"""The law of labels: every one is from a closed list, and none leads to a person or a record.

The lists are those of the contract, written out here and not taken from the code.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

AUTHORITY = re.compile(r"E\d{8}")

CLOSED: Mapping[str, frozenset[str]] = {
    name: frozenset(values.split())
    for name, values in {
        "clock": (
            "contact_decision referral_decision allocation assessment assessment_from_start conference "
            "transfer_in_conference core_group cp_review cp_visit cin_visit care_review care_visit return_interview "
            "supervision audit_action"
        ),
        "window": "28d 91d 365d",
        "working_days": "0 10 15 20 30 40 45 50 60 +Inf",
        "outcome": "referral early_help advice no_further_action existing_case undecided",
        "status": "in_need child_protection looked_after",
        "pathway": "cla cp cin",
        "workers": "0 1 2 3+",
        "at_most": "0 5 10 12 15 18 20 22 25 30 35 +Inf 1h 1d 2d 5d 10d 20d 45d",
        "band": "amber red critical",
        "stage": "asye experienced",
        "reason": (
            "left absent sickness maternity other not_json not_cloudevents too_large unknown_type not_owned "
            "bad_payload future_time not_covered id_reused due_before_raised unreadable"
        ),
        "contract": "permanent agency",
        "role": (
            "senior_manager middle_manager first_line_manager senior_practitioner case_holder qualified_without_cases"
        ),
        "grade": "outstanding good requires_improvement inadequate",
        "state": "current superseded withdrawn",
        "check": (
            "stop_before_start end_before_start closed_with_open_assessment unknown_worker overlapping_plans "
            "plan_without_case allocation_without_case"
        ),
        "service": "referrals workforce",
        "result": "accepted duplicate refused",
        "stream": "csc.referral csc.allocation csc.staffing",
        "partition": " ".join(map(str, range(16))),
    }.items()
}


@dataclass(frozen=True)
class Sent:
    """What was sent, as far as labels may tell of it."""

    teams: Collection[str]
    sources: Collection[str]
    types: Collection[str]
    words: Collection[str] = ()
    """Names and areas of teams, which only ``csc_team_info`` may carry."""
    closed: Mapping[tuple[str, str], Collection[str]] = field(default_factory=dict)
    """By family and label: the values of labels that the contract does not know, as a new indicator closes them."""


def violations(exposition: str, sent: Sent) -> list[str]:
    """A line for each label whose name or value is not on a list, each once."""
    return sorted(
        {
            f"{family.name}: {name}={value!r}"
            for family in text_string_to_metric_families(exposition)
            for sample in family.samples
            for name, value in sample.labels.items()
            if not _allowed(family.name, name, value, sent)
        }
    )


def _allowed(family: str, name: str, value: str, sent: Sent) -> bool:
    if name in CLOSED:
        return value in CLOSED[name]
    if name == "authority":
        return AUTHORITY.fullmatch(value) is not None or (family == "csc_quarantined_events" and value == "")
    if family == "csc_team_info" and name in {"name", "area"}:
        return value in {*sent.words, ""}
    return value in sent.closed.get((family, name), _open_list(name, sent))


def _open_list(name: str, sent: Sent) -> Collection[str]:
    """Labels whose values come from what was sent; what could not be read or is not covered counts under ''."""
    return {
        "team": {*sent.teams, "unassigned"},
        "source": {*sent.sources, ""},
        "type": {*sent.types, ""},
    }.get(name, ())


MARK = "zq."
"""Begins every id of a child, a worker or a record, so that it would be seen wherever it came out."""
PEOPLE_AND_RECORDS = {
    "child_id",
    "worker_id",
    "manager_id",
    "supervisor_id",
    "referral_id",
    "section47_id",
    "notification_id",
    "plan_id",
    "care_id",
    "placement_id",
    "record_id",
    "audit_id",
}
OF_TEAMS = frozenset({"csc.establishment.reported", "csc.team.described"})
"""Types whose subject is a team."""


def marked(event: Mapping[str, object]) -> dict[str, object]:
    """The same event with every id of a person or a record marked, and its own id too."""
    data = event.get("data")
    changed = dict(event) | {"id": f"{MARK}{event['id']}"}
    if event["type"] not in OF_TEAMS:
        changed["subject"] = f"{MARK}{event['subject']}"
    if isinstance(data, Mapping):
        changed["data"] = {name: _marked(name, value) for name, value in data.items()}
    return changed


def _marked(name: str, value: object) -> object:
    return f"{MARK}{value}" if name in PEOPLE_AND_RECORDS and isinstance(value, str) else value


def leaks(exposition: str) -> Iterator[str]:
    """Lines in which a marked id came out."""
    return (line for line in exposition.splitlines() if MARK in line)
