"""Elementary functions that give the same bits to whoever calls them.

NumPy's own logarithm and exponential depend in their last bit on the processor and on the library's version, and
compiled code cannot call them. These come from scipy.special, one number at a time, and the compiled engine calls the
very same functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def unit_exponentials(u: Floats) -> Floats:
    """The exponential variates with mean 1 that belong to uniforms: -log(1 - u)."""
    from scipy.special import log1p

    values: Floats = -log1p(-u)
    return values


def exponential_function(x: Floats) -> Floats:
    """The number e to the power of ``x``: the limit of the inverse Box-Cox transformation."""
    from scipy.special import inv_boxcox

    return cast("Floats", inv_boxcox(x, 0.0))


def power(base: Floats, exponent: float) -> Floats:
    """A positive base to a real power."""
    from scipy.special import xlogy

    return exponential_function(cast("Floats", xlogy(exponent, base)))
