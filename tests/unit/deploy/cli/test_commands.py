"""The command line itself."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from deploy.cli.commands import app

COMMANDS = [
    "up",
    "demo",
    "import",
    "keys",
    "rehearse",
    "figures",
    "compare",
    "list",
    "generate",
    "test",
    "check",
    "bench",
]


def test_help_lists_every_command():
    shown = CliRunner().invoke(app, ["--help"]).output
    assert [command for command in COMMANDS if f"\n  {command} " not in shown] == []


@pytest.mark.parametrize("command", ["up", "demo", "import", "keys add", "keys list", "keys revoke", "rehearse"])
def test_each_command_explains_itself(command):
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_an_error_that_people_can_mend_is_one_line_and_exit_code_2(tmp_path):
    result = CliRunner().invoke(app, ["up", "--data", str(tmp_path), "--clock", "noon"])
    assert result.exit_code == 2
    assert result.stderr.startswith("daymark: --clock wants an instant")
    assert len(result.stderr.splitlines()) == 1


def test_help_does_not_wait_for_what_the_commands_need():
    loaded = "import sys, deploy.cli.commands; print([m for m in ('pydantic', 'httpx', 'asyncpg') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", loaded], text=True).strip() == "[]"
