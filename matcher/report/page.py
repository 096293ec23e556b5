"""The weekly page: one self-contained file without scripts or network, for screen and paper.

Everything on it comes from the document and the texts; the template only lays it out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from matcher.errors import OptionError
from matcher.explain import law_lines, not_known_lines
from matcher.report import sections
from matcher.report.backups import backups_section, queue_texts
from matcher.report.charts import BarPart, Drawing, bar
from matcher.report.depth import depth_section
from matcher.report.headline import figures_of, rows_line, work_text
from matcher.report.outlook import outlook_lines
from matcher.report.people import people_section
from matcher.report.rows import reason_text, supports_text
from matcher.report.words import Words
from matcher.texts import Message, catalogue

if TYPE_CHECKING:
    import jinja2

Row = Mapping[str, Any]

MOST_PROPOSALS = 500
"""Proposals on the page; of more, those that want a look, and the files have all."""
GLOSSARY = (
    "proposals", "fit", "possible", "reach", "measure", "support", "level", "scarce", "worth",
    "ratio",
)  # fmt: skip
"""Terms that are explained at the foot."""
MEANINGS = {"form": "measure", "when": "reach"}
"""Meanings of heads that have another name."""


def page_html(document: Row, words: Words) -> str:
    """Make the page of a document.

    Raises
    ------
    OptionError
        jinja2 is not installed.
    """
    return fill_page(_read("page.html.j2"), {**_content(document, words), "css": page_style()})


def fill_page(template: str, content: Row) -> str:
    """Fill a page's template; everything is escaped but finished drawings and styles.

    Raises
    ------
    OptionError
        jinja2 is not installed.
    """
    need_page()
    return f"{_compiled(template).render(**content)}\n"


@cache
def _compiled(template: str) -> jinja2.Template:
    """Make a page's template ready, once: a program may write many pages."""
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=False
    )
    return environment.from_string(template)


def need_page() -> None:
    """Make sure that a page can be written, before anything long is begun for it.

    Raises
    ------
    OptionError
        jinja2 is not installed; the message names the extra that brings it.
    """
    try:
        import jinja2  # noqa: F401
    except ModuleNotFoundError:
        message = Message("option.needs_jinja")
        raise OptionError(message) from None


def page_style(more: str = "") -> Drawing:
    """Return the style sheet that all pages share, and one's own after it."""
    return Drawing(_read("page.css") + more)


def _read(name: str) -> str:
    return resources.files("matcher.report").joinpath(name).read_text(encoding="utf-8")


def _content(document: Row, words: Words) -> dict[str, Any]:
    """Everything the template shows."""
    head, figures = document["headline"], document["figures"]
    worst = _worst(document["proposals"])
    queues = queue_texts(document, words)
    return {
        "words": words,
        "made_up": document["made_up"],
        "subtitle": words(
            "page.subtitle",
            week=words.calendar_week(document["date"]).capitalize(),
            date=words.long_date(document["date"]),
        ),
        "head": _Attributes(head),
        "lead": _lead(document, words),
        "not_known": not_known_lines(head["not_known"], words.language),
        "late": bool(document.get("law", {}).get("overdue")),
        "law": law_lines(document, words.language),
        "tiles": _tiles(document, words),
        "pace": sections.pace(head["pace"], head["full_time_hours"], words),
        "outlook": outlook_lines(document["people"].get("outlook"), words),
        "where": sections.where(document, words),
        "maps": sections.maps(figures["districts"], words),
        "districts": sections.district_rows(figures["districts"], words),
        "happened": sections.happened(figures["outcomes"], words),
        "anybody_left": any(
            count
            for cause, count in figures["outcomes"].items()
            if cause not in {"proposed", "already_placed"}
        ),
        "left_tables": sections.left_tables(figures, words),
        "scarce": sections.scarce(figures["resources"], words),
        "prices": {"lines": sections.price_lines(document["resources"], words)},
        "ahead": sections.ahead_parts(document.get("ahead"), words),
        "openings": sections.openings(document, words),
        "audit": sections.audit(document["audit"], words),
        "people": people_section(document, words),
        "backups": backups_section(document, words),
        "depth": depth_section(document, words),
        "proposals": _proposals(worst, queues, words),
        "proposals_lead": words("page.proposals_lead")
        if len(worst) == len(document["proposals"])
        else words(
            "page.proposals_worst",
            shown=words.whole(len(worst)),
            all=words.whole(len(document["proposals"])),
        ),
        "proposal_heads": [
            words.term(f"page.head_{name}", MEANINGS.get(name, ""))
            for name in ("citizen", "job", "form", "when", "fit", "reasons")
        ],
        "not_read": rows_line(head.get("not_read", {}), words.language),
        "issues": _issues(document, words),
        "issues_lead": words("page.issues_lead", len(document["issues"].get("groups", ()))),
        "glossary": words.glossary(*GLOSSARY),
        "provenance": _provenance(document, words),
        "time_taken": _time_taken(document["provenance"]["times"], words),
    }


