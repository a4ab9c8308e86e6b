"""``trialsim sweep`` and ``trialsim compare``: several scenarios with the same luck, side by side."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from trialsim.cli.delivery import deliver, deliver_part
from trialsim.cli.options import (
    check_executor,
    check_precision,
    engine_option,
    executor_option,
    export_option,
    figures_option,
    jobs_option,
    json_option,
    load,
    measure_option,
    most_option,
    out_option,
    part_option,
    precision_option,
    replace_option,
    replications_option,
    replications_or_the_files_option,
    seed_option,
    seed_or_the_files_option,
    set_option,
    sort_option,
    top_option,
    vary_option,
)
from trialsim.cli.places import usual_folder
from trialsim.cli.screen import progress_bar, tell
from trialsim.cli.values import OneOf, Whole


@click.command("sweep")
@click.argument("source", metavar="SWEEP")
@vary_option("Another axis")
@click.option(
    "--design",
    type=OneOf(["grid", "one_at_a_time", "latin_hypercube", "sobol"], "design"),
    default=None,
    metavar="DESIGN",
    help="Which points the axes make: grid (all combinations), one_at_a_time, latin_hypercube or sobol (--points of "
    "them, drawn over ranges and distributions, as in `--vary 'screening.duration={from: 2 weeks, to: 8 weeks}'`).  "
    "[default: the file's, or grid]",
)
@click.option(
    "--points",
    type=Whole(1, 1000),
    default=None,
    metavar="N",
    help="How many points latin_hypercube or sobol draws; of sobol a power of two.  [default: the file's]",
)
@replications_or_the_files_option("Possible histories of each scenario.  [default: the file's, or 1000]")
@seed_or_the_files_option("Which set of histories.  [default: the file's, or 1]")
@precision_option
@most_option
@set_option
@engine_option
@executor_option
@jobs_option
@part_option
@measure_option
@sort_option
@top_option
@out_option
@replace_option
@figures_option
@export_option
@json_option
def sweep_command(
    source: str,
    vary: tuple[str, ...],
    design: str | None,
    points: int | None,
    replications: int | None,
    seed: int | None,
    precision: tuple[str, ...],
    most: int,
    settings: tuple[str, ...],
    engine: str,
    executor: str,
    jobs: int | None,
    part: tuple[int, int] | None,
    measures: tuple[str, ...],
    sort: str | None,
    top: int | None,
    out: Path | None,
    replace: bool,
    figures: tuple[str, ...],
    export: tuple[str, ...],
    as_json: bool,
) -> None:
    """Simulate a trial under varied conditions.

    SWEEP is a sweep file, or a scenario whose keys --vary names; or the name of either that ships. Every point has the
    same luck, and is compared with the base, replication by replication.
    """
    check_executor(executor, engine, jobs)
    from trialsim.scenario.sweep import load_sweep

    plan = load_sweep(source, vary, settings, design, points, seed)
    if len(plan.points) == 1:
        raise click.UsageError("nothing is varied: give --vary KEY=V1,V2,... or a sweep file with axes or cases")
    for warning in plan.warnings():
        tell(f"warning: {warning}", err=True)
    asked = [f"{name}={given}" for name, given in (("design", design), ("points", points)) if given is not None]
    folder = out or usual_folder(plan.name, (*vary, *asked, *settings))

    from trialsim.report.points import render
    from trialsim.results.sweep import planned, sweep, sweep_part
    from trialsim.storage import check

    known = planned(plan, replications, seed)
    check_precision(precision, known["replications"], most, part, paired=True)
    check(folder, None if replace else {**known, "precision": precision})
    if part:
        work = plan, part, folder, replications, seed, jobs
        deliver_part(part, folder, lambda progress: sweep_part(*work, progress, engine, replace, executor))
        return
    with progress_bar() as progress:
        results = sweep(
            plan,
            replications,
            seed,
            jobs,
            progress=progress,
            engine=engine,
            measures=measures,
            keep=folder,
            precision=precision,
            most=most,
            fresh=replace,
            executor=executor,
        )
    deliver(results, folder, figures, export, as_json, partial(render, sort=sort, top=top), replace=replace)


@click.command("compare")
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO SCENARIO...")
@replications_option("Possible histories of each scenario.")
@precision_option
@most_option
@seed_option
@set_option
@engine_option
@executor_option
@jobs_option
@part_option
@measure_option
@sort_option
@top_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    metavar="DIR",
    help="Folder for tables and figures; earlier ones of the same scenarios are replaced.  [default: none are written]",
)
@replace_option
@figures_option
@export_option
@json_option
def compare_command(
    scenarios: tuple[str, ...],
    replications: int,
    precision: tuple[str, ...],
    most: int,
    seed: int,
    settings: tuple[str, ...],
    engine: str,
    executor: str,
    jobs: int | None,
    part: tuple[int, int] | None,
    measures: tuple[str, ...],
    sort: str | None,
    top: int | None,
    out: Path | None,
    replace: bool,
    figures: tuple[str, ...],
    export: tuple[str, ...],
    as_json: bool,
) -> None:
    """Simulate scenarios side by side.

    The first is the base: the others' differences from it are taken replication by replication, with the same luck.
    """
    names = _names(scenarios)
    if len(scenarios) < 2:
        raise click.UsageError("a comparison needs two or more scenarios")
    if export and not out:
        raise click.UsageError("--export needs --out: without it, no tables are written")
    if part and not out:
        raise click.UsageError("--part needs --out: without it, nothing is written")
    if replace and not out:
        raise click.UsageError("--replace needs --out: without it, there is nothing to be replaced")
    check_executor(executor, engine, jobs)
    check_precision(precision, replications, most, part, paired=True)
    loaded = [load(scenario, settings) for scenario in scenarios]

    from trialsim.report.points import render
    from trialsim.results.sweep import planned, side_by_side, sweep, sweep_part
    from trialsim.storage import check

    plan = side_by_side(loaded, names)
    if out:
        check(out, None if replace else {**planned(plan, replications, seed), "precision": precision})
    if part and out:
        work = plan, part, out, replications, seed, jobs
        deliver_part(part, out, lambda progress: sweep_part(*work, progress, engine, replace, executor))
        return
    with progress_bar() as progress:
        results = sweep(
            plan,
            replications,
            seed,
            jobs,
            progress=progress,
            engine=engine,
            measures=measures,
            keep=out,
            precision=precision,
            most=most,
            fresh=replace,
            executor=executor,
        )
    deliver(results, out, figures, export, as_json, partial(render, sort=sort, top=top), replace=replace)


def _names(scenarios: tuple[str, ...]) -> list[str]:
    """The files' names without folder and ending, where these tell them apart."""
    short = [Path(scenario).name.removesuffix(".yaml") for scenario in scenarios]
    names = list(scenarios) if len(set(short)) < len(short) else short
    if len(set(names)) < len(names):
        raise click.UsageError("the same scenario is given twice")
    return names
