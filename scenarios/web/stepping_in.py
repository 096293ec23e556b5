"""What is to come, on the pages: who steps in, whom a person stands by for, and the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matcher import clock
from matcher.decisions import past_outlooks
from matcher.ledger import AskedBeside, Decision
from matcher.report import outlook_lines, past_lines
from scenarios.questions import Consequence
from scenarios.web.cases import Case
from scenarios.web.rendering import PageRequest

Row = Mapping[str, Any]
MOST_ASKED = 200
"""People asked beside others that the list to decide shows."""
_OF_BACK_UPS = ("opening_id", "rank", "at_once", "caseworker_id", "unit")
_OF_OWN = ("measure", "minutes", "start", "fit")
"""What a back-up would begin with: told to those alone who see them."""


def queue_of(who: PageRequest, run_id: str, case: Case) -> list[Row]:
    """Rows of a case's queue in the run's document, in order; empty where nobody is in it."""
    found = who.weeks.document(run_id).get("backups", ())
    return [one for one in found if one["proposed"] == case.citizen_id]


def queue_lines(who: PageRequest, run_id: str, case: Case) -> list[dict[str, str]]:
    """Say who steps in for a case, in order: a text, and their row where it may be seen.

    A back-up of another team is named by caseworker alone. Once the proposal is decided nobody is
    asked at the same time any more.
    """
    settled = _settled(case.decision) is not None
    answered = _answered(who, run_id, who.weeks.asked(run_id, case.citizen_id))
    return [
        {
            "text": _told(who, one, settled=settled, said=answered.get(one["citizen_id"], "")),
            "row": who.weeks.row_of(run_id, one["citizen_id"])
            if who.viewer.sees(one["unit"])
            else "",
            "asked": "yes" if one["at_once"] else "",
        }
        for one in queue_of(who, run_id, case)
    ]


def asked_beside(who: PageRequest, run_id: str) -> frozenset[str]:
    """Citizens whose place others are asked for at the same time, until they are decided on."""
    backups = who.weeks.document(run_id).get("backups", ())
    return frozenset(str(one["proposed"]) for one in backups if one["at_once"])


def _answered(who: PageRequest, run_id: str, asked: Mapping[str, AskedBeside]) -> dict[str, str]:
    """Say what those asked beside have answered: ``no``, or what their yes has come to."""
    said = who.weeks.decisions(run_id)
    found = {}
    for citizen, one in asked.items():
        decision = _settled(said.get(citizen))
        if decision is not None:
            yes = decision.verdict == "accept"
            found[citizen] = str(one.came_to or "waits") if yes else "no"
    return found


def beside_line(who: PageRequest, run_id: str, case: Case) -> str:
    """Say what the answer of somebody asked beside has come to; empty: nothing, or not asked."""
    if case.beside is None:
        return ""
    own = {case.citizen_id: case.beside}
    state = _answered(who, run_id, own).get(case.citizen_id)
    if state is None:
        return "" if stands_by(who, run_id, case) else who.say("beside_gone")
    return "" if state == "no" else who.say(f"beside_{state}")


def answers_beside(who: PageRequest, run_id: str) -> list[dict[str, str]]:
    """List a viewer's citizens who are asked beside others, those without an answer first.

    Most of them at first; whoever has answered leaves room for the next.
    """
    asked = who.weeks.asked(run_id)
    answered = _answered(who, run_id, asked)
    seen = [citizen for citizen, one in sorted(asked.items()) if who.viewer.sees(one.unit)]
    shown = sorted(seen, key=answered.__contains__)[:MOST_ASKED]
    return [
        {
            "row": who.weeks.row_of(run_id, citizen),
            "citizen_id": citizen,
            "text": who.say("beside_as", rank=one.rank, opening=one.opening_id),
            "said": who.say(f"queue_{answered[citizen]}") if citizen in answered else "",
        }
        for citizen in shown
        for one in [asked[citizen]]
    ]


def queue_records(who: PageRequest, run_id: str) -> list[dict[str, Any]]:
    """Return the back-ups of a run in order, as data; those of a viewer's own citizens alone.

    Of somebody of another team, proposed or back-up, stands neither row nor id, but whose it is;
    and nothing of what a back-up of another team would begin with.
    """
    facts = who.weeks.lists(run_id).facts
    found = []
    for one in who.weeks.document(run_id).get("backups", ()):
        theirs = who.viewer.sees(facts[one["proposed"]]["unit"])
        own = who.viewer.sees(one["unit"])
        if theirs or own:
            found.append({
                "proposed": who.weeks.row_of(run_id, one["proposed"]) if theirs else None,
                "row": who.weeks.row_of(run_id, one["citizen_id"]) if own else None,
                **{name: one[name] for name in _OF_BACK_UPS},
                **{name: one[name] if own else None for name in _OF_OWN},
            })  # fmt: skip
    return found


def stands_by(who: PageRequest, run_id: str, case: Case) -> str:
    """Say for which job a person stands by, and in which place; empty: for none, or none now.

    The place is taken once the proposal is accepted, and gone where the reason against it bars
    the seat.
    """
    for one in who.weeks.document(run_id).get("backups", ()):
        if one["citizen_id"] == case.citizen_id:
            key = "stands_by_now" if one["at_once"] else "stands_by"
            said = _settled(who.weeks.decisions(run_id).get(one["proposed"]))
            if case.beside is not None and _settled(case.decision) is not None:
                key = "beside_place"
            elif said is not None:
                codes = who.weeks.policy(run_id).forbid_reasons.codes
                if said.verdict == "accept" or codes[said.reason or "other"].bars == "seat":
                    return ""
                key = "stands_by_free"
            return who.say(
                key,
                job=one["title"] or one["opening_id"],
                workplace=one["workplace"] or one["workplace_id"],
                rank=one["rank"],
                measure=who.pick(one["measure_name"]),
                start=who.words.date(one["start"]),
                hours=who.words.hours(one["minutes"]),
            )
    return ""


def next_lines(
    who: PageRequest, run_id: str, case: Case, bars: str, what: Consequence
) -> list[str]:
    """Say who steps in when a proposal is declined, and how that fits the week solved again.

    Parameters
    ----------
    bars
        What the reason bars: ``seat`` leaves nothing to step into.
    what
        The week solved again without the proposal.
    """
    if bars == "seat":
        return [who.say("next_seat")]
    queue = queue_of(who, run_id, case)
    if not queue:
        return [who.say("next_none")]
    first = queue[0]
    lines = [who.say("next", told=_told(who, first))]
    if bars == "workplace":
        lines.append(who.say("next_workplace"))
    if not what.gone and what.feasible:
        same = first["citizen_id"] in what.instead
        lines.append(who.say("next_same" if same else "next_other"))
    return lines


def target_lines(who: PageRequest, run_id: str) -> list[str]:
    """Say whether the programme's target will be reached, as the run said."""
    return outlook_lines(who.weeks.document(run_id)["people"].get("outlook"), who.words)


