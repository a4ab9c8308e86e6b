"""How much of what differs between trials is luck, and how much is that the inputs are not known.

Two runs share what is drawn for the inputs, replication by replication, and have luck of their own. Within a pair only
luck differs, so that the covariance of the pairs is the variance of what is expected given the inputs: ignorance; the
rest of the variance is luck (law of total variance). Monte Carlo error is a third thing, and only in the intervals.

References
----------
Janon, Klein, Lagnoux, Nodet, Prieur: Asymptotic normality and efficiency of two Sobol index estimators. ESAIM:
Probability and Statistics 18 (2014) 342-364, doi 10.1051/ps/2013040: the share, there T_N of eq. (6).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from trialsim.analysis.grouping import Floats
from trialsim.analysis.jackknife import jackknifed, on_fishers_scale
from trialsim.analysis.measures import happened, values
from trialsim.vocabulary import Milestone

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 20
"""Pairs of which anything is said."""


@dataclass(frozen=True, slots=True)
class Shares:
    """What the variance of one trial is made of; None where nothing varies or too few pairs have a value.

    ``sd`` is the spread of one trial, ``luck_sd`` what would be left of it if the inputs were known, ``ignorance_sd``
    how far the expectation itself is spread by the inputs. ``ignorance`` is their share of the variance, with its 95 %
    interval of Monte Carlo error, ``low`` to ``high``.
    """

    pairs: int
    sd: float | None
    luck_sd: float | None
    ignorance_sd: float | None
    ignorance: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Risk:
    """How a probability is spread by the inputs: its mean and standard deviation over them, and two quantiles.

    The quantiles are those of the beta distribution with that mean and standard deviation; nothing but these two can be
    known from pairs. Each has a 95 % interval of Monte Carlo error.
    """

    pairs: int
    probability: float
    sd: float | None
    p10: float | None
    p10_low: float | None
    p10_high: float | None
    p90: float | None
    p90_low: float | None
    p90_high: float | None


def ignorance(one: pd.DataFrame, other: pd.DataFrame) -> dict[str, Any]:
    """What two tables of replications with the same inputs and other luck say, as plain values.

    ``milestones`` has the days of each (pairs in which both trials reach it), ``early_termination`` the risk.
    """
    number = min(len(one), len(other))
    one, other = one.head(number), other.head(number)
    early = [happened(table, "early_termination").astype(float) for table in (one, other)]
    return {
        "pairs": number,
        "milestones": {each.value: asdict(shares(values(one, each), values(other, each))) for each in Milestone},
        "early_termination": {**asdict(risk(*early)), "variance": asdict(shares(*early))},
    }


def shares(one: Floats, other: Floats) -> Shares:
    """The shares of luck and ignorance in the variance of a quantity, of which both runs have a value or NaN."""
    known = ~(np.isnan(one) | np.isnan(other))
    one, other = one[known], other[known]
    number = len(one)
    _, covariance, variance = _moments(one, other)
    if number < FEWEST or not variance > 0:
        return Shares(number, None, None, None, None, None, None)
    share = min(max(covariance / variance, 0.0), 1.0)
    # of a correlation; its error on the scale of Fisher's transformation, as the distribution is skewed
    _, *ends = jackknifed(_score, one, other)
    low, high = (min(max(math.tanh(end), 0.0), 1.0) for end in ends)
    sd, of_luck, of_inputs = (math.sqrt(variance * part) for part in (1.0, 1 - share, share))
    return Shares(number, sd, of_luck, of_inputs, share, low, high)


def risk(one: Floats, other: Floats) -> Risk:
    """How the probability of an event is spread by the inputs; each run has 1 where it happened, else 0."""
    number = len(one)
    mean = float((one.mean() + other.mean()) / 2)
    if number < FEWEST:
        return Risk(number, mean, *[None] * 7)
    _, covariance, _ = _moments(one, other)
    bounds: list[float | None] = []
    for probability in (0.1, 0.9):
        value, low, high = map(float, jackknifed(partial(_beta_quantile, probability), one, other))
        bounds += [value, max(0.0, low), min(1.0, high)]
    return Risk(number, mean, math.sqrt(max(covariance, 0.0)), *bounds)


def _moments(one: Floats, other: Floats) -> tuple[float, float, float]:
    """Mean, covariance and variance of pairs of which neither side is the first."""
    if not len(one):
        return math.nan, math.nan, math.nan
    mean = float((one.mean() + other.mean()) / 2)
    covariance = float(((one - mean) * (other - mean)).mean())
    return mean, covariance, float((((one - mean) ** 2 + (other - mean) ** 2) / 2).mean())


def _score(one: Floats, other: Floats) -> float:
    """Fisher's transformation of the correlation of pairs."""
    _, covariance, variance = _moments(one, other)
    return on_fishers_scale(covariance / variance) if variance > 0 else 0.0


def _beta_quantile(probability: float, one: Floats, other: Floats) -> float:
    """The quantile of the beta distribution with the mean and the variance that the pairs give a probability."""
    from scipy.special import betaincinv

    mean, covariance, _ = _moments(one, other)
    most = mean * (1 - mean)
    if covariance <= 1e-9 * most or most == 0:
        return mean
    total = max(most / covariance - 1, 1e-6)
    return float(betaincinv(mean * total, (1 - mean) * total, probability))
