"""Two runs held against each other, and a run against itself made anew.

A difference has a direction: after minus before, only what changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from matcher import engine
from matcher.errors import LedgerError
from matcher.ledger.privacy import TOKEN
from matcher.ledger.records import Proposal, Resource, Run
from matcher.ledger.store import Ledger
from matcher.plan import Plan
from matcher.problem import Problem
from matcher.solve import solve
from matcher.tables import read_problem
from matcher.texts import Message
from matcher.verify import ensure_verified

_TOTALS = ("citizens", "placed", "unplaced")
_SUPPORTS = ("measure", "team_id", "pool_id", "mentor_minutes", "course_ids", "minutes", "start")
_MADE = (
    "citizen_id", "opening_id", *_SUPPORTS, "commute", "fit", "components", "cost", "locked",
)  # fmt: skip
"""Fields of a proposal that making a run again must give again."""


@dataclass(frozen=True)
class Left:
    """A proposal of before that has no successor."""

    proposal: Proposal
    cause: str | None
    """Why the citizen is left over now; None: no longer among the citizens of the week."""


@dataclass(frozen=True)
class Change:
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
    moved: tuple[Change, ...]
    """Proposals at another opening."""
    changed: tuple[Change, ...]
    """Proposals at the same opening under another measure, support, start or hours."""
    kept: int
    """Proposals that are the same."""
    counts: Mapping[str, int]
    """Of the run after: proposals ``new``, ``kept`` at the opening they had before and ``locked``,
    and citizens ``running`` already; each once."""
    scarce: tuple[Change, ...]
    """Resources used up now that were not (``before`` None: not there)."""
    eased: tuple[Change, ...]
    """Resources used up before that are not now (``after`` None: no longer there)."""
    forgotten: int
    """Proposals of either run whose citizen is forgotten: they cannot be compared."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        content = asdict(self)
        content |= {"before": self.before.run_id, "after": self.after.run_id}
        return {"schema_version": 1, **content}


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
    moved = [Change(*pair) for pair in both if pair[0].opening_id != pair[1].opening_id]
    stayed = [pair for pair in both if pair[0].opening_id == pair[1].opening_id]
    changed = [
        Change(old, new)
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
        old, new = before.value(tier["name"]), after.value(tier["name"])
        if old is not None and new is not None:
            changes[tier["name"]] = new - old
    return {name: change for name, change in changes.items() if change}


def _scarcity(
    ledger: Ledger, before: Run, after: Run
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Resources that became binding, and those that no longer are, dearest first."""
    old, new = (
        {(one.rule, one.key): one for one in ledger.resources(run.run_id)}
        for run in (before, after)
    )

    def binds(rows: Mapping[tuple[str, str], Resource], key: tuple[str, str]) -> bool:
        return key in rows and rows[key].binding

    scarce = [Change(old.get(key), new[key]) for key in new if binds(new, key) > binds(old, key)]
    eased = [Change(old[key], new.get(key)) for key in old if binds(old, key) > binds(new, key)]
    scarce.sort(key=lambda one: (-(one.after.price or 0), one.after.rule, one.after.key))
    eased.sort(key=lambda one: (-(one.before.price or 0), one.before.rule, one.before.key))
    return tuple(scarce), tuple(eased)


# ------------------------------------------------------------------------------ made again


@dataclass(frozen=True)
class Remade:
    """A stored run made again."""

    run: Run
    differences: tuple[str, ...]
    """What came out differently, a sentence each; empty: nothing."""
    versions: Mapping[str, tuple[str, str]]
    """Programs whose version is another now: then and now."""
    timed: bool
    """Whether the run had a time limit, so that another outcome is no fault."""

    @property
    def same(self) -> bool:
        """Whether the same plan came out."""
        return not self.differences

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "schema_version": 1,
            "run_id": self.run.run_id,
            "same": self.same,
            "differences": list(self.differences),
            "versions": {name: list(pair) for name, pair in self.versions.items()},
            "time_limit": self.timed,
        }


def remake(ledger: Ledger, run_id: str, data: str | Path | None = None) -> Remade:
    """Make a stored run again from its input, check the plan, and hold it against what is stored.

    Parameters
    ----------
    data
        Address of the tables, where the ledger no longer has them; they must be the very same.

    Raises
    ------
    LedgerError
        The input was not kept, or is no longer what it was; the message says why and what to try.
    InternalError
        The plan that came out breaks a rule.
    """
    run = ledger.run(run_id)
    problem = ledger.problem(run.run_id) if data is None else _from_tables(ledger, run, data)
    if problem.digest() != run.input_digest:
        raise LedgerError(
            Message(
                "ledger.other_digest",
                run=run.run_id,
                now=problem.digest(),
                then=run.input_digest,
                version=run.versions.get("jobmatch") or Message("ledger.another"),
            )
        )
    solution = solve(problem, _options(run))
    plan = solution.plan
    if plan.has_plan:
        ensure_verified(problem, plan)
    now = plan.provenance["versions"]
    versions = {
        name: (str(then), str(now.get(name, "none")))
        for name, then in run.versions.items()
        if then != now.get(name)
    }
    return Remade(
        run,
        tuple(_differences(ledger, run, plan)),
        versions,
        timed=run.options.get("seconds") is not None,
    )


def _from_tables(ledger: Ledger, run: Run, data: str | Path) -> Problem:
    """Read the tables again under the stored policy."""
    problem = read_problem(data, ledger.policy(run.run_id), run.day).problem
    if problem.digest() != run.input_digest:
        raise LedgerError(
            Message(
                "ledger.other_tables",
                data=str(data),
                run=run.run_id,
                now=problem.digest(),
                then=run.input_digest,
            )
        )
    return problem


def _options(run: Run) -> engine.Options:
    default = asdict(engine.Options())
    parts = {name: value for name, value in run.options.items() if isinstance(value, Mapping)}
    unknown = sorted(set(run.options) - set(default))
    unknown += sorted(
        f"{part}.{name}"
        for part, value in parts.items()
        if isinstance(default.get(part), Mapping)
        for name in set(value) - set(default[part])
    )
    if unknown:
        raise LedgerError(
            Message(
                "ledger.unknown_options",
                run=run.run_id,
                names=tuple(unknown),
                version=run.versions.get("jobmatch") or Message("ledger.unknown"),
            )
        )
    return TypeAdapter(engine.Options).validate_python(run.options)


def _differences(ledger: Ledger, run: Run, plan: Plan) -> list[Message]:
    """Tell what is not as stored: goals first, then proposals by citizen."""
    told: list[Message] = []
    if plan.termination != run.termination:
        told.append(Message("remade.stopped", now=plan.termination, then=run.termination))
    stored_tiers = {tier["name"]: tier for tier in run.tiers}
    for tier in plan.tiers:
        stored = stored_tiers.get(tier.name, {})
        if plan.has_plan and tier.value != stored.get("value"):
            told.append(
                Message(
                    "remade.tier",
                    name=Message(f"tier.{tier.name}"),
                    now=tier.value,
                    then=stored.get("value"),
                )
            )
    proposals = {one.citizen_id: one for one in ledger.proposals(run.run_id)}
    made = {one.citizen_id: one for one in plan.placements}
    for citizen in sorted({*proposals, *made}):
        if citizen not in made:
            told.append(Message("remade.gone", citizen=citizen, then=proposals[citizen].opening_id))
        elif citizen not in proposals:
            told.append(Message("remade.new", citizen=citizen, now=made[citizen].opening_id))
        else:
            told += [
                Message(
                    "remade.value",
                    citizen=citizen,
                    name=Message(f"proposal_field.{name}"),
                    now=now,
                    then=then,
                )
                for name in _MADE
                if (now := _plain(getattr(made[citizen], name)))
                != (then := _plain(getattr(proposals[citizen], name)))
            ]
    return told


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
