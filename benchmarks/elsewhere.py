"""The same model written plainly with another tool, beside both engines, in one run.

Usage: python benchmarks/elsewhere.py        (part of `make bench`)

Ciw (`pip install ciw`) knows queues and resources, but no dose rules, lots or committees. So what is compared is what
it can say too: candidates come at random, are screened four at a time, half of them are eligible and wait for a weekly
infusion, for five years. Recruitment alone is compared with vectorised numpy, which can say nothing else: an engine
also keeps a record of every candidate. Times are the best of several rounds; only ratios mean anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from trialsim.kernel.engine import Engine
from trialsim.kernel.entry import entry
from trialsim.kernel.state.plan import Plan
from trialsim.model import run
from trialsim.scenario import Scenario

ROUNDS = 3
HORIZON, RATE, SCREENING, ELIGIBLE, SUITES, EVERY = 1825.0, 0.2, 14.0, 0.5, 4, 7.0
CANDIDATES = 1000


def scenario(**sections: Any) -> Scenario:
    """Candidates at one site."""
    document = {
        "format": 1,
        "trial": {"name": "elsewhere", "start_date": "2024-01-01", "max_participants": 1_000_000},
        "recruitment": {"sites": [{"name": "A", "rate": f"{RATE} per day"}]},
    }
    return Scenario.from_document(document | sections)


def queues() -> Scenario:
    """Screening with a capacity, and a weekly infusion."""
    return scenario(
        screening={
            "capacity": SUITES,
            "duration": {"exponential": {"mean": f"{SCREENING} days"}},
            "pass_probability": ELIGIBLE,
        },
        infusion={"weekdays": ["Monday"], "per_day": 1},
        stopping={"time_limit": f"{HORIZON} days"},
    )


def in_ciw(seeds: range) -> float:
    """The mean number infused, by Ciw."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(RATE), None],
        service_distributions=[ciw.dists.Exponential(1 / SCREENING), ciw.dists.Deterministic(0.0)],
        number_of_servers=[SUITES, ciw.Slotted(slots=[EVERY], slot_sizes=[1])],
        routing=[[0.0, ELIGIBLE], [0.0, 0.0]],
    )
    infused = 0
    for seed in seeds:
        ciw.seed(seed)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(HORIZON)
        infused += sum(record.node == 2 for record in simulation.get_all_records())
    return infused / len(seeds)


def in_simpy(trial: Scenario, seeds: range) -> float:
    """The mean number infused, by trialsim's SimPy model."""
    people = (run(trial, seed, 1).participants for seed in seeds)
    return sum(person.infusion_day is not None for each in people for person in each) / len(seeds)


def compiled(trial: Scenario, seeds: range) -> float:
    """The mean number infused, by trialsim's compiled engine; `seeds` are replications here."""
    raw = Engine(Plan(trial), entry()).run(1, seeds[0] + 1, seeds[-1] + 1)
    return float((~np.isnan(raw.people["infusion_day"])).sum()) / len(seeds)


def in_numpy(seeds: range) -> float:
    """The mean day of the last candidate, all trials at once."""
    days = np.cumsum(np.random.default_rng(1).exponential(1 / RATE, (len(seeds), CANDIDATES)), axis=1)
    return float(days[:, -1].mean())


def cost(work: Callable[[range], float], many: int) -> tuple[float, float]:
    """Processor time of a replication, the best of several rounds; and what the work came to."""
    work(range(1))  # imports and compilation
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        result = work(range(many))
        best = min(best, (time.process_time() - start) / many)
    return best, result


def show(title: str, tools: dict[str, tuple[Callable[[range], float], int]], unit: str) -> None:
    """Print a table: what each tool finds, its time, and how many times that of the compiled engine it is."""
    costs = {name: cost(*each) for name, each in tools.items()}
    print(f"\n{title}")
    print(f"{'':<22}{unit:>14}{'a replication':>16}{'x compiled':>13}")
    for name, (seconds, result) in costs.items():
        ratio = seconds / costs["compiled engine"][0]
        print(f"{name:<22}{result:>14.1f}{1e6 * seconds:>13,.0f} us{ratio:>13.1f}")


def main() -> None:
    """Print the tables."""
    trial = queues()
    tools: dict[str, tuple[Callable[[range], float], int]] = {
        "compiled engine": (lambda seeds: compiled(trial, seeds), 5000),
        "SimPy model": (lambda seeds: in_simpy(trial, seeds), 50),
    }
    try:
        in_ciw(range(1))
    except ModuleNotFoundError:
        print("Ciw is not installed: pip install ciw")
    else:
        tools["Ciw"] = (in_ciw, 50)
    show("Screening and a weekly infusion, five years", tools, "infused")

    alone = scenario().changed({"trial.max_participants": CANDIDATES})
    show(
        f"Recruitment alone, until {CANDIDATES:,} candidates have come",
        {
            "compiled engine": (lambda seeds: last_candidate(alone, seeds), 5000),
            "numpy": (in_numpy, 5000),
        },
        "days",
    )


def last_candidate(trial: Scenario, seeds: range) -> float:
    """The mean day of the last candidate, by the compiled engine."""
    raw = Engine(Plan(trial), entry()).run(1, seeds[0] + 1, seeds[-1] + 1)
    return float(raw.ends["end_day"].mean())


if __name__ == "__main__":
    main()
