"""What is to be expected of proposals, as intervals: how many are accepted, how long they last.

Counts of the ledger under a Beta prior of the policy, by measure, sector and kind of opening (the
first digit of its occupation), never by person. What was settled too seldom counts with its parent:
a kind with its sector, a sector with its measure, a measure with all.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from matcher.ledger import Decision, Ledger, Proposal, UnderWay
from matcher.plan import Placement
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.queues import Path

Pair = tuple[Decision, Proposal]
Place = tuple[str, str]
"""Sector and kind of an opening."""

_NOWHERE: Place = ("", "")


def settled_of(pairs: Iterable[Pair]) -> list[Pair]:
    """Keep the proposals that were accepted or rejected; locked ones were accepted before."""
    return [pair for pair in pairs
            if pair[0].verdict in {"accept", "reject"} and not pair[1].locked]  # fmt: skip


def places_of(tables: Mapping[str, Any]) -> dict[str, Place]:
    """Sector and kind of each opening of a week's tables, by id."""
    openings, workplaces = tables["openings"], tables["workplaces"]
    sector = dict(zip(workplaces["workplace_id"], workplaces["sector"].astype(str), strict=True))
    return {
        str(one): (sector.get(site, ""), str(isco)[:1])
        for one, site, isco in zip(
            openings["opening_id"], openings["workplace_id"], openings["isco"], strict=True
        )
    }


def places_seen(ledger: Ledger, pairs: Iterable[Pair]) -> dict[str, Place]:
    """Sector and kind of the openings of proposals, as far as their runs' tables are kept.

    The newest run that has an opening says what it is; no older one is read where all are known.
    """
    proposals = [proposal for _, proposal in pairs]
    wanted = {proposal.opening_id for proposal in proposals}
    found: dict[str, Place] = {}
    for run_id in sorted({proposal.run_id for proposal in proposals}, reverse=True):
        if wanted <= found.keys():
            break
        tables = {name: ledger.input_table(run_id, name) for name in ("openings", "workplaces")}
        if all(table is not None for table in tables.values()):
            found = places_of(tables) | found
    return found


def answers_counted(ledger: Ledger, settled: Iterable[Pair]) -> dict[Path, tuple[int, int]]:
    """Count accepted and settled proposals of each group that any of them is in."""
    settled = list(settled)
    seen = places_seen(ledger, settled)
    yes: Counter[Path] = Counter()
    all_: Counter[Path] = Counter()
    for decision, proposal in settled:
        for path in _paths_of(proposal.measure, *seen.get(proposal.opening_id, _NOWHERE)):
            all_[path] += 1
            yes[path] += decision.verdict == "accept"
    return {path: (yes[path], count) for path, count in sorted(all_.items())}


def group_of(
    policy: Policy, counted: Mapping[Path, tuple[int, int]], measure: str, place: Place
) -> Path | None:
    """Return the smallest group of a proposal that is large enough; None: not even all are."""
    fewest = policy.oversight.fewest
    return next((path for path in _paths_of(measure, *place)
                 if counted.get(path, (0, 0))[1] >= fewest), None)  # fmt: skip


def share_of(policy: Policy, accepted: int, settled: int) -> dict[str, float]:
    """Return mean and ends of the interval of a share: the Beta posterior of counts, each 0-1."""
    return _interval(policy, *_posterior(policy, accepted, settled))


def share_end(policy: Policy, accepted: int, settled: int) -> float:
    """Return the upper end of the interval of a share, not rounded."""
    from scipy.special import betaincinv  # slow to import

    return float(betaincinv(*_posterior(policy, accepted, settled), 1 - _tail(policy)))


def _posterior(policy: Policy, accepted: int, settled: int) -> tuple[float, float]:
    """Parameters of the Beta distribution of a share: the policy's, and what was seen."""
    rule = policy.declines
    before = rule.accepted_weight * rule.accepted_percent / 100
    return before + accepted, rule.accepted_weight - before + settled - accepted


