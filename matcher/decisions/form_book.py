"""The form as a workbook: one sheet to fill and print, one with the details, one that explains.

The first sheet has what helps to answer, on A4 across, one page wide. Its cells can be sorted and
filtered, and none but the two of the answer can be written in: a spreadsheet program sorts no
locked cell, so the others are unlocked and take nothing that is typed. The run and the keys stand
in hidden columns of the same rows, so that they move with them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from matcher.report import Column, Words, write_cell

Row = Mapping[str, Any]
Entry = tuple[str, str]
"""A word of a list to choose from, and what it means."""

_MAY = {
    "autofilter": True,
    "sort": True,
    "format_columns": True,
    "format_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}
"""What may be done on a protected sheet besides filling in."""

DEFAULT_FONT = {"font_name": "Arial", "font_size": 10}
"""What columns are measured by, on any machine: its digits are 7 pixels wide, as those of the
font that is usual, and every spreadsheet program has it or one as wide."""
_SIZE = 9
_FONT = {"font_name": "Arial", "font_size": _SIZE}
_LINE = 12.0
"""Height of a line of the font, in points, with what separates it from the next."""
_AIR = 3.0
"""Height above and below the lines of a cell, in points."""
_TALLEST = 409.0
"""No row of a spreadsheet is higher, in points."""
_ARROW = 3
"""Characters of a header's width that the arrow of the filter covers."""
_MOST_LINES = 4
"""Lines of a cell to print, of what stands among the details too: what is longer is shortened."""
_A4 = 9
_MARGIN = 0.35
"""Margins left and right, in inches."""


@dataclass(frozen=True)
class FormLayout:
    """Columns of the form by their place in the workbook."""

    who: tuple[Column, ...]
    answer: tuple[Column, ...]
    """The cells to fill: the answer, the reason for a rejection."""
    proposed: tuple[Column, ...]
    keys: tuple[Column, ...]
    """Hidden: what a row is held against when it comes back."""
    details: tuple[Column, ...]
    """Columns of the second sheet, which has none to fill."""
    back_ups: tuple[Column, ...] = ()
    """Columns of the sheet of people who step in; it is there only where anybody does."""

    @property
    def printed(self) -> tuple[Column, ...]:
        """Columns that are seen on the sheet to fill."""
        return (*self.who, *self.answer, *self.proposed)


@dataclass(frozen=True)
class AnswerChoices:
    """What may be chosen in the two columns of the answer."""

    verdicts: Sequence[Entry]
    reasons: Sequence[Entry]
    rejected: str
    """The word that needs a reason."""


def write_book(
    book: Any,
    layout: FormLayout,
    lists: AnswerChoices,
    rows_of: tuple[Sequence[Row], Sequence[Row], Sequence[Row]],
    document: Row,
    words: Words,
) -> None:
    """Write the sheets of a form into an open workbook.

    Parameters
    ----------
    book
        A workbook of xlsxwriter.
    layout
        The columns.
    lists
        What may be chosen.
    rows_of
        The proposals, in the order of the form; below them those who are asked beside others; and
        the back-ups among the same people.
    document
        Says the day, and whether the week is made up.
    words
        The language.
    """
    proposed, asked, back_ups = rows_of
    rows = [*proposed, *asked]
    if not back_ups:
        layout = replace(layout, back_ups=())
    styles = _styles(book, words)
    page = book.add_worksheet(words("decide.sheet"))
    details = book.add_worksheet(words("decide.details"))
    beside = [details]
    if layout.back_ups:
        beside.append(book.add_worksheet(words("sheet.backups")))
        _write_details(beside[-1], styles, layout.back_ups, back_ups, words)
    explained = book.add_worksheet(words("decide.help"))
    ranges = _write_help(explained, styles, layout, lists, words, asked=bool(asked))
    _write_form(page, styles, layout, lists, rows, words)
    _guard(page, styles, layout, lists, len(rows), ranges, words)
    _write_details(details, styles, layout.details, proposed, words)
    mark = f" · {words('page.made_up')}" if document["made_up"] else ""
    for sheet in (page, *beside, explained):
        _print_setup(sheet)
        look = '&"Arial,Regular"&8 '  # the blank keeps the size from the digits that follow
        day = words.date(document["date"])
        sheet.set_footer(f"&L{look}{day}{mark}&C{look}&F · &A&R{look}&P / &N")
    page.repeat_rows(0)
    for sheet in beside:
        sheet.repeat_rows(0)
    page.print_area(0, 0, max(1, len(rows)), len(layout.printed) - 1)
    page.activate()


