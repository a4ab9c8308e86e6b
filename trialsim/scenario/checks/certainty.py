"""What a scenario leaves to chance; in a replay it must be nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from trialsim.scenario.messages.errors import Findings, Path
from trialsim.scenario.messages.words import number
from trialsim.scenario.values.distributions import Constant, Distribution, Empirical
from trialsim.scenario.values.fields import Section

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario

_NONE = "a replay has no randomness"


def left_to_chance(s: Scenario) -> Findings:
    """Every key whose value is drawn, with what it is and what a replay takes instead."""
    yield from _sites(s)
    yield from _distributions(s)
    for section, keys in _PROBABILITIES.items():
        layer = getattr(s, section)
        for key in keys if layer is not None else ():
            yield from _probability((section, key), getattr(layer, key))
    for section, keys in _HAZARDS.items():
        layer = getattr(s, section)
        for key in keys if layer is not None else ():
            if getattr(layer, key) > 0:
                yield (section, key), f"this is a hazard; {_NONE}: leave it out"
    criteria = s.screening.criteria if s.screening is not None else None
    for index, criterion in enumerate(criteria or ()):
        yield from _probability(("screening", "criteria", index, "pass_probability"), criterion.pass_probability)
    yield from _truth(s)


_PROBABILITIES = {
    "screening": ("pass_probability",),
    "waiting": ("rescreen_probability",),
    "product": ("release_probability",),
}
_HAZARDS = {"waiting": ("withdrawal",), "follow_up": ("loss",), "stopping": ("external_stop",)}


def _sites(s: Scenario) -> Findings:
    """Candidates who come at random, and sites that open at random."""
    layer = s.recruitment
    defaults = ("recruitment", "site_defaults")
    for key, check in _OF_SITES.items():
        owners: dict[Path, None] = {}
        for index, entry in enumerate(layer.sites):
            if entry.people is None and entry.arrival_days is None:
                own = getattr(entry, key) is not None
                owners[("recruitment", "sites", index) if own else defaults] = None
        for path in owners:
            owner = layer.site_defaults if path == defaults else layer.sites[int(path[-1])]
            yield from check((*path, key), getattr(owner, key))
    yield from _spread(("recruitment", "shared_rate_cv"), layer.shared_rate_cv)


def _distributions(s: Scenario) -> Findings:
    """Whatever has a distribution, in any section but those that have more to say: sites, and the truth."""
    for section, layer in s:
        if isinstance(layer, Section) and section != "truth":
            for key, value in layer:
                if isinstance(value, Distribution):
                    yield from _distribution((section, key), value)


def _truth(s: Scenario) -> Findings:
    """DLTs that may or may not come, or at an unknown time."""
    if s.truth is None:
        return
    for index, probability in enumerate(s.truth.dlt_probability):
        yield from _probability(("truth", "dlt_probability", index), probability)
    if any(s.truth.dlt_probability):
        yield from _distribution(("truth", "dlt_onset"), s.truth.dlt_onset)
    loss = s.truth.loss_in_window_probability
    if loss > 0:
        message = f"{number(loss)} is the probability of a loss at a random time; {_NONE}: list people, with lost"
        yield ("truth", "loss_in_window_probability"), message


def _distribution(path: Path, value: Distribution | None) -> Findings:
    if value is None or isinstance(value, Constant):
        return
    if isinstance(value, Empirical) and len(set(value.values)) == 1:
        return
    yield path, f"this is random ({value.name}); {_NONE}: give one value"


def _probability(path: Path, value: float | None) -> Findings:
    if value not in (None, 0, 1):
        yield path, f"{number(value or 0)} is a probability; {_NONE}: give 0 or 1"


def _spread(path: Path, value: float | None) -> Findings:
    if value:
        yield path, f"{number(value)} is the spread of a random rate; {_NONE}: leave it out"


def _rate(path: Path, value: float | None) -> Findings:
    if value:
        instead = "list those who come under people or arrival_days"
        yield path, f"this is a rate of random arrivals; {_NONE}: {instead}"


_OF_SITES: dict[str, Callable[[Path, Any], Findings]] = {
    "rate": _rate,
    "rate_cv": _spread,
    "activation": _distribution,
    "never_active_probability": _probability,
}
