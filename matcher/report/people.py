"""What people decided, as sentences and tables: for the page and for a terminal alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcher.report.charts import BarPart, bar
from matcher.report.sections import BarRow, BarTable
from matcher.report.words import Words, occupation

Row = Mapping[str, Any]

OTHERS = "*"
"""Key of the groups that are too small to be shown by themselves."""
MOST_ROWS = 10
MOST_QUESTIONS = 20
"""Questions of the log that are listed, the newest first; all are in the data."""
_CARRIED = ("locks", "running", "held", "forbids", "seats", "previous")


def people_section(document: Row, words: Words) -> dict[str, Any] | None:
    """Make the section of the page; None where nothing was decided yet and nothing changed."""
    people = document["people"]
    week = week_lines(people, words, made_up=document["made_up"])
    figures = people["rates"]
    lines = rates_lines(figures, words) if figures else []
    if expected := people.get("expected"):
        lines.insert(0, expected_line(expected, words))
    if not week and not (figures and figures["proposed"]):
        return None
    names = {row["workplace_id"]: row["workplace"] for row in document["openings"]}
    tables = rates_tables(figures, document["measures"], names, words) if figures else []
    disagree = disagree_lines(people, words)
    return {"week": week, "disagree": disagree, "lines": lines, "tables": tables}


def expected_line(expected: Row, words: Words) -> str:
    """Say how many of the week's proposals will be accepted, and how sure that is."""
    return words(
        "people.expected",
        expected["proposals"],
        expected=words.decimal(expected["expected"]),
        low=words.whole(expected["low"]),
        high=words.whole(expected["high"]),
        percent=words.whole(expected["percent"]),
        settled=words.whole(expected["settled"]),
    )


def acceptance_lines(figures: Row, measures: Row, words: Words) -> list[str]:
    """Say what share is accepted, and how long placements last, as intervals; empty: too few."""
    accepted, last = figures.get("acceptance"), figures.get("lasting")
    lines = []
    if accepted:
        head = words("people.accepted", percent=words.whole(accepted["percent"]))
        lines = ["", head, _share_line(words("people.accepted_all"), accepted["all"], words)]
        for name, label in (
            ("measure", lambda key: words.pick(measures[key]) if key in measures else key),
            ("sector", words.sector),
            ("kind", lambda key: words.pick(occupation(key, 1)[1])),
        ):
            lines += [
                _share_line(words("people.others") if row["key"] == OTHERS else label(row["key"]),
                            row, words)
                for row in accepted[f"by_{name}"]
            ]  # fmt: skip
    if last and last["groups"]:
        lines += ["", words("people.lasting", last["weeks"])]
        lines += [
            words("people.lasting_line", name=words("people.others") if row["key"] == OTHERS
                  else words.pick(measures[row["key"]]) if row["key"] in measures else row["key"],
                  mean=words.percent(row["mean"]), low=words.percent(row["low"]),
                  high=words.percent(row["high"]), placements=words.whole(row["placements"]))
            for row in last["groups"]
        ]  # fmt: skip
    return lines


def _share_line(name: str, row: Row, words: Words) -> str:
    return words(
        "people.accepted_line",
        name=name,
        mean=words.percent(row["mean"]),
        low=words.percent(row["low"]),
        high=words.percent(row["high"]),
        accepted=words.whole(row["accepted"]),
        settled=words.whole(row["settled"]),
    )


def disagree_lines(people: Row, words: Words) -> list[str]:
    """Say each thing that earlier decisions say against the tables, and what to do."""
    return [
        words(f"disagree.{one['code']}", citizen=one["citizen_id"], opening=one["opening_id"])
        + (f" {words.pick(one['why'])}" if one["why"] else "")
        for one in people.get("disagree", ())
    ]


def week_lines(people: Row, words: Words, *, made_up: bool = False) -> list[str]:
    """Say what was carried into the week and how many earlier proposals it changes."""
    carried = [
        words(f"people.carried_{name}", people["carried"][name])
        for name in _CARRIED
        if people["carried"].get(name)
    ]
    lines = [words("people.carried", parts=", ".join(carried))] if carried else []
    if disagree := people.get("disagree"):
        lines.append(words("people.disagree", len(disagree)))
    steady = people["steady"]
    if steady:
        lines.append(
            words("people.before", steady["before"])
            + " "
            + words(
                "people.changes",
                kept=words.whole(steady["kept"]),
                moved=words.whole(steady["moved"]),
                dropped=words.whole(steady["dropped"]),
                impossible=words.whole(steady["impossible"]),
            )
        )
        lines += _gain_lines(steady, words)
    if made_up and (carried or steady):
        # Who runs the program for the first time has no earlier weeks.
        lines.insert(0, words("people.made_up_past"))
    return lines


