"""Distributions as records: a kind, and the numbers that the inverse distribution function needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialsim.kernel.state import codes, records
from trialsim.kernel.state.memory import room
from trialsim.randomness import round_days
from trialsim.scenario.values import distributions as forms


class Distributions:
    """The distributions of a plan, by number; ``keep`` keeps an array alive and returns its address."""

    def __init__(self, keep: Callable[[NDArray[Any]], int]) -> None:
        self._keep = keep
        self._rows: list[tuple[int, float, float, float, float, int, int, int]] = []

    def duration(self, distribution: forms.Distribution) -> int:
        """The number of a distribution of days."""
        return self._add(distribution, point_of_days(distribution))

    def quantity(self, distribution: forms.Distribution) -> int:
        """The number of a distribution of weights, cells or fractions."""
        return self._add(distribution, point_of(distribution))

    def table(self) -> NDArray[Any]:
        """All of them as `records.Distribution`."""
        table = room(records.Distribution, len(self._rows) + 1)
        for number, row in enumerate(self._rows):
            table[number] = row
        return table

    def _add(self, distribution: forms.Distribution, point: float | None) -> int:
        steps = values_at = cumulative_at = 0
        if point is None and isinstance(distribution, forms.Empirical):
            kind, numbers = codes.EMPIRICAL, (0.0, 0.0, 0.0, 0.0)
            of_values, cumulative = (
                np.array(column, dtype=float) for column in zip(*distribution.steps(), strict=True)
            )
            steps, values_at, cumulative_at = len(of_values), self._keep(of_values), self._keep(cumulative)
        else:
            kind, numbers = numbers_of(distribution, point)
        self._rows.append((kind, *numbers, steps, values_at, cumulative_at))
        return len(self._rows) - 1


def point_of_days(distribution: forms.Distribution) -> float | None:
    """The only value of a distribution of days, if there is only one."""
    if isinstance(distribution, forms.Constant):
        return round_days(distribution.value)
    return distribution.point()


def point_of(distribution: forms.Distribution) -> float | None:
    """The only value of a distribution of other things, if there is only one."""
    return distribution.value if isinstance(distribution, forms.Constant) else distribution.point()


def numbers_of(distribution: forms.Distribution, point: float | None) -> tuple[int, tuple[float, float, float, float]]:
    """The kind of a distribution that is not empirical, and its four numbers."""
    kind, values = (codes.CONSTANT, (point,)) if point is not None else _parameters(distribution)
    a, b, c, d = (*values, 0.0, 0.0, 0.0, 0.0)[:4]
    return kind, (a, b, c, d)


def _parameters(distribution: forms.Distribution) -> tuple[int, Sequence[float]]:
    """The kind of a distribution and the numbers that its inverse needs, by the same arithmetic as in its class."""
    match distribution:
        case forms.Exponential(average=average):
            return codes.EXPONENTIAL, (average,)
        case forms.Gamma(average=average, sd=sd):
            return codes.GAMMA, ((average / sd) ** 2, sd**2 / average)
        case forms.LogNormal() | forms.LogNormalByPercentiles():
            return codes.LOGNORMAL, (distribution.mu, distribution.sigma)
        case forms.Weibull(shape=shape, scale=scale):
            return codes.WEIBULL, (1 / shape, scale)
        case forms.Uniform(low=low, high=high):
            return codes.UNIFORM, (low, high - low)
        case forms.Triangular(low=low, mode=mode, high=high):
            return codes.TRIANGULAR, (low, high, mode - low, high - mode)
        case forms.Pert(low=low, mode=mode, high=high):
            a = 1 + 4 * (mode - low) / (high - low)
            return codes.PERT, (low, high - low, a, 6 - a)
        case forms.Beta(average=average, sd=sd):
            total = average * (1 - average) / sd**2 - 1
            return codes.BETA, (average * total, (1 - average) * total)
    raise TypeError(f"no inverse of {type(distribution).__name__} in the kernel")