class _Attributes:
    """A mapping read by attribute, so that a template's ``items`` is not the method."""

    def __init__(self, values: Row) -> None:
        self.__dict__.update(values)


def _lead(document: Row, words: Words) -> dict[str, str]:
    head = document["headline"]
    already = head["unplaced"]["already_placed"]
    if head["placed"] and already == head["status"]["running"]:
        already = 0  # the line on what is new, kept and running says it
    lead = {
        "number": words.whole(head["placed"]),
        "what": words("page.lead_number", head["placed"]),
        "of": words("page.lead_of", head["waiting"]),
        "already": words("page.lead_already", already) if already else "",
        "status": words("page.status", **figures_of(head["status"], words))
        if head["placed"]
        else "",
        "work": words(
            "page.work_lead", parts=work_text(head["work"], head["full_time_hours"], words)
        )
        if head["placed"]
        else "",
        "badge": words("page.proven" if head["proven"] else "page.unproven"),
        "badge_long": words("page.proven_long"),
    }
    if not head["proven"] and head["has_plan"]:
        tier = next(tier for tier in document["tiers"] if not tier["proven"])
        unit = words(f"page.tier_{tier['name']}")
        lead["badge_long"] = words(
            "page.unproven_long",
            gap=words.gap(tier["gap"]),
            value=f"{words.whole(tier['value'])} {unit}",
            bound=words.whole(tier["bound"]),
        )
    return lead


def _tiles(document: Row, words: Words) -> list[dict[str, str]]:
    """Collect the few figures under the headline; those without meaning this week are left out."""
    head, supports = document["headline"], document["figures"]["supports"]
    tiles = []

    def tile(name: str, value: str, **more: str) -> None:
        tiles.append(
            {
                "name": words(f"page.kpi_{name}"),
                "value": value,
                "note": words(f"page.kpi_{name}_note", **more),
            }
        )

    if not head["has_plan"]:
        return []
    if head["waiting"]:
        tile("share", words.percent(head["suitable_share"]),
             possible=words.whole(head["with_opening"]))  # fmt: skip
    if head["mean_fit"] is not None:
        tile("fit", words.whole(head["mean_fit"]), floor=words.whole(document["fit_floor"]))
    if head["seats_free"]:
        tile("seats", words.percent(head["seats_filled"] / head["seats_free"]),
             filled=words.whole(head["seats_filled"]),
             free=words.whole(head["seats_free"]))  # fmt: skip
    if head["placed"]:
        tile("support", words.percent(1 - supports["none"] / head["placed"]))
    return tiles


def _worst(rows: Sequence[Row]) -> Sequence[Row]:
    """Proposals that the page shows: all, or where they are many close calls and the lowest fit."""
    if len(rows) <= MOST_PROPOSALS:
        return rows
    close = {row["citizen_id"] for row in rows if row.get("margin", {}).get("triage") == "close"}
    order = sorted(rows, key=lambda row: (row["citizen_id"] not in close, row["fit"]))
    shown = {row["citizen_id"] for row in order[:MOST_PROPOSALS]}
    return [row for row in rows if row["citizen_id"] in shown]


