"""A forecast as a page of its own, tables and data: target, levers, prices, what is assumed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from matcher import private
from matcher.policy import load_policy
from matcher.report import (
    Drawing,
    Words,
    all_text,
    csv_cell,
    fill_page,
    newest_text,
    page_style,
    past_lines,
    write_json,
)
from matcher.texts import Language, Message, joined
from scenarios.forecast.bands import ENDS, SERIES, Band, Forecast, TargetMet
from scenarios.forecast.levers import LeverPulled
from scenarios.forecast.priced import ANY, PricedYears
from scenarios.page.drawings import Axis, Level, Mark, Point, curve
from scenarios.whole import whole_folder
from scenarios.year.pairs import MEASURED, Paired, signed

PAGE = "report.html"
SCHEMA, SCHEMA_VERSION = "jobmatch.forecast", 1
_MOST_ROWS = 14
"""Rows of the table beside a drawing."""
_HIGHEST_LEVEL = 2.5
"""A target higher than so many times what is drawn has no line: the band would be flat."""


def answer(found: Forecast) -> list[Message]:
    """Say what is to be expected, a sentence a line."""
    lines = []
    if found.target is not None:
        lines = target_lines(found, found.target)
    for name in SERIES:
        band = found.bands[name]
        lines.append(
            Message(f"forecast.said_{name}", count=found.weeks, weeks=found.weeks,
                    middle=band.middle[-1], low=band.low[-1], high=band.high[-1])
        )  # fmt: skip
    return lines


def target_lines(found: Forecast, target: TargetMet) -> list[Message]:
    """Say whether a target is met, and when."""
    key = "forecast.target" if target.met_by else "forecast.target_none"
    lines = [
        Message(key, target=target.number, met=target.met_by, years=found.years,
                day=found.day_of(target.by))
    ]  # fmt: skip
    if target.already:
        lines.append(Message("forecast.already", count=target.already))
    return [*lines, when_met(found, target)]


def when_met(found: Forecast, target: TargetMet) -> Message:
    """Say in which week half, and eight of ten, of the years have met it."""
    if target.half is None:
        return Message("forecast.never", count=found.weeks)
    half = found.day_of(target.half)
    if target.most is None:
        return Message("forecast.half_alone", half=half)
    return Message("forecast.half_and_most", half=half, most=found.day_of(target.most))


def lever_line(found: Forecast, one: LeverPulled) -> Message:
    """Say what a lever does to starts and target."""
    starts = one.starts
    facts = {"lever": one.lever.said(), "difference": signed(starts.difference)}
    within: str = ""
    if starts.low is not None and starts.high is not None:
        within = Message("year.interval", low=signed(starts.low), high=signed(starts.high))
    line = Message("forecast.lever", **facts, interval=within)
    if one.target is None:
        return line
    told = Message("forecast.lever_target", line=line, met=one.target.met_by, years=found.years)
    # Where half never get there, the count of the years has said it.
    if one.target.half is None:
        return told
    return Message("forecast.lever_when", line=told, when=when_met(found, one.target))


def priced_lines(found: PricedYears, weeks: int) -> list[Message]:
    """Say in how many weeks of the middle year what had a price, and what the prices brought."""
    told = [pair_text(name, found) for name in MEASURED]
    return [
        priced_line(found.weeks, weeks),
        Message("forecast.priced_brought"),
        *told,
        verdict_text(found),
    ]


def priced_line(priced: Mapping[str, Band], weeks: int) -> Message:
    """Say in how many of so many weeks of the middle year something had a price, and what.

    Parameters
    ----------
    priced
        Of :func:`scenarios.forecast.priced.priced_weeks`.
    """
    if not any(priced[ANY].high):
        return Message("forecast.priced_never")
    kinds = [
        Message("forecast.priced_kind", kind=Message(f"row_name.{name}"), weeks=band.middle[0])
        for name, band in priced.items()
        if name != ANY and band.middle[0]
    ]
    key = "forecast.priced_kinds" if kinds else "forecast.priced"
    return Message(key, weeks=priced[ANY].middle[0], of=weeks, kinds=joined(kinds, ", "))


def pair_text(total: str, found: PricedYears) -> Message:
    """Say what the prices brought by one total, with its interval."""
    one = found.pairs[total]
    within: str = ""
    if one.low is not None and one.high is not None:
        within = Message("year.interval", low=signed(one.low), high=signed(one.high))
    return Message(
        "forecast.priced_total", total=Message(f"year.total_{total}"),
        difference=signed(one.difference), interval=within,
    )  # fmt: skip


def verdict_text(found: PricedYears) -> Message:
    """Say whether prices pay in these years."""
    if found.verdict != "pays_not":
        return Message(f"year.{found.verdict}", years=found.pairs["starts"].years)
    worse = [Message(f"year.total_{name}") for name in ("starts", "fit", "person_weeks")
             if found.pairs[name].clear < 0]  # fmt: skip
    return Message("year.pays_not", why=Message("year.fewer", totals=joined(worse, ", ")))


def document_of(
    found: Forecast,
    pulled: Sequence[LeverPulled],
    language: Language,
    *,
    made_up: bool,
    figures: Mapping[str, Any],
    drawn: bool,
    priced: PricedYears | None = None,
    earlier: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Put a forecast together, as data.

    Parameters
    ----------
    pulled
        Levers that were tried.
    figures
        Assumptions that are others than those of the file.
    drawn
        Whether what is assumed was drawn from its range for each year.
    priced
        What had a price, and what the prices brought. None: no years with prices were lived.
    earlier
        What earlier forecasts came to (:func:`matcher.decisions.past_outlooks`). None: not asked
        of a ledger.
    """
    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "language": language,
        "made_up": made_up,
        "figures": dict(figures),
        "drawn": drawn,
        **found.to_dict(),
        "levers": [one.to_dict() for one in pulled],
        "prices": None if priced is None else priced.to_dict(),
        "earlier": earlier,
        "answer": [one.told(language) for one in answer(found)],
    }


