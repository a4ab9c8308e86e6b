"""How people read it in messages, reports and figures: text, shares, counts, durations, cells."""

from __future__ import annotations

from trialsim.vocabulary import MONTH


def printable(text: str, keep: str = "\n") -> str:
    """The text with everything in it that a terminal would obey, and not show, as an escape: ``\\x1b``, ``\\u202e``.

    These are control sequences, and what turns or hides the text around it; of them only what ``keep`` names stays.
    """
    return "".join(
        sign if sign.isprintable() or sign in keep else sign.encode("unicode_escape").decode("ascii") for sign in text
    )


def percent(share: float | None) -> str:
    """A share in per cent, near 0 and 1 with a decimal, and never rounded to a certainty that it is not."""
    if share is None:
        return "?"
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0.9995 < share < 1:
        return ">99.9 %"
    return f"{100 * share:.{1 if 0 < share < 0.00995 or 0.99005 < share < 1 else 0}f} %"


def percent_range(low: float | None, high: float | None) -> str:
    """An interval of shares in per cent."""
    if low is None or high is None:
        return "?"
    close = f"{100 * low:.0f}" == f"{100 * high:.0f}" and low != high
    digits = 1 if close or 0 < high < 0.00995 or 0.99005 < low < 1 else 0
    return f"{100 * low:.{digits}f}–{100 * high:.{digits}f} %"


def number(value: float | None) -> str:
    """A count or a mean, short; a dash where there is none."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def between(low: str, high: str) -> str:
    """A range of two texts, their unit once if they have the same: ``0.3 to 2 per month``."""
    number, _, unit = low.partition(" ")
    return f"{number if unit and high.endswith(f' {unit}') else low} to {high}"


def unit(days: float) -> tuple[float, str]:
    """The unit in which to tell durations up to ``days``: its length in days, and its name."""
    return (MONTH, "months") if days >= 3 * MONTH else (1.0, "days")


def cells(count: float) -> str:
    """A number of cells, as people write it: 2.3e8."""
    mantissa, exponent = f"{count:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}" if count else "0"
