"""The JSON Schema of scenario files, from which editors complete and check."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from trialsim.rules import RULES
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.sweeping.file import SweepFile
from trialsim.scenario.values import units
from trialsim.scenario.values import written_distributions as written
from trialsim.scenario.values.distributions import FORMS, Beta, Constant, Distribution
from trialsim.scenario.values.fields import EARLIEST, LATEST

_NUMBER = r"\+?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_WRITE: dict[str, Callable[[Any], Any]] = {
    "Duration": units.write_duration,
    "Moment": units.write_duration,
    "Rate": units.write_rate,
}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a scenario file.

    It describes every key and value; contradictions between keys are only found by `trialsim.load`.
    """
    rule, extra = _rule()
    described = "One clinical trial as trialsim simulates it. Times, rates and doses carry their units."
    document = _of_model(Scenario, {**_kinds(), "Rule": rule, **extra}, "trialsim scenario", described)
    recruitment = document["$defs"]["Recruitment"]
    recruitment["anyOf"] = [{"required": [key]} for key in (*recruitment.pop("required"), "sites_from")]
    return document


def sweep_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a sweep file; that keys are those of its base is only found by `load_sweep`."""
    described = "A base scenario, and the points at which trialsim simulates it."
    kinds = {"Uncertain": _uncertain(), "AxisValues": _axis_values()}
    return _of_model(SweepFile, kinds, "trialsim sweep", described)


def text(document: dict[str, Any] | None = None) -> str:
    """A schema as JSON text, as committed in ``docs``: that of scenarios unless it is another."""
    return json.dumps(schema() if document is None else document, indent=2, ensure_ascii=False) + "\n"


def _of_model(model: type[BaseModel], kinds: dict[str, Any], title: str, description: str) -> dict[str, Any]:
    """The schema of what a model reads, with the definitions of kinds of values."""
    document = _linked(model.model_json_schema(by_alias=True, schema_generator=_Generator))
    document["$defs"] = {**document.get("$defs", {}), **kinds}
    rest = {key: value for key, value in document.items() if key not in ("title", "description")}
    return {"$schema": _DIALECT, "title": title, "description": description, **rest}


class _Generator(GenerateJsonSchema):
    """Writes default distributions as scenario files do."""

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, Distribution):
            return written.write(dft, written.DURATION if isinstance(dft, Constant) else written.FRACTION)
        return super().encode_default(dft)


def _linked(node: Any) -> Any:
    """Replace ``x-kind`` by a reference to the definition of that kind; drop generated titles and empty defaults."""
    if isinstance(node, list):
        return [_linked(each) for each in node]
    if not isinstance(node, dict):
        return node
    result: dict[str, Any] = {}
    for key, value in node.items():
        if key == "x-kind":
            result["$ref"] = f"#/$defs/{value}"
        elif key in ("properties", "$defs"):
            result[key] = {name: _linked(each) for name, each in value.items()}
        elif key == "default":
            if value is not None:
                result[key] = _WRITE.get(node.get("x-kind", ""), lambda default: default)(value)
        elif key == "examples":
            result[key] = value
        elif key != "title":
            result[key] = _linked(value)
    return result


def _kinds() -> dict[str, Any]:
    """Definitions of the values that carry units, and of distributions."""
    duration = _text(rf"{_NUMBER}\s+(days?|weeks?|months?|years?)", "A time, such as 28 days, 6 weeks or 1.5 years.")
    rate = _text(rf"{_NUMBER}\s+per\s+(day|week|month|year)", "A rate, such as 0.5 per month.")
    dose = _text(rf"{_NUMBER}\s+(?!per\s)[^\s0-9]\S*(\s+per\s+kg)?", "A dose, such as 2e6 cells per kg, or 3 mg.")
    date = {
        "type": "string",
        "format": "date",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "description": f"A date from {EARLIEST} to {LATEST}.",
    }
    amount = {"type": "number", "minimum": 0}
    fraction = {"type": "number", "minimum": 0, "maximum": 1}
    return {
        "Duration": duration,
        "Rate": rate,
        "Dose": dose,
        "Date": date,
        "Moment": {"anyOf": [{"$ref": "#/$defs/Duration"}, {"$ref": "#/$defs/Date"}]},
        "FixedDay": {"anyOf": [{**amount, "maximum": units.LONGEST_DAYS}, {"$ref": "#/$defs/Date"}]},
        "RandomMoment": {"anyOf": [{"$ref": "#/$defs/RandomDuration"}, {"$ref": "#/$defs/Date"}]},
        "PlannedEnd": {"anyOf": [{"$ref": "#/$defs/Date"}, {"$ref": "#/$defs/Target"}]},
        "RandomDuration": _random({"$ref": "#/$defs/Duration"}, [name for name in FORMS if name != "beta"]),
        "RandomAmount": _random(amount, [name for name in FORMS if name != "beta"]),
        "Uncertain": _uncertain(),
        "RandomFraction": _random(fraction, ["uniform", "triangular", "pert", "beta", "empirical"]),
    }


def _uncertain() -> dict[str, Any]:
    """An entry of `uncertain`: a distribution of whatever its key is, or three quantiles, and a reason."""
    value = {"type": ["number", "string"]}
    times: dict[str, Any] = {"type": "number", "minimum": 0}
    reason = {"reason": {"type": "string", "maxLength": 2000}, "times": times}
    reason |= {name: value for name in ("plus", "at_least", "at_most")}
    quantiles = _mapping({name: value for name in ("p10", "p50", "p90")} | reason, ["p10", "p50", "p90"])
    named = []
    for name, ways in FORMS.items():
        forms = [_parameters(form, value) for form in ways]
        named.append(_mapping({name: forms[0] if len(forms) == 1 else {"oneOf": forms}} | reason, [name]))
    described = (
        "How far the value of a key may be off: a distribution, or what one in ten, half, nine in ten are below."
    )
    return {"oneOf": [quantiles, *named], "description": described}


def _axis_values() -> dict[str, Any]:
    """What an axis of a sweep takes: a range, a list of values, or what is drawn from."""
    called = _mapping(
        {"value": {}, "label": {"type": "string", "pattern": "\\S", "maxLength": 200}}, ["value", "label"]
    )
    plain = {"not": {"type": "object", "anyOf": [{"required": ["value"]}, {"required": ["label"]}]}}
    end = {"type": ["number", "string"]}
    return {
        "description": "A list; a range FIRST:LAST:STEP; or, to draw from, {from: …, to: …} or a distribution.",
        "anyOf": [
            {"type": "string"},
            {"type": "array", "minItems": 1, "items": {"anyOf": [called, plain]}},
            _mapping({"from": end, "to": end}, ["from", "to"]),
            {"$ref": "#/$defs/Uncertain"},
        ],
    }


def _text(pattern: str, description: str) -> dict[str, Any]:
    return {"type": "string", "pattern": rf"^\s*{pattern}\s*$", "description": description}


def _random(value: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """A plain value, or one of the named distributions of such values."""
    named = []
    for name in names:
        forms = [_parameters(form, value) for form in FORMS[name]]
        parameters = forms[0] if len(forms) == 1 else {"oneOf": forms}
        named.append(_mapping({name: parameters}, [name]))
    return {"oneOf": [value, *named], "description": "A plain value is a constant; a mapping names a distribution."}


def _parameters(form: type[Distribution], value: dict[str, Any]) -> dict[str, Any]:
    properties = {}
    for key in form.keys:
        each = {"type": "number", "minimum": 0} if key in form.pure or form is Beta else value
        properties[key] = {"type": "array", "items": each} if form.name == "empirical" else each
    return _mapping(properties, [key for key in form.keys if key not in form.optional])


def _mapping(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _rule() -> tuple[dict[str, Any], dict[str, Any]]:
    """The dose rules: those without required parameters also by their bare name; and what their schemas refer to."""
    extra: dict[str, Any] = {}
    choices = []
    bare = []
    for name, kind in RULES.items():
        described = _linked(kind.model_json_schema(by_alias=True, ref_template="#/$defs/{model}"))
        extra |= described.pop("$defs", {})
        if not described.get("required"):
            bare.append(name)
        choices.append(_mapping({name: described}, [name]))
    return {"oneOf": [{"enum": bare}, *choices], "description": "A dose rule and its parameters."}, extra
