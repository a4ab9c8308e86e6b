"""Whether the dummy, an input that changes nothing, came out so: which of its intervals do not hold 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_ESTIMATES = {"tornado": ("to_p10", "to_p90"), "indices": ("first", "total"), "rank_correlations": ("correlation",)}


def stirred(tables: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """The estimates of the dummy whose 95 % interval does not hold 0, as plain values.

    Of twenty such intervals one is expected to miss 0 by chance; in the tornado, where the dummy has the very luck of
    the others, none. ``by_chance`` is whether it may be that: 0 is no further off than twice as far as the interval
    reaches (once in ten thousand).
    """
    found = []
    for name, estimates in _ESTIMATES.items():
        table = tables.get(name)
        for _, row in table[table["is_dummy"]].iterrows() if table is not None else ():
            for estimate in estimates:
                value, low, high = (row[f"{estimate}{end}"] for end in ("", "_low", "_high"))
                low, high = (value if end is None or end != end else end for end in (low, high))
                if value == value and not low <= 0 <= high:
                    answer = row.get("answer", row.get("measure"))
                    by_chance = name != "tornado" and abs(value) <= high - low
                    found.append(
                        {"table": name, "answer": answer, "estimate": estimate, "low": low, "high": high}
                        | {"by_chance": bool(by_chance)}
                    )
    return found
