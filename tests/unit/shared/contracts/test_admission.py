"""What comes in, what does not, and what a refusal may say about it."""

import random
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.contracts.admission import EVERYTHING, MAX_EVENT_BYTES, Admitted, Reason, Refusal, Scope, admit
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.examples import EXAMPLES

TODAY = date(2026, 4, 1)
REFERRAL = EXAMPLES["csc.referral.received"]
DATA = REFERRAL["data"]
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
ATTRIBUTES = ["specversion", "id", "source", "type", "subject", "time", "authority"]
REQUIRED = [
    (row.name, field)
    for row in CATALOGUE.values()
    for field, info in row.payload.model_fields.items()
    if info.is_required()
]


CHOICES = [
    (row.name, field, value)
    for row in CATALOGUE.values()
    for field, definition in row.payload.model_json_schema()["properties"].items()
    for values in (definition, *definition.get("anyOf", ()))
    for value in values.get("enum", ())
]


def judged(event: object, scope: Scope = EVERYTHING, today: date = TODAY) -> Admitted | Refusal:
    document = event if isinstance(event, bytes) else orjson.dumps(event)
    row = CATALOGUE.get(str(event.get("type"))) if isinstance(event, dict) else None
    return admit(document, service=row.service if row else "referrals", scope=scope, today=today)


def admitted(event: object) -> Admitted:
    verdict = judged(event)
    assert isinstance(verdict, Admitted), verdict
    return verdict


def refused(event: object, reason: Reason, scope: Scope = EVERYTHING) -> Refusal:
    verdict = judged(event, scope)
    assert isinstance(verdict, Refusal)
    assert verdict.reason is reason, verdict
    return verdict


def without(event: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key != name}


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        names = rng.sample(list(value), len(value))
        return {name: shuffled(value[name], rng) for name in names}
    return value


# Never raises


@given(st.binary(max_size=200))
def test_any_bytes_get_a_verdict(document: bytes) -> None:
    assert isinstance(admit(document, service="referrals", scope=EVERYTHING, today=TODAY), Refusal)


@given(VALUES)
def test_any_json_gets_a_verdict(value: object) -> None:
    assert isinstance(judged(value), Refusal)


@given(st.sampled_from(sorted(EXAMPLES)), st.data())
def test_an_event_with_anything_anywhere_gets_a_verdict(name: str, data: st.DataObject) -> None:
    event = EXAMPLES[name]
    attribute = data.draw(st.sampled_from([*event, "op", "data_base64", "extra"]))
    judged(event | {attribute: data.draw(VALUES)})
    judged(event | {"data": event["data"] | {data.draw(st.text()): data.draw(VALUES)}})


