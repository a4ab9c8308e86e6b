"""The kernel as one function, which calls all others: plain Python, or what is compiled."""

from __future__ import annotations

from trialsim.kernel.layers import trial
from trialsim.kernel.tables import replications


def run(address: int, first: int, last: int, ends: int) -> int:
    """Simulate replications (see `trial.replicate_many`), or with ``last`` 0 summarise a chunk at the address."""
    if last == 0:
        replications.summarise(address)
        return 0
    return trial.replicate_many(address, first, last, ends)
