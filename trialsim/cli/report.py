"""``trialsim report``: what a simulation says, as a page, a PDF or data to hand over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialsim.cli.options import (
    engine_option,
    jobs_option,
    replications_or_the_files_option,
    seed_or_the_files_option,
    set_option,
    vary_option,
    warn,
)
from trialsim.cli.screen import progress_bar, tell

if TYPE_CHECKING:
    from trialsim.document.content import Document
    from trialsim.results.levers import LeverResults
    from trialsim.results.run import Results
    from trialsim.results.sweep_results import SweepResults
    from trialsim.scenario import Scenario

FORMATS = ("html", "pdf", "json")


class _File(click.Path):
    """A file of one of the formats, which its ending names."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: str | Path, param: click.Parameter | None, ctx: click.Context | None) -> Path:  # type: ignore[override]
        """The path. Raises click.BadParameter."""
        path = Path(str(super().convert(str(value), param, ctx)))
        if path.suffix.lower().lstrip(".") not in FORMATS:
            endings = " or ".join((", ".join(f".{each}" for each in FORMATS[:-1]), f".{FORMATS[-1]}"))
            self.fail(f'"{path}" does not say of which format it is to be: end its name in {endings}', param, ctx)
        return path


@click.command("report")
@click.argument("source", metavar="SCENARIO|FOLDER")
@click.option(
    "--output",
    "-o",
    "outputs",
    type=_File(),
    multiple=True,
    required=True,
    metavar="FILE",
    help="Where the report goes: a page (.html), a PDF (.pdf, with typst: pip install 'trialsim[report]') or data "
    "(.json); may be given several times.",
)
@click.option("--question", default="", metavar="TEXT", help="What is asked; it stands at the beginning.")
@click.option("--context", default="", metavar="TEXT", help="What the answer is for: which decision, and whose.")
@click.option(
    "--compare",
    "compared",
    multiple=True,
    metavar="SWEEP|FOLDER",
    help="Adds plans side by side: a sweep file or another scenario, which is simulated, or a folder of results of a "
    "sweep, a comparison or levers; may be given several times.",
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path),
    default=None,
    metavar="FOLDER",
    help="Says what changed since an earlier run, in values and in answers, and what each change does by itself.",
)
@click.option(
    "--stress/--no-stress",
    default=False,
    show_default=True,
    help="Add the twenty items of the reporting guideline STRESS-DES.",
)
@replications_or_the_files_option(
    "Possible histories of each scenario that is simulated.  [default: 1000, or the sweep file's]"
)
@seed_or_the_files_option("Which set of histories.  [default: 1, or the sweep file's]")
@set_option
@vary_option("Make it the report of a sweep")
@click.option("--levers/--no-levers", default=True, show_default=True, help="Find out what would help.")
@click.option(
    "--sensitivity/--no-sensitivity",
    default=True,
    show_default=True,
    help="Find out which of the values that are not known (uncertain) drive the answer.",
)
@click.option(
    "--detail", is_flag=True, default=False, help="Draw what is in use over time and what people wait for as well."
)
@click.option("--figures/--no-figures", default=True, show_default=True, help="Draw figures.")
@engine_option
@jobs_option
def report_command(
    source: str,
    outputs: tuple[Path, ...],
    question: str,
    context: str,
    compared: tuple[str, ...],
    previous: Path | None,
    stress: bool,
    replications: int | None,
    seed: int | None,
    settings: tuple[str, ...],
    vary: tuple[str, ...],
    levers: bool,
    sensitivity: bool,
    detail: bool,
    figures: bool,
    engine: str,
    jobs: int | None,
) -> None:
    """Write a report to hand over.

    In the order of a decision: question, answer, what holds the trial up and what would help, milestones, risks, people
    and lots, what the answer rests on, how far to trust it. SCENARIO is a scenario or a sweep, by its file or its
    name, and is simulated; FOLDER holds results of `run`, `sweep` or `compare`, of which nothing is simulated again.
    """
    from trialsim.document.making import report
    from trialsim.results.changes import changes_since_folder
    from trialsim.results.run import Results

    _check_outputs(outputs)
    is_folder = Path(source).is_dir()
    if is_folder and (settings or vary or replications is not None or seed is not None):
        raise click.UsageError(
            f"{source} holds results: --set, --vary, -n and --seed are for a scenario, to be simulated"
        )
    if previous is not None:
        from trialsim.results.reading import checked_manifest

        checked_manifest(previous)
    with progress_bar() as progress:
        if is_folder:
            results = _read(source)
        else:
            results = _simulated(source, vary, settings, replications, seed, levers, detail, jobs, engine, progress)
        number = len(results.replications) if isinstance(results, Results) else _of_each(results)
        beside = [_compared(each, results, number, results.seed, jobs, engine, progress) for each in compared]
        drivers = None
        if sensitivity and not is_folder and isinstance(results, Results):
            from trialsim.results.drivers import drivers_of_run

            drivers = drivers_of_run(results.scenario, results.replications, results.seed, jobs, engine, progress)
        changed = None
        if previous is not None:
            if not isinstance(results, Results):
                raise click.UsageError("--previous compares two runs: give a scenario, or a folder of results of `run`")
            changed = changes_since_folder(previous, results, jobs, progress, engine)
    with progress_bar("Writing", "chapters") as written:
        made = report(
            results,
            question=question,
            context=context,
            compare=beside,
            changed=changed,
            sensitivity=drivers,
            with_stress=stress,
            with_figures=figures,
            progress=written,
        )
    for path in outputs:
        _write(made, path)
        tell(f"The report is in {path}", err=True)


