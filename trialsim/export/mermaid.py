"""Mermaid: the plan as a Gantt chart in text, which wikis and code hosts draw.

A task reaches from the P50 of its start to the P50 of its finish, a milestone from its P10 to its P90, with marks at
its P50 and P80.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from trialsim.analysis.schedule import Schedule, Task
from trialsim.export import words
from trialsim.wording import percent

if TYPE_CHECKING:
    from trialsim.export.content import Content

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-()/")
_BEGINS = re.compile(
    "(?i)[0-9]|(gantt|dateformat|inclusiveenddates|topaxis|axisformat|tickinterval|includes|excludes|todaymarker|title|"
    r"acctitle|accdescr|section|weekday|weekend|click|href|call)\b"
)
_USUAL = 0.995
_CRITICAL = 0.2
"""A task that takes so great a share of the days on the critical path is drawn as critical."""


def write(content: Content, path: Path) -> None:
    """Write the plan as a Gantt chart."""
    assert content.plan is not None
    path.write_text("\n".join([*_lines(content.plan, content.origin), ""]), encoding="utf-8", newline="\n")


def _lines(plan: Schedule, made: str) -> Iterator[str]:
    yield f"%% {escaped(words.origin(plan, made))}"
    yield f"%% {words.HOW_TO_READ}"
    yield "gantt"
    yield f"    title {escaped(words.title(plan))} - tasks at P50, milestones P10 to P90"
    yield "    dateFormat YYYY-MM-DD"
    yield "    axisFormat %Y-%m"
    for section, tasks in (
        ("tasks", [task for task in plan.tasks if not task.parent]),
        ("cohorts", [task for task in plan.tasks if task.parent]),
    ):
        yield from [f"    section {section}"] * bool(tasks)
        yield from (f"    {_of_task(plan, task)}" for task in tasks if not plan.is_group(task))
    yield from ["    section milestones"] * bool(plan.milestones)
    for milestone in plan.milestones:
        key, name = milestone.milestone.value, escaped(milestone.name)
        first, last = (math.floor(milestone.days[each].value or 0.0) for each in ("p10", "p90"))
        yield f"    {name} (P10-P90) :active, {key}, {_date(plan, first)}, {max(1, last - first)}d"
        for each in ("p50", "p80"):
            day = math.floor(milestone.days[each].value or 0.0)
            yield f"    {name} {each.upper()} :milestone, {key}_{each}, {_date(plan, day)}, 0d"
    for number, target in enumerate(plan.targets, start=1):
        yield f"    planned {escaped(target.name)} :milestone, crit, target_{number}, {target.date.isoformat()}, 0d"


def _of_task(plan: Schedule, task: Task) -> str:
    start = math.floor(task.start["p50"].value or 0.0)
    days = max(1, math.floor(task.finish["p50"].value or 0.0) - start)
    share = task.critical.share if task.critical else None
    tag = "crit, " if share is not None and share >= _CRITICAL else ""
    rare = f" (needed in {percent(share_needed)})" if (share_needed := task.needed.probability or 0.0) < _USUAL else ""
    return f"{escaped(task.name + rare)} :{tag}{task.key}, {_date(plan, start)}, {days}d"


def _date(plan: Schedule, day: int) -> str:
    return plan.facts.date_of(day).isoformat()


def escaped(text: str) -> str:
    """Text of which Mermaid sees nothing but text: all but plain letters and digits by number, as ``#58;``.

    A number stands for a character in all that Mermaid draws, and is no part of its language: no colon ends the text,
    no semicolon the statement, and nothing is a directive, a comment or a tag. Nor does a text begin with a word or a
    date that would begin a statement.
    """
    line = words.plain(text)
    begins = 1 if _BEGINS.match(line) else 0
    return "".join(f"#{ord(sign)};" for sign in line[:begins]) + "".join(
        sign if sign in _PLAIN else f"#{ord(sign)};" for sign in line[begins:]
    )
