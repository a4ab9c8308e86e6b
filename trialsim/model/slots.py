"""Slots: the infusion unit's calendar, with room for so many infusions on each open day."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.infusion import Infusion as Layer


class Slots:
    """The unit's calendar: whole days of the week, except closures, with room for so many a day."""

    def __init__(self, trial: Trial, layer: Layer) -> None:
        self.notice = layer.notice
        self.per_day = layer.per_day
        self.booked: dict[int, int] = {}
        first = trial.scenario.trial.start_date.weekday()
        self.open_on = [(first + offset) % 7 in layer.weekdays for offset in range(7)]
        self.closures = trial.scenario.closures()

    def first(self, earliest: float) -> float:
        """The first open day with room, at or after the moment ``earliest``."""
        day = ceil(earliest)
        while not self._has_room(day):
            day += 1
        return float(day)

    def _has_room(self, day: int) -> bool:
        """Whether the unit is open on that day, and not fully booked."""
        if not self.open_on[day % 7] or any(start <= day < end for start, end in self.closures):
            return False
        return self.per_day is None or self.booked.get(day, 0) < self.per_day

    def take(self, day: float) -> None:
        """Book a slot on that day."""
        self.booked[int(day)] = self.booked.get(int(day), 0) + 1

    def give_back(self, day: float) -> None:
        """Cancel a booking on that day."""
        self.booked[int(day)] -= 1


class AnyMoment:
    """Without an infusion unit in the scenario, any moment will do."""

    notice = 0.0

    def first(self, earliest: float) -> float:
        """That very moment."""
        return earliest

    def take(self, day: float) -> None:
        """There is always room."""

    def give_back(self, day: float) -> None:
        """There is always room."""