def _check_outputs(outputs: Sequence[Path]) -> None:
    """Refuse early what could not be written after all the work."""
    from trialsim.document import pdf
    from trialsim.storage import check_file

    for path in outputs:
        check_file(path)
    if any(path.suffix.lower() == ".pdf" for path in outputs):
        pdf.check()


def _read(folder: str) -> Results | SweepResults:
    from trialsim.results.levers import LeverResults
    from trialsim.results.reading import read_results
    from trialsim.storage import Refused

    found = read_results(folder)
    if isinstance(found, LeverResults):
        name = found.scenario.name
        raise Refused(f"{folder} holds levers: give a run, and these with --compare (`trialsim run {name}` makes both)")
    return found


def _simulated(
    source: str,
    vary: Sequence[str],
    settings: Sequence[str],
    replications: int | None,
    seed: int | None,
    levers: bool,
    detail: bool,
    jobs: int | None,
    engine: str,
    progress: Callable[[int, int], None],
) -> Results | SweepResults:
    from trialsim.results.run import simulate
    from trialsim.results.sweep import sweep
    from trialsim.scenario.sweep import load_sweep

    plan = load_sweep(source, vary, settings)
    warn(*(point.scenario for point in plan.points))
    if len(plan.points) > 1:
        return sweep(plan, replications, seed, jobs, progress=progress, engine=engine)
    number, which = replications or 1000, 1 if seed is None else seed
    trial = plan.base.scenario
    return simulate(trial, number, which, jobs, detail, engine=engine, progress=progress, levers=levers, ignorance=True)


def _of_each(results: SweepResults) -> int:
    """How many replications there are of each plan."""
    return int(results.points["replications"].iloc[0])


def _compared(
    source: str,
    results: Results | SweepResults,
    replications: int,
    seed: int,
    jobs: int | None,
    engine: str,
    progress: Callable[[int, int], None],
) -> SweepResults | LeverResults:
    """What is to stand beside the trial: results that are there, or what has to be simulated."""
    from trialsim.results.reading import read_results
    from trialsim.results.run import Results
    from trialsim.results.sweep import compare, sweep
    from trialsim.scenario.sweep import load_sweep

    if Path(source).is_dir():
        found = read_results(source)
        if not isinstance(found, Results):
            return found
        other: Scenario = found.scenario
    else:
        plan = load_sweep(source)
        if len(plan.points) > 1:
            return sweep(plan, None, None, jobs, progress=progress, engine=engine)
        other = plan.base.scenario
    this = results.scenario if isinstance(results, Results) else results.sweep.base.scenario
    names = [this.name, other.name if other.name != this.name else f"{other.name} ({source})"]
    return compare([this, other], replications, seed, jobs, names, progress=progress, engine=engine)


def _write(made: Document, path: Path) -> None:
    """Write the report in the format that the file's ending names; it appears whole or not at all."""
    from trialsim.document import html, json, pdf
    from trialsim.storage import new_file

    writers = {".html": html.write, ".pdf": pdf.write, ".json": json.write}
    with new_file(path) as draft:
        writers[path.suffix.lower()](made, draft)
