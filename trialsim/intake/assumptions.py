"""From a filled-in sheet of assumptions to the scenario that was agreed, and its file with all comments in place."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from trialsim.export.assumption_sheet import SHEET
from trialsim.intake.agreed import Agreed, agreed_in, sheet_of
from trialsim.intake.workbook import read_sheet
from trialsim.scenario.assumptions import Assumption, assumptions
from trialsim.scenario.loading import Changed, load_changed, load_document, read, read_as
from trialsim.scenario.messages.errors import Problem, ScenarioError
from trialsim.scenario.messages.words import given, listed
from trialsim.scenario.reading.one_line import one_line
from trialsim.scenario.reading.rewriting import CannotRewrite, rewritten
from trialsim.scenario.reading.yaml_text import read_text
from trialsim.scenario.scenario import Scenario

_MOST_KEYS = 5
_LONGEST_NOTE = 1000


@dataclass(frozen=True)
class Change:
    """A value that was changed: its key, what it was and is, as one line of YAML each, and where that comes from.

    ``cell`` is the file, sheet and cell. ``was_unknown`` says that the scenario called the value uncertain; it is known
    from now on.
    """

    key: str
    before: str
    after: str
    owner: str
    source: str
    cell: str
    was_unknown: bool = False


@dataclass(frozen=True)
class Imported:
    """What a sheet makes of a scenario.

    Attributes
    ----------
    scenario : Scenario
        With what was agreed.
    text : str
        Its file: that of the scenario before, with only what was agreed written anew.
    changes : tuple of Change
        In the order of the sheet.
    unchanged : tuple of str
        Keys whose agreed value is the one that the scenario has.
    warnings : tuple of str
        What is to be told, such as that the scenario has changed since the sheet was made.
    has_table : bool
        Whether the file has its sites from a table beside it, and so must stay in its folder.
    """

    scenario: Scenario
    text: str
    changes: tuple[Change, ...]
    unchanged: tuple[str, ...]
    warnings: tuple[str, ...]
    has_table: bool = False


def import_assumptions(
    workbook: str | os.PathLike[str], scenario: str | os.PathLike[str], may_be_stale: bool = False
) -> Imported:
    """Read what was agreed in a workbook into a scenario; nothing is written.

    Parameters
    ----------
    workbook : str or path
        A workbook of this program, filled in.
    scenario : str or path
        A YAML file, or the name of a scenario that ships.
    may_be_stale : bool
        Whether values that have changed in the scenario since the workbook was made may be written over.

    Raises
    ------
    ScenarioError
        With everything that is wrong, each problem with its sheet and cell, or with the line of the scenario.
    """
    sheet = sheet_of(read_sheet(workbook, SHEET))
    document = read(scenario)
    before = load_document(document)
    problems: list[Problem] = []
    if sheet.trial and sheet.trial != before.name and not may_be_stale:
        message = f"the workbook is of the trial {given(sheet.trial)}, and the scenario of {given(before.name)}"
        raise ScenarioError([Problem(sheet.read.file, None, None, SHEET, f"{message}; allow it with --stale")])
    is_stale = sheet.digest != before.digest()
    known = {each.key: each for each in assumptions(before, with_defaults=True)}
    agreed = list(agreed_in(sheet, known, problems, is_stale=is_stale, may_be_stale=may_be_stale))
    new = [each for each in agreed if not _is_same(each)]
    untouched = document.value
    load_changed(document, [Changed(each.label, each.assumption.key, each.value) for each in new], problems=problems)
    document.value = _with_sources(untouched, document.value, new)
    own = read_text(document.text, document.file).value
    try:
        text = rewritten(document.text, _onto(own, untouched, document.value)) if new else document.text
    except CannotRewrite as problem:
        message = f"the file cannot be changed where it says {listed([each.assumption.key for each in new])}: {problem}"
        raise ScenarioError([Problem(document.file, None, None, "", f"{message}")]) from None
    return Imported(
        scenario=load_document(read_as(text, scenario)),
        text=text,
        changes=tuple(_change(each, untouched, document.value) for each in new),
        unchanged=tuple(each.assumption.key for each in agreed if _is_same(each)),
        warnings=tuple(_warnings(is_stale, sheet.digest)),
        has_table=own != untouched,
    )


def _is_same(agreed: Agreed) -> bool:
    """Whether the value that was agreed is the one that the scenario has."""
    return one_line(agreed.value) == agreed.assumption.text


def _warnings(is_stale: bool, digest: str) -> list[str]:
    if not is_stale:
        return []
    of = f" ({digest[:12]})" if digest else ""
    return [f"the workbook was made of another state of the scenario{of}; values that differ are looked at row by row"]


def _change(agreed: Agreed, before: Any, after: Any) -> Change:
    unknown = {*_mapping(before, "uncertain")} - {*_mapping(after, "uncertain")}
    was_unknown = any(each.key in unknown for each in agreed.assumption.unknown)
    assumption = agreed.assumption
    return Change(
        key=assumption.key,
        before=assumption.text,
        after=one_line(agreed.value),
        owner=agreed.owner,
        source=agreed.why,
        cell=agreed.label,
        was_unknown=was_unknown,
    )


def _mapping(document: Any, key: str) -> Mapping[str, Any]:
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}


def _with_sources(before: Any, after: Any, agreed: Sequence[Agreed]) -> Any:
    """The document in which what was agreed has its source, in the place of the mark of a what-if."""
    known, sources = _mapping(before, "sources"), dict(_mapping(after, "sources"))
    for key, source in sources.items():
        if source.get("kind") == "what-if" and known.get(key) != source:
            mine = [each for each in agreed if f"{each.assumption.key}.".startswith(f"{key}.")]
            note = "; ".join(map(_note, mine))[:_LONGEST_NOTE]
            sources[key] = {"kind": "assumption", "note": note}
    return {**after, "sources": sources} if sources else {k: v for k, v in after.items() if k != "sources"}


def _onto(own: Any, before: Any, after: Any) -> Any:
    """What stands in a file, with what has changed in the document that was made of it and of a table of sites.

    Raises
    ------
    CannotRewrite
        If what has changed does not stand in the file.
    """
    if isinstance(own, dict) and isinstance(before, dict) and isinstance(after, dict):
        kept = {key: each for key, each in own.items() if key in after or key not in before}
        for key, each in after.items():
            if key not in before or before[key] != each:
                kept[key] = _onto(own[key], before.get(key), each) if key in own else each
                if key == "sites" and len(own.get(key, ())) != len(before.get(key, ())):
                    kept[key] = _own_sites(own.get(key, []), before[key], each)
        return kept
    return after


def _own_sites(own: list[Any], before: list[Any], after: list[Any]) -> list[Any]:
    """The sites that stand in the file itself, changed; the others, which come of a table, must be as they were."""
    others = len(before) - len(own)
    if after[len(after) - others :] != before[len(own) :]:
        raise CannotRewrite("they come of a table; change it there")
    return after[: len(after) - others]


def _note(agreed: Agreed) -> str:
    """What stands in the scenario as the source of a value that was agreed."""
    by = f" by {agreed.owner}" if agreed.owner else ""
    why = f": {agreed.why}" if agreed.why else ""
    before: Assumption = agreed.assumption
    return f"agreed{by}{why} ({os.path.basename(agreed.label)}; before: {before.text})"


def to_document(imported: Imported) -> dict[str, Any]:
    """What was changed, as plain values."""
    return {
        "changes": [asdict(each) for each in imported.changes],
        "unchanged": list(imported.unchanged),
        "warnings": list(imported.warnings),
    }
