"""The form caseworkers answer on: a run's proposals with two cells to fill, as workbook or CSV.

Below the proposals stand those who are asked for a seat beside others: they answer as well.
Every row carries the run and a key made from the whole proposal, so that a row that comes back is
held against exactly what was proposed. In the workbook only the two cells of the answer take
anything, both with a list to choose from; there is no cell for free text.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from matcher import private
from matcher.cpr import looks_like_cpr
from matcher.decisions.form_book import DEFAULT_FONT, AnswerChoices, FormLayout, write_book
from matcher.errors import OptionError
from matcher.ledger import Verdict
from matcher.policy import Policy
from matcher.report import (
    Column,
    Words,
    backups_for,
    backups_sheet,
    csv_cell,
    queue_texts,
    sheets,
    supports_text,
)
from matcher.tables.packages import need
from matcher.texts import Message

Row = Mapping[str, Any]
Form = Literal["excel", "csv"]
Split = Literal["none", "team", "caseworker"]
SPLITS: tuple[str, ...] = get_args(Split)
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
"""What a caseworker can say to a proposal."""

ENCODING = "cp1252"
"""What a Danish Excel reads and writes; what it does not have is written as a question mark."""
_KEY_LENGTH = 12
_FORM = "decisions-"
"""How the name of a form begins."""
BACK_UPS = "backups-"
"""How the name of the file of back-ups beside a CSV begins."""
_SHOWN = (
    "opening", "title", "workplace", "postcode", "shifts", "measure", "class_id", "class_times",
    "mentor_hours", "courses", "hours", "start", "commute", "fit", "reason", "trade_off",
    "locked",
)  # fmt: skip
"""Columns of the proposals' table that help to answer, in this order: those of the CSV, which has
no second sheet."""


def proposal_key(run_id: str, proposal: Row) -> str:
    """Twelve letters that stand for one proposal of one run and everything it says.

    Letters only, so that a spreadsheet never takes it for a number, nor anybody for a CPR number.

    Parameters
    ----------
    run_id
        The run.
    proposal
        ``citizen_id``, ``opening_id``, ``measure``, ``team_id``, ``pool_id``, ``mentor_minutes``,
        ``course_ids``, ``start`` (a date or its ISO text).
    """
    parts = [
        run_id,
        proposal["citizen_id"],
        proposal["opening_id"],
        proposal["measure"],
        proposal["team_id"] or "",
        proposal["pool_id"] or "",
        str(proposal["mentor_minutes"]),
        ";".join(sorted(proposal["course_ids"])),
        str(proposal["start"]),
    ]
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=_KEY_LENGTH).digest()
    return "".join(chr(ord("a") + byte % 26) for byte in digest)


def stated(proposal: Row) -> dict[str, Any]:
    """Take what the key is made from out of a proposal as it stands in a run's document."""
    supports = proposal["supports"]
    return {
        "citizen_id": proposal["citizen_id"],
        "opening_id": proposal["opening_id"],
        "measure": proposal["measure"],
        "team_id": (supports["class"] or {}).get("team_id"),
        "pool_id": (supports["mentor"] or {}).get("pool_id"),
        "mentor_minutes": (supports["mentor"] or {}).get("minutes", 0),
        "course_ids": [course["course_id"] for course in supports["courses"]],
        "start": proposal["start"],
    }


@dataclass(frozen=True)
class WrittenForm:
    """A form that was written."""

    path: Path
    proposals: int
    group: str
    """Caseworker or team it is for; empty: all."""
    back_ups: Path | None = None
    """File beside a CSV with the back-ups of the group; a workbook has them on a sheet."""


def write_forms(
    document: Row,
    run_id: str,
    folder: Path,
    policy: Policy,
    words: Words,
    *,
    form: Form = "excel",
    split: Split = "none",
    now: dt.datetime | None = None,
) -> tuple[WrittenForm, ...]:
    """Write the forms of a run; one that is there may be filled in, and is never written over.

    Parameters
    ----------
    document
        The run, as in ``run.json``.
    run_id
        Its name in the ledger.
    folder
        Where to write; must exist.
    policy
        Holds the neutral reasons.
    words
        The language.
    form
        A workbook, or CSV with semicolons in cp1252 as a Danish Excel has it; who stands by is on a
        sheet of the workbook, and in a file of its own beside the CSV.
    split
        One form in all, one per team, or one per caseworker.
    now
        When the caseworkers got it; stands in the workbook's properties. None: now.

    Raises
    ------
    OptionError
        xlsxwriter is not installed.
    """
    now = now or dt.datetime.now(dt.UTC)
    rows = sorted(
        document["proposals"],
        key=lambda row: (row["caseworker_id"] is None, row["caseworker_id"] or "",
                         row["citizen_id"]),
    )  # fmt: skip
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(_group(row, split), []).append(row)
    waiting: dict[str, list[Row]] = {}
    for row in document.get("backups", ()):
        waiting.setdefault(_group(row, split), []).append(row)
        if row["at_once"]:
            groups.setdefault(_group(row, split), [])
    if not groups:
        groups = {"": []}
    written: list[WrittenForm] = []
    ending = "xlsx" if form == "excel" else "csv"
    names = {path.stem.lower() for path in folder.glob(f"{_FORM}*.{ending}")}
    names |= {
        _FORM + path.stem.lower().removeprefix(BACK_UPS)
        for path in folder.glob(f"{BACK_UPS}*.{ending}")
    }
    for group, members in sorted(groups.items()):
        path = folder / _file_name(run_id, group, names, ending)
        seen = _seen(document, [*members, *waiting.get(group, ())], split, words)
        standing_by = [one for one in seen.get("backups", ()) if _group(one, split) == group]
        rows_of = (members, _asked_rows(document, standing_by, words), standing_by)
        beside = None
        if form == "excel":
            layout = _layout(seen, [*members, *rows_of[1]], run_id, split, words)
            _write_workbook(path, layout, rows_of, document, policy, words, now)
        else:
            _write_csv(path, _columns(seen, run_id, words), [*members, *rows_of[1]], words)
            if standing_by:
                beside = path.with_name(BACK_UPS + path.name.removeprefix(_FORM))
                _write_csv(beside, backups_sheet(seen).columns, standing_by, words)
        written.append(WrittenForm(path, len(members), group, beside))
    return tuple(written)


