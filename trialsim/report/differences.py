"""How the difference between two scenarios is said."""

from __future__ import annotations

from trialsim.analysis.measures import is_share
from trialsim.tables import COUNTS
from trialsim.vocabulary import MONTH


def signed(value: float | None, low: float | None, high: float | None, measure: str, replications: int) -> str:
    """A mean difference with its interval: months of a milestone, points of a chance, or a count."""
    scale, digits, unit = (
        (100.0, 0, " points") if is_share(measure) else (1.0 if measure in COUNTS else 1 / MONTH, 1, "")
    )
    if value is None:
        return "?"
    ends = [] if low is None or high is None else [low, high]
    form = f"+z.{digits + _is_small(scale, digits, value, *ends)}f"
    if ends and min(ends) * max(ends) > 0:
        form = form.replace("z", "")  # a bound that is rounded to 0 is still on its side of it
    if low is None or high is None:
        return f"{value * scale:{form}}{unit}" + (" in every pair" if replications > 1 else "")
    return f"{value * scale:{form}}{unit} ({low * scale:{form}} to {high * scale:{form}})"


def _is_small(scale: float, digits: int, value: float, *ends: float) -> bool:
    """Whether with so many digits all would be 0, or an interval without 0 would seem to hold it."""
    small = [abs(scale * each) < 10.0**-digits for each in (value, *ends)]
    near = [abs(scale * each) < 0.5 * 10.0**-digits for each in ends]
    return any((value, *ends)) and (all(small) or (any(near) and min(ends) * max(ends) > 0))
