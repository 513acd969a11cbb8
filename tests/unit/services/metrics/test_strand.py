from services.metrics.casebook import Kind
from services.metrics.strand import TEAM, Family, Mark, Strand
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
        marks={Kind.CHILD: lambda _view: ()},
        tally=counts(3),
        fixed={"clock": "a"},
    )
    assert strand.width == 3


def test_a_strand_is_counted_by_team_and_moves_with_the_day_unless_told_otherwise() -> None:
    strand = Strand((CLOCKED,), frozenset({"csc.x"}), {}, counts(4))
    assert (strand.per, strand.by_the_second) == (TEAM, False)


def test_a_mark_is_about_the_unit_itself_unless_told_otherwise() -> None:
    assert Mark("north", (0, 1)) == ("north", (0, 1), "")
