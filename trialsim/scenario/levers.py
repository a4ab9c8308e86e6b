"""Levers: what could be changed about a trial, each by a stated step, as what-ifs of its scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from trialsim.scenario.levers_of_unknown import with_draws
from trialsim.scenario.messages.errors import Problem, ScenarioError
from trialsim.scenario.reading.overrides import split_option
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.sweep import alike
from trialsim.scenario.validation import changed, value_of
from trialsim.scenario.values import dates, units
from trialsim.scenario.values.fields import date

MORE, LESS = 1.25, 0.75
"""The usual step is a quarter."""

_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

Change = tuple[str, dict[str, Any]]
Document = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Lever:
    """One lever, moved: what people call that, the keys and values that say it, and the scenario with them."""

    name: str
    changes: Mapping[str, Any]
    scenario: Scenario


def levers_of(scenario: Scenario, steps: Sequence[str] = ()) -> list[Lever]:
    """The levers that a scenario has, and steps of one's own.

    Parameters
    ----------
    scenario : Scenario
        The trial as it is planned.
    steps : sequence of str
        Further levers, each ``KEY=VALUE``.

    Returns
    -------
    list of Lever
        A lever that would change nothing (a screening of no length, a quarter shorter) or that this trial cannot have
        is left out.

    Raises
    ------
    ScenarioError
        When a step of one's own does not give a valid scenario.
    """
    document = scenario.to_document()
    found = []
    for name, usual in _usual(document):
        changes = with_draws(scenario, document, usual)
        if changes is None:
            continue
        try:
            moved = changed(scenario, scenario.name, document, changes)
        except ScenarioError:
            continue
        if not alike(moved, scenario):
            found.append(Lever(name, changes, moved))
    for step in steps:
        changes = _own(step)
        moved = changed(scenario, scenario.name, document, changes, "--step")
        if alike(moved, scenario):
            raise ScenarioError([Problem(f"--step {step}", None, None, "", "that is what the scenario has already")])
        found.append(Lever(step, changes, moved))
    return found


def stretched(value: Any, factor: float) -> Any:
    """A duration or a distribution of durations as it is written, with every draw multiplied by the factor."""
    if isinstance(value, str):
        return units.write_duration(units.duration(value) * factor)
    if isinstance(value, dict):
        return {key: stretched(each, factor) for key, each in value.items()}
    return [stretched(each, factor) for each in value] if isinstance(value, list) else value


def _own(step: str) -> dict[str, Any]:
    label = f"--step {step}"
    try:
        key, text = split_option(step)
    except ValueError as error:
        raise ScenarioError([Problem(label, None, None, "", str(error))]) from None
    return {key: value_of(text, label)}


def _usual(document: Document) -> Iterator[Change]:
    """Every lever of which the scenario has the keys, in the order in which a participant meets them."""
    yield from _of_recruitment(document["recruitment"], document["trial"]["start_date"])
    for section, of_section in _SECTIONS.items():
        if section in document:
            yield from of_section(document[section])


def _of_recruitment(recruitment: Document, start: str) -> Iterator[Change]:
    sites, defaults = recruitment["sites"], recruitment["site_defaults"]
    random = [site for site in sites if "arrival_days" not in site and "people" not in site]
    if random:
        yield "a quarter more candidates", {"recruitment.rate_multiplier": MORE * recruitment["rate_multiplier"]}
        yield "one site more", {"recruitment.sites": [*sites, _another(sites, random, defaults)]}
    sooner, by_default = [_sooner(site, start) for site in sites], _sooner(defaults, start)
    yield (
        "sites open a quarter sooner",
        {"recruitment.sites": sooner, "recruitment.site_defaults": by_default},
    )
    if recruitment["while_closed"] == "turn_away":
        yield "people queue, none is turned away", {"recruitment.while_closed": "queue"}


def _another(sites: Sequence[Document], random: Sequence[Document], defaults: Document) -> Document:
    """A site like that with the middle rate."""
    each = [site for site in random for _ in range(site.get("count", 1))]
    each.sort(key=lambda site: units.rate((defaults | site)["rate"]))  # type: ignore[operator]
    name = "One site more"
    while any(site["name"] == name for site in sites):
        name += "!"
    return {key: value for key, value in each[len(each) // 2].items() if key != "count"} | {"name": name}


def _of_screening(screening: Document) -> Iterator[Change]:
    checks = screening.get("criteria")
    if checks is None:
        passes = {"screening.pass_probability": min(1.0, MORE * screening["pass_probability"])}
    else:
        passes = {"screening.criteria": _met_by_more(checks)}
    yield "a quarter more pass screening", passes
    yield from _quicker("screening a quarter shorter", screening, "screening", "duration")
    yield from _one_more("one place more in screening", screening, "screening", "capacity")


def _met_by_more(checks: Sequence[Document]) -> list[Document]:
    """Criteria of which a quarter more meet all: each probability to the same power."""
    from math import log, prod

    overall = prod(check["pass_probability"] for check in checks)
    if not 0 < overall < 1:
        return list(checks)
    power = log(min(1.0, MORE * overall)) / log(overall)
    return [{**check, "pass_probability": check["pass_probability"] ** power} for check in checks]


def _of_waiting(waiting: Document) -> Iterator[Change]:
    key = "withdrawal"
    yield "a quarter fewer withdraw", {f"waiting.{key}": units.write_rate(LESS * units.rate(waiting[key]))}


def _of_product(product: Document) -> Iterator[Change]:
    yield from _quicker("donations a quarter sooner", product, "product", "donation")
    yield from _quicker("making a quarter shorter", product, "product", "expansion")
    yield from _quicker("testing a quarter shorter", product, "product", "release_testing")
    yield "a quarter fewer lots fail", {"product.release_probability": 1 - LESS * (1 - product["release_probability"])}
    yield from _one_more("one suite more", product, "product", "suites")


def _of_infusion(infusion: Document) -> Iterator[Change]:
    yield from _one_more("one infusion a day more", infusion, "infusion", "per_day")
    closed = [day for day in _WEEK if day not in infusion["weekdays"]]
    if closed:
        yield "one weekday more", {"infusion.weekdays": [*infusion["weekdays"], closed[0]]}
    yield from _quicker("notice a quarter shorter", infusion, "infusion", "notice")


def _of_dosing(dosing: Document) -> Iterator[Change]:
    halves = {f"dosing.{key}": stretched(dosing[key], 0.5) for key in ("sentinel", "stagger")}
    yield "half the spacing of a cohort", halves
    yield from _quicker("window a quarter shorter", dosing, "dosing", "observation")
    yield from _quicker("review a quarter shorter", dosing, "dosing", "review", "committee_every")


def _of_follow_up(follow_up: Document) -> Iterator[Change]:
    yield from _quicker("follow-up a quarter shorter", follow_up, "follow_up", "duration")


_SECTIONS = {
    "screening": _of_screening,
    "waiting": _of_waiting,
    "product": _of_product,
    "infusion": _of_infusion,
    "dosing": _of_dosing,
    "follow_up": _of_follow_up,
}


def _quicker(name: str, section: Document, prefix: str, *keys: str) -> Iterator[Change]:
    yield name, {f"{prefix}.{key}": stretched(section[key], LESS) for key in keys if key in section}


def _one_more(name: str, section: Document, prefix: str, key: str) -> Iterator[Change]:
    if key in section:
        yield name, {f"{prefix}.{key}": section[key] + 1}


def _sooner(site: Document, start: str) -> Document:
    """A site that opens sooner, if it is said when; a date is so many days from the start of the trial."""
    if "activation" not in site:
        return site
    opens = site["activation"]
    with suppress(TypeError, ValueError):
        opens = units.write_duration(dates.day_of(date(start), date(opens)))
    return {**site, "activation": stretched(opens, LESS)}
