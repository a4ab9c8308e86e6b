"""A design, and what its rule answers, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trialsim.vocabulary import MONTH

if TYPE_CHECKING:
    from trialsim.design.advice import Advice, FollowUp
    from trialsim.design.setting import Setting


def rule_text(setting: Setting) -> str:
    """The rule and what its author chose of it, on one line."""
    chosen = setting.rule.model_dump(exclude_defaults=True, exclude_none=True)
    words = [f"{name} {_value(value)}" for name, value in chosen.items()]
    return f"{setting.dosing.rule_name}: {', '.join(words)}" if words else setting.dosing.rule_name


def setting_text(setting: Setting) -> str:
    """The ladder, the cohorts, the window and the guards."""
    dosing = setting.dosing
    size = f"cohorts of {setting.cohort_size}" if setting.cohort_size else "no cohorts"
    guards = dosing.guards.model_dump(exclude_none=True) if dosing.guards else {}
    words = [
        f"{setting.levels} level{'s' * (setting.levels > 1)}, starting at {dosing.start_level}",
        size,
        f"at most {setting.max_participants:,} participants",
        f"window {dosing.observation:g} days",
        *([f"guards: {', '.join(guards)}"] if guards else []),
    ]
    return "; ".join(words)


def recruitment_text(setting: Setting) -> str:
    """Who comes, how fast, and how long a review takes."""
    recruitment, dosing = setting.scenario.recruitment, setting.dosing
    sites = setting.scenario.sites
    rates = [site.rate for site in sites if site.rate is not None]
    words = []
    if rates:
        together = sum(rates) * recruitment.rate_multiplier * MONTH
        words.append(f"{together:.3g} candidates a month" + (f" from {len(sites)} sites" if len(sites) > 1 else ""))
    if len(rates) < len(sites):
        words.append("candidates on fixed days")
    review = dosing.review.mean()
    words.append(f"review {review:.3g} days" if review else "no review")
    return "; ".join(words)


def answer_text(advice: Advice) -> str:
    """What the rule answers, in words."""
    if advice.answer == "assign":
        people = "participant" if advice.places == 1 else f"{advice.places} participants"
        return f"level {advice.level} for the next {people}"
    if advice.answer == "wait":
        again = "" if advice.until is None else f", at the latest {advice.until:.3g} days from now"
        return f"wait for outcomes that are pending{again}"
    if advice.answer == "stop":
        return f"the trial ends: {recommendation(advice.level)}"
    return "the trial is full, and every outcome is known"


def follow_up_text(due: FollowUp) -> str:
    """The follow-up of those pending at the current level, and what would decide."""
    goes_up, down = due.up <= due.pending, -1 if due.down is None else due.down
    goes_down = down >= 0
    if due.up <= 0:
        said = "up, however long it is"
    elif down >= due.pending:
        said = "down, however long it is"
    elif goes_up and goes_down:
        said = f"up at {due.up:.3f} windows or above, down at {down:.3f} or below, else stays"
    elif goes_up:
        said = f"up at {due.up:.3f} windows or above, else stays; no follow-up leads down"
    elif goes_down:
        said = f"stays above {down:.3f} windows, down at or below; no follow-up leads up"
    else:
        said = "stays, however long it is"
    return f"Follow-up of the {due.pending} pending at the current level: {due.total:.3f} windows in all; {said}"


def recommendation(level: int | None) -> str:
    """The level recommended, in words."""
    return "no dose is recommended" if level is None else f"level {level} is recommended"


def _value(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(f"{each:g}" for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value).replace("True", "yes").replace("False", "no")
