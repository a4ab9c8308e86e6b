"""How differences are said: no interval is rounded into one that says something else."""

from __future__ import annotations

import pytest

from trialsim.report.differences import signed
from trialsim.vocabulary import MONTH


@pytest.mark.parametrize(
    ("months", "said"),
    [
        ((-10, -11, -9), "-10.0 (-11.0 to -9.0)"),
        ((-0.2, -0.4, -0.03), "-0.20 (-0.40 to -0.03)"),
        ((-0.2, -0.7, 0.04), "-0.2 (-0.7 to +0.0)"),
        ((0.01, -0.02, 0.03), "+0.01 (-0.02 to +0.03)"),
        ((-0.01, -0.02, -0.0001), "-0.01 (-0.02 to -0.00)"),
        ((0.02, None, None), "+0.02 in every pair"),
        ((0, None, None), "+0.0 in every pair"),
        ((None, None, None), "?"),
    ],
)
def test_a_milestone_is_said_in_months(months: tuple[float | None, ...], said: str) -> None:
    mean, low, high = (None if each is None else each * MONTH for each in months)
    assert signed(mean, low, high, "settled", 100) == said


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((-0.25, -0.3, -0.2), "-25 points (-30 to -20)"),
        ((-0.02, -0.06, -0.003), "-2.0 points (-6.0 to -0.3)"),
        ((0, -0.004, 0.004), "+0.0 points (-0.4 to +0.4)"),
    ],
)
def test_a_chance_is_said_in_points(shares: tuple[float, float, float], said: str) -> None:
    assert signed(*shares, "early_termination", 100) == said
