"""The posterior of a dose-toxicity curve in compiled code: `trialsim.rules.dose_toxicity`, function by function.

Where all outcomes are known, `trialsim.kernel.rules.lookups` can look up what follows. Partial follow-up is another at
every instant, so here the density is worked out. The outcomes known change seldom: their part (`_PREPARED`) takes an
exponential for each point of the grid, somebody pending only a product.
"""

from __future__ import annotations

import numpy as np

from trialsim.kernel.language import (
    compiled,
    exp,
    inlined,
    log,
    number_at,
    put_number,
)
from trialsim.kernel.machine.lists import before, last
from trialsim.kernel.machine.views import (
    grid_at,
    level_at,
    person_at,
    tally_at,
)
from trialsim.kernel.state.codes import GRID_NEEDED, IN_WINDOW, TREATED
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.records import Grid, Person

_LOGARITHM, _PREPARED, _DENSITY, _REACHED = range(4)
"""The logarithm of the density without those pending, the density without them, with them, and its running total."""
_B, _LOG_PRIOR, _OF_LEVELS = range(3)
_LOG_P, _LOG_Q, _Q = range(3)
_NEGLIGIBLE = exp(-30.0)
_AT_ONCE = 16
"""For so many pending the product of their probabilities does not underflow where the density matters."""
_NOTHING = -60.0
_LEAST = exp(-22.0)
"""Points are left out by the logarithm of the density without those pending, as long as these do not lower its highest
value further than that: what is left out is less than exp(-38) of the highest."""
_AS_NEAR = 1e-9
_INTERCEPT = 3.0


@inlined
def _row(t: State, which: int) -> int:
    return t.rows_at + 8 * t.rows_room * which


@inlined
def _of_grid(grid: Grid, which: int) -> int:
    return grid.rows_at + 8 * grid.points * which


@inlined
def _of_level(grid: Grid, level: int, which: int) -> int:
    return _of_grid(grid, _OF_LEVELS + 3 * (level - 1) + which)


# What is asked of the posterior


@compiled
def propose(t: State, here: int) -> int:
    """The level nearest to the target; ``here`` as long as nobody has been followed."""
    for level in range(t.levels):
        tally = tally_at(t.tallies_at, level)
        if tally.evaluable or tally.watched:
            return _nearest(t, False)
    return here


@compiled
def recommended(t: State) -> int:
    """The nearest of the levels that may be recommended; 0 as long as nobody is evaluable."""
    return _nearest(t, not t.recommends_any) if _evaluable(t) else 0


@compiled
def ceiling(t: State) -> int:
    """The level below the lowest one that the guards rule out; 0 if none is left."""
    evaluable = _evaluable(t)
    if evaluable < min(t.stop_needs, t.limit_needs) or not _weigh(t):
        return t.levels
    if evaluable >= t.stop_needs and _below(t, t.stop_below) > t.stop_certainty:
        return 0
    if evaluable >= t.limit_needs:
        for level in range(t.levels):
            if _below(t, level_at(t.levels_at, level).limit_below) > t.limit_certainty:
                return level
    return t.levels


@compiled
def is_narrow(t: State, level: int) -> bool:
    """Whether a level's DLT probability is known well enough."""
    if not _weigh(t):
        return False
    return _p(t, level, _quantile(t, t.share_at_high)) - _p(t, level, _quantile(t, t.share_at_low)) <= t.widest


# What it must be told


@inlined
def forget_posterior(t: State) -> None:
    """Others are followed from now on."""
    t.weighed_until = -1.0


@compiled
def learn(t: State, level: int, is_dlt: bool) -> None:
    """Somebody is evaluable, with a DLT or without."""
    if t.prepared_for >= 0:
        grid = grid_at(t.grids_at, t.prepared_for)
        _add(_row(t, _LOGARITHM), 1.0, _of_level(grid, level, _LOG_P if is_dlt else _LOG_Q), grid.points)
        t.is_prepared = 0


# What it needs for that


@compiled
def _evaluable(t: State) -> int:
    evaluable = 0
    for level in range(t.levels):
        evaluable += tally_at(t.tallies_at, level).evaluable
    return evaluable


