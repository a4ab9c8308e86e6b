"""Manufacturing: one cord, one lot, several doses; or one apheresis, one lot, for one participant."""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from typing import TYPE_CHECKING

from trialsim.model.clock import Moment
from trialsim.model.doses import AlwaysAtHand, Doses
from trialsim.model.path import START, Step, later, wait
from trialsim.model.records import Lot, Participant
from trialsim.vocabulary import LotOutcome, Outcome, Phase, Piece, Stream

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.product import Product as Layer


class Manufacturing:
    """What both kinds of product share: suites, the making of a lot, its release, and what became of it."""

    def __init__(self, trial: Trial, layer: Layer) -> None:
        self.trial, self.layer = trial, layer
        self.doses = Doses(trial, layer, self)
        people = trial.scenario.participants
        self.median_weight = people.weight_kg.median() if people and people.weight_kg else 0.0
        draws = trial.draws
        self.donation = draws.durations(Stream.DONATION, layer.donation)
        self.expansion = draws.durations(Stream.EXPANSION, layer.expansion)
        self.testing = draws.durations(Stream.TESTING, layer.release_testing)
        self.passes = draws.happens(Stream.RELEASE, layer.release_probability)
        self.shipping = draws.durations(Stream.SHIPPING, layer.shipping)
        self.yields = draws.quantities(Stream.CELLS, layer.cells_per_lot)
        self.lots: list[Lot] = []
        self.suites = inf if layer.suites is None else layer.suites
        self.suites_busy = 0
        self.in_process = 0
        self.failed_in_a_row = 0
        self.suite_free = wait(START, Piece.PRODUCT, layer.first_start)
        """When a lot that waited for a suite could last be started; at first, when making begins."""
        self.demand = START
        """What last changed how many lots are wanted."""
        if layer.first_start > 0:
            trial.clock.call(layer.first_start, Phase.PLACES, 0, trial.wake)

    # Making

    def start(self) -> bool:
        """Start one lot, if one is wanted and a suite is free; ``False`` if there was nothing to do."""
        if self.trial.clock.now < self.layer.first_start or self.suites_busy >= self.suites or not self.wanted():
            return False
        lot = self.new_lot()
        wanted = self.demand if lot.patient is None else lot.patient.dose_wanted
        lot.path = wait(later(self.suite_free, wanted), Piece.PRODUCT, self.trial.clock.now)
        self.trial.clock.process(self.make(lot))
        return True

    def wanted(self) -> bool:
        """Whether the policy asks for another lot now."""
        raise NotImplementedError

    def new_lot(self) -> Lot:
        """The next lot, numbered from 1."""
        lot = Lot(len(self.lots) + 1)
        self.lots.append(lot)
        self.suites_busy += 1
        self.in_process += 1
        return lot

    def make(self, lot: Lot) -> Generator[Moment, None, None]:
        """Make a lot: a cord is found, the cells are expanded, tested and, if they pass, shipped."""
        clock, number = self.trial.clock, lot.lot
        lot.start_day = clock.now
        lot.expansion_start_day = clock.now + self.donation(number)
        lot.expansion_end_day = lot.expansion_start_day + self.expansion(number)
        yield clock.at(lot.expansion_end_day, Phase.LOTS, number)
        if self.suites_busy == self.suites:
            self.suite_free = wait(lot.path, Piece.PRODUCT, clock.now)
        self.suites_busy -= 1
        self.trial.wake()
        lot.release_day = clock.now + self.testing(number)
        yield clock.at(lot.release_day, Phase.LOTS, number)
        if not self.passes(number):
            self._fail(lot)
            return
        self.failed_in_a_row = 0
        lot.available_day = clock.now + self.shipping(number)
        yield clock.at(lot.available_day, Phase.LOTS, number)
        self.in_process -= 1
        self._receive(lot)

    def _fail(self, lot: Lot) -> None:
        """Discard a lot that has failed release testing; perhaps it is one too many in a row."""
        lot.outcome = LotOutcome.FAILED
        self._note(lot)
        self.in_process -= 1
        self.failed_in_a_row += 1
        most = self.layer.max_consecutive_failed_lots
        if most is not None and self.failed_in_a_row >= most:
            self.trial.stopping.lots_failed(lot.path)
        self.rejected(lot)
        self.trial.wake()

    def _receive(self, lot: Lot) -> None:
        """Take a released lot that has arrived into stock."""
        clock, shelf_life = self.trial.clock, self.layer.shelf_life
        lot.outcome = LotOutcome.IN_STOCK
        self._note(lot)
        lot.cells = self.yields(lot.lot)
        assert lot.release_day is not None
        if shelf_life is not None:
            lot.expiry_day = lot.release_day + shelf_life
            clock.call(max(clock.now, lot.expiry_day), Phase.DEPARTURES, lot.lot, self.expire, lot)
        self.arrived(lot)
        self.trial.wake()

    def expire(self, lot: Lot) -> None:
        """Discard a lot in stock whose shelf life is over."""
        if lot.outcome != LotOutcome.IN_STOCK:
            return
        lot.outcome = LotOutcome.EXPIRED
        self._note(lot)
        self.rejected(lot)
        self.trial.wake()

    def _note(self, lot: Lot) -> None:
        """Note what has become of a lot, on its path; other lots may be wanted now."""
        self.demand = lot.path = wait(lot.path, Piece.PRODUCT, self.trial.clock.now)

    def arrived(self, lot: Lot) -> None:
        """A lot has come into stock."""

    def rejected(self, lot: Lot) -> None:
        """A lot has failed, or its shelf life is over."""

    # For whom

    def order(self, person: Participant) -> None:
        """Somebody has been enrolled and will need a dose."""
        self.demand = person.path

    def cancel(self, person: Participant, why: Step) -> None:
        """Somebody enrolled has left, and needs no dose."""
        self.demand = why

    def lots_for(self, person: Participant) -> list[Lot]:
        """The lots in stock that may serve this person."""
        raise NotImplementedError

    def awaited(self, person: Participant) -> Step:
        """What somebody without a dose waits for now: the oldest lot under way, their own if there is one."""
        under_way = [lot for lot in self.lots if lot.outcome == LotOutcome.IN_PROCESS]
        lot = next((lot for lot in under_way if lot.patient is person), under_way[0] if under_way else None)
        since = lot.path if lot else later(self.suite_free, person.dose_wanted)
        return wait(since, Piece.PRODUCT, self.trial.clock.now)

    # The end

    def close(self) -> None:
        """Tell what became of each lot: expired cells are waste, and so is a remainder that holds no whole dose."""
        dose = self.doses.cells(self.trial.dosing.level, self.median_weight)
        for lot in self.lots:
            if lot.cells is not None:
                left, useless = lot.cells - lot.cells_infused, self.is_useless(lot)
                if lot.cells_infused and (useless or left < dose):
                    lot.outcome, lot.cells_wasted = LotOutcome.USED, left
                elif useless or lot.outcome == LotOutcome.EXPIRED:
                    lot.outcome, lot.cells_wasted = LotOutcome.EXPIRED, left
            self._forget_what_is_to_come(lot)

    def _forget_what_is_to_come(self, lot: Lot) -> None:
        """A lot under way has days ahead of it that the trial's end takes away; an expiry date stands."""
        for name in ("expansion_start_day", "expansion_end_day", "release_day", "available_day"):
            day = getattr(lot, name)
            if day is not None and day > self.trial.clock.now:
                setattr(lot, name, None)

    def is_useless(self, lot: Lot) -> bool:
        """Whether nobody can be served from the lot although it has not expired."""
        return False


