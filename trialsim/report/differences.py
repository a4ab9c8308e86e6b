"""How the difference between two scenarios is said."""

from __future__ import annotations

from trialsim.analysis.measures import is_share, scale


def signed(value: float | None, low: float | None, high: float | None, measure: str, replications: int) -> str:
    """A mean difference with its interval: months of a milestone, points of a chance, or a count."""
    if value is None:
        return "?"
    digits, unit = (0, " points") if is_share(measure) else (1, "")
    value, *ends = (each * scale(measure) for each in (value, low, high) if each is not None)
    form = f"+z.{digits + _is_small(digits, value, *ends)}f"
    if ends and min(ends) * max(ends) > 0:
        form = form.replace("z", "")  # a bound that is rounded to 0 is still on its side of it
    if not ends:
        return f"{value:{form}}{unit}" + (" in every pair" if replications > 1 else "")
    return f"{value:{form}}{unit} ({' to '.join(f'{end:{form}}' for end in ends)})"


def _is_small(digits: int, value: float, *ends: float) -> bool:
    """Whether with so many digits all would be 0, or an interval without 0 would seem to hold it."""
    small = [abs(each) < 10.0**-digits for each in (value, *ends)]
    near = [abs(each) < 0.5 * 10.0**-digits for each in ends]
    return any((value, *ends)) and (all(small) or (any(near) and min(ends) * max(ends) > 0))
