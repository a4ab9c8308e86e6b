"""How fast the compiled engine is beside the SimPy model, in the same run.

Usage: python benchmarks/engines.py [SCENARIO ...]        (part of `make bench`; all shipped scenarios by default)

Four tables and a figure:

- both engines alone and whole calls of `simulate`, on one core, and two threads beside one;
- what each layer of the compiled engine costs: the kernel says what it is at, and another thread looks now and then;
- how the cost of a replication grows with the trial, from 10 to 10,000 participants, in benchmarks/growth.png;
- the same under a rule in cohorts, which is asked about each participant, by both engines.

Times are the best of several rounds, taken in turns, because machines are noisy; only ratios mean anything. SimPy is
given fewer replications; its time is put for as many events a replication as the compiled engine's have, because the
first replications of a large trial may be smaller or larger than most.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import log
from pathlib import Path
from threading import Event, Thread
from typing import Any

from trialsim import Scenario, load
from trialsim.experiment.engines.compiled import Compiled, blocks
from trialsim.experiment.engines.simpy import SimPy
from trialsim.experiment.jobs import Job
from trialsim.kernel.engine import Engine
from trialsim.kernel.entry import entry
from trialsim.kernel.state import codes
from trialsim.kernel.state.plan import Plan
from trialsim.kernel.support import unsupported
from trialsim.model import run
from trialsim.scenario.shipped import names

ROUNDS = 8
SECONDS = 0.25
LOOKING_SECONDS = 2.0
LAYERS = {
    "calendar": (codes.LOOKING_UP,),
    "recruitment": (codes.SITE_OPENS, codes.CANDIDATE_COMES),
    "screening": (codes.SCREENING_ENDS,),
    "waiting": (codes.WITHDRAWS, codes.ELIGIBILITY_ENDS),
    "dosing": (codes.ACT, codes.HEAR, codes.DECIDE, codes.ASK),
    "product": (
        *(codes.MAKING, codes.MAKING_STARTS),
        *(codes.LOT_EXPANDED, codes.LOT_TESTED, codes.LOT_ARRIVES, codes.LOT_EXPIRES),
    ),
    "infusion": (codes.BOOKING, codes.INFUSED),
    "outcomes": (codes.OUTCOME_KNOWN,),
    "stopping": (codes.LOOK, codes.LIMIT, codes.END),
    "around": (codes.SETTING_UP, codes.CLOSING),
}
"""What the kernel is at, by layer. Recruitment includes the start of screening; each has its random numbers."""
SIZES = (10, 30, 100, 300, 1000, 3000, 10_000)
FIGURE = Path(__file__).parent / "growth.png"


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Time of the work: the processor's, unless another clock is given."""
    start = clock()
    work()
    return clock() - start


def sized(work: Callable[[int], object]) -> int:
    """How many replications take about as long as a measurement should."""
    return max(2, int(SECONDS / max(seconds(lambda: work(2)) / 2, 1e-6)))


def in_turns(works: Sequence[Callable[[int], object]], numbers: Sequence[int]) -> list[float]:
    """Seconds of a replication of each, the best of some rounds."""
    rounds = [
        [
            seconds(lambda work=work, number=number: work(number)) / number
            for work, number in zip(works, numbers, strict=True)
        ]  # type: ignore[misc]
        for _ in range(ROUNDS)
    ]
    return [min(times) for times in zip(*rounds, strict=True)]


def kernel(scenario: Scenario) -> Callable[[int], object]:
    """The compiled engine alone: plan in, arrays out."""
    engine = Engine(Plan(scenario), entry(), detail=False)

    def work(number: int) -> None:
        for first, last in blocks(scenario, 1, number):
            engine.run(1, first, last)

    work(50)

    return work


def events(scenario: Scenario, number: int) -> float:
    """The mean number of events of so many replications; it is the same in both engines."""
    engine, total = Engine(Plan(scenario), entry(), detail=False), 0
    for first, last in blocks(scenario, 1, number):
        total += int(engine.run(1, first, last).ends["events"].sum())
    return total / number


def engines(chosen: list[str]) -> None:
    """Both engines, alone and in whole calls."""
    columns = ("simpy us", "compiled", "ratio", "whole us", "compiled", "ratio", "x 2")
    print(f"{'scenario':<22}" + "".join(f"{column:>10}" for column in columns))
    for name in chosen:
        scenario = load(name)
        if unsupported(scenario):
            continue
        job = Job(scenario, 1, detail=False)
        works: list[Callable[[int], Any]] = [
            lambda number, scenario=scenario: [run(scenario, 1, each) for each in range(1, number + 1)],  # type: ignore[misc]
            kernel(scenario),
            lambda number, job=job: SimPy().run(job, 1, number),  # type: ignore[misc]
            lambda number, job=job: Compiled(entry()).run(job, 1, number),  # type: ignore[misc]
        ]
        many = sized(works[1])
        numbers = (sized(works[0]), many, sized(works[2]), 4 * many)  # whole calls: enough to outweigh their tables
        times = in_turns(works, numbers)
        sizes = [events(scenario, number) for number in numbers]
        simpy, alone = times[0] * sizes[1] / sizes[0], times[1]
        chunk, whole = times[2] * sizes[3] / sizes[2], times[3]
        print(
            f"{name:<22}{simpy * 1e6:>10,.0f}{alone * 1e6:>10,.1f}{simpy / alone:>10.0f}"
            f"{chunk * 1e6:>10,.0f}{whole * 1e6:>10,.1f}{chunk / whole:>10.0f}{two_threads(scenario):>10.2f}"
        )


