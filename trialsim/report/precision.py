"""How precise estimates are, and whether that is as precise as was asked, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trialsim.analysis.measures import is_share
from trialsim.analysis.precision import Wanted
from trialsim.tables import COUNTS
from trialsim.vocabulary import MONTH


def sentences(precision: Mapping[str, Any] | None, replications: int) -> list[str]:
    """A sentence on what was reached, and one on what was not; none if nothing was asked."""
    if precision is None:
        return []
    met = [_said(each) for each in precision["estimates"] if each["met"]]
    lacking = [_said(each) for each in precision["estimates"] if not each["met"]]
    found = [f"As precise as asked: {', '.join(met)}."] if met else []
    if lacking:
        found.append(
            f"NOT AS PRECISE AS ASKED: {', '.join(lacking)}. {replications:,} trials (--max-replications) ended it."
        )
    return found


def _said(each: Mapping[str, Any]) -> str:
    measure = Wanted(each["name"], each["asked"]).measure
    if each["half_width"] is None:
        return f"{each['name']} not bounded (asked ±{_amount(measure, each['asked'])})"
    return f"{each['name']} ±{_amount(measure, each['half_width'])} (asked ±{_amount(measure, each['asked'])})"


def _amount(measure: str, value: float) -> str:
    if is_share(measure):
        return f"{100 * value:.3g} points"
    if measure in COUNTS:
        return f"{value:.3g}"
    return f"{value / MONTH:.3g} months" if value >= MONTH else f"{value:.3g} days"
