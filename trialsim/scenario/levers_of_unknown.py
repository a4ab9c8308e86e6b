"""Levers of keys that are not known: a step of whatever is drawn, on both sides of the same draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trialsim.scenario.inputs import Input
from trialsim.scenario.messages.words import dotted
from trialsim.scenario.reading.overrides import split_key
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.values import written_distributions as written

_FAILURES = ("product", "release_probability")
"""Of this probability a lever changes the other side: how many lots fail."""


def with_draws(scenario: Scenario, document: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any] | None:
    """The changes of a lever, with those of the draws for the keys that it moves; None if a step cannot be taken.

    Parameters
    ----------
    scenario : Scenario
        The trial as planned.
    document : mapping
        The same as plain values.
    changes : mapping
        Values by key, each of a section, as if they were known.
    """
    entries = {key: dict(entry) for key, entry in scenario.uncertain.items()}
    moved = False
    for key, value in changes.items():
        section, name = split_key(key)
        if key == "recruitment.sites":
            entries |= _of_another_site(scenario, value)
        for each in scenario.inputs:
            if each.path[:2] != (section, name):
                continue
            before, after = _at(document[section][name], each), _at(value, each)
            moved = moved or isinstance(value, dict)  # which would be known as a whole
            if before == after:
                continue
            old, new = each.quantity.parse(before), each.quantity.parse(after)
            if old in (0, 1) and old != new and (old == 0 or each.path == _FAILURES):
                return None
            entries[each.entry] |= _step(each, old, new)
            moved = True
    if not moved and entries.keys() == scenario.uncertain.keys():
        return dict(changes)
    pairs = {"correlations": document["correlations"]} if scenario.correlations else {}
    return {**changes, "uncertain": entries, **pairs}


def _step(each: Input, old: float, new: float) -> dict[str, Any]:
    """What an entry says of its draws once they are moved as the stated value is."""
    factor, more = new / old, 0.0
    if each.path == _FAILURES:
        factor = (1 - new) / (1 - old)
        more = 1 - factor
    changed: dict[str, Any] = {"times": each.times * factor}
    plus = each.plus * factor + more
    if plus:
        changed["plus"] = each.write(plus)
    if each.quantity == written.FRACTION and factor > 1:
        changed["at_most"] = min(each.at_most, 1.0)
    return changed


def _at(value: Any, each: Input) -> Any:
    """What stands at an input's place within the value of its key in a section."""
    for step in each.path[2:]:
        value = value[step]
    return value


def _of_another_site(scenario: Scenario, sites: Any) -> dict[str, Any]:
    """Entries for a site that is new, like those of the first that is like it but for the name."""
    names = {entry.name for entry in scenario.recruitment.sites}
    new = [site for site in sites if site["name"] not in names]
    found = {}
    for site in new:
        like = next(
            other["name"] for other in sites if other["name"] in names and _without_names(other) == _without_names(site)
        )
        for each in scenario.inputs:
            parts = split_key(each.key)
            if parts[:3] == ["recruitment", "sites", like]:
                found[dotted([*parts[:2], site["name"], *parts[3:]])] = dict(scenario.uncertain[each.entry])
    return found


def _without_names(site: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in site.items() if key not in ("name", "count")}