def two_threads(scenario: Scenario) -> float:
    """How many times as fast two threads are as one: wall time of the same work."""
    works = [kernel(scenario), kernel(scenario)]
    number = 4 * sized(works[0])

    def both() -> None:
        with ThreadPoolExecutor(2) as pool:
            for future in [pool.submit(work, number) for work in works]:
                future.result()

    one = min(seconds(lambda: works[0](number), time.perf_counter) for _ in range(ROUNDS))
    return 2 * one / min(seconds(both, time.perf_counter) for _ in range(ROUNDS))


def layers(chosen: list[str]) -> None:
    """Microseconds a replication in each layer, by looking at what the kernel is at."""
    print(f"\n{'us a replication':<22}" + "".join(f"{layer:>12}" for layer in LAYERS) + f"{'looks':>8}")
    for name in chosen:
        scenario = load(name)
        if unsupported(scenario):
            continue
        looks, spent = look_inside(Engine(Plan(scenario), entry(), detail=False))
        at = {layer: sum(looks[each] for each in kinds) for layer, kinds in LAYERS.items()}
        number = sum(at.values())
        print(f"{name:<22}" + "".join(f"{spent * each / number:>12,.2f}" for each in at.values()) + f"{number:>8,}")


def look_inside(engine: Engine) -> tuple[Counter[int], float]:
    """How often the kernel was seen at what, and the microseconds of a replication."""
    size = sized(lambda number: engine.run(1, 1, number))
    over, times = Event(), []

    def work() -> None:
        while not over.is_set():
            times.append(seconds(lambda: engine.run(1, 1, size), time.thread_time))

    looks: Counter[int] = Counter()
    worker = Thread(target=work)
    worker.start()
    end = time.perf_counter() + LOOKING_SECONDS
    while time.perf_counter() < end:
        looks[engine.doing()] += 1
        time.sleep(2e-5)
    over.set()
    worker.join()
    return looks, sum(times) / len(times) / size * 1e6


def cost(scenario: Scenario) -> float:
    """Microseconds a replication."""
    work = kernel(scenario)
    return in_turns([work], [sized(work)])[0] * 1e6


def growing(participants: int) -> Scenario:
    """A trial of all layers in which everything grows with the participants: sites, suites, slots."""
    return Scenario.from_document(
        {
            "trial": {"name": "growing", "start_date": "2024-01-01", "max_participants": participants},
            "recruitment": {
                "sites": [{"name": "Site", "count": max(1, participants // 50), "rate": "1 per week", "rate_cv": 0.5}]
            },
            "screening": {"duration": {"lognormal": {"mean": "14 days", "sd": "5 days"}}, "pass_probability": 0.7},
            "waiting": {"withdrawal": "0.05 per month"},
            "infusion": {"weekdays": ["Monday", "Wednesday", "Friday"], "per_day": max(1, participants // 20)},
            "dosing": {
                "levels": ["1 mg"],
                "rule": "fixed",
                "cohort_size": participants,
                "observation": "28 days",
            },
            "truth": {"dlt_probability": [0.1], "loss_in_window_probability": 0.05},
            "follow_up": {"duration": "1 year", "loss": "0.1 per year"},
        }
    )


def growth() -> None:
    """The cost of a replication by the size of the trial, and the figure."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import seaborn as sns

    print(f"\n{'participants':<22}{'events':>10}{'us':>12}{'ns/event':>10}{'ns/(event log2 event)':>24}")
    points = []
    for size in SIZES:
        scenario = growing(size)
        events = float(Engine(Plan(scenario), entry()).run(1, 1, 5).ends["events"].mean())
        spent = cost(scenario)
        each = spent * 1000 / events
        points.append((size, spent, events * log(events, 2)))
        print(f"{size:<22}{events:>10,.0f}{spent:>12,.1f}{each:>10.1f}{each / log(events, 2):>24.2f}")
    sizes, spents, yardstick = zip(*points, strict=True)
    scale = spents[0] / yardstick[0]
    sns.set_theme(style="whitegrid")
    figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
    axes.loglog(sizes, spents, "o-", label="measured")
    axes.loglog(sizes, [scale * each for each in yardstick], "--", label="events · log(events), from the first point")
    axes.set(xlabel="participants", ylabel="microseconds a replication")
    axes.legend()
    figure.savefig(FIGURE, dpi=150)
    plt.close(figure)
    print(f"figure: {FIGURE}")


def cohorts() -> None:
    """The cost of a participant under BOIN in cohorts of three, which should not grow with the trial."""
    print(f"\n{'participants, BOIN':<22}{'SimPy us each':>16}{'compiled us each':>18}")
    for size in (120, 240, 480, 960):
        document = growing(size).to_document()
        document["dosing"] |= {"levels": ["1 mg", "2 mg", "3 mg"], "rule": {"boin": {"target": 0.25}}, "cohort_size": 3}
        document["truth"]["dlt_probability"] = [0.05, 0.15, 0.3]
        scenario = Scenario.from_document(document)
        run(scenario, 1, 1)
        simpy = min(seconds(lambda scenario=scenario: run(scenario, 1, 1)) for _ in range(3)) * 1e6
        print(f"{size:<22}{simpy / size:>16,.1f}{cost(scenario) / size:>18,.2f}")


def main(chosen: list[str]) -> None:
    """Print everything."""
    engines(chosen or names())
    layers(chosen or names())
    if not chosen:
        growth()
        cohorts()


if __name__ == "__main__":
    main(sys.argv[1:])
