"""Plans under which certainly nobody is infused, or nobody comes: what lasts too short, and what is never open.

No file with such a plan is taken. From Python it can be made, with a warning: it may be meant, to see what happens.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from trialsim.scenario.messages.errors import Findings
from trialsim.scenario.messages.words import number

if TYPE_CHECKING:
    from trialsim.scenario.scenario import Scenario

Stretch = tuple[float, float]


def impossible(s: Scenario) -> Findings:
    """Find why certainly nobody is infused, or nobody comes."""
    yield from recruitment_opens(s)
    yield from eligibility_lasts(s)
    yield from lots_last(s)


def eligibility_lasts(s: Scenario) -> Findings:
    """Find an eligibility that is over before anybody can be infused: before a slot, or before one's own product."""
    if s.waiting is None or s.waiting.eligibility_valid is None:
        return
    valid, path = s.waiting.eligibility_valid, ("waiting", "eligibility_valid")
    notice = 0.0 if s.infusion is None else s.infusion.notice
    if valid < notice:
        booked = f"a slot is booked {number(notice)} days ahead (infusion.notice)"
        yield path, f"{number(valid)} days, but {booked}, so nobody can ever be infused"
    elif valid == notice > 0 and all(site.rate is not None for site in s.sites):
        taken = f"{number(valid)} days, which booking a slot takes up (infusion.notice)"
        yield path, f"{taken}, and slots begin with the day: nobody who comes at random can be infused"
    elif s.product is not None and s.product.kind == "autologous" and s.waiting.rescreen_probability == 0:
        making = s.product.shortest_making
        if valid < making + notice:
            takes = f"making somebody's product and booking a slot take at least {number(making + notice)} days"
            yield (
                path,
                f"{number(valid)} days, but {takes}, and nobody is screened again: nobody is ever infused",
            )


def lots_last(s: Scenario) -> Findings:
    """Find lots that have expired before they can be infused."""
    if s.product is None or s.product.shelf_life is None:
        return
    notice = 0.0 if s.infusion is None else s.infusion.notice
    needed = s.product.shipping.lower() + notice
    if s.product.shelf_life < needed:
        message = (
            f"{number(s.product.shelf_life)} days, but shipping and booking a slot (infusion.notice) take at least"
        )
        yield ("product", "shelf_life"), f"{message} {number(needed)}, so no lot can ever be infused"


def recruitment_opens(s: Scenario) -> Findings:
    """Find periods of factor 0 that leave no site a day on which somebody could come."""
    r = s.recruitment
    closed = [period for period in r.periods if period.factor == 0]
    if not closed or any(entry.arrival_days is not None or entry.people is not None for entry in r.sites):
        return
    everywhere: list[Stretch] = []
    own: dict[str, list[Stretch]] = {}
    for period in closed:
        stretch = (float(s.day_of(period.start)), float(s.day_of(period.until)))
        for held in [everywhere] if period.sites is None else [own.setdefault(name, []) for name in period.sites]:
            held.append(stretch)
    limit = s.time_limit
    shut = _cover(everywhere, limit)
    if all(shut or (entry.name in own and _cover([*everywhere, *own[entry.name]], limit)) for entry in r.sites):
        yield ("recruitment", "periods"), "with a factor of 0 they close every site from day 0 on, so nobody ever comes"


def _cover(stretches: Iterable[Stretch], limit: float) -> bool:
    """Whether stretches leave no gap between day 0 and a limit."""
    reached = 0.0
    for start, until in sorted(stretches):
        if start > reached:
            break
        reached = max(reached, until)
    return reached >= limit
