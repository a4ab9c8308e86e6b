"""Distributions with parameters that people can elicit, and their exact inverse distribution functions.

Random quantities come from uniforms through the inverse CDF, so that a larger uniform never gives a smaller value.
Formulas are the textbook ones (Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions); scipy.special is
imported only when a quantile needs it, so that reading and checking a scenario stays quick.
"""

from __future__ import annotations

from trialsim.scenario.values.bounded import Beta, Empirical, Pert, Triangular, Uniform
from trialsim.scenario.values.distribution import Constant, Distribution
from trialsim.scenario.values.unbounded import Exponential, Gamma, LogNormal, LogNormalByPercentiles, Weibull

FORMS: dict[str, tuple[type[Distribution], ...]] = {
    "exponential": (Exponential,),
    "gamma": (Gamma,),
    "lognormal": (LogNormal, LogNormalByPercentiles),
    "weibull": (Weibull,),
    "uniform": (Uniform,),
    "triangular": (Triangular,),
    "pert": (Pert,),
    "beta": (Beta,),
    "empirical": (Empirical,),
}
"""Every distribution a scenario can name, with the ways to give its parameters."""

__all__ = [
    "FORMS",
    "Beta",
    "Constant",
    "Distribution",
    "Empirical",
    "Exponential",
    "Gamma",
    "LogNormal",
    "LogNormalByPercentiles",
    "Pert",
    "Triangular",
    "Uniform",
    "Weibull",
]
