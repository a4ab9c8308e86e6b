"""Random scenarios, as the documents that a scenario file holds.

`documents()` is the strategy. Every section and every key may be there or not, all distributions and all dose rules
occur, and every document is valid. What they have in common is that one replication takes milliseconds: recruitment is
bounded (few candidates, or a low rate times a short time limit), and nothing can go round in circles without time
passing (a lot takes a day at least, eligibility lasts a day at least, and re-screening does not go on for a century).

Seven in ten are busy: enough candidates in time, lots that are quick and mostly good, a long limit. They get somewhere,
and things collide in them. The others are cut short, starved or barred in every way.

Most durations are whole days, small and from a short list: ties, and events on the boundary of a window, a closure or
a validity, are what goes wrong. Numbers of cells are small whole numbers that divide one another, for the same reason.

Narrow it down for a purpose with ``documents(without=("product",), always=("dosing",))`` and by changing what it gives;
`scenarios()` gives validated scenarios instead.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.support.random_rules import COHORT_RULES, guards, rules
from tests.support.random_values import (
    Document,
    Draw,
    amounts,
    constant_durations,
    days_text,
    durations,
    per_time,
    some,
)
from trialsim.scenario import Scenario
from trialsim.vocabulary import Milestone

WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAYERS = ("screening", "waiting", "participants", "product", "infusion", "dosing", "truth", "follow_up", "stopping")
START = datetime.date(2024, 1, 1)  # a Monday; others are drawn as well

probabilities = st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.8, 1.0])
toxicities = st.sampled_from([0.3, 0.1, 0.5, 0.8, 1.0, 0.3, 0.0])


@st.composite
def _trials(draw: Draw) -> Document:
    start = START + datetime.timedelta(days=draw(st.integers(0, 6)))
    trial: Document = {
        "name": "random",
        "start_date": start.isoformat(),
        "max_participants": draw(st.sampled_from([8, 10, 14, 20, 6, 3, 2, 1])),
    }
    return trial | some(
        draw,
        {
            "title": st.just("A random trial"),
            "planned_end": st.just((start + datetime.timedelta(days=100)).isoformat()),
            "targets": st.sampled_from(Milestone.texts()).map(lambda name: [{"date": "2024-06-01", "milestone": name}]),
            "close_out": constant_durations(),
        },
    )


def _stretch(draw: Draw, start: datetime.date, first: int, last: int, longest: int) -> Document:
    """Dates from and until, as days after the start."""
    begins = draw(st.integers(first, last))
    until = begins + draw(st.integers(1, longest))
    return {
        "from": (start + datetime.timedelta(days=begins)).isoformat(),
        "until": (start + datetime.timedelta(days=until)).isoformat(),
    }


@st.composite
def _recruitments(draw: Draw, start: datetime.date, limit: int | None, busy: bool) -> Document:
    """A few sites, which send up to a hundred candidates before a time limit, or forty-five in all without one."""
    names = draw(
        st.lists(st.sampled_from(["Paris", "Lyon", "St. Mary's", "Nice"]), min_size=1, max_size=3, unique=True)
    )
    layer: Document = {"sites": [draw(_sites(name, limit, busy)) for name in names]}
    layer |= some(
        draw,
        {
            "while_closed": st.sampled_from(["queue", "turn_away"]),
            "rate_multiplier": st.sampled_from([1.0, 1.5] if busy else [0.5, 0.0]),
            "shared_rate_cv": st.sampled_from([0.0, 0.3]),
            "site_defaults": st.fixed_dictionaries({}, optional=dict(_random_sites())),
        },
    )
    if limit is None:
        layer.setdefault("site_defaults", {}).setdefault("max_candidates", 15 - draw(st.integers(0, 15)))
    layer |= some(draw, {"max_waiting": st.integers(0, 5).map(lambda number: 6 - number)}, 2)
    if draw(st.integers(0, 9)) < 4:
        layer["periods"] = [
            _stretch(draw, start, -20, 60, 40)
            | {"factor": draw(st.sampled_from([0.26, 2.5, 1, 0]))}
            | (
                {"sites": draw(st.lists(st.sampled_from(names), min_size=1, unique=True))}
                if draw(st.booleans())
                else {}
            )
            for _ in range(draw(st.integers(1, 3)))
        ]
        for number, period in enumerate(layer["periods"]):
            if draw(st.booleans()):
                period["name"] = f"period {number}"
    return layer


def _random_sites() -> dict[str, st.SearchStrategy[Any]]:
    """The keys of a site whose candidates come at random."""
    return {
        "rate_cv": st.sampled_from([0.0, 0.5, 1.0]),
        "ramp_up": constant_durations(),
        "activation": durations(),
        "never_active_probability": st.sampled_from([0.0] * 6 + [0.3]),
    }


@st.composite
def _sites(draw: Draw, name: str, limit: int | None, busy: bool) -> Document:
    site: Document = {"name": name}
    if not busy:
        site |= some(draw, {"max_candidates": st.integers(0, 10)})
    if draw(st.integers(0, 9)) < 5:
        longest = draw(st.sampled_from([20, 60] if busy else [min((limit or 30) + 3, 60)]))
        most, least = (18, 8) if busy else (5, 0)
        days = draw(st.lists(st.integers(0, longest), min_size=least, max_size=most))
        if draw(st.integers(0, 9)) < 3:
            site["people"] = [draw(_people(day, until)) for day, until in pairwise([*sorted(days), longest])]
        else:
            site["arrival_days"] = days
        return site
    expected = draw(st.sampled_from([15, 25, 10] if busy else [8, 4, 0]))
    site["rate"] = draw(per_time(expected / min(limit or 60, 300)))
    site |= some(draw, _random_sites())
    if draw(st.integers(0, 4)) == 0:
        site["count"] = draw(st.integers(1, 3))
    return site


@st.composite
def _people(draw: Draw, day: int, until: int) -> Document:
    """One candidate on a day, now and then several before the next entry's."""
    entry: Document = {"arrival": days_text(day)}
    if draw(st.integers(0, 9)) < 2:
        entry["count"] = draw(st.integers(1, 3))
        if entry["count"] > 1 and draw(st.booleans()):
            entry["every"] = f"{(until - day) / 2} days"
    return entry


