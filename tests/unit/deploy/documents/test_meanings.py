"""All that can be sent or refused has a meaning, and there are no others."""

import pytest

from deploy.documents.meanings import ATTRIBUTES, FIELDS, REASONS, of_field
from shared.contracts.admission import Reason
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.envelope import Upsert

SENT = {(row.name, field) for row in CATALOGUE.values() for field in row.payload.model_fields}


def test_every_attribute_and_every_reason_has_a_meaning_and_there_are_no_others() -> None:
    assert set(ATTRIBUTES) == set(Upsert.model_fields)
    assert set(REASONS) == set(Reason)


def test_every_field_has_a_meaning_and_no_meaning_is_without_a_field() -> None:
    assert all(of_field(type, field) for type, field in SENT)
    used = {f"{type}.{field}" if f"{type}.{field}" in FIELDS else field for type, field in SENT}
    assert set(FIELDS) - used == set()


def test_what_a_type_means_of_its_own_goes_before_what_the_field_means() -> None:
    assert of_field("csc.case.closed", "reason") != of_field("csc.case.deallocated", "reason") == FIELDS["reason"]


def test_a_field_that_nobody_has_explained_is_an_error() -> None:
    with pytest.raises(KeyError):
        of_field("csc.case.closed", "planted")
