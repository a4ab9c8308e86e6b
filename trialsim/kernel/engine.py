"""Running a plan: room for it in memory, and more of it when it turns out to be too little."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trialsim.kernel.calling import Entry
from trialsim.kernel.state import codes, records
from trialsim.kernel.state.memory import address, array, dtype, room
from trialsim.kernel.state.parts import Progress
from trialsim.kernel.state.plan import Plan
from trialsim.kernel.state.plan.answers import Question
from trialsim.kernel.state.plan.varied import Varied, varied_words
from trialsim.model.clock import TooManyEvents, too_many
from trialsim.scenario.copula import Seeds, scenario_drawn
from trialsim.vocabulary import Phase


class Raw(NamedTuple):
    """What some replications leave behind, as arrays of records; people and lots in the order of the replications.

    The engine uses the memory of people and lots again for the next chunk.
    """

    first: int
    ends: NDArray[Any]
    people: NDArray[Any]
    lots: NDArray[Any]


@dataclass
class _Room:
    """How much is set aside for one replication. It only ever grows."""

    calendar: int = 256
    cohorts: int = 16
    slots: int = 64
    answers: int = 64
    steps: int = 1024


class Engine:
    """The kernel for one plan. It keeps its memory from chunk to chunk; each thread needs one of its own.

    ``run`` is the kernel's function, compiled or plain. Without ``detail`` it leaves out what only the table of
    participants shows.
    """

    def __init__(self, plan: Plan, run: Entry, detail: bool = True) -> None:
        self.plan = plan
        self._run = run
        self._state = plan.state.copy()
        self._state["detailed"] = detail
        self._room = _Room()
        self._people, self._lots = room(records.Person, 0), room(records.Lot, 0)
        self._kept: dict[str, NDArray[Any]] = {}
        self._set_aside("sites", plan.sites.copy())
        sites = self._kept["sites"]
        for record in sites:
            pieces = room(records.Piece, 2 + 2 * int(record["periods"]))
            record["pieces_at"] = self._also_keep(f"pieces of {len(self._kept)}", pieces)
        for name, table in plan.tables.items() if plan.scenario.uncertain else ():
            self._set_aside(name, table.copy())
        self._set_aside("blocks", room(records.Block, (len(sites) + 1) * int(self._state["streams"][0])))
        self._set_aside("leaves", np.zeros(codes.LEAVES, dtype=np.int64))
        self._set_aside("completed_tallies", room(records.Tally, len(plan.levels)))
        for name, record in (("person", records.Person), ("lot", records.Lot), ("cohort", records.Cohort)):
            self._set_aside(f"new_{name}", array(record, 1))
        self._set_aside("question", np.zeros(1 + 2 * len(plan.levels), dtype=np.int64))
        self._known: list[Question] = []
        self._make_room_for_one()
        self._make_room_for_answers()
        self._make_room_for_grids(room(records.Grid, 0))

    def run(self, seed: int, first: int, last: int, draw_seed: Seeds | None = None) -> Raw:
        """Simulate the replications ``first`` to ``last``; what is not known may be drawn with another seed.

        Raises
        ------
        TooManyEvents
            If one of them has more events than a trial can have.
        """
        varied = None
        if self.plan.scenario.uncertain:
            draw_seed = seed if draw_seed is None else draw_seed
            varied = varied_words(self.plan, draw_seed, first, last)
            if varied is None:
                return self._one_by_one(seed, first, last, draw_seed)
        self._state["seed"] = np.array([seed], dtype=np.uint64).view(np.int64)
        number = last - first + 1
        ends = room(records.End, number)
        done = people = lots = 0
        self._make_room_for_many(number)
        while done < number:
            state = self._state  # another one when there is more room
            state["people_at"], state["people_room"] = address(self._people[people:]), len(self._people) - people
            state["lots_at"], state["lots_room"] = address(self._lots[lots:]), len(self._lots) - lots
            if varied is not None:
                self._point_at(varied, first)
            newly = self._run(address(state), first + done, last, address(ends[done:]))
            people += int(ends["people"][done : done + newly].sum())
            lots += int(ends["lots"][done : done + newly].sum())
            done += newly
            self._grow(int(state["status"][0]), people, lots, number / max(1, done))
        return Raw(first, ends, self._people[:people], self._lots[:lots])

    def _point_at(self, varied: Varied, first: int) -> None:
        """Say where what is drawn belongs; memory moves when there is more room."""
        where = [address(self._kept[name]) + 8 * word for name, word in varied.where]
        self._set_aside("varied", np.array(where, dtype=np.int64))
        self._set_aside("drawn", varied.rows)
        self._state["varied"], self._state["drawn_first"] = len(where), first

    def _one_by_one(self, seed: int, first: int, last: int, draw_seed: Seeds) -> Raw:
        """Run each replication with a plan of its own, where a number alone does not say what is drawn."""
        detail = bool(self._state["detailed"][0])
        raws = []
        for number in range(first, last + 1):
            drawn = scenario_drawn(self.plan.scenario, draw_seed, number)
            raw = Engine(Plan(drawn, self.plan.own_rule), self._run, detail).run(seed, number, number)
            raws.append(raw)
        return Raw(first, *(np.concatenate(parts) for parts in list(zip(*raws, strict=True))[1:]))

    def doing(self) -> int:
        """What the kernel is at (`codes`): to be asked by another thread, to see where the time goes."""
        return int(self._state["doing"][0])

    def _set_aside(self, name: str, memory: NDArray[Any]) -> None:
        self._state[f"{name}_at"] = self._also_keep(name, memory)

    def _also_keep(self, name: str, memory: NDArray[Any]) -> int:
        self._kept[name] = memory
        return address(memory)

    def _make_room_for_one(self) -> None:
        """What one replication needs besides its people and lots."""
        self._lay_out_state()
        for name in ("calendar", "put_by"):
            self._set_aside(name, room(records.Event, self._room.calendar))
        for name in ("cohorts", "completed"):
            self._set_aside(name, room(records.Cohort, self._room.cohorts))
        self._set_aside("thresholds", self.plan.thresholds)
        self._set_aside("steps", room(records.Step, self._room.steps))
        state = self._state
        state["calendar_room"], state["cohorts_room"] = self._room.calendar, self._room.cohorts
        state["thresholds"], state["steps_room"] = len(self.plan.thresholds), self._room.steps

    def _lay_out_state(self) -> None:
        """One piece of memory for the state, and behind it for all else that a replication begins anew."""
        slots = self._room.slots if self.plan.scenario.infusion else 0
        parts = {
            "lists": array(records.List, codes.LISTS),
            "scheduled": np.zeros(len(Phase) + 1, dtype=np.int64),
            "marks": np.zeros((codes.LEAVES >> 6) + 1, dtype=np.int64),
            "tallies": array(records.Tally, len(self.plan.levels)),
            "slots": array(records.Slot, slots),
        }
        state = self._state.copy()
        for name in dtype(Progress).names or ():
            state[name] = self.plan.state[name]
        memory = np.concatenate([part.view(np.int64).ravel() for part in (state, *parts.values())])
        at = state.itemsize // 8
        self._kept["state"] = memory
        self._state = memory[:at].view(state.dtype)
        progress = memory[at - dtype(Progress).itemsize // 8 :]
        self._set_aside("progress", progress)
        self._set_aside("beginning", progress.copy())
        self._state["progress_words"], self._state["slots_room"] = len(progress), slots
        for name, part in parts.items():
            words = part.size * part.itemsize // 8
            self._set_aside(name, memory[at : at + words].view(part.dtype))
            at += words

    def _make_room_for_many(self, replications: int) -> None:
        """A first guess at how many people and lots there will be."""
        if not len(self._people):
            self._more_people(32 * replications + 1024)
            self._more_lots(8 * replications + 64 if self.plan.scenario.product else 1)

    def _more_people(self, number: int) -> None:
        """Room for so many people, those of replications that are done staying where they are."""
        old, self._people = self._people, room(records.Person, number)
        self._people[: len(old)] = old
        self._set_aside("links", room(records.Link, codes.LISTS * number))
        self._state["links_room"] = number

    def _more_lots(self, number: int) -> None:
        old, self._lots = self._lots, room(records.Lot, number)
        self._lots[: len(old)] = old

    def _grow(self, status: int, people: int, lots: int, times: float) -> None:
        """Make more room where there was too little; the replication that was cut short is done anew.

        ``people`` and ``lots`` are those of the replications done, of which there will be ``times`` as many.
        """
        match status:
            case codes.DONE:
                return
            case codes.PEOPLE_FULL:
                self._more_people(2 * len(self._people) + int(people * times))
            case codes.LOTS_FULL:
                self._more_lots(2 * len(self._lots) + int(lots * times))
            case codes.CALENDAR_FULL:
                self._room.calendar *= 2
            case codes.COHORTS_FULL:
                self._room.cohorts *= 2
            case codes.SLOTS_FULL:
                self._room.slots *= 2
            case codes.STEPS_FULL:
                self._room.steps *= 2
            case codes.TABLE_FULL:
                if int(self._state["thresholds"][0]) == len(self.plan.thresholds):
                    self.plan.extend()
            case codes.ANSWER_NEEDED:
                self._answer()
                return
            case codes.GRID_NEEDED:
                self._lay_grid(*(int(self._state[f"wanted_{name}"][0]) for name in ("below", "above", "people")))
                return
            case codes.TOO_MANY_EVENTS if self._state["admits_ahead"][0] or self._state["ships_ahead"][0]:
                self._state["admits_ahead"] = self._state["ships_ahead"] = 0  # so far, some were counted too early
                return
            case codes.TOO_MANY_EVENTS:
                counts = [int(number) for number in self._kept["scheduled"]]
                raise TooManyEvents(too_many(counts, float(self._state["now"][0])))
            case _:
                raise RuntimeError(f"the compiled engine stopped with status {status}")
        self._make_room_for_one()

    # Answers of rules and guards

    def _answer(self) -> None:
        """Work out what the kernel could not look up."""
        self._known.append(tuple(int(number) for number in self._kept["question"]))
        if 2 * len(self._known) > self._room.answers:
            self._room.answers *= 4
            self._make_room_for_answers()
        else:
            self._write_down(self._known[-1])

    def _make_room_for_answers(self) -> None:
        number = self._room.answers
        self._set_aside("answers", room(records.Answer, number))
        self._set_aside("answer_keys", np.zeros((number, len(self._kept["question"])), dtype=np.int64))
        self._state["answers_room"] = number
        for question in self._known:
            self._write_down(question)

    def _write_down(self, question: Question) -> None:
        """Put an answer where `trialsim.kernel.rules.lookups` looks for it."""
        assert self.plan.answers is not None
        mixed = 0
        for number in question:
            mixed = ((mixed ^ number) * codes.MIX) % 2**64
        answers, number = self._kept["answers"], self._room.answers
        position = (mixed >> 20) % number
        while answers["is_there"][position]:
            position = (position + 1) % number
        self._kept["answer_keys"][position] = question
        answers[position] = (1, *self.plan.answers.to(question))

    # Grids

    def _lay_grid(self, below: int, above: int, people: int) -> None:
        """Set aside the grid that the kernel has asked for, as `trialsim.kernel.rules.curve` reads it."""
        assert self.plan.model is not None
        grid, old = self.plan.model.grid(below, above, people), self._kept["grids"]
        of_levels = np.stack((grid.log_p, grid.log_q, np.exp(grid.log_q)), axis=1)
        rows = np.vstack((grid.b, grid.log_prior, of_levels.reshape(-1, len(grid.b))))
        new = room(records.Grid, len(old) + 1)
        new[:-1] = old
        new[-1] = (below, above, people, len(grid.b), self._also_keep(f"rows of {len(old)}", rows))
        self._make_room_for_grids(new)

    def _make_room_for_grids(self, grids: NDArray[Any]) -> None:
        points = max(grids["points"], default=0)
        self._set_aside("grids", grids)
        self._set_aside("rows", np.zeros((codes.CURVE_ROWS, points)))
        self._state["grids"], self._state["rows_room"] = len(grids), points
