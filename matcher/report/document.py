"""Everything about a run as one JSON-ready document: files, page and ``--json`` are made from it.

Facts and codes are machine-readable; where a sentence is for people it stands in both languages,
so that one document serves either. Everything that differs between two runs of the same input is
under ``provenance.times``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcher.cpr import cleared
from matcher.explain import (
    conditions,
    law_document,
    not_known_document,
    opening_not_known,
    reason_sentence,
    unplaced_sentence,
    why_not_known,
)
from matcher.explain.week_explanation import WeekExplanation
from matcher.plan import LeftOver, Placement, Plan, Reason, Supports, Why, plain
from matcher.policy import Policy
from matcher.problem import Problem, frame_rows
from matcher.queues import BackUps
from matcher.report.audit import audit
from matcher.report.backups import backup_rows
from matcher.report.depth import deepen
from matcher.report.figures import figures
from matcher.report.headline import headline_figures
from matcher.report.words import LANGUAGES
from matcher.row_kinds import RowNames
from matcher.rules import RULES, Language
from matcher.tables import issue_counts
from matcher.texts import tell

_RULES = tuple(RULES.values())
SCHEMA = "jobmatch.run"
SCHEMA_VERSION = 1

MOST_ISSUES = 50
"""Issues kept in words; the rest is counted."""
MOST_EXAMPLES = 3
"""Issues that stand for all that say the same."""


def run_document(
    problem: Problem,
    plan: Plan,
    *,
    language: Language = "en",
    issues: Sequence[Mapping[str, Any]] = (),
    made_up: bool = False,
    people: Mapping[str, Any] | None = None,
    depth: WeekExplanation | None = None,
    rows: Mapping[str, tuple[int, int]] | None = None,
    ahead: Mapping[str, Any] | None = None,
    back_ups: BackUps | None = None,
) -> dict[str, Any]:
    """Put everything about a run into one JSON-ready document.

    Parameters
    ----------
    problem
        The week that was solved.
    plan
        Its record, explained (:func:`matcher.explain.explained`).
    language
        Language the run was asked for in; the document holds both.
    issues
        Issues of the tables, as ``Issue.to_dict()`` gives them.
    made_up
        Whether the tables are about nobody.
    people
        What people decided before, and how many earlier proposals the plan changes.
    depth
        Explanations that took solving again; None: the document goes without.
    rows
        Rows used and rows read, by table; None: all were used.
    ahead
        What was priced for the weeks ahead, and what came of it; None: nothing is.
    back_ups
        Who steps in where a proposal is declined. None: nobody was looked for.
    """
    left, whys = plan.left, plan.whys
    if left is None or whys is None:
        message = "a plan that is not explained makes no document"
        raise ValueError(message)
    lookup, supports = _Lookup(problem), Supports(problem)
    names = RowNames(problem.tables)
    see_to = conditions(problem, plan.placements)
    proposals = [
        {
            **_proposal(lookup, supports.of(placement), placement, why, problem.policy),
            "conditions": {
                language: [tell(one, language) for one in see_to[placement.citizen_id]]
                for language in LANGUAGES
            },
        }
        for placement, why in zip(plan.placements, whys, strict=True)
    ]
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "language": language,
        "made_up": made_up,
        "date": problem.today,
        "termination": {
            "reason": plan.termination,
            "detail": plan.detail,
            "has_plan": plan.has_plan,
            "proven": plan.proven,
        },
        "tiers": [tier.to_dict(has_plan=plan.has_plan) for tier in plan.tiers],
        "measures": dict(sorted(problem.policy.measure_names().items())),
        "programme": {
            "target": problem.policy.programme.target,
            "weeks": problem.policy.programme.weeks,
            "full_time_hours": problem.policy.programme.full_time_hours,
        },
        "fit_floor": problem.policy.fit.floor,
        # Every proposal passes every hard rule that has something to say about it.
        "rules_passed": {
            rule.id: {language: rule.short(language) for language in LANGUAGES} for rule in _RULES
        },
        "proposals": proposals,
        "unplaced": _unplaced(lookup, left),
        "openings": _openings(lookup, left, problem.policy),
        "resources": [
            {**row.to_dict(), "about": names.about(row.rule, row.key)} for row in plan.rows
        ],
        "issues": _issues(issues),
        "not_known": not_known_document(problem),
        "people": {
            "carried": {},
            "disagree": [],
            "steady": None,
            "rates": None,
            "expected": None,
            "outlook": None,
            **(people or {}),
        },
    }
    if ahead is not None:
        document["ahead"] = dict(ahead)
    if back_ups is not None:
        document.update(backup_rows(problem, back_ups))
    before = _before(problem)
    for row in proposals:
        opening, measure = before.get(row["citizen_id"], (None, None))
        here = row["opening_id"] == opening and measure in {None, row["measure"]}
        row["status"] = "locked" if row["locked"] else "kept" if here else "new"
    if depth is not None:
        deepen(document, depth, problem)
    document["figures"] = figures(problem, document)
    document["audit"] = audit(problem["audit_groups"], document)
    document["headline"] = headline_figures(problem, document, rows or {})
    document["law"] = law_document(problem, plan)
    document["provenance"] = plan.made()
    told: dict[str, Any] = cleared(plain(document))
    return told


def _before(problem: Problem) -> dict[str, tuple[str, str | None]]:
    """Return what each citizen was proposed before: opening, and measure where it is known."""
    return {
        row["citizen_id"]: (row["opening_id"], row["measure"])
        for row in frame_rows(problem["previous"])
    }


class _Lookup:
    """Rows of the small tables by id, and the few columns of citizens that leave the house."""

    def __init__(self, problem: Problem) -> None:
        def by_key(name: str, columns: Sequence[str]) -> dict[str, dict[str, Any]]:
            return {row[columns[0]]: row for row in frame_rows(problem[name][list(columns)])}

        self.citizens = by_key(
            "citizens", ("citizen_id", "caseworker_id", "weeks_waiting", "oral", "postcode")
        )
        self.workplaces = by_key(
            "workplaces", ("workplace_id", "name", "sector", "postcode", "employer_id")
        )
        self.openings = by_key(
            "openings", ("opening_id", "workplace_id", "title", "isco", "shifts")
        )
        self.units = by_key("caseworkers", ("caseworker_id", "unit"))
        self.places = by_key("places", ("postcode", "name"))

    def unit(self, citizen_id: str) -> str:
        """Return the unit (team) of the citizen's caseworker; empty where unknown."""
        caseworker = self.citizens[citizen_id]["caseworker_id"]
        return self.units[caseworker]["unit"] or "" if caseworker in self.units else ""

    def home(self, citizen_id: str) -> dict[str, Any]:
        """Return where a citizen lives, as closely as anybody needs: postcode and its name."""
        postcode = self.citizens[citizen_id]["postcode"]
        return {
            "postcode": postcode,
            "district": self.places.get(postcode, {}).get("name") or "",
        }

    def opening(self, opening_id: str) -> dict[str, Any]:
        """Return what an opening is and where."""
        row = self.openings[opening_id]
        place = self.workplaces[row["workplace_id"]]
        return {
            "opening_id": opening_id,
            "title": row["title"] or "",
            "isco": row["isco"],
            "shifts": row["shifts"] or "",
            "workplace_id": place["workplace_id"],
            "workplace": place["name"] or "",
            "sector": place["sector"],
            "postcode": place["postcode"],
            "district": self.places.get(place["postcode"], {}).get("name") or "",
        }


