"""A replay: the exact calendar of a trial in which nothing is left to chance, under one dose rule or several."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trialsim.frames import Table, typed
from trialsim.results.result import Result, of, own_rule
from trialsim.results.trace import Trace, plain_rows, trace
from trialsim.rules.base import check_rule
from trialsim.tables import CALENDAR, REPLAYS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from trialsim.analysis.facts import Facts
    from trialsim.figures.picture import Picture
    from trialsim.rules.base import Rule
    from trialsim.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Replay(Result):
    """The same people under each of some dose rules.

    Attributes
    ----------
    scenario : Scenario
        What was replayed.
    traces : mapping of str to Trace
        The history under each rule, by the rule's name, in the order given.
    """

    scenario: Scenario
    traces: Mapping[str, Trace]

    def __repr__(self) -> str:
        return f"Replay({self.scenario.name}: {', '.join(self.traces)})"

    @cached_property
    def ends(self) -> pd.DataFrame:
        """How the trial went under each rule, with the columns of `trialsim.tables.REPLAYS`."""
        import pandas as pd

        return pd.concat([_end(name, history) for name, history in self.traces.items()], ignore_index=True)

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """When everybody came and what became of them, with the columns of `trialsim.tables.CALENDAR`."""
        import pandas as pd

        tables = [typed(CALENDAR, _with_rule(name, history.people)) for name, history in self.traces.items()]
        return pd.concat(tables, ignore_index=True)

    def text(self, *, color: bool = False, width: int | None = 80) -> str:
        """The calendars to read, and under several rules a comparison of them."""
        from trialsim.report.calendars import render

        dosing = self.scenario.dosing
        return render(
            self.ends,
            self.calendar,
            self._facts(),
            color=color,
            width=width,
            settled_at_infusion=dosing is not None and dosing.dose_fixed_at == "infusion",
        )

    def _facts(self) -> Facts:
        """Facts about the trial, under all rules together."""
        from trialsim.analysis.facts import facts_of

        under = [facts_of(each.scenario) for each in self.traces.values()]
        own = any(each.rule is not None for each in self.traces.values())
        finds_dose = own or any(facts.finds_dose for facts in under)
        has_dlts = own or any(facts.has_dlts for facts in under)
        return replace(facts_of(self.scenario), finds_dose=finds_dose, has_dlts=has_dlts)

    def tables(self) -> dict[str, Table]:
        """How the trial went under each rule, and the calendar of everybody."""
        return {"ends": Table(REPLAYS, self.ends), "calendar": Table(CALENDAR, self.calendar)}

    def made_from(self) -> dict[str, Any]:
        """The scenario, and by the name of each rule the scenario under it, or the user's own."""
        return {
            **of(self.scenario),
            "rules": {
                name: {"digest": history.scenario.digest(), "rule": own_rule(history.rule)}
                for name, history in self.traces.items()
            },
        }

    def figures(self) -> list[str]:
        """``calendars``: a panel a rule."""
        return ["calendars"]

    def figure(self, name: str = "calendars") -> Picture:
        """A picture of the calendars, a panel a rule."""
        return super().figure(name)

    def summary(self) -> dict[str, Any]:
        """All of it as plain values; the same as `to_document`."""
        return self.to_document()

    def _draw(self, name: str) -> Figure:
        from trialsim.figures.calendars import Panel, calendars

        panels = [Panel(name, each.ends, each.people, each.lots) for name, each in self.traces.items()]
        return calendars(panels, self._facts())

    def to_document(self) -> dict[str, Any]:
        """All of it as plain values, ready for JSON; None is what did not happen."""
        return {
            "scenario": self.scenario.name,
            "start_date": self.scenario.trial.start_date.isoformat(),
            "rules": [
                {
                    **end,
                    "participants": plain_rows(
                        self.calendar[self.calendar["rule"] == end["rule"]].drop(columns="rule")
                    ),
                }
                for end in plain_rows(self.ends)
            ],
        }


