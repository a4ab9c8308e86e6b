"""From what was asked for to the scenario of a design: defaults, a scenario of one's own, and changes to it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from trialsim.scenario.loading import load
from trialsim.scenario.messages.errors import Path, Problem, ScenarioError
from trialsim.scenario.messages.words import given, listed
from trialsim.scenario.reading.overrides import replace, split_option
from trialsim.scenario.scenario import Scenario
from trialsim.scenario.validation import follow, from_document, value_of
from trialsim.scenario.values.written_rules import rule_class

OWN_NAME = "design"
"""What the scenario of a design is called that is taken from no other."""

DEFAULTS: dict[str, Any] = {
    "levels": 5,
    "cohort_size": 3,
    "max_participants": 30,
    "window": "28 days",
    "rate": "2 per month",
}
"""What holds without a scenario: so many levels unless a skeleton or a truth has another number, cohorts of so many
(none under a rule that takes no size), so many participants at most, an observation window, and one site with such a
rate."""

_PATHS: dict[str, Path] = {
    "start_level": ("dosing", "start_level"),
    "cohort_size": ("dosing", "cohort_size"),
    "max_participants": ("trial", "max_participants"),
    "window": ("dosing", "observation"),
    "review": ("dosing", "review"),
    "rate": ("recruitment", "sites"),
    "while_closed": ("recruitment", "while_closed"),
    "truth": ("truth", "dlt_probability"),
}
_KEPT = ("format", "trial", "recruitment", "dosing", "truth")
_SECTIONS = ("trial", "recruitment", "dosing", "truth")
_OTHERS = {"levels", "set", "as_options"}
_OF_OTHER_LAYERS = ("planned_end", "targets", "close_out")
"""Keys of the trial that mean nothing without its other layers."""


def draft(
    rule: str | Mapping[str, Any] | None,
    parameters: Mapping[str, Any],
    base: str | os.PathLike[str] | Scenario | None,
    options: Mapping[str, Any],
) -> tuple[Scenario, tuple[str, ...] | None]:
    """Return the scenario of a design, and the names of its doses if they have any.

    ``options["as_options"]`` says that messages should name command line options instead of arguments. The other
    parameters and what is raised are those of `trialsim.design.Design.of`.
    """
    strange = sorted(set(options) - set(_PATHS) - _OTHERS)
    if strange:
        raise TypeError(f"there is no option {strange[0]}; there are {listed(sorted({*_PATHS, 'levels', 'set'}))}")
    sheet = _Sheet(_base_document(base), bool(options.get("as_options")))
    sheet.write_rule(rule, parameters)
    wanted = {name: value for name, value in options.items() if value is not None and name in _PATHS}
    for name, value in wanted.items():
        sheet.write_option(_PATHS[name], _one_site(value) if name == "rate" else value, name, value)
    sheet.write_levels(options.get("levels"))
    sheet.fill_in_defaults()
    sheet.apply(options.get("set") or ())
    scenario = from_document(Scenario, sheet.document, "design", sheet.origins)
    if scenario.truth is not None and any(site.people is not None for site in scenario.sites):
        message = (
            "the scenario lists its people and what happens to each, so no truth applies; give a rate in their place"
        )
        raise ScenarioError([Problem(sheet.origin("truth", "dlt_probability"), None, None, "truth", message)])
    named = isinstance(base, Scenario | str | os.PathLike) and not sheet.numbered
    return scenario, tuple(dose.text for dose in scenario.dosing.levels) if named and scenario.dosing else None


def _base_document(base: str | os.PathLike[str] | Scenario | None) -> dict[str, Any]:
    """Return the document that a design begins with: the sections of a scenario that it needs, or the defaults."""
    if base is None:
        return {
            "format": 1,
            "trial": {"name": OWN_NAME, "start_date": "2027-01-04", "max_participants": DEFAULTS["max_participants"]},
            "recruitment": {"sites": _one_site(DEFAULTS["rate"])},
            "dosing": {"observation": DEFAULTS["window"]},
        }
    scenario = base if isinstance(base, Scenario) else load(base)
    if scenario.dosing is None:
        message = "this scenario has no dosing section; give one with levels and a rule, or name a rule alone"
        raise ScenarioError([Problem(scenario.name, None, None, "dosing", message)])
    document = {name: value for name, value in scenario.to_document().items() if name in _KEPT}
    document["trial"] = {name: value for name, value in document["trial"].items() if name not in _OF_OTHER_LAYERS}
    document.get("truth", {}).pop("dlt_probability", None)
    return document


class _Sheet:
    """A scenario's document while it is written, and where its values came from."""

    def __init__(self, document: dict[str, Any], as_options: bool) -> None:
        self.document = document
        self.origins: dict[Path, str] = {}
        self.as_options = as_options
        self.numbered = False

    def write_option(self, path: Path, value: Any, name: str, shown: Any) -> None:
        """Write a value that an option brought."""
        section = self.document.setdefault(str(path[0]), {})
        section[path[1]] = value
        self.origins[path] = self._label(name, shown)

    def write_rule(self, rule: str | Mapping[str, Any] | None, parameters: Mapping[str, Any]) -> None:
        """Write the rule down, with its parameters."""
        dosing = self.document["dosing"]
        if rule is not None:
            dosing["rule"] = dict(rule) if isinstance(rule, Mapping) else rule
            self.origins["dosing", "rule"] = rule if isinstance(rule, str) else "RULE"
        if not parameters or "rule" not in dosing:
            return
        chosen = dosing["rule"]
        if isinstance(chosen, str):
            chosen = {chosen: None}
        if isinstance(chosen, dict) and len(chosen) == 1:
            ((name, before),) = chosen.items()
            before = before if isinstance(before, dict) else {}
            if "skeleton" in parameters:
                before = {key: value for key, value in before.items() if key not in ("half_width", "prior_mtd")}
            elif {"half_width", "prior_mtd"} & set(parameters):
                before = {key: value for key, value in before.items() if key != "skeleton"}
            dosing["rule"] = {name: {**before, **parameters}}
            for parameter, value in parameters.items():
                self.origins["dosing", "rule", name, parameter] = f"{parameter}={_shown(value)}"

    def write_levels(self, levels: int | None) -> None:
        """Write the ladder down: as many levels as asked for, else the scenario's, else as others have numbers for."""
        dosing = self.document["dosing"]
        if levels is None and "levels" in dosing:
            return
        if levels is None:
            _, parameters = _name_and_parameters(dosing.get("rule"))
            guesses = [parameters.get("skeleton"), self.document.get("truth", {}).get("dlt_probability")]
            levels = next(
                (len(each) for each in guesses if isinstance(each, list | tuple) and each), DEFAULTS["levels"]
            )
        else:
            self.origins["dosing", "levels"] = self._label("levels", levels)
        dosing["levels"] = [f"{level} unit" for level in range(1, levels + 1)]
        self.numbered = True

    def fill_in_defaults(self) -> None:
        """Write the default cohort size, unless the rule has its own or takes none; drop an empty truth."""
        dosing = self.document["dosing"]
        rule = rule_class(dosing.get("rule"))
        if "cohort_size" not in dosing and (rule is None or (rule.takes_cohort_size and not rule.fixed_cohort_size)):
            dosing["cohort_size"] = DEFAULTS["cohort_size"]
        if "dlt_probability" not in self.document.get("truth", {}):
            self.document.pop("truth", None)

    def apply(self, settings: Sequence[str]) -> None:
        """Change keys, as ``--set`` does."""
        problems = []
        for option in settings:
            label = f"--set {option}"
            try:
                key, text = split_option(option)
                change = replace(self.document, key, value_of(text, label))
                if change.path[0] not in _SECTIONS or len(change.path) < 2:
                    raise ValueError(
                        f"a design has no {change.path[0]} to change; name a key of {listed(_SECTIONS, 'or')}"
                    )
            except ValueError as error:
                problems.append(Problem(label, None, None, "", str(error)))
            except ScenarioError as error:
                problems += error.problems
            else:
                self.document = change.document
                follow(self.origins, change)
                self.origins[change.path] = label
        if problems:
            raise ScenarioError(problems)
        self.document.pop("sources", None)  # nobody asks a design where its numbers come from

    def origin(self, *path: str) -> str:
        """The option that brought the value at a path; else the path itself."""
        return self.origins.get(path, ".".join(path))

    def _label(self, name: str, value: Any) -> str:
        return f"--{name.replace('_', '-')} {_shown(value)}" if self.as_options else f"{name}={_shown(value)}"


def _one_site(rate: Any) -> list[dict[str, Any]]:
    return [{"name": "Site", "rate": rate}]


def _name_and_parameters(rule: Any) -> tuple[str, dict[str, Any]]:
    """The name and the parameters of a rule as far as they can be made out."""
    if isinstance(rule, dict) and len(rule) == 1:
        ((name, parameters),) = rule.items()
        return str(name), parameters if isinstance(parameters, dict) else {}
    return (rule if isinstance(rule, str) else ""), {}


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(_shown(each) for each in value)
    return value if isinstance(value, str) else given(value)
