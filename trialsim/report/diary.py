"""The diary of one replication: a line an event, at most 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from trialsim.analysis.chronology import Moment, chronology
from trialsim.analysis.facts import Facts, facts_of
from trialsim.vocabulary import EndCause, Outcome
from trialsim.wording import cells, printable

if TYPE_CHECKING:
    import pandas as pd

    from trialsim.scenario import Scenario

WIDTH = 80
_COLUMNS = "{date:<10} {day:>8}  {who:<10} "
_WHO = {"participant": "Person", "lot": "Lot", "cohort": "Cohort", "trial": "Trial"}


def diary(
    scenario: Scenario, ends: pd.DataFrame, participants: pd.DataFrame, lots: pd.DataFrame, heading: str = ""
) -> str:
    """The diary of one replication of ``scenario``.

    Parameters
    ----------
    scenario : Scenario
        What was simulated.
    ends, participants, lots : DataFrame
        As in `trialsim.tables`, of one replication.
    heading : str
        The second line, under the trial's title; left out, it tells which replication this is.

    Returns
    -------
    str
        Date, day, who and what, in order of time; a date or day that is that of the line above is left out.
    """
    waiting = scenario.waiting
    moments = chronology(
        ends,
        participants,
        lots,
        sites=[site.name for site in scenario.sites],
        eligibility_valid=None if waiting is None else waiting.eligibility_valid,
    )
    return write(
        facts_of(scenario),
        moments,
        heading=heading or f"Replication {ends['replication'].iloc[0]}",
        screened=scenario.screening is not None,
        product="" if scenario.product is None else scenario.product.kind,
        settled_at_infusion=scenario.dosing is not None and scenario.dosing.dose_fixed_at == "infusion",
    )


def write(
    facts: Facts,
    moments: list[Moment],
    *,
    heading: str,
    screened: bool = True,
    product: str = "",
    settled_at_infusion: bool = False,
) -> str:
    """The diary of ``moments``.

    Parameters
    ----------
    facts : Facts
        Where the dates and the names of doses come from.
    moments : list of Moment
        In order.
    heading : str
        The second line, under the trial's title.
    screened : bool
        Whether there is a screening to tell of.
    product : str
        ``allogeneic``, ``autologous``, or empty if doses are always at hand.
    settled_at_infusion : bool
        Whether the level of those who are in no cohort may change until they are infused.
    """
    teller = _Teller(facts, moments, screened, product, settled_at_infusion)
    lines = [textwrap.shorten(facts.title or facts.name, WIDTH, placeholder=" …"), heading, ""]
    lines += [_COLUMNS.format(date="Date", day="Day", who="Who") + "What"]
    previous = ("", "")
    for moment in moments:
        what = teller.tell(moment)
        if not what:
            continue
        date, day = facts.date_of(moment.day).isoformat(), f"{moment.day:.1f}"
        same_date, same_day = date == previous[0], (date, day) == previous
        previous = (date, day)
        who = f"{_WHO[moment.who]} {moment.number}" if moment.number else _WHO[moment.who]
        begin = _COLUMNS.format(date="" if same_date else date, day="" if same_day else day, who=who)
        lines += textwrap.wrap(
            what, WIDTH, initial_indent=begin, subsequent_indent=" " * len(begin), break_on_hyphens=False
        )
    return "\n".join(printable(line.rstrip()) for line in lines)


class _Teller:
    """Puts moments into words."""

    def __init__(
        self, facts: Facts, moments: list[Moment], screened: bool, product: str, settled_at_infusion: bool
    ) -> None:
        self.facts, self.screened, self.product = facts, screened, product
        self.settled_at_infusion = settled_at_infusion
        infused = [moment for moment in moments if moment.kind == "infusion"]
        self.infused = len(infused)
        self.released = sum(
            moment.facts["outcome"] == Outcome.RELEASED for moment in moments if moment.kind == "released"
        )
        self.in_window = sum(moment.facts["outcome"] == Outcome.IN_WINDOW for moment in infused)

    def tell(self, moment: Moment) -> str:
        """What happened; empty if it is not worth a line."""
        return str(getattr(self, f"_{moment.kind}", _nothing)(moment.facts))

    def _level(self, level: int | None) -> str:
        if level is None or not self.facts.levels:
            return ""
        dose = self.facts.levels[level - 1]
        return f"level {level}, {dose}" if self.facts.tells_levels else dose

    def _is_settled_late(self, row: Mapping[str, Any]) -> bool:
        """Whether the level of somebody with a place is settled at the infusion; cohorts keep theirs."""
        return self.settled_at_infusion and row["cohort"] is None and bool(self._level(row["level"]))

    def _site_open(self, _: Mapping[str, Any]) -> str:
        return "the first site opens"

    def _arrival(self, row: Mapping[str, Any]) -> str:
        return "" if row["outcome"] == Outcome.TURNED_AWAY else f"comes to {row['site']}"

    def _turned_away(self, row: Mapping[str, Any]) -> str:
        return f"comes to {row['site']} and is turned away"

    def _screening_start(self, _: Mapping[str, Any]) -> str:
        return "screening begins" if self.screened else ""

    def _screen_failure(self, row: Mapping[str, Any]) -> str:
        reason, times = row["failure_reason"], row["screenings"]
        again = f" no. {times}, after an earlier eligibility ran out" if times > 1 else ""
        return f"fails screening{again}" if reason in (None, "screening") else f"fails screening{again}: {reason}"

    def _eligible(self, row: Mapping[str, Any]) -> str:
        times = row["screenings"]
        again = f", in screening no. {times}" if times > 1 else ""
        return f"is eligible{again}" if self.screened or again else ""

    def _enrolment(self, row: Mapping[str, Any]) -> str:
        if row["place_open_day"] is None:
            return f"is enrolled, and loses the place again before {self.facts.infusion}"
        if self._is_settled_late(row):  # the table holds the level given, and not the one of this day
            return f"is enrolled; the level is settled at the {self.facts.infusion}"
        place = [] if row["cohort"] is None else [f"cohort {row['cohort']}"]
        place += [self._level(row["level"])] if self._level(row["level"]) else []
        return f"is enrolled: {', '.join(place)}" if place else "is enrolled"

    def _ready(self, row: Mapping[str, Any]) -> str:
        slot = ""
        if row["infusion_day"] is not None and row["infusion_day"] > row["ready_day"]:
            slot = f"{self.facts.infusion} booked for {self.facts.date_of(row['infusion_day'])}"
        if not self.product:
            return slot
        dose = "has a dose reserved" if row["lot"] is None else f"has a dose reserved from lot {row['lot']}"
        return f"{dose}, {slot}" if slot else dose

    def _infusion(self, row: Mapping[str, Any]) -> str:
        text = f"is {self.facts.infused}"
        if row["dose_cells"] is not None:
            text += f" at {self._level(row['level'])}," if self._is_settled_late(row) else ""
            text += f" with {cells(row['dose_cells'])} cells from lot {row['lot']}"
            text += ", less than the dose asked for" if row.get("under_dosed") else ""
        elif self._level(row["level"]):
            text += f": {self._level(row['level'])}"
        return text

    def _dlt(self, _: Mapping[str, Any]) -> str:
        return "has a dose-limiting toxicity"

    def _lost(self, _: Mapping[str, Any]) -> str:
        return "is lost in the observation window"

    def _outcome_known(self, row: Mapping[str, Any]) -> str:
        if not self.facts.levels:
            return ""  # without dosing there is no window
        if row["dlt_day"] is None:
            return "the observation window is over" + ", no toxicity" * self.facts.has_dlts
        return "" if row["dlt_day"] == row["outcome_known_day"] else "the observation window is over"

    def _withdrawal(self, _: Mapping[str, Any]) -> str:
        return "withdraws"

    def _eligibility_expired(self, _: Mapping[str, Any]) -> str:
        return "is no longer eligible: the screening is too long ago"

    def _last_visit(self, row: Mapping[str, Any]) -> str:
        # without follow-up it is the window's end (or the loss in it), which has just been told
        told = row["last_visit_day"] == row["outcome_known_day"] != row["dlt_day"]
        return "" if told else "has the last visit"

    def _stocked(self, row: Mapping[str, Any]) -> str:
        return f"is in stock from the start{_with_cells(row)}"

    def _lot_start(self, _: Mapping[str, Any]) -> str:
        return "is started" + (", awaiting apheresis" if self.product == "autologous" else ", awaiting a donation")

    def _expansion_start(self, _: Mapping[str, Any]) -> str:
        return f"has its {'cells' if self.product == 'autologous' else 'donation'}, expansion begins"

    def _expansion_end(self, _: Mapping[str, Any]) -> str:
        return "is expanded, release testing begins"

    def _failed(self, _: Mapping[str, Any]) -> str:
        return "fails release testing"

    def _passed(self, row: Mapping[str, Any]) -> str:
        return "" if row["available_day"] == row["release_day"] else "passes release testing and is shipped"

    def _available(self, row: Mapping[str, Any]) -> str:
        passed = "passes release testing and " if row["available_day"] == row["release_day"] else ""
        return f"{passed}is in stock{_with_cells(row)}"

    def _used(self, row: Mapping[str, Any]) -> str:
        return f"is used up, {cells(row['cells_wasted'] or 0)} cells left over"

    def _expired(self, row: Mapping[str, Any]) -> str:
        return f"can no longer be given, {cells(row['cells_wasted'] or 0)} cells wasted"

    def _cohort_open(self, row: Mapping[str, Any]) -> str:
        level = self._level(row["level"])
        return f"opens at {level}" if level else "opens"

    def _cohort_complete(self, row: Mapping[str, Any]) -> str:
        dlts = f": {row['dlts']} DLT{'s' * (row['dlts'] != 1)} in {row['infused']} {self.facts.infused}"
        return f"has its outcomes{dlts * self.facts.has_dlts}"

    def _end(self, row: Mapping[str, Any]) -> str:
        parts = [f"{self.infused} {self.facts.infused}"]
        parts += [f"{self.in_window} of them still observed"] if self.in_window else []
        parts += [f"{self.released} released without {self.facts.infusion}"] if self.released else []
        if self.facts.levels and self.facts.finds_dose:
            level = row["recommended_level"]
            parts.append("no level recommended" if level is None else f"recommended: {self._level(level)}")
        return f"ends: {EndCause(row['end_cause']).words}; {', '.join(parts)}"


def _nothing(_: Mapping[str, Any]) -> str:
    return ""


def _with_cells(row: Mapping[str, Any]) -> str:
    return "" if row["cells"] is None else f" with {cells(row['cells'])} cells"
