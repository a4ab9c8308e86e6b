"""What-ifs: replacing the values of dotted keys in a scenario's document."""

from __future__ import annotations

import copy
import json
import textwrap
from typing import Any

from trialsim.scenario.messages.errors import Path
from trialsim.scenario.messages.words import dotted, given, listed, nearest

_BELOW_ENTRY = {
    ("recruitment", "sites"): 4,
    ("recruitment", "periods"): 4,
    ("recruitment", "site_defaults"): 3,
    ("screening", "criteria"): 4,
    ("infusion", "closures"): 4,
    ("stopping", "accrual_looks"): 4,
    ("trial", "targets"): 4,
}
"""How many parts the path of a single quantity has, where it is not section.key."""
_LONGEST_VALUE, _LONGEST_NOTE = 100, 1000


def split_option(option: str) -> tuple[str, str]:
    """Key and value of ``KEY=VALUE``. Raises ValueError."""
    quote = ""
    for position, sign in enumerate(option):
        if sign in "\"'" and quote in ("", sign):
            quote = "" if quote else sign
        elif sign == "=" and not quote:
            key, value = option[:position].strip(), option[position + 1 :]
            if not value.strip():
                raise ValueError("no value is given; write KEY=VALUE, or KEY=null to leave the key out")
            return key, value
    raise ValueError("this is not KEY=VALUE, as in recruitment.rate_multiplier=2")


def split_key(key: str) -> list[str]:
    """The parts of a dotted key; a part with dots in it is quoted. Raises ValueError."""
    parts: list[str] = []
    part, quote = "", ""
    for sign in key:
        if sign in "\"'" and (quote == sign or (not quote and not part)):
            quote = "" if quote else sign
        elif sign == "." and not quote:
            parts.append(part)
            part = ""
        else:
            part += sign
    parts.append(part)
    if quote:
        raise ValueError(f"a quote is left open in the key {given(key)}")
    if not all(parts):
        raise ValueError(f"{given(key)} is not a key; write it with dots, as in screening.duration")
    return parts


def replace(document: Any, key: str, value: Any) -> tuple[Any, Path]:
    """The document with the value of one key replaced and marked as a what-if.

    Parameters
    ----------
    document
        Mappings, lists and scalars; not changed.
    key : str
        Dotted; entries of lists by name, or by number from 1.
    value
        The new value; None leaves the key out.

    Returns
    -------
    document, path
        The new document, and the path of the key in it.

    Raises
    ------
    ValueError
        When there is no such entry, or the key leads into a plain value.
    """
    parts = split_key(key)
    document = dict(document) if isinstance(document, dict) else {}
    if isinstance(document.get("sources"), dict):
        document["sources"] = dict(document["sources"])
    here: Any = document
    path: list[str | int] = []
    names: list[str] = []
    for depth, part in enumerate(parts):
        if isinstance(here, list):
            step: str | int = _entry(here, part, parts[:depth])
            names.append(_name(here, step))
        elif isinstance(here, dict):
            step = part
            names.append(part)
        else:
            raise ValueError(f"{dotted(parts[:depth])} is {given(here)}, which has no key {given(part)}")
        path.append(step)
        if depth < len(parts) - 1:
            inner = {} if isinstance(here, dict) and here.get(step) is None else here[step]
            here[step] = copy.copy(inner)  # what is on the way is copied, the rest is shared
            here = here[step]
    if path[-1] == "name" and len(path) > 1 and isinstance(path[-2], int):
        _forget(document, names[:-1])  # what was known about the entry goes by its old name
        names[-2] = value if isinstance(value, str) and value else names[-2]
    here[path[-1]] = value
    _mark(document, names, value)
    return document, tuple(path)


def position_of(entries: list[Any], part: str) -> int | None:
    """Where in a list the entry stands that is meant by its name, or by its number from 1; None if there is none."""
    names = [entry.get("name") if isinstance(entry, dict) else None for entry in entries]
    if part in names:
        return names.index(part)
    numbered = part.isdecimal() and part.isascii() and len(part) < 7 and 1 <= int(part) <= len(entries)
    return int(part) - 1 if numbered else None


def _entry(entries: list[Any], part: str, before: list[str]) -> int:
    """The number of the entry of a list that is meant."""
    names = [entry.get("name") if isinstance(entry, dict) else None for entry in entries]
    position = position_of(entries, part)
    if position is not None:
        return position
    known = [str(name) for name in names if name is not None]
    close = nearest(part, known)
    hint = f'; did you mean "{close}"?' if close else ""
    choice = f"its entries are {listed(known)}" if known else f"it has {len(entries)} entries, counted from 1"
    raise ValueError(f"{dotted(before)} has no entry {given(part)}{hint} ({choice})")


def _name(entries: list[Any], position: str | int) -> str:
    entry = entries[int(position)]
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) and name else str(int(position) + 1)


def _mark(document: dict[str, Any], names: list[str], value: Any) -> None:
    """A changed quantity loses its source, and what it is part of or made of with it; it becomes a what-if."""
    if names[0] in ("sources", "format"):
        return
    quantity = names[: _BELOW_ENTRY.get((names[0], names[1] if len(names) > 1 else ""), 2)]
    if document.get("sources") is None:
        document["sources"] = {}
    if isinstance(document["sources"], dict):
        before = document["sources"].get(dotted(quantity))
        _forget(document, quantity)
        note = f"{dotted(names)}={_short(value)}"
        if isinstance(before, dict) and before.get("kind") == "what-if" and names != quantity:
            note = f"{before.get('note', '')}, {note}"
        note = textwrap.shorten(note, _LONGEST_NOTE, placeholder=" …")  # one change after another adds up
        document["sources"][dotted(quantity)] = {"kind": "what-if", "note": note}


def _short(value: Any) -> str:
    """A value on one line, as it might be written in an option."""
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False).replace('"', "")
    return textwrap.shorten(text, _LONGEST_VALUE, placeholder=" …")


def _forget(document: dict[str, Any], quantity: list[str]) -> None:
    """Drop the sources of a key and of everything below it."""
    sources = document.get("sources")
    if not isinstance(sources, dict):
        return
    for key in list(sources):
        try:
            parts = split_key(str(key))
        except ValueError:
            continue
        if _same(document, parts[: len(quantity)]) == _same(document, quantity):
            del sources[key]


def _same(document: dict[str, Any], parts: list[str]) -> list[str]:
    """The parts with entries of lists by name, so that a number and a name can be compared."""
    here: Any = document
    result: list[str] = []
    for part in parts:
        if isinstance(here, list):
            try:
                position = _entry(here, part, [])
            except ValueError:
                return [*result, *parts[len(result) :]]
            result.append(_name(here, position))
            here = here[position]
        else:
            result.append(part)
            here = here.get(part) if isinstance(here, dict) else None
    return result
