"""Who got a proposal, by groups: the fairness audit, with small groups hidden.

The optimiser never sees the groups. Having no feasible opening (what jobs ask and the law allow)
is kept apart from losing in the optimum (scarce seats and supports), because they call for
different answers. Groups smaller than :data:`SMALLEST` are not shown; when what is hidden could be
found by subtraction, the next smallest group is hidden too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

SMALLEST = 5
"""Citizens a group must have to be shown."""

NOT_STATED = ""
"""Stands for citizens that a dimension says nothing about."""

_NO_OPENING = ("no_opening_in_reach", "rules")
_LOST = ("resource", "others", "limit")


def audit(table: pd.DataFrame, document: Mapping[str, Any]) -> dict[str, Any]:
    """Count outcomes by dimension and group.

    Parameters
    ----------
    table
        Canonical table ``audit_groups``.
    document
        With ``proposals`` and ``unplaced``; where weeks ahead had prices that changed something,
        each group has its proposals and share without them beside those it has.
    """
    outcome = {row["citizen_id"]: ("proposed", row["fit"]) for row in document["proposals"]}
    outcome.update({row["citizen_id"]: (row["cause"], 0) for row in document["unplaced"]})
    change = (document.get("ahead") or {}).get("change")
    gains = None if change is None else _gains(change["moved"])
    dimensions = []
    for dimension, rows in table.groupby("dimension", sort=True):
        stated = dict(zip(rows["citizen_id"].tolist(), rows["group"].tolist(), strict=True))
        groups: dict[str, list[tuple[str, int]]] = {}
        gained: Counter[str] = Counter()
        for citizen, what in outcome.items():
            group = stated.get(citizen, NOT_STATED)
            groups.setdefault(group, []).append(what)
            gained[group] += (gains or {}).get(citizen, 0)
        shown, hidden = masked({name: len(members) for name, members in groups.items()})
        rows_of = [_group(name, groups[name]) for name in shown]
        if gains is not None:
            rows_of = [{**row, **_without(row, gained[row["group"]])} for row in rows_of]
        dimensions.append(
            {
                "dimension": str(dimension),
                "groups": rows_of,
                "hidden_groups": hidden,
            }
        )
    return {"smallest_group": SMALLEST, "dimensions": dimensions}


def _gains(moved: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Say who has a proposal for the prices' sake (1), and who has none for it (-1)."""
    return {
        row["citizen_id"]: (row["opening_id"] is not None) - (row["without"] is not None)
        for row in moved
    }


def _without(row: Mapping[str, Any], gained: int) -> dict[str, Any]:
    """Proposals of a group without prices for the weeks ahead."""
    proposals, available = row["proposals"] - gained, row["citizens"] - row["already_placed"]
    return {
        "proposals_without_prices": proposals,
        "share_without_prices": round(proposals / available, 4) if available else None,
    }


def masked(sizes: Mapping[str, int]) -> tuple[list[str], int]:
    """Return the groups that may be shown, in order, and how many are hidden."""
    by_size = sorted(sizes, key=lambda name: (sizes[name], name))
    hidden = [name for name in by_size if sizes[name] < SMALLEST]
    # The totals are known, so few hidden citizens could be found by subtraction.
    while hidden and sum(sizes[name] for name in hidden) < SMALLEST:
        if len(hidden) == len(by_size):
            break
        hidden.append(by_size[len(hidden)])
    shown = sorted((name for name in sizes if name not in hidden), key=lambda n: (n == "", n))
    return shown, len(hidden)


def _group(name: str, members: list[tuple[str, int]]) -> dict[str, Any]:
    counts = Counter(cause for cause, _ in members)
    proposed, already = counts["proposed"], counts["already_placed"]
    lost = sum(counts[cause] for cause in _LOST)
    available, possible = len(members) - already, proposed + lost
    return {
        "group": name,
        "citizens": len(members),
        "already_placed": already,
        "proposals": proposed,
        "no_feasible_opening": sum(counts[cause] for cause in _NO_OPENING),
        "lost_in_optimum": lost,
        "share": round(proposed / available, 4) if available else None,
        "share_of_possible": round(proposed / possible, 4) if possible else None,
        "mean_fit": round(sum(fit for _, fit in members) / proposed, 1) if proposed else None,
    }
