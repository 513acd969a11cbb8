"""What is generated from the code is as the code would have it."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.commands import app
from deploy.generate import MAKERS, ROOT, generate
from tests.house.sources import plant

MADE = {"docs/page.md": lambda: "# A page\n", "docs/schemas/a.json": lambda: "{}\n"}


def contents(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}


def test_the_documents_of_the_house_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate(ROOT, check=True) == 0, "run ./daymark generate"
    assert capsys.readouterr().out == ""
    assert len(MAKERS) > 40


def test_the_check_names_what_is_missing_stale_and_stray_and_touches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path, {"docs/page.md": "# A page \n", "docs/schemas/b.json": "{}", "docs/by_hand.md": "# Mine\n"})
    before = contents(tmp_path)
    assert generate(tmp_path, check=True, makers=MADE) == 1
    assert capsys.readouterr().out.splitlines() == [
        "stale: docs/page.md",
        "missing: docs/schemas/a.json",
        "stray: docs/schemas/b.json",
    ]
    assert contents(tmp_path) == before


def test_generating_mends_what_the_check_finds_and_leaves_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(tmp_path, {"docs/page.md": "", "docs/schemas/deep/b.json": "{}", "docs/by_hand.md": "# Mine\n"})
    assert generate(tmp_path, check=False, makers=MADE) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert contents(tmp_path) == {
        "docs/page.md": "# A page\n",
        "docs/schemas/a.json": "{}\n",
        "docs/by_hand.md": "# Mine\n",
    }
    assert generate(tmp_path, check=False, makers=MADE) == 0
    assert generate(tmp_path, check=True, makers=MADE) == 0
    assert capsys.readouterr().out == ""


def test_a_line_end_of_another_system_is_stale(tmp_path: Path) -> None:
    generate(tmp_path, check=False, makers=MADE)
    (tmp_path / "docs/page.md").write_bytes(b"# A page\r\n")
    assert generate(tmp_path, check=True, makers=MADE) == 1


def test_the_command_line_and_the_module_check_too() -> None:
    assert CliRunner().invoke(app, ["generate", "--check"]).exit_code == 0
    done = subprocess.run([sys.executable, "-m", "deploy.generate", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0
