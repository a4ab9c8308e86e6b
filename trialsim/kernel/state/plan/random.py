"""What the kernel's random numbers need to know: the hashed names of streams and sites."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trialsim.randomness import hash64
from trialsim.vocabulary import Stream, criterion_stream

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan
    from trialsim.scenario import Scenario


def put(scenario: Scenario, plan: Plan) -> None:
    """Put it into the plan."""
    screening = scenario.screening
    criteria = [criterion_stream(check.name) for check in screening.checks] if screening else []
    streams = [*Stream, *criteria]
    plan.put(
        streams=len(streams),
        stream_keys_at=plan.keep(_words(hash64(name) for name in streams)),
        site_keys_at=plan.keep(_words([*(hash64(site.name) for site in scenario.sites), 0])),
    )


def _words(numbers: Iterable[int]) -> NDArray[np.int64]:
    """Whole numbers below 2**64 as signed words of the same bits."""
    return np.array(list(numbers), dtype=np.uint64).view(np.int64)
