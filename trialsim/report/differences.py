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
    largest = scale * max(abs(each) for each in (value, low or 0.0, high or 0.0))
    form = f"+z.{digits + (0 < largest < 10.0**-digits)}f"
    if low is None or high is None:
        return f"{value * scale:{form}}{unit}" + (" in every pair" if replications > 1 else "")
    return f"{value * scale:{form}}{unit} ({low * scale:{form}} to {high * scale:{form}})"