def write_forecast(
    document: Mapping[str, Any],
    found: Forecast,
    pulled: Sequence[LeverPulled],
    out: Path,
    priced: PricedYears | None = None,
) -> Path:
    """Write page, CSV and JSON into ``out/forecast-DATE``; return the page.

    A forecast of that day that is there is replaced, whole.
    """
    words = Words(document["language"])
    folder = out / f"forecast-{document['date']}"
    with whole_folder(folder, PAGE) as hidden:
        private.write_text(hidden / PAGE, _page(document, found, pulled, priced, words))
        private.write_text(hidden / "forecast.csv", _csv(found, words))
        write_json(dict(document), hidden / "forecast.json")
    return folder / PAGE


def series_name(name: str, found: Forecast, words: Words) -> str:
    """Name what is counted."""
    kind, _, part = name.partition(".")
    if not part:
        return words(f"forecast.name_{kind}")
    if kind == "ended":
        return words(f"forecast.name_ended_{part}")
    if kind == "used":
        return words("forecast.name_used", row=words(f"row_name.{part}"))
    return words.pick(load_policy(found.day).measure_name(part))


def _csv(found: Forecast, words: Words) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=words.separator)
    columns = ("day", "series", "low", "middle", "high")
    writer.writerow([words(f"forecast.head_{name}") for name in columns])
    for name, band in found.bands.items():
        for week in range(found.weeks):
            row = (found.day_of(week).isoformat(), series_name(name, found, words),
                   band.low[week], band.middle[week], band.high[week])  # fmt: skip
            writer.writerow([csv_cell(one, words) for one in row])
    return "\ufeff" + text.getvalue()


def _page(
    document: Mapping[str, Any],
    found: Forecast,
    pulled: Sequence[LeverPulled],
    priced: PricedYears | None,
    words: Words,
) -> str:
    template = resources.files("scenarios.forecast").joinpath("page.html.j2").read_text("utf-8")
    style = resources.files("scenarios.page").joinpath("page.css").read_text("utf-8")
    language = words.language
    first, *rest = answer(found)
    figures = [
        f"{name} = {words.marked(f'{value:g}')}" for name, value in document["figures"].items()
    ]
    return fill_page(
        template,
        {
            "words": words,
            "css": page_style(style),
            "document": document,
            "subtitle": words(
                "page.subtitle",
                week=words.calendar_week(found.day).capitalize(),
                date=words.long_date(found.day),
            ),
            "lead": first.told(language),
            "rest": [one.told(language) for one in rest],
            "sections": [_section(name, found, words) for name in SERIES],
            "parts": [_parts("started", found, words), _parts("ended", found, words)],
            "resources": _resources(found, words),
            "levers": [_lever(one, found, language) for one in pulled],
            "prices": None if priced is None else _prices(priced, found, words),
            "earlier": None
            if document["earlier"] is None
            else _earlier(document["earlier"], words),
            "figures": figures,
        },
    )


def _section(name: str, found: Forecast, words: Words) -> dict[str, Any]:
    """One drawing and its table."""
    band = found.bands[name]
    shown = _shown(found)
    rows = [
        {
            "week": words("forecast.week", week=week + 1, day=words.date(found.day_of(week))),
            **{at: words.whole(getattr(band, at)[week]) for at in ("low", "middle", "high")},
        }
        for week in shown
    ]
    return {
        "name": name,
        "title": words(f"forecast.title_{name}"),
        "drawing": _drawing(name, found, shown, words),
        "rows": rows,
    }


def _resources(found: Forecast, words: Words) -> dict[str, Any]:
    """Say what weeks' plans take of what is left of each resource, in the middle year.

    Beside it how many wait, and in how many weeks something had a price.
    """
    kinds = [name for name in found.bands if name.startswith("used.")]
    rows = [
        {
            "week": words("forecast.week", week=week + 1, day=words.date(found.day_of(week))),
            "waiting": words.whole(found.bands["waiting"].middle[week]),
            "used": [words.percent(found.bands[name].middle[week] / 100) for name in kinds],
        }
        for week in _shown(found)
    ]
    return {
        "heads": [words(f"row_name.{name.partition('.')[2]}") for name in kinds],
        "rows": rows,
        "drawings": [
            {
                "head": series_name(name, found, words),
                "drawing": _drawing(name, found, _shown(found), words),
            }
            for name in ("waiting", *kinds)
        ],
    }


