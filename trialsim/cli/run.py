"""``trialsim run``: simulate a trial many times and say what to expect of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialsim.cli.options import (
    MOST_REPLICATIONS,
    engine_option,
    export_option,
    figures_option,
    jobs_option,
    json_option,
    load,
    out_option,
    print_json,
    scenario_argument,
    seed_option,
    set_option,
)
from trialsim.cli.places import usual_folder
from trialsim.cli.screen import progress_bar, screen, tell

if TYPE_CHECKING:
    from trialsim.results.run import Results


@click.command("run")
@scenario_argument
@click.option(
    "--replications",
    "-n",
    type=click.IntRange(1, MOST_REPLICATIONS),
    default=1000,
    show_default=True,
    metavar="N",
    help="How many possible histories to simulate.",
)
@seed_option
@set_option
@engine_option
@jobs_option
@click.option(
    "--levers/--no-levers", default=True, show_default=True, help="Find out what would help, in up to 1000 histories."
)
@click.option("--detail", is_flag=True, default=False, help="Write the tables of participants and lots as well.")
@out_option
@figures_option
@export_option
@json_option
def run_command(
    scenario: str,
    replications: int,
    seed: int,
    settings: tuple[str, ...],
    engine: str,
    jobs: int | None,
    levers: bool,
    detail: bool,
    out: Path | None,
    figures: tuple[str, ...],
    export: tuple[str, ...],
    as_json: bool,
) -> None:
    """Simulate a trial many times.

    Prints what to expect and writes tables and figures. SCENARIO is a YAML file or the name of a scenario that ships.
    """
    trial = load(scenario, settings)
    folder = out or usual_folder(trial.name, settings)

    from trialsim.results.run import simulate
    from trialsim.storage import check

    check(folder)
    with progress_bar() as progress:
        results = simulate(trial, replications, seed, jobs, detail, engine=engine, progress=progress, levers=levers)
    try:
        results.save(folder, figures, export)
        tell(f"Results are in {folder} (engine: {results.engine})", err=True)
    finally:
        if as_json:
            print_json(results.summary())
        else:
            _print_report(results)


def _print_report(results: Results) -> None:
    from trialsim.analysis.facts import facts_of
    from trialsim.report.terminal import render

    color, width = screen()
    click.echo(render(results.summary(), facts_of(results.scenario), color=color, width=width), color=color)
