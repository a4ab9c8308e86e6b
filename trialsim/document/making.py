"""A report, made of results: the chapters in their order."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from trialsim.analysis.measures import words
from trialsim.document.chapters.answer import answer
from trialsim.document.chapters.causes import causes
from trialsim.document.chapters.changes import NAME as CHANGES
from trialsim.document.chapters.changes import changes
from trialsim.document.chapters.comparison import comparison
from trialsim.document.chapters.drivers import NAME as DRIVERS
from trialsim.document.chapters.helps import helps
from trialsim.document.chapters.holds import holds
from trialsim.document.chapters.milestones import milestones
from trialsim.document.chapters.observed import observed
from trialsim.document.chapters.people import people
from trialsim.document.chapters.question import question
from trialsim.document.chapters.reproduce import reproduce
from trialsim.document.chapters.rests import rests
from trialsim.document.chapters.scenario import scenario
from trialsim.document.chapters.stress import stress
from trialsim.document.chapters.trust import trust
from trialsim.document.content import Chapter, Document, Figure
from trialsim.document.data import Data
from trialsim.document.drawing import CAPTIONS, figure_of
from trialsim.document.subject import Comparison, Subject
from trialsim.scenario.reading.one_line import one_line
from trialsim.scenario.sweep import DRAWN, GRID, Sweep

if TYPE_CHECKING:
    from trialsim.results.levers import LeverResults
    from trialsim.results.result import Result
    from trialsim.results.run import Results
    from trialsim.results.sensitivity import SensitivityResults
    from trialsim.results.sweep_results import SweepResults

Step = Callable[[int, int], None]


def report(
    results: Results | SweepResults,
    command: str = "",
    question: str = "",
    context: str = "",
    compare: Sequence[SweepResults | LeverResults] = (),
    changed: Mapping[str, Any] | None = None,
    sensitivity: SensitivityResults | None = None,
    with_stress: bool = False,
    with_figures: bool = True,
    progress: Step | None = None,
) -> Document:
    """The report of a run, or of a sweep or comparison about its base.

    Parameters
    ----------
    results : Results or SweepResults
        What it is about.
    command : str
        The command line that gives the same numbers again; left out, it is made from the results.
    question, context : str
        What was asked, and for which decision.
    compare : sequence of SweepResults or LeverResults
        What else stands in it.
    changed : mapping, optional
        What `trialsim.results.changes.Changes.summary` says, with ``previous`` and ``same_as_then``.
    sensitivity : SensitivityResults, optional
        Which of the values that are not known drive the answer.
    with_stress : bool
        Whether the items of STRESS-DES are added.
    with_figures : bool
        Whether figures are drawn, which takes most of the time.
    progress : callable, optional
        Called with (done, all) as chapters get done.
    """
    subject = _subject(results, command, question, context, compare, changed, sensitivity, with_figures)
    # the order of a decision
    makers: list[Callable[[], Chapter | None]] = [partial(_question, subject), partial(answer, subject)]
    compared = [partial(comparison, subject, each) for each in subject.comparisons]
    if not subject.has_run:
        makers += compared
    makers += [partial(each, subject) for each in (changes, holds, helps, milestones, causes, people, rests)]
    if subject.has_run:
        makers += compared
    makers += [partial(each, subject) for each in (observed, trust, scenario, reproduce)]
    if with_stress:
        makers.append(partial(stress, subject))
    chapters = []
    for place, make in enumerate(makers):
        chapters.append(make())
        if progress:
            progress(place + 1, len(makers))
    return _document(subject, [each for each in chapters if each is not None])


def _question(subject: Subject) -> Chapter:
    return question(subject)


def _document(subject: Subject, chapters: Sequence[Chapter]) -> Document:
    label = f"of {subject.scenario.name}" + (", a what-if" if subject.facts.what_ifs else "")
    return Document(
        title=subject.facts.title or subject.facts.name,
        subtitle=f"How this trial is expected to run: a simulation report {label}",
        made=str(subject.manifest["finished"])[:10],
        chapters=tuple(chapters),
        data=subject.data.documents,
    )


def _subject(
    results: Results | SweepResults,
    command: str,
    question: str,
    context: str,
    compare: Sequence[SweepResults | LeverResults],
    changed: Mapping[str, Any] | None,
    sensitivity: SensitivityResults | None,
    with_figures: bool,
) -> Subject:
    from trialsim.analysis.facts import facts_of
    from trialsim.results.sweep_results import SweepResults

    is_sweep = isinstance(results, SweepResults)
    run = of_base(results) if isinstance(results, SweepResults) else results
    beside = [*([results] if isinstance(results, SweepResults) else []), *compare]
    found = [_comparison(each, f"comparison{place}", with_figures) for place, each in enumerate(beside, start=1)]
    documents = {
        "summary": run.summary(),
        **{one.name: each.summary() for one, each in zip(found, beside, strict=True)},
    }
    if changed is not None:
        documents[CHANGES] = dict(changed)
    if sensitivity is not None:
        documents[DRIVERS] = sensitivity.summary()
    return Subject(
        scenario=run.scenario,
        facts=facts_of(run.scenario),
        data=Data(documents),
        manifest=results.manifest() if not is_sweep else {**results.manifest(), **_of(run)},
        draw=cache(partial(_draw, run, sensitivity, is_sweep)) if with_figures else lambda name: None,
        command=command or command_of(results),
        question=question,
        context=context,
        comparisons=found,
        has_run=not is_sweep,
    )


def _of(run: Results) -> dict[str, Any]:
    return {"replications": len(run.replications)}


def of_base(results: SweepResults) -> Results:
    """The base of a sweep as a run; how counts rose over time was not kept of it."""
    import pandas as pd

    from trialsim.frames import typed
    from trialsim.results.run import Results
    from trialsim.tables import COURSES, replication_columns

    base = results.sweep.base
    number = results.sweep.points.index(base)
    rows = results.histories.tables[number]
    return Results(
        base.scenario,
        results.seed,
        typed(replication_columns(base.scenario.levels), rows),
        typed(COURSES, pd.DataFrame({name: [] for name in COURSES})),
        None,
        None,
        results.engine,
        results.started,
        results.finished,
    )


def command_of(results: Result) -> str:
    """A command line that gives the same numbers, with the scenario saved under its name."""
    from trialsim.results.sweep_results import SweepResults

    made = results.made_from()
    if not isinstance(results, SweepResults):
        line = ["run", f"{made['scenario']['trial']['name']}.yaml"]
    elif results.sweep.axes:
        line = ["sweep", *(_varied(results.sweep) or [f"{results.sweep.name}.yaml"])]
    else:
        line = ["compare", *(f"{point.name}.yaml" for point in results.sweep.points)]
    return shlex.join(["trialsim", *line, "-n", str(made["replications"]), "--seed", str(made["seed"])])


def _varied(sweep: Sweep) -> list[str]:
    """The base and the options that make a sweep of it; none where only its file says that."""
    drawn = sweep.design in DRAWN
    if any(not (point.on_grid or point.is_base) for point in sweep.points):  # a named case
        return []
    line = [f"{sweep.base.scenario.name}.yaml"]
    for axis in sweep.axes:
        values = [axis.spread] if axis.spread is not None else axis.values
        line += ["--vary", f"{axis.key}={','.join(one_line(value) for value in values)}"]
    line += ["--design", sweep.design] * (sweep.design != GRID)
    return line + ["--points", str(sum(point.on_grid for point in sweep.points))] * drawn


def _draw(run: Results, sensitivity: SensitivityResults | None, is_sweep: bool, name: str) -> Figure | None:
    """A figure of the run; None of what has no such figure."""
    of_drivers = name.removeprefix(f"{DRIVERS}-")
    if of_drivers != name:
        has_it = sensitivity is not None and of_drivers in sensitivity.figures()
        return figure_of(sensitivity.figure(of_drivers), name) if sensitivity is not None and has_it else None
    if name not in run.figures() or (is_sweep and name == "enrolment"):
        return None
    return figure_of(run.figure(name), name)


def _comparison(results: SweepResults | LeverResults, name: str, with_figures: bool) -> Comparison:
    from trialsim.results.sweep_results import SweepResults

    draw = partial(_drawn, results, name) if with_figures else list
    if isinstance(results, SweepResults):
        return Comparison(name, f"Plans compared: {results.sweep.name}", "points", draw)
    return Comparison(name, f"Levers of {results.scenario.name}", "levers", draw)


def _drawn(results: SweepResults | LeverResults, name: str) -> list[Figure]:
    drawn = results.figures()
    return [figure_of(results.figure(each), f"{name}-{each}", _caption(each)) for each in drawn]


def _caption(figure: str) -> str:
    """What a figure of a comparison is of."""
    if figure in CAPTIONS:
        return CAPTIONS[figure]
    said = words(figure.removeprefix("sweep_").removeprefix("cases_"))
    return f"{said[0].upper()}{said[1:]}, plan by plan" + " (named cases)" * figure.startswith("sweep_cases_")
