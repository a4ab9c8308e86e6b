"""Dose-finding designs on paper: decision tables, advice on data, pathways, and operating characteristics.

    design = Design.of("boin", {"target": 0.3}, levels=5)
    design.table().lines
    design.after("1NNN 2NNT").level
    design.pathways(2)
    design.characteristics([0.05, 0.15, 0.3, 0.45, 0.6], replications=200)

A design is a trial with nothing but recruitment and dosing. Whatever is said about a rule was found out by asking it.
"""

from __future__ import annotations

from trialsim.design.designs import Design
from trialsim.design.histories import Member

__all__ = ["Design", "Member"]