def _prices(priced: PricedYears, found: Forecast, words: Words) -> dict[str, Any]:
    """Say what had a price in how many weeks, and what the prices brought."""
    language = words.language
    lines = priced_lines(priced, found.weeks)

    def told(name: str) -> dict[str, str]:
        one, shown = priced.pairs[name], pair_text(name, priced)
        return {
            "name": words(f"year.total_{name}"),
            "without": words("forecast.number", value=one.before),
            "with": words("forecast.number", value=one.after),
            "difference": shown.facts["difference"].told(language),
            "interval": _interval(one, language),
            "worst": signed(one.worst).told(language),
        }

    return {
        "first": lines[0].told(language),
        "verdict": lines[-1].told(language),
        "kinds": [
            {
                "name": words("forecast.any_kind" if name == ANY else f"row_name.{name}"),
                **{at: words.whole(getattr(band, at)[0]) for at in ("low", "middle", "high")},
            }
            for name, band in priced.weeks.items()
        ],
        "totals": [told(name) for name in MEASURED],
    }


def _earlier(earlier: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Say what earlier forecasts came to."""
    return {
        "first": past_lines(earlier, words)[0],
        "rows": [
            {
                "name": words("past.ahead", row["weeks"]),
                "newest": newest_text(row, words),
                "all": all_text(row, earlier, words),
            }
            for row in earlier["ahead"]
            if row["forecasts"]
        ],
    }


def _shown(found: Forecast) -> list[int]:
    """Weeks that stand in a table: all, or every few of many, and the last."""
    step = -(-found.weeks // _MOST_ROWS)
    return sorted({*range(0, found.weeks, step), found.weeks - 1})


def _drawing(name: str, found: Forecast, shown: Sequence[int], words: Words) -> Drawing:
    band = found.bands[name]
    points = [
        Point(
            week + 1,
            band.middle[week],
            words(
                "forecast.point",
                week=week + 1,
                middle=words.whole(band.middle[week]),
                low=words.whole(band.low[week]),
                high=words.whole(band.high[week]),
            ),
        )
        for week in shown
    ]
    mark, level = None, None
    goal = found.target
    if name == "started" and goal is not None:
        # The curve counts from the first week on; what was there before is not on it.
        height = max(goal.number - goal.already, 0)
        target = words.whole(goal.number)
        if goal.half is not None:
            mark = Mark(goal.half + 1, height, words("forecast.mark", target=target))
        if height <= _HIGHEST_LEVEL * max(band.high):
            level = Level(height, "" if mark else words("forecast.level", target=target))
    said = next((one for one in answer(found) if one.key == f"forecast.said_{name}"), None)
    title = series_name(name, found, words)
    if said is not None:
        title = words(f"forecast.title_{name}")
        summary = said.told(words.language)
    else:
        summary = words("forecast.said_other", middle=words.whole(band.middle[-1]),
                        low=words.whole(band.low[-1]), high=words.whole(band.high[-1]))  # fmt: skip
    return curve(
        points,
        Axis(words("forecast.axis_week"), words.whole),
        Axis(words("forecast.axis_percent") if name.startswith("used.") else
             words(f"forecast.name_{name}"), words.whole, from_zero=True),
        title=title,
        summary=summary,
        mark=mark,
        level=level,
        band=[
            (week + 1, band.low[week], band.high[week]) for week in range(found.weeks)
        ],
    )  # fmt: skip


def _parts(kind: str, found: Forecast, words: Words) -> dict[str, Any]:
    """Say of which kind starts, or ends, are by the last week."""
    names = (
        [f"ended.{name}" for name in ENDS]
        if kind == "ended"
        else [name for name in found.bands if name.startswith("started.")]
    )
    rows = [
        {
            "name": series_name(name, found, words),
            **{
                at: words.whole(getattr(found.bands[name], at)[-1])
                for at in ("low", "middle", "high")
            },
        }
        for name in names
    ]
    return {"title": words(f"forecast.parts_{kind}"), "rows": rows}


def _lever(one: LeverPulled, found: Forecast, language: Language) -> dict[str, str]:
    starts = one.starts
    words = Words(language)
    met = when = ""
    if one.target is not None:
        met = words("forecast.met_of", met=one.target.met_by, years=found.years)
        when = when_met(found, one.target).told(language)
    return {
        "name": words("forecast.lever_name", lever=one.lever.said()),
        "difference": signed(starts.difference).told(language),
        "interval": _interval(starts, language),
        "met": met,
        "when": when,
    }


def _interval(one: Paired, language: Language) -> str:
    """Write the 95 % interval of a difference; empty where too few years were lived."""
    if one.low is None or one.high is None:
        return ""
    return Words(language)(
        "forecast.from_to", low=signed(one.low).told(language), high=signed(one.high).told(language)
    )
