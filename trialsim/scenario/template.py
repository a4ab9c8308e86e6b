"""A blank scenario file: the keys of the parts asked for, each with what it means, and nobody's values."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from typing import Any

from trialsim.rules import RULES
from trialsim.scenario.schema import schema

ALWAYS = ("trial", "recruitment")
_NO_PARTS = (*ALWAYS, "format", "observed", "uncertain", "correlations", "sources")
_NEEDS = {"product": "dosing", "truth": "dosing"}
_COLUMN, WIDTH = 34, 120
"""Where comments begin and end."""
_WRITTEN = {
    "Duration": "a duration",
    "RandomDuration": "a duration, or a distribution",
    "Moment": "a duration from day 0, or year-month-day",
    "RandomMoment": "a duration from day 0, or a distribution, or year-month-day",
    "RandomAmount": "a number, or a distribution",
    "RandomFraction": "a number from 0 to 1, or a distribution",
    "Rate": "a rate",
    "Date": "year-month-day",
    "Rule": f"one of {', '.join(RULES)}; with parameters as in {{boin: {{target: 0.25}}}}",
}
_ONE_OF = {
    "rate": "REQUIRED, or arrival_days, or people. ",
    "pass_probability": "REQUIRED, or criteria. ",
}
EXAMPLES = {
    "planned_end": "{date: 2029-03-01, milestone: last_visit}",
    "targets": "[{date: 2028-03-01, milestone: last_enrolment}]",
    "arrival_days": "[1, 9]",
    "people": "[{arrival: 1 day}, {arrival: 9 days}]",
    "periods": "[{name: summer, from: 2027-07-01, until: 2027-09-01, factor: 0.5}]",
    "criteria": "[{name: age, pass_probability: 0.9}, {name: blood count, pass_probability: 0.7}]",
    "weekdays": "[Tuesday, Thursday]",
    "closures": "[{name: Christmas, from: 2027-12-24, until: 2028-01-02}]",
    "levels": "[1e6 cells per kg, 2e6 cells per kg]",
    "guards": "{safety_stop: {above: 0.3, certainty: 0.95}, enough_at_level: 12}",
    "dlt_probability": "[0.05, 0.15]",
    "accrual_looks": "[{at: 18 months, minimum_infused: 3}]",
}
"""How a list or mapping is written, of those that have no lines of their own."""


def parts() -> list[str]:
    """The parts that can be asked for, in the order of a file."""
    return [section for section in schema()["properties"] if section not in _NO_PARTS]


def blank(name: str, wanted: Collection[str] = ()) -> str:
    """The text of a scenario file with keys and without values.

    Parameters
    ----------
    name : str
        The trial's name.
    wanted : collection of str
        Some of `parts`; `trial` and `recruitment` are always there, and what a part needs comes with it.
    """
    described = schema()
    wanted = {*ALWAYS, *wanted, *(_NEEDS[part] for part in wanted if part in _NEEDS)}
    others = [part for part in parts() if part not in wanted]
    preface = (
        f"{name}, a blank scenario: no value stands here until you fill it in. What is marked REQUIRED needs one; a "
        "key without a value counts as left out. Say under sources, at the end, where a value comes from. "
        f"`trialsim validate {name}.yaml` tells what is missing. Durations are "
        "written as 28 days (weeks, months, years), rates as 0.5 per month, dates as 2027-03-01, and distributions as "
        "{triangular: {min: 2 weeks, mode: 3 weeks, max: 6 weeks}} or {lognormal: {mean: 70, sd: 14}}."
    )
    if others:
        preface += f" Not asked for, so without effect: {', '.join(others)}."
    lines = textwrap.wrap(preface, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    lines.append("format: 1")
    for section, node in described["properties"].items():
        if section in wanted:
            target = _target(node, described["$defs"])
            lines += ["", *line(f"{section}:", target["description"]), *_keys(target, described["$defs"], "  ", name)]
    lines += [
        "",
        *line("sources:", "By key; what is not listed here is reported as an assumption. For example:"),
        "#  trial.max_participants: {kind: protocol, note: version and page}",
    ]
    return "\n".join(lines) + "\n"


def _keys(mapping: dict[str, Any], definitions: dict[str, Any], indent: str, name: str = "") -> Iterator[str]:
    """The lines of a mapping's keys, and of one entry of each list that it must have; `name` is the trial's."""
    required = mapping.get("required") or mapping.get("anyOf", [{}])[0].get("required", ())
    for key, node in sorted(mapping["properties"].items(), key=lambda item: item[0] != "name"):
        target = _target(node, definitions)
        text = node.get("description") or target.get("description", "")
        needed = "REQUIRED. " if key in required and not (name and key == "name") else ""
        needed = _ONE_OF.get(key, needed)
        yield from line(f"{indent}{key}: {name if key == 'name' else ''}", f"{needed}{text}{_how(key, node, target)}")
        entry = _target(target.get("items", {}), definitions)
        if key in required and "properties" in entry:
            first, *rest = _keys(entry, definitions, f"{indent}    ")
            yield from (f"{indent}  - {first[len(indent) + 4 :]}", *rest)


def _target(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """What a key holds, if it is there: references are followed."""
    node = next((each for each in node.get("anyOf", ()) if each.get("type") != "null"), node)
    if "$ref" not in node:
        return node
    kind = node["$ref"].rpartition("/")[2]
    return {"kind": kind, **definitions[kind]}


def _how(key: str, node: dict[str, Any], target: dict[str, Any]) -> str:
    """How the value is written, and what counts when it is left out."""
    written = _WRITTEN.get(target.get("kind", ""), " or ".join(target.get("enum", ())))
    if key in EXAMPLES:
        written = f"say {EXAMPLES[key]}"
    elif not written:
        written = {"array": "a list", "object": f"a mapping: {', '.join(target.get('properties', ()))}"}.get(
            target.get("type", ""), ""
        )
    default = node.get("default")
    if isinstance(default, bool):
        default = str(default).lower()
    absent = f"left out: {default}" if isinstance(default, str | int | float) else ""
    said = "; ".join(filter(None, (written, absent)))
    return f" ({said})" if said else ""


def line(key: str, comment: str) -> list[str]:
    """A key and its comment, which goes on below where it is long."""
    first, *rest = textwrap.wrap(comment, WIDTH - _COLUMN - 2, break_on_hyphens=False) or [""]
    return [f"{key:<{_COLUMN - 1}} # {first}".rstrip(" #"), *(f"{'':<{_COLUMN}}# {more}" for more in rest)]