def _gain_lines(steady: Row, words: Words) -> list[str]:
    """Say how many moves the gain cost."""
    if steady["gain_placements"] is None:
        return [words("people.gain_unknown")]
    more = steady["changes"] - steady["fewest"]
    if more <= 0:
        return [words("people.no_gain")]
    gain = words(
        "people.gain",
        more,
        gained=_gained(steady["gain_placements"], steady["gain_fit"], words),
        cost=words.whole(steady["change_cost"]),
    )
    return [gain if steady["proven"] else f"{gain} {words('people.gain_open')}"]


def _gained(placements: int, fit: int, words: Words) -> str:
    """Say what changes bring; fit may be the price of a placement."""
    parts = []
    if placements:
        parts.append(words("people.gain_places", placements))
    if fit:
        parts.append(words(f"people.gain_fit_{'more' if fit > 0 else 'less'}", abs(fit)))
    if not parts:
        return words("people.gain_nothing")
    first, *rest = parts
    return words("people.gain_and", first=first, last=rest[0]) if rest else first


def rates_lines(figures: Row, words: Words) -> list[str]:
    """Write the figures about decisions as sentences."""
    lines = [_decided_line(figures, words)]
    if figures["decided"] < figures["fewest"]:
        return [*lines, words("people.too_few", fewest=words.whole(figures["fewest"]))]
    lines.append(
        words(
            "people.rate",
            decided=words.whole(figures["decided"]),
            accepted=words.whole(figures["accepted"]),
            rejected=words.whole(figures["rejected"]),
            waiting=words.whole(figures["waiting"]),
            rate=words.percent(figures["rate"]),
        )
    )
    lines += [
        _seen_line(figures["seen"], figures["accepted"], words),
        _forms_line(figures["forms"], words),
    ]
    lines.append(_cost_line(figures["cost"], figures["fewest"], words))
    return [line for line in lines if line]


def _decided_line(figures: Row, words: Words) -> str:
    """Say how many proposals were there to decide, and of how many nobody has said anything."""
    proposed, undecided = figures["proposed"], figures["undecided"]
    since = {
        "since": words.date(figures["since"]),
        "span": words("people.span", figures["weeks"]),
    }
    if not proposed:
        return words("people.nothing_decided", **since)
    if undecided in {0, proposed}:
        answered = words("people.none_answered" if undecided else "people.all_answered")
    else:
        share = words.percent(undecided / proposed)
        answered = words("people.unanswered", undecided, share=share)
    there = words("people.to_decide", proposed)
    return words("people.decided", proposed=there, answered=answered, **since)


def _seen_line(seen: Row, accepted: int, words: Words) -> str:
    """Say how many were accepted unseen, and of how many the time is known; nothing where none."""
    if not accepted:
        return ""
    known = words.whole(seen["known"])
    if seen["share"] is None:
        return words("people.seen_unknown", accepted, known=known)
    if not seen["unseen"]:
        return ""
    key = "people.seen_all" if seen["known"] == accepted else "people.seen_of"
    return words(
        "people.seen",
        seen["unseen"],
        seconds=words.whole(seen["seconds"]),
        of=words(key, accepted, known=known),
    )


def _forms_line(forms: Row, words: Words) -> str:
    if not forms["counted"]:
        return ""
    return words(
        "people.forms",
        forms["counted"],
        rejected=words.whole(forms["all_rejected"]),
        accepted=words.whole(forms["all_accepted"]),
    )


def _cost_line(cost: Row, fewest: int, words: Words) -> str:
    if not cost["rejected"]:
        return ""
    if cost["placements"] is None:
        return words("people.cost_unknown", fewest=words.whole(fewest))
    return words(
        "people.cost",
        known=words.whole(cost["known"]),
        rejected=words.whole(cost["rejected"]),
        lost=words(
            "people.gain_and",
            first=words("people.cost_places", cost["placements"]),
            last=words("people.cost_fit", cost["fit"]),
        ),
        free=words.whole(cost["free"]),
    )


def rates_tables(
    figures: Row, measures: Row, workplaces: Mapping[str, str], words: Words
) -> list[BarTable]:
    """Make the tables: rejections by reason; override rates by measure, workplace and team.

    Parameters
    ----------
    figures
        As the decisions room makes them.
    measures
        Names of measures in both languages, by id.
    workplaces
        Names of workplaces, by id; one without a name is shown by its id.
    words
        The language.
    """
    tables = [_reasons(figures["by_reason"], words)]
    for name, known in (
        ("measure", {key: words.pick(both) for key, both in measures.items()}),
        ("workplace", workplaces),
        ("team", {}),
    ):
        tables.append(_groups(name, figures[f"by_{name}"], known, words))
    return [table for table in tables if table.rows]


