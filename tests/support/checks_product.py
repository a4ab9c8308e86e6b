"""What must hold of lots, doses, slots and spacing in any replication."""

from __future__ import annotations

from collections import Counter
from math import ceil, inf, isclose

import numpy as np

from tests.support.checks_people import INFUSED, most_at_once, or_else
from tests.support.watching import Watched
from trialsim.model import Lot, Participant
from trialsim.randomness import Luck, round_days

OUTCOMES = ("in_process", "failed", "in_stock", "used", "expired")


def lots_are_all_accounted_for(w: Watched) -> None:
    product, end = w.scenario.product, w.history.end_day
    if product is None:
        assert not w.history.lots
        return
    assert [lot.lot for lot in w.history.lots] == list(range(1, len(w.history.lots) + 1))
    stock = w.history.lots[: product.lots_in_stock_at_start]
    for lot in w.history.lots:
        assert lot.outcome in OUTCOMES
        days = [lot.start_day, lot.expansion_start_day, lot.expansion_end_day, lot.release_day, lot.available_day]
        if lot in stock:
            assert days == [None, None, None, 0.0, 0.0]
        else:
            known = [day for day in days if day is not None]
            assert days[: len(known)] == known == sorted(known), "a stage is missing, or out of order"
            assert lot.start_day is not None and known[0] >= product.first_start and known[-1] <= end
        arrived = lot.outcome in ("in_stock", "used", "expired")
        assert (lot.available_day is not None) == arrived == (lot.cells is not None)
        assert lot.outcome != "failed" or lot.release_day is not None
        if arrived and product.shelf_life is not None:
            assert lot.release_day is not None and lot.expiry_day == lot.release_day + product.shelf_life
            assert (
                lot.outcome == "used"
                or product.kind == "autologous"
                or (lot.expiry_day > end) == (lot.outcome == "in_stock")
            )
        else:
            assert lot.expiry_day is None
    starts = [lot.start_day for lot in w.history.lots if lot.start_day is not None]
    assert starts == sorted(starts)


def lots_take_the_time_their_luck_says(w: Watched) -> None:
    product = w.scenario.product
    if product is None:
        return
    luck = Luck(w.seed, w.history.replication)
    stages = (
        ("donation", "start_day", "expansion_start_day"),
        ("expansion", "expansion_start_day", "expansion_end_day"),
        ("release_testing", "expansion_end_day", "release_day"),
        ("shipping", "release_day", "available_day"),
    )
    for lot in w.history.lots:
        for stage, start, end in stages:
            begins, ends = getattr(lot, start), getattr(lot, end)
            if lot.start_day is None or begins is None or (lot.outcome == "failed" and stage == "shipping"):
                continue
            uniform = luck.uniforms(f"product.{stage}", first=lot.lot)
            takes = float(round_days(np.asarray(getattr(product, stage).quantile(uniform)))[0])
            assert ends == begins + takes or (ends is None and begins + takes > w.history.end_day)
        passes = luck.uniforms("product.release", first=lot.lot)[0] < product.release_probability
        if lot.release_day is not None and lot.start_day is not None:
            assert passes == (lot.outcome != "failed")
        if lot.cells is not None:
            assert lot.cells == float(product.cells_per_lot.quantile(luck.uniforms("product.cells", first=lot.lot))[0])


def cells_are_infused_wasted_or_left(w: Watched) -> None:
    given: Counter[int] = Counter()
    for p in w.history.participants:
        if p.infusion_day is not None and p.lot is not None:
            assert p.dose_cells is not None
            given[p.lot] += p.dose_cells  # type: ignore[assignment]
    for lot in w.history.lots:
        assert isclose(given[lot.lot], lot.cells_infused, rel_tol=1e-9, abs_tol=1e-9)
        if lot.cells is None:
            assert lot.cells_infused == lot.cells_wasted == 0
            continue
        left = lot.cells - lot.cells_infused
        assert left >= -1e-9 * lot.cells
        assert lot.cells_wasted == (0 if lot.outcome == "in_stock" else left)
        assert lot.outcome != "used" or lot.cells_infused > 0


def suites_are_not_used_twice(w: Watched) -> None:
    product = w.scenario.product
    if product is not None and product.suites is not None:
        busy = [
            (or_else(lot.start_day, 0.0), or_else(lot.expansion_end_day, inf))
            for lot in w.history.lots
            if lot.start_day is not None
        ]
        assert most_at_once(busy) <= product.suites


def asked(w: Watched, p: Participant) -> float:
    """The cells of the person's dose."""
    dosing = w.scenario.dosing
    assert dosing is not None and p.level is not None
    dose = dosing.levels[p.level - 1]
    return float(dose.amount * (or_else(p.weight_kg, 0.0) if dose.per_kg else 1.0))


def doses_come_from_a_released_valid_lot(w: Watched) -> None:
    product = w.scenario.product
    served: dict[int, int] = {}
    for p in w.history.participants:
        if product is None:
            assert p.lot is p.dose_cells is None and not p.under_dosed
            continue
        if p.outcome not in INFUSED:
            assert p.lot is None and not p.under_dosed
            continue
        assert p.lot is not None and p.dose_cells is not None and p.ready_day is not None and p.infusion_day is not None
        lot = w.history.lots[p.lot - 1]
        assert lot.available_day is not None and lot.available_day <= p.ready_day
        assert or_else(lot.expiry_day, inf) >= p.infusion_day
        dose = asked(w, p)
        assert p.under_dosed == (p.dose_cells < dose)
        assert product.minimum_dose_fraction * dose <= p.dose_cells <= dose
        if product.kind == "autologous":
            assert served.setdefault(p.lot, p.participant) == p.participant
            assert lot.patient is p
        _first_expiry_first(w, p, lot, dose)


