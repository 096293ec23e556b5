"""Two runs held against each other.

A difference has a direction: after minus before, only what changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from matcher.ledger.privacy import TOKEN
from matcher.ledger.records import Proposal, Run
from matcher.ledger.store import Ledger
from matcher.plan import Row

_TOTALS = ("citizens", "placed", "unplaced")
_SUPPORTS = ("measure", "team_id", "pool_id", "mentor_minutes", "course_ids", "minutes", "start")


@dataclass(frozen=True)
class Left:
    """A proposal of before that has no successor."""

    proposal: Proposal
    cause: str | None
    """Why the citizen is left over now; None: no longer among the citizens of the week."""


@dataclass(frozen=True)
class BeforeAfter:
    """One thing before and after."""

    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """After minus before."""

    before: Run
    after: Run
    totals: Mapping[str, int]
    """Change of citizens, placed, unplaced, and of each goal's value; only what changed."""
    same_input: bool
    came: tuple[Proposal, ...]
    """Proposals for citizens who had none."""
    left: tuple[Left, ...]
    """Proposals of citizens who have none now."""
    moved: tuple[BeforeAfter, ...]
    """Proposals at another opening."""
    changed: tuple[BeforeAfter, ...]
    """Proposals at the same opening under another measure, support, start or hours."""
    kept: int
    """Proposals that are the same."""
    counts: Mapping[str, int]
    """Of the run after: proposals ``new``, ``kept`` at the opening they had before and ``locked``,
    and citizens ``running`` already; each once."""
    scarce: tuple[BeforeAfter, ...]
    """Resources used up now that were not (``before`` None: not there)."""
    eased: tuple[BeforeAfter, ...]
    """Resources used up before that are not now (``after`` None: no longer there)."""
    forgotten: int
    """Proposals of either run whose citizen is forgotten: they cannot be compared."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        content = asdict(self)
        runs = {"before": self.before.run_id, "after": self.after.run_id}
        for name in ("scarce", "eased"):
            content[name] = [
                {when: _row(getattr(one, when), run_id) for when, run_id in runs.items()}
                for one in getattr(self, name)
            ]
        content |= runs
        return {"schema_version": 1, **content}


def _row(row: Row | None, run_id: str) -> dict[str, Any] | None:
    return None if row is None else {"run_id": run_id, **row.to_dict()}


def difference(ledger: Ledger, before: str, after: str) -> Difference:
    """Hold two runs against each other.

    Raises
    ------
    LedgerError
        There is no such run.
    """
    runs = ledger.run(before), ledger.run(after)
    every = [ledger.proposals(run.run_id) for run in runs]
    named = [
        {one.citizen_id: one for one in part if not one.citizen_id.startswith(TOKEN)}
        for part in every
    ]
    causes = {one.citizen_id: one.cause for one in ledger.unplaced(runs[1].run_id)}
    both = [(named[0][citizen], named[1][citizen]) for citizen in named[0] if citizen in named[1]]
    moved = [BeforeAfter(*pair) for pair in both if pair[0].opening_id != pair[1].opening_id]
    stayed = [pair for pair in both if pair[0].opening_id == pair[1].opening_id]
    changed = [
        BeforeAfter(old, new)
        for old, new in stayed
        if any(getattr(old, name) != getattr(new, name) for name in _SUPPORTS)
    ]
    scarce, eased = _scarcity(ledger, *runs)
    return Difference(
        before=runs[0],
        after=runs[1],
        totals=_totals(*runs),
        same_input=runs[0].input_digest == runs[1].input_digest,
        came=tuple(one for citizen, one in named[1].items() if citizen not in named[0]),
        left=tuple(
            Left(one, causes.get(citizen))
            for citizen, one in named[0].items()
            if citizen not in named[1]
        ),
        moved=tuple(moved),
        changed=tuple(changed),
        kept=len(stayed) - len(changed),
        counts=_counts(every[1], stayed, causes_of=runs[1]),
        scarce=scarce,
        eased=eased,
        forgotten=sum(map(len, every)) - sum(map(len, named)),
    )


def _counts(
    after: Sequence[Proposal], stayed: Sequence[tuple[Proposal, Proposal]], causes_of: Run
) -> dict[str, int]:
    locked = sum(one.locked for one in after)
    kept = sum(not new.locked for _, new in stayed)
    return {
        "new": len(after) - locked - kept,
        "kept": kept,
        "locked": locked,
        "running": causes_of.causes.get("already_placed", 0),
    }


def _totals(before: Run, after: Run) -> dict[str, int]:
    changes = {name: getattr(after, name) - getattr(before, name) for name in _TOTALS}
    for tier in after.tiers[:2]:  # the tie-break says nothing to people
        old, new = before.value(tier.name), after.value(tier.name)
        if old is not None and new is not None:
            changes[tier.name] = new - old
    return {name: change for name, change in changes.items() if change}


def _scarcity(
    ledger: Ledger, before: Run, after: Run
) -> tuple[tuple[BeforeAfter, ...], tuple[BeforeAfter, ...]]:
    """Resources that became binding, and those that no longer are, dearest first."""
    old, new = ({one.name: one for one in ledger.resources(run.run_id)} for run in (before, after))

    def binds(rows: Mapping[str, Row], key: str) -> bool:
        return key in rows and rows[key].binding

    scarce = [
        BeforeAfter(old.get(key), new[key]) for key in new if binds(new, key) > binds(old, key)
    ]
    eased = [
        BeforeAfter(old[key], new.get(key)) for key in old if binds(old, key) > binds(new, key)
    ]
    scarce.sort(key=lambda one: (-(one.after.price or 0), one.after.rule, one.after.key))
    eased.sort(key=lambda one: (-(one.before.price or 0), one.before.rule, one.before.key))
    return tuple(scarce), tuple(eased)
