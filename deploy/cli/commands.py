"""The commands and their options. What each does is imported when it is asked for, so that help is quick."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

ROOT = Path(__file__).resolve().parents[2]
OPEN = {"allow_extra_args": True, "ignore_unknown_options": True}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Daymark: how long children wait and how much their social workers carry, live.",
)
keys = typer.Typer(no_args_is_help=True, help="Make, list and revoke senders' keys.")
app.add_typer(keys, name="keys")

Data = Annotated[Path, typer.Option(help="The folder that keeps everything.", envvar="DAYMARK_DATA")]
PortBase = Annotated[
    int, typer.Option(help="Referrals listens on this + 1, workforce on + 2, metrics on + 3.", metavar="PORT")
]
DatabaseUrl = Annotated[
    str,
    typer.Option(
        help="A PostgreSQL of your own instead of the embedded one.",
        envvar=["DAYMARK_DATABASE_URL", "DATABASE_URL"],
        show_default=False,
    ),
]
RedisUrl = Annotated[
    str,
    typer.Option(
        help="A Redis or Valkey of your own instead of the embedded one.",
        envvar=["DAYMARK_REDIS_URL", "REDIS_URL"],
        show_default=False,
    ),
]
DEFAULT_DATA = ROOT / "var" / "data"


KnownOn = Annotated[
    str,
    typer.Option(
        help="As known at the end of this day; without it, all that is known now.", metavar="DAY", show_default=False
    ),
]
Authority = Annotated[
    str, typer.Option(help="This authority alone, e.g. E09000003; without it all.", metavar="CODE", show_default=False)
]
Team = Annotated[str, typer.Option(help="This team's series alone.", show_default=False)]
Families = Annotated[
    list[str], typer.Option("--family", help="This family alone (again for more), e.g. csc_clock_overdue.")
]
As = Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="How to write it.")]
Policy = Annotated[
    Path | None, typer.Option(help="The policy file that `up` has.", envvar="DAYMARK_POLICY", show_default=False)
]
Calendar = Annotated[
    Path | None,
    typer.Option(help="The calendar that `up` has.", envvar="DAYMARK_CALENDAR", show_default=False),
]
Clock = Annotated[str, typer.Option(help="The clock that `up` has.", envvar="DAYMARK_CLOCK", show_default=False)]


@contextmanager
def _failing_clearly() -> Iterator[None]:
    """Turn the errors that people can do something about into a line and exit code 2."""
    from deploy.cli.failures import EXPECTED

    try:
        yield
    except EXPECTED as error:
        typer.echo(f"daymark: {error}", err=True)
        raise typer.Exit(2) from None


@app.command()
def up(
    data: Data = DEFAULT_DATA,
    port_base: PortBase = 8100,
    host: Annotated[str, typer.Option(help="The address to listen on.", envvar="DAYMARK_HOST")] = "127.0.0.1",
    clock: Annotated[
        str,
        typer.Option(
            help="An instant to go by instead of the machine's clock, e.g. 2026-03-02T09:00:00Z.",
            envvar="DAYMARK_CLOCK",
            show_default=False,
        ),
    ] = "",
    dev_key: Annotated[
        str,
        typer.Option(
            help="A key for all authorities and sources; on loopback only.",
            envvar="DAYMARK_DEV_KEY",
            show_default=False,
        ),
    ] = "",
    policy: Annotated[
        Path | None, typer.Option(help="The policy file (TOML).", envvar="DAYMARK_POLICY", show_default=False)
    ] = None,
    calendar: Annotated[
        Path | None,
        typer.Option(
            help="A calendar of working days instead of the one that is shipped.",
            envvar="DAYMARK_CALENDAR",
            show_default=False,
        ),
    ] = None,
    reconcile_every: Annotated[
        float,
        typer.Option(
            help="Seconds between two checks of all figures; 0 for none.",
            envvar="DAYMARK_RECONCILE_EVERY",
            metavar="SECONDS",
            min=0,
        ),
    ] = 600,
    database_url: DatabaseUrl = "",
    redis_url: RedisUrl = "",
    json: Annotated[bool, typer.Option("--json", help="Print the ready line as JSON.")] = False,
) -> None:
    """Run the servers and the three services here, until Ctrl-C.

    One line on standard output says that all are ready; everything else goes to standard error. What dies is
    started again. A second run on the same folder shows the same figures.
    """
    from deploy.local.up import Options
    from deploy.local.up import up as run

    with _failing_clearly():
        run(
            Options(
                data=data,
                port_base=port_base,
                host=host,
                clock=clock or None,
                dev_key=dev_key or None,
                policy=policy,
                calendar=calendar,
                reconcile_every=reconcile_every,
                database_url=database_url or None,
                redis_url=redis_url or None,
                as_json=json,
            )
        )


@app.command()
def demo(
    pace: Annotated[float, typer.Option(help="Live events a second.", min=0.1, max=1000)] = 10.0,
    data: Annotated[
        Path | None,
        typer.Option(help="A folder to keep it in; without it the demo begins anew each time.", show_default=False),
    ] = None,
    port_base: PortBase = 8100,
    seed: Annotated[int, typer.Option(help="Which invented authority.")] = 1,
    days: Annotated[int, typer.Option(help="Days of history, up to today.", min=7)] = 426,
    size: Annotated[float, typer.Option(help="1 is an authority of 60,000 children.", min=0.01, max=10)] = 1.0,
    seconds: Annotated[
        float | None, typer.Option(help="Stop so long after the first figures.", show_default=False)
    ] = None,
) -> None:
    """Show an invented authority: 14 months of history, then live events and the figures as they move.

    Everything runs here and goes through the front door, as from a real sender. Ctrl-C stops all of it.
    """
    from deploy.local.demo import Plan, show

    with _failing_clearly():
        show(Plan(pace=pace, data=data, port_base=port_base, seed=seed, days=days, size=size, seconds=seconds))


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="NDJSON, an event a line; .gz too; - for standard input.",
            metavar="FILE…",
            show_default=False,
        ),
    ],
    key: Annotated[str, typer.Option(help="The sender's key.", envvar="DAYMARK_KEY", show_default=False)] = "",
    referrals: Annotated[str, typer.Option(help="The referrals service.")] = "http://127.0.0.1:8101",
    workforce: Annotated[str, typer.Option(help="The workforce service.")] = "http://127.0.0.1:8102",
    metrics: Annotated[str, typer.Option(help="The metrics service, asked with --wait.")] = "http://127.0.0.1:8103",
    wait: Annotated[bool, typer.Option("--wait", help="Return when all of it is in the figures.")] = False,
    batch: Annotated[int, typer.Option(help="Events in one request.", min=1, max=10_000)] = 1000,
    cin_census: Annotated[
        bool, typer.Option("--cin-census", help="The files are Children in Need census returns (XML).")
    ] = False,
    authority: Annotated[
        str, typer.Option(help="With --cin-census: the authority's code, e.g. E09000003.", show_default=False)
    ] = "",
    pseudonym_key: Annotated[
        Path | None,
        typer.Option(
            help="With --cin-census: a file with a secret of 16 bytes or more, which turns children's ids "
            "into pseudonyms, the same each year.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Send a file of events to the services that own them.

    Refused lines are written to FILE.refused.ndjson, to be corrected and sent again. Sending a file twice
    changes nothing. Exit code 0: all accepted or known; 1: some refused; 2: could not run.
    """
    from deploy.cli.importing import Job
    from deploy.cli.importing import run as send

    with _failing_clearly():
        job = Job(
            files=tuple(files),
            key=key,
            services={"referrals": referrals, "workforce": workforce},
            metrics=metrics if wait else None,
            batch=batch,
            census_authority=authority if cin_census else None,
            pseudonym_key=pseudonym_key,
        )
        refused = send(job)
    raise typer.Exit(1 if refused else 0)


