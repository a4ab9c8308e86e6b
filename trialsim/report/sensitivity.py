"""What drives the answer, as tables for the terminal: one input at a time, shares of the ignorance, and ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trialsim.analysis.measures import is_share
from trialsim.report.differences import signed
from trialsim.report.paper import paper, print_whole, table, text_on
from trialsim.tables import COUNTS
from trialsim.vocabulary import MONTH
from trialsim.wording import between, number, percent, percent_range

if TYPE_CHECKING:
    from rich.console import Console

MOST = 20
"""Inputs that a table shows; the files have all."""
_ESTIMATES = {
    "to_p10": "from the median to P10",
    "to_p90": "from the median to P90",
    "first": "share alone",
    "total": "share in all",
    "correlation": "rank correlation",
}
_ENDS = ("", "_low", "_high")


def render(summary: Mapping[str, Any], *, color: bool = False, width: int | None = 80) -> str:
    """A sensitivity analysis as text.

    Parameters
    ----------
    summary : dict
        What `trialsim.SensitivityResults.summary` returns.
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
    unknown = len(summary["inputs"])
    values = f"{unknown} value{'s' * (unknown != 1)} that {'are' if unknown != 1 else 'is'} not known"
    console.print(f"What drives {summary['scenario']}: {values}", style="bold")
    console.print()
    console.print(dummy_words(summary))
    if summary["tornado"] is not None:
        _one_at_a_time(console, summary)
    if summary["indices"] is not None:
        _shares(console, summary)
    if summary["rank_correlations"] is not None:
        _ranks(console, summary)
    console.print()
    console.print(
        "Brackets are 95 % intervals of Monte Carlo error. Milestones are in months from day 0, in the trials that "
        "reach them, ended early or not."
    )
    return text_on(console)


def dummy_words(summary: Mapping[str, Any]) -> str:
    """Whether the dummy came out inert, in a sentence or two."""
    moves = summary["dummy_moves"]
    if not moves:
        return "The dummy, an input that changes nothing, came out inert: all its intervals hold 0."
    called = summary["words"]
    listed = "; ".join(
        f"{called[each['answer']]}, {_ESTIMATES[each['estimate']]}: {each['low']:.3g} to {each['high']:.3g}"
        for each in moves
    )
    if not all(each["by_chance"] for each in moves):
        return f"THE DUMMY IS NOT INERT, although it changes nothing: do not trust these numbers. ({listed})"
    of_all = sum(row["is_dummy"] for name in ("indices", "rank_correlations") for row in summary[name] or ())
    of_all += sum(row["is_dummy"] for row in summary["indices"] or ())
    return (
        f"The dummy, an input that changes nothing, does not come out inert: {len(moves)} of its {of_all} intervals "
        f"miss{'es' * (len(moves) == 1)} 0 ({listed}). By chance 1 of 20 does; another --seed or more --points tell. "
        "Of inputs that do no more than it, nothing is to be believed."
    )


def spread_words(summary: Mapping[str, Any], measure: str) -> str:
    """How much of what differs between trials is ignorance, in a sentence."""
    called, found = summary["words"][measure], summary["spread"][measure]
    if found["ignorance"] is None:
        return f"{_capital(called)}: too few trials have it, or all are the same."
    share = f"{percent(found['ignorance'])} ({percent_range(found['low'], found['high'])})"
    return f"{_capital(called)}: {share} of the variance of one trial is ignorance, the rest luck."


