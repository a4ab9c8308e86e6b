"""Figures: from a table to axes, one function a figure, and the figures of runs and sweeps by name.

Importing this room imports matplotlib; nothing else in the package does.
"""

from __future__ import annotations

from trialsim.figures.differences import draw_differences
from trialsim.figures.drawing import FIGURES, OF_DETAIL, OF_ONE, OF_RUNS, draw_run, draw_sweep, of_detail, typical
from trialsim.figures.ignorance import draw_ignorance
from trialsim.figures.levers import draw_levers
from trialsim.figures.rows import draw_rows
from trialsim.figures.scatter import draw_scatter
from trialsim.figures.selection import draw_selection
from trialsim.figures.sensitivity import draw_sensitivity
from trialsim.figures.sweeps import comparable, drawable

__all__ = [
    "FIGURES",
    "OF_DETAIL",
    "OF_ONE",
    "OF_RUNS",
    "comparable",
    "draw_differences",
    "draw_ignorance",
    "draw_levers",
    "draw_rows",
    "draw_run",
    "draw_scatter",
    "draw_selection",
    "draw_sensitivity",
    "draw_sweep",
    "drawable",
    "of_detail",
    "typical",
]
