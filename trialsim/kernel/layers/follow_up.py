"""Follow-up: the twin of `trialsim.model.follow_up`."""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import compiled
from trialsim.kernel.machine.random import uniform, wait
from trialsim.kernel.state.codes import OF_FOLLOW_UP
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Person


@compiled
def last_visit(t: State, person: Person, lost_day: float) -> float:
    """The last visit: of somebody lost in the window, or lost later, or followed to the end."""
    if not np.isnan(lost_day):
        return lost_day
    planned = max(person.infusion_day + t.follow_up, person.window_end_day)
    site, number, attempt = person.site, person.number, person.attempt
    if t.lost_below == 0.0 or uniform(t, OF_FOLLOW_UP, site, number, attempt) > t.lost_below:
        return planned  # most people: there is no need to know when they would have been lost
    return min(planned, person.window_end_day + wait(t, t.follow_up_loss, OF_FOLLOW_UP, site, number, attempt))
