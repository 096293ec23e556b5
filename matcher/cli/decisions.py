"""Commands for what people decide: the workbook out, the decisions back, the figures."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher import clock, private
from matcher.commands import Answering, Dated, InLedger, UnderPolicy, add_command
from matcher.errors import OptionError
from matcher.terminal import (
    day_of,
    error_text,
    ledger_opened,
    newest_run,
    note,
    policy_of,
    print_json,
    say,
    solvers_quiet,
)
from matcher.texts import Message

if TYPE_CHECKING:
    from matcher.decisions import FormFile, Taken
    from matcher.report import Words

MOST_ROWS = 10
"""Rows not taken that are shown; all are in the file beside."""
FORMS = Path("forms")
"""Where forms are written unless said otherwise."""


class By(StrEnum):
    """Who gets a form of their own."""

    none = "none"
    team = "team"
    caseworker = "caseworker"


@dataclass(frozen=True, kw_only=True)
class Workbook(InLedger, Answering):
    """Write the form in which caseworkers accept, reject or wait with a run's proposals."""

    run: Annotated[str | None, typer.Argument(metavar="RUN")] = None
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR")] = None
    by: Annotated[By, typer.Option("--by")] = By.none
    csv: Annotated[bool, typer.Option("--csv")] = False


@dataclass(frozen=True, kw_only=True)
class Decide(UnderPolicy, InLedger, Answering):
    """Take decisions into the ledger; rows that do not hold come back in a file beside.

    Handing a form in twice does no harm. Ends with 2 when a row was not taken.
    """

    files: Annotated[list[Path], typer.Argument(metavar="FILE...")]
    decided: Annotated[str | None, typer.Option("--decided", metavar="MOMENT")] = None
    costs: Annotated[bool, typer.Option()] = True


@dataclass(frozen=True, kw_only=True)
class Oversight(Dated, InLedger, Answering):
    """Show how proposals were met: overrides by reason, measure, workplace and team; cost."""

    weeks: Annotated[int | None, typer.Option(min=1, max=520)] = None
    costs: Annotated[bool, typer.Option("--costs")] = False
    each: Annotated[bool, typer.Option("--each")] = False


def add_decisions(app: typer.Typer) -> None:
    """Add the commands."""
    add_command(app, "workbook", Workbook, _workbook)
    add_command(app, "decide", Decide, _decide)
    add_command(app, "oversight", Oversight, _oversight)


def _workbook(asked: Workbook) -> None:
    import json

    from matcher.decisions import write_forms
    from matcher.report import Words
    from matcher.tables import check_folder

    check_folder(FORMS if asked.out is None else asked.out, "--out")
    with ledger_opened(asked.ledger) as ledger:
        run_id = newest_run(ledger, asked.run).run_id
        folder = FORMS / run_id if asked.out is None else asked.out
        folders = ledger.folders(run_id)
        policy = ledger.policy(run_id)
    made = next((folder for folder in folders if (folder / "run.json").is_file()), None)
    if made is None:
        raise OptionError(
            Message(
                "forms.folder_gone",
                run=run_id,
                folders=tuple(map(str, folders)) or (Message("forms.none_noted"),),
            )
        )
    document = json.loads((made / "run.json").read_text("utf-8"))
    private.folder(folder)
    if asked.out is None:
        # A folder of one's own choice is one's own to clear: it may hold other things.
        with ledger_opened(asked.ledger) as ledger:
            ledger.note_forms(run_id, folder)
    words = Words(asked.language)
    written = write_forms(
        document, run_id, folder, policy, words,
        form="csv" if asked.csv else "excel", split=asked.by.value,
    )  # fmt: skip
    if asked.as_json:
        print_json({
            "run_id": run_id,
            "forms": [{"path": str(one.path), "group": one.group, "proposals": one.proposals,
                       "back_ups": one.back_ups and str(one.back_ups)} for one in written],
        })  # fmt: skip
        return
    for one in written:
        say(words("taken.written", one.proposals, path=one.path))
        if one.back_ups is not None:
            say(words("taken.back_ups", path=one.back_ups))


