"""Draws of what is not known, one of each input a replication, with the rank correlations that are stated.

The ranks go together as in a normal distribution (a Gaussian copula); a rank correlation of rho is there a correlation
of 2 sin(pi rho / 6) (Pearson 1907; Kruskal: Ordinal measures of association. JASA 53 (1958) 814-861).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING

from trialsim.scenario.inputs import Input, with_values

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from trialsim.scenario.scenario import Scenario
    from trialsim.scenario.sections.uncertain import Correlation

    Floats = NDArray[np.float64]

Matrix = list[list[float]]
Seeds = int | Mapping[str, int]
"""The seed of what is drawn: of all inputs, or of each by its key."""
STREAM = "uncertain."
"""What the stream of an input's draws is called before its key."""
_SMALLEST, _LARGEST = 2.0**-53, 1 - 2.0**-53
_ROUNDING = 1e-9


def drawn(scenario: Scenario, seed: Seeds, first: int, last: int) -> dict[str, Floats]:
    """The values of all inputs in the replications ``first`` to ``last``, by key, each an array.

    A value depends on seed, replication and key, and on the inputs before it that it is correlated with; on nothing
    else.
    """
    from trialsim.randomness import uniforms_of_replications

    inputs = scenario.inputs
    seeds = seed if isinstance(seed, Mapping) else dict.fromkeys((each.key for each in inputs), seed)
    u = [uniforms_of_replications(seeds[each.key], f"{STREAM}{each.key}", first, last) for each in inputs]
    if scenario.correlations:
        u = go_together(u, factor(correlation_matrix(inputs, scenario.correlations)))
    return {each.key: each.values(column) for each, column in zip(inputs, u, strict=True)}


def scenarios_drawn(scenario: Scenario, seed: Seeds, first: int, last: int) -> Iterator[Scenario]:
    """The scenario of each of some replications, with what is drawn in the place of what is not known."""
    if not scenario.uncertain:
        yield from repeat(scenario, last - first + 1)
        return
    values = drawn(scenario, seed, first, last)
    for row in range(last - first + 1):
        yield with_values(scenario, {each.path: values[each.key][row] for each in scenario.inputs})


def scenario_drawn(scenario: Scenario, seed: Seeds, replication: int) -> Scenario:
    """The scenario of one replication."""
    return next(scenarios_drawn(scenario, seed, replication, replication))


def correlation_matrix(inputs: Sequence[Input], correlations: Sequence[Correlation]) -> Matrix:
    """The correlation matrix of the normal distribution behind the inputs; pairs that are not named have 0."""
    position = {key: number for number, each in enumerate(inputs) for key in (each.key, each.entry)}
    matrix = [[float(row == column) for column in range(len(inputs))] for row in range(len(inputs))]
    for each in correlations:
        one, other = (position[key] for key in each.between)
        matrix[one][other] = matrix[other][one] = 2 * math.sin(math.pi * each.rank / 6)
    return matrix


def independent_groups(inputs: Sequence[Input], correlations: Sequence[Correlation]) -> list[tuple[Input, ...]]:
    """The inputs in groups that are independent of each other, in file order: what is correlated stays together."""
    matrix = correlation_matrix(inputs, correlations)
    group = list(range(len(inputs)))
    for row in range(len(inputs)):
        for column in range(row):
            if matrix[row][column] != 0 and group[row] != group[column]:
                both = group[row], group[column]
                group = [min(both) if each in both else each for each in group]
    return [tuple(inputs[place] for place, each in enumerate(group) if each == name) for name in dict.fromkeys(group)]


def factor(matrix: Matrix) -> Matrix | None:
    """The lower triangle L with L Lᵀ the matrix (Cholesky), also where it is singular; None if it is not possible.

    An input without correlations has 1 on the diagonal and nothing beside it, exactly.
    """
    size = len(matrix)
    lower = [[0.0] * size for _ in range(size)]
    for row in range(size):
        for column in range(row + 1):
            known = math.fsum(lower[row][each] * lower[column][each] for each in range(column))
            rest = matrix[row][column] - known
            if column < row:
                pivot = lower[column][column]
                if pivot == 0 and abs(rest) > _ROUNDING:
                    return None
                lower[row][column] = rest / pivot if pivot else 0.0
            elif rest < -_ROUNDING:
                return None
            else:
                lower[row][row] = math.sqrt(rest) if rest > _ROUNDING else 0.0
    return lower


def go_together(u: Sequence[Floats], lower: Matrix | None) -> list[Floats]:
    """Uniforms whose normal scores have the correlations; those of an input without any stay as they are."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    assert lower is not None, "a scenario with an impossible table is not valid"
    together: list[Floats] = []
    for row, own in enumerate(u):
        others = [column for column in range(row) if lower[row][column] != 0.0]
        if not others:
            together.append(own)
            continue
        score = lower[row][row] * ndtri(own)
        for column in others:
            score = score + lower[row][column] * ndtri(u[column])
        together.append(np.clip(ndtr(score), _SMALLEST, _LARGEST))
    return together
