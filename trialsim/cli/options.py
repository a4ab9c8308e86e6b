"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialsim.cli.screen import tell
from trialsim.cli.values import OneOf, Part, Whole
from trialsim.export import FORMATS, Unavailable
from trialsim.export import check as check_exports
from trialsim.inventory import PICTURES
from trialsim.tables import COUNTS, MEASURES, SHARES

if TYPE_CHECKING:
    from trialsim.scenario import Scenario

LARGEST = 2**64 - 1
MOST_JOBS, MOST_REPLICATIONS = 61, 10_000_000
"""As in `trialsim.experiment.arguments`, which is not imported for the sake of a quick `--help`."""

_MEASURES = {
    "milestones": [name for name in MEASURES if name not in (*COUNTS, *SHARES)],
    "counts": COUNTS,
    "chances of ends": SHARES,
}

_NO_FIGURES = "trialsim.no_figures"

scenario_argument = click.argument("scenario", metavar="SCENARIO")


def replications_option(words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """How many histories a command simulates, 1,000 unless said otherwise; ``words`` say of what."""
    return click.option(
        "--replications",
        "-n",
        type=Whole(1, MOST_REPLICATIONS),
        default=1000,
        show_default=True,
        metavar="N",
        help=words,
    )


def replications_or_the_files_option(words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """How many histories a command simulates, where a sweep file may say so; None if not given."""
    return click.option("--replications", "-n", type=Whole(1, MOST_REPLICATIONS), default=None, metavar="N", help=words)


def seed_or_the_files_option(words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Which set of histories, where a sweep file may say so; None if not given."""
    return click.option("--seed", type=Whole(0, LARGEST), default=None, metavar="N", help=words)


precision_option = click.option(
    "--precision",
    multiple=True,
    metavar="NAME=HALF-WIDTH",
    help="Simulate until the 95 % interval of an estimate is as narrow: early_termination=0.02, "
    "'last_visit_p80=2 weeks', infused_mean=0.1, of comparisons also last_visit_difference=... From --replications "
    "on, of which there are 200 or more; may be given several times.",
)

most_option = click.option(
    "--max-replications",
    "most",
    type=Whole(1, MOST_REPLICATIONS),
    default=100_000,
    show_default=True,
    metavar="N",
    help="With --precision: possible histories of each scenario at most; that it is not reached is said.",
)

seed_option = click.option(
    "--seed",
    type=Whole(0, LARGEST),
    default=1,
    show_default=True,
    metavar="N",
    help="Which set of histories; the same seed gives the same results on any machine.",
)

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change a key of the scenario, say `recruitment.rate_multiplier=2`; may be given several times.",
)

jobs_option = click.option(
    "--jobs",
    type=Whole(1, MOST_JOBS),
    default=None,
    metavar="N",
    help="Processes to share the work; the results do not depend on it.  [default: all cores]",
)


def vary_option(words: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Keys and the values they take; ``words`` say what becomes of them."""
    return click.option(
        "--vary",
        multiple=True,
        metavar="KEY=V1,V2,...",
        help=f"{words}: a key of the scenario and the values it takes; may be given several times.",
    )


part_option = click.option(
    "--part",
    type=Part(),
    default=None,
    metavar="K/N",
    help="Simulate only the K-th of N equal parts, into DIR.parts: for the tasks of a cluster. When all are there, the "
    "same command without --part makes the results.",
)

engine_option = click.option(
    "--engine",
    type=OneOf(["auto", "simpy", "compiled"], "kind of engine"),
    default="auto",
    show_default=True,
    help="What runs the model; the results do not depend on it.",
)


_SCHEDULER = "trialsim.scheduler"
_EXECUTORS = ["auto", "here", "processes", "threads", "dask"]


def _scheduler(context: click.Context, _: click.Parameter, value: str | None) -> None:
    context.meta[_SCHEDULER] = value


def _executor(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """The executor as `trialsim.experiment.executors` names it: a Dask scheduler by its address."""
    scheduler: str | None = context.meta[_SCHEDULER]
    if scheduler is None and value == "dask":
        raise click.UsageError("--executor dask needs --scheduler tcp://HOST:PORT", context)
    if scheduler is None:
        return value
    if value not in ("auto", "dask"):
        raise click.UsageError(f"--scheduler is for --executor dask, not {value}", context)
    from trialsim.experiment.executors import is_address

    if not is_address(scheduler):
        words = f'"{scheduler}" is not allowed; write the address of a Dask scheduler, say tcp://10.0.0.1:8786'
        raise click.BadParameter(words, context, param_hint="'--scheduler'")
    return scheduler


def executor_option(command: Callable[..., None]) -> Callable[..., None]:
    """Two options of a command that give its `executor`: its name, or the address of a Dask scheduler."""
    name = click.option(
        "--executor",
        type=OneOf(_EXECUTORS, "kind of executor"),
        default=_EXECUTORS[0],
        show_default=True,
        callback=_executor,
        help="Where the work is done: here on one core, in processes (engine simpy), in threads (compiled engine), or "
        "by the workers of a Dask scheduler; the results do not depend on it.",
    )
    address = click.option(
        "--scheduler",
        expose_value=False,
        is_eager=True,
        callback=_scheduler,
        metavar="ADDRESS",
        help="Share the work among the workers of this Dask scheduler, tcp://HOST:PORT (--executor dask).",
    )
    return name(address(command))


class Measure(OneOf):
    """A measure by its name, or by what reports call it."""

    def __init__(self) -> None:
        super().__init__(_MEASURES, "measure")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name. Raises click.BadParameter, with the nearest name."""
        if value not in MEASURES:
            from trialsim.analysis.measures import named

            value = named(str(value))
        return super().convert(value, param, ctx)


MEASURE = Measure()

measure_option = click.option(
    "--measure",
    "measures",
    type=MEASURE,
    multiple=True,
    metavar="MEASURE",
    help="What tables and figures show: a milestone, say last_visit or settled; a count, say infused; "
    "early_termination, or a cause of it (a name that is none lists them); may be given several times.  "
    "[default: last_visit, early_termination]",
)

sort_option = click.option(
    "--sort",
    type=MEASURE,
    default=None,
    metavar="MEASURE",
    help="Put the scenarios in order by a measure, the best first.  [default: as in the sweep]",
)

top_option = click.option(
    "--top",
    type=Whole(1, 1000),
    default=None,
    metavar="N",
    help="How many scenarios are shown besides the base; the files have all.  [default: 50]",
)

out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=None,
    metavar="DIR",
    help="Folder for the results; earlier ones of the same scenario are replaced.  [default: outputs/<name and what "
    "was changed>]",
)


replace_option = click.option(
    "--replace",
    is_flag=True,
    default=False,
    help="Replace earlier results of another scenario, or with more replications, too.",
)


def _no_figures(context: click.Context, _: click.Parameter, value: bool) -> None:
    context.meta[_NO_FIGURES] = value


def _formats(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """The formats that are named, each once."""
    known = OneOf(PICTURES, "format of figures")
    found = tuple(dict.fromkeys(known.convert(part.strip(), parameter, context) for part in value.split(",")))
    return () if context.meta[_NO_FIGURES] else found


def figures_option(command: Callable[..., None]) -> Callable[..., None]:
    """Two options of a command that give its `figures`: in which formats they are drawn, or that none are."""
    formats = click.option(
        "--figures",
        default=PICTURES[0],
        show_default=True,
        callback=_formats,
        metavar="FORMAT,…",
        help=f"In which formats to draw figures: {', '.join(PICTURES)}.",
    )
    none = click.option(
        "--no-figures", is_flag=True, expose_value=False, is_eager=True, callback=_no_figures, help="Draw no figures."
    )
    return formats(none(command))


def _exports(has_plan: bool) -> Callable[..., tuple[str, ...]]:
    """The formats that are named, each once. Raises click.BadParameter for one that cannot be had."""

    def convert(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
        known = OneOf(list(FORMATS), "format of exports")
        parts = [part.strip() for value in values for part in value.split(",")]
        found = tuple(dict.fromkeys(known.convert(part, parameter, context) for part in parts))
        try:
            check_exports(found, has_plan)
        except Unavailable as problem:
            raise click.BadParameter(str(problem), context, parameter) from None
        return found

    return convert


def _export_option(has_plan: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    offered = [name for name, form in FORMATS.items() if has_plan or not form.of_plans]
    return click.option(
        "--export",
        multiple=True,
        callback=_exports(has_plan),
        metavar="FORMAT,…",
        help=f"Write files for other programs as well: {', '.join(offered)}.",
    )


export_option = _export_option(has_plan=False)
plan_export_option = _export_option(has_plan=True)
"""Of the results of one trial, which have a plan."""

json_option = click.option(
    "--json", "as_json", is_flag=True, default=False, help="Print JSON instead of text for people."
)


def load(scenario: str, settings: Sequence[str] = ()) -> Scenario:
    """Load a scenario and warn, on stderr, of plans that cannot work."""
    from trialsim.scenario import load

    loaded = load(scenario, set=settings)
    warn(loaded)
    return loaded


def check_executor(executor: str, engine: str, jobs: int | None) -> None:
    """Raise click.UsageError for an executor that does not go with the engine, or with --jobs."""
    from trialsim.experiment import executors

    if jobs is not None and executors.is_address(executor):
        raise click.UsageError("--jobs with --scheduler: how many share the work is up to the cluster")
    try:
        executors.check_executor(executor, engine, jobs)
    except executors.ExecutorError as problem:
        raise click.UsageError(f"--executor: {problem}") from None


def check_precision(
    precision: Sequence[str], replications: int, most: int, part: tuple[int, int] | None, paired: bool = False
) -> None:
    """Raise click.UsageError for a precision that cannot be asked for."""
    if not precision:
        return
    if part:
        raise click.UsageError("--precision with --part: nobody knows beforehand how many a precision takes")
    from trialsim.analysis.precision import wanted
    from trialsim.results.growing import check_growth

    try:
        wanted(precision, paired)
        check_growth(replications, most)
    except ValueError as problem:
        raise click.UsageError(f"--precision: {problem}") from None


def warn(*scenarios: Scenario) -> None:
    """Warn, on stderr, of a plan that cannot work; of variants of one plan, once of what is so in all of them."""
    found = [scenario.warnings() for scenario in scenarios]
    for warning in found[0]:
        if all(warning in each for each in found):
            tell(f"warning: {warning}", err=True)


def print_json(document: Any) -> None:
    """Print a document as JSON that any reader accepts."""
    from trialsim.export import json

    tell(json.text(document))
