"""The state: all that the kernel knows while it simulates, as one record at one address.

It is laid out in three parts by lifetime: `Constants` for a job, `Memory` for as long as there is room enough, and
`Progress` for one replication, which begins as a copy of its defaults.

Whole numbers and flags are ``int``, days and quantities ``float``. What is missing is NaN, 0 where things count from 1
(level, cohort, lot), and -1 for a position. A field that ends in ``_at`` is the address of an array, and one that ends
in ``_room`` says for how many there is room. What names a distribution is its position in the table of distributions.
"""

from __future__ import annotations

from trialsim.kernel.state.parts.constants import Constants
from trialsim.kernel.state.parts.memory import Memory
from trialsim.kernel.state.parts.progress import Progress

__all__ = ["Constants", "Memory", "Progress", "State"]


class State(Constants, Memory, Progress):
    """A job, the engine's memory, and the replication under way."""
