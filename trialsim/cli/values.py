"""Values of options that are checked as those of scenario files are: whole numbers in a range, and names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    _Choice = click.Choice  # which takes no type in earlier versions

MOST_PARTS = 100_000
_PART = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


class Whole(click.IntRange):
    """A whole number in a range, which is said in words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number. Raises click.BadParameter."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f'"{value}" is not allowed; write a whole number, {self._describe_range()}', param, ctx)

    def _describe_range(self) -> str:
        """As help pages say it too."""
        if self.max is None:
            return f"at least {self.min:,}"
        return f"{self.min:,} to {'2^64 - 1' if self.max == 2**64 - 1 else format(self.max, ',')}"


class OneOf(_Choice):
    """One of some names; of many, by groups.

    Parameters
    ----------
    names : sequence of str, or mapping of str to sequences of str
        What is allowed; if grouped, the groups are told one a line.
    noun : str
        What one of them is.
    """

    def __init__(self, names: Sequence[str] | Mapping[str, Sequence[str]], noun: str = "choice") -> None:
        self.groups = names if isinstance(names, Mapping) else None
        self.noun = noun
        super().__init__([name for group in names.values() for name in group] if isinstance(names, Mapping) else names)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name. Raises click.BadParameter, with the nearest name."""
        if value in self.choices:
            return str(value)
        from trialsim.scenario.messages.words import given, nearest, unknown

        if self.groups is None:
            self.fail(unknown(str(value), self.choices, self.noun), param, ctx)
        close = nearest(str(value), self.choices)
        hint = f' did you mean "{close}"?' if close else ""
        listed = "".join(f"\n  {group}: {', '.join(names)}" for group, names in self.groups.items())
        self.fail(f"{given(value)} is not a {self.noun};{hint} allowed:{listed}", param, ctx)


class Part(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.3 only
    """One of several equal parts, as ``3/40``."""

    name = "part"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Which part, and of how many. Raises click.BadParameter."""
        match = _PART.fullmatch(str(value))
        if not match or not 1 <= int(match[1]) <= int(match[2]) <= MOST_PARTS:
            self.fail(f'"{value}" is not allowed; write K/N, say 3/40, with N at most {MOST_PARTS:,}', param, ctx)
        return int(match[1]), int(match[2])
