"""The week from Python: read it, solve it, look at it, ask why, run it.

What ``import matcher`` gives. Every function takes and gives records and pandas frames; nothing
goes by way of files unless :func:`run_week` writes them. ``docs/python.md`` walks through it.
"""

from __future__ import annotations

import html
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from matcher.again import Resolver
from matcher.errors import OptionError
from matcher.explain import bottlenecks as find_bottlenecks
from matcher.explain.citizen_explanation import CitizenExplanation, explain_one
from matcher.explain.citizen_sentences import citizen_parts
from matcher.explain.parts import Part
from matcher.explain.telling import Telling
from matcher.ledger import Ledger
from matcher.policy import load_policy
from matcher.problem import Problem
from matcher.records import TABLES, UNLIMITED
from matcher.rules import Language
from matcher.solve import Options, Solution, solve
from matcher.tables import TheirMapping, load_mapping, own_mapping, own_policy, read_problem
from matcher.terminal import address_of, day_of
from matcher.texts import Message
from matcher.weekly import FinishedRun, WeekOptions
from matcher.weekly import run_week as run_and_write

Source = str | Path | Mapping[str, pd.DataFrame]
"""A folder, a workbook, a database address, or frames by table name."""
Overlay = str | Path | Mapping[str, Any]
"""What to lay over the built-in policy, or a mapping: a TOML file or its content."""


def read_week(
    source: Source,
    *,
    on: str | None = None,
    policy: Overlay | None = None,
    mapping: Overlay | None = None,
) -> Problem:
    """Read a week from frames, or from wherever ``jobmatch run`` reads it.

    Parameters
    ----------
    source
        Frames by table name (``citizens``, ``openings`` ...), English or Danish, with columns of
        any type; or a folder, workbook or database address.
    on
        The day, ``2026-11-23``. None: today.
    policy
        What to lay over the built-in policy: a TOML file or its content. None: the policy of the
        folder, where it holds one.
    mapping
        What tables and columns of another system are in ours, as ``jobmatch map`` proposes it: a
        TOML file or its content. None: the mapping of the folder, where it holds one.

    Returns
    -------
    Problem
        The week. Rows that cannot be used are left out with a warning that says how many and why.

    Raises
    ------
    InputErrors
        The tables cannot be used; carries every issue.
    PolicyError, MappingError
        The policy or the mapping cannot be used.
    OptionError
        No such day or address.
    """
    today = day_of(on)
    rules = load_policy(today, _overlay(source, policy))
    mapped = _mapping(source, mapping)
    reading = read_problem(_address(source), rules, today, mapping=mapped)
    aside = sum(count.put_aside for count in reading.counts.values())
    if aside:
        first = "; ".join(str(issue.message) for issue in reading.errors[:3])
        warnings.warn(f"{aside} rows are left out: {first}", stacklevel=2)
    return reading.problem


def without_limits(table: str, /, **columns: Any) -> pd.DataFrame:
    """Make a frame of people who manage everything, or of jobs that ask for nothing.

    For examples and tests alone: a real table must say what protects a person.

    Parameters
    ----------
    table
        Name of the table, such as ``citizens``.
    **columns
        Columns by name: a list with a value for each row, or one value for all. They replace the
        values of :data:`matcher.records.UNLIMITED`.

    Raises
    ------
    OptionError
        No such table, or no column is a list.
    """
    if table not in TABLES:
        raise OptionError(Message("option.no_table", name=table, known=", ".join(TABLES)))
    lengths = {len(values) for values in columns.values() if isinstance(values, list)}
    if len(lengths) != 1:
        raise OptionError(Message("option.no_rows", name=table))
    (rows,) = lengths
    cells = {
        name: "none" if value in (None, ()) else value
        for name, value in UNLIMITED.get(table, {}).items()
    }
    return pd.DataFrame({**cells, **columns}, index=pd.RangeIndex(rows))


def solve_week(week: Problem, *, seconds: float | None = None, seed: int = 0) -> Solution:
    """Propose the best plan for a week.

    Parameters
    ----------
    week
        As :func:`read_week` gives it.
    seconds
        Stop after so many seconds with the best plan so far and an honest bound. None: no limit,
        and the answer repeats exactly.
    seed
        Seed of the optimiser.

    Returns
    -------
    Solution
        Its ``plan`` is the answer: ``plan.to_frame()``, ``plan.summary()``.

    Raises
    ------
    ClashError
        Locks or floors contradict each other; the message names them.
    """
    solution = solve(week, Options(seconds=seconds, seed=seed))
    solution.plan.need_no_clash()
    return solution


