"""The kinds of values that scenario files hold, as pydantic types.

Each kind says how it is read (with messages in plain words), how it is written back, and, under ``x-kind``, which part
of the JSON Schema describes it.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
    WithJsonSchema,
)

from trialsim.scenario.messages.errors import InvalidValue
from trialsim.scenario.messages.words import given
from trialsim.scenario.values import units
from trialsim.scenario.values import written_distributions as written
from trialsim.scenario.values.dates import Dated
from trialsim.scenario.values.distributions import Constant, Distribution
from trialsim.scenario.values.units import Dose

EARLIEST, LATEST = datetime.date(1900, 1, 1), datetime.date(2200, 12, 31)
T = TypeVar("T")
_DATE_LIKE = re.compile(r"\s*[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}\s*$")
_OR_A_DATE = "or a date such as 2026-03-01"
NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")


class Section(BaseModel):
    """A mapping of the scenario file: its keys are fixed, its values never change."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


def kind(name: str) -> WithJsonSchema:
    """The part of the JSON Schema that describes a kind of value; see `trialsim.scenario.schema`."""
    return WithJsonSchema({"x-kind": name})


def date(value: Any) -> datetime.date:
    """The date that a value of the scenario file names. Raises ValueError."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        day = value
    else:
        advice = "write a date as year-month-day, such as 2019-05-14"
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            short = re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", str(value).strip())
            meant = f": {short[1]}-{short[2]:0>2}-{short[3]:0>2}" if short else ", such as 2019-05-14"
            raise ValueError(f"{given(value)} is not a date; write it as year-month-day{meant}")
        try:
            day = datetime.date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{given(value)} is not in the calendar; {advice}") from None
    if not EARLIEST <= day <= LATEST:
        raise ValueError(f"{given(str(day))}: a date lies from {EARLIEST} to {LATEST}")
    return day


def context(document: Any) -> dict[str, Any]:
    """What values of a document have to know of the rest of it: the start date, unless something is wrong with that."""
    trial = document.get("trial") if isinstance(document, dict) else None
    start = getattr(trial, "start_date", None)
    if isinstance(trial, dict):
        with suppress(ValueError):
            start = date(trial.get("start_date"))
    return {"start_date": start}


def _or_date(read: Callable[[Any], T]) -> Callable[[Any, ValidationInfo], T | Dated]:
    """What reads a value that may also be a date, on or after the start date. Raises ValueError."""

    def moment(value: Any, info: ValidationInfo) -> T | Dated:
        if isinstance(value, Dated):
            value = value.date
        if not isinstance(value, datetime.date) and not (isinstance(value, str) and _DATE_LIKE.match(value)):
            return read(value)
        day = date(value)
        start = (info.context or {"start_date": None})["start_date"] or day - datetime.timedelta(1)
        if day < start:
            raise ValueError(
                f"{day} is before the trial starts, on {start}; write a later date, or a duration from then"
            )
        return Dated(start, day)

    return moment


def _days(value: Any) -> float:
    try:
        return units.days(value)
    except ValueError as problem:
        raise ValueError(f"{problem}, {_OR_A_DATE}") from None


def _opening(value: Any, info: ValidationInfo) -> Distribution:
    moment = _or_date(lambda each: each)(value.value if isinstance(value, Constant) else value, info)
    if isinstance(moment, Dated):
        return Constant(moment)
    try:
        return written.read(value, written.DURATION)
    except InvalidValue as problem:
        told = [(path, message if path else f"{message}, {_OR_A_DATE}") for path, message in problem.problems]
        raise InvalidValue(told) from None


def _fixed_day(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= units.LONGEST_DAYS:
        message = f"a day is a number from 0 to {units.LONGEST_DAYS:,.0f}, counted from the start, or a date"
        raise ValueError(f"{given(value)}: {message}")
    return units.on_grid(value)


def _positive(days: float) -> float:
    if not days > 0:
        raise ValueError("this must be longer than 0; leave the key out if nothing of the kind applies")
    return days


def _trial_name(value: Any) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise ValueError(
            f"{given(value)} cannot be used in file names; use letters (a-z), digits, - and _, at most 100 of them"
        )
    return value


def _label(value: Any) -> str:
    if isinstance(value, int | float):
        raise ValueError(f'{given(value)} is not text; write it in quotes: "{given(value)}"')
    if not isinstance(value, str) or not value.strip() or len(value) > 200 or not value.isprintable():
        raise ValueError(f"{given(value)} is not a name; write one line of text, up to 200 characters")
    return unicodedata.normalize("NFC", value.strip())  # names that look alike are one


def _format(value: Any) -> int:
    if value != 1 or type(value) is not int:
        raise ValueError(f"{given(value)} is not a format that this version reads; write 1")
    return value


def _note(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 2000 or not value.replace("\n", "").isprintable():
        raise ValueError(f"{given(value)} is not a note; write plain text, up to 2,000 characters")
    return value


Days = Annotated[float, PlainValidator(units.days), PlainSerializer(units.write_duration), kind("Duration")]
PositiveDays = Annotated[Days, AfterValidator(_positive)]
Rate = Annotated[float, PlainValidator(units.rate), PlainSerializer(units.write_rate), kind("Rate")]
DoseLevel = Annotated[Dose, PlainValidator(units.dose), PlainSerializer(lambda dose: dose.text), kind("Dose")]
Date = Annotated[datetime.date, PlainValidator(date), PlainSerializer(lambda day: day.isoformat()), kind("Date")]
TrialName = Annotated[
    str, PlainValidator(_trial_name), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,100}$"})
]
Label = Annotated[str, PlainValidator(_label), WithJsonSchema({"type": "string", "pattern": "\\S", "maxLength": 200})]
Format = Annotated[int, PlainValidator(_format), WithJsonSchema({"const": 1})]
Note = Annotated[str, PlainValidator(_note), WithJsonSchema({"type": "string", "maxLength": 2000})]

Probability = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(ge=0, le=1e6)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
PositiveCount = Annotated[int, Field(ge=1, le=1_000_000)]
Moment = Annotated[float, PlainValidator(_or_date(_days)), PlainSerializer(units.write_duration), kind("Moment")]
PositiveMoment = Annotated[Moment, AfterValidator(_positive)]
FixedDay = Annotated[
    float,
    PlainValidator(_or_date(_fixed_day)),
    PlainSerializer(lambda day: day.date.isoformat() if isinstance(day, Dated) else day),
    kind("FixedDay"),
]


RandomDuration = Annotated[
    Distribution,
    PlainValidator(lambda value: written.read(value, written.DURATION)),
    PlainSerializer(lambda distribution: written.write(distribution, written.DURATION)),
    kind("RandomDuration"),
]
RandomMoment = Annotated[
    Distribution,
    PlainValidator(_opening),
    PlainSerializer(lambda distribution: written.write(distribution, written.DURATION)),
    kind("RandomMoment"),
]
RandomAmount = Annotated[
    Distribution,
    PlainValidator(lambda value: written.read(value, written.AMOUNT)),
    PlainSerializer(lambda distribution: written.write(distribution, written.AMOUNT)),
    kind("RandomAmount"),
]
RandomFraction = Annotated[
    Distribution,
    PlainValidator(lambda value: written.read(value, written.FRACTION)),
    PlainSerializer(lambda distribution: written.write(distribution, written.FRACTION)),
    kind("RandomFraction"),
]
