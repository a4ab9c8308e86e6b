"""The plan in the files of other programs: MS Project, iCalendar and Mermaid, read back with readers of others."""

from __future__ import annotations

import datetime
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import trialsim
from tests.support.hostile import HOSTILE
from tests.unit.test_schedule import BY_HAND
from trialsim.export import write
from trialsim.export.content import Content
from trialsim.export.mermaid import escaped
from trialsim.export.mspdi import NAMESPACE
from trialsim.export.words import plain
from trialsim.results.run import Results
from trialsim.scenario import Scenario

# The elements that are written, in the order of the published schema (mspdi_pj12.xsd; those of 2010 where MS Project
# writes them).
ORDER = {
    "Project": "Name Title Subject ScheduleFromStart StartDate FinishDate CalendarUID DefaultStartTime "
    "DefaultFinishTime MinutesPerDay MinutesPerWeek DaysPerMonth DurationFormat NewTasksAreManual "
    "ExtendedAttributes Calendars Tasks",
    "ExtendedAttributes": "ExtendedAttribute",
    "ExtendedAttribute": "FieldID FieldName Alias Value DurationFormat",
    "Calendars": "Calendar",
    "Calendar": "UID Name IsBaseCalendar WeekDays",
    "WeekDays": "WeekDay",
    "WeekDay": "DayType DayWorking WorkingTimes",
    "WorkingTimes": "WorkingTime",
    "WorkingTime": "FromTime ToTime",
    "Tasks": "Task",
    "Task": "UID ID Name Active Manual Type IsNull WBS OutlineNumber OutlineLevel Start Finish Duration DurationFormat "
    "Estimated Milestone Summary ConstraintType CalendarUID Deadline Notes PredecessorLink ExtendedAttribute "
    "ManualStart ManualFinish ManualDuration",
    "PredecessorLink": "PredecessorUID Type CrossProject LinkLag LagFormat",
}
MOMENT, DURATION = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", r"PT\d+H\d+M\d+S"
VALUES = {
    **dict.fromkeys(("StartDate", "FinishDate", "Start", "Finish", "Deadline", "ManualStart", "ManualFinish"), MOMENT),
    **dict.fromkeys(("Duration", "ManualDuration"), DURATION),
    **dict.fromkeys(("UID", "ID", "OutlineLevel", "PredecessorUID", "FieldID", "MinutesPerDay"), r"\d+"),
    **dict.fromkeys(("Manual", "Active", "Milestone", "Summary", "IsNull", "DayWorking"), "[01]"),
    **dict.fromkeys(("FromTime", "ToTime"), r"\d\d:\d\d:\d\d"),
}


@cache
def by_hand() -> Results:
    trial = {**BY_HAND["trial"], "title": "A plan by hand"}
    return trialsim.simulate(Scenario.from_document({**BY_HAND, "trial": trial}), 3)


@cache
def reference() -> Results:
    return trialsim.simulate("msc-sle", 60, levers=False)


def written(results: Results, path: Path) -> str:
    results.export(path)
    return path.read_text(encoding="utf-8")


def texts(element: Any, name: str) -> list[str]:
    return [each.text or "" for each in element.iterfind(f"{{{NAMESPACE}}}{name}")]


def one(element: Any, name: str) -> str:
    (text,) = texts(element, name)
    return text


@pytest.mark.parametrize("make", [by_hand, reference])
def test_ms_project_has_the_structure_of_the_published_schema(make: Any, tmp_path: Path) -> None:
    root = ElementTree.fromstring(written(make(), tmp_path / "plan.xml"))

    def look(element: Any) -> None:
        name = element.tag.removeprefix(f"{{{NAMESPACE}}}")
        below = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in element]
        if not below:
            assert re.fullmatch(VALUES.get(name, r"(?s).*"), element.text or ""), (name, element.text)
            return
        places = [ORDER[name].split().index(child) for child in below]
        assert places == sorted(places), name
        for child in element:
            look(child)

    look(root)
    tasks = root.findall(f".//{{{NAMESPACE}}}Task")
    numbers = [one(task, "UID") for task in tasks]
    assert numbers == [str(number) for number in range(1, len(tasks) + 1)]
    for task in tasks:
        links = texts(task, f"PredecessorLink/{{{NAMESPACE}}}PredecessorUID")
        assert len(set(links)) == len(links)  # MS Project takes one link of a pair
        assert all(int(link) < int(one(task, "UID")) for link in links)
        assert one(task, "Start") <= one(task, "Finish")
        assert one(task, "OutlineLevel") == str(one(task, "OutlineNumber").count(".") + 1)
    outline = [one(task, "OutlineNumber") for task in tasks]
    assert len(set(outline)) == len(outline)
    parents = {number.rpartition(".")[0] for number in outline} - {""}
    assert {number for task, number in zip(tasks, outline, strict=True) if one(task, "Summary") == "1"} == parents


