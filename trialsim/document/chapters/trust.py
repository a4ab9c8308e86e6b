"""How far to trust the report: what was verified of the layers in this plan, what is calibrated, what is not known."""

from __future__ import annotations

from collections.abc import Iterator

from trialsim.document.content import Block, Chapter, Key, Listing, Paragraph, Strong, Subheading, Text
from trialsim.document.subject import Subject
from trialsim.scenario import Scenario
from trialsim.scenario.assumptions import assumptions

_VERIFIED: dict[str, tuple[str, str]] = {
    "recruitment": (
        "the days of candidates and how many come by a day, of Poisson processes (gamma, negative binomial and "
        "binomial closed forms), with gamma rates of sites, a shock shared by all, ramps, closures, sites that open "
        "late or never",
        "test_recruitment_exact.py",
    ),
    "screening": (
        "places in screening as queues with one and several servers, durations, criteria in order",
        "test_screening_exact.py",
    ),
    "waiting": (
        "withdrawal and expiry as competing hazards, re-screening",
        "test_screening_exact.py",
    ),
    "product": (
        "lots until enough are good (geometric, negative binomial), suites as servers, base stock, shelf life, yields "
        "and under-doses, runs of failures",
        "test_product_exact.py",
    ),
    "infusion": ("weekdays, closures, slots and notice to the day", "test_cohorts_exact.py"),
    "dosing": (
        "cohorts, sentinels, windows, reviews and committee meetings to the day; decisions of every rule against "
        "published tables and enumeration of all ways that a trial can go",
        "test_cohorts_exact.py, test_dose_rules_exact.py",
    ),
    "truth": ("days of DLTs, losses in the window", "test_stopping_exact.py"),
    "follow_up": ("last visits with losses, and that nothing before moves", "test_milestones_exact.py"),
    "stopping": ("limits, accrual looks, decisions from outside", "test_stopping_exact.py"),
}
"""For each layer what agrees with exact answers within four standard errors, and the file in ``tests/theory``."""

_INVARIANTS = (
    "In hundreds of random plans: nobody is in two places, people and lots are conserved, a dose comes from one lot "
    "that is valid, no slot, suite or place is given twice, spacing and windows are kept, and the pieces of the "
    "critical path add up to the duration.",
    "More of a resource, or more candidates, delays nobody on the same luck.",
    "The model exists twice, as the specification and compiled, written separately; all values of all tables agree to "
    "the last bit.",
    "95 % intervals hold a truth that is known 95 times of 100.",
)
_NOT_MODELLED = (
    "Protocol amendments, changes of plan on the way, sites or staff that are added when things go slowly, and "
    "whoever learns from the trial in another way than its dose rule.",
    "Regulators, contracts, budgets and drug supply other than the product described here.",
    "The treatment's effect, and what analyses will find.",
    "Correlations that nobody stated: what is drawn separately is independent.",
)


def trust(subject: Subject) -> Chapter:
    """Verified, calibrated, not known."""
    return Chapter("trust", "How far to trust this", tuple(_blocks(subject)))


def layers(scenario: Scenario) -> list[str]:
    """The layers that the scenario has, of those about which something was verified."""
    return [name for name in _VERIFIED if getattr(scenario, name) is not None]


def _blocks(subject: Subject) -> Iterator[Block]:
    scenario = subject.scenario
    yield Subheading("What was verified")
    yield Paragraph(
        (
            "The model is held against exact answers, layer by layer, with the other layers left out (",
            Key("tests/theory"),
            "):",
        )
    )
    yield Listing(tuple(_layer(name) for name in layers(scenario)))
    yield Paragraph(("And as a whole (", Key("tests/properties"), ", ", Key("tests/engines"), "):"))
    yield Listing(tuple((text,) for text in _INVARIANTS))
    yield Subheading("What is calibrated")
    yield Paragraph(_calibrated(subject))
    yield Subheading("What is not known")
    yield Listing(tuple(_not_known(subject)))


def _layer(name: str) -> Text:
    what, file = _VERIFIED[name]
    return (Strong(f"{name.replace('_', ' ').capitalize()}: "), f"{what} (", Key(file), ").")


def _calibrated(subject: Subject) -> Text:
    listed = assumptions(subject.scenario)
    found = [each for each in listed if each.kind in ("observed", "derived")]
    names = ", ".join(each.key for each in found[:8]) + (f" and {len(found) - 8} more" if len(found) > 8 else "")
    fitted = (
        f"{len(found)} of {len(listed)} values come from this trial's own data or were derived from data: {names}. "
        if found
        else "No value comes from this trial's own data. "
    )
    whole = [entry for entry in subject.summary["observed"] if entry["compared_with"] == "whole_trial"]
    if subject.summary["observed"]:
        return (
            fitted,
            "The model was not fitted to the observed course otherwise; where that lies among the simulated trials "
            "stands in the chapter on it"
            + (
                ". Quantities that a value was derived from agree by construction, and prove nothing." if whole else "."
            ),
        )
    return (fitted, "No observed course was given, so that nothing here has been held against the real trial.")


def _not_known(subject: Subject) -> Iterator[Text]:
    facts = subject.facts
    share = f"{facts.assumptions} of {facts.values} values are assumptions"
    edited = f"; of {', '.join(facts.edited)} the source is of another value" if facts.edited else ""
    yield (f"{share}{edited}. If one of them is wrong, so is the answer, however narrow its interval.",)
    if not subject.scenario.uncertain:
        yield ("How far the values may be off is not stated, and so is in none of the ranges.",)
    for text in _NOT_MODELLED:
        yield ("Not in the model: " + text[0].lower() + text[1:],)
