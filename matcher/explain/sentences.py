"""From facts to sentences: one template per fact, Danish and English."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.explain.left_over import Unplaced
from matcher.explain.not_known import not_known_sentence
from matcher.explain.why import Reason, Why
from matcher.policy import Policy
from matcher.records import HEALTH_CODES
from matcher.rules import RULES, Language, shown

ROW_NAMES: Mapping[str, tuple[str, str]] = {
    "opening_seats": ("seats at the openings", "pladser i stillingerne"),
    "workplace_ratio": ("places under the ratio rule", "pladser efter rimelighedskravet"),
    "mentor_hours": ("mentor hours", "mentortimer"),
    "team_seats": ("seats in Danish classes", "pladser på danskhold"),
    "course_seats": ("seats on short courses", "pladser på korte kurser"),
    "budget": ("budget", "budget"),
    "caseload": ("caseworkers' follow-up", "sagsbehandleres opfølgning"),
    "household_care": ("care of the household's child", "pasning i husstanden"),
    "workplace_intake": (
        "how many new people the workplace can take in",
        "hvor mange nye arbejdspladsen kan tage imod",
    ),
    "group_floor": ("floor for a group", "mindstetal for en gruppe"),
}
"""Names of the kinds of rows, English and Danish."""

LACKING_NAMES: Mapping[str, tuple[str, str]] = {
    **ROW_NAMES,
    "workplace_intake": ("room for new people at the workplace", "plads til nye på arbejdspladsen"),
    "group_floor": ("places kept for a group", "pladser holdt til en gruppe"),
}
"""Names of the kinds of rows where they are what somebody lacked, English and Danish."""

COMPONENT_NAMES: Mapping[str, tuple[str, str]] = {
    "measure": ("Kind of placement", "Type af forløb"),
    "health": ("Health limits", "Skånehensyn"),
    "language": ("Danish", "Dansk"),
    "occupation": ("Wished occupation", "Ønsket fag"),
    "hours": ("Use of hours", "Brug af timer"),
    "commute": ("Way to work", "Vej til arbejde"),
    "experience": ("Experience", "Erfaring"),
    "prospect": ("Prospect of ordinary hours", "Udsigt til ordinære timer"),
    "hours_225": ("225-hour rule", "225-timersreglen"),
}
"""Names of the components of fit, English and Danish."""


def named(names: Mapping[str, tuple[str, str]], key: str, language: Language) -> str:
    """Return the name of a component or a kind of row in a language."""
    return names[key][1 if language == "da" else 0]


def reason_sentence(reason: Reason, policy: Policy, language: Language) -> str:
    """Say what one component means for one placement, with the facts that weighed."""
    danish = language == "da"
    facts = reason.facts
    if reason.component == "measure":
        # Reasons of runs before hours were told hold none.
        minutes = int(facts["minutes"]) if "minutes" in facts else None
        return policy.measure_name(str(facts["measure"]), minutes)[language]
    if reason.component == "health":
        return _health(str(facts["over"]), str(facts["tight"]), language)
    if reason.component == "language":
        return _language(facts, language)
    if reason.component in {"occupation", "experience"}:
        return _occupation(reason, language)
    if reason.component == "hours":
        hours = shown(int(facts["minutes"]), "hours", language)
        most = shown(int(facts["capacity"]), "hours", language)
        return f"{hours} af mulige {most} om ugen" if danish else f"{hours} of {most} possible"
    if reason.component == "commute":
        way = shown(int(facts["minutes"]), "minutes", language)
        return f"{way} til arbejde" if danish else f"{way} to work"
    if reason.component == "prospect":
        words = (
            ("ingen udsigt til ordinære timer", "mulighed for ordinære timer",
             "god udsigt til ordinære timer", "ordinære timer er aftalt"),
            ("no prospect of ordinary hours", "ordinary hours possible later",
             "good prospect of ordinary hours", "ordinary hours agreed"),
        )[0 if danish else 1]  # fmt: skip
        return words[int(facts["prospect"])]
    worked, needed = facts["worked"], facts["needed"]
    if danish:
        return f"225-timersreglen: {worked} af {needed} ordinære timer er nået"
    return f"225-hour rule: {worked} of {needed} ordinary hours reached"


def _health(over: str, tight: str, language: Language) -> str:
    at = 1 if language == "da" else 0
    names = ", ".join(HEALTH_CODES[code][at] for code in over.split(";") if code)
    if names:
        text = ("above what is wished: ", "over det ønskede: ")[at]
        return text + names
    names = ", ".join(HEALTH_CODES[code][at] for code in tight.split(";") if code)
    if names:
        return ("just within the limits: ", "lige inden for skånehensyn: ")[at] + names
    return ("well within the health limits", "godt inden for skånehensyn")[at]


def _language(facts: Mapping[str, int | str], language: Language) -> str:
    danish = language == "da"
    gaps = {
        kind: max(0, int(facts[f"{kind}_floor"]) - int(facts[kind])) for kind in ("oral", "reading")
    }
    if not any(gaps.values()):
        return "dansk er nok til jobbet" if danish else "Danish is enough for the job"
    words = {"oral": ("in speech", "mundtligt"), "reading": ("in reading", "i læsning")}
    one, several = ("niveau", "niveauer") if danish else ("level", "levels")
    parts = [
        f"{gap} {one if gap == 1 else several} {words[kind][1 if danish else 0]}"
        for kind, gap in gaps.items()
        if gap
    ]
    if danish:
        return f"mangler {' og '.join(parts)}; lærer dansk ved siden af jobbet"
    return f"{' and '.join(parts)} short; learns Danish beside the job"


def _occupation(reason: Reason, language: Language) -> str:
    danish = language == "da"
    wish = reason.component == "occupation"
    stated = reason.facts["wishes" if wish else "experience"]
    if not stated:
        if wish:
            return "ingen ønsker angivet" if danish else "no wishes stated"
        return "ingen erfaring angivet" if danish else "no experience stated"
    closeness = (
        ("et andet fag end ", "i familie med ", "tæt på ", "samme fag som "),
        ("another field than ", "related to ", "close to ", "the same field as "),
    )[0 if danish else 1]
    word = closeness[(reason.points >= 250) + (reason.points >= 550) + (reason.points >= 1000)]
    target = (
        ("det ønskede", "erfaringen") if danish else ("what is wished for", "past experience")
    )[0 if wish else 1]
    return word + target


def unplaced_sentence(unplaced: Unplaced, language: Language) -> str:
    """Say why a citizen has no proposal, and what is not known of him where that may matter."""
    cause = _cause(unplaced, language)
    if unplaced.cause == "already_placed":
        return cause
    return f"{cause} {not_known_sentence(unplaced.not_known, language)}".strip()


def why_not_known(why: Why, language: Language) -> str:
    """Say what is not known of the citizen and the job of a proposal; empty where all is."""
    return " ".join(
        filter(
            None,
            (
                not_known_sentence(why.citizen_not_known, language),
                not_known_sentence(why.opening_not_known, language, job=True),
            ),
        )
    )


def _cause(unplaced: Unplaced, language: Language) -> str:
    danish = language == "da"
    if unplaced.cause == "already_placed":
        return "Er allerede i et forløb." if danish else "Is already in a placement."
    if unplaced.cause == "no_opening_in_reach":
        return (
            "Ingen stilling inden for rimelig transporttid."
            if danish
            else "No opening within an acceptable way to work."
        )
    if unplaced.cause == "rules":
        causes = [rule for rule in unplaced.killed if rule != "commute"][:3] or ["commute"]
        names = "; ".join(
            f"{RULES[rule].short(language)} ({unplaced.killed[rule]})" for rule in causes
        )
        if unplaced.reach == 1:
            if danish:
                return f"Den ene stilling i nærheden kan ikke lade sig gøre: {names}."
            return f"The only opening in reach is not possible: {names}."
        if danish:
            return f"Ingen af {unplaced.reach} stillinger i nærheden kan lade sig gøre: {names}."
        return f"None of {unplaced.reach} openings in reach is possible: {names}."
    if unplaced.cause == "limit":
        if danish:
            return "Tidsgrænsen kom, før det var afgjort."
        return "The limit came before this was settled."
    rows = ", ".join(
        f"{named(LACKING_NAMES, kind, language)} ({count})"
        for kind, count in unplaced.lost_on.items()
    )
    one, several = (
        ("mulig stilling", "mulige stillinger")
        if danish
        else ("possible opening", "possible openings")
    )
    possible = f"{unplaced.possible} {one if unplaced.possible == 1 else several}"
    if unplaced.cause == "resource":
        return (
            f"{possible}, men der manglede: {rows}."
            if danish
            else (f"{possible}, but there was too little of: {rows}.")
        )
    if danish:
        return f"{possible} gik til andre; optaget: {rows}."
    return f"{possible} went to others; taken: {rows}."
