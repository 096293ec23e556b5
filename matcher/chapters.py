"""Papers of several pages that people go on writing in: chapters as a Word file or as HTML.

A line may carry the command that replays what it says, and may be a blank that a person fills in;
both are marked so that nobody takes the one for prose or the other for an answer. Equal papers are
equal files, whenever and wherever they are written.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from matcher import private
from matcher.errors import OptionError
from matcher.tables.packages import need
from matcher.texts import Message

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""Date inside a Word file: the same paper is the same file whenever it is written."""
_STYLE = (
    "body{font:16px/1.5 Arial,sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#111;"
    "background:#fff}h1{font-size:1.6em}h2{font-size:1.25em;margin-top:1.8em}"
    "h3{font-size:1.05em;margin-top:1.3em}p,li{margin:.4em 0}mark{background:#ffef9e}"
    "small{display:block;color:#444}code{font-size:.95em;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;margin:.6em 0}"
    "th,td{border:1px solid #767676;padding:.25em .5em;"
    "text-align:left;vertical-align:top;font-size:.85em;overflow-wrap:anywhere}"
    "caption{text-align:left;font-weight:bold;margin-top:.6em}caption small{font-weight:normal}"
    "@media print{body{max-width:none;margin:0}}"
)


@dataclass(frozen=True)
class Line:
    """One paragraph."""

    text: str
    replay: str = ""
    """How to see that it is so: a command and where in its answer. Empty: it says no fact."""
    blank: bool = False
    """Whether a person has yet to write it; ``text`` says what."""


@dataclass(frozen=True)
class Grid:
    """A table in a paper."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    replay: str = ""


@dataclass(frozen=True)
class Chapter:
    """A heading and what stands under it."""

    heading: str
    """Empty: none, what stands before the first heading."""
    content: tuple[Line | Grid, ...]
    level: int = 2
    """2: a chapter; 3: a part of one."""


@dataclass(frozen=True)
class Paper:
    """A paper with its title."""

    title: str
    chapters: tuple[Chapter, ...]
    language: str
    """Code of its language, for spelling and for the voice of a reader."""
    written: dt.date


def check_word_file(path: Path) -> Any:
    """Say before anything is worked out that a Word file cannot be written; return the package.

    Raises
    ------
    OptionError
        The package is missing, the name does not end in ``.docx``, or the file is there already.
    """
    docx = need("docx", "letter", "writing_letter")
    if path.suffix.lower() != ".docx":
        raise OptionError(Message("letter.docx_name", path=str(path)))
    if path.exists():
        raise OptionError(Message("letter.docx_there", path=str(path)))
    return docx


def write_word(paper: Paper, path: Path) -> Path:
    """Write a paper as a Word file; one that is there may have been worked in, and is refused.

    Raises
    ------
    OptionError
        As :func:`check_word_file`; or the file cannot be written.
    """
    check_word_file(path)
    return write_paper(path, _word(paper))


def write_html(paper: Paper, path: Path) -> Path:
    """Write a paper as one page of HTML without scripts; one that is there is refused.

    Raises
    ------
    OptionError
        The file is there, or cannot be written.
    """
    if path.exists():
        raise OptionError(Message("chapters.there", path=str(path)))
    return write_paper(path, html_of(paper).encode())


def write_paper(path: Path, content: bytes) -> Path:
    """Write a paper's file; return its path.

    Raises
    ------
    OptionError
        The file cannot be written.
    """
    try:
        private.write_bytes(path, content)
    except OSError as error:
        raise OptionError(
            Message("letter.docx_unwritten", path=str(path), reason=str(error.strerror))
        ) from None
    return path


# ------------------------------------------------------------------------------ HTML


def html_of(paper: Paper) -> str:
    """Return a paper as a page of HTML, whole in itself."""
    body = "\n".join(_html_parts(paper))
    return (
        f'<!doctype html>\n<html lang="{escape(paper.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(paper.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def _html_parts(paper: Paper) -> Iterator[str]:
    yield f"<h1>{escape(paper.title)}</h1>"
    for chapter in paper.chapters:
        if chapter.heading:
            yield f"<h{chapter.level}>{escape(chapter.heading)}</h{chapter.level}>"
        for one in chapter.content:
            small = f"<small><code>{escape(one.replay)}</code></small>" if one.replay else ""
            if isinstance(one, Line):
                text = escape(one.text)
                yield f"<p>{f'<mark>{text}</mark>' if one.blank else text}{small}</p>"
                continue
            head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in one.head)
            rows = "".join(
                "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n"
                for row in one.rows
            )
            yield (
                f"<table>\n<caption>{escape(one.caption)}{small}</caption>\n"
                f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>"
            )


# ------------------------------------------------------------------------------ Word


def _word(paper: Paper) -> bytes:
    import docx
    from docx.enum.text import WD_COLOR_INDEX
    from docx.shared import Mm, Pt

    document = docx.Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(22)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(10.5)
    normal.paragraph_format.space_after = Pt(5)
    speak(normal, paper.language)
    document.add_heading(paper.title, level=1)

    def replay(text: str) -> None:
        run = document.add_paragraph().add_run(text)
        run.font.name, run.font.size = "Consolas", Pt(7.5)

    for chapter in paper.chapters:
        if chapter.heading:
            document.add_heading(chapter.heading, level=chapter.level)
        for one in chapter.content:
            if isinstance(one, Line):
                run = document.add_paragraph().add_run(one.text)
                if one.blank:
                    run.font.highlight_color = WD_COLOR_INDEX.YELLOW
            else:
                document.add_paragraph().add_run(one.caption).bold = True
                _grid(document, one)
            if one.replay:
                replay(one.replay)
    described(document, paper.title, paper.language, paper.written)
    made = io.BytesIO()
    document.save(made)
    return same_bytes(made.getvalue())


def _grid(document: Any, grid: Grid) -> None:
    table = document.add_table(rows=1, cols=len(grid.head), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, grid.head, strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for row in grid.rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def speak(style: Any, language: str) -> None:
    """Set the language of a style of a Word file, for the spelling and the voice of a reader."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), language)
    style.element.get_or_add_rPr().append(spoken)


def described(document: Any, title: str, language: str, written: dt.date) -> None:
    """Fill in what a Word file says of itself: nobody's name, and the day of the paper."""
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title = title
    properties.language = language
    properties.created = properties.modified = dt.datetime.combine(written, dt.time())


def same_bytes(content: bytes) -> bytes:
    """Take the moment of writing out of a Word file: equal papers are equal files."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, _FIRST_DAY), old.read(name), zipfile.ZIP_DEFLATED)
    return made.getvalue()
