"""``trialsim select``: the best of several plans, with a promised probability of being right."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialsim.cli.delivery import deliver
from trialsim.cli.options import (
    MEASURE,
    MOST_REPLICATIONS,
    check_executor,
    engine_option,
    executor_option,
    export_option,
    figures_option,
    jobs_option,
    json_option,
    out_option,
    replace_option,
    seed_option,
    set_option,
    vary_option,
    warn,
)
from trialsim.cli.places import usual_folder
from trialsim.cli.screen import progress_bar
from trialsim.cli.values import OneOf, Whole

if TYPE_CHECKING:
    from trialsim.scenario import Scenario


@click.command("select")
@click.argument("sources", nargs=-1, required=True, metavar="PLAN...")
@vary_option("Plans that differ from each PLAN")
@click.option(
    "--measure",
    type=MEASURE,
    default="last_visit",
    show_default=True,
    metavar="MEASURE",
    help="Whose mean makes the best plan: a milestone, say last_visit or settled; a count, say infused; "
    "early_termination, or a cause of it.",
)
@click.option(
    "--best",
    type=OneOf(["smallest", "largest"], "kind of best"),
    default=None,
    help="Which mean is the best.  [default: the largest of people and of completing, else the smallest]",
)
@click.option(
    "--indifference",
    default=None,
    metavar="AMOUNT",
    help="A difference that does not matter: '2 weeks' of a milestone, 0.02 of a probability, 0.5 of a count. "
    "Needed without --budget.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    metavar="P",
    help="With which probability the best is to be found, if it is better than each other plan by --indifference.",
)
@click.option(
    "--first",
    type=Whole(10, MOST_REPLICATIONS),
    default=100,
    show_default=True,
    metavar="N",
    help="Possible histories of each plan before any is out.",
)
@click.option(
    "--max-replications",
    "most",
    type=Whole(10, MOST_REPLICATIONS),
    default=10_000,
    show_default=True,
    metavar="N",
    help="Possible histories of each plan at most; that the promise does not hold is said.",
)
@click.option(
    "--budget",
    type=Whole(20, MOST_REPLICATIONS),
    default=None,
    metavar="N",
    help="Possible histories of all plans together, shared out to where they tell most; without a promise.",
)
@click.option(
    "--fresh",
    type=Whole(1, 10_000),
    default=1000,
    show_default=True,
    metavar="N",
    help="Possible histories of the best plan on fresh luck: on that by which it was chosen, it looks too good.",
)
@seed_option
@set_option
@engine_option
@executor_option
@jobs_option
@out_option
@replace_option
@figures_option
@export_option
@json_option
def select_command(
    sources: tuple[str, ...],
    vary: tuple[str, ...],
    measure: str,
    best: str | None,
    indifference: str | None,
    confidence: float,
    first: int,
    most: int,
    budget: int | None,
    fresh: int,
    seed: int,
    settings: tuple[str, ...],
    engine: str,
    executor: str,
    jobs: int | None,
    out: Path | None,
    replace: bool,
    figures: tuple[str, ...],
    export: tuple[str, ...],
    as_json: bool,
) -> None:
    """Choose the best of several plans.

    Simulates them with the same luck for as long as it takes to promise that the best is found, or with a --budget.
    PLAN is a YAML file, or the name of a scenario or sweep that ships; with --vary, it is varied.
    """
    if indifference is None and budget is None:
        raise click.UsageError("give --indifference, a difference that does not matter, or a --budget")
    check_executor(executor, engine, jobs)
    plans = _plans(sources, vary, settings)

    from trialsim.analysis.measures import amount
    from trialsim.report.selection import render
    from trialsim.results.selection import check_plans, planned, select
    from trialsim.storage import check

    try:
        step = None if indifference is None else amount(measure, indifference)
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="'--indifference'") from None
    try:
        check_plans(list(plans), measure, step, confidence, first, most, budget, fresh)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    folder = out or usual_folder(f"{'-vs-'.join(_short(sources))[:80]}-best-{measure}", (*vary, *settings))
    check(folder, None if replace else {**planned(plans), "seed": seed})
    with progress_bar() as progress:
        results = select(
            list(plans.values()),
            step,
            measure,
            confidence,
            first,
            most,
            budget,
            fresh,
            None if best is None else best == "largest",
            seed,
            jobs,
            list(plans),
            progress,
            engine,
            executor,
        )
    deliver(results, folder, figures, export, as_json, render, replace=replace)


def _plans(sources: Sequence[str], vary: Sequence[str], settings: Sequence[str]) -> dict[str, Scenario]:
    """The plans by their names: each source, or its points where it is a sweep or varied."""
    from trialsim.scenario.sweep import load_sweep

    names = _short(sources)
    if len(set(names)) < len(names):
        raise click.UsageError("the same plan is given twice")
    found: dict[str, Scenario] = {}
    for name, source in zip(names, sources, strict=True):
        points = load_sweep(source, vary, settings).points
        for point in points:
            several = len(points) > 1
            whole = f"{name}: {point.name}" if several and len(sources) > 1 else point.name if several else name
            found[whole] = point.scenario
    if len(found) < 2:
        raise click.UsageError("a selection needs two or more plans: give another, or --vary KEY=V1,V2,...")
    warn(*found.values())
    return found


def _short(sources: Sequence[str]) -> list[str]:
    """The files' names without folder and ending, where these tell them apart."""
    short = [Path(source).name.removesuffix(".yaml") for source in sources]
    return list(sources) if len(set(short)) < len(short) else short