@app.command()
def rehearse(
    out: Annotated[Path, typer.Option(help="The file to write; gzipped if it ends in .gz.", show_default=False)],
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.", show_default=False)],
    authorities: Annotated[int, typer.Option(help="How many invented authorities.", min=1)] = 1,
    days: Annotated[int, typer.Option(help="Days recorded.", min=1)] = 426,
    start: Annotated[str, typer.Option(help="The first day.")] = "2025-04-01",
    size: Annotated[float, typer.Option(help="1 is an authority of 60,000 children.", min=0.01, max=10)] = 1.0,
) -> None:
    """Write the events of invented authorities to a file, as NDJSON."""
    from deploy.cli.rehearsing import rehearse as write

    with _failing_clearly():
        write(out, seed=seed, authorities=authorities, days=days, start=start, size=size)


@app.command()
def explain(
    authority: Annotated[str, typer.Option(help="The authority's code, e.g. E09000003.", show_default=False)],
    clock: Annotated[str, typer.Option(help="The clock, e.g. assessment.", show_default=False)],
    subject: Annotated[
        str, typer.Option(help="The id of the record, or of what started or stopped it.", show_default=False)
    ],
    on: Annotated[
        str, typer.Option(help="As of the end of this day; without it as of now.", metavar="DAY", show_default=False)
    ] = "",
    known_on: KnownOn = "",
    format: Annotated[Literal["text", "json"], typer.Option(help="For people or for programs.")] = "text",
    policy: Policy = None,
    calendar: Calendar = None,
    data: Data = DEFAULT_DATA,
    database_url: DatabaseUrl = "",
) -> None:
    """Say why a clock stands as it does for one record: its facts, the days counted, the rule.

    With DAYMARK_CLOCK set, now is the instant it says. Exit code 1: nothing is known of that record on that clock.
    """
    from deploy.cli.explaining import Job, run
    from deploy.cli.keyring import Place

    asked = {"authority": authority, "clock": clock, "subject": subject, "on": on, "known_on": known_on}
    with _failing_clearly():
        job = Job(
            place=Place(data, database_url or None),
            asked=asked,
            clock=os.environ.get("DAYMARK_CLOCK") or None,
            policy=policy,
            calendar=calendar,
            format=format,
        )
        known = run(job)
    raise typer.Exit(0 if known else 1)


