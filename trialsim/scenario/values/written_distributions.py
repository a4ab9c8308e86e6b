"""Reading and writing distributions: ``{lognormal: {mean: 28 days, sd: 10 days}}``, or a plain value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from trialsim.scenario.messages.errors import InvalidValue, Path
from trialsim.scenario.messages.words import given, listed, number, unknown
from trialsim.scenario.values import units
from trialsim.scenario.values.distributions import FORMS, Beta, Constant, Distribution

LARGEST = 1e18


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a distribution is a distribution of: how one value of it is read and written."""

    noun: str
    parse: Callable[[Any], float]
    write: Callable[[float], Any]
    settle: Callable[[float], float]
    upper: float = math.inf
    positive: bool = False


def plain(value: Any) -> float:
    """A number without a unit, 0 or more. Raises ValueError."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{given(value)} is not a number; write a plain number, 0 or more")
    if not 0 <= value <= LARGEST:  # nan fails as well
        raise ValueError(f"{given(value)}: the number must be from 0 to {LARGEST:g}")
    return float(value)


def as_it_is(value: float) -> float:
    """The number itself, which has no unit."""
    return value


DURATION = Quantity("duration", units.duration, units.write_duration, units.on_grid)
AMOUNT = Quantity("quantity", plain, as_it_is, float, positive=True)
FRACTION = Quantity("fraction", plain, as_it_is, float, upper=1.0)
NUMBER = Quantity("number", plain, as_it_is, float)
RATE = Quantity("rate", units.rate, units.write_rate, float)


def read(value: Any, quantity: Quantity) -> Distribution:
    """The distribution that a value of the scenario file names.

    Parameters
    ----------
    value
        A plain value, or a mapping with one key, the distribution's name.
    quantity : Quantity
        What its values measure.

    Raises
    ------
    InvalidValue
        With every problem found, at its path inside the value.
    """
    if isinstance(value, Distribution):
        return value
    if isinstance(value, dict):
        result = _named(value, quantity)
    else:
        try:
            result = Constant(quantity.settle(quantity.parse(value)))
        except ValueError as error:
            raise InvalidValue([((), f"{error}{_or_a_distribution(value, quantity)}")]) from None
    if result.upper() > quantity.upper:
        bounded = "a number, uniform, triangular, pert, beta or empirical"
        limit = number(quantity.upper)
        message = f"this could exceed {limit}; a {quantity.noun} lies from 0 to {limit}: use {bounded}"
        raise InvalidValue([((), message)])
    if quantity.positive and not result.mean() > 0:
        raise InvalidValue([((), "this is always 0; it must be above 0")])
    return result


def _or_a_distribution(value: Any, quantity: Quantity) -> str:
    """What is said of distributions to somebody whose value is not even meant to be a number."""
    if isinstance(value, int | float) or (isinstance(value, str) and re.match(r"\s*[+-]?\.?[0-9]", value)):
        return ""
    return f", or a distribution: {listed([name for name in FORMS if name != 'beta' or quantity.upper == 1], 'or')}"


def write(distribution: Distribution, quantity: Quantity) -> Any:
    """The value from which `read` makes the same distribution again."""
    if isinstance(distribution, Constant):
        return quantity.write(distribution.value)
    parameters = {}
    for key, field in distribution.keys.items():
        value = getattr(distribution, field)
        convert = (lambda plain: plain) if key in distribution.pure else quantity.write
        if isinstance(value, tuple):
            value = [convert(each) for each in value]
            if not value:
                continue
        else:
            value = convert(value)
        parameters[key] = value
    return {distribution.name: parameters}


def _named(value: dict[str, Any], quantity: Quantity) -> Distribution:
    """The distribution of a one-key mapping."""
    if len(value) != 1:
        raise InvalidValue([((), f"{given(value)}: give one distribution, such as {{exponential: {{mean: …}}}}")])
    ((name, parameters),) = value.items()
    if name not in FORMS:
        raise InvalidValue([((name,), unknown(name, FORMS, "distribution"))])
    if name == "beta" and quantity.upper != 1:
        message = f"a beta lies between 0 and 1, so it fits fractions, not a {quantity.noun}; pert has a min and a max"
        raise InvalidValue([((name,), message)])
    if not isinstance(parameters, dict):
        raise InvalidValue([((name,), f"{given(parameters)} where parameters are due; {name} takes {_wanted(name)}")])
    form = _form(name, parameters)
    fields, problems = {}, []
    for key, field in form.keys.items():
        if key not in parameters:
            continue
        try:
            fields[field] = _parameter(form, key, parameters[key], quantity)
        except InvalidValue as error:
            problems += [((name, key, *path), message) for path, message in error.problems]
        except ValueError as error:
            problems.append(((name, key), str(error)))
    if problems:
        raise InvalidValue(problems)
    distribution = form(**fields)
    fault = distribution.fault()
    if fault:
        raise InvalidValue([((name,), fault)])
    point = distribution.point()
    return distribution if point is None else Constant(quantity.settle(point))


def _form(name: str, parameters: dict[str, Any]) -> type[Distribution]:
    """The way of giving the distribution's parameters that the given ones follow."""
    allowed = dict.fromkeys(key for form in FORMS[name] for key in form.keys)
    problems: list[tuple[Path, str]] = [
        ((name, key), f"{unknown(key, allowed, 'parameter')} ({name} takes {_wanted(name)})")
        for key in parameters
        if key not in allowed
    ]
    for form in FORMS[name]:
        if set(form.keys) - form.optional <= set(parameters) <= set(form.keys):
            return form
    if not problems:
        got = listed(parameters) if parameters else "nothing"
        problems.append(((name,), f"{got} given; {name} takes {_wanted(name)}"))
    raise InvalidValue(problems)


def _parameter(form: type[Distribution], key: str, value: Any, quantity: Quantity) -> Any:
    """One parameter, or the list of them that an empirical distribution has."""
    parse = plain if key in form.pure or (form is Beta) else quantity.parse
    if form.name != "empirical":
        return parse(value)
    if not isinstance(value, list | tuple):
        raise ValueError(f"{given(value)} where a list is due")
    values, problems = [], []
    for index, each in enumerate(value):
        try:
            values.append(parse(each))
        except ValueError as error:
            problems.append(((index,), str(error)))
    if problems:
        raise InvalidValue(problems)
    return tuple(values)


def _wanted(name: str) -> str:
    """The parameters of a distribution in words."""
    ways = []
    for form in FORMS[name]:
        keys = [f"{key} (may be left out)" if key in form.optional else key for key in form.keys]
        ways.append(listed(keys))
    return ", or ".join(ways)
