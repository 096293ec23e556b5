"""The commands that look: `jobmatch whatif compare` and `jobmatch whatif frontier`."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.commands import Answering, OfTables, OnWeek, Solving, add_command
from matcher.errors import OptionError
from matcher.streams import spoken
from matcher.terminal import (
    day_of,
    print_json,
    solvers_quiet,
    tables_read,
)
from matcher.texts import Message, tell

if TYPE_CHECKING:
    from matcher.problem import Problem
    from scenarios.frontier import Front
    from scenarios.outcome import Outcome

MakeWeek = Callable[[Path, dt.date], Path]
"""Makes a made-up week in a folder and returns the folder."""


class Trade(StrEnum):
    """What placements are traded against."""

    fit = "fit"
    floor = "floor"
    cost = "cost"
    group = "group"


@dataclass(frozen=True, kw_only=True)
class Compare(Answering):
    """Compare stored results again: in another language, against another scenario, together."""

    results: Annotated[list[Path], typer.Argument(metavar="RESULTS...")]
    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("whatif")
    base: Annotated[str | None, typer.Option(metavar="NAME")] = None


@dataclass(frozen=True, kw_only=True)
class Frontier(OnWeek, OfTables, Solving, Answering):
    """Show what one goal costs another: placements against cost, fit, or a group's floor."""

    against: Annotated[list[Trade] | None, typer.Option("--against")] = None
    group: Annotated[list[str] | None, typer.Option("--group", metavar="COLUMN=VALUE")] = None
    points: Annotated[int, typer.Option(min=2, max=200)] = 9
    free_budgets: Annotated[bool, typer.Option("--free-budgets")] = False
    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("whatif")


def add_comparing(whatif: typer.Typer, make_week: MakeWeek) -> None:
    """Add the commands to `jobmatch whatif`."""
    add_command(whatif, "compare", Compare, _compare)
    add_command(whatif, "frontier", Frontier, partial(_frontier, make_week))


def _compare(asked: Compare) -> None:
    from matcher.report import need_page

    need_page()
    outcomes, fronts, made_up = _of_one_week(asked.results)
    show_comparison(
        list(outcomes.values()), asked.out / "comparison", language=asked.language,
        base=asked.base, fronts=fronts, made_up=made_up, as_json=asked.as_json,
    )  # fmt: skip


def _frontier(make_week: MakeWeek, asked: Frontier) -> None:
    from matcher.report import need_page
    from matcher.weekly import is_made_up
    from scenarios.progress import Progress

    need_page()
    trades = _trades(asked.against, asked.group)
    with Progress() as talk:
        problem, address = read_week(make_week, asked.data, asked, talk)
        _check_groups(problem, trades)
        with solvers_quiet(shown=asked.debug):
            outcome, fronts = _fronts(
                problem, trades, asked.points, talk,
                free_budgets=asked.free_budgets, seconds=asked.seconds,
            )  # fmt: skip
    show_comparison(
        [outcome], asked.out / "frontier", language=asked.language, fronts=fronts,
        made_up=is_made_up(address), as_json=asked.as_json,
    )  # fmt: skip


def read_week(
    make_week: MakeWeek, data: str | None, asked: OfTables, talk: Any
) -> tuple[Problem, str]:
    """Read the week that scenarios are laid over, and where it is from."""
    if data is None:
        talk.phase("make")
        folder = make_week(Path("aarhus-week"), day_of(asked.on))
        talk.note(Message("note.made_up", folder=str(folder)))
        data = str(folder)
    return tables_read(data, asked.on, asked.policy, asked.mapping, talk), data


def show_comparison(
    outcomes: Sequence[Outcome],
    place: Path,
    *,
    language: str,
    base: str | None = None,
    fronts: Sequence[Front] = (),
    made_up: bool = False,
    as_json: bool = False,
    target: Sequence[str] = (),
) -> Path:
    """Write a comparison into a folder of its own and say where its page is.

    Beside ``place``, with its name between the day and a digest of what the comparison shows: the
    same comparison has the same place, and another one never takes it.

    Returns
    -------
    Path
        The folder.
    """
    from matcher.streams import fitting
    from scenarios.compare import compare
    from scenarios.exports import comparison_document, comparison_frames, write_comparison
    from scenarios.page import answer_of

    comparison = compare(outcomes, base)
    digest = _digest_of(comparison.base.name, outcomes, fronts, language)
    folder = place.with_name(f"{comparison.base.date}-{place.name}-{digest}")
    written = write_comparison(
        outcomes, folder, language=language, base=base, fronts=fronts,
        made_up=made_up, target=target,
    )  # fmt: skip
    for notice in written.notices:
        typer.echo(notice, err=True)
    if as_json:
        frames = comparison_frames(comparison, fronts)
        document = comparison_document(comparison, frames, made_up=made_up)
        document |= {"target": list(target)} if target else {}
        print_json({"folder": str(folder), **document})
    else:
        said = answer_of(comparison, fronts, language)
        for line in (*said, *target, str(written["report"])):
            typer.echo(fitting(line, sys.stdout.encoding))
    return folder


