"""Validating a document: the scenario that it describes, or every problem with its line, column and key.

The model of the whole scenario is passed in, because it stands above: `trialsim.scenario.scenario`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from trialsim.scenario.checks import contradictions
from trialsim.scenario.messages.errors import MOST_SHOWN, Path, Problem, ScenarioError
from trialsim.scenario.messages.pydantic_messages import keys_of, many_in, model_in, problems_of, without_echoes
from trialsim.scenario.messages.words import given, nearest
from trialsim.scenario.reading.entries import moved
from trialsim.scenario.reading.key_paths import shown
from trialsim.scenario.reading.overrides import Change, replace
from trialsim.scenario.reading.yaml_text import Document, read_text
from trialsim.scenario.values.fields import context
from trialsim.scenario.values.unread import UNREAD

Model = TypeVar("Model", bound=BaseModel)
Origins = dict[Path, str]
"""Paths whose value came from an option, and the option as it was written."""
Demand = Callable[[Model], Iterable[tuple[Path, str]]]
"""What is not as wanted in a scenario: paths and messages."""


def from_document(
    model: type[Model], document: Mapping[str, Any], name: str = "scenario", origins: Origins | None = None
) -> Model:
    """Return the scenario that plain values describe, some of them brought by options. Raises ScenarioError."""
    return validated(model, Document(name, dict(document)), origins or {}, [])


def changed(base: Model, name: str, untouched: Any, values: Mapping[str, Any], option: str = "") -> Model:
    """Return a what-if of a scenario: some dotted keys of its document with other values. Raises ScenarioError."""
    model = type(base)
    document: Any = untouched
    origins: Origins = {}
    problems = []
    for key, value in values.items():
        label = f"{option} {key}={value if isinstance(value, str) else given(value)}".strip()
        try:
            change = replace(document, key, value)
        except ValueError as error:
            problems.append(Problem(label, None, None, "", str(error)))
        else:
            document = change.document
            follow(origins, change)
            origins[change.path] = label
    if not problems:
        with suppress(ValidationError):  # which the whole document explains better
            known = _with_what_is_known(document, untouched, base) if _starts_as(document, untouched) else document
            return model.model_validate(known, context=context(document))
    return validated(model, Document(name, document), origins, problems, untouched=untouched)


def _starts_as(document: Any, other: Any) -> bool:
    """Whether two documents have the same start date, from which dates become days."""
    return context(document) == context(other)


def _with_what_is_known(document: Any, untouched: Any, known: Any) -> Any:
    """Return a document with the sections in place of what was not touched: they need not be validated again."""
    if isinstance(known, BaseModel):
        if document is untouched:
            return known
        known = {field.alias or name: getattr(known, name) for name, field in type(known).model_fields.items()}
    if isinstance(document, dict) and isinstance(untouched, dict) and isinstance(known, dict):
        return {key: _with_what_is_known(each, untouched.get(key), known.get(key)) for key, each in document.items()}
    if isinstance(document, list) and isinstance(known, tuple) and len(untouched or ()) == len(known):
        if len(document) == len(known):
            return [_with_what_is_known(*each) for each in zip(document, untouched, known, strict=True)]
        same = {
            id(each): section for each, section in zip(untouched or (), known, strict=True)
        }  # where some came or went
        return [same[id(each)] if isinstance(same.get(id(each)), BaseModel) else each for each in document]
    return document


def value_of(text: str, label: str) -> Any:
    """Return the value of an option, which is YAML. Raises ScenarioError; `label` stands for the file in messages."""
    try:
        document = read_text(text, label)
    except ScenarioError as error:
        raise ScenarioError(Problem(label, None, None, "", each.message) for each in error.problems) from None
    if document.problems:
        raise ScenarioError(Problem(label, None, None, "", each.message) for each in document.problems)
    return document.value


def follow(known: dict[Path, Any], change: Change) -> None:
    """Keep up with a change: forget where what was replaced came from, and follow the entries that have moved."""
    moved(known, change.moves)
    for each in [each for each in known if each[: len(change.path)] == change.path]:
        del known[each]


def validated(
    model: type[Model],
    document: Document,
    origins: Origins,
    problems: list[Problem],
    demand: Demand[Model] | None = None,
    untouched: Any = None,
) -> Model:
    """Return the scenario that a document describes. Raises ScenarioError with everything that is wrong with it.

    Parameters
    ----------
    model : type
        The model of a whole scenario.
    document : Document
        After the options have been applied.
    origins : dict
        Which values came from options.
    problems : list of Problem
        What is known to be wrong already.
    demand : callable, optional
        What is wanted of a valid scenario beyond that.
    untouched : mapping, optional
        The document before the options.
    """
    if isinstance(document.value, dict) and "sweep" in document.value:
        message = "this is a sweep, not a scenario; run it with `trialsim sweep`"
        raise ScenarioError([Problem(document.file, *document.positions.get(("sweep",), (1, 1)), "sweep", message)])
    if not isinstance(document.value, dict):
        if not problems:
            top = "the file is empty" if document.value is None else f"{given(document.value)} at the top of the file"
            message = f"{top}; a scenario is a mapping that begins with trial: and recruitment:"
            problems = [Problem(document.file, 1, 1, "", message)]
        raise ScenarioError(problems)
    value = _without_nulls(document.value, model)
    found: list[tuple[Path, str]] = []
    try:
        scenario = model.model_validate(value, context=context(value))
    except ValidationError as error:
        found = problems_of(error, model, value)
        if any(path for path, _ in found):
            found = without_echoes([*found, *contradictions(_partial_scenario(model, value))])
    else:
        found = list(demand(scenario)) if demand else []
        if not problems and not found:
            return scenario
    unread = {problem.key for problem in document.problems}
    before = _problems_before(model, untouched, demand) if origins and found else None
    for path, message in dict.fromkeys(found):
        if path and shown(path, document.value) in unread:
            continue  # why it could not be read has been said
        if message.startswith("is missing") and _has_no_value(document.value, path):
            message = message.replace("is missing", "has no value", 1)
        problem = located(document, origins, path, message)
        if before is not None and (path, message) not in before and problem.file not in origins.values():
            problem = _blaming(origins, path, problem)
        problems.append(problem)
    raise ScenarioError(sorted(problems, key=lambda each: (each.line or 0, each.column or 0)))


def located(document: Document, origins: Origins, path: Path, message: str) -> Problem:
    """Return the problem with the option that brought the value, or the line and column of the path or its parent."""
    key = shown(path, document.value)
    for length in range(len(path), -1, -1):
        if path[:length] in origins:
            return Problem(origins[path[:length]], None, None, key, message)
        if path[:length] in document.positions:
            line, column = document.positions[path[:length]] if length else (1, 1)
            return Problem(document.file, line, column, key, message)
    return Problem(document.file, None, None, key, message)


def _problems_before(
    model: type[Model], untouched: Any, demand: Demand[Model] | None
) -> Collection[tuple[Path, str]] | None:
    """Return what was not as demanded before the options; None if the document was no valid scenario then.

    Whatever is wrong with what was valid has been brought by options, wherever in the file it shows.
    """
    if not isinstance(untouched, dict):
        return None
    try:
        scenario = model.model_validate(_without_nulls(untouched, model), context=context(untouched))
    except ValidationError:
        return None
    return [*demand(scenario)] if demand else []


def _blaming(origins: Origins, path: Path, problem: Problem) -> Problem:
    """Return the problem with a hint at the options that brought it: those for its section, else all."""
    near = [label for origin, label in origins.items() if origin[:1] == path[:1]]
    options = ", ".join(dict.fromkeys(near or origins.values()))
    if problem.line is None:
        return Problem(options, None, None, problem.key, problem.message)
    return Problem(problem.file, problem.line, problem.column, problem.key, f"{problem.message} (because of {options})")


def _has_no_value(document: Any, path: Path) -> bool:
    """Whether a key is there, but has no value."""
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return False
    return document is None


def _without_nulls(value: Any, model: type[BaseModel], many: type | None = None) -> Any:
    """Return a document without the keys that have no value: they count as left out, if there are such keys."""
    if isinstance(value, list):
        return [_without_nulls(each, model) for each in value]
    if not isinstance(value, dict):
        return value
    if many is dict:
        return {key: _without_nulls(each, model) for key, each in value.items() if each is not None}
    kinds = _kinds(model)
    kept = {}
    for key, each in value.items():
        inner, several = kinds.get(key, (None, None))
        if each is not None or key not in kinds:
            kept[key] = each if inner is None else _without_nulls(each, inner, several)
    return kept


@cache
def _kinds(model: type[BaseModel]) -> dict[str, tuple[type[BaseModel] | None, type | None]]:
    """The model of what each key holds, and whether it holds a list or a mapping of them."""
    fields = model.model_fields.items()
    return {each.alias or name: (model_in(each.annotation), many_in(each.annotation)) for name, each in fields}


def _partial_scenario(model: type[BaseModel], value: dict[str, Any]) -> Any:
    """Return what could be read of a scenario; the rest is `UNREAD`."""
    sections = {}
    meant = _meant(model, value)
    for name, field in model.model_fields.items():
        kind = model_in(field.annotation)
        if name not in value or kind is None:
            is_lacking = field.is_required() or name in meant or name in value
            sections[name] = UNREAD if is_lacking else field.default
        else:
            sections[name] = _partial(kind, value[name], many_in(field.annotation))
    return model.model_construct(**sections)


def _meant(model: type[BaseModel], value: Mapping[str, Any]) -> set[str]:
    """Return the fields that are not there, but a key that looks like theirs is."""
    lacking = {key: name for name, field in model.model_fields.items() if (key := field.alias or name) not in value}
    known = keys_of(model)
    strange = islice((key for key in value if key not in known), MOST_SHOWN)
    return {lacking[close] for key in strange if (close := nearest(str(key), known)) in lacking}


def _partial(model: type[BaseModel], value: Any, many: type | None = None) -> Any:
    """Return what could be read of a section (or of a list or mapping of sections); the rest is `UNREAD`.

    A key that could not be read is first replaced by the example of its field, or left out, so that its neighbours
    can be validated. Where a key is misspelt, the one that is meant could not be read.
    """
    if many is tuple and isinstance(value, list):
        return tuple(_partial(model, each) for each in value)
    if many is tuple or not isinstance(value, dict):
        return UNREAD
    if many is dict:
        return {key: _partial(model, each) for key, each in value.items()}
    try:
        return model.model_validate(value, context=context(value))
    except ValidationError as error:
        bad = {str(detail["loc"][0]) for detail in error.errors(include_url=False) if detail["loc"]}
    data = {key: each for key, each in value.items() if key not in bad}
    broken: dict[str, Any] = dict.fromkeys(_meant(model, value), UNREAD)
    for name, field in model.model_fields.items():
        key = field.alias or name
        if key in bad:
            kind = model_in(field.annotation)
            broken[name] = _partial(kind, value[key], many_in(field.annotation)) if kind and key in value else UNREAD
            if field.is_required() and field.examples:
                data[key] = field.examples[0]
    try:
        return model.model_validate(data, context=context(data)).model_copy(update=broken)
    except ValidationError:
        return UNREAD
