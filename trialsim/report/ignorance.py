"""How much is luck and how much is not known, in some lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialsim.vocabulary import MONTH, Milestone
from trialsim.wording import percent, percent_range

_SEEN = 0.001
"""A share whose interval ends below this is told as less than that, without the interval."""


def lines(found: Mapping[str, Any], milestone: Milestone, words: str, unknown: int) -> Iterator[str]:
    """Sentences about a milestone, called ``words``, and about the risk of ending early.

    Parameters
    ----------
    found : mapping
        What `trialsim.analysis.ignorance.ignorance` returns.
    milestone : Milestone
        The one that the report begins with.
    words : str
        What the report calls it.
    unknown : int
        How many keys are not known.
    """
    keys = f"{unknown} value{'s' * (unknown != 1)} of the scenario {'are' if unknown != 1 else 'is'} not known"
    days, risk = found["milestones"][milestone], found["early_termination"]
    if days["ignorance"] is None:
        yield f"{keys}; {found['pairs']:,} pairs of trials are too few to tell luck from ignorance."
        return
    share = f"{percent(days['ignorance'])} ({percent_range(days['low'], days['high'])})"
    yield f"{keys}: {share} of the variance of the day ({words}) is ignorance, the rest luck."
    sd, luck = days["sd"] / MONTH, days["luck_sd"] / MONTH
    yield f"Known, they would leave a spread (sd) of {luck:,.1f} months of {sd:,.1f}: what luck alone does."
    if risk["variance"]["ignorance"] is None:
        return
    low, high = (_with_error(risk, name) for name in ("p10", "p90"))
    spread = f"The risk of ending early lies from {low} to {high}"
    yield f"{spread} in 8 of 10 cases of what is thought possible (if it has a beta distribution)."


def _with_error(risk: Mapping[str, Any], name: str) -> str:
    low, high = risk[f"{name}_low"], risk[f"{name}_high"]
    return percent(risk[name]) + (f" ({percent_range(low, high)})" if high >= _SEEN else "")
