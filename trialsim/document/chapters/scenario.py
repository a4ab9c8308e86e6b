"""The scenario: the plan as it was simulated, as a file that can be simulated again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialsim.document.content import Chapter, Key, Paragraph, Verbatim
from trialsim.document.subject import Subject
from trialsim.scenario import Scenario
from trialsim.scenario.messages.words import dotted
from trialsim.scenario.reading.entries import NAMED
from trialsim.scenario.reading.one_line import one_line

_WIDE = 100
_MAY_BE_EMPTY = ("observed", "uncertain", "correlations", "sources")


def scenario(subject: Subject) -> Chapter:
    """The text of the scenario."""
    return Chapter(
        "scenario",
        "The scenario",
        (
            Paragraph(
                (
                    "Saved as ",
                    Key(f"{subject.scenario.name}.yaml"),
                    ", this is the plan that was simulated, with its sources:",
                )
            ),
            Verbatim("The scenario file", text_of(subject.scenario)),
        ),
    )


def text_of(trial: Scenario) -> str:
    """The scenario as YAML, values as its author wrote them; it loads as an equal scenario."""
    document = trial.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    rest = {key: each for key, each in document.items() if key != "format" and (each or key not in _MAY_BE_EMPTY)}
    document = {"format": trial.format, **rest}
    return "\n".join(_lines(_as_written(document, trial.written, ()), 0, ())) + "\n"


def _as_written(value: Any, written: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """The document with the forms in which its author wrote values."""
    if path and dotted(path) in written and path[0] not in ("sources", "uncertain", "observed", "correlations"):
        return written[dotted(path)]
    if isinstance(value, Mapping):
        return {key: _as_written(each, written, (*path, str(key))) for key, each in value.items()}
    if path in NAMED and isinstance(value, list):
        return [_as_written(each, written, (*path, str(each.get("name", "")))) for each in value]
    return value


def _lines(value: Mapping[str, Any], depth: int, path: tuple[str, ...]) -> Iterator[str]:
    indent = "  " * depth
    for key, each in value.items():
        line = f"{indent}{one_line(key)}: {one_line(each)}"
        is_long = len(line) > _WIDE or depth == 0 or (*path, key) in NAMED
        if isinstance(each, Mapping) and each and is_long:
            yield f"{indent}{one_line(key)}:"
            yield from _lines(each, depth + 1, (*path, str(key)))
        elif isinstance(each, list) and each and is_long:
            yield f"{indent}{one_line(key)}:"
            yield from (f"{indent}  - {one_line(_name_first(entry))}" for entry in each)
        else:
            yield line


def _name_first(entry: Any) -> Any:
    return {"name": entry["name"], **entry} if isinstance(entry, Mapping) and "name" in entry else entry