@compiled
def _nearest(t: State, of_tried: bool) -> int:
    """The level nearest to the target; the lower one of two as near."""
    if not _weigh(t):
        return 1
    best, lower = 0, 0.0
    for level in range(1, t.levels + 1):
        if of_tried and not tally_at(t.tallies_at, level - 1).evaluable:
            continue
        estimate = _average(t, level) if t.averages else _p(t, level, t.mean)
        if best and not (lower + estimate) / 2 < t.target - _AS_NEAR:
            return best
        best, lower = level, estimate
    return best


@compiled
def _p(t: State, level: int, b: float) -> float:
    """A level's DLT probability for one value of the parameter."""
    scaled = level_at(t.levels_at, level - 1).scale * exp(b)
    return 1 / (1 + exp(-_INTERCEPT - scaled)) if t.logistic else exp(scaled)


@compiled
def _average(t: State, level: int) -> float:
    """The posterior mean of a level's DLT probability."""
    grid, without = grid_at(t.grids_at, t.grid), 0.0
    density, q = _row(t, _DENSITY), _of_level(grid, level, _Q)
    for k in range(t.from_point, t.to_point):
        without += number_at(density, k) * number_at(q, k)
    return 1 - without / t.total


@compiled
def _below(t: State, b: float) -> float:
    """The probability that the parameter is below b: cubic between the points, the density being the slope."""
    grid, density = grid_at(t.grids_at, t.grid), _row(t, _DENSITY)
    first = number_at(_of_grid(grid, _B), 0)
    where = (b - first) / (number_at(_of_grid(grid, _B), 1) - first)
    if not t.from_point <= where < t.to_point - 1:
        return 1.0 if where > t.from_point else 0.0
    k = int(where)
    share, reached = where - k, _reached(t, k)
    rise = _reached(t, k + 1) - reached
    bend = (1 - share) * (number_at(density, k) - rise) - share * (number_at(density, k + 1) - rise)
    return (reached + share * rise + share * (1 - share) * bend) / t.total


@compiled
def _reached(t: State, k: int) -> float:
    """How much of the density lies below a point: a trapezoid with its end corrected."""
    density, before_it, after_it = _row(t, _DENSITY), max(k - 1, t.from_point), min(k + 1, t.to_point - 1)
    slope = (number_at(density, after_it) - number_at(density, before_it)) / (after_it - before_it)
    return number_at(_row(t, _REACHED), k) - number_at(density, k) / 2 - slope / 12


@compiled
def _quantile(t: State, share: float) -> float:
    """The value that the parameter is below with the probability ``share``."""
    b = _of_grid(grid_at(t.grids_at, t.grid), _B)
    low, high = number_at(b, t.from_point), number_at(b, t.to_point - 1)
    middle = (low + high) / 2
    while low < middle < high:
        if _below(t, middle) < share:
            low = middle
        else:
            high = middle
        middle = (low + high) / 2
    return middle


# The density


@compiled
def _weigh(t: State) -> bool:
    """Work out the density, unless it is up to date; False if a grid is missing."""
    if t.now <= t.weighed_until:
        return True
    pending = 0
    for level in range(t.levels):
        pending += tally_at(t.tallies_at, level).watched
    people, fine = _evaluable(t) + pending, 1
    while fine < people:
        fine *= 2
    below = above = 1
    while _find_grid(t, below, above, fine):
        least = _NEGLIGIBLE * _work_out(t, pending)
        cut_below, cut_above = _end(t, 0) > least, _end(t, grid_at(t.grids_at, t.grid).points - 1) > least
        if not cut_below and not cut_above:
            t.weighed_until = t.now if pending else np.inf
            return True
        below += cut_below
        above += cut_above
    return False


@compiled
def _find_grid(t: State, below: int, above: int, people: int) -> bool:
    for number in range(t.grids):
        grid = grid_at(t.grids_at, number)
        if grid.people == people and grid.below == below and grid.above == above:
            t.grid = number
            return True
    t.status = GRID_NEEDED
    t.wanted_below = below
    t.wanted_above = above
    t.wanted_people = people
    return False


@inlined
def _end(t: State, k: int) -> float:
    """The density at an end of the grid."""
    return number_at(_row(t, _DENSITY), k) if t.from_point <= k < t.to_point else 0.0


@compiled
def _work_out(t: State, pending: int) -> float:
    """The density, its running total and the parameter's mean; return the highest value of the density."""
    highest = 0.0
    if pending <= _AT_ONCE:
        if t.prepared_for != t.grid:
            _take_outcomes(t)
        if not t.is_prepared:
            _prepare(t, _NOTHING)
        highest = _multiply(t)
    if highest < _LEAST:
        _take_outcomes(t)
        _prepare(t, -np.inf)
        highest = _multiply(t)
        t.prepared_for = -1
    return highest


