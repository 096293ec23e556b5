"""Who got a proposal, by groups: the fairness audit, with small groups hidden.

The optimiser never sees the groups. Having no feasible opening (what jobs ask and the law allow)
is kept apart from losing in the optimum (scarce seats and supports), because they call for
different answers. Groups smaller than :data:`SMALLEST` are not shown; when what is hidden could be
found by subtraction, the next smallest group is hidden too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
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
        With ``proposals`` and ``unplaced``.
    """
    outcome = {row["citizen_id"]: ("proposed", row["fit"]) for row in document["proposals"]}
    outcome.update({row["citizen_id"]: (row["cause"], 0) for row in document["unplaced"]})
    dimensions = []
    for dimension, rows in table.groupby("dimension", sort=True):
        stated = dict(zip(rows["citizen_id"].tolist(), rows["group"].tolist(), strict=True))
        groups: dict[str, list[tuple[str, int]]] = {}
        for citizen, what in outcome.items():
            groups.setdefault(stated.get(citizen, NOT_STATED), []).append(what)
        shown, hidden = masked({name: len(members) for name, members in groups.items()})
        dimensions.append(
            {
                "dimension": str(dimension),
                "groups": [_group(name, groups[name]) for name in shown],
                "hidden_groups": hidden,
            }
        )
    return {"smallest_group": SMALLEST, "dimensions": dimensions}


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
