"""What would be lost if new results took the place of earlier ones: those of another scenario, or more replications.

Both are known by what their manifests say they were made from. The earlier one may have been written by anybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_MOST_KEYS = 3
_KEY = re.compile(r"[a-z_]{1,40}")


def loss(earlier: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """What ``earlier`` results hold that ``new`` ones would not, in words; None if nothing that was not to be expected.

    Parameters
    ----------
    earlier, new
        Manifests, or as much of them as is known before anything is simulated: the scenario and its digest, or the
        points of a sweep, each with its own, the seed, and how many replications (or that a precision decides).
    """
    if _kind(earlier) != _kind(new):
        return f"the results of {_kind(earlier)}, and not of {_kind(new)}"
    if not _same_scenarios(scenarios_in(earlier), scenarios_in(new)):
        if "points" in new or "plans" in new:
            return f"the results of {'a sweep' if 'points' in new else 'a selection'} of other scenarios"
        return f"the results of another scenario{_differences(earlier.get('scenario'), new.get('scenario'))}"
    if "seed" in new and earlier.get("seed") != new["seed"]:
        return "the results of another seed"
    if new.get("precision"):
        return None  # as many as it takes
    before, now = earlier.get("replications"), new.get("replications")
    if isinstance(before, int) and isinstance(now, int) and before > now:
        return f"{before:,} replications of this, more than the {now:,} asked for now"
    return None


_SWEEP = "a sweep or comparison"


def _kind(manifest: Mapping[str, Any]) -> str:
    """What command makes such results, with its article."""
    if "points" in manifest:
        return _SWEEP
    return next((name for key, name in _BY_KEY.items() if key in manifest), "a run")


_BY_KEY = {
    "plans": "a selection",
    "levers": "levers",
    "sensitivity": "a sensitivity analysis",
    "rules": "a replay",
    "replication": "a trace",
    "design": "a design",
}


def scenarios_in(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a manifest says of each scenario."""
    points = manifest.get("points", manifest.get("plans"))
    scenarios = points if isinstance(points, list) else [manifest]
    return [one if isinstance(one, Mapping) else {} for one in scenarios]


def _same_scenarios(earlier: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> bool:
    return len(earlier) == len(new) and all(map(_is_same, earlier, new))


def _is_same(earlier: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two scenarios are the same; a later version may know of sections that an earlier one did not."""
    one, other = earlier.get("scenario"), new.get("scenario")
    documents = isinstance(one, Mapping) and isinstance(other, Mapping)
    return earlier.get("digest") == new.get("digest") or (documents and _alike(one, other))


def _alike(one: Any, other: Any) -> bool:
    """Whether two parts of documents are equal, where nothing is as good as an empty list or mapping."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(_alike(one.get(key), other.get(key)) for key in one.keys() | other.keys())
    return bool(one == other) or all(part is None or part in ([], {}) for part in (one, other))


def _differences(earlier: Any, new: Any) -> str:
    """The first keys at which two scenarios differ, in brackets."""
    found = sorted(set(_different(earlier, new)))
    if not found:
        return ""
    more = f" and {len(found) - _MOST_KEYS} more" if len(found) > _MOST_KEYS else ""
    return f" (other {', '.join(found[:_MOST_KEYS])}{more})"


def _different(earlier: Any, new: Any) -> list[str]:
    """Sections, and keys of sections, that are not the same in both."""
    if not isinstance(earlier, Mapping) or not isinstance(new, Mapping):
        return []
    found = []
    for section in earlier.keys() | new.keys():
        one, other = earlier.get(section), new.get(section)
        if _alike(one, other) or not _KEY.fullmatch(section):
            continue
        inner = _different(one, other)
        found += [f"{section}.{key}" for key in inner if "." not in key] or [section]
    return found