def _styles(book: Any, words: Words) -> dict[str, Any]:
    date = words.date_cell
    line = {"border": 1, "border_color": "#D0D7DE"}
    kinds: dict[str, dict[str, Any]] = {
        "text": {"num_format": "@", "text_wrap": True},
        "whole": {"num_format": "#,##0", "align": "left"},
        "decimal": {"num_format": "#,##0.##", "align": "left"},
        "date": {"num_format": date, "align": "left"},
    }
    head = {"bold": True, "bg_color": "#DCE6F0", "border": 1, "border_color": "#9FB3C8",
            "text_wrap": True}  # fmt: skip
    looks: dict[str, dict[str, Any]] = {
        **kinds,
        **{f"shut_{name}": {**look, **line} for name, look in kinds.items()},
        **{f"open_{name}": {**look, **line, "locked": False} for name, look in kinds.items()},
        "head": head,
        "open_head": {**head, "locked": False},
        "fill_head": {**head, "bg_color": "#FFE699", "locked": False},
        "fill": {"num_format": "@", "text_wrap": True, "locked": False, "bg_color": "#FFFBEB",
                 "border": 1, "border_color": "#E2C873"},
        "missing": {"bg_color": "#F4B183"},
        "title": {"bold": True, "font_size": 13},
    }  # fmt: skip
    return {
        name: book.add_format({"valign": "top", **_FONT, **look}) for name, look in looks.items()
    }


def _print_setup(page: Any) -> None:
    page.set_landscape()
    page.set_paper(_A4)
    page.set_margins(left=_MARGIN, right=_MARGIN, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)


# ------------------------------------------------------------------------------ heights

_WIDTHS = {
    char: width
    for width, chars in {
        222: "ijl'",
        278: " ftI.,:;/!|[]\u00a0",
        333: "r()-",
        500: "ckszxyvJ",
        556: "abdeghnopquåéöüäL0123456789–_?»«",
        584: "+=<>",
        611: "FTZø",
        667: "ABEKPSVXYÅ&",
        722: "CDHNRUw",
        778: "GOQØ",
        833: "mM",
        889: "æ%",
    }.items()
    for char in chars
}
"""Widths of the font's letters, in thousandths of its size; others count as one whole."""
_UNIT = 5.25
"""Width of a column of one character, in points."""
_SLACK = 1.08
"""A screen sets letters a little wider than paper does, bold ones are wider, and a substitute for
the font need not be as narrow."""


def _lines(text: str, width: float) -> int:
    """Lines a text takes in a column, rather too many than too few; broken at blanks only."""
    room = (width - 0.5) * _UNIT / _SIZE * 1000 / _SLACK
    return sum(_wrapped(line, room) for line in text.split("\n"))


def _wrapped(line: str, room: float) -> int:
    lines, used = 1, 0.0
    for word in line.split():
        long = sum(_WIDTHS.get(char, 1000) for char in word)
        if used and used + _WIDTHS[" "] + long > room:
            lines, used = lines + 1, 0.0
        used += long + (_WIDTHS[" "] if used else 0)
        if used > room:  # a word that no line holds goes on in the next
            more = math.ceil(used / room) - 1
            lines, used = lines + more, used - more * room
    return lines


def _height(lines: int) -> float:
    return min(_TALLEST, _AIR + _LINE * lines)