@compiled
def _multiply(t: State) -> float:
    """The density from that of the outcomes known and everybody pending; return its highest value."""
    grid = grid_at(t.grids_at, t.grid)
    _begin_product(t)
    met, patient = 0, last(t, TREATED)
    while patient >= 0:
        person = person_at(t.people_at, patient)
        share = _share(t, person)
        if share > 0:
            if met == _AT_ONCE:
                _take_product(t)
                met = 0
            _multiply_by(t, share, _of_level(grid, person.level, _Q))
            met += 1
        patient = before(t, TREATED, patient)
    return _add_up(t, _of_grid(grid, _B))


@compiled
def _share(t: State, person: Person) -> float:
    """For which share of the window somebody without an outcome has been followed."""
    if person.outcome != IN_WINDOW or not t.window:
        return 0.0
    return min(max(t.now - person.infusion_day, 0.0), t.window) / t.window


@compiled
def _begin_product(t: State) -> None:
    density = _row(t, _DENSITY)
    for k in range(t.from_point, t.to_point):
        put_number(density, k, 1.0)


@compiled
def _multiply_by(t: State, share: float, q: int) -> None:
    """Somebody without a DLT so far: 1 - w p is 1 - w + w q."""
    density = _row(t, _DENSITY)
    for k in range(t.from_point, t.to_point):
        put_number(density, k, number_at(density, k) * (1 - share + share * number_at(q, k)))


@compiled
def _add_up(t: State, b: int) -> float:
    prepared, density, reached = _row(t, _PREPARED), _row(t, _DENSITY), _row(t, _REACHED)
    total, moment, highest = 0.0, 0.0, 0.0
    for k in range(t.from_point, t.to_point):
        value = number_at(prepared, k) * number_at(density, k)
        put_number(density, k, value)
        total += value
        put_number(reached, k, total)
        moment += number_at(b, k) * value
        highest = max(highest, value)
    t.total = total
    t.mean = moment / total
    return highest


@compiled
def _take_outcomes(t: State) -> None:
    """The logarithm of prior times likelihood of the outcomes known."""
    grid, logarithm = grid_at(t.grids_at, t.grid), _row(t, _LOGARITHM)
    log_prior = _of_grid(grid, _LOG_PRIOR)
    for k in range(grid.points):
        put_number(logarithm, k, number_at(log_prior, k))
    for level in range(1, t.levels + 1):
        tally = tally_at(t.tallies_at, level - 1)
        if tally.dlts:
            _add(logarithm, float(tally.dlts), _of_level(grid, level, _LOG_P), grid.points)
        if tally.evaluable > tally.dlts:
            _add(logarithm, float(tally.evaluable - tally.dlts), _of_level(grid, level, _LOG_Q), grid.points)
    t.prepared_for = t.grid
    t.is_prepared = 0


@compiled
def _add(logarithm: int, people: float, each: int, points: int) -> None:
    for k in range(points):
        put_number(logarithm, k, number_at(logarithm, k) + people * number_at(each, k))


@compiled
def _take_product(t: State) -> None:
    """Count those multiplied so far as the outcomes known are counted, and begin another product."""
    logarithm, density = _row(t, _LOGARITHM), _row(t, _DENSITY)
    for k in range(t.from_point, t.to_point):
        put_number(logarithm, k, number_at(logarithm, k) + log(number_at(density, k)))
    _prepare(t, -np.inf)
    _begin_product(t)


@compiled
def _prepare(t: State, nothing: float) -> None:
    """From the logarithm to the density, whose highest value is 1; where it is nothing at an end, it is left out."""
    logarithm, prepared = _row(t, _LOGARITHM), _row(t, _PREPARED)
    first, end = 0, grid_at(t.grids_at, t.grid).points
    highest = number_at(logarithm, 0)
    for k in range(end):
        highest = max(highest, number_at(logarithm, k))
    while number_at(logarithm, first) - highest < nothing:
        first += 1
    while number_at(logarithm, end - 1) - highest < nothing:
        end -= 1
    for k in range(first, end):
        put_number(prepared, k, exp(number_at(logarithm, k) - highest))
    t.from_point = first
    t.to_point = end
    t.is_prepared = 1
