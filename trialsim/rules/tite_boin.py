"""BOIN that goes on while windows are open."""

from __future__ import annotations

from typing import ClassVar

from trialsim.rules.base import View
from trialsim.rules.boin import BoinDesign
from trialsim.rules.built_in import Evidence
from trialsim.rules.isotonic import nearest
from trialsim.rules.time_weighted import TimeWeightedRule, with_infused, with_pending


class TiteBoin(BoinDesign, TimeWeightedRule):
    """Time-to-event BOIN: outcomes still due are imputed from the follow-up so far."""

    decides_on: ClassVar[Evidence] = "follow_up"

    def thresholds(self, treated: int, dlts: int, pending: int) -> tuple[float, float | None]:
        """Return from which total follow-up of those pending (in windows) to go up, and up to which to go down.

        The second is None where no follow-up leads down: outcomes that are only imputed never do so by themselves, if
        the DLTs known are no more among all treated than the target has it.

        Notes
        -----
        Yuan, Lin, Li, Nie and Warren, Clin Cancer Res 2018;24:4921. Somebody followed for the share w of the window
        without a DLT is counted as a DLT of p/(1 - p) (1 - w), with p the posterior mean under Beta(target/2,
        1 - target/2) from the outcomes known; the rate is then compared with BOIN's boundaries.
        """
        p = (dlts + self.target / 2) / (treated - pending + 1)
        up, down = (pending - (1 - p) / p * (treated * edge - dlts) for edge in self.boundaries())
        return up, down if dlts / treated > self.target else None

    def must_leave(self, view: View, here: int) -> bool:
        """Say whether the rate would lead down even if everybody pending were without a DLT."""
        treated, dlts = with_pending(view)[here - 1]
        return treated > 0 and self.direction(treated, dlts) < 0

    def propose(self, view: View, here: int) -> int:
        """Go up, stay or go down by the outcomes and the follow-up at the current level."""
        treated, dlts = with_pending(view)[here - 1]
        due = [k for k, who in enumerate(view.participants) if who.level == here and who.outcome is None]
        if not due:
            return here + (self.direction(treated, dlts) if treated else 0)
        followed = sum(view.follow_up(k) for k in due) / view.window if view.window else 0.0
        up, down = self.thresholds(treated, dlts, len(due))
        return here + (followed >= up) - (down is not None and followed <= down)

    def ceiling(self, view: View) -> int:
        """Return the level below the lowest one eliminated, however the outcomes still due turn out."""
        return self.highest_left(with_infused(view))

    def recommend(self, view: View) -> int | None:
        """Name the level whose isotonic estimate is nearest to the target, of those tried and not eliminated."""
        tallies = view.tallies()
        return nearest(tallies[: min(self.ceiling(view), self.highest_left(tallies))], self.target)