def test_ms_project_tells_the_calendar_worked_out_by_hand(tmp_path: Path) -> None:
    root = ElementTree.fromstring(written(by_hand(), tmp_path / "plan.xml"))
    tasks = {one(task, "Name"): task for task in root.iterfind(f".//{{{NAMESPACE}}}Task")}
    review = tasks["review after cohort 1"]
    assert (one(review, "Start"), one(review, "Finish")) == ("2025-01-23T00:00:00", "2025-02-15T00:00:00")
    assert one(review, "Duration") == f"PT{23 * 24}H0M0S"
    link = review.find(f"{{{NAMESPACE}}}PredecessorLink")
    assert link is not None
    assert one(link, "PredecessorUID") == one(tasks["safety window of cohort 1"], "UID")
    assert one(link, "Type") == "1"
    lock = tasks["database lock: P80"]
    assert (one(lock, "Start"), one(lock, "Milestone")) == ("2025-03-27T00:00:00", "1")
    assert one(tasks["last visit: P50"], "Deadline") == "2025-04-05T23:59:00"
    fields = {
        one(each, "FieldID"): one(each, "Value")
        for each in tasks["recruitment"].iterfind(f"{{{NAMESPACE}}}ExtendedAttribute")
    }
    share = by_hand().schedule.tasks[1].critical
    assert share is not None and share.share is not None
    assert float(fields["188743767"]) == pytest.approx(100 * share.share, rel=1e-3)


@pytest.mark.slow
def test_ms_project_is_read_by_mpxj(tmp_path: Path) -> None:
    """The reader that other planners' programs are built on; it needs Java."""
    mpxj = pytest.importorskip("mpxj")
    if not shutil.which("java"):
        pytest.skip("there is no java")
    import jpype

    reference().export(tmp_path / "plan.xml")
    if not jpype.isJVMStarted():
        mpxj.startJVM()
    reader = jpype.JClass("org.mpxj.reader.UniversalProjectReader")()
    project = reader.read(str(tmp_path / "plan.xml"))
    plan = reference().schedule
    read = {str(task.getOutlineNumber()): task for task in project.getTasks()}
    assert len(read) == len(plan.tasks) + 1 + 5 * len(plan.milestones)
    numbers = {task.key: task.number for task in plan.tasks}
    start = datetime.datetime.combine(plan.facts.start_date, datetime.time())
    for task in plan.tasks:
        there = read[task.number]
        assert str(there.getName()) == task.name
        begin = start + datetime.timedelta(minutes=int((task.start["p50"].value or 0) * 1440))
        assert str(there.getStart())[:16] == begin.isoformat()[:16]
        for number, name in enumerate(("p10", "p50", "p90"), start=1):
            assert float(there.getDuration(number).getDuration()) == pytest.approx(task.duration[name].value, abs=0.001)
        links = {
            (str(link.getPredecessorTask().getOutlineNumber()), str(link.getType())) for link in there.getPredecessors()
        }
        assert links == {(numbers[link.key], link.kind) for link in task.rests_on}
        if task.critical is not None and task.critical.share is not None:
            assert float(str(there.getNumber(1))) == pytest.approx(100 * task.critical.share, rel=1e-3, abs=1e-9)


def events(text: str) -> Iterator[Any]:
    vobject = pytest.importorskip("vobject")
    yield from vobject.readOne(text).vevent_list


