"""Decision tables as maps of letters, and dose-transition pathways as trees."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from matplotlib.patches import Patch, Rectangle

from trialsim.figures import style
from trialsim.figures.picture import describe

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from trialsim.design import Design
    from trialsim.design.pathways import Node, Pathways
    from trialsim.design.tables import Cell, Table

COLORS = {
    "U": style.SKY,
    "S": "#D3EFC5",
    "D": style.ORANGE,
    "X": style.VERMILLION,
    "W": "#C9C9C9",
    "E": style.PURPLE,
    "F": "#F0E442",
}
"""By decision; the letters say the same."""

_IN_SHORT = {
    "U": "up",
    "S": "stay",
    "D": "down",
    "X": "down for good",
    "W": "wait",
    "E": "the trial ends",
    "F": "by follow-up",
}
"""Decisions in a title."""

_LEVELS = ("#D7E8F5", "#A8D0EA", "#74B3DC", "#4391C4", "#1F6BA5", "#0B4778")
"""Colours of levels, from the lowest; the dark ones take white numbers."""

_NAME = 14
"""How many letters of a column's name stand on a line."""

_BELOW, _LINE = 46, 15
"""How far below the map the legend stands, in points, and how much farther for each line more of the columns' names."""

_MOST_ROWS, _MOST_COLUMNS = 70, 13
_MOST_ENDS = 60
_ROW = 0.3
_AROUND = 2.3
"""Heights in inches: of a row, and of what stands around the rows."""


def table_height(table: Table) -> float:
    """How high a picture of the table should be, in inches."""
    return max(4.2, _AROUND + _ROW * (len(_rows(table)) + (table.kind == "situations") * len(table.rows)))


