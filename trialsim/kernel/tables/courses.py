"""How the counts rose over time, in compiled code: `trialsim.analysis.courses` without the frames."""

from __future__ import annotations

from math import floor

import numpy as np

from trialsim.kernel.language import compiled, count_at, inlined, put_count
from trialsim.kernel.machine.views import person_at
from trialsim.kernel.state.records import End
from trialsim.kernel.tables.columns import Summary


@compiled
def trace_courses(s: Summary, end: End, first: int) -> None:
    """Add a replication to the counts by day, up to its end."""
    last = _grid_day(s, end.end_day)
    for position in range(3 * (last + 1)):
        put_count(s.new_at, position, 0)
    for position in range(first, first + end.people):
        person = person_at(s.people_at, position)
        _note_day(s, last, 0, person.screening_start_day)
        _note_day(s, last, 1, person.enrolment_day)
        _note_day(s, last, 2, person.infusion_day)
    for quantity in range(3):
        count = 0
        for day in range(last + 1):
            count += count_at(s.new_at, quantity * (last + 1) + day)
            position = (quantity * s.grid + day) * s.width + count
            if day < last:
                put_count(s.reached_at, position, count_at(s.reached_at, position) + 1)
            else:
                put_count(s.stays_at, position, count_at(s.stays_at, position) + 1)


@inlined
def _note_day(s: Summary, last: int, quantity: int, day: float) -> None:
    if not np.isnan(day):
        position = quantity * (last + 1) + _grid_day(s, day)
        put_count(s.new_at, position, count_at(s.new_at, position) + 1)


@compiled
def _grid_day(s: Summary, day: float) -> int:
    """The position of the first day of the grid that is not before ``day``."""
    whole = floor(day)
    low, high = 0, s.grid - 1
    while low < high:
        middle = (low + high) >> 1
        if count_at(s.grid_at, middle) < whole:
            low = middle + 1
        else:
            high = middle
    return low
