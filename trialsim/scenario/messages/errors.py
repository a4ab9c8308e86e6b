"""What is wrong with a scenario, where, and in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from trialsim.wording import printable

Path = tuple[str | int, ...]
"""The way to a value: keys of mappings and positions in lists."""
Finding = tuple[Path, str]
"""The path of a value that is not as it should be, and a message."""
Findings = Iterator[Finding]
"""What a check finds."""

MOST_SHOWN = 50
"""Problems that a message tells; whoever has mended so many asks again."""
_LONGEST_KEY, _LONGEST_MESSAGE = 150, 350


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what the user gave.

    Attributes
    ----------
    file : str
        The file, or the command line option that brought the value.
    line, column : int or None
        Counted from 1; None for an option.
    key : str
        Dotted path of the key; empty when the whole file is meant.
    message : str
        What was given, what is allowed.
    """

    file: str
    line: int | None
    column: int | None
    key: str
    message: str

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        key, message = _cut(self.key, _LONGEST_KEY), _cut(self.message, _LONGEST_MESSAGE)
        return printable(": ".join(part for part in (where, key, message) if part), keep="")


class ScenarioError(Exception):
    """A scenario that cannot be used; `problems` lists everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        more = len(self.problems) - MOST_SHOWN
        return "\n".join([*map(str, self.problems[:MOST_SHOWN]), *([f"and {more:,} more"] if more > 0 else [])])


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class InvalidValue(ValueError):
    """Raised while a value is validated: problems at paths relative to the value."""

    def __init__(self, problems: Iterable[tuple[Path, str]]) -> None:
        self.problems: tuple[tuple[Path, str], ...] = tuple(problems)
        super().__init__("; ".join(message for _, message in self.problems))
