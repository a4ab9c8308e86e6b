"""The terminal: whether it has colours, how wide it is, and a bar and notices for work that takes a while."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from trialsim.wording import printable

if TYPE_CHECKING:
    from trialsim.experiment.collection import Progress


_SECONDS_BETWEEN_LINES = 60.0


def screen() -> tuple[bool, int | None]:
    """Whether to use colour on stdout, and how many columns there are; without a terminal, as many as are needed."""
    on_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if on_terminal or os.environ.get("COLUMNS") else None
    return on_terminal and not os.environ.get("NO_COLOR"), width


def tell(words: str, *, err: bool = False) -> None:
    """Print words that may quote a file, a name or an option, and nothing that a terminal would obey."""
    click.echo(printable(words), err=err)


@contextmanager
def progress_bar(doing: str = "Simulating", noun: str = "trials") -> Iterator[Progress]:
    """How far the work is, and what is said to the logger ``trialsim``, on stderr.

    A bar if somebody is there to see it, else a line a minute, for a log.
    """
    from trialsim.report.pace import Pace

    pace = Pace(noun)
    if not sys.stderr.isatty():
        told = time.monotonic()

        def now_and_then(done: int, everything: int) -> None:
            nonlocal told
            words = pace.words(done, everything)
            if time.monotonic() - told >= _SECONDS_BETWEEN_LINES:
                told = time.monotonic()
                tell(words, err=True)

        with _notices(lambda words: tell(words, err=True)):
            yield now_and_then
        return

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn(doing), BarColumn(bar_width=20), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def at_once(done: int, everything: int) -> None:
            bar.update(task, completed=done, total=everything, description=pace.words(done, everything))

        with _notices(lambda words: bar.console.print(printable(words), markup=False, highlight=False)):
            yield at_once


@contextmanager
def _notices(tell: Callable[[str], None]) -> Iterator[None]:
    """Show what is said to the logger in the meantime."""

    class Notices(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            tell(record.getMessage())

    log, handler = logging.getLogger("trialsim"), Notices()
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
