"""From facts to sentences: one template per fact, Danish and English."""

from __future__ import annotations

from collections.abc import Mapping

from matcher.explain.because import Kind, because
from matcher.explain.not_known import not_known_sentence
from matcher.explain.texts import texts
from matcher.plan import Reason, Unplaced, Why
from matcher.policy import Policy
from matcher.records import HEALTH_CODES
from matcher.rules import REACH, RULES, Language, shown

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
    """Say to a caseworker what one component means for one placement, as a whole sentence."""
    told = because(reason)
    values = {name: _fact(kind, value, language) for name, (kind, value) in told.facts.items()}
    if told.key == "measure":
        # Reasons of runs before hours were told hold none.
        minutes = int(reason.facts["minutes"]) if "minutes" in reason.facts else None
        name = policy.measure_name(str(reason.facts["measure"]), minutes)[language]
        values["measure"] = inside(name)
    return texts()[f"reason.{told.key}"][language].format(**values)


def inside(name: str) -> str:
    """Begin a name as it begins inside a sentence; what is all capitals stays."""
    return name if name[1:2].isupper() else f"{name[:1].lower()}{name[1:]}"


def _fact(kind: Kind, value: int | str, language: Language) -> str:
    if kind == "health":
        at = 1 if language == "da" else 0
        names = [HEALTH_CODES[code][at] for code in str(value).split(";") if code]
        return ", ".join(names)
    if kind == "count":
        return str(value)
    return shown(int(value), kind, language)


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
        causes = [rule for rule in unplaced.killed if rule != REACH][:3] or [REACH]
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
