"""The tables that leave the house, as columns: one description for CSV, Excel and its legend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from matcher.explain.bottlenecks import STEPS
from matcher.offers import COMPONENTS
from matcher.report import depth
from matcher.report.words import Words
from matcher.row_kinds import BUDGET, ROW_KINDS, UNITS
from matcher.rules import RULES, shown

Kind = Literal["text", "whole", "decimal", "date"]
Row = Mapping[str, Any]

MOST_RULES = 4
"""Rules named in a cell; all are in ``run.json``."""


@dataclass(frozen=True)
class Column:
    """One column of a file."""

    key: str
    """Key of header (``column``) and meaning (``about``) in the texts."""
    value: Callable[[Row, Words], Any]
    """The cell of a row: text, number, date or None."""
    kind: Kind = "text"
    width: int = 14
    """Characters in a workbook."""
    more: Mapping[str, Any] | None = None
    """What else fills the header: number of the reason, component of the points."""

    def header(self, words: Words) -> str:
        """Name of the column."""
        more = dict(self.more or {})
        if "component" in more:
            more["name"] = words(f"component.{more['component']}")
        return words(f"column.{self.key}", **more)

    def meaning(self, words: Words) -> str:
        """Say what the column holds."""
        return words(f"about.{self.key}")


@dataclass(frozen=True)
class ReportTable:
    """One table: its name, where its rows are in the document, its columns."""

    name: str
    columns: tuple[Column, ...]

    def rows(self, document: Row) -> Sequence[Row]:
        """Rows of the document."""
        rows: Sequence[Row] = document[self.name]
        return rows


def sheets(document: Row) -> tuple[ReportTable, ...]:
    """All tables of a document; a component without weight has no column."""
    components = [
        name
        for name in COMPONENTS
        if any(name in row["components"] for row in document["proposals"])
    ]
    return (
        ReportTable("proposals", _with_depth(_proposals(components), document)),
        ReportTable("unplaced", (*_UNPLACED, *(_HELPS if "levers" in document else ()))),
        ReportTable("openings", _OPENINGS),
        ReportTable("resources", _RESOURCES),
        *((backups_sheet(document),) if "backups" in document else ()),
        *(_DEPTH_SHEETS if "levers" in document else ()),
    )


def backups_sheet(document: Row) -> ReportTable:
    """Return the table of who steps in; who is asked at once, where the policy lets anybody be."""
    several = document["queues"]["several"] is not None
    return ReportTable("backups", (*_QUEUE, *(_AT_ONCE if several else ()), *_STEPS_IN))


def supports_text(row: Row, words: Words) -> list[str]:
    """Each support of a proposal in words."""
    supports, texts = row["supports"], []
    if group := supports["class"]:
        key = "support.class_there" if group["at_workplace"] else "support.class"
        texts.append(words(key, id=group["team_id"], times=words.week(group["times"])))
    if mentor := supports["mentor"]:
        hours = words.hours(mentor["minutes"])
        texts.append(words("support.mentor", hours=hours, id=mentor["pool_id"]))
    return texts + _courses(row, words)


def rules_text(counts: Mapping[str, int], words: Words, most: int = MOST_RULES) -> str:
    """Rules with their counts, most first, in words."""
    shown = [
        f"{RULES[rule].short(words.language)} ({words.whole(count)})"
        for rule, count in list(counts.items())[:most]
    ]
    if len(counts) > most:
        shown.append(words("common.and_more", len(counts) - most))
    return "; ".join(shown)


def rows_text(
    counts: Mapping[str, int],
    words: Words,
    at: Mapping[str, Any] | None = None,
    rows: Mapping[str, int] | None = None,
) -> str:
    """Kinds of resource with their counts and, where given, which ones, of how many."""
    texts = []
    for kind, count in counts.items():
        text = f"{words(f'lacking.{kind}')} ({words.whole(count)})"
        keys = list((at or {}).get(kind, ()))
        if keys and not ROW_KINDS[kind].seat:
            rest = (rows or {}).get(kind, len(keys)) - len(keys)
            text += ": " + ", ".join([*keys, *([words("common.and_more", rest)] if rest else [])])
        texts.append(text)
    return "; ".join(texts)


def amount(row: Row, field: str) -> float:
    """Amount of a resource in the unit people know: hours for mentor minutes."""
    return float(row[field]) / UNITS[row["unit"]].shown


def worth(row: Row, field: str) -> float | None:
    """Price of one more in the unit people know: an hour, 1 DKK, a place."""
    value = row[field]
    if value is None:
        return None
    return float(value) * UNITS[row["unit"]].shown


def key_text(row: Row, words: Words) -> str:
    """Name of a resource where the texts have one, else its id."""
    key = str(row["key"])
    texts = ROW_KINDS[row["rule"]].texts
    return words.known(f"{texts}.{key}", key) if texts else key


def _courses(row: Row, words: Words) -> list[str]:
    return [
        words(
            "support.course",
            paper=words.paper(course["paper"]),
            date=words.date(course["ready_on"]),
            id=course["course_id"],
        )
        for course in row["supports"]["courses"]
    ]


def _field(name: str) -> Callable[[Row, Words], Any]:
    return lambda row, words: row[name]


def _support(kind: str, field: str) -> Callable[[Row, Words], Any]:
    return lambda row, words: (row["supports"][kind] or {}).get(field)


def _date(name: str) -> Callable[[Row, Words], Any]:
    return lambda row, words: dt.date.fromisoformat(row[name])


def _reason(at: int) -> Callable[[Row, Words], Any]:
    def text(row: Row, words: Words) -> Any:
        reasons = row["reasons"]
        return reason_text(reasons[at], words) if at < len(reasons) else None

    return text


def reason_text(reason: Row, words: Words) -> str:
    """Write a reason as its sentence."""
    return str(words.pick(reason["sentence"]))


def _mentor_hours(row: Row, words: Words) -> Any:
    minutes = _support("mentor", "minutes")(row, words)
    return None if minutes is None else minutes / 60


def _class_times(row: Row, words: Words) -> Any:
    times = _support("class", "times")(row, words)
    return None if times is None else words.week(times)


def _cost_lines(row: Row, words: Words) -> str:
    return "; ".join(
        f"{words.known(f'{BUDGET.texts}.{line}', line)} {words.whole(cost)}"
        for line, cost in row["cost"].items()
    )


def _points(component: str) -> Callable[[Row, Words], Any]:
    return lambda row, words: row["components"].get(component)


_BEGINS_WITH = (
    Column("measure", lambda row, words: words.pick(row["measure_name"]), width=28),
    Column("class_id", _support("class", "team_id"), width=16),
    Column("class_times", _class_times, width=24),
    Column("mentor_hours", _mentor_hours, "decimal", 10),
    Column("mentor_pool", _support("mentor", "pool_id"), width=16),
    Column("courses", lambda row, words: "; ".join(_courses(row, words)), width=30),
    Column("hours", lambda row, words: row["minutes"] / 60, "decimal", 9),
    Column("start", _date("start"), "date", 12),
    Column("commute", _field("commute"), "whole", 10),
    Column("fit", _field("fit"), "whole", 8),
)
"""What a placement begins with, whoever's it is."""