def _shortened(text: str, width: float) -> str:
    """Shorten a text that takes too many lines, at a word."""
    if _lines(text, width) <= _MOST_LINES:
        return text
    kept = len(text)
    while kept > 1 and _lines(f"{text[:kept].rstrip()} …", width) > _MOST_LINES:
        kept -= max(1, kept // 20)
    cut = text[:kept].rstrip()
    return f"{cut.rpartition(' ')[0] or cut} …"


# ------------------------------------------------------------------------------ sheets


def _write_form(
    page: Any,
    styles: Mapping[str, Any],
    layout: FormLayout,
    lists: AnswerChoices,
    rows: Sequence[Row],
    words: Words,
) -> None:
    columns = (*layout.printed, *layout.keys)
    reasons = layout.answer[1].width
    tallest = max(_lines(name, reasons) for name, _ in lists.reasons)  # whichever is chosen
    repeated = {column.key for column in layout.details} - {layout.who[0].key}
    header = 1
    for at, column in enumerate(columns):
        key = column in layout.keys
        fill = column in layout.answer
        page.set_column(at, at, column.width, None, {"hidden": 1} if key else {})
        name = column.header(words)
        page.write_string(0, at, name, styles["fill_head" if fill else "open_head"])
        header = header if key else max(header, _lines(name, column.width - _ARROW))
        for number, row in enumerate(rows, start=1):
            value = column.value(row, words)
            if isinstance(value, str) and not key:
                if column.key in repeated:
                    value = _shortened(value, column.width)
                tallest = max(tallest, _lines(value, column.width))
            style = styles["fill" if fill else f"open_{column.kind}"]
            if value is None or value == "":
                page.write_blank(number, at, None, style)
            else:
                write_cell(page, number, at, value, style)
    # All rows are equally high: a height stays where it is when rows are sorted.
    page.set_row(0, _height(header))
    for number in range(1, len(rows) + 1):
        page.set_row(number, _height(tallest))
    page.freeze_panes(1, len(layout.who) + len(layout.answer))
    page.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{max(2, len(rows) + 1)}"})


def _guard(
    page: Any,
    styles: Mapping[str, Any],
    layout: FormLayout,
    lists: AnswerChoices,
    count: int,
    ranges: Mapping[str, str],
    words: Words,
) -> None:
    """Add lists to choose from, a colour where a reason is missing, a stop to typing elsewhere."""
    first = len(layout.who)
    last = max(1, count)
    end = len(layout.printed) + len(layout.keys) - 1
    for at, name in ((first, "verdicts"), (first + 1, "reasons")):
        page.data_validation(1, at, last, at, {
            "validate": "list",
            "source": ranges[name],
            "error_title": words("decide.sheet"),
            "error_message": words(f"decide.only_{name}"),
        })  # fmt: skip
    nothing = {
        "validate": "custom",
        "value": "=FALSE",
        "ignore_blank": False,
        "error_title": words("decide.sheet"),
        "error_message": words("decide.only_answers"),
    }
    page.data_validation(0, 0, 0, end, nothing)
    page.data_validation(1, 0, last, first - 1, nothing)
    page.data_validation(1, first + 2, last, end, nothing)
    verdict, reason = _letter(first), _letter(first + 1)
    page.conditional_format(1, first + 1, last, first + 1, {
        "type": "formula",
        "criteria": f'=AND(${verdict}2="{lists.rejected}",${reason}2="")',
        "format": styles["missing"],
    })  # fmt: skip
    page.protect("", _MAY)


def _letter(at: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(at))


def _write_details(
    page: Any,
    styles: Mapping[str, Any],
    columns: Sequence[Column],
    rows: Sequence[Row],
    words: Words,
) -> None:
    """Write the rest of each proposal, whole; filtered but not sorted, for each row's height."""
    lines = [1] * (len(rows) + 1)
    for at, column in enumerate(columns):
        page.set_column(at, at, column.width)
        name = column.header(words)
        page.write_string(0, at, name, styles["head"])
        lines[0] = max(lines[0], _lines(name, column.width - _ARROW))
        for number, row in enumerate(rows, start=1):
            value = column.value(row, words)
            if isinstance(value, str):
                lines[number] = max(lines[number], _lines(value, column.width))
            if value is None or value == "":
                page.write_blank(number, at, None, styles[f"shut_{column.kind}"])
            else:
                write_cell(page, number, at, value, styles[f"shut_{column.kind}"])
    for number, needed in enumerate(lines):
        page.set_row(number, _height(needed))
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{max(2, len(rows) + 1)}"})
    page.protect("", {**_MAY, "sort": False})


def _write_help(
    page: Any,
    styles: Mapping[str, Any],
    layout: FormLayout,
    lists: AnswerChoices,
    words: Words,
    *,
    asked: bool,
) -> dict[str, str]:
    """Write the sheet that explains; returns where the two lists stand, as ranges."""
    widths = (34, 100)
    for at, width in enumerate(widths):
        page.set_column(at, at, width)
    number = 0

    def line(cells: tuple[str, str], style: str) -> None:
        for at, text in enumerate(cells):
            if text:
                page.write_string(number, at, text, styles[style])
        page.set_row(number, _height(max(map(_lines, cells, widths))))

    page.write_string(number, 0, words("decide.title"), styles["title"])
    told = ["decide.how", "decide.sorting", "decide.nothing_written"]
    told += ["decide.stepping_in"] * bool(layout.back_ups) + ["decide.asked_beside"] * asked
    for key in (*told, "decide.back"):
        number += 1
        line(("", words(key)), "text")
    ranges: dict[str, str] = {}
    quoted = words("decide.help").replace("'", "''")
    for name, entries in (("verdicts", lists.verdicts), ("reasons", lists.reasons)):
        number += 2
        line((words(f"decide.{name}"), words("sheet.meaning")), "head")
        start = number + 2
        for entry in entries:
            number += 1
            line(entry, "text")
        ranges[name] = f"='{quoted}'!$A${start}:$A${number + 1}"
    number += 2
    line((words("sheet.column"), words("sheet.meaning")), "head")
    seen: set[str] = set()
    for column in (*layout.printed, *layout.keys, *layout.details, *layout.back_ups):
        name = column.header(words)
        if name not in seen:
            seen.add(name)
            number += 1
            line((name, column.meaning(words)), "text")
    page.protect("", {**_MAY, "sort": False, "autofilter": False})
    return ranges
