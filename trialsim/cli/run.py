"""``trialsim run``: simulate a trial many times and say what to expect of it."""

from __future__ import annotations

from pathlib import Path

import click

from trialsim.cli.delivery import deliver, deliver_part
from trialsim.cli.options import (
    check_executor,
    check_precision,
    engine_option,
    executor_option,
    figures_option,
    jobs_option,
    json_option,
    load,
    most_option,
    out_option,
    part_option,
    plan_export_option,
    precision_option,
    replace_option,
    replications_option,
    scenario_argument,
    seed_option,
    set_option,
)
from trialsim.cli.places import usual_folder
from trialsim.cli.screen import progress_bar


@click.command("run")
@scenario_argument
@replications_option("How many possible histories to simulate.")
@precision_option
@most_option
@seed_option
@set_option
@engine_option
@executor_option
@jobs_option
@part_option
@click.option(
    "--levers/--no-levers", default=True, show_default=True, help="Find out what would help, in up to 1000 histories."
)
@click.option(
    "--ignorance/--no-ignorance",
    default=True,
    show_default=True,
    help="Tell luck from what is not known (uncertain), by as many histories once more.",
)
@click.option(
    "--detail",
    is_flag=True,
    default=False,
    help="Write the tables of participants and lots as well, and draw the figures that need them.",
)
@out_option
@replace_option
@figures_option
@plan_export_option
@json_option
def run_command(
    scenario: str,
    replications: int,
    precision: tuple[str, ...],
    most: int,
    seed: int,
    settings: tuple[str, ...],
    engine: str,
    executor: str,
    jobs: int | None,
    part: tuple[int, int] | None,
    levers: bool,
    ignorance: bool,
    detail: bool,
    out: Path | None,
    replace: bool,
    figures: tuple[str, ...],
    export: tuple[str, ...],
    as_json: bool,
) -> None:
    """Simulate a trial many times.

    Prints what to expect and writes tables and figures. SCENARIO is a YAML file or the name of a scenario that ships.
    """
    check_executor(executor, engine, jobs)
    check_precision(precision, replications, most, part)
    trial = load(scenario, settings)
    folder = out or usual_folder(trial.name, settings)

    from trialsim.analysis.facts import facts_of
    from trialsim.report.terminal import render
    from trialsim.results.result import of
    from trialsim.results.run import simulate, simulate_part
    from trialsim.storage import check

    check(
        folder, None if replace else {**of(trial), "seed": seed, "replications": replications, "precision": precision}
    )
    if part:
        work = trial, part, folder, replications, seed, jobs, detail, engine
        deliver_part(part, folder, lambda progress: simulate_part(*work, progress, replace, executor))
        return
    with progress_bar() as progress:
        results = simulate(
            trial,
            replications,
            seed,
            jobs,
            detail,
            engine=engine,
            progress=progress,
            levers=levers,
            keep=folder,
            precision=precision,
            most=most,
            fresh=replace,
            ignorance=ignorance,
            executor=executor,
        )
    deliver(results, folder, figures, export, as_json, render, facts_of(trial), replace=replace)
