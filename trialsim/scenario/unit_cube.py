"""Points that fill the unit cube evenly, and the values of inputs that belong to them.

References
----------
McKay, Beckman, Conover: A comparison of three methods for selecting values of input variables. Technometrics 21 (1979)
239-245: Latin hypercubes. Owen: Scrambled net variance for integrals of smooth functions. Annals of Statistics 25
(1997) 1541-1562: scrambled Sobol points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from trialsim.scenario.copula import correlation_matrix, factor, go_together
from trialsim.scenario.inputs import Input

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.stats.qmc import QMCEngine

    from trialsim.scenario.sections.uncertain import Correlation

    Floats = NDArray[np.float64]

_SMALLEST, _LARGEST = 2.0**-53, 1 - 2.0**-53


class Axis(Protocol):
    """Anything with values that belong to uniforms, such as an `Input`."""

    def values(self, u: Floats, /) -> Floats:
        """The quantile function, elementwise."""


def latin_hypercube(points: int, axes: int, seed: int) -> Floats:
    """A Latin hypercube: along every axis, each of as many equal intervals as there are points has one.

    Parameters
    ----------
    points : int
        How many.
    axes : int
        Dimensions of the cube.
    seed : int
        From 0 to 2**64 - 1; the same gives the same points: those of ``scipy.stats.qmc.LatinHypercube`` with
        ``numpy.random.default_rng(seed)``.

    Returns
    -------
    array of float, shape (points, axes)
        Strictly between 0 and 1.
    """
    from scipy.stats.qmc import LatinHypercube

    return _inside(_engine(LatinHypercube, axes, seed).random(points))


def sobol(points: int, axes: int, seed: int) -> Floats:
    """The first points of a scrambled Sobol sequence, which fill the cube more evenly than random ones.

    What they take and return is as for `latin_hypercube`; they are those of ``scipy.stats.qmc.Sobol``.

    Raises
    ------
    ValueError
        For a number of points that is not a power of two: only these are balanced.
    """
    from scipy.stats.qmc import Sobol

    fault = not_balanced(points)
    if fault:
        raise ValueError(fault)
    return _inside(_engine(Sobol, axes, seed).random(points))


def not_balanced(points: int) -> str:
    """What is said of a number of Sobol points that is not a power of two; empty if it is one."""
    above = 1 << (points - 1).bit_length() if points > 1 else 1
    if points == above:
        return ""
    return (
        f"Sobol points are balanced only if their number is a power of two: {above // 2:,} or {above:,}, not {points:,}"
    )


def values_at(u: Floats, axes: Sequence[Axis]) -> Floats:
    """The values that belong to points of the unit cube, each coordinate through the quantile function of its axis.

    Parameters
    ----------
    u : array of float, shape (points, axes)
        Strictly between 0 and 1.
    axes : sequence
        What each coordinate is a quantile of.

    Returns
    -------
    array of float, shape (points, axes)
        In the units of the axes (`Input.unit`).
    """
    import numpy as np

    return np.column_stack([axis.values(column) for axis, column in zip(axes, u.T, strict=True)])


def correlated(u: Floats, inputs: Sequence[Input], correlations: Sequence[Correlation]) -> Floats:
    """The points with the rank correlations of inputs, as draws have them (`trialsim.scenario.copula`).

    The first input of a group that is correlated keeps its coordinate; those after it depend on the ones before.
    """
    import numpy as np

    if not correlations:
        return u
    return np.column_stack(go_together(list(u.T), factor(correlation_matrix(inputs, correlations))))


def _engine(kind: Callable[..., QMCEngine], axes: int, seed: int) -> QMCEngine:
    import inspect

    from numpy.random import default_rng

    name = "rng" if "rng" in inspect.signature(kind).parameters else "seed"  # as SciPy called it before 1.15
    return kind(axes, **{name: default_rng(seed)})


def _inside(u: Floats) -> Floats:
    """The points with those on the border, where quantile functions may be infinite, moved in by a hair."""
    import numpy as np

    return np.clip(u, _SMALLEST, _LARGEST)
