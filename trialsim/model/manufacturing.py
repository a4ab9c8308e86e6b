"""Manufacturing: one cord, one lot, several doses; or one apheresis, one lot, for one participant."""

from __future__ import annotations

from collections.abc import Generator
from math import inf
from typing import TYPE_CHECKING

from trialsim.model.clock import Moment
from trialsim.model.records import Lot, Participant
from trialsim.vocabulary import LotOutcome, Outcome, Phase, Stream

if TYPE_CHECKING:
    from trialsim.model.trial import Trial
    from trialsim.scenario.sections.product import Product as Layer


class Manufacturing:
    """What both kinds of product share: suites, the making of a lot, its release, and doses from it."""

    def __init__(self, trial: Trial, layer: Layer) -> None:
        assert trial.scenario.dosing is not None
        self.trial, self.layer = trial, layer
        self.levels = trial.scenario.dosing.levels
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
        if layer.first_start > 0:
            trial.clock.call(layer.first_start, Phase.PLACES, 0, trial.wake)

    # Making

    def start(self) -> bool:
        """Start one lot, if one is wanted and a suite is free; ``False`` if there was nothing to do."""
        if self.trial.clock.now < self.layer.first_start or self.suites_busy >= self.suites or not self.wanted():
            return False
        self.trial.clock.process(self.make(self.new_lot()))
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
        """A cord is found, the cells are expanded, tested, and if they pass, shipped."""
        clock, number = self.trial.clock, lot.lot
        lot.start_day = clock.now
        lot.expansion_start_day = clock.now + self.donation(number)
        lot.expansion_end_day = lot.expansion_start_day + self.expansion(number)
        yield clock.at(lot.expansion_end_day, Phase.LOTS, number)
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
        lot.outcome = LotOutcome.FAILED
        self.in_process -= 1
        self.failed_in_a_row += 1
        most = self.layer.max_consecutive_failed_lots
        if most is not None and self.failed_in_a_row >= most:
            self.trial.stopping.lots_failed()
        self.rejected(lot)
        self.trial.wake()

    def _receive(self, lot: Lot) -> None:
        """A released lot has arrived."""
        clock, shelf_life = self.trial.clock, self.layer.shelf_life
        lot.outcome = LotOutcome.IN_STOCK
        lot.cells = self.yields(lot.lot)
        assert lot.release_day is not None
        if shelf_life is not None:
            lot.expiry_day = lot.release_day + shelf_life
            clock.call(max(clock.now, lot.expiry_day), Phase.DEPARTURES, lot.lot, self._expire, lot)
        self.arrived(lot)
        self.trial.wake()

    def _expire(self, lot: Lot) -> None:
        if lot.outcome != LotOutcome.IN_STOCK:
            return
        lot.outcome = LotOutcome.EXPIRED
        self.rejected(lot)
        self.trial.wake()

    def arrived(self, lot: Lot) -> None:
        """A lot has come into stock."""

    def rejected(self, lot: Lot) -> None:
        """A lot has failed, or its shelf life is over."""

    # Doses

    def dose(self, level: int, weight_kg: float) -> float:
        """Cells in a dose of the given level."""
        dose = self.levels[level - 1]
        return dose.amount * weight_kg if dose.per_kg else dose.amount

    def order(self, person: Participant) -> None:
        """Somebody has been enrolled and will need a dose."""

    def lots_for(self, person: Participant) -> list[Lot]:
        """The lots in stock that may serve this person."""
        raise NotImplementedError

    def reserve(self, person: Participant, day: float) -> bool:
        """Reserve a dose for an infusion on ``day``: from the lot that expires first, or else an under-dose."""
        assert person.level is not None
        asked = self.dose(person.level, person.weight_kg or 0.0)
        valid = [lot for lot in self.lots_for(person) if lot.valid_on(day)]
        whole = [lot for lot in valid if lot.cells_free >= asked]
        if whole:
            lot = min(whole, key=lambda lot: inf if lot.expiry_day is None else lot.expiry_day)
            cells = asked
        else:
            short = [lot for lot in valid if lot.cells_free >= asked * self.layer.minimum_dose_fraction]
            if not short:
                return False
            lot = max(short, key=lambda lot: lot.cells_free)
            cells = lot.cells_free
        lot.cells_reserved += cells
        person.lot, person.dose_cells, person.under_dosed = lot.lot, cells, cells < asked
        return True

    def change_level(self, person: Participant, level: int) -> bool:
        """Make another dose of what is reserved; ``False`` if the lot does not hold it."""
        assert person.lot is not None and person.dose_cells is not None
        lot, asked = self.lots[person.lot - 1], self.dose(level, person.weight_kg or 0.0)
        at_hand = lot.cells_free + person.dose_cells
        if at_hand < asked * self.layer.minimum_dose_fraction:
            return False
        cells = min(asked, at_hand)
        lot.cells_reserved += cells - person.dose_cells
        person.dose_cells, person.under_dosed = cells, cells < asked
        return True

    def infuse(self, person: Participant) -> None:
        """The reserved dose is given."""
        assert person.lot is not None and person.dose_cells is not None
        lot = self.lots[person.lot - 1]
        lot.cells_reserved -= person.dose_cells
        lot.cells_infused += person.dose_cells

    def give_up(self, person: Participant) -> None:
        """The person has left: a reserved dose is free again."""
        if person.lot is not None:
            assert person.dose_cells is not None
            self.lots[person.lot - 1].cells_reserved -= person.dose_cells
            person.lot = person.dose_cells = None
            person.under_dosed = False

    # The end

    def close(self) -> None:
        """Tell what became of each lot: expired cells are waste, and so is a remainder that holds no whole dose."""
        dose = self.dose(self.trial.dosing.level, self.median_weight)
        for lot in self.lots:
            if lot.cells is None:
                continue
            left = lot.cells - lot.cells_infused
            useless = self.useless(lot)
            if lot.cells_infused and (useless or left < dose):
                lot.outcome, lot.cells_wasted = LotOutcome.USED, left
            elif useless or lot.outcome == LotOutcome.EXPIRED:
                lot.outcome, lot.cells_wasted = LotOutcome.EXPIRED, left

    def useless(self, lot: Lot) -> bool:
        """Whether nobody can be served from the lot although it has not expired."""
        return False


