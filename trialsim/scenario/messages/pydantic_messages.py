"""Pydantic's findings in plain words."""

from __future__ import annotations

import re
from typing import Any, cast, get_args, get_origin

from pydantic import BaseModel, ValidationError

from trialsim.scenario.messages.errors import InvalidValue, Path
from trialsim.scenario.messages.words import given, listed, number, unknown

MOST_PROBLEMS = 200
"""Told in full: nobody reads more, and finding the nearest name for thousands of nonsense keys would take minutes."""

_MEANT = re.compile('did you mean "([^"]+)"')
_LIMITS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_WANTED = {
    "bool_type": "write true or false",
    "float_type": "write a plain number",
    "int_type": "write a whole number",
    "string_type": "write text",
    "tuple_type": "write a list: [ … ], or one entry a line after a dash",
    "list_type": "write a list: [ … ], or one entry a line after a dash",
    "finite_number": "write a finite number",
}


def problems_of(error: ValidationError, model: type[BaseModel], data: Any) -> list[tuple[Path, str]]:
    """Every problem that pydantic found, with its path inside `data`.

    Parameters
    ----------
    error : ValidationError
        Raised by `model` for `data`.
    model : type
        A pydantic model.
    data
        What was validated (mappings, lists and scalars).
    """
    found: list[tuple[Path, str]] = []
    for position, detail in enumerate(error.errors(include_url=False)):
        path: Path = tuple(detail["loc"])
        if position >= MOST_PROBLEMS:
            found.append((path, "this cannot be read either"))
            continue
        kind, value = detail["type"], detail["input"]
        context = detail.get("ctx", {})
        if kind == "missing":
            found.append((path, _missing(model, path)))
        elif kind == "extra_forbidden":
            found.append((path, _unknown(str(path[-1]), keys_of(model_at(model, path[:-1])), model)))
        elif kind == "too_short" and len(value) >= context["min_length"]:
            continue  # pydantic counts only the valid entries; the others are reported anyway
        elif kind == "value_error" and isinstance(context.get("error"), InvalidValue):
            found += [((*path, *inner), message) for inner, message in context["error"].problems]
        else:
            found.append((path, _sentence(kind, value, context, model, path)))
    return found


def without_echoes(found: list[tuple[Path, str]]) -> list[tuple[Path, str]]:
    """Leave out that a key is missing where a misspelling of it has been reported."""
    meant = {(*path[:-1], name[1]) for path, message in found if (name := _MEANT.search(message))}
    return [(path, message) for path, message in found if path not in meant or not message.startswith("is missing")]


