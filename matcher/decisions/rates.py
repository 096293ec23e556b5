"""Figures about decisions: how often people override, why, where, and at what cost to the plan.

Both rubber-stamping and ignoring show: acceptances after fewer seconds than anybody needs, forms in
which everything was rejected, proposals nobody decided. No figure is made of fewer decisions than
the policy says, none is about one caseworker, and no group can be had by subtraction.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.clock import day_begins, local_day
from matcher.decisions.expected import lasting, places_seen, settled_of, share_of
from matcher.ledger import Decision, Ledger, Proposal
from matcher.policy import Policy

OTHERS = "*"
"""Key of the groups that are too small to be shown by themselves, put together."""
Pair = tuple[Decision, Proposal]


@dataclass(frozen=True)
class Group:
    """Decisions about one measure, workplace or team."""

    key: str
    accepted: int
    rejected: int
    waiting: int

    @property
    def decided(self) -> int:
        """All of them."""
        return self.accepted + self.rejected + self.waiting

    @property
    def rate(self) -> float | None:
        """Rejected among accepted and rejected: the override rate; None without any."""
        settled = self.accepted + self.rejected
        return round(self.rejected / settled, 4) if settled else None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "key": self.key,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "waiting": self.waiting,
            "decided": self.decided,
            "rate": self.rate,
        }


def rates(
    ledger: Ledger, policy: Policy, today: dt.date, weeks: int | None = None
) -> dict[str, Any]:
    """Collect the figures of the last weeks.

    Parameters
    ----------
    ledger
        Runs and decisions.
    policy
        What holds on ``today``: section ``oversight``.
    today
        Last day that counts, local.
    weeks
        How far back; None: the policy's.

    Returns
    -------
    dict
        JSON-ready; shares are 0-1, None where there is nothing to share.
    """
    rule = policy.oversight
    weeks = rule.look_back_weeks if weeks is None else weeks
    since = today - dt.timedelta(weeks=weeks)
    pairs = decided_pairs(ledger, since, today)
    proposed = ledger.proposed(since)
    crew: dict[str, set[str]] = {}
    for _, unit, caseworker, _ in proposed:
        crew.setdefault(unit, set()).update({caseworker} if caseworker else ())
    whole = _group("", pairs)
    there = sum(count for *_, count in proposed)
    decided_there = _decided_of(pairs, {run_id for run_id, *_ in proposed})
    return {
        "since": since.isoformat(),
        "until": today.isoformat(),
        "weeks": weeks,
        "fewest": rule.fewest,
        "proposed": there,
        "undecided": max(0, there - decided_there),
        **{name: value for name, value in whole.to_dict().items() if name != "key"},
        "by_reason": _reasons(pairs, policy),
        "by_measure": _groups(pairs, lambda pair: pair[1].measure, rule.fewest),
        "by_workplace": _groups(pairs, lambda pair: pair[1].workplace_id, rule.fewest),
        "by_team": _groups(
            pairs, lambda pair: pair[1].unit, rule.fewest, crew, rule.fewest_caseworkers
        ),
        "seen": _seen(pairs, policy),
        "forms": _forms(pairs, policy),
        "cost": _cost(pairs, policy),
        "acceptance": _acceptance(ledger, pairs, policy),
        "lasting": lasting(policy, ledger.placements(since), today),
    }


def decided_pairs(ledger: Ledger, since: dt.date, today: dt.date) -> list[Pair]:
    """Return the newest decision about each proposal of some days, both included."""
    return [pair for pair in ledger.decided(day_begins(since))
            if local_day(pair[0].decided_at) <= today]  # fmt: skip


def _acceptance(ledger: Ledger, pairs: Sequence[Pair], policy: Policy) -> dict[str, Any] | None:
    """Shares accepted of those settled, as intervals; None where too few were settled."""
    fewest, settled = policy.oversight.fewest, settled_of(pairs)
    if len(settled) < fewest:
        return None
    places = places_seen(ledger, settled)

    def told(row: Mapping[str, Any]) -> dict[str, Any]:
        counts = {"key": row["key"], "accepted": row["accepted"], "settled": row["decided"]}
        return {**counts, **share_of(policy, row["accepted"], row["decided"])}

    def by(key: Callable[[Pair], str]) -> list[dict[str, Any]]:
        return [told(row) for row in _groups(settled, key, fewest)]

    return {
        "percent": policy.declines.interval_percent,
        "all": told(_group("", settled).to_dict()),
        "by_measure": by(lambda pair: pair[1].measure),
        "by_sector": by(lambda pair: places.get(pair[1].opening_id, ("", ""))[0]),
        "by_kind": by(lambda pair: places.get(pair[1].opening_id, ("", ""))[1]),
    }


def _decided_of(pairs: Iterable[Pair], runs: set[str]) -> int:
    return sum(1 for decision, proposal in pairs
               if decision.run_id in runs and not proposal.locked)  # fmt: skip


def _group(key: str, pairs: Iterable[Pair]) -> Group:
    counts = Counter(decision.verdict for decision, _ in pairs)
    return Group(key, counts["accept"], counts["reject"], counts["wait"])


def _groups(
    pairs: Sequence[Pair],
    key: Callable[[Pair], str],
    fewest: int,
    crew: Mapping[str, set[str]] | None = None,
    fewest_people: int = 0,
) -> list[dict[str, Any]]:
    """Make groups of enough decisions and people, most first; the rest together, never too small.

    ``crew`` holds the caseworkers of a group, where they count.
    """
    people = crew or {}
    parts: dict[str, list[Pair]] = {}
    for pair in pairs:
        parts.setdefault(key(pair), []).append(pair)

    def too_few(names: Iterable[str]) -> bool:
        who: set[str] = set().union(*(people.get(name, set()) for name in names))
        return len(who) < fewest_people

    shown = {name: part for name, part in parts.items()
             if len(part) >= fewest and name and not too_few([name])}  # fmt: skip
    rest = {name: part for name, part in parts.items() if name not in shown}
    # What is left over could be had by subtraction: it takes in the smallest group that is shown.
    while rest and shown and (sum(map(len, rest.values())) < fewest or too_few(rest)):
        smallest = min(shown, key=lambda name: (len(shown[name]), name))
        rest[smallest] = shown.pop(smallest)
    others = [pair for part in rest.values() for pair in part]
    groups = [_group(name, part) for name, part in shown.items()]
    groups.sort(key=lambda group: (-group.decided, group.key))
    if len(others) >= fewest and not too_few(rest):
        groups.append(_group(OTHERS, others))
    return [group.to_dict() for group in groups]


def _reasons(pairs: Sequence[Pair], policy: Policy) -> list[dict[str, Any]]:
    """Rejections by reason, with what they cost; small ones are put together under the rest."""
    fewest = policy.oversight.fewest
    parts: dict[str, list[Decision]] = {}
    for decision, _ in pairs:
        if decision.verdict == "reject":
            parts.setdefault(str(decision.reason), []).append(decision)
    total = sum(map(len, parts.values()))
    if total < fewest:
        return []
    shown = {name: part for name, part in parts.items() if len(part) >= fewest}
    rest = [one for name, part in parts.items() if name not in shown for one in part]
    while rest and len(rest) < fewest and shown:
        rest += shown.pop(min(shown, key=lambda name: (len(shown[name]), name)))
    named = sorted(shown.items(), key=lambda item: (-len(item[1]), item[0]))
    if rest:
        named.append((OTHERS, rest))
    settled = sum(1 for decision, _ in pairs if decision.verdict in {"accept", "reject"})
    return [
        {
            "key": name,
            "name": _name(policy, name),
            "rejected": len(part),
            "share": round(len(part) / total, 4),
            "rate": round(len(part) / settled, 4),
            **_sums(part),
        }
        for name, part in named
    ]


def _name(policy: Policy, code: str) -> dict[str, str] | None:
    """Name of a reason in both languages; a code of an earlier policy stands for itself."""
    if code == OTHERS:
        return None
    return policy.reason_name(code)


def _sums(part: Iterable[Decision]) -> dict[str, int]:
    known = [one for one in part if one.cost_placements is not None]
    return {
        "cost_known": len(known),
        "cost_placements": sum(one.cost_placements or 0 for one in known),
        "cost_fit": sum(one.cost_fit or 0 for one in known),
    }


def _seen(pairs: Sequence[Pair], policy: Policy) -> dict[str, Any]:
    """Count acceptances whose time is known, and those that nobody can have looked at."""
    limit = policy.oversight.unseen_seconds
    timed = [decision.seconds_looked for decision, _ in pairs
             if decision.verdict == "accept" and decision.seconds_looked is not None]  # fmt: skip
    unseen = sum(1 for seconds in timed if seconds < limit)
    enough = len(timed) >= policy.oversight.fewest
    return {
        "seconds": limit,
        "known": len(timed),
        "unseen": unseen if enough else None,
        "share": round(unseen / len(timed), 4) if enough else None,
    }


def _forms(pairs: Sequence[Pair], policy: Policy) -> dict[str, Any]:
    """How often a team decided all proposals of a run alike; small forms say nothing."""
    forms: dict[tuple[str, str], Counter[str]] = {}
    for decision, proposal in pairs:
        forms.setdefault((decision.run_id, proposal.unit), Counter())[decision.verdict] += 1
    large = [one for one in forms.values() if one.total() >= policy.oversight.fewest]
    rejected = sum(1 for one in large if one["reject"] == one.total())
    accepted = sum(1 for one in large if one["accept"] == one.total())
    return {
        "counted": len(large),
        "all_rejected": rejected,
        "all_accepted": accepted,
        "share_rejected": round(rejected / len(large), 4) if large else None,
        "share_accepted": round(accepted / len(large), 4) if large else None,
    }


def _cost(pairs: Sequence[Pair], policy: Policy) -> dict[str, Any]:
    """Sum what rejections cost the plan, and list each; whose they are is not said."""
    rejections = [pair for pair in pairs if pair[0].verdict == "reject"]
    known = [pair for pair in rejections if pair[0].cost_placements is not None]
    free = sum(1 for one, _ in known if not one.cost_placements and not one.cost_fit)
    each: list[Mapping[str, Any]] = [
        {
            "run_id": decision.run_id,
            "opening_id": decision.opening_id,
            "measure": proposal.measure,
            "reason": decision.reason,
            "placements": decision.cost_placements,
            "fit": decision.cost_fit,
        }
        for decision, proposal in known
    ]
    each.sort(key=lambda row: (-row["placements"], -row["fit"], row["run_id"], row["opening_id"]))
    enough = len(known) >= policy.oversight.fewest
    return {
        "rejected": len(rejections),
        "known": len(known),
        "free": free if enough else None,
        "placements": sum(one.cost_placements or 0 for one, _ in known) if enough else None,
        "fit": sum(one.cost_fit or 0 for one, _ in known) if enough else None,
        "each": each if enough else [],
    }


def has_figures(figures: Mapping[str, Any]) -> bool:
    """Whether there are enough decisions to show anything."""
    return bool(figures["decided"] >= figures["fewest"])
