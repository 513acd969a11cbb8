"""`./daymark` on a fresh machine: a copy of it with an empty lock makes its environment from nothing."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ECHO = "import sys; print(sys.prefix, *sys.argv[1:])"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A place with the script, an empty lock, and a CLI that says where it runs; no uv on the PATH."""
    root = tmp_path_factory.mktemp("fresh")
    shutil.copy(ROOT / "daymark", root / "daymark")
    (root / "requirements.lock").write_text("")
    (root / "deploy" / "cli").mkdir(parents=True)
    (root / "deploy" / "cli" / "__main__.py").write_text(ECHO)
    return root


def start(root, *arguments, cwd="/"):
    return subprocess.Popen(
        [sys.executable, root / "daymark", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "HOME": os.environ.get("HOME", "/")},
    )


def finish(process):
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out, err


def test_two_first_runs_at_once_make_one_environment(fresh):
    runs = [finish(process) for process in [start(fresh, "a b", "c"), start(fresh, "d")]]
    assert [out for out, _ in runs] == [f"{fresh}/.venv a b c\n", f"{fresh}/.venv d\n"]
    assert sum("installed in" in err for _, err in runs) == 1


def test_the_next_run_goes_straight_on_from_any_folder_whatever_is_in_it(fresh, tmp_path):
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    assert finish(start(fresh, cwd=tmp_path)) == (f"{fresh}/.venv\n", "")


def test_scripts_of_the_environment_point_to_its_final_place(fresh):
    out, _ = finish(start(fresh))
    pip = Path(out.strip()) / "bin" / "pip"
    assert pip.read_text().startswith(f"#!{fresh}/.venv/bin/python")
    assert pip.stat().st_mode & stat.S_IXUSR


def test_a_changed_lock_makes_the_environment_anew(fresh):
    (fresh / "requirements.lock").write_text("# changed\n")
    _, err = finish(start(fresh))
    assert "installed in" in err
    assert finish(start(fresh))[1] == ""


def test_a_lock_that_cannot_be_installed_fails_and_leaves_the_old_environment(fresh):
    before = (fresh / ".venv" / "daymark-key").read_text()
    (fresh / "requirements.lock").write_text("no-such-thing @ file:///no/such/thing.whl\n")
    process = start(fresh)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "could not install requirements.lock" in err
    assert (fresh / ".venv" / "daymark-key").read_text() == before