def test_a_calendar_is_parsed_by_another_library(tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    text = written(by_hand(), tmp_path / "plan.ics")
    found = {str(event.uid.value).partition(".")[0]: event for event in events(text)}
    assert set(found) >= {"last_visit", "database_lock", "target-1", "committee-1", "committee-2", "committee-3"}
    lock = found["database_lock"]
    assert (lock.dtstart.value, lock.dtend.value) == (datetime.date(2025, 3, 27), datetime.date(2025, 3, 28))
    assert str(lock.summary.value) == ("by-hand: database lock, P10 to P90 (P50 2025-03-27, P80 2025-03-27)")
    assert found["target-1"].dtstart.value == datetime.date(2025, 4, 5)
    assert "met by 100 % of trials" in found["target-1"].summary.value
    assert found["committee-3"].dtstart.value == datetime.date(2025, 2, 15)
    assert "decides in 100 % of trials" in found["committee-3"].summary.value
    assert "decides in 0 % of trials" in found["committee-2"].summary.value
    assert {str(event.transp.value) for event in found.values()} == {"TRANSPARENT"}


def test_a_milestone_in_a_calendar_is_a_range(tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    plan = reference().schedule
    found = {
        str(event.uid.value).partition(".")[0]: event for event in events(written(reference(), tmp_path / "a.ics"))
    }
    for each in plan.milestones:
        event = found[each.milestone.value]
        first, last = (plan.facts.date_of(each.days[name].value or 0) for name in ("p10", "p90"))
        assert (event.dtstart.value, event.dtend.value) == (first, last + datetime.timedelta(days=1))
        for name in ("p10", "p50", "p80", "p90"):
            assert f"{name.upper()} {plan.facts.date_of(each.days[name].value or 0)}" in event.description.value


def test_mermaid_tells_the_calendar_worked_out_by_hand(tmp_path: Path) -> None:
    lines = [line.strip() for line in written(by_hand(), tmp_path / "plan.mmd").splitlines()]
    assert lines[2] == "gantt"
    assert lines[3] == "title A plan by hand - tasks at P50, milestones P10 to P90"
    assert "review after cohort 1 :cohort_1_review, 2025-01-23, 23d" in lines
    assert "database lock (P10-P90) :active, database_lock, 2025-03-27, 1d" in lines
    assert "planned last visit :milestone, crit, target_1, 2025-04-05, 0d" in lines
    grammar = "|".join(
        (
            r"%% .*|gantt|title [^:;]*|dateFormat YYYY-MM-DD|axisFormat %Y-%m|section [a-z]+",
            r"[^:;]+ :(active, |crit, |milestone, |milestone, crit, )?\w+, \d{4}-\d\d-\d\d, \d+d",
        )
    )
    for line in lines:
        assert re.fullmatch(grammar, re.sub(r"#\d+;", "", line)), line
    keys = [line.split(":")[1].split(", ")[-3] for line in lines if " :" in line]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("ending", ["xml", "ics", "mmd"])
def test_the_same_plan_gives_the_same_bytes(ending: str, tmp_path: Path) -> None:
    if ending == "ics":
        pytest.importorskip("icalendar")
    again = trialsim.simulate(Scenario.from_document(by_hand().scenario.to_document()), 3)
    assert written(by_hand(), tmp_path / f"a.{ending}") == written(again, tmp_path / f"b.{ending}")


def hostile(ending: str, path: Path, texts: Sequence[str] = HOSTILE) -> str:
    """What is written of a plan whose title, tasks and targets are called so."""
    plan = by_hand().schedule
    (target,) = plan.targets
    tasks = (
        replace(plan.tasks[0], key=f"key_{place}", number=str(place), name=text) for place, text in enumerate(texts, 1)
    )
    targets = tuple(replace(target, name=text) for text in texts)
    odd = replace(plan, facts=replace(plan.facts, title=texts[0]), tasks=tuple(tasks), targets=targets)
    write(Content("a test", {}, {}, by_hand().scenario, lambda: odd), path / f"plan.{ending}")
    return (path / f"plan.{ending}").read_bytes().decode()


def test_hostile_texts_are_text_in_ms_project(tmp_path: Path) -> None:
    root = ElementTree.fromstring(hostile("xml", tmp_path))
    assert one(root, "Title") == plain(HOSTILE[0])
    names = texts(root, f"Tasks/{{{NAMESPACE}}}Task/{{{NAMESPACE}}}Name")
    assert names[: len(HOSTILE)] == [plain(text) for text in HOSTILE]
    assert {element.tag.removeprefix(f"{{{NAMESPACE}}}") for element in root.iter()} <= {
        *ORDER,
        *(name for names in ORDER.values() for name in names.split()),
    }


def test_hostile_texts_are_text_in_calendars(tmp_path: Path) -> None:
    pytest.importorskip("icalendar")
    calendar = hostile("ics", tmp_path)
    events = len(by_hand().schedule.milestones) + len(by_hand().schedule.meetings) + len(HOSTILE)
    assert calendar.count("\r\nBEGIN:") == calendar.count("\r\nEND:V") - 1 == events
    assert all(len(line.encode()) <= 75 for line in calendar.split("\r\n"))
    unfolded = calendar.replace("\r\n ", "")
    said = [
        re.sub(r"\\(.)", r"\1", line) for line in re.findall(r"(?m)^SUMMARY:by-hand: (.*) planned \(met.*\r$", unfolded)
    ]
    assert said == [plain(text) for text in HOSTILE]
    assert {line.partition(":")[0].partition(";")[0] for line in unfolded.split("\r\n") if line} == {
        *("BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "METHOD", "X-WR-CALNAME", "X-WR-CALDESC", "SUMMARY"),
        *("DTSTART", "DTEND", "DTSTAMP", "UID", "CATEGORIES", "DESCRIPTION", "TRANSP"),
    }


def test_hostile_texts_are_text_in_mermaid(tmp_path: Path) -> None:
    chart = hostile("mmd", tmp_path).splitlines()
    said = [re.fullmatch(r"    (.*) :(crit, )?key_\d+, 2025-01-06, 1d", line) for line in chart]
    found = [each[1] for each in said if each]
    assert len(found) == len(HOSTILE)
    for text, shown in zip(HOSTILE, found, strict=True):
        assert re.fullmatch(r"(#\d+;|[A-Za-z0-9 .,()/-])*", shown)
        assert re.sub(r"#(\d+);", lambda sign: chr(int(sign[1])), shown) == plain(text)


def test_escapes_leave_nothing_that_mermaid_obeys() -> None:
    assert escaped("section x") == "#115;ection x"
    assert escaped("2025-01-06 x") == "#50;025-01-06 x"
    assert escaped("sections") == "sections"
    assert escaped("a:b;c#d%%e") == "a#58;b#59;c#35;d#37;#37;e"
    assert escaped("one\ntwo\u202e") == "one two#92;u202e"
