"""Keys that change nothing, and sizes that are never reached: found before anybody wonders why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from trialsim.scenario.sections.infusion import Closure
from trialsim.scenario.sections.recruitment import Period

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario

_MOST_AT_LEVEL = {"three_plus_three": 6, "rolling_six": 6}


def most_by_rule(s: Scenario) -> str | None:
    """How many participants the dose rule can ever treat, in words, if the trial wants more."""
    if s.dosing is None:
        return None
    name, levels = s.dosing.rule_name, len(s.dosing.levels)
    at_level = _MOST_AT_LEVEL.get(name)
    if name == "ladder":
        at_level, levels = s.dosing.cohort_size, levels - s.dosing.start_level + 1
    if at_level is None or at_level * levels >= s.trial.max_participants:
        return None
    return f"{name} treats at most {at_level * levels} on {levels} level{'s' * (levels != 1)}"


def more_than_treated(s: Scenario) -> Iterator[str]:
    """Warn if the trial wants more participants than its dose rule can ever treat."""
    most = most_by_rule(s)
    if most is not None:
        yield (
            f"trial.max_participants: {s.trial.max_participants} wanted, but {most} (and whoever replaces somebody who "
            "was lost), so the rule ends every trial before"
        )


def too_small(s: Scenario) -> Iterator[str]:
    """Warn if the trial is too small for a cohort of its rule, or for what a look at accrual demands."""
    most, dosing = s.trial.max_participants, s.dosing
    if dosing is not None and dosing.cohort_size is not None and dosing.rule.seeks_dose and dosing.cohort_size > most:
        yield f"trial.max_participants: {most}, so not even one cohort of {dosing.cohort_size} is full"
    for number, look in enumerate(s.stopping.accrual_looks if s.stopping else (), start=1):
        if look.minimum_infused > most:
            yield (
                f"stopping.accrual_looks.{number}.minimum_infused: {look.minimum_infused} wanted of {most} people, "
                "so the look ends every trial that still runs (unless enough were lost and replaced)"
            )


def fixed_days(s: Scenario) -> Iterator[str]:
    """Warn of what changes rates, where sites have fixed days of arrival instead."""
    fixed = {each.name for each in s.recruitment.sites if each.arrival_days is not None or each.people is not None}
    if not fixed:
        return
    if len(fixed) == len(s.recruitment.sites):
        changes = {
            "rate_multiplier": s.recruitment.rate_multiplier != 1,
            "shared_rate_cv": s.recruitment.shared_rate_cv,
        }
        for key, is_given in changes.items():
            if is_given:
                yield f"recruitment.{key}: has no effect, because every site has fixed days of arrival"
    for index, period in enumerate(s.recruitment.periods):
        concerned = [each.name for each in s.recruitment.sites] if period.sites is None else period.sites
        if set(concerned) <= fixed:
            name = _named("recruitment.periods", index, period)
            yield f"{name}: has no effect, because the sites it concerns have fixed days of arrival"


def outside(s: Scenario) -> Iterator[str]:
    """Warn of periods and closures that lie before the trial, or after its time limit."""
    yield from _outside(s, "recruitment.periods", s.recruitment.periods)
    if s.infusion is not None:
        yield from _outside(s, "infusion.closures", s.infusion.closures)


def _outside(s: Scenario, path: str, stretches: Iterable[Period | Closure]) -> Iterator[str]:
    for index, each in enumerate(stretches):
        name = _named(path, index, each)
        if each.until <= s.trial.start_date:
            yield f"{name}: ends by {each.until}, before the trial starts ({s.trial.start_date}), so it has no effect"
        elif s.day_of(each.start) >= s.time_limit:
            last = s.date_of(s.time_limit)
            yield f"{name}: begins on {each.start}, after the trial is over ({last}), so it has no effect"


def _named(path: str, index: int, stretch: Period | Closure) -> str:
    return f"{path}.{stretch.name or index + 1}"
