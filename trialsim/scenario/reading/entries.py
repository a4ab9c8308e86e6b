"""Entries of lists: found by name or number, counted out, added and taken out, and where the others have moved to."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypeVar

from trialsim.scenario.messages.errors import Path
from trialsim.scenario.messages.words import dotted, given, listed, nearest

SITES = ("recruitment", "sites")
NAMED = (SITES, ("recruitment", "periods"), ("screening", "criteria"), ("infusion", "closures"))
"""Lists whose entries have names."""
NUMBERED = (("stopping", "accrual_looks"), ("trial", "targets"), ("observed",))
"""Lists whose entries have none."""
Known = TypeVar("Known")


class Move(NamedTuple):
    """In the list at a path, the entries from a position on are so many positions further; back, where some went."""

    at: Path
    since: int
    by: int


def position_of(entries: list[Any], part: str) -> int | None:
    """Where the entry stands that is meant by its name, or by its number from 1; None if there is none."""
    names = [entry.get("name") if isinstance(entry, dict) else None for entry in entries]
    if part in names:
        return names.index(part)
    numbered = part.isdecimal() and part.isascii() and len(part) < 7 and 1 <= int(part) <= len(entries)
    return int(part) - 1 if numbered else None


def position_in(entries: list[Any], part: str, before: list[str]) -> int:
    """Where the entry stands that is meant. Raises ValueError; `before` is the way to the list."""
    position = position_of(entries, part)
    if position is not None:
        return position
    known = [str(entry["name"]) for entry in entries if isinstance(entry, dict) and entry.get("name") is not None]
    close = nearest(part, known)
    hint = f'; did you mean "{close}"?' if close else ""
    choice = (
        f"its entries are {listed(known)}"
        if known
        else f"it has {len(entries)} entr{'y' if len(entries) == 1 else 'ies'}, counted from 1"
    )
    raise ValueError(f"{dotted(before)} has no entry {given(part)}{hint} ({choice})")


def name_of(entries: list[Any], position: str | int) -> str:
    """The name of an entry, or its number."""
    entry = entries[int(position)]
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) and name else str(int(position) + 1)


def added(entries: list[Any], part: str, value: Any, named: bool) -> Any:
    """The entry that a mapping adds under a new name, or under the next number; None if it is none."""
    if not isinstance(value, dict) or position_of(entries, part) is not None:
        return None
    if named:
        return {"name": part, **value}
    return value if part == str(len(entries) + 1) else None


def counted_out(entries: list[Any], part: str) -> tuple[int, list[dict[str, Any]]] | None:
    """Where the entry stands of which `part` is one site (``Region-2`` of ``Region``), and all of its sites by name."""
    found = re.fullmatch(r"(.+)-([1-9][0-9]{0,4})", part)
    if found is None or position_of(entries, part) is not None:
        return None
    position = position_of(entries, found[1])
    entry = entries[position] if position is not None else None
    if position is None or not isinstance(entry, dict) or entry.get("name") != found[1]:
        return None
    count = entry.get("count")
    if not isinstance(count, int) or not int(found[2]) <= count <= 10_000:
        return None
    alike = {key: value for key, value in entry.items() if key != "count"}
    return position, [{**alike, "name": f"{found[1]}-{number}"} for number in range(1, count + 1)]


def moved(known: dict[Path, Known], moves: tuple[Move, ...]) -> None:
    """Keep up with moves of entries what is known by path."""
    for at, since, by in moves:
        depth = len(at)
        entries = [path for path in known if path[:depth] == at and len(path) > depth and isinstance(path[depth], int)]
        concerned = [path for path in entries if int(path[depth]) >= since + min(by, 0)]
        values = [known.pop(path) for path in concerned]
        for path, value in zip(concerned, values, strict=True):
            if int(path[depth]) >= since:
                known[*at, int(path[depth]) + by, *path[depth + 1 :]] = value
