"""Random dose rules and guards, as a scenario file holds them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.random_values import Document, Draw, some

COHORT_RULES = ("fixed", "ladder", "three_plus_three", "boin", "keyboard", "beta_binomial", "crm")
RULES = (*COHORT_RULES, "rolling_six", "tite_boin", "tite_crm")


@st.composite
def rules(draw: Draw, levels: int, which: str | None = None) -> Any:
    """One of the rules, or that one, with defaults or with every parameter moved."""
    name = which or draw(st.sampled_from(RULES))
    target = draw(st.sampled_from([0.2, 0.25, 0.3]))
    parameters: Document = {}
    others: dict[str, st.SearchStrategy[Any]] = {}
    if name == "ladder":
        parameters = some(draw, {"max_dlts": st.integers(0, 2)})
    elif name == "three_plus_three":
        parameters = some(draw, {"mtd": st.sampled_from(["level_below", "six_at_mtd"]), "top_needs_six": st.booleans()})
    elif name == "rolling_six":
        parameters = some(draw, {"strict": st.booleans()})
    elif name in ("boin", "tite_boin"):
        others = {"p1": st.just(0.1), "p2": st.just(0.45), "elimination": st.sampled_from([0.8, 0.95, 1.0])}
    elif name == "keyboard":
        others = {"epsilon": st.sampled_from([0.02, 0.1]), "elimination": st.sampled_from([0.8, 1.0])}
    elif name == "beta_binomial":
        others = {"prior_a": st.just(0.5), "prior_b": st.just(1.5), "minimum_n": st.integers(1, 4)}
        parameters = {"cutoff": draw(st.sampled_from([0.7, 0.95, 0.5]))}
    elif name in ("crm", "tite_crm"):
        if draw(st.booleans()):
            parameters = {"half_width": 0.05, "prior_mtd": draw(st.integers(1, levels))}
        else:
            parameters = {"skeleton": [0.05, 0.15, 0.3, 0.45, 0.6][:levels]}
        others = {
            "prior_sd": st.sampled_from([0.5, 3.0]),
            "model": st.just("logistic"),
            "estimate": st.just("posterior_mean"),
            "skip": st.booleans(),
            "coherent": st.booleans(),
            "recommends": st.just("any"),
        }
    if others:
        parameters |= {"target": target} | some(draw, others)
    if name.startswith("tite_"):
        waits = {
            "max_pending_fraction": st.sampled_from([0.0, 0.25, 1.0]),
            "minimum_follow_up": st.sampled_from([0.25, 0.55, 1.0]),
        }
        parameters |= some(draw, waits)
    named = bool(parameters) or draw(st.booleans())
    return {name: parameters} if named else name


@st.composite
def guards(draw: Draw) -> Document:
    """Any of the guards, loose enough to be met."""
    limits = st.fixed_dictionaries(
        {"above": st.sampled_from([0.2, 0.3])},
        optional={"certainty": st.sampled_from([0.6, 0.8]), "minimum_n": st.integers(1, 4)},
    )
    precision = st.fixed_dictionaries({"width": st.sampled_from([0.4, 0.7])}, optional={"coverage": st.just(0.8)})
    return some(
        draw,
        {
            "safety_stop": limits,
            "elimination": limits,
            "enough_at_level": st.sampled_from([6, 9, 4]),
            "enough_when_staying": st.sampled_from([6, 3]),
            "precision": precision,
        },
    )