def _digest_of(
    base: str, outcomes: Sequence[Outcome], fronts: Sequence[Front], language: str
) -> str:
    """Eight digits of language, outcomes and fronts; how long anything took does not count."""
    made_of = {
        "base": base,
        "language": language,
        "outcomes": [
            [one.name, one.status, one.reason, dict(one.digests), [asdict(t) for t in one.tiers]]
            for one in outcomes
        ],
        "fronts": [{**front.to_dict(), "seconds": 0} for front in fronts],
    }
    text = json.dumps(made_of, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()


def _of_one_week(results: Sequence[Path]) -> tuple[dict[str, Outcome], list[Front], bool]:
    """Read results and keep those of the newest week; a folder of many weeks is named whole."""
    from scenarios.exports import read_comparison

    read = [(path, *read_comparison(path)) for path in results]
    days = {path: found[0].date for path, found, _, _ in read if found}
    newest = max(days.values(), default="")
    outcomes: dict[str, Outcome] = {}
    fronts: list[Front] = []
    made_up = False
    for path, found, more, marked in read:
        if days.get(path) != newest:
            note = Message("note.other_week", path=str(path), day=days.get(path, ""), newest=newest)
            typer.echo(tell(note, spoken()), err=True)
            continue
        _join(outcomes, found, path)
        # A page that was made of others holds their curves again.
        known = [{**front.to_dict(), "seconds": 0} for front in fronts]
        fronts += [one for one in more if {**one.to_dict(), "seconds": 0} not in known]
        made_up |= marked
    return outcomes, fronts, made_up


def _join(outcomes: dict[str, Outcome], found: Sequence[Outcome], path: Path) -> None:
    """Put outcomes beside those there are; the same one twice is one."""
    for one in found:
        known = outcomes.setdefault(one.name, one)
        if not known.same_as(one) or known.digests != one.digests:
            raise OptionError(Message("compare.not_same", path=str(path), name=one.name))


def _trades(
    against: Sequence[Trade] | None, group: Sequence[str] | None
) -> list[tuple[Trade, tuple[str, str] | None]]:
    """Each curve that is asked for, with its group."""
    from matcher.objectives import group_goals, group_of

    groups: list[tuple[str, str]] = []
    for text in group or ():
        column, sign, value = text.partition("=")
        if not sign:
            raise OptionError(Message("compare.group", text=text))
        named, _ = group_goals(column.strip(), value.strip())
        goal = group_of(named)
        assert goal is not None
        groups.append(goal[:2])
    asked = list(dict.fromkeys(against)) if against else [Trade.cost, Trade.fit, Trade.floor]
    if groups and Trade.group not in asked:
        asked.append(Trade.group)
    if Trade.group in asked and not groups:
        raise OptionError(Message("compare.no_group"))
    none: list[tuple[str, str] | None] = [None]
    return [(trade, one) for trade in asked for one in (groups if trade is Trade.group else none)]


def _check_groups(problem: Problem, trades: Sequence[tuple[Trade, tuple[str, str] | None]]) -> None:
    """Refuse a group that nobody is in: a curve of it would be empty."""
    from matcher.objectives import group_goals, group_of

    for text in (group_goals(*group)[0] for _, group in trades if group):
        column, value, _ = group_of(text) or ("", "", True)
        cells = problem["citizens"][column].dropna().astype(str)
        if not (cells.str.lower() == value.lower()).any():
            raise OptionError(
                Message(
                    "compare.nobody",
                    column=column,
                    value=value,
                    known=tuple(cells.value_counts().index[:5]),
                )
            )


def _fronts(
    problem: Problem,
    trades: Sequence[tuple[Trade, tuple[str, str] | None]],
    points: int,
    talk: Any,
    *,
    free_budgets: bool,
    seconds: float | None,
) -> tuple[Outcome, list[Front]]:
    from matcher.solve import Options, solve
    from matcher.verify import ensure_verified
    from scenarios.compare import BASE
    from scenarios.frontier import frontier
    from scenarios.outcome import outcome_of
    from scenarios.sweep import base_titles

    options = Options(seconds=seconds)
    talk.phase(Message("phase.base"))
    solution = solve(problem, options)
    solution.plan.need_plan()
    ensure_verified(problem, solution.plan)
    fronts = []
    for trade, group in trades:
        talk.phase(Message(f"phase.trade_{trade.value}", group="=".join(group or ())))
        fronts.append(
            frontier(
                solution,
                trade.value,
                points=points,
                group=group,
                options=options,
                free_budgets=free_budgets and trade is Trade.cost,
                progress=talk.step,
            )
        )
    return outcome_of(solution, name=BASE, titles=base_titles()), fronts
