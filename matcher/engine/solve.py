"""The one verb of the engine: reads as the recipe."""

from threading import Event

import numpy as np

from matcher.engine.answer import (
    Answer,
    InfeasibleSubset,
    Limit,
    Losses,
    StopReason,
    Termination,
    TierAnswer,
)
from matcher.engine.context import Context
from matcher.engine.errors import BackendError
from matcher.engine.method.direct import Found, solve_directly
from matcher.engine.method.flow import solve_by_flow
from matcher.engine.method.infeasible_subset import find_infeasible_subset
from matcher.engine.method.presolve import Reduced, presolve
from matcher.engine.method.price_method import solve_by_prices
from matcher.engine.options import Observer, Options, Start
from matcher.engine.program import Int64, Program

__all__ = ["solve"]

_SMALL = 1_500


def solve(
    program: Program,
    options: Options | None = None,
    *,
    start: Start | None = None,
    observer: Observer | None = None,
    cancel: Event | None = None,
) -> Answer:
    """Choose columns, tier by tier, within the rows.

    Parameters
    ----------
    program
        What to solve.
    options
        Limits, seed, workers, method; the default repeats exactly and proves the optimum where
        it can within its deterministic limits.
    start
        Prices and selection of an earlier, similar solve; changes the time, not the optimum.
    observer
        Hears of phases, selections and bounds as they come.
    cancel
        Set it from another thread to stop; the best selection so far is returned.

    Returns
    -------
    Answer
        Selection, value and bound per tier, what was proven, and why it stopped. An infeasible
        program is an answer, not an error.

    Raises
    ------
    ArithmeticRangeError
        When the numbers are too large to be summed exactly.
    BackendError
        When a solver contradicts itself.
    """
    options = options or Options()
    context = Context(options, observer or Observer(), cancel)
    context.observer.on_start(program, options)
    with context.phase("reduce"):
        reduced, contradiction = presolve(program)
    if reduced is None:
        found, method = None, "reduce"
    else:
        context.settled = tuple(program.gains[:, reduced.settled].sum(axis=1).tolist())
        context.signs = tuple(1 if maximise else -1 for maximise in program.senses)
        found, method = _dispatch(program, reduced, context, start)
    subset = InfeasibleSubset()
    if found is None or found.infeasible:
        with context.phase("clash"):
            subset = find_infeasible_subset(program, context)
    answer = _answer(program, reduced, found, context, method, contradiction, subset)
    for tier, told in enumerate(answer.tiers):
        if told.achieved is not None and told.bound is not None:
            context.observer.on_tier(tier, told.achieved, told.bound)
    context.observer.on_end(answer)
    return answer


def _dispatch(
    program: Program, reduced: Reduced, context: Context, start: Start | None
) -> tuple[Found, str]:
    """Choose the method by shape and size; say so in the answer's steps."""
    wanted = context.options.method
    if wanted in ("auto", "flow"):
        flow = solve_by_flow(reduced, context)
        if flow is not None:
            return flow, "flow"
        if wanted == "flow":
            context.say("the rows do not form a network: flow not possible")
    if wanted == "direct" or (wanted == "auto" and reduced.n <= _SMALL):
        return solve_directly(reduced, context, start), "direct"
    found = solve_by_prices(program, reduced, context, start)
    if found is not None:
        return found, "search" if wanted == "search" else "prices"
    context.say("no selection by prices: all columns to the integer solver")
    return solve_directly(reduced, context, start), "direct"


def _answer(
    program: Program,
    reduced: Reduced | None,
    found: Found | None,
    context: Context,
    method: str,
    contradiction: str,
    subset: InfeasibleSubset,
) -> Answer:
    """Put the answer together in the caller's columns and senses, values summed afresh."""
    prices = np.zeros((program.n_tiers, program.n_rows)) if found is None else found.prices
    senses = np.where(np.array(program.senses), 1.0, -1.0)[:, None]

    def pricer() -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.asarray((prices() if callable(prices) else prices) * senses)

    selection: Int64 | None = None
    if reduced is not None and found is not None and found.chosen is not None:
        selection = np.sort(np.concatenate((reduced.origin[found.chosen], reduced.settled)))
        _check(program, selection)
    tiers = _tiers(program, reduced, found, selection)
    return Answer(
        program=program,
        termination=_termination(found, selection, tiers, context, contradiction),
        tiers=tiers,
        chosen=selection,
        infeasible_subset=subset,
        method=method,
        steps=tuple(context.steps),
        phase_times=context.times,
        counts=context.counts,
        pricer=pricer,
        losses=None if reduced is None or found is None else _losses(program, reduced, found),
        warm_start=None if found is None else found.warm_start,
    )


def _losses(program: Program, reduced: Reduced, found: Found) -> Losses | None:
    """Return losses in the program's own columns; fixed ones lose nothing."""
    if found.losses is None or not all(program.senses[:2]):
        return None
    bound, of_core, weight = found.losses
    loss = np.full(program.n_columns, np.inf)
    loss[reduced.origin] = of_core
    loss[reduced.settled] = 0.0
    settled = weight * program.gains[0] + program.gains[1]
    return Losses(weight, bound + float(settled[reduced.settled].sum()), loss)


def _check(program: Program, selection: Int64) -> None:
    """Check a selection against the caller's own program, whatever method it came from."""
    count = np.bincount(program.group[selection], minlength=program.n_groups)
    picked = program.uses[:, selection].tocsr()
    used = np.asarray(picked.sum(axis=1)).reshape(-1) if selection.size else 0
    legal = bool(
        (count <= 1).all()
        and (used <= program.upper).all()
        and (used >= program.lower_sides).all()
        and (program.exactly_one is None or (count[program.exactly_one] == 1).all())
        and (program.fixed is None or np.isin(program.fixed, selection).all())
        and (program.forbidden is None or not np.isin(program.forbidden, selection).any())
    )
    if not legal:
        message = f"the selection is not legal for program {program.digest()}."
        raise BackendError(message)


def _tiers(
    program: Program, reduced: Reduced | None, found: Found | None, selection: Int64 | None
) -> tuple[TierAnswer, ...]:
    answers, proven = [], selection is not None
    for tier, maximise in enumerate(program.senses):
        gain = program.gains[tier]
        bound = None
        if reduced is not None and found is not None and found.bounds[tier] is not None:
            settled = int(gain[reduced.settled].sum())
            bound = settled + (found.bounds[tier] or 0) * (1 if maximise else -1)
        value = None if selection is None else int(gain[selection].sum())
        proven = proven and value == bound
        answers.append(TierAnswer(maximise, bound, value, proven))
    return tuple(answers)


def _termination(
    found: Found | None,
    selection: Int64 | None,
    tiers: tuple[TierAnswer, ...],
    context: Context,
    contradiction: str,
) -> Termination:
    if found is None or found.infeasible:
        detail = contradiction or "No selection satisfies all rows and groups."
        return Termination(StopReason.INFEASIBLE, detail=detail)
    if selection is None:
        return Termination(StopReason.NO_SOLUTION, context.limit(), "No selection found in time.")
    if all(tier.proven for tier in tiers):
        return Termination(StopReason.OPTIMAL, detail="Every tier is proven.")
    tier = next(index for index, tier in enumerate(tiers) if not tier.proven)
    limit = context.limit()
    if limit is Limit.WORK and tiers[tier].gap <= context.options.gap:
        limit = Limit.GAP
    detail = f"Tier {tier} stopped at a gap of {100 * tiers[tier].gap:.4f} %."
    return Termination(StopReason.FEASIBLE, limit, detail)
