"""The terminal: whether it has colours, how wide it is, and a bar for work that takes a while."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialsim.experiment.runs import Progress

WIDEST = 80


def screen() -> tuple[bool, int]:
    """Whether to use colour on stdout, and how many columns to fill."""
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return color, min(WIDEST, shutil.get_terminal_size().columns)


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """A bar on stderr, if somebody is there to see it."""
    if not sys.stderr.isatty():
        yield None
        return

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Simulating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, everything: bar.update(task, completed=done, total=everything)