def _proposal(
    lookup: _Lookup,
    supports: Mapping[str, Any],
    placement: Placement,
    why: Why,
    policy: Policy,
) -> dict[str, Any]:
    return {
        "citizen_id": placement.citizen_id,
        "caseworker_id": lookup.citizens[placement.citizen_id]["caseworker_id"],
        "unit": lookup.unit(placement.citizen_id),
        **lookup.opening(placement.opening_id),
        "measure": placement.measure,
        "measure_name": policy.measure_name(placement.measure, placement.minutes),
        "work": policy.work_kind(placement.measure, placement.minutes),
        "supports": supports,
        "minutes": placement.minutes,
        "start": placement.start,
        "commute": placement.commute,
        "fit": placement.fit,
        "components": {name: placement.components[name] for name in placement.components},
        "reasons": [_reason(reason, policy) for reason in why.strongest],
        "not_known": {
            "citizen": dict(why.citizen_not_known),
            "opening": dict(why.opening_not_known),
            "sentence": {language: why_not_known(why, policy, language) for language in LANGUAGES},
            **({"assumed": dict(why.opening_assumed)} if why.opening_assumed else {}),
        },
        "trade_off": _reason(why.trade_off, policy) if why.trade_off else None,
        "cost": dict(sorted(placement.cost.items())),
        "locked": placement.locked,
    }


