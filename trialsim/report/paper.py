"""What the reports for a terminal are written on: plain tables on so many columns, with or without colour."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

_NARROWEST = 6


def paper(*, color: bool, width: int) -> Console:
    """An empty sheet of at most ``width`` columns; emphasis needs ``color``, and nothing is said by colour alone."""
    from rich.console import Console

    return Console(
        file=StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def text_on(sheet: Console) -> str:
    """What was printed on the sheet, without spaces at the ends of lines or a line end after the last."""
    written = sheet.file
    assert isinstance(written, StringIO)
    return "\n".join(line.rstrip() for line in written.getvalue().rstrip().split("\n"))


def table(*columns: str, left: int = 1, wraps: bool = False) -> Table:
    """A table without lines; the first ``left`` columns hold names (which may wrap), the others numbers."""
    from rich.table import Table

    made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        if place < left:
            made.add_column(column, no_wrap=not wraps, min_width=_NARROWEST if wraps else None)
        else:
            made.add_column(column, justify="right", no_wrap=True)
    return made