@dataclass(frozen=True)
class Explanation:
    """Why a citizen has this proposal, or none: facts first, the sentences made from them."""

    facts: CitizenExplanation
    parts: tuple[Part, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as plain values, as ``jobmatch explain --json`` prints them."""
        return asdict(self.facts)

    def __str__(self) -> str:
        """Return the sentences, part by part."""
        return "\n\n".join(
            "\n".join([*filter(None, [part.heading]), *part.lines]) for part in self.parts
        )

    def _repr_html_(self) -> str:
        return "".join(
            f"<h4>{html.escape(part.heading)}</h4>"
            f"<ul>{''.join(f'<li>{html.escape(line)}</li>' for line in part.lines)}</ul>"
            for part in self.parts
        )


def explain_citizen(
    solution: Solution,
    citizen: str,
    *,
    opening: str | None = None,
    alternatives: int = 3,
    language: Language = "en",
    teams: Collection[str] | None = None,
) -> Explanation:
    """Say why a citizen has this proposal, or none; why not another; and what would help.

    Parameters
    ----------
    solution
        As :func:`solve_week` gives it, with a plan.
    citizen
        Id of the citizen.
    opening
        Why not this one: every rule that fails, or what it would cost and who would move.
    alternatives
        Alternatives to a proposal at most, each with its exact cost.
    language
        ``en`` or ``da``.
    teams
        Teams whose citizens are named where somebody moves. None: all.

    Raises
    ------
    OptionError
        No such citizen or opening.
    NoPlanError
        The solution has no plan.
    """
    told = explain_one(_asked(solution), citizen, opening, alternatives=alternatives)
    return Explanation(told, citizen_parts(told, Telling(solution.problem, language, teams)))


def scarce_resources(solution: Solution, *, most: int = 25) -> pd.DataFrame:
    """Say what is scarce: the price of each resource and the exact gain of 1, 5 and 20 more.

    Parameters
    ----------
    solution
        As :func:`solve_week` gives it, with a plan.
    most
        Resources solved for, those with the highest prices.

    Returns
    -------
    pandas.DataFrame
        One row for each resource and step.

    Raises
    ------
    NoPlanError
        The solution has no plan.
    """
    rows: list[dict[str, Any]] = []
    for found in find_bottlenecks(_asked(solution), most=most):
        facts = asdict(found)
        gains: Sequence[Mapping[str, Any]] = facts.pop("gains")
        rows += [{**facts, **gain} for gain in gains]
    return pd.DataFrame(rows)


def run_week(
    source: Source,
    out: str | Path = "runs",
    *,
    on: str | None = None,
    policy: Overlay | None = None,
    mapping: Overlay | None = None,
    ledger: str | Path | None = None,
    explain: bool = False,
    language: Language = "en",
) -> FinishedRun:
    """Run a week as ``jobmatch run`` does: read, match, verify, explain, write, store.

    Parameters
    ----------
    source, on, policy, mapping
        As for :func:`read_week`.
    out
        Folder that the run folder is made in.
    ledger
        Where runs are stored: a file or a database address. None: nowhere but in the folder.
    explain
        Whether to solve the week again for how sure each proposal is and what would help.
    language
        Of report and tables, ``en`` or ``da``.

    Raises
    ------
    InputErrors, PolicyError, MappingError, OptionError, ClashError, NoPlanError, LedgerError
        As the command says them.
    """
    today = day_of(on)
    rules = load_policy(today, _overlay(source, policy))
    mapped = _mapping(source, mapping)
    options = WeekOptions(language=language, explain=explain)
    if ledger is None:
        return run_and_write(_address(source), Path(out), rules, today, options, mapping=mapped)
    with Ledger.open(ledger) as opened:
        return run_and_write(
            _address(source), Path(out), rules, today, options, ledger=opened, mapping=mapped
        )


def _address(source: Source) -> str | Path | Mapping[str, pd.DataFrame]:
    return source if isinstance(source, Mapping) else address_of(str(source))


def _overlay(source: Source, policy: Overlay | None) -> Path | Mapping[str, Any] | None:
    if policy is not None:
        return policy if isinstance(policy, Mapping) else Path(policy)
    return None if isinstance(source, Mapping) else own_policy(source)


def _mapping(source: Source, mapping: Overlay | None) -> TheirMapping | None:
    if mapping is None and not isinstance(source, Mapping):
        mapping = own_mapping(source)
    if mapping is None:
        return None
    return load_mapping(mapping if isinstance(mapping, Mapping) else Path(mapping))


def _asked(solution: Solution) -> Resolver:
    solution.plan.need_plan()
    return Resolver(solution)