def replay(
    scenario: Scenario | str | os.PathLike[str],
    rules: Mapping[str, Any] | Sequence[Any] | None = None,
    option: str = "rules",
) -> Replay:
    """Replay a trial in which nothing is left to chance, under one dose rule or several.

    Parameters
    ----------
    scenario
        The trial, from `trialsim.load`, or what to load. Whose course it is to decide lists ``people`` (or fixed
        ``arrival_days``) at its sites.
    rules
        The rules to compare, by the names they shall have: each as under ``dosing.rule`` (``"fixed"``,
        ``{"boin": {"target": 0.3}}``), or an object with the methods ``decide`` and ``recommend``. A list of rules
        will do: they are called by their own names. Left out, the scenario's own. A rule that brings its cohort size
        along has it here too; any other has the scenario's.
    option
        What messages call a rule by, before its name.

    Raises
    ------
    ScenarioError
        When the scenario or a rule is not valid, or something is left to chance: with every key concerned.
    TypeError
        When ``rules`` is neither a mapping nor a list, or one of them is no rule at all.
    ValueError
        When a list holds the same rule twice.
    """
    rules = _by_name(rules)
    from trialsim.scenario import Problem, Scenario, ScenarioError
    from trialsim.scenario.checks.certainty import left_to_chance
    from trialsim.scenario.loading import demanded, load

    if isinstance(scenario, Scenario):
        demanded(scenario, left_to_chance)
    else:
        scenario = load(scenario, demand=left_to_chance)
    if rules is None:
        return Replay(scenario, {_own_name(scenario): trace(scenario)})
    if scenario.dosing is None:
        message = "is missing; a dose rule needs dose levels to choose from"
        raise ScenarioError([Problem(scenario.name, None, None, "dosing", message)])
    plans: dict[str, tuple[Scenario, Rule | None]] = {}
    problems: list[Problem] = []
    for name, rule in rules.items():
        try:
            plans[name] = _under(scenario, rule)
        except ScenarioError as error:
            problems += [replace(problem, file=f"{option} {name}") for problem in error.problems]
    if not rules:
        problems = [Problem(option, None, None, "", "no dose rule is given; give at least one")]
    if problems:
        raise ScenarioError(problems)
    return Replay(scenario, {name: trace(plan, rule=own) for name, (plan, own) in plans.items()})


def _by_name(rules: Any) -> Mapping[str, Any] | None:
    """The rules with their names. Raises TypeError and ValueError."""
    if rules is None:
        return None
    if not isinstance(rules, Mapping):
        if isinstance(rules, str) or not isinstance(rules, Sequence):
            raise TypeError(
                f"rules is {rules!r}; give a list of rules, as in ['three_plus_three', {{'boin': {{'target': 0.3}}}}], "
                "or a mapping of names of your own to rules"
            )
        rules = named(rules)
    by_name: Mapping[str, Any] = rules
    for rule in by_name.values():
        if isinstance(rule, type) or hasattr(rule, "decide"):
            check_rule(rule)
    return by_name


def named(rules: Sequence[Any]) -> dict[str, Any]:
    """Names for rules: with parameters only where the bare name is not enough; an object of one's own by its class.

    Raises
    ------
    ValueError
        When the same rule is given twice.
    """
    bare = [_name(rule) for rule in rules]
    names = [_name(rule, full=True) if bare.count(name) > 1 else name for rule, name in zip(rules, bare, strict=True)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"the rule {twice} is given twice")
    return dict(zip(names, rules, strict=True))


def _name(rule: Any, full: bool = False) -> str:
    """A rule's name, in full with its parameters."""
    from trialsim.scenario.messages.words import given
    from trialsim.scenario.values.written_rules import name_of, write_rule

    if hasattr(rule, "decide"):
        rule = write_rule(rule) if name_of(rule) else type(rule).__name__
    if not isinstance(rule, Mapping) or len(rule) != 1:
        return str(rule)
    ((name, parameters),) = rule.items()
    if not full or not isinstance(parameters, Mapping) or not parameters:
        return str(name)
    told = (f"{key} {value if isinstance(value, str) else given(value)}" for key, value in parameters.items())
    return f"{name} ({', '.join(told)})"


def _own_name(scenario: Scenario) -> str:
    """What the scenario's own rule is called."""
    return "no dose rule" if scenario.dosing is None else scenario.dosing.rule_name


def _under(scenario: Scenario, rule: Any) -> tuple[Scenario, Rule | None]:
    """The scenario under a rule, and the rule if it is none that a scenario can hold."""
    from trialsim.scenario.values.written_rules import name_of, rule_class, write_rule

    if hasattr(rule, "decide") and not name_of(rule):
        return scenario, rule
    written = write_rule(rule) if name_of(rule) else rule
    changes = {"dosing.rule": written}
    built_in = rule_class(written)
    if built_in is not None and built_in.fixed_cohort_size is not None:
        changes["dosing.cohort_size"] = None  # the rule brings its own along
    return scenario.changed(changes), None


def _end(name: str, history: Trace) -> pd.DataFrame:
    """One row: how the trial went under one rule."""
    from trialsim.analysis.replications import replications

    scenario, people = history.scenario, history.people
    table = replications(history.ends, people, history.lots, scenario.levels, scenario.trial.close_out)
    waits = (people["infusion_day"] - people["arrival_day"]).dropna()
    own = {"days_waited": [waits.sum()], "mean_days_waited": [waits.mean()]}
    return typed(REPLAYS, {**_with_rule(name, table), **own})


def _with_rule(name: str, table: pd.DataFrame) -> dict[str, Any]:
    return {"rule": [name] * len(table), **{column: table[column] for column in table.columns}}