def _reasons(rows: Sequence[Row], words: Words) -> BarTable:
    most = max((row["rejected"] for row in rows), default=0)
    return BarTable(
        words("people.by_reason"),
        words("people.by_reason_caption"),
        (words("people.head_reason"), words("people.head_rejected"), words("people.head_cost")),
        tuple(
            BarRow(
                words("people.others") if row["key"] == OTHERS else words.pick(row["name"]),
                bar((BarPart(row["rejected"], "warm"),), most),
                (
                    f"{words.whole(row['rejected'])} ({words.percent(row['share'])})",
                    _cost_cell(row, words),
                ),
            )
            for row in rows
        ),
    )


def _cost_cell(row: Row, words: Words) -> str:
    if not row["cost_known"]:
        return "–"
    return _cost_words(row["cost_placements"], row["cost_fit"], words)


def _cost_words(placements: int, fit: int, words: Words) -> str:
    return words(
        "people.cost_cell",
        placements=words("people.cost_places", placements),
        fit=words("people.cost_points", fit),
    )


def _groups(name: str, rows: Sequence[Row], known: Mapping[str, str], words: Words) -> BarTable:
    most = max((row["decided"] for row in rows), default=0)
    shown = [row for row in rows if row["key"] != OTHERS][:MOST_ROWS]
    shown += [row for row in rows if row["key"] == OTHERS]
    return BarTable(
        words(f"people.by_{name}"),
        words(f"people.by_{name}_caption"),
        (words("page.head_group"), words.term("people.head_rate", "head_rate")),
        tuple(
            BarRow(
                words("people.others")
                if row["key"] == OTHERS
                else known.get(row["key"]) or row["key"],
                bar((BarPart(row["rejected"], "warm"),
                     BarPart(row["decided"] - row["rejected"], "soft")), most),
                (
                    words(
                        "people.rate_cell",
                        rate=words.percent(row["rate"]),
                        rejected=words.whole(row["rejected"]),
                        # Waiting ones are in no rate.
                        settled=words.whole(row["accepted"] + row["rejected"]),
                    ),
                ),
            )
            for row in shown
        ),
    )  # fmt: skip


def questions_lines(figures: Row, words: Words, most: int = MOST_QUESTIONS) -> list[str]:
    """Write the log of questions why: how many, what came of them, and the newest, one a line."""
    asked, since = figures["questions"], words.date(figures["since"])
    if not asked["asked"]:
        return [words("questions.none", since=since)]
    counts = {name: words.whole(asked[name]) for name in asked if name not in {"asked", "each"}}
    return [
        words("questions.title"),
        words("questions.counts", asked["asked"], since=since, **counts),
        *(
            "  "
            + words(
                "questions.line_settled" if one["settled_on"] else "questions.line",
                number=one["number"],
                day=words.date(one["asked_on"]),
                run=one["run_id"],
                outcome=words(f"outcome.{one['outcome']}"),
                settled=one["settled_on"] and words.date(one["settled_on"]),
            )
            for one in reversed(asked["each"][-most:])
        ),
    ]


def beside_lines(figures: Row, words: Words) -> list[str]:
    """Say what those asked beside others answered, and how often in vain; nothing where too few."""
    told = figures["beside"]
    if told is None:
        return []
    counts = {name: words.whole(told[name]) for name in told if name != "expected"}
    return [
        words("beside.title"),
        words("beside.answers", since=words.date(figures["since"]), **counts),
        words("beside.came_to", **counts),
        words("beside.exposure", expected=words.decimal(told["expected"], 2), **counts)
        if told["settled"]
        else words("beside.none_settled"),
    ]


def rates_text(figures: Row, measures: Row, words: Words, *, each: bool = False) -> str:
    """Write the figures about decisions for a terminal."""
    lines = rates_lines(figures, words)
    for table in rates_tables(figures, measures, {}, words):
        lines += ["", table.title]
        width = max(len(row.label) for row in table.rows)
        lines += [f"  {row.label:<{width}}  {'  '.join(row.cells)}" for row in table.rows]
    lines += acceptance_lines(figures, measures, words)
    if each and figures["cost"]["each"]:
        lines += ["", words("people.each")]
        names = {row["key"]: words.pick(row["name"]) for row in figures["by_reason"]
                 if row["key"] != OTHERS}  # fmt: skip
        lines += [
            f"  {row['run_id']}  {row['opening_id']}  {names.get(row['reason'], row['reason'])}  "
            + _cost_words(row["placements"], row["fit"], words)
            for row in figures["cost"]["each"]
        ]  # fmt: skip
    return "\n".join(lines)
