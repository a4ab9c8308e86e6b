"""How many people each site brings, and how unlike one another the sites of a trial are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trialsim.analysis.grouping import Floats, Ints, Replications

if TYPE_CHECKING:
    import pandas as pd


class OfSites(NamedTuple):
    """People of each site in each replication, shape (replications, sites), in the order of ``names``."""

    names: Sequence[str]
    counts: Ints

    @property
    def idle(self) -> float:
        """The mean number of sites that bring nobody."""
        return float((self.counts == 0).sum(axis=1).mean())

    def ranked(self) -> Ints:
        """The people of the busiest, the second busiest site and so on, in each replication."""
        return np.asarray(-np.sort(-self.counts, axis=1), dtype=np.int64)

    def spread(self, ranked: bool = False) -> tuple[Floats, Floats, Floats]:
        """Means, P10 and P90 between trials, of sites by name or by rank."""
        counts = self.ranked() if ranked else self.counts
        p10, p90 = np.quantile(counts, [0.1, 0.9], axis=0, method="inverted_cdf")  # whole persons
        return counts.mean(axis=0), p10.astype(float), p90.astype(float)

    def concentration(self, share: float = 0.2) -> float | None:
        """The share of all people whom the busiest ``share`` of the sites bring, of all trials; None of nobody."""
        top = max(1, round(share * len(self.names)))
        total = float(self.counts.sum())
        return float(self.ranked()[:, :top].sum()) / total if total else None


def of_sites(names: Sequence[str], ends: pd.DataFrame, participants: pd.DataFrame, column: str) -> OfSites:
    """The people of each site to whom something happened.

    Parameters
    ----------
    names : sequence of str
        All sites of the scenario.
    ends, participants : DataFrame
        As in `trialsim.tables`; of ``ends``, ``replication`` is read.
    column : str
        The day on which it happened, as ``infusion_day``; missing for those to whom it did not.
    """
    groups = Replications(ends["replication"])
    happened = participants[column].notna().to_numpy()
    place = {name: at for at, name in enumerate(names)}
    sites = np.array([place[name] for name in participants["site"][happened]], dtype=np.int64)
    rows = groups.rows(participants)[happened]
    counts = np.bincount(rows * len(names) + sites, minlength=groups.count * len(names))
    return OfSites(tuple(names), counts.reshape(groups.count, len(names)).astype(np.int64))
