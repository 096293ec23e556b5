"""The few figures a run is summed up in."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from matcher.capacity import running_placements
from matcher.explain import not_known_lines
from matcher.policy import WORK_KINDS
from matcher.problem import Problem
from matcher.report.words import Words
from matcher.rules import Language
from matcher.tables import table_name
from matcher.texts import tell


@dataclass(frozen=True)
class Headline:
    """The few figures of a run."""

    has_plan: bool
    """Whether a plan was found."""
    placed: int
    """Proposals."""
    citizens: int
    """Citizens in the tables."""
    waiting: int
    """Of those, how many are not in a placement already."""
    with_opening: int
    """Of the waiting, how many have at least one suitable opening."""
    suitable_share: float | None
    """Proposals, all of them suitable, per waiting citizen; None without anybody waiting."""
    mean_fit: float | None
    """Mean fit of the proposals, 0-1000; None without proposals."""
    proven: bool
    """Whether nothing better exists in placements and fit."""
    bound: int | None
    """What the first tier cannot pass."""
    gap: float | None
    """Relative gap of the first tier that is not proven; 0 when proven, None without a plan."""
    status: Mapping[str, int]
    """Proposals ``new``, ``kept`` from before and ``locked``; and citizens ``running`` already."""
    work: Mapping[str, int]
    """Proposals by what they are: :data:`matcher.policy.WORK_KINDS`."""
    full_time_hours: float | None
    """Hours a week from which a wage is self-support; None: the policy does not say."""
    seats_free: int
    """Free seats."""
    seats_filled: int
    """Seats with a proposal."""
    unplaced: Mapping[str, int]
    """Citizens without a proposal by cause."""
    pace: Mapping[str, Any]
    """What the programme needs and what is on record."""
    made_up: bool
    """Whether the tables are about nobody."""
    not_read: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Rows used and rows read, of the tables that were not wholly used."""
    not_known: Mapping[str, Any] = field(default_factory=lambda: {"tables": {}, "declared": {}})
    """What is not known or not recorded, see :func:`matcher.explain.not_known_document`."""

    def lines(self, language: Language) -> tuple[str, ...]:
        """Write the figures for a terminal."""
        words = Words(language)
        if not self.has_plan:
            return (words("headline.no_plan"),)
        lines = [words("headline.made_up")] if self.made_up else []
        if short := rows_line(self.not_read, language):
            lines.append(short)
        lines.append(
            words("headline.proposals", self.placed)
            + " "
            + words("headline.of_waiting", self.waiting)
            + (f" ({words.percent(self.suitable_share)})" if self.waiting else "")
        )
        if self.placed:
            parts = work_text(self.work, self.full_time_hours, words)
            lines.append(words("headline.work_line", parts=parts))
            lines.append(words("headline.status_line", **figures_of(self.status, words)))
        lines += not_known_lines(self.not_known, language)
        if self.mean_fit is not None:
            lines.append(words("headline.fit_line", fit=words.whole(self.mean_fit)))
        lines.append(
            words("headline.proven_line")
            if self.proven
            else words("headline.gap_line", gap=words.gap(self.gap))
        )
        lines.append(
            words(
                "headline.seats_line",
                filled=words.whole(self.seats_filled),
                free=words.whole(self.seats_free),
            )
        )
        left = [
            f"{words.whole(count)} {words('cause_short.' + cause)}"
            for cause, count in self.unplaced.items()
            # Those who are in a placement already stand in the line of the proposals.
            if count and not (self.placed and cause == "already_placed")
        ]
        if left:
            lines.append(words("headline.left_line", left="; ".join(left)))
        lines.append(
            words(
                "headline.pace_line",
                pace=words.decimal(self.pace["per_week"]),
                target=words.whole(self.pace["target"]),
                weeks=words.whole(self.pace["weeks"]),
            )
        )
        return tuple(lines)


def work_text(counts: Mapping[str, int], hours: float | None, words: Words) -> str:
    """List how many placements are a living, part of one, subsidised or unpaid."""
    most = "" if hours is None else words.decimal(hours)
    return "; ".join(
        words(f"work.{kind}", counts[kind], hours=most)
        for kind in WORK_KINDS
        if counts[kind] or (kind == "self_support" and most)
    )