def _asked_rows(document: Row, standing_by: Sequence[Row], words: Words) -> list[Row]:
    """Return a row to answer for each who is asked beside others, as those of the proposals.

    In the place of the reasons stands who comes first; what is known of the opening is that of the
    proposal there.
    """
    there = {one["opening_id"]: one for one in document["proposals"]}
    asked = sorted(
        (one for one in standing_by if one["at_once"]),
        key=lambda one: (one["caseworker_id"] is None, one["caseworker_id"] or "",
                         one["citizen_id"]),
    )  # fmt: skip
    return [
        {
            **there[one["opening_id"]],
            **one,
            "reasons": [{"sentence": {words.language: words("decide.asked", one["rank"])}}],
            "trade_off": None,
            "locked": False,
        }
        for one in asked
    ]


def _seen(document: Row, own: Sequence[Row], split: Split, words: Words) -> Row:
    """Return the document as those who get a form may read it: one form in all names everybody."""
    if split == "none" or "backups" not in document:
        return document
    return backups_for(document, {row["unit"] or "" for row in own}, words)


def _group(row: Row, split: Split) -> str:
    if split == "none":
        return ""
    return str(row["caseworker_id" if split == "caseworker" else "unit"] or "-")


def _file_name(run_id: str, group: str, taken: set[str], ending: str) -> str:
    """Name that any file system takes; one that is taken gets a number."""
    plain = re.sub(r"[^\w-]+", "_", group).strip("_")
    name = f"{_FORM}{run_id}" + (f"-{plain or 'none'}" if group else "")
    number = 1
    while (unique := name + (f"-{number}" if number > 1 else "")).lower() in taken:
        number += 1
    taken.add(unique.lower())
    return f"{unique}.{ending}"


# ------------------------------------------------------------------------------ columns


def verdict_names(words: Words) -> dict[str, str]:
    """Words for the three verdicts, by code."""
    return {verdict: words(f"verdict.{verdict}") for verdict in VERDICTS}


def reason_names(policy: Policy, words: Words) -> dict[str, str]:
    """Words for the neutral reasons, by code, with what is always allowed last."""
    codes = policy.forbid_reasons.codes
    ordered = [*(code for code in codes if code != "other"), "other"]
    return {code: words.pick(policy.reason_name(code)) for code in ordered}


def _known(document: Row) -> dict[str, list[Column]]:
    """Columns of the proposals' table by key; the reasons are several."""
    known: dict[str, list[Column]] = {}
    for column in sheets(document)[0].columns:
        known.setdefault(column.key, []).append(column)
    return known


def _answer(words: Words) -> tuple[Column, Column]:
    """Two columns to fill."""
    accepted = words("verdict.accept")
    return (
        # What was accepted before stands: it need not be said again, but can be taken back.
        Column("decision", lambda row, words: accepted if row["locked"] else None, width=10),
        Column("decision_reason", lambda row, words: None, width=20),
    )


def _keys(run_id: str) -> tuple[Column, Column]:
    return (
        Column("run", lambda row, words: run_id, width=20),
        Column("proposal", lambda row, words: proposal_key(run_id, stated(row)), width=16),
    )


def _columns(document: Row, run_id: str, words: Words) -> tuple[Column, ...]:
    """Columns of the CSV: who, the answer to fill, everything that was proposed, the keys."""
    known = _known(document)
    return (
        *known["citizen"],
        *_answer(words),
        *known["caseworker"],
        Column("team", lambda row, words: row["unit"]),
        *(column for key in _SHOWN for column in known[key]),
        *_steps_in(document, words),
        *_keys(run_id),
    )


def _steps_in(document: Row, words: Words, width: int = 30) -> tuple[Column, ...]:
    """Return the column of who is asked when a proposal is declined; none for runs without it."""
    if "backups" not in document:
        return ()
    told = queue_texts(document, words)
    return (Column("steps_in", lambda row, words: told.get(row["citizen_id"]), width=width),)


