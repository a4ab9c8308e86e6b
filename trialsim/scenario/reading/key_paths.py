"""Paths of keys: how they are shown, split and followed."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from trialsim.scenario.messages.errors import Path
from trialsim.scenario.messages.words import dotted
from trialsim.scenario.values import written_distributions as written
from trialsim.scenario.values.distributions import Distribution
from trialsim.scenario.values.fields import Section
from trialsim.scenario.values.unread import UNREAD, NotRead
from trialsim.scenario.values.written_rules import name_of


def shown(path: Path, document: Any) -> str:
    """The path with list entries by their names, where they have one: ``recruitment.sites.Saint-Louis.rate``."""
    parts: list[str | int] = []
    here = document
    for part in path:
        here = _step(here, part)
        name = here.get("name") if isinstance(part, int) and isinstance(here, dict) else None
        parts.append(name if isinstance(name, str) and name else part)
    return dotted(parts)


def _step(value: Any, part: str | int) -> Any:
    try:
        return value[part]
    except (KeyError, IndexError, TypeError):
        return None


def keys_below(value: Any) -> dict[str, Any]:
    """The keys of a validated value and what they hold; entries of lists by name and by number."""
    if value is UNREAD:
        raise NotRead
    if isinstance(value, Distribution):
        value = written.write(value, written.AMOUNT)
    if isinstance(value, Section):
        return {field.alias or name: getattr(value, name) for name, field in type(value).model_fields.items()}
    if isinstance(value, BaseModel):
        name = name_of(value)
        return {name: dict(value)} if name else {}
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple):
        named = {each.name: each for each in value if isinstance(getattr(each, "name", None), str)}
        return {str(number): each for number, each in enumerate(value, start=1)} | named
    return {}
