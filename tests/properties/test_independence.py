"""Nobody's luck depends on what else is in the scenario.

A scenario is changed in one layer (another one instead, or none, or one where there was none), or its sites are added
to or put in another order. What the records tell about everybody's luck outside that layer must stay as it was.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.support.random_values import Document
from tests.support.strategies import LAYERS, documents
from trialsim.model import History, run
from trialsim.scenario import Scenario, ScenarioError

Luck = dict[tuple[Any, ...], Any]
SEEDS = st.integers(0, 2**64 - 1)
many = settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.filter_too_much],
)

TOGETHER = {
    "recruitment": ("recruitment",),
    "screening": ("screening",),
    "waiting": ("waiting",),
    "product": ("product",),
    "infusion": ("infusion",),
    "truth": ("truth",),
    "follow_up": ("follow_up",),
    "stopping": ("stopping",),
    "dosing": ("dosing", "truth", "product", "participants"),
}
"""What is exchanged as one: doses need levels, probabilities and weights that fit them."""


def luck(history: History, scenario: Scenario) -> dict[str, Luck]:
    """Every random value that can be read off the records, by layer and by whose it is."""
    read: dict[str, Luck] = {layer: {} for layer in ("recruitment", *LAYERS)}
    listed = {site.name for site in scenario.sites if site.people is not None}
    for p in history.participants:
        who = (p.site, p.site_candidate)
        read["recruitment"][("arrives", *who)] = p.arrival_day
        if p.weight_kg is not None:
            read["participants"][("weighs", *who)] = p.weight_kg
        if p.screenings == 1 and p.screening_end_day is not None and p.attempt == 0:
            assert p.screening_start_day is not None
            read["screening"][("takes", *who)] = p.screening_end_day - p.screening_start_day
            read["screening"][("fails", *who)] = p.failure_reason
        if p.withdrawal_day is not None and p.screening_end_day is not None:
            read["waiting"][("leaves", *who, p.attempt)] = p.withdrawal_day - p.screening_end_day
        if p.infusion_day is not None and p.last_visit_day is not None and p.outcome_known_day is not None:
            attempt = (*who, p.attempt)
            dosing = scenario.dosing
            window = dosing.observation if dosing else 0.0
            dlt = None if p.dlt_day is None else p.dlt_day - p.infusion_day
            known = p.outcome_known_day - p.infusion_day
            resolves = dosing.dlt_resolves if dosing else True
            layer = "recruitment" if p.site in listed else "truth"
            read[layer][("outcome", *attempt, p.level, window, resolves)] = dlt, known
            if dlt is not None or known == window:
                read["follow_up"][("last visit", *attempt, window)] = p.last_visit_day - p.infusion_day
    for lot in history.lots:
        stages = (lot.start_day, lot.expansion_start_day, lot.expansion_end_day, lot.release_day, lot.available_day)
        for stage in range(4):
            begins, ends = stages[stage], stages[stage + 1]
            if lot.start_day is not None and begins is not None and ends is not None:
                read["product"][("lot", lot.lot, stage)] = ends - begins
        if lot.start_day is not None and lot.release_day is not None:
            read["product"][("lot fails", lot.lot)] = lot.outcome == "failed"
        if lot.cells is not None:
            read["product"][("cells", lot.lot)] = lot.cells
    return read


def the_same(one: Luck, other: Luck) -> bool:
    """Whether what is in both is equal in both."""
    return all(other[key] == value for key, value in one.items() if key in other)


def simulated(document: Document, seed: int) -> tuple[History, dict[str, Luck]]:
    """A replication and its luck."""
    scenario = Scenario.from_document(document)
    history = run(scenario, seed, 1)
    return history, luck(history, scenario)


def nothing_else_changes(one: Document, other: Document, changed: tuple[str, ...], seed: int) -> None:
    """The luck of all layers but those changed is the same, as far as both trials came."""
    (first, luck_of_one), (second, luck_of_other) = simulated(one, seed), simulated(other, seed)
    for layer in luck_of_one:
        if layer not in changed:
            assert the_same(luck_of_one[layer], luck_of_other[layer]), layer
    if "recruitment" not in changed:
        until = min(first.end_day, second.end_day)
        came = [
            [(p.site, p.site_candidate, p.arrival_day) for p in history.participants if p.arrival_day < until]
            for history in (first, second)
        ]
        assert came[0] == came[1]


@many
@given(documents(always=("dosing", "product", "truth")), documents(), st.sampled_from(sorted(TOGETHER)), SEEDS)
def test_a_layer_changes_only_its_own_luck(one: Document, source: Document, layer: str, seed: int) -> None:
    """A layer is replaced by that of another scenario, or left out if that has none."""
    other = deepcopy(one)
    for section in TOGETHER[layer]:
        other.pop(section, None)
        if section in source:
            other[section] = source[section]
    other["trial"] = (
        {**one["trial"], "start_date": source["trial"]["start_date"]} if layer == "infusion" else one["trial"]
    )
    assume(other != one)
    if layer == "infusion":  # its closures are dates, and so are the periods of recruitment
        one, other = deepcopy(one), deepcopy(other)
        one["recruitment"].pop("periods", None)
        other["recruitment"].pop("periods", None)
    for document in (one, other):  # what bounds one may have been exchanged: candidates would come for a century
        document["stopping"] = {"time_limit": "400 days"} | document.get("stopping", {})
    try:
        Scenario.from_document(other)
    except ScenarioError:
        assume(False)
    nothing_else_changes(one, other, TOGETHER[layer], seed)


@many
@given(documents(always=LAYERS), st.sampled_from([layer for layer in LAYERS if layer != "dosing"]), SEEDS)
def test_adding_a_layer_moves_nobodys_luck(full: Document, layer: str, seed: int) -> None:
    without = {key: value for key, value in full.items() if key != layer}
    try:
        Scenario.from_document(without)
    except ScenarioError:
        assume(False)
    if layer == "stopping" and not full["stopping"].get("time_limit"):
        assume(False)
    nothing_else_changes(full, without, (layer,), seed)


@many
@given(documents(), documents(), st.randoms(use_true_random=False), SEEDS)
def test_other_sites_are_their_own(document: Document, source: Document, shuffle: Any, seed: int) -> None:
    """Sites are added, and all of them put in another order: those that were there have the same candidates."""
    sites = document["recruitment"]["sites"]
    added = [{**site, "name": f"New {site['name']}"} for site in source["recruitment"]["sites"]]
    for entry in (entry for site in added for entry in site.get("people", ())):
        entry.pop("dlt", None)  # of another ladder
        entry.pop("lost", None)
    other = deepcopy(document)
    other["recruitment"]["sites"] = deepcopy(sites) + added
    shuffle.shuffle(other["recruitment"]["sites"])
    for period in other["recruitment"].get("periods", ()):
        period.setdefault("sites", [site["name"] for site in sites])
    (first, before), (second, after) = simulated(document, seed), simulated(other, seed)
    for layer in ("recruitment", "participants", "screening", "waiting", "truth", "follow_up", "product"):
        assert the_same(before[layer], after[layer]), layer
    until = min(first.end_day, second.end_day)
    names = {site.name for site in Scenario.from_document(document).sites}
    came = [
        {(p.site, p.site_candidate, p.arrival_day) for p in history.participants if p.arrival_day < until}
        for history in (first, second)
    ]
    assert came[0] == {person for person in came[1] if person[0] in names}


@many
@given(SEEDS)
def test_sites_that_are_alike_have_luck_of_their_own(seed: int) -> None:
    sites = [{"name": "Region", "count": 2, "rate": "1 per week", "max_candidates": 3}]
    trial = {"name": "alike", "start_date": "2024-01-01", "max_participants": 100}
    document: Document = {
        "trial": trial,
        "recruitment": {"sites": sites},
        "screening": {"duration": {"exponential": {"mean": "9 days"}}, "pass_probability": 1.0},
        "stopping": {"time_limit": "2000 days"},
    }
    _, read = simulated(document, seed)
    for name in ("recruitment", "screening"):
        values = [value for value in read[name].values() if value is not None]
        assert len(values) == len(set(values)) == 6
