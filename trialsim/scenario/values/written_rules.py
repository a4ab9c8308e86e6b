"""Reading and writing dose rules: ``fixed``, or a name with parameters, as in ``{boin: {target: 0.25}}``."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from trialsim.rules import RULES
from trialsim.rules.built_in import BuiltInRule
from trialsim.scenario.messages.errors import InvalidValue
from trialsim.scenario.messages.pydantic_messages import keys_of, problems_of
from trialsim.scenario.messages.words import given, listed, unknown


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
        raise InvalidValue([(path, unknown(name, RULES, "dose rule"))])
    parameters = {} if parameters is None else parameters
    if not isinstance(parameters, dict):
        raise InvalidValue([(path, f"{given(parameters)} where the rule's parameters are due; {advice}")])
    known = keys_of(RULES[name])
    parameters = {key: each for key, each in parameters.items() if each is not None or key not in known}
    try:
        return RULES[name].model_validate(parameters)
    except ValidationError as error:
        found = problems_of(error, RULES[name], parameters)
        raise InvalidValue([((*path, *inner), message) for inner, message in found]) from None


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