def _interval(policy: Policy, yes: float, no: float) -> dict[str, float]:
    from scipy.special import betaincinv  # slow to import

    tail = _tail(policy)
    low, high = betaincinv(yes, no, [tail, 1 - tail])
    return {
        "mean": round(yes / (yes + no), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }


def _tail(policy: Policy) -> float:
    """Chance to lie below an interval; as much lies above."""
    return (100 - policy.declines.interval_percent) / 200


def expected_fills(
    problem: Problem, placements: Sequence[Placement], ledger: Ledger, pairs: Iterable[Pair]
) -> dict[str, Any] | None:
    """Return how many of a week's proposals will be accepted.

    Parameters
    ----------
    problem
        The week.
    placements
        Its proposals; locked ones are accepted already and left out.
    ledger
        For what openings of earlier proposals were.
    pairs
        Earlier decisions with their proposals.

    Returns
    -------
    dict or None
        ``proposals``, ``settled`` (decisions it is made of), ``percent``, ``expected`` (sum of
        the means) and ``low`` and ``high``: the number lies there with that chance, with what is
        not known of the shares counted in (Beta-binomial, groups independent). None: fewer were
        settled than a figure is made of, or nothing is to be decided.
    """
    policy = problem.policy
    settled = settled_of(pairs)
    open_now = [one for one in placements if not one.locked]
    if len(settled) < policy.oversight.fewest or not open_now:
        return None
    counted = answers_counted(ledger, settled)
    here = places_of(problem.tables)
    now = Counter(
        group_of(policy, counted, one.measure, here[one.opening_id]) or () for one in open_now
    )
    mean, chance = 0.0, np.ones(1)
    for path, count in sorted(now.items()):
        a, b = _posterior(policy, *counted[path])
        mean += count * a / (a + b)
        chance = np.convolve(chance, _accepted_of(count, a, b))
    below = np.cumsum(chance) / chance.sum()
    tail = _tail(policy)
    return {
        "proposals": len(open_now),
        "settled": len(settled),
        "percent": policy.declines.interval_percent,
        "expected": round(mean, 1),
        "low": int(np.searchsorted(below, tail)),
        "high": int(np.searchsorted(below, 1 - tail)),
    }


def _accepted_of(count: int, a: float, b: float) -> npt.NDArray[np.float64]:
    """Chance that 0, 1, ... of so many are accepted where their share is Beta(a, b)."""
    k = np.arange(count + 1)
    from scipy.special import betaln, gammaln  # slow to import

    ways = gammaln(count + 1) - gammaln(k + 1) - gammaln(count - k + 1)
    return np.asarray(np.exp(ways + betaln(k + a, count - k + b) - betaln(a, b)))


def lasting(policy: Policy, placements: Iterable[UnderWay], today: dt.date) -> dict[str, Any]:
    """Return the share of begun placements still there after the weeks looked ahead, by measure.

    Parameters
    ----------
    policy
        Section ``horizon``: the prior of an end in a week, and the weeks.
    placements
        That have begun.
    today
        Last day that counts.

    Returns
    -------
    dict
        ``weeks`` and ``groups``: ``key`` (a measure; ``*`` those with too few put together, left
        out where they are too few still), ``placements``, ``mean``, ``low``, ``high``.
    """
    horizon = policy.horizon
    if horizon is None:
        return {"weeks": 0, "groups": []}
    begun = [one for one in placements if one.start <= today]
    fewest, groups = policy.oversight.fewest, Counter(one.measure for one in begun)
    shown = {name for name, count in groups.items() if count >= fewest}
    while shown and 0 < sum(groups[name] for name in groups if name not in shown) < fewest:
        shown.remove(min(shown, key=lambda name: (groups[name], name)))
    lived: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    many: Counter[str] = Counter()
    for one in begun:
        key = one.measure if one.measure in shown else "*"
        last = min(today, one.last_day or today)
        lived[key] += max(0, (last - one.start).days // 7) + 1
        ended[key] += one.ended and last < today
        many[key] += 1
    rows = []
    for key in sorted(many, key=lambda name: (name == "*", -many[name], name)):
        if many[key] < fewest:
            continue
        before = horizon.leaving_weight * horizon.leaving_permille / 1000
        stays = horizon.leaving_weight - before + lived[key] - ended[key]
        week = _interval(policy, stays, before + ended[key])
        rows.append(
            {
                "key": key,
                "placements": many[key],
                **{name: round(share**horizon.weeks, 4) for name, share in week.items()},
            }
        )
    return {"weeks": horizon.weeks, "groups": rows}


def _paths_of(measure: str, sector: str, kind: str) -> tuple[Path, ...]:
    """Return the groups a proposal is in, from the smallest to all."""
    return (measure, sector, kind), (measure, sector), (measure,), ()