def keys_of(model: type[BaseModel] | None) -> list[str]:
    """The keys that a mapping of the scenario file may have."""
    return [field.alias or name for name, field in model.model_fields.items()] if model else []


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model that describes what is at `path`, if that is a mapping with fixed keys."""
    current: type[BaseModel] | None = model
    is_entry = False
    for part in path:
        if current is None:
            return None
        if isinstance(part, int) or is_entry:
            is_entry = False
            continue
        kind = next((f.annotation for name, f in current.model_fields.items() if part in (f.alias, name)), None)
        current = model_in(kind)
        is_entry = many_in(kind) is dict
    return current


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The first model named in a type annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := model_in(part))), None)


def many_in(annotation: Any) -> type | None:
    """Whether a field holds sections in a list or in a mapping, or one section."""
    origin = get_origin(annotation)
    if origin in (tuple, dict):
        return cast(type, origin)
    return next((found for part in get_args(annotation) if (found := many_in(part))), None)


def _unknown(key: str, allowed: list[str], model: type[BaseModel]) -> str:
    if key[:1].isdigit():  # what is left of 0,8 in a mapping in braces
        return f"{given(key)} is not a key; decimals are written with a point, as in 0.8"
    sections = ((each.alias or name, keys_of(model_in(each.annotation))) for name, each in model.model_fields.items())
    homes = [f"{section}.{key}" for section, keys in sections if key in keys]
    if homes:
        return f"{given(key)} is not a key here; did you mean {listed(homes, 'or')}? allowed: {listed(allowed)}"
    return unknown(key, allowed, "key")


def _missing(model: type[BaseModel], path: Path) -> str:
    owner = model_at(model, path[:-1])
    fields = owner.model_fields.items() if owner else ()
    text = next((f.description for name, f in fields if path[-1] in (f.alias, name) and f.description), "")
    return "is missing; it is required" + (f": {text[0].lower()}{text[1:].rstrip('.')}" if text else "")


def _sentence(kind: str, value: Any, context: dict[str, Any], model: type[BaseModel], path: Path) -> str:
    """One finding in words."""
    if kind == "value_error":
        return str(context["error"])
    if kind in _LIMITS:
        key, words = _LIMITS[kind]
        return (
            f"{given(value)} is not allowed; the number must be {words} {_limit(context[key])}{_between(model, path)}"
        )
    if kind == "literal_error":
        allowed = str(context["expected"]).replace("'", "").replace(" or ", ", ").split(", ")
        return unknown(value, allowed, "choice") if isinstance(value, str) else _choice(value, allowed)
    if kind == "int_type" and isinstance(value, float) and value.is_integer():
        return f"{value} is not a whole number; write {int(value)}{_between(model, path)}"
    if kind in ("model_type", "model_attributes_type", "dict_type", "mapping_type"):
        keys = keys_of(model_at(model, path))
        if isinstance(value, str) and value.split()[:1] and value.split()[0] in keys:
            return f"{given(value)} where a mapping is due; a colon is missing after {given(value.split()[0])}"
        return f"{given(value)} where a mapping is due" + (f" with the keys {listed(keys)}" if keys else "")
    if kind == "too_short":
        return f"{given(value)} is not enough; list at least {context['min_length']}"
    if kind == "too_long":
        return f"the list is too long; at most {context['max_length']} entries are allowed"
    if kind == "string_too_long":
        return f"the text is too long; at most {context['max_length']} characters are allowed"
    if kind == "float_type" and isinstance(value, str):
        percent = re.fullmatch(r"([0-9]+(?:[.,][0-9]+)?)\s*%", value.strip())
        comma = re.fullmatch(r"([0-9]+),([0-9]+)", value.strip())
        if percent:
            return f"{given(value)} is not a number; write {float(percent[1].replace(',', '.')) / 100:.6g}"
        if comma:
            return f"{given(value)} is not a number; decimals are written with a point: {comma[1]}.{comma[2]}"
    if kind in _WANTED:
        return f"{given(value)} is not allowed; {_WANTED[kind]}{_between(model, path)}"
    return f"{given(value)} is not allowed here"


def _choice(value: Any, allowed: list[str]) -> str:
    return f"{given(value)} is not a choice; allowed: {listed(allowed)}"


def _limit(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else number(value)


def _between(model: type[BaseModel], path: Path) -> str:
    """Both limits, when the field has two: one number alone tells half."""
    owner = model_at(model, tuple(path[:-1]))
    if owner is None or not isinstance(path[-1], str):
        return ""
    for name, field in owner.model_fields.items():
        if path[-1] in (field.alias, name):
            limits = {key: getattr(m, key) for m in _constraints(field) for key in ("ge", "le") if hasattr(m, key)}
            if len(limits) == 2:
                return f" (allowed: {_limit(limits['ge'])} to {_limit(limits['le'])})"
    return ""


def _constraints(field: Any) -> list[Any]:
    """The limits attached to a field, also inside ``… | None``."""
    found = list(field.metadata)
    todo = [field.annotation]
    while todo:
        for part in get_args(todo.pop()):
            if hasattr(part, "metadata"):
                found += part.metadata
            if hasattr(part, "ge") or hasattr(part, "le"):
                found.append(part)
            todo.append(part)
    return found
