"""``trialsim levers``: what would help a trial, each lever moved by a stated step."""

from __future__ import annotations

from pathlib import Path

import click

from trialsim.cli.delivery import deliver
from trialsim.cli.options import (
    check_executor,
    engine_option,
    executor_option,
    export_option,
    figures_option,
    jobs_option,
    json_option,
    load,
    measure_option,
    out_option,
    replace_option,
    replications_option,
    scenario_argument,
    seed_option,
    set_option,
)
from trialsim.cli.places import usual_folder
from trialsim.cli.screen import progress_bar


@click.command("levers")
@scenario_argument
@click.option(
    "--step",
    "steps",
    multiple=True,
    metavar="KEY=VALUE",
    help="A lever of your own: the value that a key of the scenario is moved to; may be given several times.",
)
@replications_option("Possible histories with each lever.")
@seed_option
@set_option
@engine_option
@executor_option
@jobs_option
@measure_option
@out_option
@replace_option
@figures_option
@export_option
@json_option
def levers_command(
    scenario: str,
    steps: tuple[str, ...],
    replications: int,
    seed: int,
    settings: tuple[str, ...],
    engine: str,
    executor: str,
    jobs: int | None,
    measures: tuple[str, ...],
    out: Path | None,
    replace: bool,
    figures: tuple[str, ...],
    export: tuple[str, ...],
    as_json: bool,
) -> None:
    """Find out what would help a trial.

    Moves each lever that the scenario has by a stated step (a quarter more candidates, one suite more, ...) and says
    what it buys, replication by replication with the same luck. SCENARIO is a YAML file or the name of one that ships.
    """
    check_executor(executor, engine, jobs)
    trial = load(scenario, settings)
    folder = out or usual_folder(f"{trial.name}-levers", (*steps, *settings))

    from trialsim.report.levers import render
    from trialsim.results.levers import levers
    from trialsim.results.result import of
    from trialsim.storage import check

    check(folder, None if replace else {**of(trial), "levers": {}, "seed": seed, "replications": replications})
    with progress_bar() as progress:
        results = levers(trial, replications, seed, jobs, steps, measures, progress, engine, executor=executor)
    deliver(results, folder, figures, export, as_json, render, replace=replace)
