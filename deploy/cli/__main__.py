"""``python -m deploy.cli``: what ``./daymark`` hands over to."""

from deploy.cli.commands import app

if __name__ == "__main__":
    app(prog_name="daymark")