def _first_expiry_first(w: Watched, p: Participant, used: Lot, dose: float) -> None:
    """No lot that had the whole dose, whatever else was ever reserved from it, should have been used instead."""
    assert p.ready_day is not None and p.infusion_day is not None
    autologous = w.scenario.product is not None and w.scenario.product.kind == "autologous"
    if p.level != w.levels_given[p.participant]:
        return  # reserved for another level, and what is reserved stays
    for lot in w.history.lots:
        # A lot that reached stock at the very instant of the booking may have come after it.
        # One that expired at that instant had gone before the booking.
        in_stock = or_else(lot.available_day, inf) < p.ready_day < or_else(lot.expiry_day, inf)
        usable = in_stock and or_else(lot.expiry_day, inf) >= p.infusion_day
        if lot is used or not usable or (autologous and lot.patient is not p):
            continue
        assert lot.cells is not None
        ever_reserved = lot.cells_infused + sum(event.cells for event in w.events if event.lot == lot.lot)
        ever_reserved += w.reserved_at_the_end[lot.lot]
        if lot.cells - ever_reserved >= dose * (1 + 1e-9):
            assert not p.under_dosed
            assert or_else(lot.expiry_day, inf) >= or_else(used.expiry_day, inf)


def nobody_waits_for_a_lot_that_nobody_makes(w: Watched) -> None:
    """Whoever lacks a dose on the last day has a lot on its way, or all suites are busy, or it is too early."""
    product, stopping = w.scenario.product, w.scenario.stopping
    limit = or_else(stopping.time_limit if stopping else None, inf)
    if product is None or product.policy != "to_order" or not product.first_start <= w.history.end_day <= limit:
        return
    lacking = [p for p in w.history.participants if p.outcome == "released" and p.ready_day is None]
    in_process = [lot for lot in w.history.lots if lot.outcome == "in_process"]
    if sum(lot.expansion_end_day is None for lot in in_process) >= or_else(product.suites, inf):
        return
    if product.kind == "allogeneic":
        assert len(lacking) <= len(in_process)
        return
    for p in lacking:
        least = product.minimum_dose_fraction * asked(w, p)
        theirs = [lot for lot in w.history.lots if lot.patient is p]
        assert any(
            lot.outcome == "in_process" or (lot.outcome == "in_stock" and or_else(lot.cells, 0.0) >= least)
            for lot in theirs
        )


def infusions_are_on_open_days(w: Watched) -> None:
    """On weekdays, outside closures, after notice, so many a day; and on the first day that would do."""
    layer = w.scenario.infusion
    given = [p for p in w.history.participants if p.infusion_day is not None]
    if layer is None:
        assert all(p.infusion_day == p.spacing_day for p in given)
        return
    start = w.scenario.trial.start_date.weekday()

    def is_open(day: int) -> bool:
        closed = any(first <= day < until for first, until in w.scenario.closures())
        return (start + day) % 7 in layer.weekdays and not closed

    booked = Counter(p.infusion_day for p in given)
    assert layer.per_day is None or max(booked.values(), default=0) <= layer.per_day
    for p in given:
        assert p.infusion_day is not None and p.ready_day is not None and p.spacing_day is not None
        assert p.infusion_day.is_integer() and is_open(int(p.infusion_day))
        earliest = max(p.ready_day + layer.notice, p.spacing_day)
        assert p.infusion_day >= earliest
        for day in range(ceil(earliest), int(p.infusion_day)):
            # Passed over, so it was closed, or full: with those who came then, and those who have left since.
            others = sum(q.infusion_day == day and or_else(q.ready_day, inf) <= p.ready_day for q in given)
            left = sum(event.booked == day and event.day >= p.ready_day for event in w.events)
            assert not is_open(day) or (layer.per_day is not None and others + left >= layer.per_day)


def spacing_is_kept(w: Watched) -> None:
    """Sentinel and stagger, from the infusions themselves; exactly, where nobody left."""
    dosing = w.scenario.dosing
    given = [p for p in w.history.participants if p.infusion_day is not None]
    for p in given:
        assert p.ready_day is not None and p.spacing_day is not None and p.infusion_day is not None
        assert p.ready_day <= p.spacing_day <= p.infusion_day
    if dosing is None:
        assert all(p.spacing_day == p.ready_day for p in given)
        return
    given.sort(key=lambda p: [or_else(day, 0.0) for day in (p.infusion_day, p.cohort, p.ready_day, p.spacing_day)])
    exactly = w.nobody_left and not any(p.level != w.levels_given[p.participant] for p in given)
    before: Participant | None = None
    met: set[tuple[int | None, int | None]] = set()
    for p in given:
        assert p.infusion_day is not None and p.ready_day is not None
        if before is not None:
            assert before.infusion_day is not None
            group = (before.cohort, None) if w.in_cohorts else (None, before.level)
            gap = dosing.stagger if group in met else dosing.sentinel
            if not exactly:  # the sentinel at the time of the booking may have left since, or have another level
                gap = min(dosing.stagger, dosing.sentinel)
            assert p.infusion_day >= before.infusion_day + gap
            if exactly:
                assert p.spacing_day == max(p.ready_day, before.infusion_day + gap)
            met.add(group)
        before = p
