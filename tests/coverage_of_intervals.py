"""How often 95 % intervals hold the truth: of so many replications, and of as many as a precision asks for.

Usage: python -m tests.coverage_of_intervals [REPEATS]

Values are drawn whose truth is known, and go through the program's own estimates. ``naive`` is what `--precision` does
not do: to look after every ten replications, and to stop as soon as the interval is narrow enough.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pandas as pd
from scipy import stats

from trialsim.analysis.precision import FIRST, MOST, Wanted, next_size, reached

REPEATS = 2000
FIXED, EVERY, BEGIN = 400, 10, 20
TENTH = stats.gamma(10, scale=30.0)
"""The day of the tenth event of a Poisson process, one a month."""


@dataclass(frozen=True)
class Case:
    """An estimate whose truth is known.

    ``narrow`` is a half-width that takes about a thousand replications, ``easy`` one that takes less than the first
    look has: it shows what stopping too early does.
    """

    name: str
    truth: float
    narrow: float
    easy: float
    days: Callable[[np.random.Generator, int], np.ndarray] | None = None
    base: Callable[[np.random.Generator, np.ndarray], np.ndarray] | None = None
    chance: float | None = None

    def draw(self, luck: np.random.Generator, size: int) -> tuple[pd.DataFrame, ...]:
        """Some replications, of the plan and, of a difference, of its base."""
        if self.chance is not None:
            ends = np.where(luck.random(size) < self.chance, "safety", "completed").astype(object)
            return (pd.DataFrame({"end_cause": ends}),)
        assert self.days is not None
        days = self.days(luck, size)
        sides = [days] if self.base is None else [days, self.base(luck, days)]
        return tuple(pd.DataFrame({"end_day": side}) for side in sides)


def _tenth(luck: np.random.Generator, size: int) -> np.ndarray:
    return luck.gamma(10, 30.0, size)


def _half_width(share: float, size: int) -> float:
    """Of a quantile's interval, about: the error of the share over the density."""
    return float(1.96 * sqrt(share * (1 - share) / size) / TENTH.pdf(TENTH.ppf(share)))


CASES = (
    Case("settled_p50", float(TENTH.ppf(0.5)), _half_width(0.5, 1000), _half_width(0.5, 60), _tenth),
    Case("settled_p80", float(TENTH.ppf(0.8)), _half_width(0.8, 1000), _half_width(0.8, 60), _tenth),
    Case("early_termination", 0.02, 0.0087, 0.035, chance=0.02),
    Case("early_termination", 0.5, 0.031, 0.12, chance=0.5),
    Case(
        "settled_difference",
        30.0,
        1.96 * 30 / sqrt(1000),
        1.96 * 30 / sqrt(60),
        _tenth,
        lambda luck, days: days - luck.exponential(30, len(days)),
    ),
)


def fixed(case: Case, luck: np.random.Generator) -> tuple[pd.DataFrame, ...]:
    """A number of replications that nothing depends on."""
    return case.draw(luck, FIXED)


def precise(case: Case, luck: np.random.Generator) -> tuple[pd.DataFrame, ...]:
    """As many as `--precision` takes."""
    tables = case.draw(luck, FIRST)
    while True:
        found = reached([Wanted(case.name, case.narrow)], tables, len(tables) - 1)
        size = next_size(len(tables[0]), found, MOST)
        if size is None:
            return tables
        tables = _more(tables, case.draw(luck, size - len(tables[0])))


def naive(case: Case, luck: np.random.Generator) -> tuple[pd.DataFrame, ...]:
    """As many as it takes until the interval is narrow enough for the first time."""
    tables = case.draw(luck, BEGIN)
    while not reached([Wanted(case.name, case.easy)], tables, len(tables) - 1)[0].met:
        tables = _more(tables, case.draw(luck, EVERY))
    return tables


def _more(tables: tuple[pd.DataFrame, ...], new: tuple[pd.DataFrame, ...]) -> tuple[pd.DataFrame, ...]:
    return tuple(pd.concat(pair, ignore_index=True) for pair in zip(tables, new, strict=True))


def coverage(
    case: Case, how: Callable[[Case, np.random.Generator], tuple[pd.DataFrame, ...]], repeats: int = REPEATS
) -> tuple[float, float]:
    """The share of intervals that hold the truth, and how many replications there were on average."""
    holds, sizes = 0, 0
    for repeat in range(repeats):
        table, *base = how(case, np.random.default_rng([repeat, 7]))
        interval = Wanted(case.name, case.narrow).interval(table, *base)
        assert interval is not None
        low = -np.inf if interval.low is None else interval.low
        high = np.inf if interval.high is None else interval.high
        holds += low <= case.truth <= high
        sizes += len(table)
    return holds / repeats, sizes / repeats


def report(repeats: int) -> Iterator[str]:
    """A line an estimate."""
    yield f"{'estimate':22}{'truth':>8}" + "".join(f"{how:>10}{'of':>7}" for how in ("fixed", "precise", "naive"))
    for case in CASES:
        found = [coverage(case, how, repeats) for how in (fixed, precise, naive)]
        shown = "".join(f"{100 * share:>8.1f} %{size:>7,.0f}" for share, size in found)
        yield f"{case.name:22}{case.truth:>8.4g}{shown}"
    error = 100 * sqrt(0.95 * 0.05 / repeats)
    yield f"{repeats:,} intervals each; the standard error of a coverage of 95 % is {error:.1f} points"


if __name__ == "__main__":
    begin = time.process_time()
    for line in report(int(sys.argv[1]) if len(sys.argv) > 1 else REPEATS):
        print(line, flush=True)
    print(f"{time.process_time() - begin:.0f} s")
