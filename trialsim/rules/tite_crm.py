"""The continual reassessment method that goes on while windows are open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from trialsim.rules.base import DLT, Assigned, Stop, View
from trialsim.rules.crm import CrmDesign
from trialsim.rules.time_weighted import Tallies, TimeWeightedRule

if TYPE_CHECKING:
    from trialsim.rules.dose_toxicity import Partial, Posterior


class TiteCrm(CrmDesign, TimeWeightedRule):
    """Time-to-event CRM: whoever has been followed for a share of the window weighs so much."""

    def after(self, here: int, tallies: Tallies) -> int | Stop:
        """Do what the CRM does."""
        return self.nearest(tallies)

    def propose(self, view: View, here: int) -> int:
        """Go to the level nearest to the target; stay as long as nobody has been followed."""
        partial = _partial(view)
        followed = partial or any(evaluable for evaluable, _ in view.tallies())
        return self.nearest(view.tallies(), partial) if followed else here

    def may_rise(self, view: View, cohort: Sequence[Assigned]) -> bool:
        """Say whether the trial may go up: not while a DLT is the latest outcome, or one of the current cohort.

        At one instant, only somebody infused after the DLT supersedes it.
        """
        return not (self.coherent and (any(who.outcome == DLT for who in cohort) or _ends_with_dlt(view)))

    def reach(self, view: View, here: int) -> int:
        """Return the highest level that may come next: one above those tried, unless levels may be skipped."""
        return view.levels if self.skip else super().reach(view, here)

    def recommend(self, view: View) -> int | None:
        """Name the level nearest to the target, of those that may be recommended."""
        return self.recommended(self.posterior(view), view.tallies())

    def posterior(self, view: View) -> Posterior:
        """Return what the data known so far say, partial follow-up included."""
        return self.curve(view.levels).posterior(view.tallies(), _partial(view))


def _partial(view: View) -> tuple[Partial, ...]:
    """Return those infused whose outcome is not known, with the share of the window that has been observed."""
    from trialsim.rules.dose_toxicity import Partial

    return tuple(
        Partial(who.level, view.follow_up(k) / view.window if view.window else 0.0)
        for k, who in enumerate(view.participants)
        if who.outcome is None and who.infusion_day is not None
    )


def _ends_with_dlt(view: View) -> bool:
    """Say whether nobody's outcome is later than the latest DLT, nor as late and of somebody infused after it."""
    latest = max((who.outcome_day for who in view.participants if who.outcome_day is not None), default=None)
    last = False
    for who in view.participants:
        if latest is not None and who.outcome_day == latest:
            last = who.outcome == DLT or (last and who.infusion_day != latest)
    return last
