"""MS Project XML (MSPDI): the plan with optimistic, likely and pessimistic durations, links, and milestones as ranges.

Tasks are scheduled by hand, at their P50, so that MS Project leaves the dates alone; P10, P50 and P90 of durations,
dates, and the share of days on the critical path are custom fields. The calendar has no days off: the model's days are
days of the calendar.

References
----------
Microsoft Office Project 2007 XML Data Interchange Schema (mspdi_pj12.xsd): the elements and their order. ``Active``,
``Manual``, ``ManualStart``, ``ManualFinish`` and ``ManualDuration`` are of Project 2010 and later.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from trialsim.analysis.schedule import MilestoneRange, Planned, Range, Schedule, Task
from trialsim.export import words

if TYPE_CHECKING:
    from trialsim.export.content import Content

NAMESPACE = "http://schemas.microsoft.com/project"
_LINKS = {"FF": "0", "FS": "1", "SS": "3"}
_DAYS = "7"
"""The format of durations: days."""
_MINUTES_A_DAY = 1440


class _Field(NamedTuple):
    """A custom field: its number in MS Project, its name there, and what it is called here."""

    number: str
    name: str
    alias: str


_OF_QUANTILES = {"p10": "optimistic, P10", "p50": "likely, P50", "p90": "pessimistic, P90"}
_DURATIONS = {
    name: _Field(str(188743783 + place), f"Duration{place + 1}", f"Duration ({of})")
    for place, (name, of) in enumerate(_OF_QUANTILES.items())
}
_STARTS = {
    name: _Field(str(188743732 + 3 * place), f"Start{place + 1}", f"Start ({of})")
    for place, (name, of) in enumerate(_OF_QUANTILES.items())
}
_FINISHES = {
    name: _Field(str(188743733 + 3 * place), f"Finish{place + 1}", f"Finish ({of})")
    for place, (name, of) in enumerate(_OF_QUANTILES.items())
}
_CRITICAL = _Field("188743767", "Number1", "Share of days on the critical path (%)")
_NEEDED = _Field("188743768", "Number2", "Trials that come to it (%)")
_FIELDS = (*_DURATIONS.values(), *_STARTS.values(), *_FINISHES.values(), _CRITICAL, _NEEDED)


def write(content: Content, path: Path) -> None:
    """Write the plan."""
    assert content.plan is not None
    root = _project(content.plan, content.origin)
    indent(root, " ")
    ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)


def _project(plan: Schedule, made: str) -> Element:
    root = Element("Project", {"xmlns": NAMESPACE})
    latest = max((each.days["p90"].value or 0.0 for each in plan.milestones), default=0.0)
    _put(
        root,
        Name=words.plain(plan.facts.name),
        Title=words.title(plan),
        Subject=words.origin(plan, made),
        ScheduleFromStart="1",
        StartDate=_moment(plan, 0.0),
        FinishDate=_moment(plan, latest),
        CalendarUID="1",
        DefaultStartTime="00:00:00",
        DefaultFinishTime="00:00:00",
        MinutesPerDay=str(_MINUTES_A_DAY),
        MinutesPerWeek=str(7 * _MINUTES_A_DAY),
        DaysPerMonth="30",
        DurationFormat=_DAYS,
        NewTasksAreManual="1",
    )
    fields = SubElement(root, "ExtendedAttributes")
    for field in _FIELDS:
        _put(SubElement(fields, "ExtendedAttribute"), FieldID=field.number, FieldName=field.name, Alias=field.alias)
    _calendar(SubElement(root, "Calendars"))
    tasks = SubElement(root, "Tasks")
    lines = list(_lines(plan))
    numbers = {line.key: str(number) for number, line in enumerate(lines, start=1)}
    for line in lines:
        _task(SubElement(tasks, "Task"), plan, line, numbers)
    return root


def _calendar(calendars: Element) -> None:
    """Every day from midnight to midnight."""
    calendar = SubElement(calendars, "Calendar")
    _put(calendar, UID="1", Name="All days", IsBaseCalendar="1")
    days = SubElement(calendar, "WeekDays")
    for day in range(1, 8):
        week_day = SubElement(days, "WeekDay")
        _put(week_day, DayType=str(day), DayWorking="1")
        times = SubElement(SubElement(week_day, "WorkingTimes"), "WorkingTime")
        _put(times, FromTime="00:00:00", ToTime="00:00:00")


class _Line(NamedTuple):
    """A line of the plan: a task, or a milestone at one of its quantiles."""

    key: str
    name: str
    number: str
    start: float
    finish: float
    notes: str
    is_group: bool = False
    is_milestone: bool = False
    task: Task | None = None
    deadline: datetime.date | None = None


def _lines(plan: Schedule) -> Iterator[_Line]:
    """The tasks, and after them the milestones, each a group of its quantiles and of what was planned."""
    for task in plan.tasks:
        start, finish = task.start["p50"].value or 0.0, task.finish["p50"].value or 0.0
        notes = f"{words.of_task(plan, task)}\n{words.HOW_TO_READ}"
        # of a task that few come to late, the medians may be in the wrong order
        yield _Line(task.key, task.name, task.number, start, max(start, finish), notes, plan.is_group(task), task=task)
    top = sum(1 for task in plan.tasks if task.level == 1) + 1
    every = [day.value or 0.0 for each in plan.milestones for day in each.days.values()]
    if not every:
        return
    yield _Line("milestones", "milestones", str(top), min(every), max(every), words.HOW_TO_READ, is_group=True)
    for place, milestone in enumerate(plan.milestones, start=1):
        planned = [each for each in plan.targets if each.milestone is milestone.milestone]
        yield from _of_milestone(plan, milestone, f"{top}.{place}", planned)


def _of_milestone(plan: Schedule, milestone: MilestoneRange, number: str, planned: list[Planned]) -> Iterator[_Line]:
    days = milestone.days
    first, last = days["p10"].value or 0.0, days["p90"].value or 0.0
    notes = " ".join([words.of_milestone(plan, milestone), *(words.of_target(each) for each in planned)])
    key = milestone.milestone.value
    yield _Line(key, f"{milestone.name} (P10 to P90)", number, first, last, notes, is_group=True)
    deadline = planned[0].date if planned else None
    for place, (name, day) in enumerate(days.items(), start=1):
        at = day.value or 0.0
        yield _Line(
            f"{key}_{name}",
            f"{milestone.name}: {name.upper()}",
            f"{number}.{place}",
            at,
            at,
            notes,
            is_milestone=True,
            deadline=deadline,
        )


def _task(element: Element, plan: Schedule, line: _Line, numbers: dict[str, str]) -> None:
    start, finish = _moment(plan, line.start), _moment(plan, line.finish)
    duration = _duration(_minutes(line.finish) - _minutes(line.start))
    _put(
        element,
        UID=numbers[line.key],
        ID=numbers[line.key],
        Name=words.plain(line.name),
        Active="1",
        Manual="1",
        Type="1",
        IsNull="0",
        WBS=line.number,
        OutlineNumber=line.number,
        OutlineLevel=str(line.number.count(".") + 1),
        Start=start,
        Finish=finish,
        Duration=duration,
        DurationFormat=_DAYS,
        Estimated="0",
        Milestone="1" if line.is_milestone else "0",
        Summary="1" if line.is_group else "0",
        ConstraintType="0",
        CalendarUID="-1",
    )
    if line.deadline is not None:
        _put(element, Deadline=f"{line.deadline.isoformat()}T23:59:00")
    _put(element, Notes=line.notes)
    for link in line.task.rests_on if line.task else ():
        pair = SubElement(element, "PredecessorLink")
        _put(
            pair, PredecessorUID=numbers[link.key], Type=_LINKS[link.kind], CrossProject="0", LinkLag="0", LagFormat="7"
        )
    if line.task is not None:
        _fields(element, plan, line.task)
    _put(element, ManualStart=start, ManualFinish=finish, ManualDuration=duration)


def _fields(element: Element, plan: Schedule, task: Task) -> None:
    """What MS Project has no fields of its own for."""
    for name, field in _DURATIONS.items():
        if (value := task.duration[name].value) is not None:
            attribute = SubElement(element, "ExtendedAttribute")
            _put(attribute, FieldID=field.number, Value=_duration(_minutes(value)), DurationFormat=_DAYS)
    moments: tuple[tuple[dict[str, _Field], Range], ...] = ((_STARTS, task.start), (_FINISHES, task.finish))
    for fields, days in moments:
        for name, field in fields.items():
            if (value := days[name].value) is not None:
                _put(SubElement(element, "ExtendedAttribute"), FieldID=field.number, Value=_moment(plan, value))
    shares = ((_CRITICAL, task.critical.share if task.critical else None), (_NEEDED, task.needed.probability))
    for field, share in shares:
        if share is not None:
            _put(SubElement(element, "ExtendedAttribute"), FieldID=field.number, Value=f"{100 * share:.4g}")


def _put(element: Element, **texts: str) -> None:
    """Add elements with a text each, in this order, which is the schema's."""
    for name, text in texts.items():
        SubElement(element, name).text = text


def _minutes(days: float) -> int:
    """Whole minutes: what MS Project counts in."""
    return int(days * _MINUTES_A_DAY)


def _moment(plan: Schedule, day: float) -> str:
    start = datetime.datetime.combine(plan.facts.start_date, datetime.time())
    return (start + datetime.timedelta(minutes=_minutes(day))).isoformat(timespec="seconds")


def _duration(minutes: int) -> str:
    return f"PT{minutes // 60}H{minutes % 60}M0S"
