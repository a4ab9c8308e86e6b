"""What a design draws the values of an axis from: a range, a distribution, or some values that are as likely."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trialsim.scenario.inputs import as_if_unknown, chosen, is_whole
from trialsim.scenario.messages.errors import InvalidValue
from trialsim.scenario.messages.words import given, listed, number
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.sweeping.places import value_at
from trialsim.scenario.values import units
from trialsim.scenario.values import written_distributions as written
from trialsim.scenario.values.units import UNIT_DAYS

if TYPE_CHECKING:
    from trialsim.scenario.values.distribution import Floats

_ENDS = {"from": "min", "to": "max"}
MOST_WHOLE = 1_000_000


@dataclass(frozen=True)
class Spread:
    """What values are drawn from.

    Attributes
    ----------
    written : mapping
        As a file has it.
    unit : str
        Of its numbers: ``weeks``, ``per month``, or nothing.
    values : callable
        From uniforms to numbers in the unit, elementwise.
    write : callable
        The value of the scenario file that such a number is.
    read : callable
        The number that a value of the file is. Raises ValueError for one that is none, such as a distribution.
    """

    written: Mapping[str, Any]
    unit: str
    values: Callable[[Floats], Floats]
    write: Callable[[float], Any]
    read: Callable[[Any], float]

    def kept(self, value: Any) -> float:
        """A value of the file as tables have it, a number in the unit; NaN for one that is none."""
        try:
            return self.read(value)
        except ValueError:
            return math.nan


def spread_of(scenario: Scenario, key: str, wanted: Mapping[str, Any] | None) -> Spread:
    """What a range or a distribution draws at a key of a scenario.

    Parameters
    ----------
    scenario : Scenario
        The base.
    key : str
        A key with a number.
    wanted : mapping or None
        ``{from: …, to: …}`` or a distribution; None for what `uncertain` says of the key.

    Raises
    ------
    ValueError
        For what cannot be drawn there; of which InvalidValue says where inside ``wanted``.
    """
    if wanted is None:
        wanted = _uncertain(scenario, key)
    if not _ENDS.keys() & wanted.keys():
        return _measured(scenario, key, wanted)
    if wanted.keys() != _ENDS.keys():
        raise ValueError(f"give from and to, not {listed(wanted)}")
    if _has_whole(scenario, key):
        return _whole(wanted)
    try:
        found = _measured(scenario, key, {"uniform": {_ENDS[name]: each for name, each in wanted.items()}})
        return replace(found, written=wanted)
    except InvalidValue as error:
        back = {_ENDS[name]: name for name in _ENDS}
        raise InvalidValue(
            [((back[str(path[1])],) if len(path) > 1 else (), _of_range(message)) for path, message in error.problems]
        ) from None


def _of_range(message: str) -> str:
    """What is said of a uniform distribution, in the words of a range."""
    return re.sub(r"\bmin\b", "from", re.sub(r"\bmax\b", "to", message.partition(": use ")[0]))


def _uncertain(scenario: Scenario, key: str) -> Mapping[str, Any]:
    """What `uncertain` says of a key."""
    for each in scenario.inputs:
        if key in (each.key, each.entry):
            return scenario.uncertain[each.entry]
    raise ValueError(
        "no values are given, and the base does not call this key uncertain; write {from: …, to: …}, a distribution, "
        "or a list of values"
    )


def _has_whole(scenario: Scenario, key: str) -> bool:
    if chosen(key):
        return type(value_at(scenario, key)) is int
    return is_whole(scenario, key)


def _measured(scenario: Scenario, key: str, entry: Mapping[str, Any]) -> Spread:
    """What a distribution draws."""
    if chosen(key):
        if not isinstance(value_at(scenario, key), float):
            raise ValueError("the base has no measured number here, so no distribution; list the values")
        plain = written.read(dict(entry), written.NUMBER)
        return Spread(entry, "", plain.quantile, float, written.NUMBER.parse)
    if is_whole(scenario, key):
        raise ValueError(
            "this is a whole number, which has no distribution; write {from: 1, to: 4}, or list the values"
        )
    drawn = as_if_unknown(scenario, key, entry)
    if drawn.quantity not in (written.DURATION, written.RATE):
        return Spread(entry, "", drawn.values, float, drawn.quantity.parse)
    unit, days = _unit(entry, is_rate=drawn.quantity == written.RATE)
    return Spread(
        entry,
        unit,
        lambda u: drawn.values(u) / days,
        lambda value: f"{number(value)} {unit}",
        lambda value: drawn.quantity.parse(value) / days,
    )


def _whole(wanted: Mapping[str, Any]) -> Spread:
    """Whole numbers, each as likely."""
    import numpy as np

    first, last = wanted["from"], wanted["to"]
    problems = [
        ((name,), f"{given(end)} is not a whole number")
        for name, end in wanted.items()
        if type(end) is not int or not 0 <= end <= MOST_WHOLE
    ]
    if problems:
        raise InvalidValue(problems)
    if not first < last:
        raise ValueError("from must be below to")
    number_of = last - first + 1
    return Spread(wanted, "", lambda u: first + np.minimum(np.floor(u * number_of), number_of - 1), int, _whole_number)


def _whole_number(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"{given(value)} is not a whole number")
    return value


def choice(values: Sequence[Any], u: Floats) -> list[Any]:
    """Those of some values, each as likely, that belong to uniforms."""
    return [values[int(each * len(values))] for each in u.tolist()]


def _unit(entry: Any, is_rate: bool) -> tuple[str, float]:
    """The unit of a duration or a rate in which a distribution was written, and what a number in it is in days.

    That of its first value; days where it is mixed with others is all the same.
    """
    text = next(_texts(entry))
    name = text.split()[-1].removesuffix("s")
    return (f"per {name}", 1 / UNIT_DAYS[name]) if is_rate else (f"{name}s", UNIT_DAYS[name])


def _texts(entry: Any) -> Any:
    if isinstance(entry, str):
        if entry.split() and entry.split()[-1].removesuffix("s") in units.UNIT_DAYS:
            yield entry
    elif isinstance(entry, Mapping):
        for name, each in entry.items():
            if name != "reason":
                yield from _texts(each)
    elif isinstance(entry, list | tuple):
        for each in entry:
            yield from _texts(each)


def is_spread(value: Any) -> bool:
    """Whether a mapping can only be meant as what is drawn from, and as no value of a key."""
    return isinstance(value, Mapping) and bool(value) and value.keys() <= {"from", "to", "p10", "p50", "p90", "reason"}
