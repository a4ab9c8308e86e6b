"""Doses: what is reserved of a lot for one participant, perhaps changed, and then given or given up."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from trialsim.model.path import START, Step, later, wait
from trialsim.model.records import Lot, Participant
from trialsim.vocabulary import LotOutcome, Piece

if TYPE_CHECKING:
    from trialsim.model.manufacturing import Manufacturing
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.product import Product as Layer


class Doses:
    """Doses from the lots in stock. One comes from a single lot; if none holds it, an under-dose may do."""

    def __init__(self, trial: Trial, layer: Layer, manufacturing: Manufacturing) -> None:
        assert trial.scenario.dosing is not None
        self.trial, self.manufacturing = trial, manufacturing
        self.levels = trial.scenario.dosing.levels
        self.least_share = layer.minimum_dose_fraction
        self.freed = START
        """When somebody last was infused or left, so that cells may have become free."""

    def cells(self, level: int, weight_kg: float) -> float:
        """Cells in a dose of the given level."""
        dose = self.levels[level - 1]
        return dose.amount * weight_kg if dose.per_kg else dose.amount

    def needed(self) -> int:
        """How many more doses must be reserved before the trial is full."""
        places = self.trial.places
        if places.closed_for_good:
            return 0
        return places.maximum - places.holders + len(self.trial.infusion.lacking)

    def reserve(self, person: Participant, day: float) -> bool:
        """Reserve a dose for an infusion on ``day``: from the lot that expires first, or else an under-dose."""
        assert person.level is not None
        asked = self.cells(person.level, person.weight_kg or 0.0)
        valid = [lot for lot in self.manufacturing.lots_for(person) if lot.valid_on(day)]
        whole = [lot for lot in valid if lot.cells_free >= asked]
        if whole:
            lot = min(whole, key=lambda lot: inf if lot.expiry_day is None else lot.expiry_day)
            cells = asked
        else:
            short = [lot for lot in valid if lot.cells_free >= asked * self.least_share]
            if not short:
                return False
            lot = max(short, key=lambda lot: lot.cells_free)
            cells = lot.cells_free
        lot.cells_reserved += cells
        person.lot, person.dose_cells, person.under_dosed = lot.lot, cells, cells < asked
        return True

    def reserved(self, person: Participant) -> Step:
        """The reservation just made, on its path: the enrolment bound it, the arrival of the lot, or cells set free."""
        assert person.lot is not None
        lot = self.manufacturing.lots[person.lot - 1]
        return wait(later(later(person.path, lot.path), self.freed), Piece.PRODUCT, self.trial.clock.now)

    def change_level(self, person: Participant, level: int) -> bool:
        """Turn what is reserved into a dose of another level; False if the lot does not hold it."""
        assert person.lot is not None and person.dose_cells is not None
        lot, asked = self.manufacturing.lots[person.lot - 1], self.cells(level, person.weight_kg or 0.0)
        at_hand = lot.cells_free + person.dose_cells
        if at_hand < asked * self.least_share:
            return False
        cells = min(asked, at_hand)
        lot.cells_reserved += cells - person.dose_cells
        person.dose_cells, person.under_dosed = cells, cells < asked
        return True

    def infuse(self, person: Participant) -> None:
        """Give the reserved dose: its cells are infused."""
        assert person.lot is not None and person.dose_cells is not None
        lot = self.manufacturing.lots[person.lot - 1]
        lot.cells_reserved -= person.dose_cells
        lot.cells_infused += person.dose_cells
        self.freed = person.booked

    def give_up(self, person: Participant, why: Step) -> None:
        """Free a reserved dose again: the person has left."""
        if person.lot is not None:
            assert person.dose_cells is not None
            self.manufacturing.lots[person.lot - 1].cells_reserved -= person.dose_cells
            person.lot = person.dose_cells = None
            person.under_dosed = False
            self.freed = why

    def refuse_if_too_small(self, lot: Lot, person: Participant) -> bool:
        """Discard a lot, made for one person, that does not hold even the smallest share of their dose."""
        assert person.level is not None
        asked = self.cells(person.level, person.weight_kg or 0.0)
        if lot.cells_free >= asked * self.least_share:
            return False
        lot.outcome = LotOutcome.EXPIRED
        return True


class AlwaysAtHand:
    """Without a product in the scenario, a dose is always at hand."""

    def needed(self) -> int:
        """No dose has to be made."""
        return 0

    def reserve(self, person: Participant, day: float) -> bool:
        """There is a dose."""
        return True

    def reserved(self, person: Participant) -> Step:
        """At the enrolment."""
        return person.path

    def change_level(self, person: Participant, level: int) -> bool:
        """There is a dose of any level."""
        return True

    def infuse(self, person: Participant) -> None:
        """It is given."""

    def give_up(self, person: Participant, why: Step) -> None:
        """It is still there."""
