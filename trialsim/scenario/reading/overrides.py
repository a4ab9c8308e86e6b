"""What-ifs: replacing the values of dotted keys in a scenario's document."""

from __future__ import annotations

import copy
import json
import textwrap
from contextlib import suppress
from operator import contains
from typing import Any, NamedTuple

from trialsim.scenario.messages.errors import Path
from trialsim.scenario.messages.words import dotted, given, unknown
from trialsim.scenario.reading.entries import (
    NAMED,
    NUMBERED,
    SITES,
    Move,
    added,
    counted_out,
    name_of,
    position_in,
    position_of,
)

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


def split_option(
    option: str, form: str = "KEY=VALUE", example: str = "recruitment.rate_multiplier=2"
) -> tuple[str, str]:
    """Key and value of ``KEY=VALUE``. Raises ValueError, which says the ``form`` with an example."""
    quote = ""
    for position, sign in enumerate(option):
        if sign in "\"'" and quote in ("", sign):
            quote = "" if quote else sign
        elif sign == "=" and not quote:
            key, value = option[:position].strip(), option[position + 1 :]
            if not value.strip():
                raise ValueError(f"no value is given; write {form}, or {key}=null to leave the key out")
            return key, value
    raise ValueError(f"this is not {form}; write it as in {example}")


def split_key(key: str) -> list[str]:
    """The parts of a dotted key; a part with dots in it is quoted, a quote in it doubled. Raises ValueError."""
    parts: list[str] = []
    part, quote = "", ""
    if not {"'", '"'} & set(key):
        parts, key = key.split("."), ""
        part = parts.pop()
    signs = iter(enumerate(key))
    for place, sign in signs:
        if sign == quote and key[place + 1 : place + 2] == sign:
            part += sign
            next(signs)
        elif sign in "\"'" and (quote == sign or (not quote and not part)):
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


class Change(NamedTuple):
    """A changed document, the path of the key in it, and which entries of lists have moved."""

    document: Any
    path: Path
    moves: tuple[Move, ...]


def replace(document: Any, key: str, value: Any) -> Change:
    """The document with the value of one key replaced and marked as a what-if.

    Parameters
    ----------
    document
        Mappings, lists and scalars; not changed.
    key : str
        Dotted; entries of lists by name, or by number from 1. One of the sites that an entry with a count stands for
        goes by its own name.
    value
        The new value; None leaves the key out, or the entry. A mapping adds the entry of a list that is not there.

    Raises
    ------
    ValueError
        When there is no such entry, or the key leads into a plain value.
    """
    document = dict(document) if isinstance(document, dict) else {}
    parts = _of_uncertain(document, split_key(key))
    if value is None and parts[0] == "uncertain" and len(parts) == 2 and parts[1] not in document.get("uncertain", {}):
        raise ValueError(unknown(parts[1], [str(entry) for entry in document.get("uncertain", {})], "key of uncertain"))
    if isinstance(document.get("sources"), dict):
        document["sources"] = dict(document["sources"])
    here: Any = document
    path: list[str | int] = []
    names: list[str] = []
    moves: list[Move] = []
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        if isinstance(here, list):
            if tuple(path) == SITES:
                moves += _count_out(document, here, part)
            new = added(here, part, value, tuple(path) in NAMED) if last else None
            if new is not None:
                here.append(value := new)
                part = str(len(here))
            step: str | int = position_in(here, part, parts[:depth])
            names.append(name_of(here, step))
        elif isinstance(here, dict):
            step = part
            names.append(part)
        else:
            raise ValueError(f"{dotted(parts[:depth])} is {given(here)}, which has no key {given(part)}")
        path.append(step)
        if not last:
            inner: Any = here[int(step)] if isinstance(here, list) else here.get(str(step))
            if inner is None:
                inner = [] if tuple(path) in (*NAMED, *NUMBERED) else {}
            here[step] = copy.copy(inner)  # what is on the way is copied, the rest is shared
            here = here[step]
    if path[-1] == "name" and len(path) > 1 and isinstance(path[-2], int):
        _forget(document, names[:-1])  # what was known about the entry goes by its old name
        names[-2] = value if isinstance(value, str) and value else names[-2]
    if value is None and isinstance(here, list) and isinstance(here[int(path[-1])], dict):
        _sources_by_name(document)
        _make_known(document, names, value)
        if names[-1] == str(int(path[-1]) + 1):  # it has no name
            _forget(document, names)
            _follow_numbers(document, names[:-1], int(path[-1]) + 1, len(here))
            _mark(document, [*names[:-1], str(len(here))], value, dotted(names))
        else:
            _mark(document, names, value)
        del here[int(path[-1])]
        if tuple(path[:-1]) == SITES:
            _concern(document["recruitment"], names[-1], [])
        moves.append(Move(tuple(path[:-1]), int(path[-1]) + 1, -1))
        return Change(document, (*path[:-1], names[-1]), tuple(moves))
    here[path[-1]] = value
    _make_known(document, names, value)
    _mark(document, names, value)
    return Change(document, tuple(path), tuple(moves))


