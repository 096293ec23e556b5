"""The commands that look: `jobmatch whatif compare` and `jobmatch whatif frontier`."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.errors import OptionError
from matcher.streams import spoken
from matcher.terminal import (
    DebugOption,
    JsonOption,
    Lang,
    LangOption,
    OnOption,
    PolicyOption,
    errors_shown,
    print_json,
    solvers_quiet,
)
from matcher.texts import Message, tell

if TYPE_CHECKING:
    from matcher.problem import Problem
    from scenarios.frontier import Front
    from scenarios.outcome import Outcome

ReadWeek = Callable[..., "tuple[Problem, Any, str]"]
"""Reads the week of ``DATA``, ``--on`` and ``--policy``, telling a talk."""


class Trade(StrEnum):
    """What placements are traded against."""

    fit = "fit"
    floor = "floor"
    cost = "cost"
    group = "group"


OutOption = Annotated[Path, typer.Option("--out", metavar="DIR")]
WeekArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="DATA",
    ),
]


def add_comparing(whatif: typer.Typer, read_week: ReadWeek) -> None:
    """Add the commands to `jobmatch whatif`."""

    @whatif.command("compare")
    def compare_(
        results: Annotated[
            list[Path],
            typer.Argument(metavar="RESULTS..."),
        ],
        out: OutOption = Path("whatif"),
        base: Annotated[str | None, typer.Option(metavar="NAME")] = None,
        lang: LangOption = Lang.en,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:
        """Compare stored results again: in another language, against another scenario, together."""
        with errors_shown(debug, as_json=as_json):
            from matcher.report import need_page

            need_page()
            outcomes, fronts, made_up = _of_one_week(results)
            show_comparison(
                list(outcomes.values()), out, "comparison", language=lang.value, base=base,
                fronts=fronts, made_up=made_up, as_json=as_json,
            )  # fmt: skip

    @whatif.command("frontier")
    def frontier_(
        data: WeekArgument = None,
        against: Annotated[
            list[Trade] | None,
            typer.Option(
                "--against",
                ),
        ] = None,
        group: Annotated[
            list[str] | None,
            typer.Option(
                "--group", metavar="COLUMN=VALUE",
                ),
        ] = None,
        points: Annotated[int, typer.Option(min=2, max=200)] = 9,
        free_budgets: Annotated[
            bool, typer.Option("--free-budgets")
        ] = False,
        out: OutOption = Path("whatif"),
        on: OnOption = None,
        policy: PolicyOption = None,
        seconds: Annotated[
            float | None,
            typer.Option(),
        ] = None,
        lang: LangOption = Lang.en,
        as_json: JsonOption = False,
        debug: DebugOption = False,
    ) -> None:  # fmt: skip
        """Show what one goal costs another: placements against cost, fit, or a group's floor."""
        with errors_shown(debug, as_json=as_json):
            from matcher.report import need_page
            from scenarios.progress import Progress

            need_page()
            trades = _trades(against, group)
            with Progress() as talk:
                problem, _, address = read_week(data, on, policy, talk)
                _check_groups(problem, trades)
                with solvers_quiet(shown=debug):
                    outcome, fronts = _fronts(
                        problem, trades, points, talk,
                        free_budgets=free_budgets, seconds=seconds,
                    )  # fmt: skip
            from matcher.weekly import is_made_up

            show_comparison(
                [outcome], out, "frontier", language=lang.value, fronts=fronts,
                made_up=is_made_up(address), as_json=as_json,
            )  # fmt: skip


def show_comparison(
    outcomes: Sequence[Outcome],
    out: Path,
    label: str,
    *,
    language: str,
    base: str | None = None,
    fronts: Sequence[Front] = (),
    made_up: bool = False,
    as_json: bool = False,
) -> Path:
    """Write a comparison into a folder of its own and say where its page is.

    The folder's name is the day, the label and a digest of what the page shows, so that the same
    comparison has the same place, and another one never takes it.

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
    folder = out / f"{comparison.base.date}-{label}-{digest}"
    written = write_comparison(
        outcomes, folder, language=language, base=base, fronts=fronts,
        made_up=made_up,
    )  # fmt: skip
    for notice in written.notices:
        typer.echo(notice, err=True)
    if as_json:
        frames = comparison_frames(comparison, fronts)
        document = comparison_document(comparison, frames, made_up=made_up)
        print_json({"folder": str(folder), **document})
    else:
        said = answer_of(comparison, fronts, language)
        for line in (*said, str(written["report"])):
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
    from matcher.aims import group_goals, group_of

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
    from matcher.aims import group_goals, group_of

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
