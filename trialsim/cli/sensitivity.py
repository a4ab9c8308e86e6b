"""``trialsim sensitivity``: what drives the answer, among the values that are not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from trialsim.cli.delivery import deliver
from trialsim.cli.options import (
    Measure,
    check_executor,
    engine_option,
    executor_option,
    export_option,
    figures_option,
    jobs_option,
    json_option,
    load,
    out_option,
    replace_option,
    scenario_argument,
    seed_option,
    set_option,
)
from trialsim.cli.places import usual_folder
from trialsim.cli.screen import progress_bar
from trialsim.cli.values import OneOf, Whole

_ANALYSES = ("tornado", "indices", "ranks")
_MOST = 100_000
"""As in `trialsim.results.sensitivity`, which is not imported for the sake of a quick `--help`."""


class _Answer(Measure):
    """A measure, or a quantile of a milestone."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name. Raises click.BadParameter, with the nearest measure."""
        from trialsim.analysis.answers import OF_QUANTILES

        return str(value) if value in OF_QUANTILES else super().convert(value, param, ctx)


@click.command("sensitivity")
@scenario_argument
@click.option(
    "--vary",
    multiple=True,
    metavar="KEY=LOW:HIGH",
    help="A key that is not known, and its range; or KEY={...}, a distribution as under `uncertain`. Beside those that "
    "the scenario names; may be given several times.",
)
@click.option(
    "--measure",
    "measures",
    type=_Answer(),
    multiple=True,
    metavar="MEASURE",
    help="The answer that is looked at: a milestone, of which also a quantile, say last_visit_p80; a count; "
    "early_termination, or a cause of it; may be given several times.  [default: last_visit, early_termination]",
)
@click.option(
    "--only",
    type=OneOf(list(_ANALYSES), "kind of analysis"),
    multiple=True,
    help="Leave out the others: one at a time (tornado), shares of the ignorance (Sobol indices), partial rank "
    "correlations (ranks: the quickest, to choose among many values); may be given several times.",
)
@click.option(
    "--replications",
    "-n",
    type=Whole(20, _MOST),
    default=1000,
    show_default=True,
    metavar="N",
    help="Possible histories at each end of each range.",
)
@click.option(
    "--points",
    type=Whole(100, _MOST),
    default=2000,
    show_default=True,
    metavar="N",
    help="Points at which all values are drawn, for shares and ranks.",
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
def sensitivity_command(
    scenario: str,
    vary: tuple[str, ...],
    measures: tuple[str, ...],
    only: tuple[str, ...],
    replications: int,
    points: int,
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
    """Find out what drives the answer.

    Moves each value that is not known from low to high, shares the ignorance out among them, and correlates ranks;
    a dummy, which changes nothing, must come out inert. SCENARIO is a YAML file or the name of one that ships.
    """
    check_executor(executor, engine, jobs)
    trial = load(scenario, settings)

    from trialsim.report.sensitivity import render
    from trialsim.results.result import of
    from trialsim.results.sensitivity import NotReached, check_inputs, sensitivity
    from trialsim.scenario.given_ranges import with_ranges
    from trialsim.storage import check

    ranged = with_ranges(trial, vary)
    check_inputs(ranged)
    folder = out or usual_folder(f"{trial.name}-sensitivity", (*vary, *settings))
    new = {**of(ranged), "sensitivity": {}, "seed": seed, "replications": replications}
    check(folder, None if replace else new)
    with progress_bar() as progress:
        try:
            results = sensitivity(
                ranged,
                replications,
                points,
                seed,
                jobs,
                measures=measures,
                only=only or _ANALYSES,
                progress=progress,
                engine=engine,
                executor=executor,
            )
        except NotReached as problem:
            raise click.BadParameter(str(problem), param_hint="'--measure'") from None
    deliver(results, folder, figures, export, as_json, render, replace=replace)