def _proposals(components: Sequence[str]) -> tuple[Column, ...]:
    return (
        Column("citizen", _field("citizen_id"), width=18),
        Column("caseworker", _field("caseworker_id"), width=18),
        Column("opening", _field("opening_id"), width=18),
        Column("title", _field("title"), width=28),
        Column("occupation", _field("isco"), width=10),
        Column("workplace", _field("workplace"), width=30),
        Column("workplace_id", _field("workplace_id"), width=18),
        Column("sector", lambda row, words: words.sector(row["sector"]), width=11),
        Column("postcode", _field("postcode"), width=9),
        Column("shifts", lambda row, words: words.week(row["shifts"]), width=24),
        *_BEGINS_WITH,
        *(Column("reason", _reason(at), width=36, more={"number": at + 1}) for at in range(3)),
        Column(
            "trade_off",
            lambda row, words: row["trade_off"] and reason_text(row["trade_off"], words),
            width=36,
        ),
        Column(
            "not_known",
            lambda row, words: words.pick(row["not_known"]["sentence"]) or None,
            width=36,
        ),
        Column(
            "locked",
            lambda row, words: words("common.yes" if row["locked"] else "common.no"),
            width=8,
        ),
        Column("cost", lambda row, words: sum(row["cost"].values()), "whole", 11),
        Column("cost_lines", _cost_lines, width=28),
        *(
            Column("points", _points(name), "whole", 11, more={"component": name})
            for name in components
        ),
    )


_QUEUE = (
    Column("opening", _field("opening_id"), width=18),
    Column("proposed", _field("proposed"), width=18),
    Column("rank", _field("rank"), "whole", 8),
    Column("back_up", _field("citizen_id"), width=18),
    Column("caseworker", _field("caseworker_id"), width=18),
)
_AT_ONCE = (
    Column(
        "at_once",
        lambda row, words: words("common.yes" if row["at_once"] else "common.no"),
        width=10,
    ),
)
_STEPS_IN = (
    Column("title", _field("title"), width=28),
    Column("workplace", _field("workplace"), width=30),
    *_BEGINS_WITH,
)


