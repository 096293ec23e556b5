"""One page for the country: a row for each municipality, the failed ones with their reasons."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from matcher import private
from matcher.report import BarPart as BarPart
from matcher.report import Words, bar, csv_cell, fill_page, page_style, write_json
from matcher.rules import Language
from matcher.texts import tell
from scenarios.country.split import LeftOut
from scenarios.country.weeks import Ran
from scenarios.population import municipalities
from scenarios.whole import whole_folder

PAGE = "report.html"
SCHEMA = "jobmatch.country"
COLUMNS = ("municipality", "name", "citizens", "waiting", "openings", "placed", "bound", "proven",
           "cost", "seconds", "folder", "reason")  # fmt: skip


def summary(
    ran: Sequence[Ran], left_out: LeftOut, day: dt.date, *, made_up: bool, language: Language
) -> dict[str, Any]:
    """Put what came of all weeks together, as data."""
    names = {one.code: one.name for one in municipalities()}
    rows = [
        {
            "municipality": one.municipality,
            "name": names.get(one.municipality, one.municipality),
            "citizens": one.citizens,
            "waiting": one.waiting,
            "openings": one.openings,
            "placed": one.placed,
            "bound": one.bound,
            "proven": one.proven,
            "cost": one.cost,
            "seconds": round(one.seconds, 2),
            "folder": one.folder,
            "reason": tell(one.reason, language),
        }
        for one in sorted(ran, key=lambda one: one.municipality)
    ]
    done = [row for row in rows if not row["reason"]]
    return {
        "schema": SCHEMA,
        "schema_version": 1,
        "date": day.isoformat(),
        "language": language,
        "made_up": made_up,
        "municipalities": len(rows),
        "failed": len(rows) - len(done),
        "citizens": sum(row["citizens"] for row in rows),
        "waiting": sum(row["waiting"] for row in done),
        "openings": sum(row["openings"] for row in rows),
        "placed": sum(row["placed"] for row in done),
        "proven": sum(row["proven"] for row in done),
        "cost": sum(row["cost"] for row in done),
        "left_out": {
            "no_municipality": left_out.no_municipality,
            "two_homes": left_out.two_homes,
            "workplaces": left_out.workplaces,
            "openings": left_out.openings,
            "classes": left_out.classes,
        },
        "rows": rows,
    }


def write_summary(document: dict[str, Any], out: Path) -> Path:
    """Write page, CSV and JSON into ``out/DATE``; return the page.

    A summary of that day that is there is replaced, whole.
    """
    words = Words(document["language"])
    folder = out / f"country-{document['date']}"
    with whole_folder(folder, PAGE) as hidden:
        private.write_text(hidden / PAGE, _page(document, words))
        private.write_text(hidden / "municipalities.csv", _csv(document, words))
        write_json(document, hidden / "country.json")
    return folder / PAGE


def _csv(document: dict[str, Any], words: Words) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=words.separator)
    writer.writerow([words(f"country.head_{name}") for name in COLUMNS])
    for row in document["rows"]:
        writer.writerow([csv_cell(row[name], words) for name in COLUMNS])
    return "﻿" + text.getvalue()


def _page(document: dict[str, Any], words: Words) -> str:
    rows = document["rows"]
    most = max((row["waiting"] for row in rows), default=0)
    template = resources.files("scenarios.country").joinpath("page.html.j2").read_text("utf-8")
    left = document["left_out"]
    return fill_page(
        template,
        {
            "words": words,
            "css": page_style(),
            "document": document,
            "subtitle": words(
                "page.subtitle",
                week=words.calendar_week(document["date"]).capitalize(),
                date=words.long_date(document["date"]),
            ),
            "lead": words(
                "country.lead",
                placed=document["placed"],
                waiting=document["waiting"],
                done=document["municipalities"] - document["failed"],
                all=document["municipalities"],
            ),
            "proof": words(
                "country.proof",
                proven=document["proven"],
                done=document["municipalities"] - document["failed"],
            ),
            "left": [
                words(f"country.left_{name}", count=count) for name, count in left.items() if count
            ],
            "rows": [
                {
                    **row,
                    "drawing": bar(
                        [BarPart(row["placed"], "strong"), BarPart(_rest(row), "soft")], most
                    ),
                    "link": f"../{row['folder']}/{PAGE}" if row["folder"] else "",
                }
                for row in rows
            ],
        },
    )


def _rest(row: dict[str, Any]) -> int:
    return max(0, int(row["waiting"]) - int(row["placed"]))
