"""A stored run made again from its input, checked, and held against what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from matcher.errors import LedgerError
from matcher.ledger import Ledger, Run
from matcher.plan import Placement, Plan
from matcher.problem import Problem
from matcher.solve import Options, solve
from matcher.tables import read_problem
from matcher.texts import Message
from matcher.verify import ensure_verified


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
    solution = solve(input_of(ledger, run, data), options_of_run(run))
    plan = solution.plan
    if plan.has_plan:
        ensure_verified(solution.problem, plan)
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
        timed=run.options.get("seconds") is not None or run.engine.get("limit") == "cancelled",
    )


def input_of(ledger: Ledger, run: Run, data: str | Path | None = None) -> Problem:
    """Return the input of a stored run, under the policy it was made under.

    Parameters
    ----------
    data
        As :func:`remake`.

    Raises
    ------
    LedgerError
        As :func:`remake`.
    """
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
    return problem


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


def options_of_run(run: Run) -> Options:
    """Return the engine's options of a stored run.

    Raises
    ------
    LedgerError
        It has options that this version does not know.
    """
    default = asdict(Options())
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
    return TypeAdapter(Options).validate_python(run.options)


def _differences(ledger: Ledger, run: Run, plan: Plan) -> list[Message]:
    """Tell what is not as stored: goals first, then proposals by citizen."""
    told: list[Message] = []
    if plan.termination != run.termination:
        told.append(Message("remade.stopped", now=plan.termination, then=run.termination))
    told += [
        Message("remade.tier", name=Message(f"tier.{tier.name}"), now=tier.value, then=then)
        for tier in plan.tiers
        if plan.has_plan and tier.value != (then := run.value(tier.name))
    ]
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
                for name in (field.name for field in fields(Placement))
                if (now := _plain(getattr(made[citizen], name)))
                != (then := _plain(getattr(proposals[citizen], name)))
            ]
    return told


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value