@keys.command("add")
def keys_add(
    name: Annotated[str, typer.Argument(help="Who sends with it, e.g. 'Mosaic, live'.", show_default=False)],
    authority: Annotated[
        list[str],
        typer.Option(help="An authority that it covers (again for more; * for all).", show_default=False),
    ],
    source: Annotated[list[str], typer.Option(help="A source that it covers (again for more).")] = ["*"],  # noqa: B006
    rate: Annotated[
        int | None, typer.Option(help="At most so many events a second.", min=1, show_default=False)
    ] = None,
    data: Data = DEFAULT_DATA,
    database_url: DatabaseUrl = "",
) -> None:
    """Make a key. It is shown this once and kept only as a hash."""
    from deploy.cli import keyring

    with _failing_clearly():
        keyring.add(keyring.Place(data, database_url or None), name, authority, source, rate)


@keys.command("list")
def keys_list(data: Data = DEFAULT_DATA, database_url: DatabaseUrl = "") -> None:
    """List the keys: their numbers, names and what they cover."""
    from deploy.cli import keyring

    with _failing_clearly():
        keyring.show(keyring.Place(data, database_url or None))


@keys.command("revoke")
def keys_revoke(
    number: Annotated[int, typer.Argument(help="The key's number, from `keys list`.", show_default=False)],
    data: Data = DEFAULT_DATA,
    database_url: DatabaseUrl = "",
) -> None:
    """Make a key useless, within seconds."""
    from deploy.cli import keyring

    with _failing_clearly():
        keyring.revoke(keyring.Place(data, database_url or None), number)


