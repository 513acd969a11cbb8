from services.metrics.second_look import compare

SHOWN = {'csc_a{team="1"}': "1", 'csc_a{team="2"}': "2", 'csc_b{team="1"}': "3"}


def test_equal_figures_differ_in_nothing() -> None:
    assert compare(SHOWN, dict(SHOWN)) == {"differences": 0, "series": 3, "families": []}


def test_families_that_differ_are_named_the_worst_first_and_no_label_of_theirs() -> None:
    assert compare(SHOWN, {'csc_b{team="1"}': "4", 'csc_c{team="9"}': "1"}) == {
        "differences": 4,
        "series": 4,
        "families": ["csc_a", "csc_b", "csc_c"],
    }
