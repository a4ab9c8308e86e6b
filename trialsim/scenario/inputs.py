"""Inputs that are not known: the keys that `uncertain` names, what may be drawn for them, and scenarios with that."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError, WithJsonSchema

from trialsim.scenario.messages.errors import InvalidValue, Path
from trialsim.scenario.messages.words import dotted, given, unknown
from trialsim.scenario.reading.entries import position_in
from trialsim.scenario.reading.overrides import split_key
from trialsim.scenario.values import units
from trialsim.scenario.values import written_distributions as written
from trialsim.scenario.values.distributions import Constant, Distribution
from trialsim.scenario.values.elicited import ElicitedAmount, ElicitedFraction
from trialsim.scenario.values.fields import Note
from trialsim.scenario.values.unread import UNREAD, NotRead

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario
    from trialsim.scenario.values.distribution import Floats

Found = list[tuple[Path, str]]
Node = TypeVar("Node")

SECTIONS = (
    *("recruitment", "screening", "waiting", "participants", "product"),
    *("infusion", "dosing", "truth", "follow_up", "stopping"),
)
"""The sections whose numbers may be unknown: all that is said about the world."""
_CHOSEN = (("dosing", "rule"), ("dosing", "guards"))
_QUANTILES = {"p10", "p50", "p90"}
_CHANGES = ("times", "plus", "at_least", "at_most")
_QUANTITIES = {
    "Duration": written.DURATION,
    "RandomDuration": written.DURATION,
    "Moment": written.DURATION,
    "RandomMoment": written.DURATION,
    "Rate": written.RATE,
    "RandomAmount": written.AMOUNT,
    "RandomFraction": written.FRACTION,
}
_UNITS = {"duration": "days", "rate": "per day", "fraction": "none", "number": "none", "quantity": "none"}


@dataclass(frozen=True)
class Input:
    """A key whose value is not known.

    Attributes
    ----------
    key : str
        The dotted key, entries by their names: the address of its draws.
    entry : str
        The key as the file has it.
    path : tuple
        The way to its value: keys, and positions in lists.
    quantity : Quantity
        What its values measure.
    distribution : Distribution
        What is drawn, one value a replication.
    on_grid : bool
        Whether its values are constants of time, which lie on the grid of 2**-20 day.
    stated : float
        What the scenario says it is.
    times, plus : float
        What every draw is multiplied by, and what is added to it then.
    at_least, at_most : float
        Where it is cut off.
    """

    key: str
    entry: str
    path: Path
    quantity: written.Quantity
    distribution: Distribution
    on_grid: bool
    stated: float
    times: float = 1.0
    plus: float = 0.0
    at_least: float = -math.inf
    at_most: float = math.inf

    @property
    def unit(self) -> str:
        """The unit of its values."""
        return _UNITS[self.quantity.noun]

    def values(self, u: Floats) -> Floats:
        """The values that belong to uniforms, as the scenario would hold them if they were written in it."""
        import numpy as np

        values = np.asarray(self.distribution.quantile(u), dtype=float)
        if (self.times, self.plus) != (1.0, 0.0):
            values = values * self.times + self.plus
        values = np.clip(values, self.at_least, self.at_most)
        if self.on_grid:
            values = np.rint(values * units.GRID) / units.GRID
        if self.quantity == written.RATE:  # a lower rate cannot be written: it is never
            values = np.where(values < units.LOWEST_RATE, 0.0, values)
        return values

    def extremes(self) -> tuple[float, float]:
        """The least and the greatest value that can be drawn."""
        import numpy as np

        low, high = self.values(np.array([2.0**-53, 1 - 2.0**-53])).tolist()
        return low, high

    def write(self, value: float) -> Any:
        """A value as it stands in scenario files."""
        return self.quantity.write(value)


def read_inputs(scenario: Scenario) -> tuple[list[Input], Found]:
    """The inputs that a scenario calls unknown, in its order, and what is wrong with the others."""
    inputs: list[Input] = []
    problems: Found = []
    known: dict[str, str] = {}
    for key, entry in scenario.uncertain.items():
        try:
            found = _read(scenario, key, entry)
        except InvalidValue as error:
            problems += [(("uncertain", key, *path), message) for path, message in error.problems]
        except ValueError as error:
            problems.append((("uncertain", key), str(error)))
        else:
            if found.key in known:
                problems.append((("uncertain", key), f"this is the same key as {given(known[found.key])}"))
            known[found.key] = key
            inputs.append(found)
    return inputs, problems


def as_if_unknown(scenario: Scenario, key: str, entry: Mapping[str, Any]) -> Input:
    """The input that a key would be if an entry of `uncertain` had it drawn: any number, stated or not.

    What the scenario has there is ``stated``, or NaN where that is no number.

    Raises
    ------
    ValueError
        For a key that has no number, or one that is whole; of which InvalidValue says where inside the entry.
    """
    place = _walk(scenario, key, tuple(type(scenario).model_fields))
    types = _types(place.field)
    if not types & {float, Distribution}:
        raise ValueError("this is not a duration, a rate, a probability or a measured number")
    is_number = isinstance(place.value, float)
    return _input(place, key, entry, place.value if is_number else math.nan)


def chosen(key: str) -> bool:
    """Whether a key is a choice of people, or inside one: the dose rule and its guards."""
    return tuple(split_key(key)[:2]) in _CHOSEN


def is_whole(scenario: Scenario, key: str) -> bool:
    """Whether a key has a whole number. Raises ValueError for one that is not there."""
    types = _types(_walk(scenario, key, tuple(type(scenario).model_fields)).field)
    return int in types and not types & {float, bool}


def with_values(scenario: Scenario, values: Mapping[Path, float]) -> Scenario:
    """The scenario with other values at some paths, and nothing unknown; the values must be valid there."""
    made = scenario
    for path, value in values.items():
        made = _with(made, path, float(value))
    made = made.model_copy(update={"uncertain": {}, "correlations": ()})
    for name in ("sites", "_site", "inputs"):  # what the original has worked out does not hold for the copy
        made.__dict__.pop(name, None)
    return made


def document_with(document: Any, inputs: Sequence[Input], values: Sequence[float]) -> Any:
    """The document of a scenario with other values for some inputs, and nothing unknown."""
    made = {key: each for key, each in document.items() if key not in ("uncertain", "correlations")}
    for each, value in zip(inputs, values, strict=True):
        made = _written_into(made, each.path, each.write(value))
    return made


def _read(scenario: Scenario, key: str, entry: Mapping[str, Any]) -> Input:
    """The input of a key. Raises ValueError, of which InvalidValue says where inside the entry."""
    place = _walk(scenario, key, SECTIONS)
    value = place.value
    if value is None:
        raise ValueError("the scenario states no value for this key; state one, and here how far it may be off")
    if isinstance(value, Distribution):
        each = dotted([value.name, next(iter(value.keys))])
        raise ValueError(f"this varies from one case to the next already; say which of its numbers is unknown: .{each}")
    if not isinstance(value, float):
        raise ValueError("this is not a duration, a rate, a probability or a measured number, so it cannot be unknown")
    return _input(place, key, entry, value)


def _input(place: _Place, key: str, entry: Mapping[str, Any], stated: float) -> Input:
    """The input at a place, by its entry. Raises ValueError as `_read`."""
    quantity = place.quantity
    rest = {name: each for name, each in entry.items() if name not in ("reason", *_CHANGES)}
    changes = _changes(entry, quantity)
    try:
        TypeAdapter(Note).validate_python(entry.get("reason", ""))
    except ValidationError as error:
        message = str(error.errors()[0].get("ctx", {}).get("error", "this is not a note"))
        raise InvalidValue([(("reason",), message)]) from None
    if rest.keys() & _QUANTILES:
        distribution = _elicited(rest, quantity)
    else:
        is_cut = "at_most" in entry and "beta" not in rest
        distribution = written.read(rest, replace(quantity, upper=math.inf) if is_cut else quantity)
    on_grid = place.is_constant and quantity == written.DURATION
    return Input(dotted(place.names), key, place.path, quantity, distribution, on_grid, stated, **changes)


def _changes(entry: Mapping[str, Any], quantity: written.Quantity) -> dict[str, float]:
    """What is done to every draw. Raises InvalidValue."""
    found, problems = {}, []
    for name in _CHANGES:
        if name in entry:
            try:
                found[name] = (written.plain if name == "times" else quantity.parse)(entry[name])
            except ValueError as error:
                problems.append(((name,), str(error)))
    if not problems and found.get("at_least", -math.inf) > found.get("at_most", math.inf):
        problems.append((("at_least",), "this is above at_most"))
    if problems:
        raise InvalidValue(problems)
    return found


class _Place(NamedTuple):
    """Where the value of a key stands: the parts of the key and of the path, and what is there."""

    names: list[str]
    path: Path
    quantity: written.Quantity
    is_constant: bool
    """Whether it is a value of its own, and not a parameter of a distribution."""
    value: Any
    field: Any


def _walk(scenario: Scenario, key: str, sections: Collection[str]) -> _Place:
    """The place of a key in one of some sections. Raises ValueError."""
    parts = split_key(key)
    if parts[0] not in sections:
        what = "section whose numbers may be unknown" if sections is SECTIONS else "section"
        raise ValueError(unknown(parts[0], sections, what))
    names: list[str] = []
    path: list[str | int] = []
    here: Any = scenario
    quantity = written.NUMBER
    field: Any = None
    is_constant = True
    while len(names) < len(parts):
        part = parts[len(names)]
        if tuple(parts[: len(names) + 1]) in _CHOSEN:
            raise ValueError(f"{dotted(parts[: len(names) + 1])} is chosen, not unknown; vary it in a sweep")
        if here is UNREAD:
            raise NotRead
        if isinstance(here, Distribution) and not isinstance(here, Constant):
            name, parameter = _parameter(here, parts[len(names) :], names)
            names += [name, parameter]
            path += [name, parameter]
            if parameter in here.pure:
                quantity = written.NUMBER
            here, is_constant = getattr(here, here.keys[parameter]), False
            continue
        if isinstance(here, tuple):
            entries = [{"name": getattr(each, "name", None)} if isinstance(each, BaseModel) else each for each in here]
            position = position_in(entries, part, names)
            named = getattr(here[position], "name", None)
            names.append(named if isinstance(named, str) else str(position + 1))
            path.append(position)
            here = here[position]
        elif isinstance(here, BaseModel):
            fields = {field.alias or name: (name, field) for name, field in type(here).model_fields.items()}
            if part not in fields:
                raise ValueError(f"{unknown(part, fields, 'key')} (in {dotted(names) or 'a scenario'})")
            name, field = fields[part]
            names.append(part)
            path.append(name)
            here, quantity = getattr(here, name), _quantity(field)
        else:
            raise ValueError(f"{dotted(names)} is a plain value, which has no key {given(part)}")
    if isinstance(here, Constant):
        here = here.value
    return _Place(names, tuple(path), quantity, is_constant, here, field)


def _parameter(distribution: Distribution, parts: Sequence[str], before: Sequence[str]) -> tuple[str, str]:
    """The name of a distribution and one of its parameters, as a key names them."""
    keys = [name for name in distribution.keys if isinstance(getattr(distribution, distribution.keys[name]), float)]
    if parts[0] != distribution.name:
        raise ValueError(f"{dotted(before)} is a distribution, {distribution.name}, and has no key {given(parts[0])}")
    if len(parts) == 1 or parts[1] not in keys:
        wanted = unknown(parts[1], keys, "parameter") if len(parts) > 1 else f"name one of its parameters: {keys}"
        raise ValueError(f"{dotted([*before, parts[0]])}: {wanted}")
    return parts[0], parts[1]


def _quantity(field: Any) -> written.Quantity:
    """What the values of a field measure, by its annotation."""
    upper = math.inf
    quantity = written.NUMBER
    pending: list[Any] = [field.annotation, *field.metadata]
    while pending:
        each = pending.pop()
        if isinstance(each, WithJsonSchema) and isinstance(each.json_schema, dict):
            quantity = _QUANTITIES.get(str(each.json_schema.get("x-kind")), quantity)
        upper = min(upper, getattr(each, "le", math.inf))
        pending += [*get_args(each), *getattr(each, "metadata", ())]
    return written.FRACTION if quantity == written.NUMBER and upper <= 1 else quantity


def _types(field: Any) -> set[Any]:
    """The types that a field may have."""
    found: set[Any] = set()
    pending: list[Any] = [] if field is None else [field.annotation]
    while pending:
        each = pending.pop()
        found.add(each)
        pending += get_args(each)
    return found


def _elicited(entry: Mapping[str, Any], quantity: written.Quantity) -> Distribution:
    """The distribution by three quantiles."""
    if set(entry) != _QUANTILES:
        raise ValueError("give p10, p50 and p90, and besides them only a reason")
    problems: Found = []
    values = {}
    for name, value in entry.items():
        try:
            values[name] = quantity.parse(value)
        except ValueError as error:
            problems.append(((name,), str(error)))
    if problems:
        raise InvalidValue(problems)
    distribution = (ElicitedFraction if quantity.upper <= 1 else ElicitedAmount)(**values)
    fault = distribution.fault()
    if fault:
        raise ValueError(fault)
    return distribution


def _with(node: Node, path: Path, value: float) -> Node:
    """A copy of a frozen value with another number somewhere in it."""
    step, rest = path[0] if path else None, path[1:]
    made: Any
    if isinstance(node, Constant):
        made = Constant(value)
    elif step is None:
        made = value
    elif isinstance(node, Distribution):
        made = replace(node, **{node.keys[str(rest[0])]: value})  # type: ignore[type-var]
    elif isinstance(node, tuple):
        made = (*node[: int(step)], _with(node[int(step)], rest, value), *node[int(step) + 1 :])
    else:
        made = node.model_copy(update={str(step): _with(getattr(node, str(step)), rest, value)})  # type: ignore[attr-defined]
    result: Node = made
    return result


def _written_into(document: Any, path: Path, value: Any) -> Any:
    """The same for a document."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(document, list):
        position = int(step)
        return [*document[:position], _written_into(document[position], rest, value), *document[position + 1 :]]
    return {**document, step: _written_into(document.get(step), rest, value)}
