"""Follow-up: how long an infused participant is seen after the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trialsim.model.records import Participant
from trialsim.vocabulary import Stream

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.follow_up import FollowUp as Layer


class FollowUp:
    """Follow-up after the window. Nothing in the trial waits for it, so the day of the last visit is enough."""

    def __init__(self, trial: Trial, layer: Layer | None) -> None:
        self.duration = layer.duration if layer else 0.0
        self.lost_after = trial.draws.waits(Stream.FOLLOW_UP, layer.loss if layer else 0.0)

    def last_visit(self, person: Participant, lost_day: float | None) -> float:
        """The last visit: of somebody lost in the window on ``lost_day``, or lost later, or followed to the end."""
        if lost_day is not None:
            return lost_day
        assert person.infusion_day is not None and person.window_end_day is not None
        planned = max(person.infusion_day + self.duration, person.window_end_day)
        lost = person.window_end_day + self.lost_after(person.site_candidate, person.site, person.attempt)
        return float(min(planned, lost))
