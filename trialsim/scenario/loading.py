"""From a file or a shipped name to a scenario, with every problem reported with its line, column and key."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from trialsim.scenario import shipped
from trialsim.scenario.checks.possible import impossible
from trialsim.scenario.edited import without_borrowed_sources
from trialsim.scenario.messages.errors import Findings, Problem, ScenarioError
from trialsim.scenario.messages.words import listed, nearest
from trialsim.scenario.reading.overrides import replace, split_option
from trialsim.scenario.reading.yaml_text import LARGEST_FILE, Document, read_text
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.sites_from import put_sites
from trialsim.scenario.validation import Demand, Origins, follow, located, validated, value_of

_MOST_LISTED = 10_000
"""Files of a folder among which a mistyped one is looked for."""


def load(source: str | os.PathLike[str], set: Sequence[str] = (), demand: Demand[Scenario] | None = None) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    source : str or path
        A YAML file, or the name of a scenario that ships with the program.
    set : sequence of str
        What-ifs, each ``KEY=VALUE``: a dotted key (list entries by name, or by number from 1; a part with dots in it
        quoted) and a value in YAML; ``KEY=null`` switches a layer off.
    demand : callable, optional
        What is wanted of a valid scenario beyond that: gives (path, message) for whatever is not as wanted.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With everything that is wrong, each problem with its line, column and key.
    """
    return load_document(read(source), set, demand)


def load_document(document: Document, set: Sequence[str] = (), demand: Demand[Scenario] | None = None) -> Scenario:
    """Check a scenario that has been read; like `load`."""
    set = [set] if isinstance(set, str) else set
    problems = list(document.problems)
    changes = []
    for option in set:
        label = f"--set {option}"
        try:
            key, text = split_option(option)
            changes.append(Changed(label, key, value_of(text, label)))
        except ValueError as error:
            problems.append(Problem(label, None, None, "", str(error)))
        except ScenarioError as error:
            problems += error.problems
    return load_changed(document, changes, demand, problems)


class Changed(NamedTuple):
    """A key that is to have another value, and what brings it: an option, or a cell of a sheet."""

    label: str
    key: str
    value: Any


def load_changed(
    document: Document,
    changes: Iterable[Changed],
    demand: Demand[Scenario] | None = None,
    problems: Iterable[Problem] = (),
) -> Scenario:
    """Check a scenario that has been read, with some keys changed, which are what-ifs then; see `load`.

    The document has the changes afterwards. Problems that are known before are told with the others, and each of a
    change by what brought it.
    """
    origins: Origins = {**document.origins}
    problems = list(problems)
    untouched = document.value
    for label, key, value in changes:
        try:
            change = replace(document.value, key, value)
        except ValueError as error:
            problems.append(Problem(label, None, None, "", str(error)))
        else:
            document.value = change.document
            follow(document.positions, change)
            follow(origins, change)
            origins[change.path] = label

    def wanted(scenario: Scenario) -> Findings:
        yield from impossible(scenario)
        yield from demand(scenario) if demand is not None else ()

    scenario = validated(Scenario, document, origins, problems, wanted, untouched)
    return without_borrowed_sources(scenario.as_written(document.value))


def demanded(scenario: Scenario, demand: Demand[Scenario]) -> Scenario:
    """A scenario that is as wanted. Raises ScenarioError, by the names of keys alone, for one that is not."""
    found = list(demand(scenario))
    if found:
        document = Document(scenario.name, scenario.to_document())
        raise ScenarioError(located(document, {}, path, message) for path, message in found)
    return scenario


def read(source: str | os.PathLike[str]) -> Document:
    """The content of a scenario file, not yet checked. Raises ScenarioError."""
    file = os.fspath(source)
    path = FilePath(file)
    try:
        exists, is_folder = path.exists(), path.is_dir()
    except (OSError, ValueError):
        exists = is_folder = False
    if file == "-":
        return _alone(_decoded(sys.stdin.buffer.read(LARGEST_FILE + 1), "standard input"))
    beside = path.with_name(f"{path.name}.yaml") if path.name else path
    if (not exists or is_folder) and file not in shipped.files() and _is_file(beside):
        path, file, exists, is_folder = beside, str(beside), True, False
    if (not exists or is_folder) and file.removesuffix(".yaml") in shipped.files():
        return _alone(read_text(shipped.text(file), f"{file.removesuffix('.yaml')}.yaml"))
    if not exists:
        close = _nearest_file(path) or nearest(file.removesuffix(".yaml"), shipped.files())
        hint = f'did you mean "{close}"? ' if close else ""
        raise _unreadable(file, f"there is no such file; {hint}these ship: {listed(shipped.files())}")
    if is_folder:
        raise _unreadable(file, "this is a folder; give the file in it")
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise _unreadable(file, f"the file cannot be read: {error.strerror or error}") from None
    document = _decoded(content, file)
    put_sites(document, path.parent)
    return document


def read_as(text: str, source: str | os.PathLike[str]) -> Document:
    """The content of a text, as if it stood in the place of a scenario file, not yet checked. Raises ScenarioError."""
    path = FilePath(source)
    document = read_text(text, os.fspath(source))
    is_file = _is_file(path) or (bool(path.name) and _is_file(path.with_name(f"{path.name}.yaml")))
    put_sites(document, path.parent if is_file else None)
    return document


def _alone(document: Document) -> Document:
    """A document that has no folder."""
    put_sites(document, None)
    return document


def _nearest_file(path: FilePath) -> str | None:
    """The scenario file in the same folder whose name looks most like that of a path, if any does."""
    try:
        beside = [each.name for each in islice(path.parent.iterdir(), _MOST_LISTED) if each.suffix in (".yaml", ".yml")]
    except (OSError, ValueError):
        return None
    names = {name.rsplit(".", 1)[0]: name for name in sorted(beside)}
    close = nearest(path.name.rsplit(".", 1)[0], names)
    return str(path.with_name(names[close])) if close else None


def _is_file(path: FilePath) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _decoded(content: bytes, file: str) -> Document:
    """The content of a file of these bytes. Raises ScenarioError."""
    if len(content) > LARGEST_FILE:
        raise _unreadable(file, f"the file is too large; a scenario has at most {LARGEST_FILE:,} bytes")
    try:
        return read_text(content.decode("utf-8-sig"), file)
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        message = "this byte is not UTF-8; save the file as UTF-8 text"
        raise ScenarioError([Problem(file, line, column, "", message)]) from None


def _unreadable(file: str, message: str) -> ScenarioError:
    return ScenarioError([Problem(file, None, None, "", message)])
