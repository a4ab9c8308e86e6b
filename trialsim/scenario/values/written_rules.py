"""Reading and writing dose rules: ``fixed``, or a name with parameters, as in ``{boin: {target: 0.25}}``."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from trialsim.rules import RULES
from trialsim.rules.built_in import BuiltInRule
from trialsim.scenario.messages.errors import InvalidValue
from trialsim.scenario.messages.pydantic_messages import keys_of, problems_of
from trialsim.scenario.messages.words import given, listed, unknown

_EXAMPLES = {"target": 0.25, "cutoff": 0.95, "half_width": 0.05, "prior_mtd": 2}
"""Of the parameters that rules cannot do without; models need a skeleton, which half_width and prior_mtd stand for."""


def read_rule(value: Any) -> Any:
    """Return the rule that a value names: ``fixed``, or ``{boin: {target: 0.25}}``. Raises InvalidValue."""
    if isinstance(value, tuple(RULES.values())):
        return value
    advice = f"write one of {listed(RULES, 'or')}, with parameters as in {{boin: {{target: 0.25}}}}"
    parameters: Any = {}
    if isinstance(value, str):
        name = value
    elif isinstance(value, dict) and len(value) == 1:
        ((name, parameters),) = value.items()
    else:
        raise InvalidValue([((), f"{given(value)} is not a dose rule; {advice}")])
    path = (name,) if isinstance(value, dict) else ()
    if name not in RULES:
        raise InvalidValue([(path, _unknown(name))])
    parameters = {} if parameters is None else parameters
    if not isinstance(parameters, dict):
        raise InvalidValue([(path, f"{given(parameters)} where the rule's parameters are due; {advice}")])
    known = keys_of(RULES[name])
    parameters = {key: each for key, each in parameters.items() if each is not None or key not in known}
    try:
        return RULES[name].model_validate(parameters)
    except ValidationError as error:
        found = problems_of(error, RULES[name], parameters)
        if not parameters and (lacking := _lacking(name)):
            found = [((), f"{name} needs its {listed(lacking)}: write {_example(name, lacking)}")]
        raise InvalidValue([((*path, *inner), message) for inner, message in found]) from None


def _unknown(name: Any) -> str:
    """The sentence for a rule that there is not; its name may be one that is said, such as 3+3."""
    said = str(name).casefold().replace("3", "three").replace("6", "six").replace("+", " plus ")
    meant = "_".join(re.findall("[a-z]+", said))
    if meant in RULES:
        return f'{given(name)} is not a dose rule; did you mean "{meant}"? allowed: {listed(RULES)}'
    return unknown(name, RULES, "dose rule")


def _lacking(name: str) -> list[str]:
    """The parameters without which there is no such rule."""
    return [key for key in RULES[name].model_fields if key in _EXAMPLES]


def _example(name: str, parameters: list[str]) -> str:
    """How a rule with these parameters may be written."""
    return f"{{{name}: {{{', '.join(f'{key}: {_EXAMPLES[key]}' for key in parameters)}}}}}"


def rule_class(written: Any) -> type[BuiltInRule] | None:
    """Return the class of the rule that a value names, whatever its parameters; None for anything else."""
    name = next(iter(written)) if isinstance(written, dict) and len(written) == 1 else written
    return RULES.get(name) if isinstance(name, str) else None


def name_of(rule: Any) -> str:
    """Return the name under which a built-in rule is known in scenario files; empty for anything else."""
    return next((name for name, kind in RULES.items() if type(rule) is kind), "")


def write_rule(rule: Any) -> Any:
    """Return a built-in rule as it stands in scenario files."""
    name = name_of(rule)
    parameters = rule.model_dump(by_alias=True, exclude_none=True)
    return {name: parameters} if parameters else name
