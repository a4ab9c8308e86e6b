"""The plan: a scenario as flat arrays, which is all that the compiled engine reads."""

from __future__ import annotations

from collections.abc import Sequence
from math import expm1
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialsim.kernel.rules.answers import Verdicts
from trialsim.kernel.state import codes, records
from trialsim.kernel.state.memory import address, array
from trialsim.model import clock
from trialsim.model.stopping import LONGEST_TRIAL
from trialsim.randomness import hash64, round_days
from trialsim.rules.beta import upper_tail
from trialsim.rules.beta_binomial import BetaBinomial
from trialsim.rules.boin import Boin, BoinDesign
from trialsim.rules.crm import Crm, CrmDesign
from trialsim.rules.dose_toxicity import Model
from trialsim.rules.fixed import Fixed
from trialsim.rules.guards import Guards, Limit
from trialsim.rules.interval import ELIMINATION_NEEDS, IntervalDesign
from trialsim.rules.keyboard import Keyboard
from trialsim.rules.ladder import Ladder
from trialsim.rules.rolling_six import RollingSix
from trialsim.rules.three_plus_three import ThreePlusThree
from trialsim.rules.time_weighted import TimeWeightedRule
from trialsim.rules.tite_boin import TiteBoin
from trialsim.rules.tite_crm import TiteCrm
from trialsim.scenario import Scenario
from trialsim.scenario.sections.dosing import Dosing
from trialsim.scenario.sections.people import Person
from trialsim.scenario.values import distributions as forms
from trialsim.vocabulary import Stream, criterion_stream

_RULES: dict[type, int] = {
    Fixed: codes.FIXED,
    Ladder: codes.LADDER,
    ThreePlusThree: codes.THREE_PLUS_THREE,
    Boin: codes.BOIN,
    BetaBinomial: codes.BETA_BINOMIAL,
    Keyboard: codes.KEYBOARD,
    Crm: codes.CRM,
    RollingSix: codes.ROLLING_SIX,
    TiteBoin: codes.TITE_BOIN,
    TiteCrm: codes.TITE_CRM,
}


