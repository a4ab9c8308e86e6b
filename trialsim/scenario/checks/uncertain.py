"""What is not known must be a number of the scenario, and whatever can be drawn must make a valid scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from trialsim.scenario.copula import correlation_matrix, factor
from trialsim.scenario.inputs import Input, document_with, read_inputs
from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.messages.pydantic_messages import problems_of
from trialsim.scenario.messages.words import dotted, given, listed
from trialsim.scenario.sections.uncertain import MOST_INPUTS
from trialsim.scenario.values.fields import context
from trialsim.scenario.values.unread import UNREAD

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario

_MOST_OF_A_KIND = 3
"""Unknown parameters of one distribution of which all ends are tried together: it has no more."""


def uncertain_keys(s: Scenario) -> Findings:
    """Find keys that cannot be unknown, and what is wrong with their distributions."""
    if len(s.uncertain) > MOST_INPUTS:
        yield ("uncertain",), f"{len(s.uncertain)} keys; at most {MOST_INPUTS} can be unknown"
        return
    yield from read_inputs(s)[1]


def uncertain_ranges(s: Scenario) -> Findings:
    """Find keys for which something can be drawn that is not valid, by itself or together with the rest."""
    if not s.uncertain or any(getattr(s, name) is UNREAD for name in type(s).model_fields):
        return
    inputs, _ = read_inputs(s)
    document = s.to_document()
    ends = [each.extremes() for each in inputs]
    together = [*_ends(ends), *_of_one_distribution(inputs, ends)]
    if all(_problem(s, document, inputs, values) is None for values in together):
        return
    stated = [each.stated for each in inputs]
    found = False
    for position, each in enumerate(inputs):
        for value in dict.fromkeys(ends[position]):
            message = _problem(s, document, inputs, [*stated[:position], value, *stated[position + 1 :]])
            if message is not None:
                found = True
                yield ("uncertain", each.entry), f"{given(each.write(value))} can be drawn: {message}"
    if not found:
        message = next(filter(None, (_problem(s, document, inputs, values) for values in together)))
        yield ("uncertain",), f"values can be drawn that do not go together: {message}"


def correlated_keys(s: Scenario) -> Findings:
    """Find correlations of keys that are not unknown, and correlations that cannot all hold."""
    if not s.correlations:
        return
    inputs, _ = read_inputs(s)
    names = {name: each.key for each in inputs for name in (each.entry, each.key)}
    pairs: dict[frozenset[str], int] = {}
    found = False
    for number, each in enumerate(s.correlations):
        here = ("correlations", number, "between")
        for key in each.between:
            if key not in names:
                found = True
                yield here, f"{given(key)} is not a key of uncertain: {listed(s.uncertain) or 'there is none'}"
        pair = frozenset(names.get(key, key) for key in each.between)
        if len(pair) == 1:
            found = True
            yield here, "a key goes with itself in any case; name two"
        elif pairs.setdefault(pair, number) != number:
            found = True
            yield here, "these two are named twice"
    if not found and factor(correlation_matrix(inputs, s.correlations)) is None:
        yield ("correlations",), "these cannot all hold (their matrix is not positive semi-definite): weaken some"


def _ends(ends: Sequence[tuple[float, float]]) -> Iterator[list[float]]:
    """Everything at its least, and everything at its greatest."""
    for side in (0, 1):
        yield [each[side] for each in ends]


def _of_one_distribution(inputs: Sequence[Input], ends: Sequence[tuple[float, float]]) -> Iterator[list[float]]:
    """All ends of the unknown parameters of one distribution, each with each: they limit each other."""
    families: dict[tuple[Any, ...], list[int]] = {}
    for position, each in enumerate(inputs):
        families.setdefault(each.path[:-1], []).append(position)
    for positions in families.values():
        if 1 < len(positions) <= _MOST_OF_A_KIND:
            for sides in product((0, 1), repeat=len(positions)):
                values = [each.stated for each in inputs]
                for position, side in zip(positions, sides, strict=True):
                    values[position] = ends[position][side]
                yield values


def _problem(s: Scenario, document: Any, inputs: Sequence[Input], values: Sequence[float]) -> str | None:
    """What is wrong with the scenario that has these values; None if nothing is."""
    made = document_with(document, inputs, values)
    try:
        type(s).model_validate(made, context=context(made))
    except ValidationError as error:
        path, message = problems_of(error, type(s), made)[0]
        return message if _is_own(path, inputs, values) else f"{dotted(path)}: {message}"
    return None


def _is_own(path: Sequence[Any], inputs: Sequence[Input], values: Sequence[float]) -> bool:
    return any(tuple(path) == each.path for each in inputs)