@pytest.mark.parametrize("depth", [200, 260, 900, 1100, 30_000])
def test_nesting_of_any_depth_gets_a_verdict(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    document = orjson.dumps(REFERRAL)[:-1] + b',"extra":' + deep + b"}"
    verdict = admit(document, service="referrals", scope=EVERYTHING, today=TODAY)
    assert verdict.id == "example-3" if depth == 200 else isinstance(verdict, Refusal)


def test_an_object_that_is_not_unicode_is_refused_and_does_not_crash() -> None:
    verdict = admit(REFERRAL | {"id": "\ud800"}, service="referrals", scope=EVERYTHING, today=TODAY)
    assert isinstance(verdict, Refusal)
    assert verdict.reason is Reason.NOT_JSON


# What is kept of an event


def test_an_admitted_event_is_kept_whole_and_compact() -> None:
    event = REFERRAL | {"traceparent": "00-1-2-01", "dataschema": "https://a.example/s", "anything": [1, {"a": None}]}
    verdict = admitted(orjson.dumps(event, option=orjson.OPT_INDENT_2))
    assert verdict.event == orjson.dumps(event).decode()
    assert (verdict.id, verdict.source, verdict.authority) == ("example-3", "/E09000003/mosaic", "E09000003")
    assert (verdict.type, verdict.stream, verdict.partition) == ("csc.referral.received", "csc.referral", 5)
    assert len(verdict.key) == len(verdict.content) == 16


def test_an_event_from_binary_mode_is_judged_as_the_same_in_json() -> None:
    assert admit(dict(REFERRAL), service="referrals", scope=EVERYTHING, today=TODAY) == admitted(REFERRAL)


def test_the_key_stands_for_source_and_id_together() -> None:
    keys = {
        admitted(REFERRAL | {"source": source, "id": event_id}).key
        for source, event_id in [("/a", "b"), ("/ab", "b"), ("/a", "bb"), ("/b", "a")]
    }
    assert len(keys) == 4
    assert admitted(REFERRAL | {"subject": "other"}).key == admitted(REFERRAL).key


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(EXAMPLES)), st.booleans())
def test_neither_the_order_of_keys_nor_white_space_is_content(rng: random.Random, name: str, indented: bool) -> None:
    again = orjson.dumps(shuffled(EXAMPLES[name], rng), option=orjson.OPT_INDENT_2 if indented else 0)
    verdict = admit(again, service=CATALOGUE[name].service, scope=EVERYTHING, today=TODAY)
    assert isinstance(verdict, Admitted)
    assert verdict.content == admitted(EXAMPLES[name]).content


@pytest.mark.parametrize("name", ["traceparent", "tracestate"])
def test_the_way_of_a_trace_is_no_content(name: str) -> None:
    assert admitted(REFERRAL | {name: "00-1-2-01"}).content == admitted(REFERRAL).content


def test_saying_that_json_is_json_is_no_content() -> None:
    assert admitted(without(REFERRAL, "datacontenttype")).content == admitted(REFERRAL).content


@given(VALUES, VALUES)
@example(1, True)
@example(0, False)
@example(1, "1")
@example(1.0, 1)
@example(1e16, 10**16)
@example(-0.0, 0)
@example(0.5, 0.05)
@example([1.0, {"a": 2.0}], [1, {"a": 2}])
def test_content_is_equal_exactly_where_the_json_is(one: object, other: object) -> None:
    same = admitted(REFERRAL | {"extra": one}).content == admitted(REFERRAL | {"extra": other}).content
    assert same == equal(one, other)


