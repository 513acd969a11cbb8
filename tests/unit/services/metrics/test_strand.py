from services.metrics.casebook import Kind
from services.metrics.strand import Family, Strand
from services.metrics.tally import counts

CLOCKED = Family("csc_x", "X.", {"clock": ("a", "b"), "window": ("28d", "91d")})


def test_series_are_all_combinations_the_last_label_first_to_change() -> None:
    assert CLOCKED.series({}) == [
        {"clock": "a", "window": "28d"},
        {"clock": "a", "window": "91d"},
        {"clock": "b", "window": "28d"},
        {"clock": "b", "window": "91d"},
    ]


def test_a_fixed_label_has_one_value_whatever_its_place() -> None:
    assert CLOCKED.series({"clock": "b"}) == [{"clock": "b", "window": "28d"}, {"clock": "b", "window": "91d"}]
    assert CLOCKED.series({"window": "91d"}) == [{"clock": "a", "window": "91d"}, {"clock": "b", "window": "91d"}]


def test_a_label_that_the_family_does_not_have_is_not_added() -> None:
    assert Family("csc_y", "Y.").series({"clock": "a"}) == [{}]


def test_a_strand_is_as_wide_as_its_families_together() -> None:
    strand = Strand(
        families=(CLOCKED, Family("csc_y", "Y.")),
        needs=frozenset(),
        kind=Kind.CHILD,
        marks=lambda _view: (),
        tally=counts(3),
        fixed={"clock": "a"},
    )
    assert strand.width == 3
