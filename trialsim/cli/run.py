"""``trialsim run``: simulate a trial many times and say what to expect of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialsim.cli.options import json_option, load, print_json, scenario_argument, seed_option, set_option

if TYPE_CHECKING:
    from trialsim.experiment import Results
    from trialsim.experiment.runs import Progress


@click.command("run")
@scenario_argument
@click.option(
    "--replications",
    "-n",
    type=click.IntRange(1, 10_000_000),
    default=1000,
    show_default=True,
    metavar="N",
    help="How many possible histories to simulate.",
)
@seed_option
@set_option
@click.option(
    "--engine",
    type=click.Choice(["auto", "simpy"]),
    default="auto",
    show_default=True,
    help="What runs the model.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="Processes to share the work; the results do not depend on it.  [default: all cores]",
)
@click.option("--detail", is_flag=True, default=False, help="Write the tables of participants and lots as well.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    metavar="DIR",
    help="Folder for the results; earlier results in it are replaced.  [default: outputs/<name>]",
)
@click.option("--figures/--no-figures", default=True, show_default=True, help="Whether to draw figures as well.")
@json_option
def run_command(
    scenario: str,
    replications: int,
    seed: int,
    settings: tuple[str, ...],
    engine: str,
    jobs: int | None,
    detail: bool,
    out: Path | None,
    figures: bool,
    as_json: bool,
) -> None:
    """Simulate a trial many times.

    Prints what to expect and writes tables and figures. SCENARIO is a YAML file or the name of a scenario that ships.
    """
    trial = load(scenario, settings)
    folder = out or Path("outputs") / trial.name

    from trialsim.experiment import simulate
    from trialsim.experiment.store import check

    check(folder)
    with _progress(replications) as progress:
        results = simulate(trial, replications, seed, jobs, detail, engine=engine, progress=progress)
    try:
        results.save(folder, figures)
        click.echo(f"Results are in {folder}", err=True)
    finally:
        if as_json:
            print_json(results.summary())
        else:
            _print_report(results)


def _print_report(results: Results) -> None:
    import os
    import shutil
    import sys

    from trialsim.analysis.facts import facts_of
    from trialsim.report.terminal import render

    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    width = min(80, shutil.get_terminal_size().columns)
    click.echo(render(results.summary(), facts_of(results.scenario), color=color, width=width), color=color)


@contextmanager
def _progress(replications: int) -> Iterator[Progress | None]:
    """A bar on stderr, if somebody is there to see it."""
    import sys

    if not sys.stderr.isatty():
        yield None
        return

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=replications)
        yield lambda done, everything: bar.update(task, completed=done)
