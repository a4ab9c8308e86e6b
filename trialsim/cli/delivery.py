"""Results of many trials, handed over: a folder, and the answer on stdout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trialsim.cli.options import print_json
from trialsim.cli.screen import progress_bar, screen, tell

if TYPE_CHECKING:
    from trialsim.experiment.collection import Progress
    from trialsim.results.levers import LeverResults
    from trialsim.results.run import Results
    from trialsim.results.selection import SelectionResults
    from trialsim.results.sensitivity import SensitivityResults
    from trialsim.results.sweep_results import SweepResults


def deliver(
    results: Results | SweepResults | LeverResults | SelectionResults | SensitivityResults,
    folder: Path | None,
    figures: Sequence[str],
    export: Sequence[str],
    as_json: bool,
    render: Callable[..., str],
    *about: Any,
    replace: bool = False,
) -> None:
    """Write what is to be written, and print the answer even if that fails.

    ``render`` makes the text, of the summary and of whatever it is ``about`` besides. Earlier results in the
    folder that are not of the same are kept, unless ``replace``. What was kept beside it while work went on is
    removed.
    """
    from trialsim.experiment.chunks import beside
    from trialsim.experiment.store import Store

    try:
        if folder:
            results.save(folder, figures, export, replace)
            Store(beside(folder)).remove()
            more = results.with_detail() if figures else []
            also = f"; with --detail also the figure{'s' * (len(more) > 1)} {', '.join(more)}" if more else ""
            tell(f"Results are in {folder} (engine: {results.engine}{also})", err=True)
    finally:
        if as_json:
            print_json(results.summary())
        else:
            color, width = screen()
            click.echo(render(results.summary(), *about, color=color, width=width), color=color)


def deliver_part(part: tuple[int, int], folder: Path, simulate: Callable[[Progress], int]) -> None:
    """Simulate a part of the work, and say where it is and how results come of it."""
    from trialsim.experiment.chunks import beside

    with progress_bar() as progress:
        number = simulate(progress)
    tell(
        f"Part {part[0]} of {part[1]}: {number:,} trial{'s are' if number > 1 else ' is'} in "
        f"{beside(folder) if beside(folder).exists() else folder}. When all parts are there, the same "
        "command without --part makes the results.",
        err=True,
    )