class Allogeneic(Manufacturing):
    """Lots that serve anyone."""

    def __init__(self, trial: Trial, layer: Layer) -> None:
        super().__init__(trial, layer)
        self.stock: list[Lot] = []
        self.median_yield = layer.cells_per_lot.median()
        for _ in range(layer.lots_in_stock_at_start):
            lot = Lot(len(self.lots) + 1, release_day=0.0, available_day=0.0)
            self.lots.append(lot)
            self._receive(lot)

    def wanted(self) -> bool:
        """To order: more people lack a dose than lots are in process. To stock: the stock position is below target."""
        needed = self.doses.needed()
        lacking = len(self.trial.infusion.lacking)
        if needed <= 0:
            return False
        if self.layer.policy == "to_order":
            return lacking > self.in_process
        dose = self.doses.cells(self.trial.dosing.level, self.median_weight)
        in_stock = sum(lot.cells_free // dose for lot in self.stock)
        coming = self.in_process * max(1.0, self.median_yield // dose)
        assert self.layer.target_doses is not None
        return bool(in_stock + coming - lacking < self.layer.target_doses)

    def arrived(self, lot: Lot) -> None:
        """Into the freezer."""
        self.stock.append(lot)

    def rejected(self, lot: Lot) -> None:
        """Out of the freezer, if it was there."""
        if lot in self.stock:
            self.stock.remove(lot)

    def lots_for(self, person: Participant) -> list[Lot]:
        """Every lot in stock."""
        return self.stock


class Autologous(Manufacturing):
    """Lots each of which is started for one participant, at enrolment, and serves nobody else."""

    def __init__(self, trial: Trial, layer: Layer) -> None:
        super().__init__(trial, layer)
        self.orders: list[Participant] = []
        """Participants whose lot is still to be started, in order."""

    def wanted(self) -> bool:
        """Somebody's lot is to be started."""
        return bool(self.orders)

    def new_lot(self) -> Lot:
        """The lot of the first who waits for one."""
        lot = super().new_lot()
        lot.patient = self.orders.pop(0)
        return lot

    def order(self, person: Participant) -> None:
        """Enrolled: a lot is to be made, unless one that will do is there or under way from an earlier enrolment."""
        for lot in self.lots_for(person):
            self.doses.refuse_if_too_small(lot, person)
        if not any(
            lot.patient is person and lot.outcome in (LotOutcome.IN_PROCESS, LotOutcome.IN_STOCK) for lot in self.lots
        ):
            self.orders.append(person)

    def cancel(self, person: Participant, why: Step) -> None:
        """Whoever left needs no lot."""
        if person in self.orders:
            self.orders.remove(person)

    def arrived(self, lot: Lot) -> None:
        """A lot too small to be given is started again."""
        person = lot.patient
        assert person is not None
        if person.outcome == Outcome.ENROLLED and self.doses.refuse_if_too_small(lot, person):
            self.rejected(lot)

    def rejected(self, lot: Lot) -> None:
        """Failed, too small or expired: the next lot to be started is for the same person."""
        person = lot.patient
        if person is not None and person in self.trial.infusion.lacking and person not in self.orders:
            self.orders.insert(0, person)
            person.dose_wanted = lot.path

    def lots_for(self, person: Participant) -> list[Lot]:
        """The person's own."""
        return [lot for lot in self.lots if lot.patient is person and lot.outcome == LotOutcome.IN_STOCK]

    def is_useless(self, lot: Lot) -> bool:
        """Its participant has been infused, or has left."""
        may_come_back = (Outcome.RELEASED, Outcome.WAITING, Outcome.IN_SCREENING)
        return lot.patient is not None and lot.patient.outcome not in may_come_back


class NoManufacturing:
    """Without a product in the scenario, nothing has to be made."""

    lots: tuple[Lot, ...] = ()
    demand = START
    doses = AlwaysAtHand()

    def start(self) -> bool:
        """Nothing is made."""
        return False

    def order(self, person: Participant) -> None:
        """Nothing is ordered."""

    def cancel(self, person: Participant, why: Step) -> None:
        """Nothing was ordered."""

    def awaited(self, person: Participant) -> Step:
        """Nothing is waited for."""
        return person.path

    def close(self) -> None:
        """Nothing is left over."""
