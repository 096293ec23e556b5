"""From facts to sentences: one template per fact, Danish and English."""

from __future__ import annotations

from matcher.explain.assumed import assumed_mark, assumed_sentence
from matcher.explain.because import Kind, because
from matcher.explain.not_known import not_known_sentence
from matcher.plan import OpeningOutcome, Reason, Unplaced, Why
from matcher.policy import Policy
from matcher.rules import REACH, RULES, Language, shown
from matcher.texts import Message, Speech, catalogue, inside, write


def reason_sentence(reason: Reason, policy: Policy, language: Language) -> str:
    """Say to a caseworker what one component means for one placement, as a whole sentence."""
    told = because(reason)
    values = {name: _fact(kind, value, language) for name, (kind, value) in told.facts.items()}
    if told.key == "measure":
        # Reasons of runs before hours were told hold none.
        minutes = int(reason.facts["minutes"]) if "minutes" in reason.facts else None
        values["measure"] = policy.measure_name(str(reason.facts["measure"]), minutes)[language]
    mark = assumed_mark(reason.assumed, language)
    return f"{write(f'reason.{told.key}', values, language)}{mark}"


def _fact(kind: Kind, value: int | str, language: Language) -> str:
    if kind == "health":
        texts = catalogue(language)
        return ", ".join(texts[f"health.{code}"] for code in str(value).split(";") if code)
    if kind == "count":
        return str(value)
    return shown(int(value), kind, language)


def unplaced_sentence(unplaced: Unplaced, language: Language) -> str:
    """Say why a citizen has no proposal, and what is not known of him where that may matter."""
    cause = _cause(unplaced, language)
    if unplaced.cause == "already_placed":
        return cause
    parts = [cause, _rules_assumed(unplaced, language),
             not_known_sentence(unplaced.not_known, language)]  # fmt: skip
    return " ".join(filter(None, parts))


def _rules_assumed(unplaced: Unplaced, language: Language) -> str:
    """Say which of the rules that stopped somebody rest on what is assumed of some job."""
    if unplaced.cause != "rules" or not unplaced.assumed:
        return ""
    names = "; ".join(inside(RULES[rule].short(language)) for rule in unplaced.assumed)
    return write("assumed.rules", {"names": names}, language)


def why_not_known(why: Why, policy: Policy, language: Language) -> str:
    """Say what is not known, and what is assumed, behind a proposal; empty where nothing is."""
    return " ".join(
        filter(
            None,
            (
                not_known_sentence(why.citizen_not_known, language),
                not_known_sentence(why.opening_not_known, language, job=True),
                assumed_sentence(why.opening_assumed, policy, language),
            ),
        )
    )


def opening_not_known(one: OpeningOutcome, policy: Policy, language: Language) -> str:
    """Say what is not known and what is assumed of an opening; empty where nothing is."""
    parts = (
        not_known_sentence(one.not_known, language, job=True),
        assumed_sentence(one.assumed, policy, language),
    )
    return " ".join(filter(None, parts))


def _cause(unplaced: Unplaced, language: Language) -> str:
    say, cause = Speech(language), unplaced.cause
    if cause == "rules":
        causes = [rule for rule in unplaced.killed if rule != REACH][:3] or [REACH]
        names = "; ".join(
            f"{inside(RULES[rule].short(language))} ({unplaced.killed[rule]})" for rule in causes
        )
        return say("without.rules_one" if unplaced.reach == 1 else "without.rules",
                   names=names, reach=unplaced.reach)  # fmt: skip
    if cause not in {"resource", "others"}:
        return say(f"without.{cause}")
    rows = ", ".join(
        f"{say(f'lacking.{kind}')} ({count})" for kind, count in unplaced.lost_on.items()
    )
    possible = Message("without.possible", count=unplaced.possible).told(language)
    return say(f"without.{cause}", possible=possible, rows=rows)
