"""YAML text to plain values, with the line and column of every key.

ruamel.yaml composes the text into nodes (YAML 1.2: ``NO`` is text); the values are made here, because every key needs
its line and column, and because aliases must not be able to blow up a small file into a huge one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from trialsim.scenario.messages.errors import Path, Problem, ScenarioError
from trialsim.scenario.messages.words import dotted, given

LARGEST_FILE = 400_000
"""Bytes: a thousand sites with long names and numbers of their own."""

_TAG = "tag:yaml.org,2002:"


@dataclass(slots=True)
class Document:
    """A file's content: its plain value, the line and column of every path in it, and the text itself."""

    file: str
    value: Any = None
    positions: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    origins: dict[Path, str] = field(default_factory=dict)
    """Paths whose value does not stand in the file, and where it does."""
    text: str = ""


def read_text(text: str, file: str) -> Document:
    """The content of a YAML text.

    Raises
    ------
    ScenarioError
        When the text is not one YAML document.
    """
    from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
    from ruamel.yaml.reader import ReaderError

    from trialsim.scenario.reading.yaml_nodes import TOO_DEEP, TooMuch, compose

    try:
        root = compose(text)
    except TooMuch as error:
        raise _stop(file, error.line, error.column, error.message) from None
    except ReaderError as error:
        before = text[: error.position]
        column = len(before) - (before.rfind("\n") + 1) + 1
        raise _stop(file, before.count("\n") + 1, column, "a character that does not belong in a text file") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        without_colon = _line_without_colon(error, text)
        if without_colon:
            line, key = without_colon
            raise _stop(file, line, 1, f"a colon is missing after {given(key)}") from None
        raise _stop(file, line, column, _syntax(error, text)) from None
    except RecursionError:
        raise _stop(file, 1, 1, TOO_DEEP) from None
    except (YAMLError, YAMLStreamError, ValueError, AttributeError, TypeError, AssertionError, KeyError, IndexError):
        raise _stop(file, 1, 1, "this is not valid YAML") from None
    maker = _Maker(Document(file, text=text))
    maker.document.value = None if root is None else maker.make(root, (), 0)
    return maker.document


