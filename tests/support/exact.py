"""What the exact tests share: building a scenario, running it many times, and comparing with an exact number.

A comparison accepts four standard errors. Seeds are fixed, so a test that passes always passes. Exact numbers are
derived in the tests (a formula, `scipy.stats`, an enumeration), never taken from the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Any

import numpy as np

from trialsim.model import History, Participant, run
from trialsim.scenario import Scenario

MONTH = 30.4375
YEAR = 365.25
MANY = 1_000_000
"""More participants than a trial ever gets: it then ends for another reason."""

SLACK = 4
"""Standard errors."""


def build(max_participants: int, recruitment: Any, start_date: str = "2024-01-01", **sections: Any) -> Scenario:
    """A scenario in a few words; day 0 is a Monday.

    `recruitment` is the section, or the list of its sites, or the arrival days of a single site called A, or the rate
    of that site.
    """
    if isinstance(recruitment, str):
        recruitment = {"sites": [{"name": "A", "rate": recruitment}]}
    elif not isinstance(recruitment, Mapping):
        entries = list(recruitment)
        listed = bool(entries) and isinstance(entries[0], Mapping)
        recruitment = {"sites": entries if listed else [{"name": "A", "arrival_days": entries}]}
    trial = {"name": "exact", "start_date": start_date, "max_participants": max_participants}
    return Scenario.from_document({"format": 1, "trial": trial, "recruitment": recruitment, **sections})


def group(**changes: Any) -> dict[str, Any]:
    """A dosing section with one flat dose of one cell and one cohort for everybody: it brings no waiting of its own."""
    return {"levels": ["1 cells"], "cohort_size": MANY, "rule": "fixed", **changes}


def histories(scenario: Scenario, replications: int, seed: int = 1) -> list[History]:
    """Replications 1, 2, …"""
    return [run(scenario, seed, replication) for replication in range(1, replications + 1)]


def once(scenario: Scenario, seed: int = 1) -> History:
    """One replication, where nothing is random."""
    return run(scenario, seed, 1)


def infused(history: History) -> list[Participant]:
    """Those infused, in order of time."""
    return sorted(
        (person for person in history.participants if person.infusion_day is not None),
        key=lambda person: (person.infusion_day or 0.0, person.participant),
    )


def infusion_days(history: History) -> list[float]:
    """When, in order of time."""
    return [person.infusion_day for person in infused(history) if person.infusion_day is not None]


def outcomes(history: History) -> list[str]:
    """What became of each candidate, in order of arrival."""
    return [person.outcome for person in history.participants]


def within(estimate: float, exact: float, se: float, slack: float = SLACK) -> None:
    """Assert that an estimate is within so many standard errors of the exact number."""
    off = abs(estimate - exact)
    message = f"{estimate:.6g} is {off / se if se else float('inf'):.1f} standard errors ({se:.3g}) from {exact:.6g}"
    assert off <= slack * se + 1e-12 * abs(exact), message


def mean_is(samples: Iterable[float], exact: float, sd: float | None = None) -> None:
    """Assert a mean. The standard error comes from the exact SD where that is known, else from the samples."""
    values = np.fromiter(samples, dtype=float)
    spread = float(values.std(ddof=1)) if sd is None else sd
    within(float(values.mean()), exact, spread / sqrt(len(values)))


def share_is(hits: Iterable[bool], exact: float) -> None:
    """Assert a proportion, with the binomial standard error of the exact one."""
    values = np.fromiter(hits, dtype=float)
    within(float(values.mean()), exact, sqrt(exact * (1 - exact) / len(values)))


def shares_are(values: Iterable[Any], exact: Mapping[Any, float]) -> None:
    """Assert the probability of each of several values, and that there are no others."""
    seen = list(values)
    assert abs(sum(exact.values()) - 1) < 1e-5, "the exact probabilities do not add up"
    assert set(seen) <= set(exact), f"unexpected: {set(seen) - set(exact)}"
    for value, probability in exact.items():
        share_is((each == value for each in seen), probability)


def sd_is(samples: Iterable[float], exact: float) -> None:
    """Assert a standard deviation. Its standard error, by the delta method: sqrt((m4 - s^4)/n) / 2s."""
    values = np.fromiter(samples, dtype=float)
    deviations = values - values.mean()
    variance = float((deviations**2).mean())
    se = sqrt((float((deviations**4).mean()) - variance**2) / len(values)) / (2 * sqrt(variance))
    within(sqrt(variance), exact, se)


def quantiles_are(samples: Iterable[float], exact: Mapping[float, float]) -> None:
    """Assert quantiles of a continuous quantity: a share q of the samples lies below the exact q-quantile."""
    values = np.fromiter(samples, dtype=float)
    for probability, quantile in exact.items():
        share_is(values <= quantile, probability)
