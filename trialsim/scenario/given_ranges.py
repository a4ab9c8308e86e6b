"""A scenario in which more is unknown than its file says: ranges given from outside, ``KEY=LOW:HIGH``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from trialsim.scenario.messages.errors import Problem, ScenarioError
from trialsim.scenario.reading.overrides import split_option
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.validation import value_of
from trialsim.scenario.values.units import NUMBER

FORM, EXAMPLE = "KEY=LOW:HIGH", "screening.pass_probability=0.2:0.4"
_RANGE = re.compile(r"\s*([^:{]*[^:{\s])\s*:\s*([^:}]*[^:}\s])\s*")
_WITH_UNIT = re.compile(rf"{NUMBER}\s+(\S.*)")
_BARE = re.compile(NUMBER)


def with_ranges(scenario: Scenario, ranges: Sequence[str], option: str = "--vary") -> Scenario:
    """The scenario with further keys unknown, or with other distributions for keys that are.

    Parameters
    ----------
    scenario : Scenario
        With what it calls unknown itself.
    ranges : sequence of str
        Each ``KEY=LOW:HIGH``, anything between with the same density (a unit after the second stands for both), or
        ``KEY={…}`` with a distribution or quantiles as in `uncertain`.
    option : str
        What the messages call where these come from.

    Raises
    ------
    ScenarioError
        With everything that is wrong with each.
    """
    problems: list[Problem] = []
    for text in ranges:
        label = f"{option} {text}"
        try:
            key, entry = _read(text, label)
            scenario = scenario.changed({f"uncertain.{key}": entry})
        except ValueError as error:
            problems.append(Problem(label, None, None, "", str(error)))
        except ScenarioError as error:
            problems += [Problem(label, None, None, "", each.message) for each in error.problems]
    if problems:
        raise ScenarioError(problems)
    return scenario


def _read(text: str, label: str) -> tuple[str, Any]:
    """The key and the entry of `uncertain` that a range stands for. Raises ValueError or ScenarioError."""
    key, value = split_option(text, FORM, EXAMPLE)
    match = _RANGE.fullmatch(value)
    if match is None:
        entry = value_of(value, label)
        if not isinstance(entry, dict):
            raise ValueError(
                f"this is no range; write {FORM}, say {EXAMPLE}, or a distribution such as "
                "{pert: {min: …, mode: …, max: …}}"
            )
        return key, entry
    low, high = match.groups()
    unit = _WITH_UNIT.fullmatch(high)
    if unit and _BARE.fullmatch(low):
        low = f"{low} {unit[1]}"
    ends = [value_of(each, label) for each in (low, high)]
    if ends[0] == ends[1]:
        raise ValueError("both ends are the same, so that it cannot vary")
    return key, {"uniform": {"min": ends[0], "max": ends[1]}}
