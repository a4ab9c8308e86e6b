"""What all exports of a plan say of it in words: ranges, chances, and how to read them."""

from __future__ import annotations

from trialsim.analysis.schedule import MilestoneRange, Planned, Range, Schedule, Task
from trialsim.analysis.statistics import Proportion, Quantile
from trialsim.wording import percent, percent_range, printable

HOW_TO_READ = (
    "P10, P50, P80 and P90 are the dates by which 10, 50, 80 and 90 of 100 simulated trials are so far, of those that "
    "come so far at all. They are of each task or milestone by itself: quantiles do not add up from task to task."
)


def plain(text: str, longest: int = 200) -> str:
    """Text of a scenario on one line, with nothing in it that turns or hides what stands around it."""
    line = printable(" ".join(text.split()), keep="")
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def title(plan: Schedule) -> str:
    """What the plan is called: the trial's title, or its name."""
    return plain(plan.facts.title or plan.facts.label)


def date(plan: Schedule, day: Quantile) -> str:
    """The date of a quantile."""
    return "?" if day.value is None else plan.facts.date_of(day.value).isoformat()


def dates(plan: Schedule, days: Range) -> str:
    """The dates of all quantiles: ``P10 2026-01-05, P50 …``."""
    return ", ".join(f"{name.upper()} {date(plan, day)}" for name, day in days.items())


def chance(estimate: Proportion) -> str:
    """A probability with its 95 % interval."""
    interval = percent_range(estimate.low, estimate.high)
    return f"{percent(estimate.probability)} (95 % interval {interval}, of {estimate.replications:,} trials)"


def of_milestone(plan: Schedule, milestone: MilestoneRange) -> str:
    """When a milestone comes, and how likely it is to come at all."""
    return f"{dates(plan, milestone.days)}. Reached by {chance(milestone.reached)}."


def of_target(planned: Planned) -> str:
    """What was planned, and how likely it is."""
    return f"planned: {planned.name} by {planned.date.isoformat()}. Met by {chance(planned.met)}."


def of_task(plan: Schedule, task: Task) -> str:
    """When a task starts and is done, how long it takes, and how likely it is to be needed."""
    days = ", ".join(
        f"{name.upper()} {day.value:.1f} days" for name, day in task.duration.items() if day.value is not None
    )
    share = ""
    if task.critical is not None and task.critical.share is not None:
        share = f" On the critical path for {percent(task.critical.share)} of the days up to the end."
    return (
        f"Start {dates(plan, task.start)}. Finish {dates(plan, task.finish)}. Takes {days}. "
        f"Needed by {chance(task.needed)}.{share}"
    )


def origin(plan: Schedule, made: str) -> str:
    """What the plan was made from."""
    tasks = "" if plan.looked_at == plan.replications else f", tasks of the first {plan.looked_at:,}"
    return f"{plain(plan.facts.label)}: {made}{tasks}; scenario {plan.digest[:12]}"
