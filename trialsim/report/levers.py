"""What would help, as a table for the terminal: the levers of a trial, and what each buys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trialsim.analysis.levers import betters, is_sure
from trialsim.analysis.measures import is_share, more_is_better, scale, words
from trialsim.report.differences import signed
from trialsim.report.paper import paper, print_whole, table, text_on
from trialsim.tables import COUNTS

if TYPE_CHECKING:
    from rich.table import Table


NOTE = (
    "Milestones are in months, in trials that complete both ways; less is better. Brackets are 95 % intervals, and ? "
    "marks what may be nothing."
)
_ENDS = ("difference", "difference_low", "difference_high")


def render(summary: Mapping[str, Any], *, color: bool = False, width: int | None = 80) -> str:
    """All levers as text.

    Parameters
    ----------
    summary : dict
        What `trialsim.LeverResults.summary` returns.
    color : bool
        Whether to emphasise with terminal codes; nothing is said by colour alone.
    width : int or None
        Columns to use, at most; as many as the tables need if None.

    Returns
    -------
    str
        Lines without a line end after the last.
    """
    console = paper(color=color, width=width)
    runs, found = summary["replications"], summary["levers"]
    console.print(f"What would help {summary['scenario']}: {len(found)} levers, {runs:,} simulated trials of each")
    console.print()
    print_whole(console, rows_of(summary))
    console.print()
    console.print(f"{NOTE}{of_pairs(summary)} Whatever a lever leaves as it was has the same luck with it and without.")
    return text_on(console)


def rows_of(summary: Mapping[str, Any], most: int | None = None) -> Table:
    """The levers that help most, and what each buys."""
    measures, runs = summary["measures"], summary["replications"]
    rows = table(
        f"What would help ({runs:,} trials)", *(words(name, summary.get("words")) for name in measures), wraps=True
    )
    for lever in summary["levers"][:most]:
        rows.add_row(lever["lever"], *(_bought(lever[name], name, runs) for name in measures))
    return rows


def of_pairs(summary: Mapping[str, Any]) -> str:
    """On how many trials the differences of milestones rest, where that is not on all; empty if it is."""
    runs, sentences = summary["replications"], []
    for name in summary["measures"]:
        pairs = [lever[name]["pairs"] for lever in summary["levers"]]
        if min(pairs) < runs:
            some = f"{min(pairs):,}" + (f" to {max(pairs):,}" if max(pairs) > min(pairs) else "")
            called = words(name, summary.get("words"))
            sentences.append(f" Of {called}, that is in {some} of the {runs:,} trials.")
    return "".join(sentences)


def in_a_line(summary: Mapping[str, Any]) -> str | None:
    """The lever that helps most, and what it surely betters; None if none surely helps."""
    best = summary["levers"][0]
    found = [better(best[name], name, words(name, summary.get("words"))) for name in bettered(best, summary)]
    return f"{best['lever']}: {', '.join(found)}" if found else None


def bettered(lever: Mapping[str, Any], summary: Mapping[str, Any]) -> list[str]:
    """The measures that a lever surely betters."""
    return [name for name in summary["measures"] if betters(name, *(lever[name][key] for key in (*_ENDS, "pairs")))]


def better(found: Mapping[str, Any], measure: str, called: str) -> str:
    """What a difference betters, in words."""
    sign = 1 if more_is_better(measure) else -1
    times = sign * scale(measure)
    amount, *ends = (times * found[key] for key in _ENDS if found[key] is not None)
    form = ".0f" if is_share(measure) else ".1f"
    size = f"{amount:{form}}" + (f" ({min(ends):{form}} to {max(ends):{form}})" if ends else "")
    if is_share(measure):
        return f"{called} in {size} {'more' if sign > 0 else 'fewer'} of 100"
    return (
        f"{size} {'more' if sign > 0 else 'fewer'} {called}" if measure in COUNTS else f"{called} {size} months sooner"
    )


def _bought(found: Mapping[str, Any], measure: str, replications: int) -> str:
    """What a lever changes about a measure, with its interval, and a question mark where that may be nothing."""
    mean, low, high = (found[key] for key in _ENDS)
    text = signed(mean, low, high, measure, replications)
    return text if is_sure(mean, low, high, found["pairs"]) or found["difference"] is None else f"{text} ?"
