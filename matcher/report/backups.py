"""Back-ups of a week as rows, sentences and files: who steps in, and who is asked at once."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from matcher import private
from matcher.plan import Supports, plain
from matcher.problem import Problem, frame_rows
from matcher.queues import BackUps
from matcher.report.files import write_json, write_sheet
from matcher.report.rows import backups_sheet
from matcher.report.words import Words

Row = Mapping[str, Any]
_MILLION = 1_000_000


def backup_rows(problem: Problem, found: BackUps) -> dict[str, Any]:
    """Return the parts of a document about back-ups, plain values.

    Parameters
    ----------
    problem
        The week.
    found
        Who steps in.

    Returns
    -------
    dict
        ``backups``: a row for each; ``queues``: ``ranks`` (how far each came) and, where the policy
        lets several be asked for one seat, ``several``: cap, ``seats``, their ``exposure``
        together (people) and the ``answers`` it rests on.
    """

    def by_key(name: str, *columns: str) -> dict[str, dict[str, Any]]:
        return {row[columns[0]]: row for row in frame_rows(problem[name][list(columns)])}

    openings = by_key("openings", "opening_id", "title", "workplace_id")
    workplaces = by_key("workplaces", "workplace_id", "name")
    citizens = by_key("citizens", "citizen_id", "caseworker_id")
    units = by_key("caseworkers", "caseworker_id", "unit")
    supports = Supports(problem)
    beside = {one.proposed: one.asked for one in found.together}
    rows = []
    for one in found.each:
        made, opening = one.placement, openings[one.opening_id]
        caseworker = citizens[made.citizen_id]["caseworker_id"]
        rows.append(
            {
                "opening_id": one.opening_id,
                "title": opening["title"] or "",
                "workplace_id": opening["workplace_id"],
                "workplace": workplaces[opening["workplace_id"]]["name"] or "",
                "proposed": one.proposed,
                "rank": one.rank,
                "citizen_id": made.citizen_id,
                "caseworker_id": caseworker,
                "unit": units[caseworker]["unit"] or "" if caseworker in units else "",
                "at_once": one.rank <= beside.get(one.proposed, 0),
                "measure": made.measure,
                "measure_name": problem.policy.measure_name(made.measure, made.minutes),
                "supports": supports.of(made),
                "minutes": made.minutes,
                "start": made.start,
                "commute": made.commute,
                "fit": made.fit,
            }
        )
    told: dict[str, Any] = plain(
        {
            "backups": rows,
            "queues": {
                "ranks": [vars(one) for one in found.ranks],
                "several": _several(problem, found),
            },
        }
    )
    return told


def _several(problem: Problem, found: BackUps) -> dict[str, Any] | None:
    """Return where several are asked for one seat; None: the policy lets nobody be asked so."""
    rule = problem.policy.declines.several
    if not rule.anywhere:
        return None
    return {
        "beyond_percent": rule.beyond_percent,
        "seats": [
            {"proposed": one.proposed, "asked": one.asked, "exposure": one.exposure / _MILLION}
            for one in found.together
        ],
        "asked": sum(one.asked for one in found.together),
        "exposure": round(sum(one.exposure for one in found.together) / _MILLION, 6),
        "answers": [
            {"group": list(path), "accepted": yes, "settled": settled}
            for path, (yes, settled) in found.answers.items()
        ],
    }


def backups_document(problem: Problem, found: BackUps) -> dict[str, Any]:
    """Return the document of back-ups by themselves, plain values."""
    return {"schema_version": 1, **backup_rows(problem, found)}


def rank_lines(document: Row, words: Words) -> list[str]:
    """Say how far each rank came."""
    return [
        words(
            "backups.rank" if one["proven"] else "backups.rank_open",
            one["found"],
            rank=one["rank"],
            asked=words.whole(one["asked"]),
            bound=words.whole(one["bound"]),
        )
        for one in document["queues"]["ranks"]
        if one["asked"]
    ]


def several_lines(document: Row, words: Words) -> list[str]:
    """Say for how many seats several are asked, and what that may come to; empty: not allowed."""
    several = document["queues"]["several"]
    if several is None:
        return []
    cap = words.decimal(several["beyond_percent"] / 100, 2)
    if not several["seats"]:
        return [words("backups.nowhere", cap=cap)]
    asked = words.whole(several["asked"])
    exposure = words.decimal(several["exposure"], 2)
    return [words("backups.several", len(several["seats"]), asked=asked, exposure=exposure,
                  cap=cap)]  # fmt: skip


def backups_for(document: Row, teams: Collection[str], words: Words) -> dict[str, Any]:
    """Return a document whose back-ups name the citizens of these teams alone.

    Of another team's citizen stands whose it is, for that is whom to call: neither who steps in nor
    for whom somebody stands by is told by id.
    """
    units = {one["citizen_id"]: one["unit"] or "" for one in document["proposals"]}
    return {
        **document,
        "backups": [
            {
                **one,
                "citizen_id": words.citizen(one["citizen_id"], one["unit"], teams),
                "proposed": words.citizen(one["proposed"], units[one["proposed"]], teams),
            }
            for one in document.get("backups", ())
        ],
    }


def backups_section(document: Row, words: Words) -> list[str]:
    """Write the section of the page; empty where nobody can decline or nothing is known of it."""
    if "queues" not in document or not any(one["asked"] for one in document["queues"]["ranks"]):
        return []
    lines = rank_lines(document, words) if document["backups"] else [words("backups.none")]
    note = [words("backups.page_note")] if document["backups"] else []
    return [*lines, *several_lines(document, words), *note]


def queue_texts(document: Row, words: Words) -> dict[str, str]:
    """Say of each proposal who steps in, and who is asked at once, by its citizen."""
    told = {}
    for proposed, queue in itertools.groupby(
        document.get("backups", ()), key=lambda one: str(one["proposed"])
    ):
        people = list(queue)
        now = [one for one in people if one["at_once"]]
        later = [one for one in people if not one["at_once"]]
        parts = []
        if now:
            parts.append(words("backups.now", names=", ".join(_who(one, words) for one in now)))
        if later:
            names = words("backups.and_then").join(_who(one, words) for one in later)
            parts.append(words("backups.later", names=names))
        told[proposed] = " ".join(parts)
    return told


def _who(one: Row, words: Words) -> str:
    """Name a back-up and whose citizen it is."""
    if not one["caseworker_id"]:
        return str(one["citizen_id"])
    return words("backups.of", citizen=one["citizen_id"], caseworker=one["caseworker_id"])


def backups_lines(document: Row, words: Words) -> list[str]:
    """Say who steps in: a line for each rank, then one for each proposal with a back-up."""
    lines = rank_lines(document, words)
    if not document["backups"]:
        return [*lines, words("backups.none")]
    lines += [*several_lines(document, words), ""]
    for (opening, proposed), queue in itertools.groupby(
        document["backups"], key=lambda one: (one["opening_id"], one["proposed"])
    ):
        names = [
            words("backups.who", citizen=one["citizen_id"],
                  measure=words.pick(one["measure_name"]), fit=words.whole(one["fit"]))
            for one in queue
        ]  # fmt: skip
        then = words("backups.then").join(names)
        lines.append(words("backups.line", opening=opening, proposed=proposed, names=then))
    return lines


def write_backups(document: Row, folder: Path, words: Words) -> tuple[Path, Path]:
    """Write ``backups.csv`` and ``backups.json``, for their owner alone; return their paths."""
    private.folder(folder)
    table = write_sheet(backups_sheet(document), document, folder, words)
    return table, write_json(document, folder / "backups.json")