def singled_out(document: dict[str, Any], key: str) -> dict[str, Any]:
    """The document with all sites written out of an entry with a count, if the key means one of them."""
    parts: list[str] = []
    with suppress(ValueError):  # whoever follows the key says what is wrong with it
        parts = split_key(key)
    sites = document["recruitment"]["sites"]
    if tuple(parts[:2]) != SITES or len(parts) == 2 or counted_out(sites, parts[2]) is None:
        return document
    written = {**document, "recruitment": {**document["recruitment"], "sites": [*sites]}}
    if "sources" in written:
        written["sources"] = dict(written["sources"])
    _count_out(written, written["recruitment"]["sites"], parts[2])
    return written


def _count_out(document: dict[str, Any], sites: list[Any], part: str) -> list[Move]:
    """Write out the sites of the entry that has a count and of which one is meant, here and wherever it is named."""
    found = counted_out(sites, part)
    if found is None:
        return []
    _sources_by_name(document)
    position, alike = found
    name, names = sites[position]["name"], [each["name"] for each in alike]
    sites[position : position + 1] = alike
    _concern(document["recruitment"], name, names)
    sources = document.get("sources")
    for key in [*sources] if isinstance(sources, dict) else []:
        with suppress(ValueError):
            section, of, entry, *rest = split_key(str(key))
            if (section, of) == SITES and entry == name:
                source = document["sources"].pop(key)
                document["sources"] |= {dotted([*SITES, each, *rest]): source for each in names}
    return [Move(SITES, position + 1, len(names) - 1)]


def _sources_by_name(document: dict[str, Any]) -> None:
    """Give sources and unknown keys that have numbers of entries their names, before the numbers change."""
    for key in [*document["sources"]] if isinstance(document.get("sources"), dict) else []:
        with suppress(ValueError):
            by_name = dotted(_same(document, split_key(str(key))))
            document["sources"][by_name] = document["sources"].pop(key)
    entries, pairs = document.get("uncertain"), document.get("correlations")
    if isinstance(entries, dict):
        document["uncertain"] = {_by_name(document, key): each for key, each in entries.items()}
    if isinstance(pairs, list):
        document["correlations"] = [
            {**each, "between": [_by_name(document, key) for key in each["between"]]}
            if isinstance(each, dict) and isinstance(each.get("between"), list)
            else each
            for each in pairs
        ]


def _by_name(document: dict[str, Any], key: Any) -> Any:
    """A key with entries by their names; as it is, if it is none."""
    with suppress(ValueError):
        return dotted(_same(document, split_key(str(key))))
    return key


def _follow_numbers(document: dict[str, Any], entries: list[str], gone: int, last: int) -> None:
    """Give the sources of the entries behind one that goes their new numbers; ``last`` is the old one of the last."""
    depth, sources = len(entries), document.get("sources")
    renamed: dict[str, str] = {}
    for key in sources if isinstance(sources, dict) else ():
        with suppress(ValueError):
            parts = split_key(str(key))
            number = parts[depth] if parts[:depth] == entries and len(parts) > depth else ""
            if number.isdecimal() and gone < int(number) <= last:
                renamed[key] = dotted([*entries, str(int(number) - 1), *parts[depth + 1 :]])
    if renamed:
        document["sources"] = {renamed.get(key, key): source for key, source in document["sources"].items()}


def _concern(recruitment: dict[str, Any], name: str, names: list[str]) -> None:
    """Put other sites in the place of one, wherever periods name it."""
    periods = recruitment.get("periods")
    if isinstance(periods, list):
        recruitment["periods"] = [_with_sites(period, name, names) for period in periods]


