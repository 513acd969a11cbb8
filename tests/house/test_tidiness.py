"""Functions are short, names say something, modules say what they are for, and nothing lies about."""

import codecs
import sys
from pathlib import Path

import pytest

from tests.house.sources import HOUSE, PRODUCT, Source, files, plant, python, sources
from tests.house.tidiness import (
    addresses,
    beyond_the_standard_library,
    functions,
    stray_words,
    too_long,
    unhashed,
    vague_names,
    without_a_sentence,
)


def test_functions_of_the_product_are_short() -> None:
    assert too_long(functions(python(HOUSE, *PRODUCT))) == []


def test_no_function_of_the_tests_is_long_either() -> None:
    assert [line for line in too_long(functions(python(HOUSE))) if ":" in line] == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert vague_names(path.relative_to(HOUSE).as_posix() for path in files(HOUSE)) == []


def test_every_module_says_in_a_sentence_what_it_is_for() -> None:
    assert without_a_sentence(python(HOUSE)) == []


def test_nothing_is_left_for_later_or_belongs_to_one_machine() -> None:
    assert stray_words(sources(HOUSE)) == []


def test_the_lock_is_pinned_and_hashed_and_names_no_address() -> None:
    lock = (HOUSE / "requirements.lock").read_text()
    assert addresses(lock) == []
    assert unhashed(lock) == []
    assert lock.count("==") > 30


def test_the_domain_needs_nothing_but_the_standard_library() -> None:
    domain = python(HOUSE, "shared/domain")
    assert len(domain) > 3
    assert beyond_the_standard_library(domain, "shared.domain", sys.stdlib_module_names) == []


def test_a_planted_long_function_is_found(tmp_path: Path) -> None:
    text = '"""A module."""\n\ndef long():\n    """Not counted."""\n' + "    print()\n" * 60
    (found,) = functions(python(plant(tmp_path, {"shared/planted.py": text})))
    assert found.lines == 60
    assert too_long([found])[0] == "shared/planted.py:3 long: 60 lines"


def test_many_functions_of_middling_length_are_found(tmp_path: Path) -> None:
    middling = "".join(f"def f{n}():\n" + "    print()\n" * 8 for n in range(6))
    short = "".join(f"def g{n}(): ...\n" for n in range(5))
    text = f'"""A module."""\n{middling}{short}'
    assert too_long(functions(python(plant(tmp_path, {"shared/planted.py": text})))) == [
        "only 5 of 11 functions are under 7 lines, not 50%"
    ]


@pytest.mark.parametrize("path", ["shared/utils.py", "services/common/app.py", "tests/helpers.py", "deploy/models.py"])
def test_a_vague_name_is_found(path: str) -> None:
    assert vague_names(["shared/domain/calendar.py", path]) == [path]


def test_a_module_without_a_sentence_is_found(tmp_path: Path) -> None:
    house = plant(
        tmp_path, {"shared/mute.py": "x = 1\n", "shared/telling.py": '"""Says something."""\n', "test_x.py": ""}
    )
    assert without_a_sentence(python(house)) == ["shared/mute.py"]


@pytest.mark.parametrize(
    "line",
    [
        "# TO" + "DO: later",
        "x = 1  # FIX" + "ME",
        'open("/ho' + 'me/someone/file")',
        "see /wo" + "rk/notes",
        codecs.decode("jevggra ol Pung" + "TCG", "rot13"),
    ],
)
def test_a_stray_word_is_found(line: str) -> None:
    assert len(stray_words([Source("planted.md", f"fine\n{line}\nfine")])) == 1


@pytest.mark.parametrize(
    "line", ["services/metrics/app.py", "https://example.org/way/x", "{base}/home/x", "a todo list"]
)
def test_ordinary_words_are_not_stray(line: str) -> None:
    assert stray_words([Source("fine.md", line)]) == []


def test_an_address_in_the_lock_is_found() -> None:
    lines = ["--extra-index-url somewhere", "--find-links folder", "x @ https" + "://example.org/x.whl"]
    assert addresses("\n".join(["a==1 \\", "    --hash=sha256:00", *lines])) == lines


def test_a_package_without_pin_or_hash_is_found() -> None:
    lock = "a==1 \\\n    --hash=sha256:00\nb==2\nc>=3 ; sys_platform == 'linux' \\\n    --hash=sha256:00\n"
    assert unhashed(lock) == ["b==2", "c>=3"]


def test_a_package_in_the_domain_is_found(tmp_path: Path) -> None:
    text = (
        '"""Dates."""\n\nimport datetime\n\nimport pydantic\nfrom shared.runtime import clock\nfrom . import policy\n'
    )
    found = beyond_the_standard_library(
        python(plant(tmp_path, {"shared/domain/planted.py": text})), "shared.domain", sys.stdlib_module_names
    )
    assert found == [
        "shared/domain/planted.py:5: pydantic",
        "shared/domain/planted.py:6: shared.runtime",
        "shared/domain/planted.py:7: .",
    ]
