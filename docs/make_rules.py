"""Write the tables of docs/rules.md anew: all rules on one example, what options cost, and the reference trial.

Usage: python docs/make_rules.py [--check]      (`make rules`; --check writes nothing and fails if a table has changed)
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np

from trialsim import Results, load, simulate
from trialsim.analysis.pairs import difference
from trialsim.rules import Assign, Assigned, Rule, Stop, View, Wait
from trialsim.scenario import Scenario

PAGE = Path(__file__).resolve().parent / "rules.md"
REPLICATIONS = 1000
SEED = 1
TRUTH = [0.05, 0.15, 0.30, 0.45, 0.60]
TARGET = 0.3
INTERVAL = {"target": TARGET}
CURVE = {"target": TARGET, "half_width": 0.05, "prior_mtd": 3}
RULES: dict[str, Any] = {
    "three_plus_three": {"three_plus_three": {"top_needs_six": True}},
    "rolling_six": "rolling_six",
    "boin": {"boin": INTERVAL},
    "keyboard": {"keyboard": INTERVAL},
    "tite_boin": {"tite_boin": INTERVAL},
    "crm": {"crm": CURVE},
    "tite_crm": {"tite_crm": CURVE},
}
"""The rules that look for a dose, on the same people."""

OPTIONS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("three_plus_three", "`while_closed: turn_away`", {}, {"recruitment.while_closed": "turn_away"}),
    ("three_plus_three", "`stop_cohort_early: false`", {}, {"dosing.stop_cohort_early": False}),
    ("three_plus_three", "`dlt_resolves: false`", {}, {"dosing.dlt_resolves": False}),
    (
        "three_plus_three",
        "`replace_non_evaluable: false`, one in ten being lost",
        {"truth.loss_in_window_probability": 0.1},
        {"dosing.replace_non_evaluable": False},
    ),
    (
        "three_plus_three",
        "`mtd: six_at_mtd`",
        {},
        {"dosing.rule": {"three_plus_three": {"top_needs_six": True, "mtd": "six_at_mtd"}}},
    ),
    ("three_plus_three", "`review: 14 days`", {}, {"dosing.review": "14 days"}),
    ("rolling_six", "`review: 14 days`", {}, {"dosing.review": "14 days"}),
    ("three_plus_three", "`committee_every: 30 days`", {}, {"dosing.committee_every": "30 days"}),
    ("rolling_six", "`strict: true`", {}, {"dosing.rule": {"rolling_six": {"strict": True}}}),
    ("crm", "`cohort_size: 1`", {}, {"dosing.cohort_size": 1}),
    ("tite_crm", "`cohort_size: 1`", {}, {"dosing.cohort_size": 1}),
    ("tite_boin", "`max_pending_fraction: 1`", {}, {"dosing.rule.tite_boin.max_pending_fraction": 1.0}),
    ("tite_boin", "`minimum_follow_up: 0.5`", {}, {"dosing.rule.tite_boin.minimum_follow_up": 0.5}),
    (
        "tite_crm",
        "`dose_fixed_at: infusion`, with 14 days from booking to infusion",
        {"infusion": {"notice": "14 days"}},
        {"dosing.dose_fixed_at": "infusion"},
    ),
]
"""A rule, an option other than the default, what else the example needs for it, and the change itself."""


def example(name: str) -> Scenario:
    """Five levels, a window of 28 days, a candidate every ten days on average."""
    dosing = {"levels": [f"{level} mg" for level in range(1, 6)], "observation": "28 days", "rule": RULES[name]}
    if name not in ("three_plus_three", "rolling_six"):
        dosing["cohort_size"] = 3
    return Scenario.from_document(
        {
            "format": 1,
            "trial": {"name": "example", "start_date": "2027-01-01", "max_participants": 30},
            "recruitment": {"sites": [{"name": "A", "rate": "0.1 per day"}]},
            "dosing": dosing,
            "truth": {"dlt_probability": TRUTH},
        }
    )


def all_rules() -> Iterable[Sequence[str]]:
    """What each rule finds, on how many people, with how many DLTs, in how long, and who waits how long for it."""
    yield ["rule", *(f"level {k}" for k in range(1, 6)), "none", "treated", "DLTs", "days", "median", "waited"]
    for name in RULES:
        results = simulate(example(name), REPLICATIONS, SEED, detail=True)
        table = results.replications
        chosen = table["recommended_level"].fillna(0).astype(int)
        shares = [f"{100 * (chosen == level).mean():.0f}" for level in (1, 2, 3, 4, 5, 0)]
        shares[2] = f"**{shares[2]}**"
        means = [mean_of(table[column]) for column in ("infused", "dlts", "primary_completion_day")]
        median = f"{table['primary_completion_day'].median():.0f}"
        yield [f"[`{name}`](#{name})", *shares, *means, median, mean_of(waits(results))]


def waits(results: Results) -> Any:
    """Days from arrival to infusion, the mean over the participants of each replication."""
    assert results.participants is not None
    infused = results.participants.dropna(subset="infusion_day")
    return (infused["infusion_day"] - infused["arrival_day"]).groupby(infused["replication"]).mean()


def mean_of(values: Any) -> str:
    """A mean and its standard error, with as many digits as it deserves."""
    error = float(values.std(ddof=1)) / sqrt(len(values))
    digits = max(0, int(np.ceil(-np.log10(error)))) if error else 0
    return f"{values.mean():.{digits}f} ± {error:.{digits}f}" if error else f"{values.mean():g}"


def options() -> Iterable[Sequence[str]]:
    """What each option costs in days, replication by replication on the same people."""
    yield ["rule", "option", "days more", "participants more"]
    for name, label, needs, change in OPTIONS:
        base = example(name).changed(needs) if needs else example(name)
        one, other = (simulate(each, REPLICATIONS, SEED).replications for each in (base.changed(change), base))
        cells = []
        for column in ("primary_completion_day", "infused"):
            found = difference(one[column], other[column])
            error = found.standard_error or 0.0
            digits = max(0, int(np.ceil(-np.log10(error)))) if error else 0
            cells.append(f"{found.mean:+.{digits}f} ± {error:.{digits}f}".replace("-", "−") if error else "0")
        yield [f"`{name}`", label, *cells]


def reference() -> Iterable[Sequence[str]]:
    """What each rule would have done in the reference trial with the outcomes that it had."""
    scenario = load("msc-sle")
    assert scenario.dosing is not None
    doses = [dose.text.removesuffix(" cells per kg") for dose in scenario.dosing.levels]
    target = {"target": 0.25}
    curve = target | {"half_width": 0.05, "prior_mtd": 3}
    rules: dict[str, Any] = {
        "fixed": "fixed",
        "ladder": "ladder",
        "three_plus_three": "three_plus_three",
        "rolling_six": "rolling_six",
        "boin": {"boin": target},
        "keyboard": {"keyboard": target},
        "beta_binomial": {"beta_binomial": target | {"cutoff": 0.95}},
        "crm": {"crm": curve},
        "tite_boin": {"tite_boin": target},
        "tite_crm": {"tite_crm": curve},
    }
    yield ["rule", "after 0/5 at 2e6", "after 0/3 more at 4e6", "recommended on ending there"]
    for name, written in rules.items():
        size = 3 if name == "three_plus_three" else 5
        rule = scenario.changed({"dosing.rule": written, "dosing.cohort_size": size}).dosing.rule  # type: ignore[union-attr]
        first, both = (history(rule, size, known, scenario) for known in (5, 8))
        level = rule.recommend(both)
        yield [
            f"`{name}`",
            spoken(rule.decide(first), 2, doses),
            spoken(rule.decide(both), 3, doses),
            "none" if level is None else doses[level - 1],
        ]


def history(rule: Rule, size: int, known: int, scenario: Scenario) -> View:
    """The first so many of the eight, none of whom had a DLT."""
    dosing = scenario.dosing
    assert dosing is not None
    people = [
        Assigned(2 if k < 5 else 3, (1 if k < 5 else 2) * rule.cohorts, 60.0 * k, "no_dlt", 60.0 * k + 10)
        for k in range(8)
    ]
    return View(
        now=60.0 * (known - 1) + 10,
        levels=len(dosing.levels),
        start_level=dosing.start_level,
        cohort_size=size,
        max_participants=scenario.trial.max_participants,
        window=dosing.observation,
        replace_non_evaluable=dosing.replace_non_evaluable,
        stop_cohort_early=dosing.stop_cohort_early,
        participants=people[:known],
    )


def spoken(answer: Assign | Wait | Stop, here: int, doses: Sequence[str]) -> str:
    """An answer in words."""
    if isinstance(answer, Wait):
        return "waits"
    if isinstance(answer, Stop):
        return "stops: no dose" if answer.level is None else f"stops, recommending {doses[answer.level - 1]}"
    verb = "goes up to" if answer.level > here else "stays at" if answer.level == here else "goes down to"
    return f"{verb} {doses[answer.level - 1]}"


def as_markdown(rows: Iterable[Sequence[str]]) -> str:
    """A table; numbers to the right."""
    head, *body = rows
    sides = [
        "---:" if column and all(re.match(r"[*+−\-\d]", row[column]) for row in body) else "---"
        for column in range(len(head))
    ]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, sides, *body))


def with_table(page: str, name: str, rows: Iterable[Sequence[str]]) -> str:
    """The page with one of its tables made anew, between its two marks."""
    begin, end = re.compile(f"<!-- {name}: .*? -->\n").search(page), page.find(f"<!-- end of {name} -->")
    assert begin and begin.end() <= end, f"no place for the table {name!r}"
    return page[: begin.end()] + as_markdown(rows) + "\n" + page[end:]


def all_tables(page: str) -> str:
    """The page with all its tables made anew."""
    for name, rows in (("all rules", all_rules), ("options", options), ("reference trial", reference)):
        page = with_table(page, name, rows())
    return page


if __name__ == "__main__":
    old = PAGE.read_text(encoding="utf-8")
    new = all_tables(old)
    if sys.argv[1:] == ["--check"]:
        sys.exit("docs/rules.md has tables of another version: run `make rules`" if new != old else 0)
    PAGE.write_text(new, encoding="utf-8")
