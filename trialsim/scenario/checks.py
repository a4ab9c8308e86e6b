"""Contradictions between keys: what no single value can show.

Each check is a function of the scenario that yields (path, message). To report everything at once they also run on
scenarios of which some part could not be read: that part is then `BROKEN`, and a check that touches it stays silent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NoReturn

from trialsim.scenario.calendar import day_of, first_open_day
from trialsim.scenario.errors import Path
from trialsim.scenario.people import people
from trialsim.scenario.recruitment import names
from trialsim.scenario.words import dotted, given, listed, nearest, number

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario

Found = Iterator[tuple[Path, str]]
HUNDRED_YEARS = 36525.0
MOST_SITES = 100_000


class Untold(Exception):
    """Raised by `BROKEN` when a check needs it."""


class _Broken:
    """Stands for a part of the scenario that could not be read."""

    def _silence(self, *_: Any, **__: Any) -> NoReturn:
        raise Untold

    __getattr__ = __iter__ = __len__ = __bool__ = __lt__ = __le__ = __gt__ = __ge__ = _silence
    __eq__ = __ne__ = __getitem__ = __contains__ = __add__ = __radd__ = __sub__ = __rsub__ = _silence
    __hash__ = _silence


BROKEN: Any = _Broken()


def contradictions(scenario: Scenario) -> Found:
    """Every contradiction in a scenario (which may have `BROKEN` parts)."""
    for check in CHECKS:
        try:
            yield from list(check(scenario))
        except Untold:
            continue


def planned_end(s: Scenario) -> Found:
    end, start = s.trial.planned_end, s.trial.start_date
    if end is not None and end < start:
        yield ("trial", "planned_end"), f"{end} is before the trial starts ({start})"


def site_rates(s: Scenario) -> Found:
    fixed = ("rate", "rate_cv", "ramp_up", "activation", "never_active_probability")
    for place, entry in enumerate(s.recruitment.sites):
        path = ("recruitment", "sites", place)
        given_days = next((key for key in ("people", "arrival_days") if getattr(entry, key) is not None), None)
        if given_days is not None:
            if entry.people is not None and entry.arrival_days is not None:
                yield (*path, "people"), "people come on days of their own; leave out the arrival_days"
            clash = [key for key in fixed if getattr(entry, key) is not None]
            if clash:
                message = f"a site with fixed {given_days} is open from day 0; leave out its {listed(clash)}"
                yield (*path, given_days), message
        elif entry.rate is None and s.recruitment.site_defaults.rate is None:
            yield (*path, "rate"), 'is missing; a site needs a rate such as "0.5 per month", or arrival_days, or people'


def site_names(s: Scenario) -> Found:
    entries = s.recruitment.sites
    if sum(entry.count or 1 for entry in entries) > MOST_SITES:
        yield ("recruitment", "sites"), f"more than {MOST_SITES:,} sites in all"
        return
    seen: dict[str, int] = {}
    for place, entry in enumerate(entries):
        twice = next((name for name in names(entry) if seen.setdefault(name, place) != place), None)
        if twice:
            yield (
                ("recruitment", "sites", place, "name"),
                f"another site is called {given(twice)} already; every site needs a name of its own",
            )


def periods(s: Scenario) -> Found:
    known = {name for entry in s.recruitment.sites for name in (entry.name, *names(entry))}
    for place, period in enumerate(s.recruitment.periods):
        for site in period.sites or ():
            if site not in known:
                close = nearest(site, known)
                hint = f' (did you mean "{close}"?)' if close else ""
                path = ("recruitment", "periods", place, "sites")
                yield path, f"there is no site called {given(site)}{hint}; the sites are {listed(sorted(known))}"


def stretches(s: Scenario) -> Found:
    for section, key in (("recruitment", "periods"), ("infusion", "closures")):
        holder = getattr(s, section)
        try:
            for place, each in enumerate(getattr(holder, key) if holder is not None else ()):
                if each.until <= each.start:
                    path = (section, key, place, "until")
                    yield path, f"{each.until} is not after from ({each.start}); until is the first day outside"
        except Untold:
            continue


def screening_choice(s: Scenario) -> Found:
    if s.screening is None:
        return
    single, several = s.screening.pass_probability is not None, s.screening.criteria is not None
    if not single and not several:
        yield ("screening",), "needs a pass_probability, or criteria"
    if single and several:
        yield ("screening", "criteria"), "criteria and pass_probability exclude each other; keep one of them"


def criteria_names(s: Scenario) -> Found:
    criteria = s.screening.criteria if s.screening is not None else None
    counts = Counter(criterion.name for criterion in criteria or ())
    for place, criterion in enumerate(criteria or ()):
        if counts[criterion.name] > 1:
            yield ("screening", "criteria", place, "name"), f"{given(criterion.name)} names more than one criterion"


def product_policy(s: Scenario) -> Found:
    if s.product is None:
        return
    policy, kind = s.product.policy, s.product.kind
    if kind == "autologous" and policy == "to_stock":
        yield ("product", "policy"), "to_stock is impossible for an autologous product; use to_order"
    elif policy == "to_stock" and s.product.target_doses is None:
        yield ("product", "target_doses"), "is missing; policy to_stock needs the number of doses to keep in stock"
    if kind == "autologous" and s.product.lots_in_stock_at_start > 0:
        yield ("product", "lots_in_stock_at_start"), "an autologous product is made for one person; there is no stock"


def product_needs(s: Scenario) -> Found:
    if s.product is None:
        return
    if s.dosing is None:
        yield ("product",), "needs a dosing section: a lot is divided into doses"
        return
    for place, dose in enumerate(s.dosing.levels):
        if dose.unit != "cells":
            message = f'{given(dose.text)}: with a product, doses are counted in cells, such as "2e6 cells per kg"'
            yield ("dosing", "levels", place), message
    if any(dose.per_kg for dose in s.dosing.levels) and (s.participants is None or s.participants.weight_kg is None):
        yield ("dosing", "levels"), "with a product, doses per kg need participants.weight_kg, which is missing"


def infusion_opens(s: Scenario) -> Found:
    if s.infusion is None:
        return
    if not s.infusion.days:
        yield ("infusion", "weekdays"), "the infusion unit never opens; list at least one day of the week"
    if s.infusion.per_day == 0:
        yield ("infusion", "per_day"), "0 participants a day means that the infusion unit never opens"
    closures = s.infusion.closures
    if not closures or not s.infusion.days or any(each.until <= each.start for each in closures):
        return
    start = s.trial.start_date
    stretches = [(float(day_of(start, c.start)), float(day_of(start, c.until))) for c in closures]
    first = first_open_day(start, s.infusion.weekdays, stretches)
    limit = HUNDRED_YEARS
    if s.stopping is not None and s.stopping.time_limit is not None:
        limit = s.stopping.time_limit
    if first is not None and first > limit:
        yield ("infusion", "closures"), "the infusion unit never opens before the time limit"


def weekdays_once(s: Scenario) -> Found:
    for day, count in Counter(s.infusion.days if s.infusion is not None else ()).items():
        if count > 1:
            yield ("infusion", "weekdays"), f"{day} is listed {count} times"


def ladder(s: Scenario) -> Found:
    levels = s.dosing.levels if s.dosing is not None else ()
    if len({(dose.unit, dose.per_kg) for dose in levels}) > 1:
        yield ("dosing", "levels"), f"the levels have different units: {listed(dose.text for dose in levels)}"
        return
    for place in range(1, len(levels)):
        if levels[place].amount <= levels[place - 1].amount:
            message = f"{given(levels[place].text)} is not above the level before; list the doses from the lowest"
            yield ("dosing", "levels", place), message


def start_level(s: Scenario) -> Found:
    if s.dosing is not None and s.dosing.start_level > len(s.dosing.levels):
        count = len(s.dosing.levels)
        message = f"{s.dosing.start_level} is beyond the ladder, which has {count} level{'s' * (count > 1)}"
        yield ("dosing", "start_level"), f"{message} (counted from 1)"


def rule_fits(s: Scenario) -> Found:
    if s.dosing is None:
        return
    misfit = s.dosing.rule.misfit(len(s.dosing.levels))
    if misfit:
        parameter, message = misfit
        yield ("dosing", "rule", s.dosing.rule_name, parameter), message


def cohort_size(s: Scenario) -> Found:
    if s.dosing is None:
        return
    name = s.dosing.rule_name
    size = s.dosing.cohort_size
    if name == "three_plus_three" and size != 3:
        message = f"{size} does not go with three_plus_three, whose cohorts are of 3; give 3, or leave it out"
        yield ("dosing", "cohort_size"), message
    elif name and size is None and s.dosing.rule.cohorts:
        yield ("dosing", "cohort_size"), f"is missing; the rule {name} works in cohorts: give their size, such as 3"


def truth_fits(s: Scenario) -> Found:
    if s.truth is None:
        return
    if s.dosing is None:
        yield ("truth",), "needs a dosing section: probabilities belong to dose levels"
        return
    given_count, wanted = len(s.truth.dlt_probability), len(s.dosing.levels)
    if given_count != wanted:
        message = f"{given_count} probabilities for {wanted} dose levels; give one for each level"
        yield ("truth", "dlt_probability"), message


def looks(s: Scenario) -> Found:
    if s.stopping is None or s.stopping.time_limit is None:
        return
    for place, look in enumerate(s.stopping.accrual_looks):
        if look.at > s.stopping.time_limit:
            message = f"{number(look.at)} days is after the time limit of {number(s.stopping.time_limit)} days"
            yield ("stopping", "accrual_looks", place, "at"), message


def observed_dates(s: Scenario) -> Found:
    before = s.trial.start_date
    for place, entry in enumerate(s.observed):
        path = ("observed", place, "date")
        if entry.date < s.trial.start_date:
            yield path, f"{entry.date} is before the trial starts ({s.trial.start_date})"
        elif entry.date < before:
            yield path, f"{entry.date} is before the entry above ({before}); list the days in order"
        before = max(before, entry.date)


def observed_counts(s: Scenario) -> Found:
    highest: dict[str, int] = {}
    for place, entry in enumerate(s.observed):
        path = ("observed", place)
        by_level = sum(entry.infused_by_level) if entry.infused_by_level is not None else None
        infused = entry.infused if entry.infused is not None else by_level
        if by_level is not None and infused != by_level:
            yield (*path, "infused_by_level"), f"adds up to {by_level}, but infused is {infused}"
        counts = {"screened": entry.screened, "enrolled": entry.enrolled, "infused": infused}
        known = [(key, count) for key, count in counts.items() if count is not None]
        for (more, most), (fewer, count) in pairwise(known):
            if count > most:
                yield path, f"{count} {fewer} but only {most} {more}; counts are of persons up to that day"
        failures = entry.screen_failures
        if failures is not None and entry.screened is not None and failures > entry.screened:
            yield path, f"{failures} screen failures but only {entry.screened} screened"
        for key, count in known:
            if count < highest.get(key, 0):
                yield path, f"{count} {key} after {highest[key]} on an earlier day; counts never fall"
            highest[key] = max(count, highest.get(key, 0))


def observed_levels(s: Scenario) -> Found:
    if s.dosing is None:
        return
    wanted = len(s.dosing.levels)
    for place, entry in enumerate(s.observed):
        if entry.infused_by_level is not None and len(entry.infused_by_level) != wanted:
            message = f"{len(entry.infused_by_level)} counts for {wanted} dose levels; give one for each level"
            yield ("observed", place, "infused_by_level"), message


def source_keys(s: Scenario) -> Found:
    from trialsim.scenario.overrides import split_key
    from trialsim.scenario.places import keys_below

    for key, source in s.sources.items():
        if source.kind == "what-if":
            continue  # noted by the program itself; a key that does not exist has been reported
        try:
            parts = split_key(key)
        except ValueError as error:
            yield ("sources", key), str(error)
            continue
        here: Any = s
        for depth, part in enumerate(parts):
            below = keys_below(here)
            if part not in below:
                close = nearest(part, below)
                hint = f"; did you mean {dotted([*parts[:depth], close])}?" if close else ""
                yield ("sources", key), f"there is no key {dotted(parts[: depth + 1])} in this scenario{hint}"
                break
            here = below[part]


CHECKS: tuple[Callable[[Any], Found], ...] = (
    planned_end,
    site_rates,
    site_names,
    people,
    periods,
    stretches,
    screening_choice,
    criteria_names,
    product_policy,
    product_needs,
    infusion_opens,
    weekdays_once,
    ladder,
    start_level,
    rule_fits,
    cohort_size,
    truth_fits,
    looks,
    observed_dates,
    observed_counts,
    observed_levels,
    source_keys,
)
