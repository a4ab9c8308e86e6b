"""What a model-based rule knows of each level: its curve, before any data and after."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from trialsim.design.setting import Setting
from trialsim.rules.kinds import WithCurve

if TYPE_CHECKING:
    from trialsim.rules.dose_toxicity import Posterior

COVERAGE = 0.9
"""Of the credible intervals."""


@dataclass(frozen=True)
class Point:
    """The DLT probability of a level.

    Attributes
    ----------
    plug_in : float
        The curve at the mean of its parameter; without data, the skeleton.
    mean : float
        The level's own mean.
    low, high : float
        The central credible interval, `COVERAGE` wide.
    """

    plug_in: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Prior:
    """The curve before any data, one point a level, and the level nearest to the target."""

    points: tuple[Point, ...]
    nearest: int

    def to_document(self) -> dict[str, Any]:
        """The curve as plain values."""
        return {"coverage": COVERAGE, "levels": [asdict(point) for point in self.points], "nearest": self.nearest}


def points(posterior: Posterior) -> tuple[Point, ...]:
    """Return what a posterior says of each level."""
    bounds = [
        posterior.quantiles(level, (1 - COVERAGE) / 2, (1 + COVERAGE) / 2)
        for level in range(1, len(posterior.plug_in) + 1)
    ]
    return tuple(
        Point(plug_in, mean, *bound)
        for plug_in, mean, bound in zip(posterior.plug_in, posterior.means(), bounds, strict=True)
    )


def prior(setting: Setting) -> Prior | None:
    """Return the curve that a rule begins with; None if it has no curve."""
    rule = setting.rule
    if not isinstance(rule, WithCurve):
        return None
    nothing = ((0, 0),) * setting.levels
    return Prior(points(rule.curve(setting.levels).posterior(nothing)), rule.nearest(nothing))
