"""Times, rates and doses as people write them: a number and a unit in one value.

Inside the program a duration is a number of days, a rate a number per day. Every message says what was given and what
is allowed, because it is read by someone who has just mistyped a scenario.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from trialsim.scenario.messages.words import given, nearest, number
from trialsim.scenario.values.dates import Dated
from trialsim.vocabulary import MONTH

YEAR_DAYS = 365.25
UNIT_DAYS = {"day": 1.0, "week": 7.0, "month": MONTH, "year": YEAR_DAYS}
_SHORT = {
    short: f"{name}s"
    for name, letters in {"day": "d", "week": "w wk wks", "month": "m mo mos mth mths", "year": "y yr yrs"}.items()
    for short in letters.split()
}
GRID = 2.0**20
"""Constants are kept on a grid of 2**-20 day (a twelfth of a second): sums of them are exact and ties are real."""

LONGEST_DAYS = 1e6
LOWEST_RATE, HIGHEST_RATE = 1e-12, 1e6
"""Per day. Less than the lowest is never, and its inverse would be beyond what numbers hold."""
HIGHEST_DOSE = 1e18

NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_MEASURE = re.compile(rf"({NUMBER})\s+(\S.*)")
_BARE = re.compile(NUMBER)
_UNIT_OF_DOSES = re.compile(r"(?!per$)[A-Za-zµμ%][A-Za-z0-9µμ%/^._-]{0,29}")

_DURATION = 'write a duration such as "28 days" (days, weeks, months or years)'
_RATE = 'write a rate such as "{} per month" (per day, week, month or year)'
_DOSE = 'write a dose such as "2e6 cells per kg" or "1e8 cells"'


@dataclass(frozen=True, slots=True)
class Dose:
    """One rung of the dose ladder.

    Attributes
    ----------
    amount : float
        In `unit`, or in `unit` per kilogram of body weight.
    unit : str
        One word, such as ``cells`` or ``mg``.
    per_kg : bool
        Whether the amount is multiplied by the participant's weight.
    text : str
        As written in the scenario.
    """

    amount: float
    unit: str
    per_kg: bool
    text: str

    def need(self, weight_kg: float) -> float:
        """Amount for a participant of this weight (kg)."""
        return self.amount * weight_kg if self.per_kg else self.amount


def on_grid(days: float) -> float:
    """Nearest multiple of 2**-20 day, half to even."""
    return round(days * GRID) / GRID


def duration(value: Any) -> float:
    """Days in a duration such as ``6 weeks``, as exactly as it was written.

    Raises
    ------
    ValueError
        With what was given and what is allowed.
    """
    amount, unit = _measure(value, _DURATION)
    name = unit.removesuffix("s")
    if name not in UNIT_DAYS or unit.endswith("ss"):
        raise ValueError(f"{given(value)}: {_not_a_time(unit)}; {_DURATION}")
    _not_negative(amount, value, "duration")
    days = amount * UNIT_DAYS[name]
    if not days <= LONGEST_DAYS:
        raise ValueError(f"{given(value)} is too long; a duration is at most {LONGEST_DAYS:,.0f} days")
    return days


def days(value: Any) -> float:
    """Days in a duration, on the grid of 2**-20 day. Raises ValueError like `duration`."""
    return on_grid(duration(value))


def rate(value: Any) -> float:
    """Events per day in a rate such as ``0.653 per month``. Raises ValueError."""
    advice = _RATE.format(number(value) if _is_number(value) and math.isfinite(value) else "0.5")
    amount, rest = _measure(value, advice)
    words = rest.split()
    if len(words) != 2 or words[0] != "per":
        raise ValueError(f"{given(value)} is not a rate; {advice}")
    if words[1] not in UNIT_DAYS:
        raise ValueError(f"{given(value)}: {_not_a_time(words[1])}; {advice}")
    _not_negative(amount, value, "rate")
    per_day = amount / UNIT_DAYS[words[1]]
    if not per_day <= HIGHEST_RATE:
        raise ValueError(f"{given(value)} is too high; a rate is at most {HIGHEST_RATE:,.0f} per day")
    if 0 < per_day < LOWEST_RATE:
        raise ValueError(f"{given(value)} is too low; a rate is 0, or at least {LOWEST_RATE:g} per day")
    return per_day


def dose(value: Any) -> Dose:
    """A dose such as ``2e6 cells per kg`` or ``3 mg``. Raises ValueError."""
    amount, rest = _measure(value, _DOSE)
    words = rest.split()
    per_kg = words[1:] == ["per", "kg"]
    if (len(words) != 1 and not per_kg) or not _UNIT_OF_DOSES.fullmatch(words[0]):
        raise ValueError(
            f"{given(value)} is not a dose; {_DOSE}: a number, one word (at most 30 letters, digits and / % ^ . _ -), "
            'and "per kg" if it goes by weight'
        )
    if not 0 < amount <= HIGHEST_DOSE:
        raise ValueError(f"{given(value)}: a dose is above 0 and at most {HIGHEST_DOSE:g}")
    return Dose(amount, words[0], per_kg, " ".join(value.split()))


def write_duration(days: float) -> str:
    """The duration as text that reads back as the same number; the date of a moment that was given as one."""
    return days.date.isoformat() if isinstance(days, Dated) else f"{number(days)} days"


def write_rate(per_day: float) -> str:
    """The rate as text that reads back as the same number."""
    return f"{number(per_day)} per day"


def _measure(value: Any, advice: str) -> tuple[float, str]:
    """Split a value into its number and the words after it."""
    if _is_number(value) or (isinstance(value, str) and _BARE.fullmatch(value.strip())):
        raise ValueError(f"{number(value) if _is_number(value) else given(value)} has no unit; {advice}")
    found = _MEASURE.fullmatch(value.strip()) if isinstance(value, str) else None
    if isinstance(value, str):
        meant = _meant(value.strip())
        if meant:
            raise ValueError(f"{given(value)}: {meant}")
    if found is None:
        raise ValueError(f"{given(value)} is not a number with a unit; {advice}")
    amount = float(found[1])
    if not math.isfinite(amount):
        raise ValueError(f"{given(value)} is too large a number")
    return amount, found[2]


def _meant(text: str) -> str | None:
    """What to write instead of a range, a decimal comma or a space that does not break."""
    plain = re.sub("[\u00a0\u202f]", " ", text)
    if plain != text:
        return f"it has a no-break space; write it with a plain one: {given(plain)}"
    comma = re.fullmatch(r"([0-9]+),([0-9]+)(\s.*)", text)
    if comma:
        return f'decimals are written with a point: "{comma[1]}.{comma[2]}{comma[3]}"'
    over = re.fullmatch(rf"({NUMBER})\s*/\s*([a-z]+)", text)
    if over:
        return f'a rate is written with "per": "{over[1]} per {_long(over[2])}"'
    close = re.fullmatch(rf"({NUMBER})([a-z]{{1,6}})", text)
    if close and _is_unit(close[2]):
        return f'a space is missing: "{close[1]} {_SHORT.get(close[2], close[2])}"'
    span = re.fullmatch(rf"({NUMBER})\s*(?:-|–|to)\s*({NUMBER})\s+(\S+)", text)
    if span:
        written = f"{{uniform: {{min: {span[1]} {span[3]}, max: {span[2]} {span[3]}}}}}"
        return f"a range is a distribution; where one is allowed, write {written}"
    return None


def _is_unit(word: str) -> bool:
    return word in _SHORT or word.removesuffix("s") in UNIT_DAYS


def _long(word: str) -> str:
    """The unit of a rate that a word, short or not, stands for; the word itself if none."""
    return _SHORT.get(word, word).removesuffix("s")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _not_negative(amount: float, value: Any, what: str) -> None:
    if amount < 0:
        raise ValueError(f"{given(value)} is negative; a {what} is 0 or more")


def _not_a_time(unit: str) -> str:
    close = _SHORT.get(unit) or nearest(unit, [name + ending for name in UNIT_DAYS for ending in ("", "s")])
    return f"{given(unit)} is not a unit of time" + (f' (did you mean "{close}"?)' if close else "")
