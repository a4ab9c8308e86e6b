"""Everybody at one level."""

from __future__ import annotations

from typing import ClassVar

from trialsim.rules.base import Stop, View
from trialsim.rules.built_in import Evidence
from trialsim.rules.cohorts import CohortRule, Cohorts


class Fixed(CohortRule):
    """Everybody at the start level, cohort after cohort."""

    seeks_dose: ClassVar[bool] = False
    decides_on: ClassVar[Evidence] = "cohorts"

    def propose(self, view: View, cohorts: Cohorts, ceiling: int) -> int | Stop:
        """Stay."""
        return view.start_level

    def recommend(self, view: View) -> int | None:
        """Name the start level if anyone was evaluated there."""
        evaluable, _ = view.tallies()[view.start_level - 1]
        return view.start_level if evaluable else None
