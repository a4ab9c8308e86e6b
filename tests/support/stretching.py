"""Random scenarios in which everything that is waited for belongs to one cause, and can be stretched alone.

There is no calendar in them (no weekdays, meetings, periods or looks), and nobody is turned away: a moment is the sum
of the durations before it. Durations are continuous, so that no two moments coincide by chance.
"""

from __future__ import annotations

import random
from typing import Any

from trialsim.scenario import Scenario
from trialsim.vocabulary import Piece

STRETCHED = tuple(piece for piece in Piece if piece not in (Piece.SLOT, Piece.PREPARATION))
"""An infusion unit works by whole days, so its calendar and its notice cannot be stretched a little."""

_RULES: tuple[Any, ...] = (
    "three_plus_three",
    "ladder",
    "rolling_six",
    {"boin": {"target": 0.25}},
    {"tite_boin": {"target": 0.25, "minimum_follow_up": 0.4}},
)


class Stretching:
    """A random scenario, the same for the same number, in which the durations of one cause are multiplied."""

    def __init__(self, number: int, cause: Piece | None = None, factor: float = 1.0) -> None:
        self.luck = random.Random(number)
        self.cause, self.factor = cause, factor

    def scenario(self) -> Scenario:
        """The scenario itself."""
        luck = self.luck
        document: dict[str, Any] = {
            "format": 1,
            "trial": {"name": "stretched", "start_date": "2024-01-01", "max_participants": luck.randint(4, 20)},
            "recruitment": {
                "while_closed": "queue",
                "sites": [self._site(name) for name in "ABC"[: luck.randint(1, 3)]],
            },
            "stopping": {"time_limit": "15 years"},
        }
        document |= self._people()
        has_product = luck.random() < 0.6
        if has_product:
            document["product"] = self._product()
        if has_product or luck.random() < 0.9:
            document |= self._dosing("cells" if has_product else "mg")
        return Scenario.from_document(document)

    def _days(self, cause: Piece, days: float) -> str:
        return f"{days * self._times(cause):.17g} days"

    def _times(self, cause: Piece) -> float:
        return self.factor if cause == self.cause else 1.0

    def _random(self, cause: Piece, mean: float) -> Any:
        """A random duration, or a fixed one, of about that mean."""
        mean *= self.luck.uniform(0.5, 1.5)
        kind = self.luck.choice(("gamma", "lognormal", "exponential", "constant"))
        if kind == "constant":
            return self._days(cause, mean)
        spread = {} if kind == "exponential" else {"sd": self._days(cause, mean * self.luck.uniform(0.1, 0.6))}
        return {kind: {"mean": self._days(cause, mean), **spread}}

    def _site(self, name: str) -> dict[str, Any]:
        luck = self.luck
        rate = luck.choice((0.03, 0.1, 0.3)) * luck.uniform(0.5, 1.5) / self._times(Piece.RECRUITMENT)
        site = {"name": name, "rate": f"{rate:.17g} per day", "activation": self._random(Piece.START_UP, 60.0)}
        if luck.random() < 0.3:
            site["ramp_up"] = self._days(Piece.RECRUITMENT, luck.uniform(10.0, 90.0))
        return site

    def _people(self) -> dict[str, Any]:
        luck, sections = self.luck, {}
        if luck.random() < 0.8:
            screening = {"duration": self._random(Piece.SCREENING, 20.0), "pass_probability": luck.uniform(0.4, 1.0)}
            if luck.random() < 0.4:
                screening["capacity"] = luck.randint(1, 3)
            sections["screening"] = screening
        if luck.random() < 0.6:
            rate = luck.uniform(0.001, 0.01) / self._times(Piece.REPLACEMENT)
            waiting: dict[str, Any] = {"withdrawal": f"{rate:.17g} per day"}
            if luck.random() < 0.5:
                waiting["eligibility_valid"] = self._days(Piece.REPLACEMENT, luck.uniform(40.0, 90.0))
                waiting["rescreen_probability"] = 0.5
            sections["waiting"] = waiting
        return sections

    def _product(self) -> dict[str, Any]:
        luck = self.luck
        product: dict[str, Any] = {
            "kind": luck.choice(("allogeneic", "autologous")),
            "policy": "to_order",
            "cells_per_lot": {"uniform": {"min": 1.5, "max": 6}},
            "minimum_dose_fraction": 0.8,
            "release_probability": luck.choice((1.0, 0.8)),
            "first_start": self._days(Piece.PRODUCT, luck.choice((0.0, 100.0 * luck.random()))),
        }
        if product["kind"] == "allogeneic" and luck.random() < 0.5:
            product |= {"policy": "to_stock", "target_doses": luck.randint(1, 4), "lots_in_stock_at_start": 1}
        for name, mean in (("donation", 10.0), ("expansion", 30.0), ("release_testing", 14.0), ("shipping", 2.0)):
            product[name] = self._random(Piece.PRODUCT, mean)
        if luck.random() < 0.6:
            product["suites"] = luck.randint(1, 2)
        if luck.random() < 0.4:
            product["shelf_life"] = self._days(Piece.PRODUCT, luck.uniform(60.0, 200.0))
        return product

    def _dosing(self, unit: str) -> dict[str, Any]:
        luck = self.luck
        dosing: dict[str, Any] = {
            "levels": [f"1 {unit}", f"2 {unit}"],
            "rule": luck.choice(_RULES),
            "observation": self._days(Piece.OBSERVATION, luck.uniform(5.0, 40.0)),
            "sentinel": self._days(Piece.SPACING, luck.choice((0.0, 20.0 * luck.random()))),
            "stagger": self._days(Piece.SPACING, luck.choice((0.0, 10.0 * luck.random()))),
        }
        if luck.random() < 0.7:
            dosing["review"] = self._random(Piece.REVIEW, 10.0)
        if dosing["rule"] == "ladder" or isinstance(dosing["rule"], dict):
            dosing["cohort_size"] = 3
        truth = {"dlt_probability": [0.15, 0.3], "dlt_onset": {"beta": {"mean": 0.4, "sd": 0.2}}}
        return {"dosing": dosing, "truth": truth | {"loss_in_window_probability": luck.choice((0.0, 0.1))}}
