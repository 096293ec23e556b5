"""Back-ups of a week as a document, lines and files."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matcher import private
from matcher.again import BackUps
from matcher.plan import plain
from matcher.report.files import csv_cell, write_json
from matcher.report.words import Words
from matcher.texts import Speech

_COLUMNS = (
    "opening_id", "proposed", "rank", "citizen_id", "measure", "start", "hours", "fit",
    "team_id", "pool_id", "course_ids",
)  # fmt: skip


def backups_document(found: BackUps, measures: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return plain values: how far each rank came, and each back-up.

    Parameters
    ----------
    found
        Who steps in.
    measures
        Names of measures in both languages, by id.
    """
    return {
        "schema_version": 1,
        "ranks": [
            {
                "rank": one.rank,
                "asked": one.asked,
                "found": one.found,
                "bound": one.bound,
                "fit": one.fit,
                "proven": one.proven,
            }
            for one in found.ranks
        ],
        "measures": {name: dict(both) for name, both in measures.items()},
        "backups": [
            {
                "opening_id": one.opening_id,
                "proposed": one.proposed,
                "rank": one.rank,
                "citizen_id": one.placement.citizen_id,
                "measure": one.placement.measure,
                "start": plain(one.placement.start),
                "hours": one.placement.minutes / 60,
                "fit": one.placement.fit,
                "team_id": one.placement.team_id,
                "pool_id": one.placement.pool_id,
                "course_ids": list(one.placement.course_ids),
            }
            for one in found.each
        ],
    }


def backups_lines(document: Mapping[str, Any], say: Speech) -> list[str]:
    """Say who steps in: a line for each rank, then one for each proposal with a back-up."""
    lines = [
        say(
            "backups.rank" if one["proven"] else "backups.rank_open",
            one["found"],
            rank=one["rank"],
            asked=say.whole(one["asked"]),
            bound=say.whole(one["bound"]),
        )
        for one in document["ranks"]
        if one["asked"]
    ]
    if not document["backups"]:
        return [*lines, say("backups.none")]
    lines.append("")
    for (opening, proposed), queue in itertools.groupby(
        document["backups"], key=lambda one: (one["opening_id"], one["proposed"])
    ):
        names = [
            say("backups.who", citizen=one["citizen_id"],
                measure=say.pick(document["measures"][one["measure"]]), fit=say.whole(one["fit"]))
            for one in queue
        ]  # fmt: skip
        then = say("backups.then").join(names)
        lines.append(say("backups.line", opening=opening, proposed=proposed, names=then))
    return lines


def write_backups(document: Mapping[str, Any], folder: Path, words: Words) -> tuple[Path, Path]:
    """Write ``backups.csv`` and ``backups.json``, for their owner alone; return their paths."""
    private.folder(folder)
    path = folder / "backups.csv"
    with private.opened(path, encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=words.separator)
        writer.writerow([words(f"backups.head_{name}") for name in _COLUMNS])
        for one in document["backups"]:
            row = {
                **one,
                "measure": words.pick(document["measures"][one["measure"]]),
                "start": words.date(one["start"]),
                "course_ids": " ".join(one["course_ids"]),
            }
            writer.writerow([csv_cell(row[name], words) for name in _COLUMNS])
    return path, write_json(document, folder / "backups.json")