def figures_of(counts: Mapping[str, int], words: Words) -> dict[str, str]:
    """Write counts as texts fill them in."""
    return {name: words.whole(count) for name, count in counts.items()}


def headline(document: Mapping[str, Any]) -> Headline:
    """Take the few figures of a run from its document."""
    return Headline(**document["headline"])


def rows_line(rows: Mapping[str, Sequence[int]], language: Language = "en") -> str:
    """Say which tables were not wholly used: `192 of 200 citizens`; empty where all were.

    Parameters
    ----------
    rows
        Rows used and rows read, by table.
    language
        Of the sentence.
    """
    words = Words(language)
    parts = [
        words("headline.read_part", kept=words.whole(kept), all=words.whole(read),
              table=tell(table_name(name), words.language).replace("_", " "))
        for name, (kept, read) in rows.items()
        if kept < read
    ]  # fmt: skip
    return words("headline.read_line", parts=", ".join(parts)) if parts else ""


def headline_figures(
    problem: Problem, document: Mapping[str, Any], rows: Mapping[str, Sequence[int]]
) -> dict[str, Any]:
    """Count the figures of :class:`Headline`."""
    outcomes, tiers = document["figures"]["outcomes"], document["tiers"]
    termination, proposals = document["termination"], document["proposals"]
    placed, citizens = len(proposals), sum(outcomes.values())
    waiting = citizens - outcomes["already_placed"]
    unproven = [tier for tier in tiers[:2] if not tier["proven"]]
    return {
        "has_plan": termination["has_plan"],
        "placed": placed,
        "citizens": citizens,
        "waiting": waiting,
        "with_opening": placed
        + sum(1 for row in document["unplaced"] if row["possible"]
              and row["cause"] != "already_placed"),
        "suitable_share": round(placed / waiting, 4) if waiting else None,
        "mean_fit": round(sum(row["fit"] for row in proposals) / placed, 1) if placed else None,
        "proven": termination["proven"],
        "bound": tiers[0]["bound"] if tiers else None,
        "gap": (unproven[0]["gap"] if unproven else 0.0) if termination["has_plan"] else None,
        "status": {
            **{name: sum(row["status"] == name for row in proposals)
               for name in ("new", "kept", "locked")},
            "running": outcomes["already_placed"],
        },
        "work": _by_kind([row["work"] for row in proposals]),
        "full_time_hours": problem.policy.programme.full_time_hours,
        "seats_free": sum(row["free"] for row in document["openings"]),
        "seats_filled": sum(row["filled"] for row in document["openings"]),
        "unplaced": {cause: n for cause, n in outcomes.items() if cause != "proposed"},
        "pace": _pace(problem, placed),
        "made_up": document["made_up"],
        "not_read": {name: [kept, read] for name, (kept, read) in rows.items() if kept < read},
        "not_known": document["not_known"],
    }  # fmt: skip


def _by_kind(kinds: Iterable[str]) -> dict[str, int]:
    counts = Counter(kinds)
    return {kind: counts[kind] for kind in WORK_KINDS}


def _pace(problem: Problem, placed: int) -> dict[str, Any]:
    """Count what the programme needs a week, and the starts that the running table shows.

    The table holds placements that still run, so earlier starts that have ended are not in it.
    """
    programme = problem.policy.programme
    running = running_placements(problem)
    begun = running[running["start"] <= pd.Timestamp(problem.today)]
    first = begun["start"].min().date() if len(begun) else None
    weeks = max(1.0, (problem.today - first).days / 7) if isinstance(first, dt.date) else None
    return {
        "target": programme.target,
        "weeks": programme.weeks,
        "per_week": round(programme.target / programme.weeks, 2),
        "running": len(begun),
        # The table holds no hours: of a running wage it is not known whether it is a living.
        "running_work": _by_kind(
            problem.policy.work_kind(measure, None) for measure in begun["measure"].tolist()
        ),
        "first_start": first,
        "weeks_on_record": round(weeks, 1) if weeks else None,
        "expected": round(weeks * programme.target / programme.weeks, 1) if weeks else None,
        "proposals": placed,
    }
