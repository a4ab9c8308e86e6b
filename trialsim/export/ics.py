"""iCalendar: milestones, targets and the committee's days, as events of whole days.

A milestone lasts from its P10 to its P90. Nobody is made busy by an event. The same plan gives the same bytes: an event
is known by the trial's name and what it is, and its time stamp is the trial's start.

References
----------
RFC 5545, Internet Calendaring and Scheduling Core Object Specification (2009).
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trialsim.analysis.schedule import Schedule
from trialsim.export import words
from trialsim.wording import percent

if TYPE_CHECKING:
    from trialsim.export.content import Content

_PRODUCER = "-//trialsim//plan//EN"
_MEETINGS_OF = 0.005
"""A meeting at which fewer trials than this still run is left out."""


def write(content: Content, path: Path) -> None:
    """Write the plan's events."""
    from icalendar import Calendar, vText

    assert content.plan is not None
    plan = content.plan
    calendar = Calendar()
    calendar.add("prodid", _PRODUCER)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", vText(words.title(plan)))
    calendar.add("x-wr-caldesc", vText(words.origin(plan, content.origin)))
    for event in _events(plan, content.origin):
        calendar.add_component(event)
    path.write_bytes(calendar.to_ical())


def _events(plan: Schedule, made: str) -> Iterator[Any]:
    trial = words.plain(plan.facts.label, 60)
    about = f"{words.HOW_TO_READ}\n{words.origin(plan, made)}"
    for milestone in plan.milestones:
        first, last = (plan.facts.date_of(milestone.days[name].value or 0.0) for name in ("p10", "p90"))
        likely, safe = words.date(plan, milestone.days["p50"]), words.date(plan, milestone.days["p80"])
        heading = f"{trial}: {milestone.name}, P10 to P90 (P50 {likely}, P80 {safe})"
        notes = f"{words.of_milestone(plan, milestone)}\n{about}"
        yield _event(plan, milestone.milestone.value, heading, first, last, notes, "milestone")
    for number, target in enumerate(plan.targets, start=1):
        heading = f"{trial}: {target.name} planned (met by {percent(target.met.probability)} of trials)"
        notes = f"{words.of_target(target)}\n{about}"
        yield _event(plan, f"target-{number}", heading, target.date, target.date, notes, "target")
    for meeting in plan.meetings:
        if (meeting.running.probability or 0.0) < _MEETINGS_OF:
            continue
        date = plan.facts.date_of(meeting.day)
        heading = (
            f"{trial}: committee, day {meeting.day:.0f} (decides in {percent(meeting.decides.probability)} of trials)"
        )
        notes = (
            f"The trial still runs in {words.chance(meeting.running)}, and the committee decides on a next cohort in "
        )
        notes += f"{words.chance(meeting.decides)}.\n{about}"
        yield _event(plan, f"committee-{meeting.number}", heading, date, date, notes, "committee")


def _event(
    plan: Schedule,
    key: str,
    heading: str,
    first: datetime.date,
    last: datetime.date,
    notes: str,
    category: str,
) -> Any:
    """An event of whole days, the last one included."""
    from icalendar import Event

    event = Event()
    name = hashlib.sha256(plan.facts.name.encode()).hexdigest()[:16]
    event.add("uid", f"{key}.{name}@trialsim")
    event.add("dtstamp", datetime.datetime.combine(plan.facts.start_date, datetime.time(), datetime.UTC))
    event.add("dtstart", first)
    event.add("dtend", last + datetime.timedelta(days=1))
    event.add("summary", heading)
    event.add("description", notes)
    event.add("categories", [category])
    event.add("transp", "TRANSPARENT")
    return event