@st.composite
def _fates(draw: Draw, levels: int) -> Document:
    """What would happen to somebody who is listed."""
    moments = constant_durations(0, 14)
    dlt = st.lists(st.one_of(st.none(), moments), min_size=levels, max_size=levels)
    return some(draw, {"dlt": dlt, "lost": moments}, 4)


@st.composite
def _screenings(draw: Draw, busy: bool) -> Document:
    layer: Document = {}
    likely = st.sampled_from([0.9, 1.0, 0.6] if busy else [0.3, 0.0, 0.6])
    if draw(st.booleans()):
        layer["pass_probability"] = draw(likely)
    else:
        names = draw(st.lists(st.sampled_from(["disease", "organs", "consent"]), min_size=1, max_size=3, unique=True))
        layer["criteria"] = [{"name": name, "pass_probability": draw(likely)} for name in names]
    return layer | some(draw, {"capacity": st.integers(1, 3), "duration": durations(0, 15 if busy else 40)})


@st.composite
def _waitings(draw: Draw, limit: int | None) -> Document:
    layer = some(
        draw,
        {
            "withdrawal": st.sampled_from([0.05, 0.01, 0.2, 0.0]).flatmap(per_time),
            "eligibility_valid": constant_durations(5, 40),
        },
    )
    chances = probabilities if limit else st.sampled_from([0.0, 0.3, 0.5])
    return layer | some(draw, {"rescreen_probability": chances})