def _reason(reason: Reason, policy: Policy) -> dict[str, Any]:
    return {
        "component": reason.component,
        "points": reason.points,
        "adds": reason.adds,
        "lacks": reason.lacks,
        "worst": reason.worst,
        "best": reason.best,
        "gap": reason.gap,
        "facts": dict(reason.facts),
        **({"assumed": list(reason.assumed)} if reason.assumed else {}),
        "sentence": {language: reason_sentence(reason, policy, language) for language in LANGUAGES},
    }


def _unplaced(lookup: _Lookup, left: LeftOver) -> list[dict[str, Any]]:
    return [
        {
            "citizen_id": one.citizen_id,
            "caseworker_id": lookup.citizens[one.citizen_id]["caseworker_id"],
            "unit": lookup.unit(one.citizen_id),
            "weeks_waiting": lookup.citizens[one.citizen_id]["weeks_waiting"],
            "oral": lookup.citizens[one.citizen_id]["oral"],
            **lookup.home(one.citizen_id),
            "cause": one.cause,
            "reach": one.reach,
            "possible": one.possible,
            "killed": dict(one.killed),
            "nearest": dict(one.nearest),
            "lost_on": dict(one.lost_on),
            "lost_at": {kind: list(keys) for kind, keys in one.lost_at.items()},
            "lost_rows": dict(one.lost_rows),
            "not_known": dict(one.not_known),
            **({"assumed": list(one.assumed)} if one.assumed else {}),
            "sentence": {language: unplaced_sentence(one, language) for language in LANGUAGES},
        }
        for one in left.unplaced
    ]


def _openings(lookup: _Lookup, left: LeftOver, policy: Policy) -> list[dict[str, Any]]:
    return [
        {
            **lookup.opening(one.opening_id),
            "free": one.free,
            "filled": one.filled,
            "cause": one.cause,
            "reach": one.reach,
            "not_known": {
                language: opening_not_known(one, policy, language) for language in LANGUAGES
            },
            **({"assumed": dict(one.assumed)} if one.assumed else {}),
            "possible": one.possible,
            "placed_elsewhere": one.placed_elsewhere,
            "killed": dict(one.killed),
            "lost_on": dict(one.lost_on),
        }
        for one in left.openings
    ]


def _issues(issues: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        **issue_counts(issues),
        "groups": grouped_issues(issues),
        "first": [dict(issue) for issue in issues[:MOST_ISSUES]],
    }


def grouped_issues(issues: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Put issues that say the same of other rows together: how many, and a few of them.

    Errors come first, then warnings, each in the order of the tables.
    """
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    same = ("severity", "code", "table", "source", "column", "expected")
    for issue in issues:
        groups.setdefault(tuple(str(issue.get(name, "")) for name in same), []).append(issue)
    return [
        {
            **dict(zip(same, key, strict=True)),
            "count": len(members),
            "put_aside": sum(bool(one.get("put_aside")) for one in members),
            "examples": [
                {name: one.get(name) for name in ("row", "key", "value", "advice", "message")}
                for one in members[:MOST_EXAMPLES]
            ],
        }
        for key, members in sorted(groups.items(), key=lambda item: item[0][0] != "error")
    ]
