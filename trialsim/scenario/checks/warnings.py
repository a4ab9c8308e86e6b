"""Plans that cannot work or have no sense, found before anything is simulated.

The load that a resource is offered is arrivals per day × days each, from the means of the distributions; where it is
at or above the capacity, the queue grows as long as the trial lasts. Each resource is judged as if no other one held
people up; only the spacing and the windows of the dosing layer, which are meant to, count as a limit on demand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from trialsim.scenario.checks.idle import fixed_days, more_than_treated, outside, too_small
from trialsim.scenario.checks.possible import impossible
from trialsim.scenario.messages.errors import MOST_SHOWN
from trialsim.scenario.messages.words import dotted
from trialsim.vocabulary import MONTH

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario

_HARDLY_EVER = 0.01


def warnings(scenario: Scenario) -> list[str]:
    """Sentences that begin with the name of the key or resource concerned."""
    checks = (
        candidates,
        fixed_days,
        outside,
        more_than_treated,
        too_small,
        cohorts,
        toxicity,
        screening,
        eligibility,
        infusion,
        suites,
        lots,
        far_from_stated,
        edited,
    )
    certain = [f"{dotted(path)}: {message}" for path, message in impossible(scenario)]
    found = certain or [sentence for check in checks for sentence in islice(check(scenario), MOST_SHOWN)]
    more = len(found) - MOST_SHOWN
    return [*found[:MOST_SHOWN], f"and {more} more"] if more > 0 else found


def arrivals(s: Scenario) -> float:
    """Candidates per day once all sites run, on average, outside calendar periods."""
    rates = (site.rate * (1 - site.never_active_probability) for site in s.sites if site.rate is not None)
    return math.fsum(rates) * s.recruitment.rate_multiplier


def demand(s: Scenario) -> float:
    """Participants per day who would be infused if only recruitment, screening and dosing limited them."""
    eligible = arrivals(s) * (1.0 if s.screening is None else s.screening.overall)
    return min(eligible, dosing_limit(s))


def dosing_limit(s: Scenario) -> float:
    """Infusions per day that spacing, windows and reviews allow at most (infinite without them)."""
    return s.dosing.most_infusions_a_day(s.trial.max_participants) if s.dosing is not None else math.inf


def far_from_stated(s: Scenario) -> Iterator[str]:
    """Warn of a value that is hardly ever drawn near what the scenario states."""
    if not s.inputs:
        return
    import numpy as np

    for each in s.inputs:
        low, high = each.values(np.array([_HARDLY_EVER, 1 - _HARDLY_EVER])).tolist()
        if not low <= each.stated <= high:
            stated, least, most = (each.write(float(f"{value:.3g}")) for value in (each.stated, low, high))
            yield (
                f"uncertain.{dotted([each.entry])}: the scenario states {stated}, but 98 % of what is drawn lies from "
                f"{least} to {most}: another plan is simulated than the one stated"
            )


def candidates(s: Scenario) -> Iterator[str]:
    """Warn if nobody comes, or fewer than the trial wants."""
    if not any(site.arrival_days for site in s.sites) and arrivals(s) == 0:
        yield "recruitment: every rate is 0, so no candidate will ever come"
        return
    limits = [len(site.arrival_days) if site.arrival_days is not None else site.max_candidates for site in s.sites]
    most = sum(limit for limit in limits if limit is not None)
    if None not in limits and most < s.trial.max_participants:
        wanted = s.trial.max_participants
        yield f"recruitment: the sites send at most {most} candidates, fewer than the {wanted} participants wanted"


def cohorts(s: Scenario) -> Iterator[str]:
    """Warn of a cohort size that the dose rule does not use."""
    if s.dosing is not None and s.dosing.cohort_size is not None and not s.dosing.rule.takes_cohort_size:
        yield f"dosing.cohort_size: has no effect, because {s.dosing.rule_name} does not work in cohorts"


def toxicity(s: Scenario) -> Iterator[str]:
    """Warn of a dose rule in a trial where nobody can have a DLT."""
    if s.dosing is None or not s.dosing.rule.seeks_dose or s.truth is not None:
        return
    if not any(site.people for site in s.sites):
        yield "truth: it is not there, so nobody has a DLT and the dose rule has nothing to go by"


def screening(s: Scenario) -> Iterator[str]:
    """Warn if nobody can pass screening, or more come than can be screened."""
    if s.screening is None:
        return
    if s.screening.overall == 0:
        yield "screening: its pass probability is 0, so nobody will be eligible"
    rate, length = arrivals(s), s.screening.duration.mean()
    if s.screening.capacity is not None and rate * length >= s.screening.capacity:
        each = f"{_monthly(rate)} candidates a month, {length:.4g} days each"
        yield _overload("screening", "places", s.screening.capacity, rate * length, each)


def eligibility(s: Scenario) -> Iterator[str]:
    """Warn if those for whom a lot is made, or a slot is booked, are seldom eligible still when it comes."""
    if s.waiting is None or s.waiting.eligibility_valid is None:
        return
    notice, valid = 0.0 if s.infusion is None else s.infusion.notice, s.waiting.eligibility_valid
    in_time = 1.0 if s.infusion is None else s.infusion.share_within(valid - notice)
    if in_time < 0.5 and any(site.rate for site in s.sites):
        yield (
            f"waiting.eligibility_valid: {valid:.4g} days, but after a notice of {notice:.4g} days only "
            f"{100 * in_time:.0f} % of those found eligible find a day on which the unit is open in time"
        )
    if s.product is None or s.product.policy != "to_order":
        return
    takes = s.product.mean_making + notice
    if takes > valid:
        yield (
            f"waiting.eligibility_valid: {valid:.4g} days, but making a lot to order and booking a slot take "
            f"{takes:.4g} days on average"
        )


def infusion(s: Scenario) -> Iterator[str]:
    """Warn if more participants come than there are infusion slots."""
    if s.infusion is None or s.infusion.per_day is None:
        return
    slots = s.infusion.per_day * len(s.infusion.weekdays) / 7
    rate = demand(s)
    if rate >= slots:
        yield (
            f"infusion: {_monthly(rate)} participants a month for {_monthly(slots)} slots a month; "
            "the queue grows for as long as they keep coming"
        )


def suites(s: Scenario) -> Iterator[str]:
    """Warn if more lots are wanted than the manufacturing suites can make."""
    if s.product is None or s.product.suites is None or s.dosing is None:
        return
    if s.product.release_probability == 0:
        return  # `lots` says so
    length = s.product.donation.mean() + s.product.expansion.mean()
    doses = 1.0
    if s.product.kind == "allogeneic":
        doses = max(1.0, s.product.cells_per_lot.mean() // s.dosing.dose(s.dosing.start_level).need(_weight(s)))
    lots_a_day = demand(s) / (doses * s.product.release_probability)
    if lots_a_day * length >= s.product.suites:
        each = f"{_monthly(lots_a_day)} lots a month, {length:.4g} days each"
        yield _overload("product", "suites", s.product.suites, lots_a_day * length, each)


def lots(s: Scenario) -> Iterator[str]:
    """Warn if no lot can be released, or none is large enough for a dose."""
    if s.product is None or s.dosing is None:
        return
    if s.product.release_probability == 0:
        yield "product: the release probability is 0, so no lot will ever be available"
    for number, dose in enumerate(s.dosing.levels, start=1):
        least = dose.need(_weight(s)) * s.product.minimum_dose_fraction
        if s.product.cells_per_lot.upper() < least:
            yield f"product: no lot can hold a dose at level {number} ({dose.text}): that takes {least:.3g} cells"


def edited(s: Scenario) -> Iterator[str]:
    """Warn of values that are not those of which their sources are."""
    for key, source in s.sources.items():
        if source.kind == "edited":
            yield f"{key}: {source.note}"


def _weight(s: Scenario) -> float:
    weight = s.participants.weight_kg if s.participants is not None else None
    return 1.0 if weight is None else weight.mean()


def _monthly(per_day: float) -> str:
    return f"{per_day * MONTH:.3g}"


def _overload(section: str, what: str, capacity: int, load: float, each: str) -> str:
    noun = what if capacity != 1 else what.removesuffix("s")
    there = "there are" if capacity != 1 else "there is"
    return f"{section}: {each}, keep {load:.3g} {what} busy, but {there} {capacity} {noun}"
