"""The dose ladder, the rule that climbs it, and the gaps between infusions."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from trialsim.rules.base import Rule
from trialsim.rules.guards import Guarded, Guards
from trialsim.scenario.values.distributions import Constant
from trialsim.scenario.values.fields import Days, DoseLevel, PositiveCount, PositiveDays, RandomDuration, Section
from trialsim.scenario.values.units import Dose
from trialsim.scenario.values.written_rules import name_of, read_rule, rule_class, write_rule


class Dosing(Section):
    """Which dose next, and when the next participant may have it."""

    levels: Annotated[tuple[DoseLevel, ...], Field(strict=False, min_length=1, max_length=100)] = Field(
        description="The dose ladder, from the lowest.", examples=[["1 unit"]]
    )
    start_level: PositiveCount = Field(1, description="The level of the first participant, counted from 1.")
    cohort_size: PositiveCount | None = Field(None, description="Participants in a cohort.")
    sentinel: Days = Field(0.0, description="Least gap after the first infusion of a cohort.")
    stagger: Days = Field(0.0, description="Least gap after each later infusion of a cohort.")
    observation: Days = Field(0.0, description="The safety window of each participant.")
    review: RandomDuration = Field(Constant(0.0), description="From a cohort's outcomes to the next cohort's opening.")
    committee_every: PositiveDays | None = Field(None, description="The committee meets on day 0 and every so often.")
    dose_fixed_at: Literal["enrolment", "infusion"] = Field(
        "enrolment", description="When a participant's level is settled."
    )
    stop_cohort_early: bool = Field(True, description="Whether a cohort ends as soon as its outcome is decided.")
    dlt_resolves: bool = Field(True, description="Whether a DLT resolves its participant at once.")
    replace_non_evaluable: bool = Field(True, description="Whether those lost in the window are replaced.")
    rule: Annotated[Any, PlainValidator(read_rule), PlainSerializer(write_rule), WithJsonSchema({"x-kind": "Rule"})] = (
        Field(description="The dose rule.", examples=["fixed"])
    )

    guards: Guards | None = Field(None, description="What the protocol lays on top of the rule.")

    @model_validator(mode="before")
    @classmethod
    def _size_of_the_rule(cls, data: Any) -> Any:
        """A rule whose cohorts have a fixed size by definition brings it along."""
        if isinstance(data, dict) and "cohort_size" not in data:
            rule = rule_class(data.get("rule"))
            if rule is not None and rule.fixed_cohort_size is not None:
                return {**data, "cohort_size": rule.fixed_cohort_size}
        return data

    @property
    def rule_name(self) -> str:
        """The rule's name in scenario files."""
        return name_of(self.rule)

    def guarded(self, rule: Rule | None = None) -> Rule:
        """The rule (or another one in its place) with the scenario's guards on top."""
        chosen: Rule = rule or self.rule
        return Guarded(chosen, self.guards) if self.guards else chosen

    def most_infusions_a_day(self, participants: int) -> float:
        """Infusions a day that spacing, windows and reviews allow a trial of so many; infinite if they set no limit."""
        if not self.rule.cohorts or self.cohort_size is None:
            return 1 / self.stagger if self.stagger else math.inf
        size = min(self.cohort_size, participants)
        cycle = (self.sentinel if size > 1 else 0.0) + self.stagger * max(size - 2, 0)
        if size < participants:
            cycle += self.observation + self.review.mean()
        return size / cycle if cycle else math.inf

    def dose(self, level: int) -> Dose:
        """The dose of a level, counted from 1."""
        dose: Dose = self.levels[level - 1]
        return dose