class Plan:
    """A scenario for the compiled engine.

    Attributes
    ----------
    scenario : Scenario
        What it was made from.
    state : array of one `records.State`
        The numbers, and the addresses of the arrays below.
    sites : array of `records.Site`
        What the scenario says of each site.
    thresholds : array of int
        From how many DLTs on a level is too toxic, by the number of evaluable participants; `extend` makes it longer.
    model : Model or None
        The curve whose posterior the kernel works out by itself.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.state = array(records.State, 1)
        self._kept: list[NDArray[Any]] = []
        self._distributions: list[tuple[int, float, float, float, float, int, int, int]] = []
        self.thresholds = np.zeros(0, dtype=np.int64)
        self.verdicts = Verdicts(scenario)
        self.model: Model | None = None
        self._recruitment()
        self._screening_and_waiting()
        self._places()
        self._dosing()
        self._product()
        self._slots()
        self._stopping()
        self._streams()
        table = array(records.Distribution, len(self._distributions) + 1)
        for number, values in enumerate(self._distributions):
            table[number] = values
        self._put(distributions_at=self._keep(table))

    def extend(self) -> None:
        """Make the table of thresholds longer."""
        rule = self.scenario.dosing.rule if self.scenario.dosing else None
        known = [int(number) for number in self.thresholds]
        for evaluable in range(len(known), max(64, 2 * len(known))):
            known.append(_too_toxic_from(rule, evaluable, known[-1] if known else 0))
        self.thresholds = np.array(known, dtype=np.int64)

    # The sections of a scenario

    def _recruitment(self) -> None:
        scenario, layer = self.scenario, self.scenario.recruitment
        people = scenario.participants
        shared = layer.shared_rate_cv
        self.sites = array(records.Site, len(scenario.sites))
        for record, site in zip(self.sites, scenario.sites, strict=True):
            periods = np.array(scenario.periods(site.name), dtype=float).ravel()
            record["rate"] = site.rate or 0.0
            record["cut_at"] = np.nan
            record["rate_effect"] = self._quantity(forms.Gamma(1.0, site.rate_cv)) if site.rate_cv > 0 else -1
            record["ramp_up"] = site.ramp_up
            record["activation"] = self._duration(site.activation)
            record["never_active_probability"] = site.never_active_probability
            record["max_candidates"] = -1 if site.max_candidates is None else site.max_candidates
            record["arrival_days"] = -1 if site.arrival_days is None else len(site.arrival_days)
            record["arrival_days_at"] = self._keep(np.array(site.arrival_days or [0.0]))
            if site.people is not None:
                record["people_at"] = self._keep(_courses(site.people, scenario.levels))
            record["periods"] = len(periods) // 3
            record["periods_at"] = self._keep(periods)
        self._put(
            sites=len(scenario.sites),
            turns_away=layer.while_closed == "turn_away",
            max_waiting=codes.UNLIMITED if layer.max_waiting is None else layer.max_waiting,
            rate_multiplier=layer.rate_multiplier,
            shared_effect=self._quantity(forms.LogNormal(1.0, shared)) if shared else -1,
            weight=self._quantity(people.weight_kg) if people and people.weight_kg else -1,
        )

    def _screening_and_waiting(self) -> None:
        layer, screening, waiting = self.scenario.recruitment, self.scenario.screening, self.scenario.waiting
        if screening:
            chances = np.array([check.pass_probability for check in screening.checks], dtype=float)
            self._put(
                has_screening=1,
                capacity=codes.UNLIMITED if screening.capacity is None else screening.capacity,
                screening_duration=self._duration(screening.duration),
                longest_screening=_at_most(screening.duration, 1 - 2.0**-53),
                usual_screening=_at_most(screening.duration, codes.USUAL),
                criteria=len(chances),
                criteria_at=self._keep(chances),
                admits_ahead=len(self.scenario.sites) == 1
                and layer.while_closed == "queue"
                and layer.max_waiting is None
                and screening.capacity is None,
            )
        valid = waiting.eligibility_valid if waiting else None
        self._put(
            may_leave=waiting is not None and (waiting.withdrawal > 0 or valid is not None),
            withdrawal=waiting.withdrawal if waiting else 0.0,
            leaves_below=_within(waiting.withdrawal, 0.0) if waiting else 0.0,
            eligibility_valid=np.nan if valid is None else valid,
            rescreen_probability=waiting.rescreen_probability if waiting else 0.0,
        )

    def _places(self) -> None:
        follow_up, dosing = self.scenario.follow_up, self.scenario.dosing
        window = dosing.observation if dosing else 0.0
        self._put(
            maximum=self.scenario.trial.max_participants,
            start_level=1,
            in_cohorts=1,
            levels=self.scenario.levels,
            committee_every=np.nan,
            dlt_resolves=1,
            follow_up=follow_up.duration if follow_up else 0.0,
            follow_up_loss=follow_up.loss if follow_up else 0.0,
            lost_below=_within(follow_up.loss, max(0.0, follow_up.duration - window)) if follow_up else 0.0,
        )
        self._levels = array(records.Level, self.scenario.levels)
        self._put(levels_at=self._keep(self._levels))

    def _dosing(self) -> None:
        dosing, truth = self.scenario.dosing, self.scenario.truth
        if dosing is None:
            return
        for record, dose in zip(self._levels, dosing.levels, strict=True):
            record["amount"], record["per_kg"] = dose.amount, dose.per_kg
        if truth:
            self._levels["dlt_probability"] = truth.dlt_probability
            self._put(
                has_truth=1,
                onset=self._quantity(truth.dlt_onset),
                loss_probability=truth.loss_in_window_probability,
            )
        every = dosing.committee_every
        self._put(
            has_dosing=1,
            start_level=dosing.start_level,
            cohort_size=dosing.cohort_size or self.scenario.trial.max_participants,
            sentinel=dosing.sentinel,
            stagger=dosing.stagger,
            window=dosing.observation,
            review=self._duration(dosing.review),
            keeps_levels=dosing.rule.cohorts or dosing.dose_fixed_at == "enrolment",
            committee_every=np.nan if every is None else every,
            stop_cohort_early=dosing.stop_cohort_early,
            dlt_resolves=dosing.dlt_resolves,
            replaces=dosing.replace_non_evaluable,
        )
        self._rule(dosing)
        if isinstance(dosing.rule, TiteCrm):
            self._curve(dosing, dosing.rule, self._levels)

    def _rule(self, dosing: Dosing) -> None:
        rule, guards = dosing.rule, dosing.guards
        self._put(
            rule=_RULES[type(rule)],
            in_cohorts=rule.cohorts,
            is_reviewing=dosing.committee_every is not None or dosing.review != forms.Constant(0.0),
            guarded=guards is not None,
            enough=(guards.enough_at_level or 0) if guards else 0,
            precise=guards is not None and guards.precision is not None,
            elimination_needs=rule.minimum_n if isinstance(rule, BetaBinomial) else ELIMINATION_NEEDS,
        )
        if isinstance(rule, Ladder):
            self._put(rule_count=rule.max_dlts)
        elif isinstance(rule, ThreePlusThree):
            self._put(rule_count=rule.mtd == "six_at_mtd", rule_flag=rule.top_needs_six)
        elif isinstance(rule, RollingSix):
            self._put(rule_flag=rule.strict)
        elif isinstance(rule, CrmDesign):
            self._put(target=rule.target, skip=rule.skip, coherent=rule.coherent)
        elif isinstance(rule, IntervalDesign):
            self._put(target=rule.target)
        if isinstance(rule, BoinDesign):
            up, down = rule.boundaries()
            self._put(up=up, down=down)
        if isinstance(rule, TimeWeightedRule):
            self._put(
                cohort_size=dosing.cohort_size or 1,
                most_pending=rule.max_pending_fraction,
                has_minimum_follow_up=rule.minimum_follow_up > 0,
                minimum_follow_up=round_days(rule.minimum_follow_up * dosing.observation),
            )
        if isinstance(rule, IntervalDesign | BetaBinomial):
            self.extend()

    def _curve(self, dosing: Dosing, rule: TiteCrm, levels: NDArray[Any]) -> None:
        self.model = model = rule.curve(len(levels))
        guards = dosing.guards or Guards()
        stop, limit, precision = guards.safety_stop, guards.elimination, guards.precision
        numbers = range(1, len(levels) + 1)
        levels["scale"] = [model.scale(level) for level in numbers]
        self._put(
            logistic=rule.model == "logistic",
            averages=rule.estimate == "posterior_mean",
            stop_needs=stop.minimum_n if stop else codes.UNLIMITED,
            limit_needs=limit.minimum_n if limit else codes.UNLIMITED,
        )
        if stop:
            self._put(stop_certainty=stop.certainty, stop_below=_too_toxic_below(model, 1, stop))
        if limit:
            self._put(limit_certainty=limit.certainty)
            levels["limit_below"] = [_too_toxic_below(model, level, limit) for level in numbers]
        if precision:  # the DLT probability falls where the parameter rises
            low, high = (1 - precision.coverage) / 2, (1 + precision.coverage) / 2
            self._put(widest=precision.width, share_at_low=1 - low, share_at_high=1 - high)

    def _product(self) -> None:
        product, people = self.scenario.product, self.scenario.participants
        if product is None:
            return
        most = product.max_consecutive_failed_lots
        autologous = product.kind == "autologous"
        self._put(
            has_product=1,
            autologous=autologous,
            to_order=product.policy == "to_order",
            target_doses=product.target_doses or 0,
            first_start=product.first_start,
            starting_stock=0 if autologous else product.lots_in_stock_at_start,
            suites=codes.UNLIMITED if product.suites is None else product.suites,
            donation=self._duration(product.donation),
            expansion=self._duration(product.expansion),
            testing=self._duration(product.release_testing),
            release_probability=product.release_probability,
            ships_ahead=most is None,
            shipping=self._duration(product.shipping),
            cells=self._quantity(product.cells_per_lot),
            shelf_life=np.nan if product.shelf_life is None else product.shelf_life,
            minimum_dose_fraction=product.minimum_dose_fraction,
            most_failed_lots=-1 if most is None else most,
        )
        median_weight = people.weight_kg.median() if people and people.weight_kg else 0.0
        for level in self._levels:
            level["whole_dose"] = level["amount"] * (median_weight if level["per_kg"] else 1.0)
            level["doses_a_lot"] = max(1.0, product.cells_per_lot.median() // float(level["whole_dose"]))

    def _slots(self) -> None:
        infusion = self.scenario.infusion
        if infusion is None:
            return
        first = self.scenario.trial.start_date.weekday()
        open_on = np.array([(first + offset) % 7 in infusion.weekdays for offset in range(7)], dtype=np.int64)
        closures = np.array(self.scenario.closures(), dtype=float).ravel()
        self._put(
            has_slots=1,
            notice=infusion.notice,
            per_day=-1 if infusion.per_day is None else infusion.per_day,
            open_on_at=self._keep(open_on),
            closures=len(closures) // 2,
            closures_at=self._keep(closures),
        )

    def _stopping(self) -> None:
        layer = self.scenario.stopping
        limit = layer.time_limit if layer else None
        looks = [(look.at, float(look.minimum_infused)) for look in layer.accrual_looks] if layer else []
        self._put(
            time_limit=LONGEST_TRIAL if limit is None else limit,
            looks=len(looks),
            looks_at=self._keep(np.array(looks, dtype=float).ravel()),
            external_stop=layer.external_stop if layer else 0.0,
            most_events=clock.MOST_EVENTS,
        )

    def _streams(self) -> None:
        screening = self.scenario.screening
        criteria = [criterion_stream(check.name) for check in screening.checks] if screening else []
        streams = [*Stream, *criteria]
        self._put(
            streams=len(streams),
            keys_at=self._keep(_words(hash64(name) for name in streams)),
            places_at=self._keep(_words([*(hash64(site.name) for site in self.scenario.sites), 0])),
        )

    # Putting it into memory

    def _put(self, **values: Any) -> None:
        for name, value in values.items():
            self.state[name] = value

    def _keep(self, memory: NDArray[Any]) -> int:
        """Keep an array alive and return its address."""
        self._kept.append(memory)
        return address(memory)

    def _duration(self, distribution: forms.Distribution) -> int:
        """The number of a distribution of days."""
        point = distribution.point()
        if point is None and isinstance(distribution, forms.Constant):
            point = round_days(distribution.value)
        return self._entry(distribution, point)

    def _quantity(self, distribution: forms.Distribution) -> int:
        """The number of a distribution of weights, cells or fractions."""
        point = distribution.point()
        if point is None and isinstance(distribution, forms.Constant):
            point = distribution.value
        return self._entry(distribution, point)

    def _entry(self, distribution: forms.Distribution, point: float | None) -> int:
        values: Sequence[float]
        steps = values_at = cumulative_at = 0
        if point is not None:
            kind, values = codes.CONSTANT, (point,)
        elif isinstance(distribution, forms.Empirical):
            kind, values = codes.EMPIRICAL, ()
            of_values, cumulative = (
                np.array(column, dtype=float) for column in zip(*distribution.steps(), strict=True)
            )
            steps, values_at, cumulative_at = len(of_values), self._keep(of_values), self._keep(cumulative)
        else:
            kind, values = _parameters(distribution)
        a, b, c, d = (*values, 0.0, 0.0, 0.0, 0.0)[:4]
        self._distributions.append((kind, a, b, c, d, steps, values_at, cumulative_at))
        return len(self._distributions) - 1


def _within(rate: float, days: float) -> float:
    """Above this uniform, something of constant hazard happens later than in so many days, whatever the rounding."""
    return -expm1(-rate * (days + 2.0**-19)) * (1 + 1e-9)


def _at_most(distribution: forms.Distribution, u: float) -> float:
    """No uniform up to ``u`` makes a longer duration, whatever the rounding."""
    return float(round_days(distribution.quantile(np.array([u])))[0]) + 2.0**-19


def _parameters(distribution: forms.Distribution) -> tuple[int, Sequence[float]]:
    """The kind of a distribution and the numbers that its inverse needs, by the same arithmetic as in its class."""
    match distribution:
        case forms.Exponential(average=average):
            return codes.EXPONENTIAL, (average,)
        case forms.Gamma(average=average, sd=sd):
            return codes.GAMMA, ((average / sd) ** 2, sd**2 / average)
        case forms.LogNormal() | forms.LogNormalByPercentiles():
            return codes.LOGNORMAL, (distribution.mu, distribution.sigma)
        case forms.Weibull(shape=shape, scale=scale):
            return codes.WEIBULL, (1 / shape, scale)
        case forms.Uniform(low=low, high=high):
            return codes.UNIFORM, (low, high - low)
        case forms.Triangular(low=low, mode=mode, high=high):
            return codes.TRIANGULAR, (low, high, mode - low, high - mode)
        case forms.Pert(low=low, mode=mode, high=high):
            a = 1 + 4 * (mode - low) / (high - low)
            return codes.PERT, (low, high - low, a, 6 - a)
        case forms.Beta(average=average, sd=sd):
            total = average * (1 - average) / sd**2 - 1
            return codes.BETA, (average * total, (1 - average) * total)
    raise TypeError(f"no inverse of {type(distribution).__name__} in compiled code")


def _courses(people: Sequence[Person], levels: int) -> NDArray[np.float64]:
    """What would happen to listed people: for each, the days to being lost and to a DLT at each level."""
    rows = [(one.lost, *(one.dlt or (None,) * levels)) for one in people]
    return np.array(rows, dtype=float)  # None becomes NaN


def _words(numbers: Any) -> NDArray[np.int64]:
    """Whole numbers below 2**64 as signed words of the same bits."""
    return np.array(list(numbers), dtype=np.uint64).view(np.int64)


def _too_toxic_below(model: Model, level: int, limit: Limit) -> float:
    """Where the parameter is below this, the DLT probability of the level is above the limit."""
    crossing = model.crossing(level, limit.above)
    return -np.inf if crossing is None else crossing


def _too_toxic_from(rule: Any, evaluable: int, at_least: int) -> int:
    """As `trialsim.rules.beta.too_toxic_from`; the number never falls when one more is evaluable."""
    if isinstance(rule, IntervalDesign):
        cutoff, a, b = rule.elimination, 1.0, 1.0
    else:
        cutoff, a, b = rule.cutoff, rule.prior_a, rule.prior_b
    for dlts in range(at_least, evaluable + 1):
        if upper_tail(rule.target, a + dlts, b + evaluable - dlts) > cutoff:
            return dlts
    return evaluable + 1
