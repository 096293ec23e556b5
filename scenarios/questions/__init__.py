"""Questions about a stored run: what can be asked, who holds the week, and who is answered when.

A holder has solved weeks in memory and answers one question at a time: in this process, or in one
of its own, which can be ended and which no other has to wait for. :class:`QuestionDesk` hands the
questions of many users to a few holders.
"""

from scenarios.questions.answering import (
    PATIENCE,
    BusyError,
    PlaceInLine,
    QuestionDesk,
    StoppedError,
)
from scenarios.questions.asked import (
    LONG,
    LONGEST,
    Consequence,
    PlanDifference,
    aimed_plan,
    consequence,
    costs_noted,
    curve,
    difference,
    employers_to_call,
    final_difference,
    ready,
    reasons,
    scarce,
    target_levers,
)
from scenarios.questions.held import (
    GoneError,
    Held,
    Here,
    Holder,
    Process,
    Stop,
    Tell,
    address_text,
    states,
    untold,
)

__all__ = [
    "LONG",
    "LONGEST",
    "PATIENCE",
    "BusyError",
    "Consequence",
    "GoneError",
    "Held",
    "Here",
    "Holder",
    "PlaceInLine",
    "PlanDifference",
    "Process",
    "QuestionDesk",
    "Stop",
    "StoppedError",
    "Tell",
    "address_text",
    "aimed_plan",
    "consequence",
    "costs_noted",
    "curve",
    "difference",
    "employers_to_call",
    "final_difference",
    "ready",
    "reasons",
    "scarce",
    "states",
    "target_levers",
    "untold",
]