def equal(one: Any, other: Any) -> bool:
    """Equality of JSON: of Python's, without taking true for 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    return bool(one == other)


@given(VALUES)
def test_whole_numbers_are_content_however_they_are_written(value: object) -> None:
    assert admitted(REFERRAL | {"extra": value}).content == admitted(REFERRAL | {"extra": as_floats(value)}).content


def as_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: as_floats(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_floats(inner) for inner in value]
    return float(value) if type(value) is int and abs(value) <= 2**53 else value


def raw_with(extra: bytes) -> bytes:
    return orjson.dumps(REFERRAL)[:-1] + b',"extra":' + extra + b"}"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (b"1e2", b"100", True),
        (b"-0", b"0.0", True),
        (b"1.50", b"15e-1", True),
        (b"18446744073709551616", b"18446744073709551617", False),
        (b"-9999999999999999999", b"-9999999999999999998", False),
        (b"18446744073709551616", b"1.8446744073709551616e19", True),
        (b"100000000000000000000000", b"1e23", False),  # the nearest float is 99999999999999991611392
        (b"[18446744073709551616,1.0]", b"[18446744073709551616,1]", True),
        (b'["1.0",1.0]', b'["1.0",1]', True),
        (b'["1.0",1.0]', b'["1",1]', False),
        (b'["\\"",1.0,"2.0"]', b'["\\"",1,"2"]', False),
        (b'{"1.0":1}', b'{"1":1}', False),
        (b'{"a":1,"a":2}', b'{"a":2}', True),
        (b'"\\u00e9"', b'"\xc3\xa9"', True),
        (b'"\xc3\xa9"', b'"e\xcc\x81"', False),
        (b"null", b"0", False),
    ],
)
def test_content_is_what_the_json_says_and_not_how(one: bytes, other: bytes, same: bool) -> None:
    assert (admitted(raw_with(one)).content == admitted(raw_with(other)).content) is same


@given(st.integers(-(10**300), 10**300))
def test_integers_of_any_length_are_kept_to_the_last_digit(number: int) -> None:
    verdict = admitted(raw_with(b"[%d,1.0]" % number))
    assert verdict.event.endswith(f',"extra":[{number},1.0]}}')
    assert verdict.content == admitted(raw_with(b"[%d,1]" % number)).content
    assert verdict.content != admitted(raw_with(b"[%d,1]" % (number + 1))).content


@pytest.mark.parametrize("extra", [b'"' + b"\\n" * 20_000 + b'",1.0', b"[" * 240 + b"1.0" + b"]" * 240])
def test_content_does_not_depend_on_how_much_there_is(extra: bytes) -> None:
    whole = extra.replace(b"1.0", b"1")
    assert admitted(raw_with(b"[" + extra + b"]")).content == admitted(raw_with(b"[" + whole + b"]")).content


@pytest.mark.parametrize(
    ("name", "field"), [("csc.establishment.reported", "posts_fte"), ("csc.employment.started", "fte")]
)
def test_a_whole_number_in_the_data_is_the_same_with_a_point(name: str, field: str) -> None:
    data = EXAMPLES[name]["data"] | ({"vacant_fte": 1} if field == "posts_fte" else {})
    one, other = (admitted(EXAMPLES[name] | {"data": data | {field: value}}) for value in (1, 1.0))
    assert one.content == other.content


def test_integers_of_any_length_are_kept_and_told_apart_to_the_last_digit() -> None:
    numbers = [str(10**30), str(10**30 + 1), str(2**64), str(2**64 + 1)]
    raw = orjson.dumps(REFERRAL)[:-1]
    verdicts = [admitted(raw + f',"extra":{number}}}'.encode()) for number in numbers]
    assert len({verdict.content for verdict in verdicts}) == len(numbers)
    assert [verdict.event.rpartition(":")[2] for verdict in verdicts] == [f"{number}}}" for number in numbers]


# The envelope


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("value", [None, 7, "", [], {"a": 1}])
def test_a_required_attribute_that_is_wrong_is_named(name: str, value: object) -> None:
    verdict = judged(REFERRAL | {name: value})
    missing = judged(without(REFERRAL, name))
    assert isinstance(verdict, Refusal)
    assert isinstance(missing, Refusal)
    assert verdict.detail.startswith(f"{name}: ")
    assert missing.detail == f"{name}: is required"
    assert missing.reason is Reason.NOT_CLOUDEVENTS
    assert verdict.reason is (Reason.UNKNOWN_TYPE if (name, value) == ("type", "") else Reason.NOT_CLOUDEVENTS)


@pytest.mark.parametrize("name", ["recordedtime", "recordversion", "op", "datacontenttype", "extra", "dataschema"])
def test_null_in_an_optional_attribute_is_as_if_it_were_not_there(name: str) -> None:
    admitted(REFERRAL | {name: None})
    admitted(without(REFERRAL, name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("recordedtime", "2026-03-31T09:30:00"),
        ("recordversion", -1),
        ("recordversion", 2**53),
        ("recordversion", 1.0),
        ("recordversion", "1"),
        ("recordversion", True),
        ("op", "delete"),
        ("op", "Withdraw"),
        ("op", ["withdraw"]),
        ("datacontenttype", "application/json; charset=latin1"),
        ("subject", "unassigned"),
        ("subject", "a" * 65),
        ("time", "2026-02-30T09:30:00Z"),
        ("time", "0001-01-01T00:00:00+01:00"),
    ],
)
def test_an_attribute_that_breaks_the_contract_is_refused_by_name(name: str, value: object) -> None:
    assert refused(REFERRAL | {name: value}, Reason.NOT_CLOUDEVENTS).detail.startswith(f"{name}: ")


@pytest.mark.parametrize("version", [0, 1, 2**53 - 1])
def test_versions_reach_from_0_to_the_largest_exact_integer(version: int) -> None:
    admitted(REFERRAL | {"recordversion": version})


@pytest.mark.parametrize("document", [b"[]", b"7", b"null", b'"x"', b"[{}]"])
def test_json_that_is_no_object_is_no_cloudevent(document: bytes) -> None:
    assert refused(document, Reason.NOT_CLOUDEVENTS).id is None


@pytest.mark.parametrize(
    "document", [b"", b"{", b'{"a":NaN}', b'{"a":"\xff"}', b"\xef\xbb\xbf{}", b'{"a":1}x', b"{'a':1}"]
)
def test_what_is_not_json_is_refused_as_such(document: bytes) -> None:
    assert refused(document, Reason.NOT_JSON) == Refusal(Reason.NOT_JSON, "expected JSON in UTF-8")


# Size


def padded(size: int) -> bytes:
    raw = orjson.dumps(REFERRAL | {"extra": ""})
    return raw.replace(b'"extra":""', b'"extra":"' + b"x" * (size - len(raw)) + b'"')


def test_an_event_of_64_kib_comes_in_and_one_byte_more_does_not() -> None:
    assert len(padded(MAX_EVENT_BYTES)) == MAX_EVENT_BYTES == 65_536
    admitted(padded(MAX_EVENT_BYTES))
    verdict = refused(padded(MAX_EVENT_BYTES + 1), Reason.TOO_LARGE)
    assert (verdict.id, verdict.type) == ("example-3", "csc.referral.received")


def test_the_bytes_received_count_and_not_what_they_say() -> None:
    refused(orjson.dumps(REFERRAL) + b" " * MAX_EVENT_BYTES, Reason.TOO_LARGE)
    refused(b"{" * (MAX_EVENT_BYTES + 1), Reason.TOO_LARGE)


# Whose it is


@pytest.mark.parametrize(
    ("authorities", "sources", "covered"),
    [
        (None, None, True),
        ({"E09000003"}, None, True),
        (None, {"/E09000003/mosaic"}, True),
        ({"E09000003", "E09000002"}, {"/E09000003/mosaic"}, True),
        ({"E09000002"}, None, False),
        ({"E09000003"}, {"/E09000003"}, False),
        (set(), None, False),
    ],
)
def test_a_key_covers_its_authorities_and_sources(
    authorities: set[str] | None, sources: set[str] | None, covered: bool
) -> None:
    scope = Scope(
        None if authorities is None else frozenset(authorities), None if sources is None else frozenset(sources)
    )
    verdict = judged(REFERRAL, scope)
    assert isinstance(verdict, Admitted) is covered
    assert covered or (isinstance(verdict, Refusal) and verdict.reason is Reason.NOT_COVERED)


def test_an_uncovered_event_reveals_nothing_else() -> None:
    scope = Scope(frozenset({"E09000002"}), None)
    broken: list[dict[str, Any]] = [
        {"type": "csc.unknown"},
        {"type": "csc.case.allocated"},
        {"data": {}},
        {"time": "2099-01-01T00:00:00Z"},
    ]
    details = {refused(REFERRAL | change, Reason.NOT_COVERED, scope).detail for change in broken}
    assert len(details) == 1
    assert refused(REFERRAL, Reason.NOT_COVERED, scope).type is None


def test_a_type_that_the_contract_does_not_know_is_refused_and_not_repeated() -> None:
    verdict = refused(REFERRAL | {"type": "csc.secret.word"}, Reason.UNKNOWN_TYPE)
    assert verdict.type is None
    assert "secret" not in verdict.detail


def test_a_type_of_the_other_service_is_refused_with_its_address() -> None:
    verdict = admit(orjson.dumps(REFERRAL), service="workforce", scope=EVERYTHING, today=TODAY)
    assert isinstance(verdict, Refusal)
    assert (verdict.reason, verdict.type) == (Reason.NOT_OWNED, "csc.referral.received")
    assert verdict.detail == "type: this one goes to the referrals service"


# The payload


@pytest.mark.parametrize(("name", "field"), REQUIRED)
def test_a_required_field_that_is_missing_null_or_wrong_is_named(name: str, field: str) -> None:
    event = EXAMPLES[name]
    missing = refused(event | {"data": without(event["data"], field)}, Reason.BAD_PAYLOAD)
    assert missing.detail == f"data.{field}: is required"
    for value in (None, list[Any](), dict[str, Any]()):
        verdict = refused(event | {"data": event["data"] | {field: value}}, Reason.BAD_PAYLOAD)
        assert verdict.detail.startswith(f"data.{field}: should ")


@pytest.mark.parametrize("row", CATALOGUE.values(), ids=lambda row: row.name)
def test_types_without_required_fields_take_no_data_and_no_others_do(row: Any) -> None:
    event = EXAMPLES[row.name]
    for bare in (without(event, "data"), event | {"data": None}, event | {"data": {}}):
        verdict = judged(bare)
        assert isinstance(verdict, Refusal) is row.data_required
        assert not isinstance(verdict, Refusal) or verdict.reason is Reason.BAD_PAYLOAD


@pytest.mark.parametrize("name", CATALOGUE)
@pytest.mark.parametrize("data", [[], "x", 1, True, [{}]])
def test_data_that_is_no_object_is_refused(name: str, data: object) -> None:
    assert refused(EXAMPLES[name] | {"data": data}, Reason.BAD_PAYLOAD).detail == "data: should be an object"


def test_data_in_base64_is_refused_and_not_dropped() -> None:
    event = without(EXAMPLES["csc.team.described"], "data") | {"data_base64": "e30="}
    assert refused(event, Reason.BAD_PAYLOAD).detail == "data_base64: should be absent: the payload goes in data"


def test_an_unknown_field_is_named_only_by_a_name_of_the_contract() -> None:
    elsewhere = refused(REFERRAL | {"data": DATA | {"outcome": "plan"}}, Reason.BAD_PAYLOAD)
    assert elsewhere.detail == "data.outcome: is not a field of this type"
    for name in ("jo_bloggs", "Jo Bloggs", "", "csc.case.closed"):
        own = refused(REFERRAL | {"data": DATA | {name: "plan"}}, Reason.BAD_PAYLOAD)
        assert own.detail == "data.(another field): is not a field of this type"


@pytest.mark.parametrize(("name", "field", "value"), CHOICES)
def test_every_choice_of_the_contract_comes_in(name: str, field: str, value: str) -> None:
    admitted(EXAMPLES[name] | {"data": EXAMPLES[name]["data"] | {field: value}})


@pytest.mark.parametrize(("name", "field"), sorted({(name, field) for name, field, _ in CHOICES}))
def test_no_other_choice_comes_in(name: str, field: str) -> None:
    for wrong in ("", "other_choice", EXAMPLES[name]["data"][field].swapcase() + " "):
        verdict = refused(EXAMPLES[name] | {"data": EXAMPLES[name]["data"] | {field: wrong}}, Reason.BAD_PAYLOAD)
        assert verdict.detail.startswith(f"data.{field}: should be ")


def test_of_many_faults_three_are_named_and_attributes_before_fields() -> None:
    fields = {f"field_{number}": 1 for number in range(9)}
    assert refused(REFERRAL | {"data": fields}, Reason.BAD_PAYLOAD).detail.count("; ") == 2
    verdict = refused(REFERRAL | {"data": fields, "op": "delete"}, Reason.NOT_CLOUDEVENTS)
    assert verdict.detail == "op: should be 'upsert' or 'withdraw'"


@given(st.sampled_from(sorted(EXAMPLES)), st.data(), st.integers(10**9, 10**12).map("Zq{}".format))
def test_a_refusal_never_holds_the_value_that_was_wrong(name: str, data: st.DataObject, secret: str) -> None:
    event = EXAMPLES[name]
    wrong = data.draw(st.sampled_from([f"{secret} ", [secret], {secret: secret}, f"\n{secret}"]))
    attribute = data.draw(st.sampled_from([name for name in ATTRIBUTES if name not in ("authority", "id")]))
    fields = dict.fromkeys(CATALOGUE[name].payload.model_fields, wrong) | {secret: 1}
    for bad in (event | {attribute: wrong}, event | {"data": fields}, event | {"op": wrong}):
        verdict = judged(bad)
        assert isinstance(verdict, Refusal)
        assert secret not in repr(verdict)


# Dates


@pytest.mark.parametrize(
    ("time", "comes_in"),
    [
        ("2026-04-01T23:59:59+01:00", True),
        ("2026-04-02T00:00:00+01:00", False),
        ("2026-04-01T22:59:59Z", True),
        ("2026-04-01T23:00:00Z", False),
        ("2026-04-02T08:00:00+14:00", True),
        ("9998-12-31T00:00:00Z", False),
        ("0002-01-01T00:00:00+14:00", True),
    ],
)
def test_a_later_local_date_than_today_is_refused(time: str, comes_in: bool) -> None:
    verdict = judged(REFERRAL | {"time": time})
    assert isinstance(verdict, Admitted) is comes_in
    assert comes_in or (isinstance(verdict, Refusal) and verdict.reason is Reason.FUTURE_TIME)


@pytest.mark.parametrize(
    ("due", "time", "comes_in"),
    [
        ("2026-03-31", "2026-03-31T23:30:00+01:00", True),
        ("2026-03-30", "2026-03-31T00:00:00+01:00", False),
        ("2026-03-30", "2026-03-30T23:30:00Z", False),
        ("2026-03-31", "2026-03-30T23:30:00Z", True),
    ],
)
def test_an_action_is_due_on_the_local_day_it_was_raised_or_later(due: str, time: str, comes_in: bool) -> None:
    event = EXAMPLES["csc.audit_action.raised"]
    verdict = judged(event | {"time": time, "data": event["data"] | {"due": due}})
    assert isinstance(verdict, Admitted) is comes_in
    assert comes_in or (isinstance(verdict, Refusal) and verdict.reason is Reason.DUE_BEFORE_RAISED)


# Withdrawals


@pytest.mark.parametrize("row", CATALOGUE.values(), ids=lambda row: row.name)
@pytest.mark.parametrize("data", [{}, {"child_id": None}, {"child_id": "a b"}, None, [], "x"])
def test_a_withdrawal_needs_the_child_where_it_identifies_the_fact(row: Any, data: object) -> None:
    verdict = judged(EXAMPLES[row.name] | {"op": "withdraw", "data": data})
    assert isinstance(verdict, Refusal) is row.per_child
    assert not isinstance(verdict, Refusal) or verdict.reason is Reason.BAD_PAYLOAD


@pytest.mark.parametrize("row", CATALOGUE.values(), ids=lambda row: row.name)
def test_the_other_data_of_a_withdrawal_is_ignored(row: Any) -> None:
    data = {"child_id": "c-1", "outcome": 7, "no_such_field": [1], "due": "1999-01-01"}
    admitted(EXAMPLES[row.name] | {"op": "withdraw", "data": data})


def test_a_withdrawal_may_not_lie_in_the_future_either() -> None:
    refused(REFERRAL | {"op": "withdraw", "time": "2026-04-02T00:00:00+01:00"}, Reason.FUTURE_TIME)
