"""Decision tables, curves and pathways of a dose-finding design, on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from trialsim.report.paper import print_whole
from trialsim.report.paper import table as plain_table

if TYPE_CHECKING:
    from rich.console import Console

    from trialsim.design.pathways import Node, Pathways
    from trialsim.design.prior import Prior
    from trialsim.design.tables import Cell, Table

_GAP = 2


def draw_table(console: Console, table: Table) -> None:
    """Print a decision table and what its letters mean."""
    {"counts": _counts, "pending": _pending, "situations": _situations}[table.kind](console, table)
    for note in table.notes:
        console.print(note)


def draw_prior(console: Console, prior: Prior, target: float | None) -> None:
    """Print the curve that a model-based rule begins with."""
    console.print("The curve before any data: the probability of a DLT at each level", style="bold")
    rows = plain_table("Level", "prior guess", "mean", "90 % interval")
    for level, point in enumerate(prior.points, start=1):
        mark = " *" if level == prior.nearest else ""
        rows.add_row(f"{level}{mark}", probability(point.plug_in), probability(point.mean), between(point))
    print_whole(console, rows)
    console.print(f"* nearest to the target of {target:g}.")
    console.print()
    console.print("A decision needs all data, so there is no decision table: see --data and --pathways.")


def _counts(console: Console, table: Table) -> None:
    """Lines of boundaries, then the letters, in as many pieces as the width asks for."""
    console.print("Decisions by the DLTs among those evaluable at the current level", style="bold")
    label = max(map(len, table.lines)) + _GAP
    treated = [column[0] for column in table.columns]
    wide = len(str(treated[-1])) + _GAP
    at_once = (console.width - label) // wide
    pieces = [range(start, min(start + at_once, len(treated))) for start in range(0, len(treated), at_once)]

    def line(name: str, values: Sequence[object], piece: range, style: str | None = None) -> None:
        cells = (values[place] for place in piece)
        text = "".join(("–" if value is None else str(value)).rjust(wide) for value in cells)
        console.print(f"{name:<{label}}{text}", style=style)

    for piece in pieces:
        line("evaluable", treated, piece, "bold")
        for name, bounds in table.lines.items():
            line(name, bounds, piece)
        console.print()
    for piece in pieces:
        line("DLTs    evaluable", treated, piece, "bold")
        for (dlts,), cells in zip(table.rows, table.cells, strict=True):
            if cells[piece[-1]] is not None:
                line(str(dlts), [cell.letter if cell else " " for cell in cells], piece)
        console.print()
    _legend(console, table)


def _legend(console: Console, table: Table) -> None:
    for letter, words in table.legend.items():
        console.print(f"{letter}  {words}")
    lowest = {"D": "D means staying there", "X": "X stopping without a dose"}
    there = [words for letter, words in lowest.items() if letter in table.legend]
    if there:
        console.print(
            f"At the lowest level, {', and '.join(there).replace('X stopping', 'X means stopping', not there[1:])}."
        )


def _pending(console: Console, table: Table) -> None:
    """A line for each run of histories with the same decision."""
    console.print("Decisions by the outcomes, known and pending, at the current level", style="bold")
    follow_up = "F" in table.legend
    columns = ["treated", "DLTs", "pending", "decision"]
    rows = plain_table(*columns, *(["up if ≥", "down if ≤"] if follow_up else []), left=4)
    before = None
    for treated, dlts, pending, cell in _merged(table):
        if before not in (None, treated):
            rows.add_row("")
        said = {"F": "by follow-up", "W": "wait", "U": "up", "S": "stay", "D": "down", "E": "end"}.get(
            cell.letter, "down, out"
        )
        bounds = [f"{bound:.3f}" if bound is not None else "" for bound in (cell.up, cell.down)]
        rows.add_row(str(treated), dlts, pending, said, *(bounds if follow_up else []))
        before = treated
    print_whole(console, rows)
    console.print()
    if follow_up:
        console.print("By follow-up: the total follow-up of those pending, in windows, decides; else stay.")
    if "X" in table.legend:
        console.print("Down, out: and the level and all above are not given any more.")
    if "W" in table.legend:
        console.print("Wait: for outcomes that are pending.")


def _merged(table: Table) -> Iterator[tuple[int, str, str, Cell]]:
    """Give (treated, DLTs, pending, decision), numbers that make no difference being told together."""
    runs: list[tuple[int, int, int, list[tuple[int, int, Cell]]]] = []
    for (treated, dlts), cells in zip(table.rows, table.cells, strict=True):
        assert isinstance(treated, int) and isinstance(dlts, int)
        found: list[tuple[int, int, Cell]] = []
        for pending, cell in enumerate(cells):
            if cell is None:
                continue
            if found and found[-1][2] == cell and cell.letter != "F":
                found[-1] = (found[-1][0], pending, cell)
            else:
                found.append((pending, pending, cell))
        alike = [cell for *_, cell in found]
        if runs and runs[-1][0] == treated and len(found) == 1 and [cell for *_, cell in runs[-1][3]] == alike:
            runs[-1] = (treated, runs[-1][1], dlts, runs[-1][3])
        else:
            runs.append((treated, dlts, dlts, found))
    for treated, first, last, cells_ in runs:
        for start, end, cell in cells_:
            due = "any" if len(cells_) == 1 and end else _range(start, end)
            yield treated, _range(first, last), due, cell


def _situations(console: Console, table: Table) -> None:
    """What follows a cohort, in words."""
    console.print("What follows the outcomes at a level, depending on the levels around it", style="bold")
    rows = plain_table("DLTs", *(str(column[0]) for column in table.columns), left=1 + len(table.columns), wraps=True)
    for (first, last, treated), cells in zip(table.rows, table.cells, strict=True):
        rows.add_row(f"{_range(first, last)} of {treated}", *("–" if cell is None else cell.text for cell in cells))
    print_whole(console, rows)
    console.print()
    if "E" in table.legend:
        console.print("stop: the trial ends, and that level is recommended")
    if any(cell is None for row in table.cells for cell in row):
        console.print("–: does not come about")


def draw_pathways(console: Console, pathways: Pathways) -> None:
    """Print every way the next cohorts may go, ways that go on alike on one line."""
    after = f" after {pathways.data}" if pathways.data else ""
    plural = "s" * (pathways.cohorts != 1)
    console.print(f"Every way the next {pathways.cohorts} cohort{plural} may go{after}", style="bold")
    names = [f"cohort +{number}" for number in range(1, pathways.cohorts + 1)]
    rows = plain_table(*names, "then", left=len(names) + 1)
    before: list[str] = []
    for cells in _lines(pathways.root):
        shared = next((k for k, (one, other) in enumerate(zip(before, cells, strict=False)) if one != other), 0)
        rows.add_row(*("" if place < shared else cell for place, cell in enumerate(cells)))
        before = cells
    print_whole(console, rows)
    console.print()
    for example, meaning in _keys(pathways.root):
        console.print(f"{example:<9}  {meaning}")


def _keys(root: Node) -> list[tuple[str, str]]:
    """Entries that occur among the pathways, one of each kind, and what they mean."""
    found: dict[str, tuple[str, str]] = {}
    nodes = [root]
    while nodes:
        node = nodes.pop(0)
        for first, last, branch in node.groups():
            entry = f"{node.level}: {_range(first, last)}/{node.size}"
            dlts = f"{first} to {last} DLTs" if last > first else f"{first} DLT{'s' * (first != 1)}"
            among = f"among the {node.size} of a cohort" if node.size > 1 else "of a cohort of one"
            meaning = (entry, f"{dlts} {among} at level {node.level}")
            if last > first:
                found.setdefault("several", meaning)
            found.setdefault("branch", meaning)
            nodes.append(branch)
        if not node.branches:
            kind = "level" if node.answer == "assign" else "none" if node.level is None else "end"
            ends = {
                "level": "the level that follows",
                "end": f"the trial ends, and level {node.level} is recommended",
                "none": "the trial ends, and no level is recommended",
            }
            found.setdefault(kind, (_leaf(node), ends[kind]))
    if "several" in found:
        found["branch"] = found.pop("several")
    return [found[kind] for kind in ("branch", "level", "end", "none") if kind in found]


def _lines(node: Node) -> Iterator[list[str]]:
    if not node.branches:
        yield [_leaf(node)]
    for first, last, branch in node.groups():
        for rest in _lines(branch):
            yield [f"{node.level}: {_range(first, last)}/{node.size}", *rest]


def _leaf(node: Node) -> str:
    if node.answer == "assign":
        return f"level {node.level}"
    return "no dose" if node.level is None else f"end: {node.level}"


def probability(value: float | None) -> str:
    """A probability with three decimals, never rounded to a certainty that it is not; a dash where there is none."""
    if value is None:
        return "–"
    if 0 < value < 0.0005:
        return "<0.001"
    return ">0.999" if 0.9995 <= value < 1 else f"{value:.3f}"


def between(bounds: object) -> str:
    """The interval of something that has `low` and `high`."""
    low, high = getattr(bounds, "low", None), getattr(bounds, "high", None)
    return "–" if low is None or high is None else f"{probability(low)} to {probability(high)}"


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