def _decide(asked: Decide) -> None:
    from matcher.decisions import note_costs, read_form, take_all, write_rejected
    from matcher.report import Words

    now = clock.now()
    # A form offers the reasons of its run's own policy.
    policy = None if asked.policy is None else policy_of(clock.today(), asked.policy)
    words = Words(asked.language)
    moment = None if asked.decided is None else _moment(asked.decided, now)
    # All are read before anything is stored: a file that is no form stops at once.
    forms = [read_form(path) for path in _forms_alone(asked.files, words)]
    results: list[dict[str, Any]] = []
    rejected: set[str] = set()
    bad, failed = 0, False
    with ledger_opened(asked.ledger) as ledger:
        together = take_all(forms, ledger, policy, now=now, decided=moment)
        for form, taken in zip(forms, together, strict=True):
            beside, unwritten = None, None
            try:
                beside = write_rejected(taken, form, Words(form.language))
            except OptionError as error:
                # What is taken is taken: what is to be said of this form and others follows.
                unwritten = error
            bad += len(taken.bad)
            rejected |= {one.run_id for one in taken.decisions if one.verdict == "reject"}
            results.append(
                {
                    **taken.to_dict(),
                    **form.read_as(),
                    "hidden_rows": form.hidden,
                    "rejected_rows": beside and str(beside),
                }
            )
            if not asked.as_json:
                _tell(taken, form, beside, words, shortened=unwritten is None)
            if unwritten is not None:
                note(Message("error.told", text=error_text(unwritten)))
                failed = True
        computed = 0
        if asked.costs:
            decisions = [one for run in sorted(rejected) for one in ledger.decisions(run_id=run)]
            with solvers_quiet(shown=asked.debug):
                computed = note_costs(ledger, decisions).computed
    if asked.as_json:
        print_json({"forms": results, "costs_computed": computed})
    elif computed:
        say(words("taken.costs", computed))
    if bad or failed:
        raise typer.Exit(2)


def _moment(text: str, now: dt.datetime) -> dt.datetime:
    from matcher.decisions import moment_of

    moment = moment_of(text)
    if moment is None or moment > now:
        raise OptionError(Message("forms.decided", text=text))
    return moment


def _forms_alone(files: list[Path], words: Words) -> list[Path]:
    """Leave out what stands beside a form and is none; `forms/*` names it too.

    A spreadsheet program puts a file beside one that is open, and a form as CSV has its back-ups
    in a file of their own.
    """
    from matcher.decisions import BACK_UPS

    others = {"~$": "taken.lock_file", BACK_UPS: "taken.back_ups_file"}
    forms: list[Path] = []
    for path in files:
        begins = next((begins for begins in others if path.name.startswith(begins)), None)
        if begins is None:
            forms.append(path)
        else:
            note(words(others[begins], path=path))
    if not forms:
        raise OptionError(Message("forms.none_left"))
    return forms


def _tell(
    taken: Taken, form: FormFile, beside: Path | None, words: Words, *, shortened: bool
) -> None:
    """Tell what became of a form: the good on standard output, the bad on standard error."""
    kinds = ", ".join(
        words(f"taken.{verdict}", count) for verdict, count in taken.by_verdict.items() if count
    )
    # Which of them were known already is not told apart, so kinds are shown where all are new.
    all_new = bool(kinds) and taken.new == sum(taken.by_verdict.values())
    parts = [words("taken.new", taken.new) + (f" ({kinds})" if all_new else "")]
    counts = {"known": taken.known, "undecided": taken.undecided, "bad": len(taken.bad)}
    parts += [words(f"taken.{name}", count) for name, count in counts.items() if count]
    say(f"{form.path}: {', '.join(parts)}; {words('taken.rows', taken.rows)}")
    most = MOST_ROWS if shortened else len(taken.bad)
    lines = [
        words("taken.row", row=bad.row.name, sentence=bad.sentence(words))
        for bad in taken.bad[:most]
    ]
    if len(taken.bad) > most:
        lines.append(words("taken.more", len(taken.bad) - most))
    if not shortened:
        lines.append(words("taken.not_beside"))
    if beside is not None:
        lines.append(words("taken.beside", path=beside))
    lines += [
        words("taken.row", row=one.row.name, sentence=one.sentence(words)) for one in taken.notes
    ]
    lines += [
        words(f"taken.dated_{dated.by}", dated.rows, moment=words.moment(dated.at))
        for dated in (taken.dated if taken.new else ())
        if dated.by in {"file", "now"}
    ]
    if form.hidden:
        lines.append(words("taken.hidden", form.hidden))
    for name, names in form.read_as().items():
        if names and (name != "sheets" or len(names) > 1):
            lines.append(words(f"taken.{name}", names=", ".join(names)))
    if taken.ignored:
        lines.append(words("taken.ignored", names=", ".join(taken.ignored)))
    for line in lines:
        note(f"  {line}")


def _oversight(asked: Oversight) -> None:
    from matcher.decisions import note_costs, oversight
    from matcher.report import Words, beside_lines, past_lines, questions_lines, rates_text

    today = day_of(asked.on)
    policy = policy_of(today, asked.policy)
    with ledger_opened(asked.ledger) as ledger:
        if asked.costs:
            back = asked.weeks if asked.weeks is not None else policy.oversight.look_back_weeks
            since = clock.day_begins(today - dt.timedelta(weeks=back))
            with solvers_quiet(shown=asked.debug):
                noted = note_costs(ledger, ledger.decisions(since=since))
            note(Words(asked.language)("taken.costs", noted.computed))
        figures = oversight(ledger, policy, today, asked.weeks)
    if asked.as_json:
        print_json(figures)
        return
    words = Words(asked.language)
    say(rates_text(figures, policy.measure_names(), words, each=asked.each))
    for lines in (beside_lines(figures, words), questions_lines(figures, words)):
        if lines:
            say("\n".join(["", *lines]))
    say("\n".join(["", words("past.title"), *past_lines(figures["outlooks"], words)]))
