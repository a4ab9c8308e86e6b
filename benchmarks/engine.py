"""How fast the SimPy model is, beside a bare SimPy loop in the same run.

Usage: python benchmarks/engine.py [SCENARIO ...]        (`make bench`; all shipped scenarios by default)

The yardstick is an M/M/1 queue written as in SimPy's own tutorial: a source, a server, customers. Its cost an event is
what SimPy itself asks for a generator to be resumed. An event is one step of SimPy's loop, in both. The model's cost
includes everything that a replication needs: drawing random numbers, setting up the layers, and the records.
Times are the best of several rounds, taken in turns, because machines are noisy; only ratios mean anything.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Generator

import simpy

from trialsim import load
from trialsim.model import run
from trialsim.model.clock import Clock
from trialsim.scenario.shipped import names

ROUNDS = 5
SECONDS = 0.6
MOST_TIMES_BARE = 6.0


def bare_loop(until: float) -> simpy.Environment:
    """An M/M/1 queue at load 0.8."""
    env = simpy.Environment()
    server = simpy.Resource(env, capacity=1)
    luck = random.Random(1)

    def customer() -> Generator[simpy.Event, None, None]:
        with server.request() as turn:
            yield turn
            yield env.timeout(luck.expovariate(1.0))

    def source() -> Generator[simpy.Event, None, None]:
        while True:
            yield env.timeout(luck.expovariate(0.8))
            env.process(customer())

    env.process(source())
    env.run(until=until)
    return env


def count_steps(owner: type[simpy.Environment], work: Callable[[], object]) -> int:
    """How many events SimPy processes during the work."""
    steps = 0
    original = simpy.Environment.step

    def step(env: simpy.Environment) -> None:
        nonlocal steps
        steps += 1
        original(env)

    owner.step = step  # type: ignore[method-assign]
    try:
        work()
    finally:
        if owner is simpy.Environment:
            owner.step = original  # type: ignore[method-assign]
        else:
            del owner.step
    return steps


def seconds(work: Callable[[], object]) -> float:
    """Processor time of the work."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main(chosen: list[str]) -> None:
    """Print the table."""
    until = 20_000.0
    bare_steps = count_steps(simpy.Environment, lambda: bare_loop(until))
    print("model: SimPy engine, one core, in-process; best of", ROUNDS, "rounds")
    print(f"{'scenario':<24}{'reps/s':>9}{'events/rep':>12}{'us/event':>10}{'bare us':>9}{'x bare':>8}")
    over = []
    for name in chosen or names():
        scenario = load(name)
        first = seconds(lambda scenario=scenario: run(scenario, 1, 1))  # type: ignore[misc]
        replications = max(2, min(2000, int(SECONDS / max(first, 1e-4))))

        def work(scenario=scenario, replications=replications) -> None:  # type: ignore[no-untyped-def]
            for replication in range(1, replications + 1):
                run(scenario, 1, replication)

        events = count_steps(Clock, work)
        bare = model = float("inf")
        for _ in range(ROUNDS):
            bare = min(bare, seconds(lambda: bare_loop(until)) / bare_steps)
            model = min(model, seconds(work) / events)
        ratio = model / bare
        if ratio > MOST_TIMES_BARE:
            over.append(name)
        each = events / replications
        print(f"{name:<24}{1 / (model * each):>9,.0f}{each:>12,.0f}{model * 1e6:>10.2f}{bare * 1e6:>9.2f}{ratio:>8.1f}")
    if over:
        print(f"above {MOST_TIMES_BARE:g} times the bare loop: {', '.join(over)}")
    else:
        print(f"all within {MOST_TIMES_BARE:g} times the bare loop's cost an event")


if __name__ == "__main__":
    main(sys.argv[1:])
