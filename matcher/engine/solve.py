"""The one verb of the engine."""

import time
from threading import Event

import numpy as np

from matcher.engine.answer import Answer, Limit, StopReason, Termination, TierAnswer
from matcher.engine.core import reduce_program, value_of
from matcher.engine.direct import solve_tier
from matcher.engine.options import Observer, Options, Start
from matcher.engine.program import Program

__all__ = ["solve"]


def solve(
    program: Program,
    options: Options | None = None,
    *,
    start: Start | None = None,
    observer: Observer | None = None,
    cancel: Event | None = None,
) -> Answer:
    """Solve a program tier by tier."""
    options = options or Options()
    observer = observer or Observer()
    observer.on_start(program, options)
    began = time.perf_counter()
    core, clash = reduce_program(program)
    empty = tuple(TierAnswer(flag, None) for flag in program.senses)
    if core is None:
        return Answer(program, Termination(StopReason.INFEASIBLE, detail=clash), empty, None)
    best = None
    floors: tuple[int, ...] = ()
    tiers: list[TierAnswer] = []
    proven = True
    for tier in range(core.tiers):
        status, chosen = solve_tier(core, tier, floors, seconds=options.seconds, seed=options.seed)
        if status == "infeasible" and best is None:
            return Answer(
                program,
                Termination(StopReason.INFEASIBLE, detail="The rows and groups contradict."),
                empty,
                None,
            )
        if chosen is not None:
            best = chosen
        if best is None:
            limit = Limit.SECONDS if options.seconds else Limit.WORK
            return Answer(program, Termination(StopReason.NO_SOLUTION, limit), empty, None)
        proven = proven and status == "optimal"
        value = value_of(core, best)[tier]
        floors = (*floors, value)
        sign = 1 if program.senses[tier] else -1
        total = sign * value + int(program.gains[tier][core.settled].sum())
        tiers.append(TierAnswer(program.senses[tier], total if proven else None, total, proven))
        observer.on_tier(tier, total, total)
    selection = np.sort(np.concatenate((core.origin[best], core.settled)))
    limit = None if proven else Limit.SECONDS
    reason = StopReason.OPTIMAL if proven else StopReason.FEASIBLE
    answer = Answer(
        program,
        Termination(reason, limit),
        tuple(tiers),
        selection,
        method="direct",
        phase_times={"direct": time.perf_counter() - began},
    )
    observer.on_end(answer)
    return answer
