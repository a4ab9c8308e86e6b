"""What a summary needs to know of a scenario, as plain values."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from trialsim.analysis.measures import words
from trialsim.scenario.checks.idle import most_by_rule
from trialsim.vocabulary import END_CAUSES, EndCause, Milestone, Outcome, Piece

if TYPE_CHECKING:
    from trialsim.scenario import Scenario


@dataclass(frozen=True)
class Observation:
    """Counts of the real trial up to and including ``date``; the keys are columns of the table of replications.

    ``ended`` is whether the trial was over by then; of several, the last tells.
    """

    date: datetime.date
    counts: Mapping[str, int]
    ended: bool = True


class Target(NamedTuple):
    """A milestone, and the day on which it should be reached at the latest."""

    milestone: Milestone
    date: datetime.date


@dataclass(frozen=True)
class Facts:
    """Plain facts about a scenario.

    ``targets`` are the milestones that are planned, the planned end first; ``levels`` the doses as text, empty without
    dosing; ``options`` the choices that move the calendar, by key; ``assumptions`` how many of the scenario's values
    have no better source than an assumption, what-ifs too, of ``values`` in all; ``what_ifs`` what has been changed
    from outside the file, ``edited`` the keys whose source is of another value, ``unknown`` how many keys are
    uncertain. ``most_by_rule`` says how many the dose rule can ever treat, if that is less than the trial wants.
    ``has_infusions`` is whether there is a product or a slot to be infused in, ``has_follow_up`` whether there is
    follow-up after the window, ``finds_dose`` whether a rule decides on doses, ``has_dlts`` whether anybody can have a
    DLT or a rule goes by them, and ``may_end_by`` the causes that can end the trial: what is not there is not talked
    about.
    """

    name: str
    start_date: datetime.date
    max_participants: int
    title: str | None = None
    targets: tuple[Target, ...] = ()
    levels: tuple[str, ...] = ()
    observed: tuple[Observation, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    assumptions: int = 0
    values: int = 0
    what_ifs: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    unknown: int = 0
    most_by_rule: str | None = None
    has_infusions: bool = True
    has_follow_up: bool = False
    finds_dose: bool = True
    has_dlts: bool = True
    may_end_by: tuple[EndCause, ...] = END_CAUSES

    @property
    def infused(self) -> str:
        """The word for those who have got what is tried."""
        return "infused" if self.has_infusions else "treated"

    @property
    def infusion(self) -> str:
        """The word for getting it."""
        return "infusion" if self.has_infusions else "treatment"

    @property
    def label(self) -> str:
        """The name; of a what-if, with a word that says so."""
        return f"{self.name}, what-if" if self.what_ifs else self.name

    def words_of(self, milestone: Milestone) -> str:
        """The words for a milestone of this trial."""
        return milestone.words.replace("infusion", self.infusion)

    @property
    def tells_levels(self) -> bool:
        """Whether it is worth telling at which level somebody is: there are several, or a rule finds one."""
        return self.finds_dose or len(self.levels) > 1

    def piece(self, piece: Piece) -> str:
        """The words for what this trial waits for."""
        words = piece.words.replace("infusion", self.infusion)
        return words if self.has_dlts else words.removeprefix("safety ")

    def measure(self, measure: str) -> str:
        """The words for what sweeps measure of this trial."""
        return self.infused if measure == "infused" else words(measure).replace("infusion", self.infusion)

    def outcome(self, outcome: Outcome) -> str:
        """The words for what becomes of somebody in this trial."""
        return "observed" if outcome == Outcome.OBSERVED and not self.has_dlts else outcome.words

    @property
    def window(self) -> str:
        """The word for the time after the infusion in which everybody is watched."""
        return "safety window" if self.has_dlts else "observation window"

    def date_of(self, day: float) -> datetime.date:
        """The date on which a moment, in days since the start, falls."""
        return self.start_date + datetime.timedelta(days=math.floor(day))

    def day_of(self, date: datetime.date) -> int:
        """Days from the start to ``date``."""
        return (date - self.start_date).days


def facts_of(scenario: Scenario) -> Facts:
    """The facts about ``scenario``."""
    trial, dosing = scenario.trial, scenario.dosing
    kinds = [scenario.source_of(key).kind for key in scenario.given_values()]
    return Facts(
        name=trial.name,
        title=trial.title,
        start_date=trial.start_date,
        targets=tuple(
            Target(each.milestone, each.date) for each in (trial.planned_end, *trial.targets) if each is not None
        ),
        max_participants=trial.max_participants,
        levels=() if dosing is None else tuple(dose.text for dose in dosing.levels),
        observed=tuple(Observation(entry.date, _counts(entry), entry.ended) for entry in scenario.observed),
        options=_options(scenario),
        assumptions=sum(kind in ("assumption", "edited", "what-if") for kind in kinds),
        values=len(kinds),
        most_by_rule=most_by_rule(scenario),
        has_infusions=scenario.product is not None or scenario.infusion is not None,
        has_follow_up=scenario.follow_up is not None and scenario.follow_up.duration > 0,
        finds_dose=_finds_dose(scenario),
        has_dlts=_has_dlts(scenario),
        may_end_by=tuple(_may_end_by(scenario)),
        what_ifs=tuple(each.note or key for key, each in scenario.sources.items() if each.kind == "what-if"),
        unknown=len(scenario.uncertain),
        edited=tuple(key for key, each in scenario.sources.items() if each.kind == "edited"),
    )


def _finds_dose(scenario: Scenario) -> bool:
    return scenario.dosing is not None and (scenario.dosing.rule.seeks_dose or scenario.dosing.guards is not None)


def _has_dlts(scenario: Scenario) -> bool:
    listed = any(any(day is not None for day in one.dlt) for site in scenario.sites for one in site.people or ())
    likely = scenario.truth is not None and any(scenario.truth.dlt_probability)
    return _finds_dose(scenario) or listed or likely


def _may_end_by(scenario: Scenario) -> Iterator[EndCause]:
    """The causes that can end this trial, in the order in which reports name them."""
    product, stopping = scenario.product, scenario.stopping
    can = {
        EndCause.COMPLETED: True,
        EndCause.SAFETY: _finds_dose(scenario),
        EndCause.PRODUCT: product is not None and product.max_consecutive_failed_lots is not None,
        EndCause.SLOW_ACCRUAL: stopping is not None and bool(stopping.accrual_looks),
        EndCause.TIME_LIMIT: stopping is not None and stopping.time_limit is not None,
        EndCause.EXTERNAL: stopping is not None and stopping.external_stop > 0,
    }
    return (cause for cause in END_CAUSES if can[cause])


def _counts(entry: Any) -> dict[str, int]:
    """What an entry of ``observed`` says, by column of the table of replications."""
    names = ("screened", "screen_failures", "enrolled", "infused", "under_dosed")
    counts = {name: getattr(entry, name) for name in names if getattr(entry, name) is not None}
    for level, infused in enumerate(entry.infused_by_level or (), start=1):
        counts[f"infused_level_{level}"] = infused
    if entry.infused_by_level and "infused" not in counts:
        counts["infused"] = sum(entry.infused_by_level)
    return counts


def _options(scenario: Scenario) -> dict[str, str]:
    """The choices that move the calendar without being quantities; every report names them."""
    options: dict[str, str] = {"while_closed": scenario.recruitment.while_closed}
    if scenario.dosing is not None and (_finds_dose(scenario) or scenario.truth is not None):
        toxic = ("stop_cohort_early", "dlt_resolves") if _has_dlts(scenario) else ()
        for name in (*toxic, "replace_non_evaluable"):
            options[name] = "true" if getattr(scenario.dosing, name) else "false"
        if not scenario.dosing.rule.cohorts:
            options["dose_fixed_at"] = scenario.dosing.dose_fixed_at
        if scenario.dosing.guards:
            options["guards"] = " and ".join(scenario.dosing.guards.model_dump(exclude_none=True)) or "none"
        options |= scenario.dosing.rule.options()
    return options
