"""The terminal: whether it has colours, how wide it is, and a bar and notices for work that takes a while."""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from trialsim.wording import printable

if TYPE_CHECKING:
    from trialsim.experiment.collection import Progress


def screen() -> tuple[bool, int | None]:
    """Whether to use colour on stdout, and how many columns there are; without a terminal, as many as are needed."""
    on_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if on_terminal or os.environ.get("COLUMNS") else None
    return on_terminal and not os.environ.get("NO_COLOR"), width


def tell(words: str, *, err: bool = False) -> None:
    """Print words that may quote a file, a name or an option, and nothing that a terminal would obey."""
    click.echo(printable(words), err=err)


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """A bar on stderr, if somebody is there to see it, and in any case what is said to the logger ``trialsim``."""
    if not sys.stderr.isatty():
        with _notices(lambda words: tell(words, err=True)):
            yield None
        return

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        with _notices(lambda words: bar.console.print(printable(words), markup=False, highlight=False)):
            yield lambda done, everything: bar.update(task, completed=done, total=everything)


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
