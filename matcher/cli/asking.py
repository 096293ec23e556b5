"""Commands that ask for something: a target with its cheapest levers, calls to make."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.explaining import Explaining, solved
from matcher.commands import add_command
from matcher.terminal import print_json, say

if TYPE_CHECKING:
    from matcher.explain.targets import Target, WayToTarget
    from matcher.explain.telling import Telling


@dataclass(frozen=True, kw_only=True)
class AskTarget(Explaining):
    """Ask for a target: the cheapest levers for so many placements, or the most for some money."""

    placements: Annotated[int | None, typer.Option("--placements", min=0)] = None
    money: Annotated[int | None, typer.Option("--money", metavar="DKK", min=0)] = None
    lever: Annotated[list[str] | None, typer.Option("--lever", metavar="NAME")] = None


@dataclass(frozen=True, kw_only=True)
class AskCalls(Explaining):
    """Say which employers to call: what to ask each for, what it brings, added up."""

    most: Annotated[int, typer.Option("--most", min=1, max=100)] = 10


def add_asking(app: typer.Typer) -> None:
    """Add the commands to the application."""
    add_command(app, "target", AskTarget, _target)
    add_command(app, "calls", AskCalls, _calls)


def _target(asked: AskTarget) -> None:
    from matcher.explain.targets import check_target, target

    with solved(
        asked,
        lambda week: check_target(week.policy, asked.placements, asked.money, asked.lever),
    ) as (resolver, in_language):
        found = target(resolver, placements=asked.placements, money=asked.money, levers=asked.lever)
    if asked.as_json:
        print_json(dataclasses.asdict(found))
        return
    say("\n".join(target_lines(found, in_language(asked.language))))


def _calls(asked: AskCalls) -> None:
    from matcher.explain.calls import calls

    with solved(asked) as (resolver, in_language):
        found = calls(resolver, asked.most)
    if asked.as_json:
        print_json(dataclasses.asdict(found))
        return
    telling = in_language(asked.language)
    lines = [telling.calls(found)]
    lines += [f"{at:>3}. {telling.call(one)}" for at, one in enumerate(found.calls, start=1)]
    say("\n".join(lines))


def target_lines(found: Target, telling: Telling) -> list[str]:
    """Say an answer to a target in lines."""
    lines = [telling.target(found)]
    if not found.best.pulls:
        return lines
    lines += _levers(found.best, telling)
    if found.runner_up is None:
        return [*lines, "", telling("target.no_runner_up")]
    head = telling("target.ties", cost=telling.whole(found.runner_up.cost)) if found.ties else (
        telling("target.runner_up", cost=telling.whole(found.runner_up.cost),
                more=telling.whole(found.runner_up.cost - found.best.cost))
    )  # fmt: skip
    lines += ["", head, *_levers(found.runner_up, telling)]
    if not found.runner_up.proven:
        lines.append(telling("target.not_proven", cost=telling.whole(found.runner_up.cost_bound)))
    return lines


def _levers(way: WayToTarget, telling: Telling) -> list[str]:
    return [f"  - {line}" for line in telling.pulls(way.pulls)]
