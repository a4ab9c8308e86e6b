"""The dose ladder, the rule that climbs it, and the gaps between infusions."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from trialsim.rules.base import Rule
from trialsim.rules.built_in import BuiltInRule
from trialsim.rules.guards import Guarded, Guards
from trialsim.scenario.messages.errors import Wrong
from trialsim.scenario.messages.pydantic_messages import keys_of, problems_of
from trialsim.scenario.messages.words import given, listed, unknown
from trialsim.scenario.values.distributions import Constant
from trialsim.scenario.values.fields import Days, DoseLevel, PositiveCount, PositiveDays, RandomDuration, Section
from trialsim.scenario.values.units import Dose


def _rule(value: Any) -> Any:
    """The rule that a value names: ``fixed``, or ``{boin: {target: 0.25}}``. Raises Wrong."""
    from trialsim.rules import RULES

    if isinstance(value, tuple(RULES.values())):
        return value
    advice = f"write one of {listed(RULES, 'or')}, with parameters as in {{boin: {{target: 0.25}}}}"
    parameters: Any = {}
    if isinstance(value, str):
        name = value
    elif isinstance(value, dict) and len(value) == 1:
        ((name, parameters),) = value.items()
    else:
        raise Wrong([((), f"{given(value)} is not a dose rule; {advice}")])
    path = (name,) if isinstance(value, dict) else ()
    if name not in RULES:
        raise Wrong([(path, unknown(name, RULES, "dose rule"))])
    parameters = {} if parameters is None else parameters
    if not isinstance(parameters, dict):
        raise Wrong([(path, f"{given(parameters)} where the rule's parameters are due; {advice}")])
    known = keys_of(RULES[name])
    parameters = {key: each for key, each in parameters.items() if each is not None or key not in known}
    try:
        return RULES[name].model_validate(parameters)
    except ValidationError as error:
        found = problems_of(error, RULES[name], parameters)
        raise Wrong([((*path, *inner), message) for inner, message in found]) from None


def kind_of(written: Any) -> type[BuiltInRule] | None:
    """The class of the rule that a value names, whether or not its parameters are right; None for anything else."""
    from trialsim.rules import RULES

    name = next(iter(written)) if isinstance(written, dict) and len(written) == 1 else written
    return RULES.get(name) if isinstance(name, str) else None


def name_of(rule: Any) -> str:
    """The name under which a built-in rule is known in scenario files; empty for anything else."""
    from trialsim.rules import RULES

    return next((name for name, kind in RULES.items() if type(rule) is kind), "")


def write_rule(rule: Any) -> Any:
    """A built-in rule as it stands in scenario files."""
    name = name_of(rule)
    parameters = rule.model_dump(by_alias=True, exclude_none=True)
    return {name: parameters} if parameters else name


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
    rule: Annotated[Any, PlainValidator(_rule), PlainSerializer(write_rule), WithJsonSchema({"x-kind": "Rule"})] = (
        Field(description="The dose rule.", examples=["fixed"])
    )

    guards: Guards | None = Field(None, description="What the protocol lays on top of the rule.")

    @model_validator(mode="before")
    @classmethod
    def _size_of_the_rule(cls, data: Any) -> Any:
        """A rule whose cohorts have a fixed size by definition brings it along."""
        if isinstance(data, dict) and "cohort_size" not in data:
            kind = kind_of(data.get("rule"))
            if kind is not None and kind.fixed_cohort_size is not None:
                return {**data, "cohort_size": kind.fixed_cohort_size}
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