def _one_at_a_time(console: Console, summary: Mapping[str, Any]) -> None:
    console.print()
    console.print(
        f"One at a time: each from its P10 to its P90, the others at their medians, on the same luck "
        f"({summary['replications']:,} trials at each end)"
        + ". Of correlated values, too, only the one is moved."
        * bool(summary["correlated"])
    )
    written = {each["key"]: each["written"] for each in summary["inputs"]}
    for name in summary["answers"]:
        found = [row for row in summary["tornado"] if row["answer"] == name]
        measure = _measure(summary, name)
        head = _of(summary, name, found[0]["at_p50"], measure)
        rows = table(head, "at P10", "at P90", "change", wraps=True)
        for row in found[:MOST]:
            rows.add_row(
                _with_range(row["input"], written.get(row["input"])),
                *(_amount(measure, row[f"at_{end}"]) for end in ("p10", "p90")),
                signed(row["swing"], row["swing_low"], row["swing_high"], measure, row["pairs"]),
            )
        console.print()
        print_whole(console, rows)
        _left_out(console, len(found))


def _shares(console: Console, summary: Mapping[str, Any]) -> None:
    console.print()
    console.print(
        f"Whose ignorance it is: shares of the variance of what is expected ({summary['points']:,} points, each on two "
        "lucks). Alone: by so much it would fall if this were known. In all: so much would be left if all else were. "
        "By chance a share may come out below 0."
        + " Correlated values are taken together: of whose they are, shares cannot tell."
        * bool(summary["correlated"])
    )
    for measure in summary["measures"]:
        console.print()
        console.print(spread_words(summary, measure))
        found = [row for row in summary["indices"] if row["measure"] == measure]
        if all(row["total"] is None for row in found):
            console.print("Too little ignorance is seen to be shared out; more --points may show it.")
            continue
        rows = table("Of the ignorance", "alone", "in all", wraps=True)
        for row in found[:MOST]:
            rows.add_row(row["input"], *(_share(row, name) for name in ("first", "total")))
        print_whole(console, rows)
        _left_out(console, len(found))
        fewest = min(row["points"] for row in found)
        if fewest < summary["points"]:
            console.print(
                f"Not all points have a {summary['words'][measure]} in all trials: of these at least {fewest:,}."
            )


def _ranks(console: Console, summary: Mapping[str, Any]) -> None:
    console.print()
    console.print(
        f"Which values the answer goes with: partial rank correlations, trial by trial ({summary['points']:,} trials)"
    )
    for measure in summary["measures"]:
        found = [row for row in summary["rank_correlations"] if row["measure"] == measure]
        rows = table(_capital(summary["words"][measure]), "rank correlation", wraps=True)
        for row in found[:MOST]:
            value, low, high = (row[f"correlation{end}"] for end in _ENDS)
            rows.add_row(row["input"], "?" if value is None else f"{value:+z.2f} ({low:+z.2f} to {high:+z.2f})")
        console.print()
        print_whole(console, rows)
        _left_out(console, len(found))


def _with_range(name: str, ends: Mapping[str, str] | None) -> str:
    return name if ends is None else f"{name}\n  {between(ends['p10'], ends['p90'])}"


def _measure(summary: Mapping[str, Any], answer: str) -> str:
    """The measure of an answer, which may be a quantile of it."""
    return answer if answer in summary["measures"] else answer.rpartition("_")[0]


def _of(summary: Mapping[str, Any], answer: str, at_medians: float | None, measure: str) -> str:
    said = _capital(summary["words"][answer])
    return said if at_medians is None else f"{said}: {_amount(measure, at_medians)} with all at medians"


def _amount(measure: str, value: float | None) -> str:
    if value is None:
        return "–"
    return percent(value) if is_share(measure) else number(value) if measure in COUNTS else f"{value / MONTH:,.1f}"


def _share(row: Mapping[str, Any], name: str) -> str:
    value, low, high = (row[f"{name}{end}"] for end in _ENDS)
    if value is None:
        return "?"
    digits = 1 if max(abs(value), abs(low), abs(high)) < 0.1 else 0
    return f"{_percent(value, digits)} % ({_percent(low, digits)} to {_percent(high, digits)})"


def _percent(share: float, digits: int) -> str:
    return f"{100 * share:z.{digits}f}"


def _left_out(console: Console, rows: int) -> None:
    if rows > MOST:
        console.print(f"The {MOST} of {rows} with the largest; the files have all.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
