"""When to start again what has died, and how its end is put in words."""

import pytest

from deploy.local.supervisor import FIRST_PAUSE, LONGEST_PAUSE, STEADY, Patience, ending


def test_the_pause_doubles_from_death_to_death_up_to_the_longest():
    patience = Patience()
    pauses = [patience.pause(lived=0.1) for _ in range(10)]
    assert pauses[:3] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert pauses[-1] == LONGEST_PAUSE


def test_a_steady_life_is_forgiven():
    patience = Patience()
    for _ in range(5):
        patience.pause(lived=0.1)
    assert patience.pause(lived=STEADY) == FIRST_PAUSE


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-9, "was ended by SIGKILL"),
        (1, "ended with exit code 1"),
        (0, "ended with exit code 0"),
        (None, "has not started"),
    ],
)
def test_the_end_of_a_process_is_told_in_words(code, words):
    assert ending(code) == words
