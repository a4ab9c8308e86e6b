"""A sweep file to start from: of a scenario, valid as it is, with what each key means and how axes may be written."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from typing import Any

from trialsim.scenario.levers import levers_of
from trialsim.scenario.messages.words import number
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.schema import sweep_schema
from trialsim.scenario.template import WIDTH, line

_MOST_CASES = 2
_FORMS = """\
Further axes, each with any key of the scenario. Values may be
  [1, 2, 4]                                        a list; also of whole rules or sections; null leaves it out
  [{value: {boin: {target: 0.25}}, label: BOIN}]   with labels for people
  7:28:7 days                                      a range FIRST:LAST:STEP
and, of latin_hypercube and sobol, which draw `points` of them (of sobol a power of two),
  {from: 1 week, to: 6 weeks}                      anything in between
  {p10: 0.2, p50: 0.3, p90: 0.5}                   what one in ten, half, and nine in ten are below
  {lognormal: {mean: 3 weeks, sd: 1 week}}         or any other distribution"""


def blank_sweep(name: str, base: Scenario, source: str) -> str:
    """The text of a sweep file.

    Parameters
    ----------
    name : str
        The sweep's.
    base : Scenario
        What is varied.
    source : str
        The file of the base, from where the sweep file will be, or the name of a scenario that ships.
    """
    head = {key: node["description"] for key, node in sweep_schema()["$defs"]["SweepHead"]["properties"].items()}
    preface = (
        f"{name}, a sweep of {base.name}: simulated with the same luck at every point, and compared with the base. "
        f"`trialsim validate {name}.yaml` checks it, `trialsim sweep {name}.yaml` runs it."
    )
    lines = [*textwrap.wrap(preface, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)]
    lines += ["format: 1", "", "sweep:"]
    values = {"name": name, "base": _text(source), "design": "grid", "replications": "1000", "seed": "1"}
    for key, described in head.items():
        if key == "points":
            lines += line("# points: 64", described)
        else:
            lines += line(f"  {key}: {values[key]}", f"{described} {_designs() if key == 'design' else ''}".strip())
    lines += [
        "",
        *line("axes:", "Keys as in --set, the values that they take, and what figures call them."),
        *_axis(base),
    ]
    lines += [f"# {each}".rstrip() for each in _FORMS.splitlines()]
    cases = list(_cases(base))
    mark = "" if cases else "# "
    lines += ["", *line(f"{mark}cases:", "Named points besides those of the axes, each with some keys changed.")]
    lines += cases or ["#   - {name: one more, set: {KEY: VALUE}}"]
    return "\n".join(lines) + "\n"


def _designs() -> str:
    """The names of the designs."""
    names = sweep_schema()["$defs"]["SweepHead"]["properties"]["design"]["enum"]
    return f"One of {', '.join(names)}."


def _axis(base: Scenario) -> Iterator[str]:
    """An axis that every scenario has, or one that matters where all arrivals are fixed."""
    if any(site.rate is not None for site in base.sites):
        planned = base.recruitment.rate_multiplier
        yield "  - key: recruitment.rate_multiplier"
        yield "    label: candidates, as a multiple"
        values = [planned * factor for factor in (0.5, 1, 2)]
    else:
        planned = base.trial.max_participants
        yield "  - key: trial.max_participants"
        yield "    label: participants"
        values = [planned, 2 * planned]
    entries = (f"{{value: {number(each)}, label: as planned}}" if each == planned else number(each) for each in values)
    yield f"    values: [{', '.join(entries)}]"


def _cases(base: Scenario) -> Iterator[str]:
    """Changes of one plain value that could help."""
    shown = 0
    for lever in levers_of(base):
        (key, value), *others = lever.changes.items()
        plain = not others and (isinstance(value, float) or (isinstance(value, str) and value.endswith(" days")))
        if plain and key != "recruitment.rate_multiplier" and shown < _MOST_CASES:
            shown += 1
            yield f"  - {{name: {_text(lever.name)}, set: {{{_text(key)}: {_rounded(value)}}}}}"


def _rounded(value: Any) -> str:
    """A share or a number of days, in few digits."""
    if isinstance(value, str):
        return f"{float(value.split()[0]):.4g} days"
    return f"{value:.4g}"


def _text(value: Any) -> str:
    """A plain value in YAML; texts in quotes where they need them."""
    safe = isinstance(value, str) and value.replace("-", "a").replace(" ", "a").replace(".", "a").replace("_", "a")
    if safe and safe.isascii() and safe.isalnum() and not safe[0].isdigit() and value == value.strip():
        return str(value)
    return json.dumps(value, ensure_ascii=False)
