"""An axis of a sweep: a key of the scenario, and the values that it takes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Axis:
    """One key, and what it takes.

    Attributes
    ----------
    key : str
        A dotted key of the scenario.
    values : tuple
        Its values as they were written; of a design that draws from a distribution, none.
    label : str or None
        What figures call it.
    names : tuple of (str or None)
        What each value is called; shorter where the last have no name.
    spread : mapping or None
        What is drawn from: ``{from: …, to: …}``, or a distribution.
    unit : str
        Of what is drawn: ``weeks``, ``per month``, or nothing.
    is_measured : bool
        Whether the key has a number that may have fractions, so that a whole one counts nothing.
    """

    key: str
    values: tuple[Any, ...] = ()
    label: str | None = None
    names: tuple[str | None, ...] = ()
    spread: Mapping[str, Any] | None = None
    unit: str = ""
    is_measured: bool = False

    @property
    def title(self) -> str:
        """The label, or the key without one; with the unit of what is drawn."""
        called = self.label or self.key
        return f"{called} ({self.unit})" if self.unit else called

    @property
    def column(self) -> str:
        """The column of tables that has its values: the key, or of a whole section ``SECTION_section``.

        A section's name alone may be that of another column.
        """
        return self.key if "." in self.key else f"{self.key}_section"

    @property
    def has_names(self) -> bool:
        """Whether any of its values has a name."""
        return any(self.names)

    @property
    def label_column(self) -> str:
        """The column of tables that has the names of its values."""
        return f"{self.column}_label"

    def named(self, value: Any) -> str:
        """What a value is called: its name, or as it is written."""
        return self.name_of(value) or written(value)

    def name_of(self, value: Any) -> str | None:
        """The name of a value, if it has one."""
        names = (name for each, name in zip(self.values, self.names, strict=False) if each == value)
        return next(names, None)

    def kept(self, value: Any) -> Any:
        """A value as tables have it: ``1`` of a measured number is 1.0."""
        return float(value) if self.is_measured and type(value) is int else value


def written(value: Any) -> str:
    """A value of a scenario file in a line of text."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
