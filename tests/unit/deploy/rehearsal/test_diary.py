from deploy.rehearsal.diary import Diary


def test_a_day_brings_what_was_put_down_for_it_in_order() -> None:
    done: list[str] = []
    diary = Diary(1)
    diary.at(3, done.append, "second day")
    diary.at(2, done.append, "first")
    diary.at(2, done.append, "then")
    diary.live(2)
    assert done == ["first", "then"]


def test_what_a_day_brings_about_on_itself_still_happens() -> None:
    done: list[str] = []
    diary = Diary(1)
    diary.at(2, lambda: diary.at(2, done.append, "after"))
    diary.live(2)
    assert done == ["after"]


def test_what_is_put_down_for_the_past_happens_today() -> None:
    done: list[str] = []
    diary = Diary(1)
    diary.live(5)
    diary.at(2, done.append, "late")
    diary.live(5)
    assert done == ["late"]
