"""A case: its reasons, limits and alternatives, what would help, and what a decision would cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcher.clock import now
from matcher.decisions import placement_text
from matcher.errors import LedgerError
from matcher.ledger import AskedBeside, Decision
from matcher.policy import Policy
from matcher.report import Words, supports_text
from matcher.texts import Message
from scenarios.questions import Consequence, reasons
from scenarios.questions import consequence as without_it
from scenarios.web.lists import Lists
from scenarios.web.rendering import PageRequest
from scenarios.web.weeks import Weeks


@dataclass(frozen=True)
class Case:
    """One person in one run."""

    row: str
    citizen_id: str
    facts: Mapping[str, Any]
    """What the run's document says: a proposal, or why there is none."""
    decision: Decision | None
    beside: AskedBeside | None = None
    """The seat the person is asked for beside others, who has no proposal."""

    @property
    def proposed(self) -> bool:
        """Whether there is a proposal."""
        return "opening_id" in self.facts

    @property
    def seen(self) -> str:
        """What a page shows as decided, so that a form can tell what its reader had seen."""
        return seen_of(self.decision)

    @property
    def open(self) -> bool:
        """Whether an answer may be entered: a lock was decided before."""
        return self.beside is not None or (self.proposed and not self.facts["locked"])


def seen_of(decision: Decision | None) -> str:
    """Name a decision by its moment; nothing where there is none."""
    return "-" if decision is None else decision.decided_at.isoformat()


def case_of(who: PageRequest, run_id: str, row: str) -> Case | None:
    """Find a person by opaque row; None: nobody, or not one of this viewer's."""
    lists: Lists = who.weeks.lists(run_id)
    citizen = lists.citizen(row)
    if citizen is None or not who.viewer.sees_persons:
        return None
    facts = lists.facts[citizen]
    if not who.viewer.sees(facts["unit"]):
        return None
    said, asked = who.weeks.decisions(run_id), who.weeks.asked(run_id, citizen)
    return Case(row, citizen, facts, said.get(citizen), asked.get(citizen))


def facts_of(case: Case, words: Words) -> list[tuple[str, list[str]]]:
    """Collect what the form tells of a case as well: a name and its lines each."""
    said = case.facts
    whose = [said["caseworker_id"] or "–", said["unit"]]
    found = [("caseworker", [", ".join(filter(None, whose))])]
    if case.proposed:
        place = " ".join(filter(None, (said["postcode"], said["district"])))
        found += [
            (
                "workplace",
                [", ".join(filter(None, (said["workplace"], said["workplace_id"], place)))],
            ),
            ("placement", [placement_text(said, words)]),
            ("start", [words.date(said["start"])]),
            ("shifts", [words.week(said["shifts"])]),
            ("support", supports_text(said, words)),
        ]
    return [(words(f"column.{name}"), lines) for name, lines in found if lines]


def cost_text(words: Words, placements: int, fit: int) -> str:
    """Say what a rejection costs the plan: ``placements``, and points of fit."""
    if not placements:
        lost = words("cost.fit", fit, fit=words.whole(fit)) if fit else words("cost.nothing")
    else:
        lost = words("cost.places", placements)
        if fit:
            key = "cost.less_fit" if fit > 0 else "cost.more_fit"
            lost += f" {words(key, fit=words.whole(abs(fit)))}"
    return Message("web.reject_cost", cost=lost).told(words.language)


@dataclass(frozen=True)
class ToldCase:
    """Why, as parts to read."""

    parts: Sequence[Any]
    """Parts with a heading and lines."""
    gone: str = ""
    """Why the week cannot be asked any more; empty where it can."""


def told(who: PageRequest, run_id: str, case: Case, opening: str | None) -> ToldCase:
    """Explain a case; asked once for each opening, language, and teams that are named.

    Raises
    ------
    OptionError
        There is no such opening.
    """
    try:
        return ToldCase(
            who.ask(run_id, reasons, case.citizen_id, opening, who.language, who.viewer.named)
        )
    except LedgerError as error:
        return ToldCase((), str(error))


def openings_of(weeks: Weeks, run_id: str) -> list[tuple[str, str]]:
    """List openings of a run: id, and what they are called."""
    return [
        (one["opening_id"], ", ".join(filter(None, (one["title"], one["workplace"],
                                                    one["district"], one["opening_id"]))))
        for one in weeks.document(run_id)["openings"]
    ]  # fmt: skip


def rejection(case: Case, run_id: str, policy: Policy, reason: str) -> Decision:
    """Make the rejection that is thought about."""
    weeks = policy.forbid_reasons.codes[reason].weeks
    moment = now()
    return Decision(
        run_id=run_id,
        citizen_id=case.citizen_id,
        opening_id=case.facts["opening_id"],
        verdict="reject",
        decided_at=moment,
        reason=reason,
        unit=case.facts["unit"],
        until=moment.date() + dt.timedelta(weeks=weeks),
    )


def consequence(
    who: PageRequest, run_id: str, case: Case, policy: Policy, reason: str
) -> Consequence:
    """Solve the week again without a proposal: the exact cost, and who would take the place."""
    found: Consequence
    named = who.viewer.named
    try:
        found = who.ask(
            run_id, without_it, rejection(case, run_id, policy, reason), who.language, named,
            key=(case.citizen_id, reason, who.language, named),
        )  # fmt: skip
    except LedgerError as error:
        return Consequence(0, 0, False, False, (), str(error))
    return found


def reasons_of(policy: Policy, words: Words) -> list[tuple[str, str]]:
    """List neutral reasons: code and name."""
    return [(code, words.pick(policy.reason_name(code))) for code in policy.forbid_reasons.codes]
