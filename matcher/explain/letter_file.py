"""A letter as a Word file: one page of A4, its owner's alone."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matcher.chapters import check_word_file, described, same_bytes, speak, write_paper
from matcher.errors import OptionError
from matcher.explain.parts import Part
from matcher.texts import Message

SIZES = (11.5, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5)
"""Sizes of type in points, the largest that leaves the letter on a page is used."""
_FONT = "Arial"
_MARGIN = 20.0
_PAPER = (210.0, 297.0)
"""Millimetres."""
_POINTS = 72 / 25.4
"""Points in a millimetre."""
_WIDE = 0.53
"""Width of a character against the size of type: more than the mean of Danish text in Arial."""
_HIGH = 1.17
"""Height of a line against the size of type."""
_AFTER = 0.45
"""Space after a part, in lines."""


def write_letter(parts: Sequence[Part], path: Path, language: str, written: dt.date) -> Path:
    """Write a letter for a person to send.

    Parameters
    ----------
    parts
        The letter.
    path
        The file; one that is there may be filled in, and is never written over.
    language
        Code of its language, for the spelling and the voice of a reader.
    written
        Its day.

    Raises
    ------
    OptionError
        As :func:`matcher.chapters.check_word_file`; or the file cannot be written, or the letter
        is too long for a page in the smallest type.
    """
    docx = check_word_file(path)
    return write_paper(path, _document(docx, parts, size_of(parts), language, written))


def size_of(parts: Sequence[Part]) -> float:
    """Find the largest type in which a letter has room on a page.

    Raises
    ------
    OptionError
        It has none in the smallest.
    """
    for size in SIZES:
        if height(parts, size) <= (_PAPER[1] - 2 * _MARGIN) * _POINTS:
            return size
    raise OptionError(
        Message(
            "letter.too_long",
            size=SIZES[-1],
            letters=sum(len(line) for part in parts for line in part.lines),
        )
    )


def height(parts: Sequence[Part], size: float) -> float:
    """Height of a letter in points, estimated from the number of letters, rather too high."""
    width = (_PAPER[0] - 2 * _MARGIN) * _POINTS / (_WIDE * size)
    lines = 0.0
    for part in parts:
        lines += (1 if part.heading else 0) + _AFTER
        for text in _paragraphs(part):
            lines += -(-len(text) // int(width - (4 if _listed(part) else 0)))
    return lines * _HIGH * size + size


def _paragraphs(part: Part) -> tuple[str, ...]:
    return (" ".join(part.lines),) if part.flowing else part.lines


def _listed(part: Part) -> bool:
    return not part.flowing and len(part.lines) > 1


def _document(
    docx: Any, parts: Sequence[Part], size: float, language: str, written: dt.date
) -> bytes:
    from docx.shared import Mm, Pt

    document = docx.Document()
    page = document.sections[0]
    page.page_width, page.page_height = (Mm(side) for side in _PAPER)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(_MARGIN)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(size)
    normal.paragraph_format.space_before = normal.paragraph_format.space_after = Pt(0)
    normal.paragraph_format.line_spacing = 1.0
    speak(normal, language)
    title = next((part.heading for part in parts if part.heading), "")
    for part in parts:
        if part.heading:
            heading = document.add_paragraph()
            run = heading.add_run(part.heading)
            run.bold = True
            run.font.size = Pt(size + 1 if part.heading == title else size)
            heading.paragraph_format.keep_with_next = True
        for text in _paragraphs(part):
            style = "List Bullet" if _listed(part) else "Normal"
            paragraph = document.add_paragraph(text, style=style)
            paragraph.paragraph_format.space_after = Pt(0)
        document.paragraphs[-1].paragraph_format.space_after = Pt(_AFTER * _HIGH * size)
    described(document, title, language, written)
    made = io.BytesIO()
    document.save(made)
    return same_bytes(made.getvalue())
