"""Write the tables and the figure of docs/sensitivity.md anew: what drives the reference trial.

Usage: python docs/make_sensitivity.py      (`make sensitivity`; some minutes without the compiled engine)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from trialsim import sensitivity
from trialsim.analysis.measures import is_share
from trialsim.figures.picture import DPI
from trialsim.report.differences import signed
from trialsim.report.sensitivity import dummy_words, spread_words
from trialsim.vocabulary import MONTH
from trialsim.wording import between, percent

HERE = Path(__file__).resolve().parent
PAGE, PICTURE = HERE / "sensitivity.md", HERE / "sensitivity-tornado.png"
SCENARIO, SEED, REPLICATIONS, POINTS = "msc-sle-uncertain", 1, 2000, 20_000
_ENDS = ("", "_low", "_high")


def tornado(summary: Mapping[str, Any], answer: str) -> Iterable[list[str]]:
    """One input at a time."""
    rows = [row for row in summary["tornado"] if row["answer"] == answer]
    written = {each["key"]: between(each["written"]["p10"], each["written"]["p90"]) for each in summary["inputs"]}
    called = summary["words"][answer]
    yield ["value", "P10 to P90", f"{called} at P10", "at P90", "change"]
    for row in rows:
        ends = [_amount(answer, row[name]) for name in ("at_p10", "at_p90")]
        yield [_key(row["input"]), written.get(row["input"], ""), *ends, _change(answer, row)]


def shares(summary: Mapping[str, Any]) -> Iterable[list[str]]:
    """Sobol's indices of both answers."""
    heads = [f"{summary['words'][measure]}, {name}" for measure in summary["measures"] for name in ("alone", "in all")]
    yield ["value", *heads]
    by = {(row["measure"], row["input"]): row for row in summary["indices"]}
    for name in dict.fromkeys(row["input"] for row in summary["indices"]):
        cells = [_share(by[measure, name], index) for measure in summary["measures"] for index in ("first", "total")]
        yield [_key(name), *cells]


def ranks(summary: Mapping[str, Any]) -> Iterable[list[str]]:
    """Partial rank correlations with both answers."""
    yield ["value", *(summary["words"][measure] for measure in summary["measures"])]
    by = {(row["measure"], row["input"]): row for row in summary["rank_correlations"]}
    for name in dict.fromkeys(row["input"] for row in summary["rank_correlations"]):
        cells = []
        for measure in summary["measures"]:
            value, low, high = (by[measure, name][f"correlation{end}"] for end in _ENDS)
            cells.append(_minus(f"{value:+z.2f} ({low:+z.2f} to {high:+z.2f})"))
        yield [_key(name), *cells]


def spread(summary: Mapping[str, Any]) -> Iterable[str]:
    """How much of the spread is ignorance, a line a measure."""
    for measure in summary["measures"]:
        found = summary["spread"][measure]
        unit, times = ("points", 100.0) if is_share(measure) else ("months", 1 / MONTH)
        sizes = [times * found[name] for name in ("sd", "luck_sd", "ignorance_sd")]
        digits = 0 if is_share(measure) else 1
        one, luck, ignorance = (f"{size:.{digits}f}" for size in sizes)
        yield f"- {spread_words(summary, measure)}"
        yield f"  A standard deviation of {one} {unit} is made of {luck} of luck and {ignorance} of ignorance."


def _amount(answer: str, value: float) -> str:
    return percent(value) if is_share(answer) else f"{value / MONTH:.1f}"


def _change(answer: str, row: Mapping[str, Any]) -> str:
    return _minus(signed(row["swing"], row["swing_low"], row["swing_high"], answer, row["pairs"]))


def _share(row: Mapping[str, Any], index: str) -> str:
    value, low, high = (100 * row[f"{index}{end}"] for end in _ENDS)
    return _minus(f"{value:z.1f} % ({low:z.1f} to {high:z.1f})")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _key(name: str) -> str:
    return name if name == "dummy" else " + ".join(f"`{each}`" for each in name.split(" + "))


def table(rows: Iterable[list[str]]) -> str:
    """As Markdown, the first row on top."""
    head, *rest = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rest))


def main() -> None:
    """Simulate, draw, and put the tables between their marks."""
    found = sensitivity(SCENARIO, REPLICATIONS, POINTS, SEED, jobs=None)
    summary = found.summary()
    found.figure("tornado").savefig(PICTURE, dpi=DPI * 0.6, metadata={"Software": None})
    parts = {
        "tornado of the last visit": table(tornado(summary, "last_visit")),
        "tornado of ending early": table(tornado(summary, "early_termination")),
        "spread": "\n".join(spread(summary)),
        "dummy": dummy_words(summary),
        "shares": table(shares(summary)),
        "ranks": table(ranks(summary)),
    }
    page = PAGE.read_text(encoding="utf-8")
    for name, text in parts.items():
        begin, end = f"<!-- {name}: written by `make sensitivity` -->\n", f"\n<!-- end of {name} -->"
        before, mark, rest = page.partition(begin)
        _, closing, after = rest.partition(end)
        assert mark and closing, f"no place for {name}"
        page = before + begin + text + end + after
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
