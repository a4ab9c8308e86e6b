"""Write the tables of columns in docs/outputs.md anew, from the declarations in `trialsim.tables`.

Usage: python docs/make_tables.py [--check]     (`make tables`; --check writes nothing and fails if a table has changed)
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from trialsim.columns import Column, Columns
from trialsim.tables import (
    CALENDAR,
    COURSES,
    DRAWS,
    EVENTS,
    INDICES,
    LEVERS,
    LOTS,
    PARTICIPANTS,
    PLANS,
    RANK_CORRELATIONS,
    REPLAYS,
    SCENARIOS,
    TORNADO,
    point_columns,
    replication_columns,
)
from trialsim.tables.plan import MEETINGS, MILESTONE_RANGES, PEOPLE_BY_SITE, TASKS

PAGE = Path(__file__).resolve().parent / "outputs.md"
TABLES: dict[str, Columns] = {
    "replications": replication_columns(1),
    "points": point_columns(
        [],
        milestones={"MILESTONE": "the day of the milestone"},
        counts={"COUNT": "the count"},
        shares={"END": "ending so"},
    ),
    "scenarios": SCENARIOS,
    "levers": LEVERS,
    "tornado": TORNADO,
    "indices": INDICES,
    "rank correlations": RANK_CORRELATIONS,
    "plans": PLANS,
    "participants": PARTICIPANTS,
    "lots": LOTS,
    "courses": COURSES,
    "draws": DRAWS,
    "events": EVENTS,
    "ends of a replay": REPLAYS,
    "calendar": CALENDAR,
    "milestones": MILESTONE_RANGES,
    "tasks": TASKS,
    "meetings": MEETINGS,
    "sites": PEOPLE_BY_SITE,
}


def rows(columns: Columns) -> Iterable[str]:
    """The rows of a table of columns. Those of an interval's ends and of the dose levels stand with their column."""
    yield "| column | kind | unit | meaning |"
    yield "|---|---|---|---|"
    for name, column in columns.items():
        if name.removesuffix("_low").removesuffix("_high") in columns and name.endswith(("_low", "_high")):
            continue
        shown = f"`{name}`"
        if f"{name}_low" in columns:
            shown += ", `_low`, `_high`"
        if name.endswith("_level_1"):
            shown += "…"
        yield f"| {shown} | {column.kind} | {column.unit} | {meaning(column)} |"


def meaning(column: Column) -> str:
    """What a column means, with the labels that there can be; of a dose level's, what it means of each."""
    text = column.meaning.replace("at dose level 1", "at each dose level")
    return f"{text}: {', '.join(f'`{value}`' for value in column.values)}" if column.values else text


def with_tables(page: str) -> str:
    """The page with all its tables made anew, each between its two marks."""
    for name, columns in TABLES.items():
        begin, end = f"<!-- columns of {name}: written by `make tables` -->\n", f"<!-- end of columns of {name} -->"
        before, mark, rest = page.partition(begin)
        _, closing, after = rest.partition(end)
        assert mark and closing, f"no place for the columns of {name}"
        page = before + begin + "\n".join(rows(columns)) + "\n" + end + after
    return page


if __name__ == "__main__":
    old = PAGE.read_text(encoding="utf-8")
    new = with_tables(old)
    if sys.argv[1:] == ["--check"]:
        sys.exit("docs/outputs.md has columns of another version: run `make tables`" if new != old else 0)
    PAGE.write_text(new, encoding="utf-8")
