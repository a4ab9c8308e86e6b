"""Figures: from a table to axes, one function a figure, and all figures of some results by name.

Importing this room imports matplotlib; nothing else in the package does.
"""

from __future__ import annotations

from trialsim.figures.drawing import FIGURES, CannotDrawError, draw, names, save_all, typical

__all__ = ["FIGURES", "CannotDrawError", "draw", "names", "save_all", "typical"]
