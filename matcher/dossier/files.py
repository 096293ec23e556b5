"""The dossier as files: a paper each, as HTML or Word, and everything as data."""

from __future__ import annotations

import json
from pathlib import Path

from matcher import chapters, private
from matcher.dossier.filling import Dossier, FilledPaper, Sentence
from matcher.errors import OptionError
from matcher.tables import check_folder
from matcher.texts import Message, Speech

DATA = "dossier.json"
REGISTER = "algorithm_register.json"
ATRS = "atrs.json"


def check_dossier(folder: Path, *, word: bool) -> None:
    """Say before anything is worked out that a dossier cannot be written there.

    Raises
    ------
    OptionError
        The folder cannot be written, holds something already (a person may have worked in it), or
        the package for Word files is missing.
    """
    check_folder(folder, "DIR")
    if folder.is_dir() and any(folder.iterdir()):
        raise OptionError(Message("chapters.there", path=str(folder)))
    if word:
        chapters.check_word_file(folder / "paper.docx")


def write_dossier(dossier: Dossier, folder: Path, *, word: bool = False) -> tuple[Path, ...]:
    """Write every paper and the data; nothing that is there is written over.

    Parameters
    ----------
    word
        Whether papers are Word files; else HTML.

    Returns
    -------
    tuple of Path
        The papers in their order, then the data.

    Raises
    ------
    OptionError
        As :func:`check_dossier`.
    """
    check_dossier(folder, word=word)
    private.folder(folder)
    say = Speech(dossier.language)
    written = []
    for number, paper in enumerate(dossier.papers, start=1):
        laid_out = _laid_out(paper, dossier, say)
        stem = folder / f"{number}-{say(f'dossier_file.{paper.id}')}"
        if word:
            written.append(chapters.write_word(laid_out, stem.with_suffix(".docx")))
        else:
            written.append(chapters.write_html(laid_out, stem.with_suffix(".html")))
    parts = {DATA: dossier.to_dict(), REGISTER: dossier.dutch, ATRS: dossier.atrs}
    for name, content in parts.items():
        path = folder / name
        private.write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        written.append(path)
    return tuple(written)


def _laid_out(paper: FilledPaper, dossier: Dossier, say: Speech) -> chapters.Paper:
    lead = chapters.Chapter(
        "",
        (
            chapters.Line(say("dossier.lead", day=dossier.day)),
            chapters.Line(say("dossier.lead_blanks")),
        ),
    )
    body = tuple(
        chapters.Chapter(
            one.heading,
            tuple(
                chapters.Line(each.text, _under(each, say), each.blank)
                if isinstance(each, Sentence)
                else chapters.Grid(each.caption, each.head, each.rows, each.replay)
                for each in one.content
            ),
            one.level,
        )
        for one in paper.chapters
    )
    return chapters.Paper(paper.title, (lead, *body), dossier.language, dossier.day)


def _under(sentence: Sentence, say: Speech) -> str:
    """Write what stands under a sentence: where the law was read, and how to see that it is so."""
    read = [
        say("dossier.act_read", source=one.source, read=say(f"ground_read.{one.read}"))
        for one in sentence.acts
    ]
    return " · ".join([*dict.fromkeys(read), sentence.replay]) if read else sentence.replay
