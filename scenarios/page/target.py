"""Whether the programme's target will be reached, on a page of scenarios."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.decisions import outlook, rates
from matcher.ledger import Ledger
from matcher.problem import Problem
from matcher.report import Words, chance_text, outlook_lines
from scenarios.outcome import Outcome

MOST_SHOWN = 6
"""Scenarios with a line of their own."""


def target_lines(
    problem: Problem, ledger: Ledger | None, outcomes: Sequence[Outcome], words: Words
) -> list[str]:
    """Say whether the target will be reached, and how far each scenario moves that, once.

    Parameters
    ----------
    problem
        The week as it is.
    ledger
        Where starts are on record. None: there is none, and the line says so.
    outcomes
        The week as it is first, then its scenarios; draws and grids are left out.
    """
    as_it_is = outlook(problem, ledger)
    lines = outlook_lines(as_it_is.to_dict(), words)
    if as_it_is.missing or ledger is None:
        return lines
    base, *others = outcomes
    begins = _accepted(problem, ledger)
    before = chance_text(as_it_is.to_dict(), words)
    moved = [
        (one, one.placed - base.placed)
        for one in others
        if not one.failed and not one.sweep and one.placed != base.placed
    ][:MOST_SHOWN]
    for one, more in moved:
        once = round(more * begins)
        after = outlook(problem, ledger, once=once).to_dict()
        lines.append(
            words(
                "outlook.scenario" if more > 0 else "outlook.scenario_fewer",
                name=one.title(words.language),
                more=words.whole(abs(more)),
                begin=words.whole(abs(once)),
                chance=chance_text(after, words),
                before=before,
            )
        )
    return [*lines, *([words("outlook.scenario_note")] if moved else [])]


def _accepted(problem: Problem, ledger: Ledger) -> float:
    """Share of proposals that are accepted, 0-1: the ledger's, or where little is known policy."""
    known = rates(ledger, problem.policy, problem.today)["acceptance"]
    if known is None:
        return problem.policy.declines.accepted_percent / 100
    return float(known["all"]["mean"])