@st.composite
def _products(draw: Draw, limit: int | None, busy: bool) -> Document:
    slow = 1 if limit else 60  # without a limit of their own, lots may be made for years
    layer: Document = {"cells_per_lot": draw(amounts(3, 30) if busy else amounts(1, 12))}
    if draw(st.integers(0, 2)) == 0:
        layer |= {"kind": "autologous", "policy": "to_order"}
    else:
        layer["policy"] = draw(st.sampled_from(["to_stock", "to_order"]))
        layer |= some(draw, {"kind": st.just("allogeneic"), "lots_in_stock_at_start": st.integers(0, 3)})
        if layer["policy"] == "to_stock" or draw(st.booleans()):
            layer["target_doses"] = draw(st.integers(1, 5))
    layer["expansion"] = draw(durations(slow, slow + (6 if busy else 30)))
    layer |= some(
        draw,
        {
            "first_start": constant_durations(0, 14),
            "suites": st.integers(1, 3),
            "donation": durations(0, 6 if busy else 40),
            "release_testing": durations(0, 6 if busy else 20),
            "release_probability": st.sampled_from([0.9, 0.6] if busy else [0.3, 0.0]),
            "shipping": durations(0, 5),
            "shelf_life": constant_durations(1 if limit else 1000, 60 if limit else 1000),
            "max_consecutive_failed_lots": st.integers(1, 4),
        },
    )
    layer |= some(draw, {"minimum_dose_fraction": st.sampled_from([0.1, 0.5, 0.7, 1.0])}, 7)
    return layer


@st.composite
def _infusions(draw: Draw, start: datetime.date, limit: int | None) -> Document:
    layer = some(
        draw,
        {
            "weekdays": st.lists(st.sampled_from(WEEK), min_size=1, max_size=7, unique=True),
            "per_day": st.integers(1, 3),
            "notice": constant_durations(0, 14),
        },
    )
    # The unit must open before the limit, so a closure on the first days goes with a long trial only.
    first = 0 if limit is None or limit >= 60 else 7
    if draw(st.booleans()) and (limit is None or limit > first):
        layer["closures"] = [_stretch(draw, start, first, 50, 15) for _ in range(draw(st.integers(1, 2)))]
    return layer


@st.composite
def _dosings(draw: Draw, unit: str, rule: str | None) -> Document:
    ladder = draw(st.sampled_from([[1], [1, 2], [1, 2, 4], [2, 3, 7], [1, 2, 4, 8], [1, 2, 3, 4, 5]]))
    layer: Document = {"levels": [f"{amount} {unit}" for amount in ladder], "rule": draw(rules(len(ladder), rule))}
    name = layer["rule"] if isinstance(layer["rule"], str) else next(iter(layer["rule"]))
    if name in COHORT_RULES and name != "three_plus_three":
        layer["cohort_size"] = draw(st.integers(1, 5))
    elif draw(st.booleans()):
        layer["cohort_size"] = 3 if name == "three_plus_three" else draw(st.integers(1, 3))
    if draw(st.integers(0, 9)) < 3:
        layer["guards"] = draw(guards())
    return layer | some(
        draw,
        {
            "start_level": st.integers(1, len(ladder)),
            "sentinel": constant_durations(0, 14),
            "stagger": constant_durations(0, 14),
            "observation": constant_durations(1, 28),
            "review": durations(0, 20),
            "committee_every": constant_durations(1, 31),
            "dose_fixed_at": st.sampled_from(["enrolment", "infusion"]),
            "stop_cohort_early": st.booleans(),
            "dlt_resolves": st.booleans(),
            "replace_non_evaluable": st.booleans(),
        },
        7,
    )


