"""The values of a document, down to what can have a source of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from trialsim.scenario.messages.words import dotted
from trialsim.scenario.reading.entries import NAMED

_NO_VALUES = ("format", "observed", "sources", "uncertain", "correlations")

_NEEDED = ("trial", "recruitment")


def leaves(document: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a valid document by dotted key, entries by their names; not the trial's own name and title."""
    sections = {key: each for key, each in document.items() if key not in _NO_VALUES and isinstance(each, Mapping)}
    return {dotted(path): value for path, value in _leaves(sections) if value is not None}


def _leaves(mapping: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in mapping.items():
        here = (*path, key)
        if here in (("trial", "name"), ("trial", "title")):
            continue
        if isinstance(value, Mapping) and (not path or here == ("recruitment", "site_defaults")):
            yield from _leaves(value, here)
        elif here in NAMED and value and all(isinstance(each, Mapping) and each.get("name") for each in value):
            for entry in value:
                inner = {name: each for name, each in entry.items() if name not in ("name", "count")}
                yield from (((*here, str(entry["name"]).strip(), name), each) for name, each in inner.items())
        else:
            yield here, value


def only(document: Mapping[str, Any], keys: Collection[str]) -> dict[str, Any]:
    """A valid document with those of its values alone that `leaves` gives under these keys, and what is no value."""
    return {
        key: _only(each, keys, (key,)) if key not in _NO_VALUES and isinstance(each, Mapping) else each
        for key, each in document.items()
        if key in _NO_VALUES or any(f"{name}.".startswith(f"{key}.") for name in keys) or key in _NEEDED
    }


def _only(mapping: Mapping[str, Any], keys: Collection[str], path: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in mapping.items():
        here = (*path, key)
        if here in (("trial", "name"), ("trial", "title")):
            found[key] = value
        elif isinstance(value, Mapping) and here == ("recruitment", "site_defaults"):
            if inner := _only(value, keys, here):
                found[key] = inner
        elif here in NAMED and value and all(each.get("name") for each in value):
            found[key] = [
                {
                    name: each
                    for name, each in entry.items()
                    if name in ("name", "count") or dotted((*here, str(entry["name"]).strip(), name)) in keys
                }
                for entry in value
            ]
        elif dotted(here) in keys:
            found[key] = value
    return found