def draw_table(design: Design, table: Table, *, ax: Axes | None = None) -> Axes:
    """A decision table as a map: colours and letters, or words.

    Parameters
    ----------
    design : Design
    table : Table
        What ``design.table()`` gives. Of a long one with pending, only as many rows are drawn as can be read.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    ax = style.axes(ax, height=table_height(table))
    rows = _rows(table)
    columns = table.columns[: max(len(cells) for _, cells in rows)]
    size = min(style.NOTE - 1.5, style.points_wide(ax) / len(columns) / 4.6)
    for y, (_, cells) in enumerate(rows):
        for x, cell in enumerate(cells):
            if cell is not None:
                ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=COLORS[cell.letter], edgecolor="white"))
                both = cell.up is not None and cell.down is not None
                look: dict[str, Any] = {"ha": "center", "va": "center", "color": ink_on(COLORS[cell.letter])}
                ax.text(x, y, _said(cell), fontsize=0.8 * size if both else size, **look)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    low, high = -0.5, len(rows) - 0.5
    ax.set_ylim(high, low)
    names = ["\n".join(textwrap.wrap(str(column[0]), _NAME)) for column in columns]
    ax.set_xticks(range(len(columns)), names)
    ax.set_yticks(range(len(rows)), [name for name, _ in rows])
    ax.tick_params(length=0, labelsize=style.NOTE - 1)
    across, upwards = {
        "counts": ("Participants evaluable at the current level", "Participants with a DLT"),
        "pending": ("Participants pending at the current level", "DLTs of participants treated"),
        "situations": ("Situation of the current level", "DLTs of participants evaluable"),
    }[table.kind]
    ax.set_xlabel(across, fontsize=style.LABEL, color=style.INK)
    ax.set_ylabel(upwards, fontsize=style.LABEL, color=style.INK)
    blank = (
        ["Empty: does not come about."]
        if table.kind == "situations" and any(None in row for row in table.cells)
        else []
    )
    caption = " ".join([f"Decisions of {design.label}{_cut_at(table)}.", *table.notes, *blank])
    style.heading(ax, _first_decisions(design, table), caption)
    told = [f"{name}: {' '.join(_said(c) if c else '–' for c in cells).replace(chr(10), ' ')}" for name, cells in rows]
    heads = ", ".join(str(column[0]) for column in columns)
    describe(
        ax,
        f"{caption} {_first_decisions(design, table)}. Columns, {_small(across)}: {heads}. Rows, {_small(upwards)}: "
        f"{'; '.join(told)}.",
    )
    legend = {letter: f"{letter}: {words}" for letter, words in table.legend.items()}
    if "F" in legend:  # such cells show the follow-up in place of the letter
        legend["F"] = _follow_up(table)
    below = _BELOW + _LINE * max(name.count("\n") for name in names)
    style.legend(ax, [Patch(color=COLORS[letter]) for letter in legend], list(legend.values()), below=below)
    return ax


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def ink_on(color: str) -> str:
    """The colour of a text on a colour: white on the dark one."""
    return "white" if color == style.VERMILLION else style.INK


def _first_decisions(design: Design, table: Table) -> str:
    """What follows which numbers of DLTs of a first cohort, nobody pending, as a message."""
    column = 0
    if table.kind == "counts":
        treated = min(design.cohort_size or 3, int(table.columns[-1][0]))
        column = [int(each[0]) for each in table.columns].index(treated)
        rows = [(dlts, dlts) for (dlts,) in table.rows]
    elif table.kind == "situations":
        treated = table.rows[0][-1]
        rows = [(first, last) if of == treated else (-1, -1) for first, last, of in table.rows]
    else:
        sizes = sorted({of for of, _ in table.rows})
        treated = min(design.cohort_size or 3, sizes[-1])
        treated = next(size for size in sizes if size >= treated)
        rows = [(dlts, dlts) if of == treated else (-1, -1) for of, dlts in table.rows]
    found: list[tuple[str, int, int]] = []
    for (first, last), cells in zip(rows, table.cells, strict=True):
        cell = cells[column]
        if cell is None or first < 0 or first > treated:
            continue
        if found and found[-1][0] == cell.letter:
            found[-1] = (cell.letter, found[-1][1], last)
        else:
            found.append((cell.letter, first, last))
    parts = [f"{_IN_SHORT[letter]} with {_range(first, last)}" for letter, first, last in found]
    alone = " DLT" if found and found[0][2] == 1 and found[0][1] == 1 else " DLTs"
    return f"Of {treated} treated: " + ", ".join([parts[0] + alone, *parts[1:]])


def _follow_up(table: Table) -> str:
    """What the numbers mean in cells where follow-up decides."""
    cells = [cell for row in table.cells for cell in row if cell and cell.letter == "F"]
    up = ["U ≥"] * any(cell.up is not None for cell in cells)
    down = ["D ≤"] * any(cell.down is not None for cell in cells)
    return f"{', '.join(up + down)}: by the total follow-up of those pending, in windows; else S, stay"


def _said(cell: Cell) -> str:
    if cell.letter == "F":
        up = "" if cell.up is None else f"U ≥{cell.up:.2f}"
        return (
            up + ("\n" if up and cell.down is not None else "") + ("" if cell.down is None else f"D ≤{cell.down:.2f}")
        )
    return cell.text.replace("stop: ", "stop:\n").replace(" more one level", " more\none level") or cell.letter


def _rows(table: Table) -> list[tuple[str, tuple[Cell | None, ...]]]:
    """The rows with their names; with pending, numbers of DLTs that decide alike whatever is pending are one row."""
    if table.kind == "counts":
        return [(str(row[0]), cells) for row, cells in zip(table.rows, table.cells, strict=True)]
    if table.kind == "situations":
        names = (f"{_range(first, last)} of {treated}" for first, last, treated in table.rows)
        return list(zip(names, table.cells, strict=True))
    runs: list[tuple[int, int, int, tuple[Cell | None, ...]]] = []
    for (treated, dlts), cells in zip(table.rows, table.cells, strict=True):
        kinds = {cell for cell in cells if cell}
        if runs and runs[-1][0] == treated and len(kinds) == 1 and {c for c in runs[-1][3] if c} == kinds:
            runs[-1] = (treated, runs[-1][1], dlts, runs[-1][3])
        else:
            runs.append((treated, dlts, dlts, cells))
    runs = [run for run in runs if run[0] <= _last_treated(runs)]
    wide = runs[-1][0] + 1
    if wide > _MOST_COLUMNS:  # beyond the last decision but to wait, there are only waits
        decided = (x for *_, cells in runs for x, cell in enumerate(cells) if cell and cell.letter != "W")
        wide = min(wide, max(_MOST_COLUMNS, max(decided, default=0) + 2))
    return [(f"{_range(first, last)} of {treated}", cells[:wide]) for treated, first, last, cells in runs]


def _last_treated(runs: Sequence[tuple[int, int, int, tuple[Cell | None, ...]]]) -> int:
    """The largest number treated up to which the rows can be drawn."""
    kept = [run[0] for run in runs[: _MOST_ROWS + 1]]
    return kept[-1] if len(runs) <= _MOST_ROWS else max((n for n in kept if n < kept[-1]), default=kept[0])


def _cut_at(table: Table) -> str:
    """What to say of a table that was too long to draw."""
    if table.kind != "pending":
        return ""
    drawn = int(_rows(table)[-1][0].rpartition(" ")[2])
    up_to = f"; up to {drawn} treated" if drawn < int(table.rows[-1][0]) else ""
    return f"{up_to}; with more pending, wait" if len(_rows(table)[-1][1]) <= drawn else up_to


def pathways_height(pathways: Pathways) -> float:
    """How high a picture of the pathways should be, in inches."""
    return max(4.2, _AROUND + _ROW * _ends(_trimmed(pathways)[0]))


def draw_pathways(design: Design, pathways: Pathways, *, ax: Axes | None = None) -> Axes:
    """The ways of the next cohorts as a tree: levels at its knots, numbers of DLTs on its branches.

    Parameters
    ----------
    design : Design
    pathways : Pathways
        What ``design.pathways()`` gives. Only as many cohorts are drawn as can be told apart.
    ax : Axes, optional
        Where to draw; a new figure if left out.
    """
    ax = style.axes(ax, height=pathways_height(pathways))
    root, depth = _trimmed(pathways)
    _grow(ax, root, 0, iter(range(_ends(root))), design.levels)
    ax.set_xlim(-0.3, depth + 0.55)
    ax.set_ylim(_ends(root) - 0.4, -0.7)
    ax.set_xticks(range(depth + 1), [*(f"cohort +{number}" for number in range(1, depth + 1)), "then"])
    ax.set_yticks([])
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    after = f" after {style.shortened_inside(pathways.data, 60)}" if pathways.data else ""
    fewer = f" (of {pathways.cohorts})" if depth < pathways.cohorts else ""
    caption = (
        "In a circle: the level given; on a branch: how many of the cohort have a DLT; in a box: how the trial ends"
    )
    ahead = f"{depth} cohort{'s' * (depth != 1)}{fewer}"
    first = [
        f"with {_range(least, most)} DLTs {'level ' + str(branch.level) if branch.answer == 'assign' else 'the end'}"
        for least, most, branch in root.groups()
    ]
    now = f", from level {root.level}" * (root.answer == "assign")
    then = f": after the next one, {'; '.join(first)}" * bool(first)
    describe(
        ax, f"Tree of what the next {ahead} may lead to, {design.label}{after}{now}{then}. {_where_to(root, depth)}."
    )
    style.heading(ax, _where_to(root, depth), f"Pathways of the next {ahead}, {design.label}{after}. {caption}.")
    ax.set_xlabel("Cohorts ahead", fontsize=style.LABEL, color=style.INK)
    return ax


def _where_to(root: Node, depth: int) -> str:
    """Where the ways lead that are drawn, as a message."""
    leaves = list(_leaves(root))
    levels = sorted({leaf.level for leaf in leaves if leaf.answer == "assign" and leaf.level is not None})
    ends = any(leaf.answer != "assign" for leaf in leaves)
    if not root.branches and ends:
        return "The trial ends"
    ahead = "The next cohort leads" if depth == 1 else f"The next {depth} cohorts lead"
    places = []
    if levels:
        apart = f"levels {levels[0]} to {levels[-1]}" if len(levels) > 1 else f"level {levels[0]}"
        places = [apart]
    return f"{ahead} to {' or '.join([*places, *['the end of the trial'] * ends])}"


def _leaves(node: Node) -> Iterator[Node]:
    if not node.branches:
        yield node
    for branch in node.branches:
        yield from _leaves(branch)


def _grow(ax: Axes, node: Node, x: int, rows: Iterator[int], levels: int) -> float:
    """Draw a node and what follows it; return how high it stands."""
    heights = []
    for first, last, branch in node.groups():
        y = _grow(ax, branch, x + 1, rows, levels)
        ax.text(x + 0.62, y - 0.08, _range(first, last), ha="center", va="bottom", fontsize=style.NOTE - 1.5)
        heights.append(y)
    y = sum(heights) / len(heights) if heights else float(next(rows))
    for end in heights:
        ax.plot([x, x + 0.4, x + 1], [y, end, end], color=style.PALE, linewidth=1.4, zorder=1)
    if node.answer == "assign":
        shade = _LEVELS[round(((node.level or 1) - 1) * (len(_LEVELS) - 1) / max(levels - 1, 1))]
        ax.plot(x, y, "o", markersize=15, color=shade, markeredgecolor=style.INK, markeredgewidth=0.6, zorder=2)
        ink = "white" if _LEVELS.index(shade) > 3 else style.INK
        ax.text(x, y, str(node.level), ha="center", va="center", fontsize=style.NOTE - 1.5, color=ink, zorder=3)
    else:
        box = {"boxstyle": "round", "facecolor": "white", "edgecolor": style.VERMILLION}
        words = "no dose" if node.level is None else f"end: level {node.level}"
        ax.text(x - 0.12, y, words, ha="left", va="center", fontsize=style.NOTE - 1.5, bbox=box, zorder=3)
    return y


def _trimmed(pathways: Pathways) -> tuple[Node, int]:
    """The tree up to as many cohorts as can be drawn, and how many these are."""
    for depth in range(pathways.cohorts, 1, -1):
        root = _cut(pathways.root, depth)
        if _ends(root) <= _MOST_ENDS:
            return root, depth
    return _cut(pathways.root, 1), 1


def _cut(node: Node, depth: int) -> Node:
    if not node.branches:
        return replace(node, size=0)
    return replace(
        node, size=0 if not depth else node.size, branches=tuple(_cut(b, depth - 1) for b in node.branches if depth)
    )


def _ends(node: Node) -> int:
    return sum(_ends(branch) for *_, branch in node.groups()) or 1


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
