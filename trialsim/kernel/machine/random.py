"""The random numbers of `trialsim.randomness` and the inverse distribution functions."""

from __future__ import annotations

from math import sqrt

import numpy as np

from trialsim.kernel.language import (
    betaincinv,
    compiled,
    count_at,
    gammaincinv,
    inlined,
    inv_boxcox,
    log1p,
    ndtri,
    number_at,
    philox,
    rint,
    xlogy,
)
from trialsim.kernel.machine.views import (
    block_at,
    distribution_at,
)
from trialsim.kernel.state.codes import (
    BETA,
    CONSTANT,
    EMPIRICAL,
    EXPONENTIAL,
    GAMMA,
    LOGNORMAL,
    PERT,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
)
from trialsim.kernel.state.memory import dtype
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Block, Distribution

_BLOCK_BYTES = dtype(Block).itemsize

_UPPER = 2**52 - 1

TICKS_PER_DAY = 2.0**20


@inlined
def _open_interval(word: int) -> float:
    """An odd multiple of 2**-53, as `trialsim.randomness` makes it of the upper 52 bits."""
    return (((word >> 12) & _UPPER) + 0.5) * 2.0**-52


@compiled
def _new_block(t: State, stream: int, site: int, attempt: int, block: int) -> None:
    """Draw the block of four uniforms that holds an address."""
    made = block_at(t.blocks_at, site * t.streams + stream)
    words = philox(
        block + 1, attempt, count_at(t.site_keys_at, site), t.replication, t.seed, count_at(t.stream_keys_at, stream)
    )
    made.number = block | (attempt << 32)
    made.round = t.round
    made.first = _open_interval(words[0])
    made.second = _open_interval(words[1])
    made.third = _open_interval(words[2])
    made.fourth = _open_interval(words[3])


@inlined
def uniform(t: State, stream: int, site: int, index: int, attempt: int) -> float:
    """The uniform at an address. ``site`` is a position, or the number of sites for what belongs to none."""
    entry = t.blocks_at + (site * t.streams + stream) * _BLOCK_BYTES
    block = index >> 2
    if block_at(entry, 0).number != block | (attempt << 32) or block_at(entry, 0).round != t.round:
        _new_block(t, stream, site, attempt, block)
    return number_at(entry, 1 + (index & 3))


@inlined
def round_days(days: float) -> float:
    """Days rounded to ticks, as by `trialsim.randomness.round_days`."""
    return rint(days * TICKS_PER_DAY) / TICKS_PER_DAY


@inlined
def unit_exponential(u: float) -> float:
    """The exponential variate with mean 1 that belongs to a uniform."""
    return -log1p(-u)


@inlined
def _exp(x: float) -> float:
    """The exponential function."""
    return inv_boxcox(x, 0.0)


@compiled
def _empirical(d: Distribution, u: float) -> float:
    """The first value whose cumulative probability is not below ``u``."""
    low, high = 0, d.steps - 1
    while low < high:
        middle = (low + high) >> 1
        if number_at(d.cumulative_at, middle) < u:
            low = middle + 1
        else:
            high = middle
    return number_at(d.values_at, low)


@compiled
def quantile(d: Distribution, u: float) -> float:
    """The inverse distribution function; the parameters are those that `trialsim.kernel.state.plan` has prepared."""
    kind = d.kind
    if kind == EXPONENTIAL:
        return d.a * unit_exponential(u)
    if kind == LOGNORMAL:
        return _exp(d.a + d.b * ndtri(u))
    if kind == UNIFORM:
        return d.a + u * d.b
    if kind == TRIANGULAR:  # from a to b, c and d being the way up and the way down
        span = d.b - d.a
        if u * span < d.c:
            return d.a + sqrt(u * span * d.c)
        return d.b - sqrt((1 - u) * span * d.d)
    if kind == GAMMA:
        return gammaincinv(d.a, u) * d.b
    if kind == WEIBULL:
        return d.b * _exp(xlogy(d.a, unit_exponential(u)))
    if kind == PERT:
        return d.a + d.b * betaincinv(d.c, d.d, u)
    if kind == BETA:
        return betaincinv(d.a, d.b, u)
    if kind == EMPIRICAL:
        return _empirical(d, u)
    return d.a


@compiled
def quantity(t: State, which: int, stream: int, site: int, index: int, attempt: int) -> float:
    """A random weight, number of cells or fraction: not rounded."""
    d = distribution_at(t.distributions_at, which)
    if d.kind == CONSTANT:
        return d.a
    return quantile(d, uniform(t, stream, site, index, attempt))


@compiled
def duration(t: State, which: int, stream: int, site: int, index: int, attempt: int) -> float:
    """A random number of days, rounded as all times are."""
    d = distribution_at(t.distributions_at, which)
    if d.kind == CONSTANT:
        return d.a
    return round_days(quantile(d, uniform(t, stream, site, index, attempt)))


@inlined
def wait(t: State, rate: float, stream: int, site: int, index: int, attempt: int) -> float:
    """The days until something of constant hazard ``rate`` (per day) happens; infinite for a rate of 0."""
    if rate == 0.0:
        return np.inf
    return round_days(unit_exponential(uniform(t, stream, site, index, attempt)) / rate)


@inlined
def happens(t: State, probability: float, stream: int, site: int, index: int, attempt: int) -> bool:
    """Whether something of the given probability happens."""
    if probability <= 0.0:
        return False
    if probability >= 1.0:
        return True
    return uniform(t, stream, site, index, attempt) < probability