def _with_depth(columns: tuple[Column, ...], document: Row) -> tuple[Column, ...]:
    """Put the readable line and how sure it is first, where the run was explained in depth."""
    if "levers" not in document:
        return columns
    first = (
        Column("summary", lambda row, words: depth.summary(row, words), width=70),
        Column("sure", lambda row, words: words("depth." + row["margin"]["triage"]), width=12),
    )
    last = (
        Column("margin", lambda row, words: words.pick(row["margin"]["sentence"]), width=60),
        Column("alternatives", lambda row, words: depth.alternatives(row, words), width=70),
    )
    return (*columns[:2], *first, *columns[2:], *last)


_HELPS = (Column("helps", lambda row, words: depth.helps(row, words), width=70),)


def _gain(more: int, field: str) -> Column:
    def value(row: Row, words: Words) -> int:
        return depth.gain(row, more, field)

    return Column(f"gain_{field}", value, "whole", 14, more={"number": more})


_DEPTH_SHEETS = (
    ReportTable(
        "bottlenecks",
        (
            Column("scarce", lambda row, words: words.pick(row["name"]), width=60),
            Column("used", _field("used"), "whole", 10),
            Column("capacity", _field("capacity"), "whole", 10),
            *(_gain(more, field) for more in STEPS for field in ("placements", "fit")),
            Column("enough", _field("enough"), "whole", 10),
            Column("gained", lambda row, words: "; ".join(row["gains"][0]["gained"]), width=40),
        ),
    ),
    ReportTable(
        "levers",
        (
            Column("lever", lambda row, words: words.pick(row["name"]), width=50),
            Column("lever_citizens", _field("citizens"), "whole", 10),
            Column("lever_openings", _field("openings"), "whole", 12),
            Column("lever_alone", _field("alone"), "whole", 12),
            Column("lever_undecided", _field("undecided"), "whole", 12),
            Column("lever_placements", _field("placements"), "whole", 12),
            Column("lever_fit", _field("fit"), "whole", 12),
            Column("lever_cost", _field("cost"), "whole", 14),
        ),
    ),
)


def _level(row: Row, words: Words) -> str | None:
    return None if row["oral"] is None else shown(row["oral"], "level", words.language)


_UNPLACED = (
    Column("citizen", _field("citizen_id"), width=18),
    Column("caseworker", _field("caseworker_id"), width=18),
    Column("team", _field("unit"), width=18),
    Column("oral", _level, width=24),
    Column(
        "district",
        lambda row, words: " ".join(filter(None, (row["postcode"], row["district"]))),
        width=22,
    ),
    Column("weeks_waiting", _field("weeks_waiting"), "whole", 10),
    Column("cause", lambda row, words: words("cause." + row["cause"]), width=30),
    Column("sentence", lambda row, words: words.pick(row["sentence"]), width=70),
    Column("reach", _field("reach"), "whole", 10),
    Column("possible", _field("possible"), "whole", 10),
    Column("stopped_by", lambda row, words: rules_text(row["killed"], words), width=50),
    Column("nearest", lambda row, words: rules_text(row["nearest"], words), width=50),
    Column(
        "lost_on",
        lambda row, words: rows_text(row["lost_on"], words, row["lost_at"], row["lost_rows"]),
        width=50,
    ),
)

_OPENINGS = (
    Column("opening", _field("opening_id"), width=18),
    Column("title", _field("title"), width=28),
    Column("occupation", _field("isco"), width=10),
    Column("workplace", _field("workplace"), width=30),
    Column("workplace_id", _field("workplace_id"), width=18),
    Column("sector", lambda row, words: words.sector(row["sector"]), width=11),
    Column("postcode", _field("postcode"), width=9),
    Column("free", _field("free"), "whole", 9),
    Column("filled", _field("filled"), "whole", 9),
    Column("why_not", lambda row, words: words("opening_cause." + row["cause"]), width=34),
    Column("not_known", lambda row, words: words.pick(row["not_known"]) or None, width=36),
    Column("citizens_reach", _field("reach"), "whole", 10),
    Column("citizens_possible", _field("possible"), "whole", 10),
    Column("elsewhere", _field("placed_elsewhere"), "whole", 12),
    Column("stopped_by", lambda row, words: rules_text(row["killed"], words), width=50),
    Column("lost_on", lambda row, words: rows_text(row["lost_on"], words), width=50),
)

_RESOURCES = (
    Column("resource", lambda row, words: words(f"row_name.{row['rule']}"), width=34),
    Column("key", key_text, width=24),
    Column("about", _field("about"), width=34),
    Column("used", lambda row, words: amount(row, "used"), "decimal", 10),
    Column("capacity", lambda row, words: amount(row, "capacity"), "decimal", 10),
    Column("unit", lambda row, words: words("unit." + row["unit"]), width=14),
    Column(
        "binding",
        lambda row, words: words("common.yes" if row["binding"] else "common.no"),
        width=8,
    ),
    Column("price", lambda row, words: worth(row, "price"), "decimal", 16),
    Column("price_placements", lambda row, words: worth(row, "price_placements"), "decimal", 16),
)
