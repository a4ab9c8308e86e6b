"""The best of several plans, as text for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from trialsim.analysis.measures import is_milestone, is_share
from trialsim.report.differences import signed
from trialsim.report.paper import paper, print_whole, table, text_on
from trialsim.tables import COUNTS
from trialsim.vocabulary import MONTH
from trialsim.wording import number, percent, percent_range

_OUTCOMES = {
    "selected": "selected",
    "identical": "tied",
    "level": "tied on average",
    "left": "in question",
    "out": "out",
}
_ENDS = ("", "_low", "_high")
_UNSEEN = 0.05
"""With this probability, nothing is seen of what there is."""


def render(summary: Mapping[str, Any], *, color: bool = False, width: int | None = 80) -> str:
    """A selection as text.

    Parameters
    ----------
    summary : dict
        What `trialsim.SelectionResults.summary` returns.
    color : bool
        Whether to emphasise with terminal codes; nothing is said by colour alone.
    width : int or None
        Columns to use, at most; as many as the table needs if None.

    Returns
    -------
    str
        Lines without a line end after the last.
    """
    console = paper(color=color, width=width)
    plans, called = summary["plans"], summary["words"]
    console.print(headline(summary), style="bold")
    console.print(f"By the mean of: {called}, the {'larger' if summary['larger'] else 'smaller'} the better")
    console.print()
    console.print(_promise(summary))
    for line in (*_ties(summary), *_not_compared(summary)):
        console.print(line)
    console.print()
    ocba = summary["procedure"] == "ocba"
    some_lack = any(plan["valued"] < plan["replications"] for plan in plans)
    heads = ("trials", *(("complete",) * some_lack), called, "less the selected", "is best")
    rows = table("Plan", "Outcome", *heads, left=2, wraps=True)
    for plan in plans:
        rows.add_row(
            plan["name"],
            "behind" if plan["outcome"] == "left" and ocba else _OUTCOMES[plan["outcome"]],
            f"{plan['replications']:,}",
            *((percent(plan["valued"] / plan["replications"]),) * some_lack),
            amount(summary["measure"], *(plan[f"estimate{end}"] for end in _ENDS)),
            "" if plan["outcome"] == "selected" else _less(plan, summary["measure"]),
            percent(plan["probability_best"]),
        )
    print_whole(console, rows)
    console.print()
    console.print(_anew(summary))
    console.print()
    console.print(_note(summary))
    return text_on(console)


def headline(summary: Mapping[str, Any]) -> str:
    """What came of it, in a line."""
    count = len(summary["plans"])
    if summary["left"] and summary["procedure"] == "kim_nelson":
        return f"Not decided which of {count} plans is the best; ahead is {summary['selected']}"
    return f"The best of {count} plans: {summary['selected']}"


def amount(measure: str, mean: float | None, low: float | None, high: float | None) -> str:
    """A mean with its interval: months of a milestone, per cent of a chance, or a count."""
    if mean is None:
        return "?"
    if is_share(measure):
        return f"{percent(mean)} ({percent_range(low, high)})"
    form = number if measure in COUNTS else lambda days: f"{days / MONTH:.1f}"
    return form(mean) if low is None or high is None else f"{form(mean)} ({form(low)}–{form(high)})"


def difference(measure: str, value: float) -> str:
    """A difference that does not matter, in words."""
    if is_share(measure):
        return f"{100 * value:g} points"
    if measure in COUNTS:
        return f"{value:g}"
    amount, unit = (value / MONTH, "month") if value >= MONTH else (value, "day")
    return f"{amount:.3g} {unit}{'' if amount == 1 else 's'}"


def _promise(summary: Mapping[str, Any]) -> str:
    spent = f"{summary['replications']:,} simulated trials"
    if summary["procedure"] == "ocba":
        return (
            f"From {spent}, the budget, given to the plans between which it is closest (optimal computing budget "
            "allocation). Nothing is promised of the choice: see how probably each plan is the best."
        )
    promise = (
        f"with a probability of at least {percent(summary['confidence'])}, if it is better than each other plan by "
        f"{difference(summary['measure'], summary['indifference'])} or more"
    )
    if not summary["promised"]:
        left = len(summary["left"]) + 1
        return (
            f"THE PROMISE DOES NOT HOLD: after {summary['most']:,} trials of each (--max-replications), {left} plans "
            f"are still in question. It was to be the best {promise}: that takes more trials, or a larger "
            "--indifference."
        )
    return f"From {spent} (Kim's and Nelson's procedure). It is the best {promise}."


def _ties(summary: Mapping[str, Any]) -> list[str]:
    """What is the same as the selected plan in every pair, and what that says of other luck."""
    by_pairs: dict[int, list[str]] = {}
    for plan in summary["plans"]:
        if plan["outcome"] == "identical":
            by_pairs.setdefault(plan["pairs"], []).append(plan["name"])
    lines = []
    for pairs, names in by_pairs.items():
        unseen = percent(1 - _UNSEEN ** (1 / pairs))
        lines.append(
            f"Tied with {summary['selected']}: {', '.join(names)}. The same in all of {pairs:,} pairs; with 95 % "
            f"confidence, no more than {unseen} of trials differ."
        )
    return lines


def _not_compared(summary: Mapping[str, Any]) -> list[str]:
    """Which plans too seldom complete where the one selected does, and what to do about it."""
    least = summary["first"]
    by_pairs: dict[tuple[int, int], list[str]] = {}
    for plan in summary["plans"]:
        if plan["outcome"] == "left" and plan["pairs"] < least:
            by_pairs.setdefault((plan["pairs"], plan["replications"]), []).append(plan["name"])
    lines = []
    for (pairs, trials), names in by_pairs.items():
        advice = "Choose by early_termination first."
        if pairs:
            advice = f"It takes about {ceil(trials * least / pairs):,} trials, or choose by early_termination first."
        lines.append(
            f"Too few pairs with the plan ahead: {', '.join(names)}. Both complete in {pairs:,} of {trials:,} trials, "
            f"and the first look needs {least:,} such pairs. {advice}"
        )
    return lines


def _less(plan: Mapping[str, Any], measure: str) -> str:
    value, low, high = (plan[f"difference{end}"] for end in _ENDS)
    return signed(value, low, high, measure, plan["pairs"])


def _anew(summary: Mapping[str, Any]) -> str:
    fresh, measure = summary["fresh"], summary["measure"]
    unit = " months" if is_milestone(measure) else ""
    text = (
        f"On fresh luck (seed {fresh['seed']}, {fresh['replications']:,} trials), {summary['selected']}: "
        f"{amount(measure, *(fresh[f'estimate{end}'] for end in _ENDS))}{unit}"
    )
    if fresh["next"] is None:
        return f"{text}."
    return f"{text}; less the next best, {fresh['next']['name']}: {_less(fresh['next'], measure)}."


def _note(summary: Mapping[str, Any]) -> str:
    measure = summary["measure"]
    unit = ""
    if is_milestone(measure):
        unit = "Months from day 0, in trials that complete; differences in trials that complete with both plans. "
    return (
        f"{unit}Brackets are 95 % intervals. Whatever two plans share has the same luck in both. A plan is chosen also "
        "for the luck it had: what to expect of it is what it does on fresh luck. How probably each is the best is "
        "told from the trials of the table."
    )
