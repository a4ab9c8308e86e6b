"""What the reports for a terminal are written on: plain tables on so many columns, with or without colour."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING, Any

from trialsim.wording import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

_NARROWEST = 6
_GAP = 2
_SENTENCE = 80
"""Columns that sentences fill, at most: longer lines are hard to read."""
_BOUNDLESS = 10_000


def paper(*, color: bool, width: int | None) -> Console:
    """An empty sheet of at most ``width`` columns, as wide as its tables need if None.

    Emphasis needs ``color``, and nothing is said by colour alone.
    """
    from rich.console import Console

    class Sheet(Console):
        def render_str(self, text: str, **how: Any) -> Text:  # every text comes by here, also that of cells
            return super().render_str(printable(text), **how)

        def print(self, *what: Any, **how: Any) -> None:
            if all(isinstance(each, str) for each in what):
                how.setdefault("width", min(self.width, _SENTENCE))
            super().print(*what, **how)

    return Sheet(
        file=StringIO(),
        width=_BOUNDLESS if width is None else width,
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

    made = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        if place < left:
            made.add_column(column, no_wrap=not wraps, overflow="fold", min_width=_NARROWEST if wraps else None)
        else:
            made.add_column(column, justify="right", no_wrap=True)
    return made


def print_beside(sheet: Console, left: Sequence[Table], right: Sequence[Table]) -> None:
    """Print tables in two columns; on a sheet too narrow for them, one below the other."""
    from rich.console import Group
    from rich.table import Table

    widths = [max((sum(map(_wide, made.columns)) for made in side), default=0) for side in (left, right)]
    if sum(widths) + _GAP <= sheet.width:
        grid = Table.grid(padding=(0, _GAP + 1, 0, 0))
        grid.add_row(Group(*left), Group(*right))
        sheet.print(grid)
        return
    for number, made in enumerate((*left, *right)):
        if number:
            sheet.print()
        print_whole(sheet, made)


def print_whole(sheet: Console, made: Table, names: int | None = None) -> None:
    """Print a table of names and numbers; one too wide for the sheet in pieces, so that no number is cut.

    Each piece begins with the names, which are the first columns: so many as ``names`` says, else all before the first
    number. An error or an interval stays beside what it belongs to. What is too wide even so sticks out.
    """
    from rich.table import Table

    numeric = (place for place, column in enumerate(made.columns) if column.justify == "right")
    first = next(numeric, len(made.columns)) if names is None else names
    heads, numbers = made.columns[:first], made.columns[first:]
    groups: list[list[Column]] = []
    for column in numbers:
        belongs = groups and (column.header in ("SE", "") or str(column.header).startswith("("))
        if belongs:
            groups[-1].append(column)
        else:
            groups.append([column])
    room = sheet.width - sum(map(_wide, heads))
    pieces: list[list[Column]] = []
    for group in groups:
        if pieces and sum(map(_wide, pieces[-1] + group)) - _GAP <= room:
            pieces[-1] += group
        else:
            pieces.append(list(group))
    for number, piece in enumerate(pieces or [[]]):
        part = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
        shown = (*heads, *piece)
        for column in heads:
            column.no_wrap = column.no_wrap and sum(map(_wide, shown)) - _GAP <= sheet.width
        for column, width in zip(shown, _widths(shown, sheet.width), strict=True):
            part.add_column(
                column.header, justify=column.justify, no_wrap=column.no_wrap, overflow=column.overflow, width=width
            )
        for row in zip(*(column.cells for column in shown), strict=True):
            part.add_row(*row)
        if number:
            sheet.print()
        width = sheet.width
        sheet.width = max(width, sum(map(_wide, shown)))
        sheet.print(part)
        sheet.width = width


def _widths(columns: Sequence[Column], room: int) -> list[int]:
    """The width of each column: what its longest word needs, and more for those that wrap, as far as there is room."""
    least = list(map(_wide, columns))
    spare = room + _GAP - sum(least)
    widths = []
    for column, width in zip(columns, least, strict=True):
        whole = max(len(str(each)) for each in (column.header, *column.cells)) + _GAP
        whole = whole if column.max_width is None else min(whole, column.max_width + _GAP)
        more = min(max(spare, 0), max(whole - width, 0))
        widths.append(width + more - _GAP)
        spare -= more
    return widths


def _wide(column: Column) -> int:
    """The columns of the sheet that a column needs: where it may wrap, those of its longest word."""
    texts = [str(each) for each in (column.header, *column.cells)]
    parts = texts if column.no_wrap else [word for text in texts for word in text.split()]
    widest = max(column.min_width or 0, *map(len, parts))
    return (widest if column.max_width is None else min(widest, column.max_width)) + _GAP