def _layout(
    document: Row, rows: Sequence[Row], run_id: str, split: Split, words: Words
) -> FormLayout:
    """Columns of the workbook: what helps most on the first sheet, all of the rest on the second.

    A caseworker's own form does not name the caseworker in every row.
    """
    known = _known(document)

    def of(key: str, width: int, at: int = 0) -> Column:
        return dataclasses.replace(known[key][at], width=width)

    def of_ids(key: str) -> Column:
        column = known[key][0]
        longest = max((len(column.value(row, words) or "") for row in rows), default=0)
        word = max(map(len, column.header(words).split()))
        return dataclasses.replace(column, width=min(20, max(10, longest - 1, word)))

    citizen = of_ids("citizen")
    return FormLayout(
        who=(citizen,),
        answer=_answer(words),
        proposed=(
            *((of_ids("caseworker"),) if split != "caseworker" else ()),
            Column("title", _title, width=18),
            Column("workplace", _workplace, width=18),
            Column("placement", partial(_placement, shared=_shared(document)), width=22),
            of("start", 11),
            dataclasses.replace(of("reason", 27), key="strongest", more=None),
            of("trade_off", 24),
        ),
        keys=(*known["opening"], *_keys(run_id)),
        details=(
            citizen,
            of_ids("opening"),
            Column("team", lambda row, words: row["unit"], width=10),
            Column("title", _title, width=16),
            Column("workplace", _workplace, width=18),
            of_ids("workplace_id"),
            of("postcode", 8),
            of("shifts", 18),
            Column("support", lambda row, words: "\n".join(supports_text(row, words)), width=22),
            of("commute", 11),
            of("fit", 10),
            *(of("reason", 18, at) for at in range(1, len(known["reason"]))),
            *_steps_in(document, words, 24),
            of("locked", 7),
        ),
        back_ups=backups_sheet(document).columns if "backups" in document else (),
    )


def _title(row: Row, words: Words) -> str:
    """Name of the job; its id where it has none."""
    return str(row["title"] or row["opening_id"])


def _workplace(row: Row, words: Words) -> str:
    """Name of the workplace; one without has its id, unless that could be a CPR number."""
    name, place = row["workplace"], row["workplace_id"]
    return str(name or (words("common.not_stated") if looks_like_cpr(place) else place))


def _shared(document: Row) -> frozenset[str]:
    """Citizens whose seat others are asked for at the same time."""
    return frozenset(str(one["proposed"]) for one in document.get("backups", ()) if one["at_once"])


def _placement(row: Row, words: Words, shared: frozenset[str]) -> str:
    """Measure, hours and what goes with them, in short; when and where is among the details."""
    text = placement_text(row, words)
    return words("placement.shared", placement=text) if row["citizen_id"] in shared else text


def placement_text(row: Row, words: Words) -> str:
    """Measure, hours and what goes with them, of a proposal as it stands in a run's document."""
    supports = row["supports"]
    kinds = (("class", supports["class"]), ("mentor", supports["mentor"]),
             ("course", supports["courses"]))  # fmt: skip
    beside = [words(f"placement.{kind}") for kind, there in kinds if there]
    hours = words("common.hours_week", hours=words.hours(row["minutes"]))
    text = f"{words.pick(row['measure_name'])}, {hours}"
    if not beside:
        return text
    both = words("placement.and").join(filter(None, (", ".join(beside[:-1]), beside[-1])))
    return words("placement.with", placement=text, supports=both)


def _write_csv(path: Path, columns: Sequence[Column], rows: Sequence[Row], words: Words) -> None:
    with private.opened(path, encoding=ENCODING, errors="replace") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow([column.header(words) for column in columns])
        writer.writerows([csv_cell(column.value(row, words), words) for column in columns]
                         for row in rows)  # fmt: skip


def _write_workbook(
    path: Path,
    layout: FormLayout,
    rows_of: tuple[Sequence[Row], Sequence[Row], Sequence[Row]],
    document: Row,
    policy: Policy,
    words: Words,
    now: dt.datetime,
) -> None:
    xlsxwriter = need("xlsxwriter", "excel", "writing_decisions")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
               "default_format_properties": DEFAULT_FONT}  # fmt: skip
    lists = AnswerChoices(
        verdicts=[(name, words(f"verdict_about.{code}"))
                  for code, name in verdict_names(words).items()],
        reasons=[(name, _reason_meaning(policy, code, words))
                 for code, name in reason_names(policy, words).items()],
        rejected=words("verdict.reject"),
    )  # fmt: skip
    try:
        with xlsxwriter.Workbook(private.empty(path), options) as book:
            moment = now.astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)
            book.set_properties({"created": moment, "title": path.stem})
            write_book(book, layout, lists, rows_of, document, words)
    except xlsxwriter.exceptions.XlsxWriterException as error:
        raise OptionError(Message("forms.not_written", path=str(path), reason=str(error))) from None


def _reason_meaning(policy: Policy, code: str, words: Words) -> str:
    reason = policy.forbid_reasons.codes[code]
    return words(f"bars.{reason.bars}", reason.weeks)
