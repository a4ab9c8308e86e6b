"""The continual reassessment method: the level whose DLT probability is thought nearest to the target."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from trialsim.rules.base import DLT, NO_DLT, Probability, Stop, View
from trialsim.rules.built_in import BuiltInRule
from trialsim.rules.by_tallies import Tallies, TallyRule

if TYPE_CHECKING:  # it needs numpy, which checking a scenario does not
    from trialsim.rules.dose_toxicity import Model, Partial, Posterior

_AS_NEAR = 1e-9
"""Two levels are as near to the target if their middle is no further below it."""
_STEEPEST = 0.95
"""Prior guesses end here: from its intercept on (a DLT probability of .953) the logistic curve would turn round."""


class CrmDesign(BuiltInRule):
    """The parameters of the method, and what it makes of the data."""

    target: Probability
    skeleton: Annotated[tuple[Probability, ...], Field(strict=False, min_length=1)] | None = None
    """Prior guesses of the DLT probability, one a level; or give `half_width` and `prior_mtd`."""
    half_width: Probability | None = None
    """Half of the interval around the target within which the method cannot tell levels apart."""
    prior_mtd: Annotated[int, Field(ge=1)] | None = None
    """The level expected to be the MTD, counted from 1."""
    prior_sd: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)] = sqrt(1.34)
    """Prior standard deviation of the curve's parameter."""
    model: Literal["empiric", "logistic"] = "empiric"
    estimate: Literal["plug_in", "posterior_mean"] = "plug_in"
    """Which DLT probabilities are compared with the target: the curve at the parameter's posterior mean, or each
    level's own posterior mean."""
    skip: bool = False
    """Whether the trial may go up past a level that nobody has been given."""
    coherent: bool = True
    """Whether a DLT forbids going up at once."""
    recommends: Literal["tried", "any"] = "tried"
    """Which levels may be recommended: those where somebody is evaluable, or any, as the curve has it."""

    @model_validator(mode="after")
    def _one_skeleton(self) -> Self:
        derived = self.half_width is not None, self.prior_mtd is not None
        if self.skeleton is not None:
            if any(derived):
                raise ValueError("give either a skeleton, or half_width and prior_mtd")
            if any(one >= other for one, other in pairwise(self.skeleton)):
                raise ValueError("the skeleton must rise from level to level")
            if self.model == "logistic" and self.skeleton[-1] >= _STEEPEST:
                raise ValueError(f"under the logistic model the skeleton must stay below {_STEEPEST:g}")
        elif not all(derived):
            raise ValueError("a skeleton is needed, one probability a level; or half_width and prior_mtd")
        elif not 0 < self.target - self.half_width < self.target + self.half_width < _STEEPEST:  # type: ignore[operator]
            raise ValueError(f"target ± half_width must lie between 0 and {_STEEPEST:g}")
        return self

    def misfit(self, levels: int) -> tuple[str, str] | None:
        """Return the parameter that does not go with so many dose levels, and why; None if all do."""
        if self.skeleton is not None:
            given = len(self.skeleton)
            if given != levels:
                return "skeleton", f"{given} probabilities for {levels} dose levels; give one for each level"
        elif self.prior_mtd is not None and self.prior_mtd > levels:
            return "prior_mtd", f"{self.prior_mtd} is beyond the ladder, which has {levels} levels"
        else:
            try:
                self.curve(levels)
            except ValueError as problem:
                return "half_width", str(problem)
        return None

    def curve(self, levels: int) -> Model:
        """Return the dose-toxicity curve for so many levels."""
        from trialsim.rules.dose_toxicity import Model, skeleton

        guesses = self.skeleton
        if guesses is None:
            assert self.half_width is not None and self.prior_mtd is not None
            guesses = skeleton(self.model, self.target, self.half_width, self.prior_mtd, levels)
        return Model(self.model, guesses, self.prior_sd)

    def posterior(self, view: View) -> Posterior:
        """Return what the data known so far say."""
        return self.curve(view.levels).posterior(view.tallies())

    def estimates(self, posterior: Posterior) -> tuple[float, ...]:
        """Return the DLT probabilities that are compared with the target, one a level."""
        return posterior.plug_in if self.estimate == "plug_in" else posterior.means()

    def nearest(self, tallies: Sequence[tuple[int, int]], partial: tuple[Partial, ...] = ()) -> int:
        """Return the level whose DLT probability is nearest to the target; the lower one of two as near."""
        return _nearest(self, tuple(tallies), partial)

    def recommended(self, posterior: Posterior, tallies: Sequence[tuple[int, int]]) -> int | None:
        """Return the nearest of the levels that may be recommended; None as long as nobody is evaluable."""
        levels = range(1, len(tallies) + 1)
        tried = [level for level in levels if tallies[level - 1][0]]
        eligible = tried if self.recommends == "tried" else levels
        return _nearest_of(eligible, self.estimates(posterior), self.target) if tried else None

    def tail(self, view: View, level: int, limit: float) -> tuple[int, float]:
        """Return how many participants stand behind it, and the probability that a level's DLT rate is above a limit.

        The curve ties the levels together, so everybody counts for each of them.
        """
        return sum(who.outcome in (DLT, NO_DLT) for who in view.participants), self.posterior(view).above(level, limit)

    def numbers(self) -> dict[str, float]:
        """Return by name what the rule is computed with, besides the outcomes."""
        return {
            **super().numbers(),
            "target": self.target,
            "skip": self.skip,
            "coherent": self.coherent,
            "logistic": self.model == "logistic",
            "averages": self.estimate == "posterior_mean",
            "recommends_any": self.recommends == "any",
        }

    def interval(self, view: View, level: int, coverage: float) -> tuple[float, float]:
        """Return the central credible interval of a level's DLT probability."""
        return self.posterior(view).quantiles(level, (1 - coverage) / 2, (1 + coverage) / 2)


@lru_cache(maxsize=65536)
def _nearest(design: CrmDesign, tallies: tuple[tuple[int, int], ...], partial: tuple[Partial, ...]) -> int:
    estimates = design.estimates(design.curve(len(tallies)).posterior(tallies, partial))
    return _nearest_of(range(1, len(tallies) + 1), estimates, design.target)


def _nearest_of(levels: Sequence[int], estimates: Sequence[float], target: float) -> int:
    """The nearest of the levels to the target; rounding does not tell which of two is nearer, so the lower one is.

    Estimates rise from level to level: of two, the upper one is nearer if their middle lies below the target.
    """
    best = levels[0]
    for level in levels[1:]:
        if (estimates[best - 1] + estimates[level - 1]) / 2 < target - _AS_NEAR:
            best = level
    return best


class Crm(CrmDesign, TallyRule):
    """The method in cohorts (of one, if so wanted), every outcome known before the next one."""

    @property
    def may_skip(self) -> bool:
        """Whether the trial may go up past a level that nobody has been given."""
        return self.skip

    @property
    def stays_after_dlt(self) -> bool:
        """Whether a DLT in the cohort that is over forbids going up."""
        return self.coherent

    def after(self, here: int, tallies: Tallies) -> int | Stop:
        """Go to the level nearest to the target; stay as long as nobody is evaluable."""
        return self.nearest(tallies) if any(evaluable for evaluable, _ in tallies) else here

    def best(self, tallies: Tallies) -> int | None:
        """Return the level nearest to the target, of those that may be recommended."""
        return self.recommended(self.curve(len(tallies)).posterior(tuple(tallies)), tallies)