def _proposals(
    rows: Sequence[Row], queues: Mapping[str, str], words: Words
) -> list[dict[str, Any]]:
    """Proposals by caseworker, both in the order of their ids."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["caseworker_id"] or "", []).append(row)
    return [
        {
            "name": words("page.caseworker", id=name) if name else words("page.no_caseworker"),
            "count": words("headline.proposals", len(rows)),
            "rows": [
                {**_proposal(row, words), "steps_in": queues.get(row["citizen_id"], "")}
                for row in rows
            ],
        }
        for name, rows in sorted(groups.items(), key=lambda item: (not item[0], item[0]))
    ]


def _proposal(row: Row, words: Words) -> dict[str, Any]:
    where = " ".join(filter(None, (row["postcode"], row["district"])))
    weakest = row["trade_off"]
    return {
        "citizen": row["citizen_id"],
        "locked": words("page.locked") if row["locked"] else "",
        "close": words("depth.close") if row.get("margin", {}).get("triage") == "close" else "",
        "margin": words.pick(row["margin"]["sentence"]) if "margin" in row else "",
        "job": row["title"] or row["opening_id"],
        "workplace": row["workplace"] or row["workplace_id"],
        "where": f"{where} · {words.sector(row['sector'])}",
        "measure": words.pick(row["measure_name"]),
        "supports": supports_text(row, words),
        "hours": words("page.when_hours", hours=words.hours(row["minutes"])),
        "start": words("page.when_start", date=words.date(row["start"])),
        "way": words("page.when_way", minutes=row["commute"]),
        "fit": row["fit"],
        "drawing": bar((BarPart(row["fit"], "strong"),), 1000),
        "reasons": [reason_text(reason, words) for reason in row["reasons"]],
        "weakest": reason_text(weakest, words) if weakest else "",
        "not_known": words.pick(row["not_known"]["sentence"]),
        "see_to": row.get("conditions", {}).get(words.language, ()),
    }


def _provenance(document: Row, words: Words) -> list[tuple[str, str]]:
    made, issues = document["provenance"], document["issues"]
    policy, engine = made.get("policy", {}), made.get("engine", {})
    rows = [
        ("termination", words(f"page.termination_{document['termination']['reason']}")),
        *((tier["name"], _tier(tier, words)) for tier in document["tiers"][:2]),
        ("digest", made.get("input_digest", "")),
        ("policy", " ".join(str(policy.get(part, "")) for part in ("name", "version", "digest"))),
        ("overrides", "; ".join(policy.get("overrides", ()))),
        ("versions", _pairs(made.get("versions", {}), words)),
        (
            "method",
            _pairs({"method": engine.get("method", ""), **_flat(made.get("options", {}))}, words),
        ),
        (
            "issues",
            words(
                "page.prov_issues_text",
                errors=words.whole(issues["errors"]),
                warnings=words.whole(issues["warnings"]),
                aside=words.whole(issues["rows_put_aside"]),
            ),
        ),
    ]
    return [(words(f"page.prov_{name}"), text) for name, text in rows if text.strip()]


def _issues(document: Row, words: Words) -> list[str]:
    """Write a line for issues that say the same; the sentences are those of the tables."""
    lines = []
    for group in document["issues"].get("groups", ()):
        kind = words(f"page.issues_{group['severity']}")
        told = [str(one["message"]) for one in group["examples"]]
        many = f"{words('page.issues_more', group['count'])} " if group["count"] > 1 else ""
        lines.append(f"{kind}: {many}{' '.join(told)}")
    return lines


def _tier(tier: Row, words: Words) -> str:
    bound = "–" if tier["bound"] is None else words.whole(tier["bound"])
    if tier["value"] is None:
        return words("page.prov_bound", value="–", bound=bound, gap="–")
    value = words.whole(tier["value"])
    if tier["proven"]:
        return words("page.prov_exact", value=value)
    return words("page.prov_bound", value=value, bound=bound, gap=words.gap(tier["gap"]))


def _flat(options: Row) -> dict[str, Any]:
    """Options that are set, those inside others included."""
    flat: dict[str, Any] = {}
    for name, value in options.items():
        if isinstance(value, Mapping):
            off = [inner for inner, on in value.items() if on is False]
            flat.update(dict.fromkeys(off, "off"))
        elif value is not None:
            flat[name] = value
    return flat


def _pairs(values: Row, words: Words) -> str:
    return ", ".join(
        f"{words.known(f'runs.name_{name}', name)} {value}"
        for name, value in values.items()
        if value != ""
    )


def _time_taken(times: Row, words: Words) -> str:
    """Seconds of the run, by phase where there are phases."""
    phases = times.get("run_times") or times.get("phase_times") or {}
    seconds: Sequence[tuple[str, float]] = [
        (str(name), float(took))
        for name, took in phases.items()
        if isinstance(took, (int, float)) and math.isfinite(took)
    ]
    if not seconds:
        return ""
    total = words("page.prov_seconds", seconds=words.decimal(sum(took for _, took in seconds)))
    known = catalogue(words.language)
    parts = [
        f"{known.get(f'runs.name_{name}', name)} {words.decimal(took)}" for name, took in seconds
    ]
    return f"{total} ({', '.join(parts)})"
