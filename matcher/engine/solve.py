"""The one verb of the engine: reads as the recipe."""

from threading import Event

import numpy as np
import numpy.typing as npt

from matcher.engine.answer import Answer, Limit, Losses, StopReason, Termination, TierAnswer
from matcher.engine.context import Context
from matcher.engine.errors import ArithmeticRangeError
from matcher.engine.method.claims import check_selection
from matcher.engine.method.closing import close
from matcher.engine.method.direct import solve_directly
from matcher.engine.method.flow import solve_by_flow
from matcher.engine.method.infeasible_subset import find_infeasible_subset
from matcher.engine.method.presolve import Found, Reduced, presolve, value_of
from matcher.engine.method.price_method import solve_by_prices
from matcher.engine.options import Observer, Options, Start
from matcher.engine.program import Int64, Program

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
        answer = _infeasible(program, context, "reduce", contradiction)
    else:
        context.presolved(program, reduced.settled)
        try:
            found, method = _run_method(reduced, context, start)
        finally:
            context.close()
        if found.infeasible:
            answer = _infeasible(program, context, method)
        else:
            answer = _answer(reduced, found, context, method)
    for tier, told in enumerate(answer.tiers):
        if told.achieved is not None and told.bound is not None:
            context.observer.on_tier(tier, told.achieved, told.bound)
    context.observer.on_end(answer)
    return answer


def _run_method(reduced: Reduced, context: Context, start: Start | None) -> tuple[Found, str]:
    """Choose the method by shape and size; say so in the answer's steps."""
    wanted = context.options.method
    if wanted in ("auto", "flow"):
        flow = solve_by_flow(reduced, context)
        if flow is not None:
            return flow, "flow"
        if wanted == "flow":
            context.say("the rows do not form a network: flow not possible")
    if wanted == "closing":
        return close(reduced, context, start), "closing"
    if wanted == "direct":
        return solve_directly(reduced, context, start), "direct"
    try:
        found = solve_by_prices(reduced, context, start)
    except ArithmeticRangeError as problem:
        if wanted != "auto":
            raise
        context.say(f"folded tiers are too large for exact arithmetic: {problem}")
        found = None
    if found is None:
        context.say("no selection by prices: all columns to the integer solver")
        return solve_directly(reduced, context, start), "direct"
    small = wanted == "auto" and reduced.n <= _SMALL
    if small and not (found.proven(reduced) or context.stop()):
        context.say("small and not proven by prices: all columns to the integer solver")
        return _both(reduced, found, context), "direct"
    return found, "search" if wanted == "search" else "prices"


def _both(reduced: Reduced, found: Found, context: Context) -> Found:
    """Return what the integer solver makes of a small program, or what was found if no worse."""
    if found.chosen is None:
        return solve_directly(reduced, context)
    start = Start(selection=reduced.origin[found.chosen])
    other = solve_directly(reduced, context, start)
    if other.chosen is None or other.infeasible:
        return found
    ours, theirs = value_of(reduced, found.chosen), value_of(reduced, other.chosen)
    better = theirs > ours or (theirs == ours and other.proven(reduced))
    return other if better else found


def _infeasible(program: Program, context: Context, method: str, contradiction: str = "") -> Answer:
    """Return the answer that there is no selection, with rows and groups that rule it out."""
    with context.phase("clash"):
        subset = find_infeasible_subset(program, context)
    detail = contradiction or "No selection satisfies all rows and groups."
    return Answer(
        program=program,
        termination=Termination(StopReason.INFEASIBLE, detail=detail),
        tiers=tuple(TierAnswer(maximise, None) for maximise in program.senses),
        chosen=None,
        infeasible_subset=subset,
        method=method,
        **context.record(),
    )


def _answer(reduced: Reduced, found: Found, context: Context, method: str) -> Answer:
    """Put the answer together in the caller's columns and senses, values summed afresh."""
    program, prices = reduced.program, found.prices
    senses = np.where(np.array(program.senses), 1.0, -1.0)[:, None]

    def pricer() -> npt.NDArray[np.float64]:
        return np.asarray((prices() if callable(prices) else prices) * senses)

    selection: Int64 | None = None
    if found.chosen is not None:
        selection = np.sort(np.concatenate((reduced.origin[found.chosen], reduced.settled)))
        check_selection(program, selection)
    tiers = _tiers(reduced, found, selection)
    return Answer(
        program=program,
        termination=_termination(selection, tiers, context),
        tiers=tiers,
        chosen=selection,
        method=method,
        **context.record(),
        pricer=pricer,
        losses=_losses(reduced, found),
        warm_start=found.warm_start,
    )


def _losses(reduced: Reduced, found: Found) -> Losses | None:
    """Return losses in the program's own columns; fixed ones lose nothing."""
    program, losses = reduced.program, found.losses
    if losses is None or not all(program.senses[:2]):
        return None
    loss = np.full(program.n_columns, np.inf)
    loss[reduced.origin] = losses.loss
    loss[reduced.settled] = 0.0
    settled = losses.weight * program.gains[0] + program.gains[1]
    return Losses(losses.weight, losses.bound + float(settled[reduced.settled].sum()), loss)


def _tiers(reduced: Reduced, found: Found, selection: Int64 | None) -> tuple[TierAnswer, ...]:
    program, proven, answers = reduced.program, selection is not None, []
    for maximise, gain, known in zip(program.senses, program.gains, found.bounds, strict=True):
        bound = None
        if known is not None:
            bound = int(gain[reduced.settled].sum()) + known * (1 if maximise else -1)
        value = None if selection is None else int(gain[selection].sum())
        proven = proven and value == bound
        answers.append(TierAnswer(maximise, bound, value, proven))
    return tuple(answers)


def _termination(
    selection: Int64 | None, tiers: tuple[TierAnswer, ...], context: Context
) -> Termination:
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