@st.composite
def _truths(draw: Draw, levels: int) -> Document:
    layer: Document = {"dlt_probability": [draw(toxicities) for _ in range(levels)]}
    onsets: st.SearchStrategy[Any] = st.one_of(
        st.sampled_from([0, 0.5, 1]),
        st.just({"uniform": {"min": 0.2, "max": 0.9}}),
        st.just({"beta": {"mean": 0.3, "sd": 0.1}}),
        st.just({"empirical": {"values": [0, 0.5, 1], "weights": [1, 2, 1]}}),
        st.just({"triangular": {"min": 0, "mode": 0.5, "max": 1}}),
    )
    return layer | some(draw, {"dlt_onset": onsets, "loss_in_window_probability": st.sampled_from([0.1, 0.4])})


@st.composite
def _stoppings(draw: Draw, limit: int | None, busy: bool) -> Document:
    layer: Document = {} if limit is None else {"time_limit": days_text(limit)}
    latest = 100 if limit is None else limit
    looks = st.fixed_dictionaries(
        {"at": st.integers(0, latest).map(days_text), "minimum_infused": st.sampled_from([1, 0, 3])},
    )
    return layer | some(
        draw,
        {
            "external_stop": st.sampled_from([0.0, 0.5 / latest]).flatmap(per_time),
            "accrual_looks": st.lists(looks, max_size=2),
        },
        1 if busy else 7,
    )


@st.composite
def documents(
    draw: Draw, without: Collection[str] = (), always: Collection[str] = (), rule: str | None = None
) -> Document:
    """A valid scenario document.

    Parameters
    ----------
    without, always : collections of str
        Sections that are never there, or always. ``dosing`` comes with ``product`` and ``truth`` in any case.
    rule : str, optional
        The name of the dose rule that it has if it has any; by default, one or the other.
    """

    def has(layer: str, chance: int = 5) -> bool:
        return layer not in without and (layer in always or draw(st.integers(0, 9)) < chance)

    busy = draw(st.integers(0, 9)) < 7
    limits = st.sampled_from([250, 400, 800, 120] if busy else [3, 20, 60, 200])
    limit = draw(limits) if has("stopping", 8) else None
    trial = draw(_trials())
    start = datetime.date.fromisoformat(trial["start_date"])
    document: Document = {"trial": trial, "recruitment": draw(_recruitments(start, limit, busy))}
    if has("screening", 6):
        document["screening"] = draw(_screenings(busy))
    if has("waiting", 6):
        document["waiting"] = draw(_waitings(limit))
    if has("dosing", 9):
        product = has("product", 5)
        per_kg = draw(st.booleans())
        # Without a product a dose may be anything, and needs no weight.
        unit = "cells" if product else draw(st.sampled_from(["mg", "cells"]))
        document["dosing"] = draw(_dosings(f"{unit} per kg" if per_kg else unit, rule))
        for site in document["recruitment"]["sites"]:
            for entry in site.get("people", ()):
                entry.update(draw(_fates(len(document["dosing"]["levels"]))))
        if has("truth", 8):
            document["truth"] = draw(_truths(len(document["dosing"]["levels"])))
        if product:
            document["product"] = draw(_products(limit, busy))
            if per_kg:
                document["participants"] = {"weight_kg": draw(amounts(1, 8))}
    if "participants" not in document and has("participants", 3):
        document["participants"] = draw(st.sampled_from([{}, {"weight_kg": {"lognormal": {"mean": 65, "sd": 12}}}]))
    if has("infusion"):
        document["infusion"] = draw(_infusions(start, limit))
    if has("follow_up", 3):
        loss = st.sampled_from([0.0, 0.01]).flatmap(per_time)
        document["follow_up"] = some(draw, {"duration": constant_durations(0, 40), "loss": loss})
    if limit is not None or has("stopping", 3):
        document["stopping"] = draw(_stoppings(limit, busy))
    if "product" in document:  # where nobody comes, lots would be made for a century
        document.setdefault("stopping", {}).setdefault("time_limit", "3000 days")
    return document


def scenarios(
    without: Collection[str] = (), always: Collection[str] = (), rule: str | None = None
) -> st.SearchStrategy[Scenario]:
    """Validated scenarios; see `documents`."""
    return documents(without, always, rule).map(Scenario.from_document)
