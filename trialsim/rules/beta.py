"""Tail probabilities of the beta distribution: what the data say about the probability of a DLT."""

from __future__ import annotations

from bisect import bisect
from functools import lru_cache

# Beyond this, binomial coefficients no longer fit a float.
_LONGEST_SUM = 1000


def upper_tail(threshold: float, a: float, b: float) -> float:
    """Return P(X > threshold) for X ~ Beta(a, b), threshold strictly between 0 and 1.

    Whole parameters need no special function: P(X > t) is the probability of at most a - 1 successes in a + b - 1
    trials of probability t.
    """
    if a == int(a) and b == int(b) and a + b <= _LONGEST_SUM:
        trials, ways, total = int(a + b) - 1, 1, 0.0
        for k in range(int(a)):
            total += ways * threshold**k * (1 - threshold) ** (trials - k)
            ways = ways * (trials - k) // (k + 1)
        return min(total, 1.0)
    from scipy.special import betaincc

    return float(betaincc(a, b, threshold))


@lru_cache(maxsize=65536)
def too_toxic_from(evaluable: int, target: float, cutoff: float, a: float = 1, b: float = 1) -> int:
    """Return the smallest number of DLTs among `evaluable` with P(p > target | data) > cutoff, prior Beta(a, b).

    The answer is `evaluable + 1` if there is no such number.
    """
    return bisect(
        range(evaluable + 1), False, key=lambda dlts: upper_tail(target, a + dlts, b + evaluable - dlts) > cutoff
    )


def too_toxic_table(length: int, least: int, target: float, cutoff: float, a: float = 1, b: float = 1) -> list[int]:
    """Return `too_toxic_from` for 0 to `length - 1` evaluable participants; fewer than `least` are never enough."""
    table, dlts = [], 0
    for evaluable in range(length):  # one more evaluable never makes fewer DLTs too many
        while dlts <= evaluable and upper_tail(target, a + dlts, b + evaluable - dlts) <= cutoff:
            dlts += 1
        table.append(dlts if evaluable >= least else evaluable + 1)
    return table
