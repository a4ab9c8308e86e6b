"""Doses in stock over time, and doses that expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trialsim.analysis.grouping import Flags, Floats, Ints, Replications

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.scenario import Scenario


class Stock:
    """The whole doses that lots in stock hold, reserved ones too, in each of many replications.

    A dose is one of the level at which the latest place was given, for somebody of the median weight; an autologous
    lot is one dose. A lot is in stock from the day on which it is at hand until its shelf life is over or the trial
    ends; an autologous one that was discarded is never.

    Parameters
    ----------
    scenario : Scenario
        With a product and dosing.
    ends, participants, lots : DataFrame
        As in `trialsim.tables`; of ``ends``, ``replication`` and ``end_day`` are read.
    """

    def __init__(self, scenario: Scenario, ends: pd.DataFrame, participants: pd.DataFrame, lots: pd.DataFrame) -> None:
        assert scenario.product is not None and scenario.dosing is not None
        groups = Replications(ends["replication"])
        self.count = groups.count
        self.end_day = ends["end_day"].to_numpy(dtype=float)
        self._lot_rows = groups.rows(lots)
        self._autologous = scenario.product.kind == "autologous"
        self._cells = lots["cells"].to_numpy(dtype=float)
        self._available = lots["available_day"].to_numpy(dtype=float)
        shelf = lots["expiry_day"].to_numpy(dtype=float)
        end = self.end_day[self._lot_rows]
        self._expires = np.where(shelf <= end, shelf, np.nan)
        self._until = np.where(shelf <= end, shelf, end)
        if self._autologous:
            discarded = (lots["outcome"] == "expired").to_numpy() & np.isnan(self._expires)
            self._available = np.where(discarded, np.nan, self._available)

        rows = groups.rows(participants)
        given = (participants["infusion_day"].notna() & participants["lot"].notna()).to_numpy()
        place = {key: at for at, key in enumerate(zip(self._lot_rows, lots["lot"], strict=True))}
        mine = participants[given]
        self._given_from = np.array([place[key] for key in zip(rows[given], mine["lot"], strict=True)], dtype=np.int64)
        self._given_day = mine["infusion_day"].to_numpy(dtype=float)
        self._given_cells = mine["dose_cells"].to_numpy(dtype=float)

        dosing, people = scenario.dosing, scenario.participants
        weight = people.weight_kg.median() if people and people.weight_kg else 0.0
        self._dose = np.array([one.amount * weight if one.per_kg else one.amount for one in dosing.levels])
        self._start_level = dosing.start_level
        placed = (participants["enrolment_day"].notna() & participants["level"].notna()).to_numpy()
        day = participants["enrolment_day"].to_numpy(dtype=float)[placed]
        self._span = 2.0 + max(float(self.end_day.max(initial=0.0)), float(day.max(initial=0.0)))
        order = np.lexsort((day, rows[placed]))
        self._places = (rows[placed] * self._span + day)[order]
        self._first = np.searchsorted(self._places, np.arange(self.count) * self._span)
        self._levels = participants["level"].to_numpy(dtype=float, na_value=np.nan)[placed][order]

    def doses(self, day: float) -> Floats:
        """Doses in stock at the end of a moment, shape (replications,); none in a trial that is over."""
        there = (self._available <= day) & (day < self._until)
        return self._sum(there, self._whole(day, np.full(len(self._cells), float(day))))

    def expired(self, day: float) -> Floats:
        """Doses that have expired so far, shape (replications,)."""
        days = np.where(np.isnan(self._expires), 0.0, self._expires)
        return self._sum((self._expires <= day) & (self._available <= days), self._whole(np.inf, days))

    def changes(self, replication: int) -> Floats:
        """The days on which the stock of one replication, by its position, may change, ascending."""
        mine = self._lot_rows == replication
        days = [0.0, self.end_day[replication], *self._available[mine], *self._expires[mine]]
        days += self._given_day[mine[self._given_from]].tolist()
        low, high = replication * self._span, (replication + 1) * self._span
        days += (self._places[(self._places >= low) & (self._places < high)] - low).tolist()
        known = np.array(days, dtype=float)
        return np.unique(known[known <= self.end_day[replication]])

    def expiries(self, replication: int) -> list[tuple[float, int]]:
        """The days on which doses of one replication, by its position, expired, and how many."""
        days = np.where(np.isnan(self._expires), 0.0, self._expires)
        whole = self._whole(np.inf, days)
        chosen = (self._lot_rows == replication) & ~np.isnan(self._expires) & (self._available <= days) & (whole > 0)
        return sorted(zip(self._expires[chosen].tolist(), whole[chosen].astype(int).tolist(), strict=True))

    def _whole(self, day: float, level_days: Floats) -> Floats:
        """Whole doses left in each lot on a day, of the level of another day each."""
        before = self._given_day <= day
        taken = np.bincount(self._given_from[before], self._given_cells[before], minlength=len(self._cells))
        if self._autologous:
            return np.where(taken > 0, 0.0, 1.0)
        left = np.nan_to_num(self._cells) - taken
        doses = left / self._dose[self._level(self._lot_rows, level_days) - 1]
        whole: Floats = np.floor(doses * (1 + 1e-12))  # three doses of 0.1 in 0.3 are three
        return whole

    def _level(self, rows: Ints, days: Floats) -> Ints:
        """The level at which the latest place was given."""
        at = np.searchsorted(self._places, rows * self._span + np.minimum(days, self._span - 1), side="right")
        none_yet = at == self._first[rows]
        if not len(self._levels):
            return np.full(len(rows), self._start_level)
        levels: Ints = np.where(none_yet, self._start_level, self._levels[at - 1]).astype(np.int64)
        return levels

    def _sum(self, chosen: Flags, amounts: Floats) -> Floats:
        return np.bincount(self._lot_rows, np.where(chosen, amounts, 0.0), minlength=self.count).astype(float)