class Allogeneic(Manufacturing):
    """A lot serves anyone."""

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
        needed = self.trial.doses_needed()
        lacking = len(self.trial.infusion.lacking)
        if needed <= 0:
            return False
        if self.layer.policy == "to_order":
            return lacking > self.in_process
        dose = self.dose(self.trial.dosing.level, self.median_weight)
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
    """A lot is started for one participant, at enrolment, and serves nobody else."""

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
            self._refuse_if_too_small(lot, person)
        if not any(
            lot.patient is person and lot.outcome in (LotOutcome.IN_PROCESS, LotOutcome.IN_STOCK) for lot in self.lots
        ):
            self.orders.append(person)

    def give_up(self, person: Participant) -> None:
        """Whoever left needs no lot."""
        super().give_up(person)
        if person in self.orders:
            self.orders.remove(person)

    def arrived(self, lot: Lot) -> None:
        """A lot too small to be given is started again."""
        person = lot.patient
        assert person is not None
        if person.outcome == Outcome.ENROLLED and self._refuse_if_too_small(lot, person):
            self.rejected(lot)

    def _refuse_if_too_small(self, lot: Lot, person: Participant) -> bool:
        """A lot in stock without even the smallest share of the person's dose is of no use to anybody."""
        assert person.level is not None
        asked = self.dose(person.level, person.weight_kg or 0.0)
        if lot.cells_free >= asked * self.layer.minimum_dose_fraction:
            return False
        lot.outcome = LotOutcome.EXPIRED
        return True

    def rejected(self, lot: Lot) -> None:
        """Failed, too small or expired: the next lot to be started is for the same person."""
        person = lot.patient
        if person is not None and person in self.trial.infusion.lacking and person not in self.orders:
            self.orders.insert(0, person)

    def lots_for(self, person: Participant) -> list[Lot]:
        """The person's own."""
        return [lot for lot in self.lots if lot.patient is person and lot.outcome == LotOutcome.IN_STOCK]

    def useless(self, lot: Lot) -> bool:
        """Its participant has been infused, or has left."""
        may_come_back = (Outcome.RELEASED, Outcome.WAITING, Outcome.IN_SCREENING)
        return lot.patient is not None and lot.patient.outcome not in may_come_back


class AlwaysAtHand:
    """Without a product in the scenario, a dose is always at hand."""

    lots: tuple[Lot, ...] = ()

    def start(self) -> bool:
        """Nothing is made."""
        return False

    def order(self, person: Participant) -> None:
        """Nothing is ordered."""

    def reserve(self, person: Participant, day: float) -> bool:
        """There is a dose."""
        return True

    def change_level(self, person: Participant, level: int) -> bool:
        """There is a dose of any level."""
        return True

    def infuse(self, person: Participant) -> None:
        """It is given."""

    def give_up(self, person: Participant) -> None:
        """It is still there."""

    def close(self) -> None:
        """Nothing is left over."""