class _Maker:
    """Makes plain values of YAML nodes and notes the line and column of each."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.count = 0
        self.open: set[int] = set()

    def make(self, node: Any, path: Path, depth: int) -> Any:
        from ruamel.yaml.nodes import MappingNode, ScalarNode

        from trialsim.scenario.reading.yaml_nodes import DEEPEST, MOST_VALUES, TOO_DEEP, TOO_MANY

        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        self.document.positions.setdefault(path, (line, column))
        self.count += 1
        if self.count > MOST_VALUES:
            raise _stop(self.document.file, line, column, f"the file unfolds to {TOO_MANY}")
        if depth >= DEEPEST:
            raise _stop(self.document.file, line, column, TOO_DEEP)
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        if id(node) in self.open:
            raise _stop(self.document.file, line, column, "an alias (*) here stands for something that contains it")
        tag = str(node.tag).removeprefix(_TAG)
        if tag not in ("map", "seq"):
            self._problem(path, _tagged(node.tag))
        self.open.add(id(node))
        try:
            if isinstance(node, MappingNode):
                return self._mapping(node, path, depth)
            return [self.make(item, (*path, index), depth + 1) for index, item in enumerate(node.value)]
        finally:
            self.open.discard(id(node))

    def _mapping(self, node: Any, path: Path, depth: int) -> dict[str, Any]:
        from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

        result: dict[str, Any] = {}
        merged: list[Any] = []
        for key, value in node.value:
            mark = (key.start_mark.line + 1, key.start_mark.column + 1)
            if not isinstance(key, ScalarNode):
                self._problem(path, "a key must be plain text, not a list or mapping", mark)
                continue
            if key.tag == _TAG + "merge":
                merged += value.value if isinstance(value, SequenceNode) else [value]
                continue
            name = str(key.value)
            inner = (*path, name)
            if name in result:
                first = self.document.positions[inner][0]
                self._problem(inner, f"this key is given twice (first in line {first}); keep one of them", mark)
                continue
            self.document.positions[inner] = mark
            result[name] = self.make(value, inner, depth + 1)
        for other in merged:
            if not isinstance(other, MappingNode):
                self._problem(path, "<< takes a mapping (an alias of one)")
                continue
            shadow = _Maker(Document(self.document.file))
            shadow.count, shadow.open = self.count, self.open
            for name, value in shadow.make(other, path, depth + 1).items():
                result.setdefault(name, value)
            self.count = shadow.count
            self.document.problems += shadow.document.problems
            for inner, where in shadow.document.positions.items():
                self.document.positions.setdefault(inner, where)
        return result

    def _scalar(self, node: Any, path: Path) -> Any:
        tag, text = str(node.tag).removeprefix(_TAG), str(node.value)
        if tag in ("str", "timestamp", "value"):
            return text
        make: Callable[[str], Any] | None = {
            "null": lambda _: None,
            "bool": lambda word: {"true": True, "false": False}[word.lower()],
            "int": _integer,
            "float": _float,
        }.get(tag)
        if make is None:
            self._problem(path, _tagged(node.tag))
            return None
        try:
            return make(text)
        except (ValueError, KeyError):
            self._problem(path, f"{given(text)} is not a number or word that YAML knows; put text in quotes")
            return None

    def _problem(self, path: Path, message: str, position: tuple[int, int] | None = None) -> None:
        line, column = position or self.document.positions[path]
        self.document.problems.append(Problem(self.document.file, line, column, dotted(path), message))


def _tagged(tag: Any) -> str:
    name = str(tag).replace(_TAG, "!!")
    return f'the tag "{name}" is not used in scenarios; leave it out'


def _integer(text: str) -> int | float:
    if len(text) > 400:
        return math.inf
    digits = text.replace("_", "").lower()
    sign = -1 if digits.startswith("-") else 1
    digits = digits.lstrip("+-")
    base = {"0x": 16, "0o": 8, "0b": 2}.get(digits[:2], 10)
    value = sign * int(digits[2:] if base != 10 else digits, base)
    return value if abs(value) < 10**300 else math.inf


def _float(text: str) -> int | float:
    word = text.replace("_", "").lower()
    value = float(word.replace(".inf", "inf").replace(".nan", "nan"))
    return int(value) if "." not in word and abs(value) < 1e15 and value.is_integer() else value  # 1e4 counts


def _stop(file: str, line: int, column: int, message: str) -> ScenarioError:
    return ScenarioError([Problem(file, line, column, "", message)])


def _line_without_colon(error: Any, text: str) -> tuple[int, str] | None:
    """The line of a key that lacks its colon, and the key, if that is what broke the YAML of the next line."""
    if error.problem_mark is None or not re.search("mapping values|could not find expected ':'", str(error.problem)):
        return None
    lines = text.splitlines()
    for number in range(min(error.problem_mark.line, len(lines)), 0, -1):
        words = lines[number - 1].partition("#")[0].split()
        if words:
            is_key = re.fullmatch("[a-z_]+", words[0]) and ":" not in lines[number - 1]
            return (number, words[0]) if is_key else None
    return None


def _syntax(error: Any, text: str) -> str:
    """What ruamel.yaml says about broken YAML, with the usual cause."""
    problem = " ".join(str(error.problem or error.context or "").split())
    mark = error.problem_mark
    lines = text.splitlines()
    at = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    indent = at[: len(at) - len(at.lstrip())]
    if "\\t" in problem or "\t" in indent:
        return "a tab; YAML indents with spaces only"
    if "expected a single document" in f"{error.context} {problem}":
        return "a second document begins here; a file holds one scenario"
    hints = {
        "mapping values": "a colon too many, or a key indented differently from its neighbours",
        "could not find expected ':'": "a key without its colon, or a quote or bracket left open",
        "expected <block end>": "this line is indented differently from its neighbours",
        "undefined alias": "no & anchor of that name comes before",
        "while scanning": "a quote left open",
        "found unexpected end of stream": "a quote or bracket left open",
        "expected ',' or": "a bracket or brace left open, or a comma missing",
    }
    hint = next((text for sign, text in hints.items() if sign in problem), "")
    return f"this is not valid YAML: {problem}" + (f" ({hint})" if hint else "")