def earlier_lines(who: PageRequest, run_id: str) -> list[str]:
    """Say what forecasts of earlier weeks came to; empty where none is old enough."""
    with who.weeks.ledger() as ledger:
        past = past_outlooks(ledger, ledger.policy(run_id), clock.today())
    return past_lines(past, who.words) if any(row["forecasts"] for row in past["ahead"]) else []


def _settled(decision: Decision | None) -> Decision | None:
    """Return a decision that says yes or no."""
    return None if decision is None or decision.verdict == "wait" else decision


def _told(who: PageRequest, one: Row, *, settled: bool = False, said: str = "") -> str:
    """Name a back-up, whose citizen they are, and of one's own what they would begin with.

    ``said`` is the answer of one who was asked at once, where there is one.
    """
    name = who.words.citizen(one["citizen_id"], one["unit"], who.viewer.named, begins=True)
    caseworker = one["caseworker_id"] or "–"
    if who.viewer.sees(one["unit"]):
        text = who.say(
            "steps_in_line", citizen=name, caseworker=caseworker,
            measure=who.pick(one["measure_name"]), start=who.words.date(one["start"]),
            fit=who.words.whole(one["fit"]),
        )  # fmt: skip
    else:
        text = who.say("steps_in_theirs", citizen=name, caseworker=caseworker)
    if said:
        return who.say("steps_in_said", line=text, said=who.say(f"queue_{said}"))
    return who.say("steps_in_now", line=text) if one["at_once"] and not settled else text
