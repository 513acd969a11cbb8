"""The table of figures, from an exposition."""

from deploy.local.board import Row, lines, read, shown

EXPOSITION = """\
# TYPE csc_children gauge
csc_children{authority="E99000001",team="a",status="in_need"} 3
csc_children{authority="E99000001",team="b",status="in_need"} 4
csc_children{authority="E99000001",team="b",status="looked_after"} 9
"""
IN_NEED = Row("in need", "csc_children", (("status", "in_need"),))


def test_a_row_sums_the_series_with_its_labels():
    assert read(EXPOSITION, [IN_NEED]) == [("in need", 7.0)]


def test_a_figure_that_is_absent_is_shown_as_a_dash_and_not_as_zero():
    absent = Row("plans", "csc_plans")
    assert read(EXPOSITION, [absent]) == [("plans", None)]
    assert shown(None) == "-"
    assert shown(0.0) == "0"


def test_figures_are_shown_with_thousands_and_without_idle_decimals():
    assert [shown(1234.0), shown(204.7), shown(10.04)] == ["1,234", "204.7", "10"]


def test_without_a_terminal_each_figure_has_a_line():
    assert lines([("a", 1.0), ("b", None)]).splitlines() == [f"{'a':<34}{'1':>12}", f"{'b':<34}{'-':>12}"]