def _with_sites(period: Any, name: str, names: list[str]) -> Any:
    sites = period.get("sites") if isinstance(period, dict) else None
    if not isinstance(sites, list) or name not in sites:
        return period
    return {**period, "sites": [each for one in sites for each in (names if one == name else [one])]}


def _of_uncertain(document: dict[str, Any], parts: list[str]) -> list[str]:
    """The parts of a key of `uncertain`, where the key that is unknown is one part however many it has itself."""
    entries = document.get("uncertain")
    if parts[0] != "uncertain" or len(parts) < 3:
        return parts
    for length in range(1, len(parts)):
        for entry in entries if isinstance(entries, dict) else ():
            with suppress(ValueError):
                if _same(document, split_key(str(entry))) == _same(document, parts[1 : length + 1]):
                    return ["uncertain", entry, *parts[length + 1 :]]
    return ["uncertain", dotted(parts[1:])]


def _make_known(document: dict[str, Any], names: list[str], value: Any) -> None:
    """Whatever is set is known from then on: it is not drawn any more, and goes with nothing."""
    if names == ["uncertain"] and value is None and "correlations" in document:
        document["correlations"] = []
    entries = document.get("uncertain")
    if not isinstance(entries, dict) or names[0] in ("sources", "format", "correlations"):
        return
    if names[0] == "uncertain":
        known = [names[1]] if len(names) == 2 and value is None else []
    else:
        least = _BELOW_ENTRY.get((names[0], names[1] if len(names) > 1 else ""), 2)
        is_value = value is None or len(names) >= least
        known = [key for key in entries if is_value and _is_within(document, str(key), names)]
    if not known:
        return
    document["uncertain"] = {key: each for key, each in entries.items() if key not in known}
    pairs = document.get("correlations")
    if isinstance(pairs, list):
        document["correlations"] = [each for each in pairs if not _names_any(each, known)]


def _is_within(document: dict[str, Any], key: str, names: list[str]) -> bool:
    try:
        parts = _same(document, split_key(key))
    except ValueError:
        return False
    return parts[: len(names)] == _same(document, names)[: len(parts)]


def _names_any(pair: Any, keys: list[str]) -> bool:
    between = pair.get("between") if isinstance(pair, dict) else None
    return isinstance(between, list) and any(key in keys for key in between)


def _mark(document: dict[str, Any], names: list[str], value: Any, said: str = "") -> None:
    """A changed quantity loses its source, and what it is part of or made of with it; it becomes a what-if.

    Of an entry that goes, and whose number another entry has from now on, the number that nobody has any more is
    marked; ``said`` is then what the key was.
    """
    if names[0] in ("sources", "format"):
        return
    quantity = names[: _BELOW_ENTRY.get((names[0], names[1] if len(names) > 1 else ""), 2)]
    if document.get("sources") is None:
        document["sources"] = {}
    if isinstance(document["sources"], dict):
        before = document["sources"].get(dotted(quantity))
        _forget(document, quantity)
        note = f"{said or dotted(names)}={_short(value)}"
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
    spellings = _spellings(document, quantity)
    for key in list(sources):
        with suppress(ValueError):
            parts = split_key(str(key))
            if len(parts) >= len(spellings) and all(map(contains, spellings, parts)):
                del sources[key]


def _spellings(document: dict[str, Any], parts: list[str]) -> list[set[str]]:
    """The ways in which each part of a key may be written: entries of lists by name, and by number."""
    here: Any = document
    ways = [{part} for part in parts]
    for depth, part in enumerate(parts):
        if isinstance(here, list):
            position = position_of(here, part)
            if position is None:
                break
            number = str(position + 1)
            ways[depth] = {name_of(here, position)} | ({number} if position_of(here, number) == position else set())
            here = here[position]
        else:
            here = here.get(part) if isinstance(here, dict) else None
    return ways


def _same(document: dict[str, Any], parts: list[str]) -> list[str]:
    """The parts with entries of lists by name, so that a number and a name can be compared."""
    here: Any = document
    result: list[str] = []
    for part in parts:
        if isinstance(here, list):
            try:
                position = position_in(here, part, [])
            except ValueError:
                return [*result, *parts[len(result) :]]
            result.append(name_of(here, position))
            here = here[position]
        else:
            result.append(part)
            here = here.get(part) if isinstance(here, dict) else None
    return result
