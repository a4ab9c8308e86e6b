"""What is not known, as words of the plan: where they are, and what is drawn for each replication.

Most inputs are a number that stands somewhere in the plan, perhaps with another that follows from it. For the others
(see `varied_words`) each replication needs a plan of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trialsim.kernel.state import records
from trialsim.kernel.state.memory import dtype
from trialsim.kernel.state.parts import State
from trialsim.kernel.state.plan.distributions import numbers_of, point_of, point_of_days
from trialsim.kernel.state.plan.hazards import within_at_rates
from trialsim.kernel.state.plan.screening import lengths
from trialsim.scenario.copula import Seeds, drawn
from trialsim.scenario.inputs import Input
from trialsim.scenario.values.distributions import Constant, Distribution

if TYPE_CHECKING:
    from trialsim.kernel.state.plan import Plan

Column = NDArray[Any]
Word = tuple[str, int, Column]
"""A memory, which of its words, and what is put there in each replication."""

_FIELDS = {
    ("recruitment", "rate_multiplier"): "rate_multiplier",
    ("waiting", "eligibility_valid"): "eligibility_valid",
    ("waiting", "rescreen_probability"): "rescreen_probability",
    ("product", "first_start"): "first_start",
    ("product", "release_probability"): "release_probability",
    ("product", "shelf_life"): "shelf_life",
    ("product", "minimum_dose_fraction"): "minimum_dose_fraction",
    ("infusion", "notice"): "notice",
    ("dosing", "sentinel"): "sentinel",
    ("dosing", "stagger"): "stagger",
    ("dosing", "committee_every"): "committee_every",
    ("truth", "loss_in_window_probability"): "loss_probability",
    ("stopping", "time_limit"): "time_limit",
    ("stopping", "external_stop"): "external_stop",
}
"""Keys that are a field of the state, and nothing else."""
_OF_DAYS = {
    ("screening", "duration"): "screening_duration",
    ("product", "donation"): "donation",
    ("product", "expansion"): "expansion",
    ("product", "release_testing"): "testing",
    ("product", "shipping"): "shipping",
    ("dosing", "review"): "review",
}
_OF_SITES = ("rate", "never_active_probability")
_DISTRIBUTION_WORDS = ("kind", "a", "b", "c", "d")


class Varied(NamedTuple):
    """The words that are different in each replication: memory and position, and a row of values a replication."""

    where: tuple[tuple[str, int], ...]
    rows: NDArray[np.int64]


def varied_words(plan: Plan, seed: Seeds, first: int, last: int) -> Varied | None:
    """What is drawn for the replications ``first`` to ``last``; None if one of the inputs is more than some words."""
    values = drawn(plan.scenario, seed, first, last)
    words: list[Word] = []
    families: dict[tuple[Any, ...], list[Input]] = {}
    for each in plan.scenario.inputs:
        families.setdefault(_family(each.path), []).append(each)
    for family, inputs in families.items():
        found = list(_words(plan, family, inputs, [values[each.key] for each in inputs]))
        if not found:
            return None
        words += found
    where = tuple((memory, position) for memory, position, _ in words)
    return Varied(where, np.stack([_as_words(column) for _, _, column in words], axis=1).copy())


def _family(path: Sequence[Any]) -> tuple[Any, ...]:
    """The key that an input belongs to; parameters of one distribution belong together, and so does follow-up."""
    if path[0] == "follow_up":
        return ("follow_up",)
    if path[:2] == ("recruitment", "sites"):
        return tuple(path[:4])
    if path[:2] == ("recruitment", "site_defaults"):
        return tuple(path[:3])
    is_distribution = tuple(path[:2]) in _OF_DAYS or path[:2] == ("truth", "dlt_onset")
    return tuple(path[:2] if is_distribution else path)


def _words(plan: Plan, family: tuple[Any, ...], inputs: Sequence[Input], columns: Sequence[Column]) -> Iterator[Word]:
    """The words of the inputs of one family; none if they are more than that."""
    column, scenario = columns[0], plan.scenario
    match family:
        case ("recruitment", "sites", int(position), str(name)):
            entry = scenario.recruitment.sites[position].name
            yield from _of_sites(plan, [site.entry == entry for site in scenario.sites], name, inputs, columns)
        case ("recruitment", "site_defaults", str(name)):
            leaves_out = {each.name for each in scenario.recruitment.sites if getattr(each, name) is None}
            concerned = [site.entry in leaves_out and site.arrival_days is None for site in scenario.sites]
            yield from _of_sites(plan, concerned, name, inputs, columns)
        case ("screening", "pass_probability"):
            yield "criteria", 0, column
        case ("screening", "criteria", int(position), "pass_probability"):
            yield "criteria", position, column
        case ("waiting", "withdrawal"):
            yield _field("withdrawal", column)
            yield _field("leaves_below", within_at_rates(column, 0.0))
            valid = scenario.waiting is not None and scenario.waiting.eligibility_valid is not None
            yield _field("may_leave", (column > 0) | valid)
        case ("truth", "dlt_probability", int(position)):
            yield "levels", _word(records.Level, position, "dlt_probability"), column
        case ("truth", "dlt_onset"):
            yield from _of_distribution(plan, "onset", _distribution(scenario, family), inputs, columns, point_of)
        case ("follow_up",):
            yield from _of_follow_up(plan, inputs, columns)
        case _ if family in _FIELDS:
            yield _field(_FIELDS[family], column)
        case _ if family in _OF_DAYS:
            each = _distribution(scenario, family)
            yield from _of_distribution(plan, _OF_DAYS[family], each, inputs, columns, point_of_days)
            if family == ("dosing", "review"):
                every = scenario.dosing is not None and scenario.dosing.committee_every is not None
                is_constant = isinstance(each, Constant)
                yield _field("is_reviewing", (column != 0) | every if is_constant else np.ones(len(column), dtype=bool))
            if family == ("screening", "duration"):
                rows = [lengths(one) for one in _distributions(each, inputs, columns)]
                for name in rows[0]:
                    yield _field(name, np.array([row[name] for row in rows]))


def _of_sites(
    plan: Plan, concerned: Sequence[bool], name: str, inputs: Sequence[Input], columns: Sequence[Column]
) -> Iterator[Word]:
    for position, site in enumerate(plan.scenario.sites):
        if not concerned[position]:
            continue
        if name in _OF_SITES:
            yield "sites", _word(records.Site, position, name), columns[0]
        elif name == "activation":
            number = int(plan.sites[position]["activation"])
            yield from _numbers(number, site.activation, inputs, columns, point_of_days)


def _of_follow_up(plan: Plan, inputs: Sequence[Input], columns: Sequence[Column]) -> Iterator[Word]:
    follow_up, dosing = plan.scenario.follow_up, plan.scenario.dosing
    assert follow_up is not None
    known = {each.path[1]: column for each, column in zip(inputs, columns, strict=True)}
    days = known.get("duration", np.full(len(columns[0]), follow_up.duration))
    loss = known.get("loss", np.full(len(columns[0]), follow_up.loss))
    window = dosing.observation if dosing else 0.0
    yield _field("follow_up", days)
    yield _field("follow_up_loss", loss)
    yield _field("lost_below", within_at_rates(loss, np.maximum(0.0, days - window)))


def _of_distribution(
    plan: Plan, field: str, each: Distribution, inputs: Sequence[Input], columns: Sequence[Column], point: Any
) -> Iterator[Word]:
    yield from _numbers(int(plan.state[field][0]), each, inputs, columns, point)


def _numbers(
    number: int, each: Distribution, inputs: Sequence[Input], columns: Sequence[Column], point: Any
) -> Iterator[Word]:
    """The words of a distribution whose value or whose parameters are drawn."""
    rows = [numbers_of(one, point(one)) for one in _distributions(each, inputs, columns)]
    kinds = np.array([kind for kind, _ in rows])
    parameters = np.array([numbers for _, numbers in rows])
    for name, column in zip(_DISTRIBUTION_WORDS, (kinds, *parameters.T), strict=True):
        yield "distributions", _word(records.Distribution, number, name), column


def _distributions(each: Distribution, inputs: Sequence[Input], columns: Sequence[Column]) -> Iterator[Distribution]:
    """The distribution of each replication."""
    lists = [column.tolist() for column in columns]
    if isinstance(each, Constant):
        yield from map(Constant, lists[0])
        return
    fields = [each.keys[str(one.path[-1])] for one in inputs]
    for values in zip(*lists, strict=True):
        yield replace(each, **dict(zip(fields, values, strict=True)))  # type: ignore[type-var]


def _distribution(scenario: Any, family: tuple[Any, ...]) -> Distribution:
    found: Distribution = getattr(getattr(scenario, family[0]), family[1])
    return found


def _field(name: str, column: Column) -> Word:
    return "state", _word(State, 0, name), column


def _word(record: type, position: int, field: str) -> int:
    """Which word of an array of records a field is."""
    kind = dtype(record)
    assert kind.fields is not None
    return (position * kind.itemsize + kind.fields[field][1]) // 8


def _as_words(column: Column) -> NDArray[np.int64]:
    """Numbers as words of the same bits, flags and codes as whole numbers."""
    if column.dtype == np.float64:
        return np.ascontiguousarray(column).view(np.int64)
    return column.astype(np.int64)
