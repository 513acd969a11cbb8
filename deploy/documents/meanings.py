"""What attributes, fields and refusals mean, in words: said once, for the documents and for the schemas."""

from collections.abc import Mapping

from shared.contracts.admission import Reason

ATTRIBUTES: Mapping[str, str] = {
    "specversion": "The version of CloudEvents.",
    "id": "The event's own id, 1 to 128 characters: `source` and `id` together are sent once, or again with the same "
    "content.",
    "source": "The recording system that sends, as a URI-reference; one instance keeps one name.",
    "type": "What happened: one of the types of this contract.",
    "subject": "The id of the record that the fact is about; each type says which record that is.",
    "time": "When it happened, with an offset. A source that knows the date alone sends midnight in England.",
    "authority": "The local authority, by its GSS code, such as `E09000003`.",
    "recordedtime": "When it was typed into the recording system. Without it the event ranks as if recorded at `time`.",
    "recordversion": "A whole number that rises with every edit of the record in its system. Without it: 0.",
    "op": "`upsert`: the fact is so. `withdraw`: it is taken back. Without it: `upsert`.",
    "datacontenttype": "`application/json`, if it is said at all.",
    "data": "What the type has to say. A withdrawal needs no more of it than `child_id`, where the type requires one.",
    "data_base64": "Not used: the payload is JSON, in `data`.",
}
"""By attribute of an event."""

FIELDS: Mapping[str, str] = {
    "child_id": "The child, pseudonymised at the source.",
    "team_id": "The team that the record belongs to.",
    "source_code": "Who made contact or referred: the code of the children in need census.",
    "outcome": "What it led to.",
    "primary_need": "The code of the children in need census.",
    "reason": "Why it ended.",
    "referral_id": "The referral that it was made under.",
    "child_seen": "Whether the child was seen in the course of it.",
    "section47_id": "The enquiry that led to the conference.",
    "notification_id": "The notification of a move that led to the conference.",
    "category": "Neglect, physical, sexual or emotional abuse, or several.",
    "plan_id": "The child protection plan.",
    "care_id": "The period of care.",
    "regime": "How often the child must be visited: the timescales of regulation 28.",
    "placement_id": "The placement.",
    "purpose": "What the visit was for.",
    "record_id": "The plan, placement or assessment that the visit was made under.",
    "seen": "Whether the child was seen: otherwise it was an attempt.",
    "seen_alone": "Whether the child was seen alone.",
    "grade": "The judgement on the work.",
    "due": "The day by which it is to be done; not before the day on which it was raised.",
    "audit_id": "The audit that asked for it.",
    "worker_id": "The worker, pseudonymised at the source.",
    "role": "What the worker does.",
    "fte": "Full-time equivalent: the part of a full post.",
    "contract": "Employed by the authority, or through an agency.",
    "asye_until": "The last day of the assessed and supported year of a newly qualified worker.",
    "manager_id": "The worker who manages this one.",
    "covers_vacancy": "Whether an agency worker stands in for a vacant post.",
    "vacant_fte": "Vacant posts, full-time equivalent; those that an agency worker covers are vacant too.",
    "posts_fte": "All posts, full-time equivalent.",
    "name": "What people call the team.",
    "area": "The area that it belongs to.",
    "supervisor_id": "The worker who supervised.",
    "kind": "How it was held.",
    "csc.case.closed.reason": "Why: the code of the children in need census.",
    "csc.absence.started.reason": "Why the worker is away.",
    "csc.employment.ended.reason": "Left, or moved on to another employment record of the authority.",
    "csc.return_interview.held.outcome": "Whether it was held, or came to nothing. Without it: `held`.",
    "csc.case.allocated.role": "Whether the worker is the one who answers for the child.",
}
"""By field of a payload, or by type and field where a type means something of its own."""

REASONS: Mapping[Reason, str] = {
    Reason.NOT_JSON: "Not JSON in UTF-8, or nested too deeply.",
    Reason.NOT_CLOUDEVENTS: "An attribute of the envelope is missing, or is not what it should be.",
    Reason.TOO_LARGE: "The event is too long.",
    Reason.UNKNOWN_TYPE: "The contract has no such type.",
    Reason.NOT_OWNED: "The type goes to the other service.",
    Reason.BAD_PAYLOAD: "`data` lacks a field, has one too many, or one with a value that is not allowed. Nothing is "
    "converted: a number in quotes is no number.",
    Reason.FUTURE_TIME: "`time` is on a later day than today, in England.",
    Reason.NOT_COVERED: "The key is not for this authority or this source.",
    Reason.ID_REUSED: "`source` and `id` are known with other content. What came first stays.",
    Reason.DUE_BEFORE_RAISED: "An audit's action would be due before the day on which it was raised.",
}
"""By reason of a refusal."""


def of_field(type: str, field: str) -> str:
    """What a field of a type means; ``KeyError`` where nobody has said so."""
    return FIELDS.get(f"{type}.{field}") or FIELDS[field]
