"""The random values of one replication as the model uses them: durations, quantities, yes or no; drawn in blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialsim.randomness import Luck, round_days
from trialsim.scenario.values.distributions import Distribution
from trialsim.scenario.values.exact_functions import unit_exponentials

_BLOCK = 32

Draw = Callable[..., Any]
"""``draw(index, site="", attempt=0)``: the value at that address of one stream."""


class Draws:
    """Named streams of random values. A value that cannot vary is not drawn at all."""

    def __init__(self, luck: Luck) -> None:
        self._luck = luck

    def durations(self, stream: str, distribution: Distribution) -> Draw:
        """Return a draw of days, rounded as all times are."""
        if (point := distribution.point()) is not None:
            return _always(point)
        return self._stream(stream, lambda u: round_days(distribution.quantile(u)))

    def quantities(self, stream: str, distribution: Distribution) -> Draw:
        """Return a draw of weights, cells and the like, which are not rounded."""
        if (point := distribution.point()) is not None:
            return _always(point)
        return self._stream(stream, distribution.quantile)

    def waits(self, stream: str, rate: float) -> Draw:
        """Return a draw of the days until something of constant hazard ``rate`` per day happens; infinite for 0."""
        if rate == 0:
            return _always(float("inf"))
        return self._stream(stream, lambda u: round_days(unit_exponentials(u) / rate))

    def happens(self, stream: str, probability: float) -> Draw:
        """Return a draw of whether something of the given probability happens."""
        if probability in (0, 1):
            return _always(bool(probability))
        return self._stream(stream, lambda u: u < probability)

    def uniforms(self, stream: str) -> Draw:
        """Return a draw of numbers between 0 and 1."""
        return self._stream(stream, lambda u: u)

    def block(self, stream: str, site: str, number: int) -> NDArray[np.float64]:
        """Block ``number`` (from 0) of the uniforms of one site, for its arrivals."""
        return self._luck.uniforms(stream, site, first=number * _BLOCK, count=_BLOCK)

    def once(self, stream: str, site: str = "") -> NDArray[np.float64]:
        """The single uniform of a stream that is drawn once a site, or once, as an array of one."""
        return self._luck.uniforms(stream, site)

    def _stream(self, stream: str, transform: Callable[[NDArray[np.float64]], NDArray[Any]]) -> Draw:
        luck = self._luck
        blocks: dict[tuple[str, int, int], list[Any]] = {}

        def draw(index: int, site: str = "", attempt: int = 0) -> Any:
            key = (site, attempt, index // _BLOCK)
            block = blocks.get(key)
            if block is None:
                uniforms = luck.uniforms(stream, site, attempt, first=key[2] * _BLOCK, count=_BLOCK)
                block = blocks[key] = transform(uniforms).tolist()
            return block[index % _BLOCK]

        return draw


def _always(value: Any) -> Draw:
    return lambda index, site="", attempt=0: value