@app.command()
def figures(
    on: Annotated[str, typer.Option(help="The day whose end they are of, e.g. 2026-03-31.", metavar="DAY")],
    known_on: KnownOn = "",
    authority: Authority = "",
    team: Team = "",
    family: Families = [],  # noqa: B006
    format: As = "table",
    zeros: Annotated[bool, typer.Option("--zeros", help="Show in the table what is 0, too.")] = False,
    policy: Policy = None,
    calendar: Calendar = None,
    clock: Clock = "",
    data: Data = DEFAULT_DATA,
    database_url: DatabaseUrl = "",
) -> None:
    """Show the figures of the end of any day, as known at the end of any day since.

    The same question gives the same answer, whatever has come since.
    """
    from deploy.cli.answers import Format
    from deploy.cli.asking import Question
    from deploy.cli.figures import run
    from deploy.cli.keyring import Place
    from services.metrics.questions.readings import Choice

    with _failing_clearly():
        question = Question(
            Place(data, database_url or None), on, known_on, authority or None, policy, calendar, clock or None
        )
        run(question, Choice(tuple(family), team or None), Format(format), zeros)


@app.command()
def compare(
    on: Annotated[str, typer.Option(help="The day that they are about, e.g. 2026-03-31.", metavar="DAY")],
    known_on: Annotated[str, typer.Option(help="The earlier day of knowledge.", metavar="DAY")],
    later: Annotated[str, typer.Option("--and", help="The later day of knowledge.", metavar="DAY")],
    authority: Authority = "",
    team: Team = "",
    family: Families = [],  # noqa: B006
    format: As = "table",
    policy: Policy = None,
    calendar: Calendar = None,
    clock: Clock = "",
    data: Data = DEFAULT_DATA,
    database_url: DatabaseUrl = "",
) -> None:
    """List what was learnt of a day between two others, and what each fact moved.

    It shows ids of records and pseudonyms of children: it is for those who may see them.
    """
    from deploy.cli.answers import Format
    from deploy.cli.asking import Question
    from deploy.cli.comparing import run
    from deploy.cli.keyring import Place
    from services.metrics.questions.readings import Choice

    with _failing_clearly():
        question = Question(
            Place(data, database_url or None), on, known_on, authority or None, policy, calendar, clock or None
        )
        run(question, later, Choice(tuple(family), team or None), Format(format))


@app.command("list")
def list_(
    family: Annotated[str, typer.Option(help="The number's family, e.g. csc_clock_overdue.")],
    labels: Annotated[
        list[str], typer.Option(help="The number's labels, e.g. clock=assessment,team=north.", metavar="NAME=VALUE,…")
    ] = [],  # noqa: B006
    on: Annotated[
        str, typer.Option(help="The day whose end it is of; without it today.", metavar="DAY", show_default=False)
    ] = "",
    known_on: KnownOn = "",
    authority: Authority = "",
    format: As = "table",
    policy: Policy = None,
    calendar: Calendar = None,
    clock: Clock = "",
    data: Data = DEFAULT_DATA,
    database_url: DatabaseUrl = "",
) -> None:
    """List the records behind a number.

    It shows ids of records and pseudonyms of children and workers: it is for those who may see them.
    """
    from deploy.cli.answers import Format
    from deploy.cli.asking import Question
    from deploy.cli.keyring import Place
    from deploy.cli.listing import run

    with _failing_clearly():
        question = Question(
            Place(data, database_url or None), on, known_on, authority or None, policy, calendar, clock or None
        )
        run(question, family, labels, Format(format))


@app.command()
def generate(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; name what is stale, and exit with 1.")
    ] = False,
) -> None:
    """Write the documents that follow from the code: the events and their schemas."""
    from deploy.generate import generate as run

    sys.exit(run(ROOT, check=check))


@app.command(context_settings=OPEN)
def test(context: typer.Context) -> None:
    """Run all checks and all tests; further arguments go to pytest, e.g. `test -k census`."""
    from deploy.cli.checks import test as run

    sys.exit(run(ROOT, context.args))


@app.command()
def check() -> None:
    """Run the checks alone: lint, format, types, import contracts."""
    from deploy.cli.checks import check as run

    sys.exit(run(ROOT))


@app.command(context_settings=OPEN, add_help_option=False)
def bench(context: typer.Context) -> None:
    """Measure speed on this machine; further arguments go to the benchmark."""
    from deploy.cli.checks import bench as run

    sys.exit(run(ROOT, context.args))
