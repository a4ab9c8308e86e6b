"""The keyboard design, whose decisions are those of mTPI-2."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Self

from pydantic import Field, model_validator

from trialsim.rules.beta import upper_tail
from trialsim.rules.interval import IntervalRule

_SLIVER = 1e-9  # a key narrower than this is a rounding error


def keys(target: float, epsilon: float) -> list[tuple[float, float]]:
    """Return the keys, from 0 to 1: the target key, target - epsilon to target + epsilon, and others as wide.

    The two at the ends are cut at 0 and 1.
    """
    width = 2 * epsilon
    low, high = target - epsilon, target + epsilon
    below = [(max(low - k * width, 0.0), low - (k - 1) * width) for k in range(1, 1 + int(low / width + 1))]
    above = [(high + (k - 1) * width, min(high + k * width, 1.0)) for k in range(1, 1 + int((1 - high) / width + 1))]
    return [key for key in (*reversed(below), (low, high), *above) if key[1] - key[0] > _SLIVER]


@lru_cache(maxsize=65536)
def strongest(target: float, epsilon: float, evaluable: int, dlts: int) -> tuple[float, float]:
    """Return the key with the highest posterior probability per unit of width, under a uniform prior.

    For keys of full width that is the most probable one (Yan, Mandrekar and Yuan, Clin Cancer Res 2017;23:3994). By
    width, because of the keys cut short at the ends, as mTPI-2 has it (Guo et al., Contemp Clin Trials 2017;58:23): for
    a target up to 3 epsilon such a key is the only one below the target.
    """

    def density(key: tuple[float, float]) -> float:
        below, above = (_above(edge, 1 + dlts, 1 + evaluable - dlts) for edge in key)
        return (below - above) / (key[1] - key[0])

    return max(keys(target, epsilon), key=density)


def _above(threshold: float, a: float, b: float) -> float:
    if threshold <= 0 or threshold >= 1:
        return float(threshold <= 0)
    return upper_tail(threshold, a, b)


class Keyboard(IntervalRule):
    """Up when the strongest key lies below the target key, down when it lies above."""

    epsilon: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = 0.05
    """Half the width of the target key."""

    @model_validator(mode="after")
    def _within(self) -> Self:
        if not 0 < self.target - self.epsilon < self.target + self.epsilon < 1:
            low, high = self.target - self.epsilon, self.target + self.epsilon
            raise ValueError(f"the key target ± epsilon must lie between 0 and 1; it is {low:g} to {high:g}")
        return self

    def direction(self, evaluable: int, dlts: int) -> int:
        """Look where the strongest key lies."""
        low, high = strongest(self.target, self.epsilon, evaluable, dlts)
        return (high <= self.target) - (low >= self.target)
