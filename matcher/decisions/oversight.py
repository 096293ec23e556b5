"""Oversight: how proposals were met, what came of questions, asking several, and forecasts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from matcher.clock import day_begins
from matcher.decisions.beside import seats_of
from matcher.decisions.past_outlooks import past_outlooks
from matcher.decisions.rates import rates
from matcher.ledger import OUTCOMES, AskedBeside, Ledger, Run
from matcher.policy import Policy
from matcher.report import audit

_MILLION = 1_000_000
"""Exposures are stored in millionths of a person."""


def oversight(
    ledger: Ledger, policy: Policy, today: dt.date, weeks: int | None = None
) -> dict[str, Any]:
    """Collect what somebody who watches over the program looks at.

    Parameters
    ----------
    ledger
        Runs, decisions and questions.
    policy, today, weeks
        As :func:`matcher.decisions.rates`.

    Returns
    -------
    dict
        The figures of :func:`matcher.decisions.rates`, and with them ``questions`` (how many by
        outcome, and each: when, about which run, what came of it; never by whom or about whom),
        ``beside`` (:func:`asked_beside`), ``groups`` (the audit of the newest run; None where there
        is none or its tables are gone) and ``outlooks`` (of
        :func:`matcher.decisions.past_outlooks.past_outlooks`).
    """
    figures = rates(ledger, policy, today, weeks)
    since = dt.date.fromisoformat(figures["since"])
    return {
        **figures,
        "questions": questions_document(ledger, since, today),
        "beside": asked_beside(ledger, since, today, policy.oversight.fewest),
        "groups": _groups(ledger, today),
        "outlooks": past_outlooks(ledger, policy, today),
    }


def asked_beside(
    ledger: Ledger, since: dt.date, until: dt.date, fewest: int
) -> dict[str, Any] | None:
    """Count what those asked beside others answered, and how often it went wrong.

    Their answers are in no share accepted: who is told that others come first answers another
    question, and who of them begins was chosen by the no of others.

    Parameters
    ----------
    since, until
        Days of the runs that asked, both included.
    fewest
        Seats below which nothing is told.

    Returns
    -------
    dict
        ``seats`` and ``asked`` (people); ``yes``, ``no``, ``open``; of the yeses ``counts``,
        ``waits``, ``behind``, ``filled``, ``lapsed``; ``settled`` (seats of which everybody has
        answered), and of these ``expected`` and ``in_vain``: people who say yes to a seat that
        somebody before them has, by the exposures and as it went. None: too few seats.
    """
    answers = ledger.answers_beside(since, until)
    verdicts = {(one.run_id, one.citizen_id): verdict for one, verdict in answers}
    verdicts |= {(one.run_id, one.citizen_id): one.verdict
                 for one, _ in ledger.decided(day_begins(since))}  # fmt: skip
    by_run: dict[str, list[AskedBeside]] = {}
    for one, _ in answers:
        by_run.setdefault(one.run_id, []).append(one)
    seats = [(run_id, seat) for run_id, asked in by_run.items() for seat in seats_of(asked)]
    if not seats or len(seats) < fewest:
        return None
    said_at = [(seat, [verdicts.get((run_id, who)) for who in seat.order])
               for run_id, seat in seats]  # fmt: skip
    settled = [(seat, said) for seat, said in said_at if set(said) <= {"accept", "reject"}]
    said = Counter(verdict for _, verdict in answers)
    came_to = Counter(one.came_to for one, verdict in answers if verdict == "accept")
    return {
        "seats": len(seats),
        "asked": len(answers),
        "yes": said["accept"],
        "no": said["reject"],
        "open": len(answers) - said["accept"] - said["reject"],
        **{name: came_to[name] for name in ("counts", "waits", "behind", "filled", "lapsed")},
        "settled": len(settled),
        "expected": sum(seat.asked[0].exposure for seat, _ in settled) / _MILLION,
        "in_vain": sum(max(0, said.count("accept") - 1) for _, said in settled),
    }


def questions_document(ledger: Ledger, since: dt.date, until: dt.date) -> dict[str, Any]:
    """Count the questions of some days, both included, by what came of them, and list each.

    Older ones that nobody has answered are among them: they are not to be forgotten by waiting.
    """
    asked = [
        one
        for one in ledger.questions(sheets=False)
        if one.asked_on <= until and (one.asked_on >= since or one.outcome == "pending")
    ]
    counts = Counter(one.outcome for one in asked)
    return {
        "asked": len(asked),
        **{outcome: counts[outcome] for outcome in OUTCOMES},
        "each": [
            {
                "number": one.number,
                "asked_on": one.asked_on.isoformat(),
                "run_id": one.run_id,
                "outcome": one.outcome,
                "settled_on": one.settled_on and one.settled_on.isoformat(),
            }
            for one in asked
        ],
    }


def _groups(ledger: Ledger, today: dt.date) -> dict[str, Any] | None:
    """Audit the newest run by groups, small ones hidden, from what the ledger still has."""
    run = next((one for one in ledger.runs(before=today + dt.timedelta(1), most=1)), None)
    if run is None:
        return None
    return audit_of_run(ledger, run)


def audit_of_run(ledger: Ledger, run: Run) -> dict[str, Any] | None:
    """Count a stored run's outcomes by group; None where its groups are not there (any more)."""
    table = ledger.input_table(run.run_id, "audit_groups")
    if table is None or table.empty:
        return None
    document = {
        "proposals": [
            {"citizen_id": one.citizen_id, "fit": one.fit} for one in ledger.proposals(run.run_id)
        ],
        "unplaced": [
            {"citizen_id": one.citizen_id, "cause": one.cause}
            for one in ledger.unplaced(run.run_id)
        ],
    }
    return {"run_id": run.run_id, "day": run.day.isoformat(), **audit(table, document)}
