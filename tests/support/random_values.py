"""Random durations, amounts and rates, as people write them in a scenario file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]
Draw = st.DrawFn


def some(draw: Draw, keys: Mapping[str, st.SearchStrategy[Any]], chance: int = 5) -> Document:
    """Each of the keys with ``chance`` in ten."""
    return {key: draw(values) for key, values in keys.items() if draw(st.integers(0, 9)) < chance}


def days_text(days: float) -> str:
    """A number of days as people write it."""
    if days and days % 7 == 0:
        return f"{days // 7:g} week{'s' * (days != 7)}"
    return f"{days:g} day{'s' * (days != 1)}"


@st.composite
def constant_durations(draw: Draw, least: int = 0, most: int = 40) -> str:
    """A fixed duration: mostly a few whole days, now and then an odd number, half a day or months."""
    few = [day for day in (0, 1, 2, 3, 5, 7, 10, 14, 28) if least <= day <= most] or [most]
    kind = draw(st.integers(0, 9))
    if kind < 7:
        return days_text(draw(st.sampled_from(few)))
    if kind < 8:
        return days_text(draw(st.integers(least, most)))
    if kind < 9:
        return days_text(max(float(least), draw(st.sampled_from([0.25, 0.5, 1.3, 6.9, 7.1]))))
    return (
        draw(st.sampled_from(["1 month", "0.5 months", "0.05 years"]))
        if least <= 15 <= 31 <= most
        else days_text(least)
    )


@st.composite
def durations(draw: Draw, least: int = 0, most: int = 40) -> Any:
    """Any duration of at least ``least`` days: constants most of the time, then whole days, then every distribution."""
    kind = draw(st.integers(0, 9))
    if kind < 5:
        return draw(constant_durations(least, most))
    if kind < 7:
        whole = draw(st.lists(st.integers(least, min(most, least + 12)), min_size=1, max_size=4))
        values: Document = {"values": [days_text(day) for day in whole]}
        if draw(st.booleans()):
            values["weights"] = [draw(st.integers(1, 3)) for _ in whole]
        return {"empirical": values}
    # Whatever has no least value of its own is used only where 0 will do.
    form = draw(st.sampled_from(_FORMS if least == 0 else _BOUNDED_FORMS))
    low, middle, high = sorted(draw(st.tuples(*[st.integers(least, most)] * 3)))
    return _distribution(form, low, middle, high, lambda number: f"{number:g} days")


@st.composite
def amounts(draw: Draw, low: int, high: int) -> Any:
    """A positive quantity (cells, kilograms): a few round values, or any distribution."""
    kind = draw(st.integers(0, 9))
    if kind < 4:
        return draw(st.integers(low, high))
    if kind < 6:
        return {"empirical": {"values": draw(st.lists(st.integers(low, high), min_size=1, max_size=4))}}
    least, middle, most = sorted(draw(st.tuples(*[st.integers(low, high)] * 3)))
    return _distribution(draw(st.sampled_from(_FORMS)), least, middle, most, lambda number: number)


_BOUNDED_FORMS = ("uniform", "triangular", "pert")
_FORMS = (*_BOUNDED_FORMS, "exponential", "gamma", "lognormal", "lognormal_p90", "weibull")


def _distribution(form: str, low: int, middle: int, high: int, write: Any) -> Document:
    """A distribution of the given form around three numbers that do not decrease."""
    average = write(max(middle, 1))
    if form == "uniform":
        return {"uniform": {"min": write(low), "max": write(high)}}
    if form in ("triangular", "pert"):
        return {form: {"min": write(low), "mode": write(middle), "max": write(high)}}
    if form == "exponential":
        return {"exponential": {"mean": average}}
    if form == "weibull":
        return {"weibull": {"shape": 0.5 + low % 4 / 2, "scale": average}}
    if form == "lognormal_p90":
        return {"lognormal": {"median": average, "p90": write(max(middle, 1) + high - low)}}
    return {form: {"mean": average, "sd": write(1 + (high - low) // 3)}}


def per_time(per_day: float) -> st.SearchStrategy[str]:
    """A rate as people write it, in one of the four units."""
    units = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
    return st.sampled_from(sorted(units)).map(lambda unit: f"{per_day * units[unit]:.4g} per {unit}")
