"""Commands that explain: one citizen, the scarce resources, plans almost as good."""

from __future__ import annotations

import dataclasses
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher.commands import Answering, InLedger, OfTables, WordFile, add_command
from matcher.errors import OptionError
from matcher.streams import fitting
from matcher.terminal import (
    ledger_address,
    note,
    print_json,
    say,
    solvers_quiet,
    tables_read,
)
from matcher.texts import Message

if TYPE_CHECKING:
    from matcher.again import Resolver
    from matcher.explain import Bottleneck
    from matcher.explain.letter import Answered, SharedSeat
    from matcher.explain.parts import Part
    from matcher.explain.telling import Telling
    from matcher.ledger import Ledger, Run
    from matcher.plan import Row
    from matcher.problem import Problem

WIDEST = 100
"""Characters in a line where the terminal is wider, or there is none."""


@dataclass(frozen=True, kw_only=True)
class Explaining(OfTables, InLedger, Answering):
    """Commands on a solved week: of tables as they are now, or of a stored run."""

    data: Annotated[str | None, typer.Argument(metavar="DATA")] = None
    run: Annotated[str | None, typer.Option("--run", metavar="RUN")] = None


@dataclass(frozen=True, kw_only=True)
class Explain(WordFile, Explaining):
    """Say why a citizen has this proposal, or none; why not another; and what would help."""

    citizen: Annotated[str, typer.Argument(metavar="CITIZEN")]
    opening: Annotated[str | None, typer.Option("--opening", metavar="OPENING")] = None
    alternatives: Annotated[int, typer.Option(min=0, max=20)] = 3
    for_citizen: Annotated[bool, typer.Option("--for-citizen")] = False
    contact: Annotated[str, typer.Option("--contact", metavar="TEXT")] = ""
    words: Annotated[Path | None, typer.Option("--words", metavar="FILE")] = None


@dataclass(frozen=True, kw_only=True)
class Bottlenecks(Explaining):
    """Say what is scarce: the price of each resource and the exact gain of 1, 5 and 20 more."""

    most: Annotated[int, typer.Option(min=1)] = 25
    end: Annotated[bool, typer.Option("--end")] = False
    what_helps: Annotated[bool, typer.Option("--what-helps")] = False


@dataclass(frozen=True, kw_only=True)
class NearBest(Explaining):
    """Show plans that place as many people and fit almost as well, far from one another."""

    plans: Annotated[int, typer.Option(min=1, max=20)] = 3
    tolerance: Annotated[int | None, typer.Option(min=0)] = None


def add_explaining(app: typer.Typer) -> None:
    """Add the commands to the application."""
    add_command(app, "explain", Explain, _explain)
    add_command(app, "bottlenecks", Bottlenecks, _bottlenecks)
    add_command(app, "near-best", NearBest, _near_best)


def _explain(asked: Explain) -> None:
    from matcher.chapters import check_word_file
    from matcher.explain.citizen_explanation import explain_one
    from matcher.explain.citizen_sentences import citizen_parts
    from matcher.explain.letter import letter_parts
    from matcher.explain.letter_file import write_letter
    from matcher.explain.letter_words import LetterWords
    from matcher.explain.why_not import known

    given = {"--docx": asked.docx, "--contact": asked.contact, "--words": asked.words}
    if lost := [name for name, value in given.items() if value and not asked.for_citizen]:
        raise OptionError(Message("option.for_letter", names=tuple(lost)))
    if asked.docx is not None:
        check_word_file(asked.docx)
    letters: list[LetterWords] = []

    def check(week: Problem) -> None:
        known(week, asked.citizen, asked.opening)
        if asked.for_citizen:
            letters.append(LetterWords(week, asked.language, asked.words, asked.contact))

    with solved(asked, check) as (resolver, in_language):
        told = explain_one(resolver, asked.citizen, asked.opening, alternatives=asked.alternatives)
    if not letters:
        parts = citizen_parts(told, in_language(asked.language))
        if asked.as_json:
            print_json({**dataclasses.asdict(told), "text": _plain_parts(parts)})
        else:
            say(parts_text(parts))
        return
    (letter,) = letters
    parts = letter_parts(told, letter, _shared(asked))
    if asked.docx is not None:
        write_letter(parts, asked.docx, letter.language, told.date)
        note(Message("note.letter_in", path=str(asked.docx)))
    if asked.as_json:
        print_json({"citizen_id": asked.citizen, "text": _plain_parts(parts)})
    elif asked.docx is None:
        say(parts_text(parts))


def _shared(asked: Explain) -> SharedSeat | None:
    """Find whether a stored run asks the citizen for a seat beside others: its folder says so.

    Of tables that are no run nobody is asked.

    Raises
    ------
    OptionError
        The run's policy allows it, and no folder of the run is left to say.
    """
    import json

    from matcher.explain.letter import shared_seat

    if asked.data is not None:
        return None
    with stored_run(asked) as (ledger, run):
        run_id = run.run_id
        if not ledger.policy(run_id).declines.several.anywhere:
            return None
        files = [one / "run.json" for one in ledger.folders(run_id)]
        answered = _answered(ledger, run_id, asked.citizen)
    file = next((one for one in files if one.is_file()), None)
    if file is None:
        raise OptionError(Message("option.letter_folder_gone", run=run_id))
    seat = shared_seat(json.loads(file.read_text("utf-8")), asked.citizen)
    return seat and dataclasses.replace(seat, answered=answered)


def _answered(ledger: Ledger, run_id: str, citizen_id: str) -> Answered:
    """Say what somebody asked beside others has answered, and what a yes has come to."""
    asked = ledger.asked(run_id, citizen_id)
    mine = next((one for one in asked if one.citizen_id == citizen_id), None)
    said = {one.citizen_id: one.verdict for one in ledger.decisions(run_id=run_id)}
    if mine is None or citizen_id not in said:
        return ""
    return "no" if said[citizen_id] == "reject" else mine.came_to or ""


def _bottlenecks(asked: Bottlenecks) -> None:
    from matcher.explain import bottlenecks, lever_gains, unlocking
    from matcher.explain.bottlenecks import scarce_rows

    with solved(asked) as (resolver, in_language):
        scarce = len(scarce_rows(resolver))
        most = None if asked.as_json else asked.most
        found = bottlenecks(resolver, most=most, end=asked.end)
        helps = unlocking(resolver, pairs=False) if asked.what_helps else ()
        gains = lever_gains(resolver, helps)
    if asked.as_json:
        levers = {"levers": [dataclasses.asdict(one) for one in gains]} if asked.what_helps else {}
        print_json({"bottlenecks": [dataclasses.asdict(one) for one in found], **levers})
        return
    telling = in_language(asked.language)
    lines = [bottleneck_table(found, telling)]
    if scarce > len(found):
        lines.append(telling("gain.more", scarce - len(found)))
    if asked.what_helps:
        lines += ["", *(telling.lever_gain(one) for one in gains)]
    say("\n".join(lines))


def _near_best(asked: NearBest) -> None:
    from matcher.explain import near_best

    with solved(asked) as (resolver, in_language):
        found = near_best(resolver, asked.plans, asked.tolerance)
    if asked.as_json:
        print_json([dataclasses.asdict(one) for one in found])
        return
    telling = in_language(asked.language)
    lines: list[str] = []
    for number, plan in enumerate(found, start=1):
        head = telling("near.plan", plan.differs, number=number, lacks=plan.lacks)
        lines += [head, *(f"  {telling.move(move)}" for move in plan.moves), ""]
    say("\n".join(lines) if found else telling("near.none"))


@contextmanager
def solved(
    asked: Explaining, check: Callable[[Problem], object] = lambda week: None
) -> Iterator[tuple[Resolver, Callable[[Any], Telling]]]:
    """Give a solved week: of tables as they are, or of a stored run; ``check`` it before."""
    from matcher.again import Resolver, earlier_of_rows
    from matcher.console import Talk
    from matcher.explain.telling import Telling
    from matcher.solve import Options, solve

    earlier = None
    with Talk() as talk, solvers_quiet(shown=asked.debug):
        if asked.data is not None:
            if asked.run is not None:
                raise OptionError(Message("option.data_and_run"))
            problem, options = (
                tables_read(asked.data, asked.on, asked.policy, asked.mapping, talk),
                Options(),
            )
        else:
            talk.phase("read")
            problem, seed, rows = _stored(asked)
            options, earlier = Options(seed=seed), earlier_of_rows(rows)
        check(problem)
        talk.phase("match")
        solution = (solve if earlier is None else earlier.solve)(problem, options)
        solution.plan.need_plan()
        talk.phase("explain")
        yield Resolver(solution, options), lambda language: Telling(problem, language)


def _stored(asked: Explaining) -> tuple[Problem, int, tuple[Row, ...]]:
    """Take a run's input from the ledger, with its seed and its rows, to start from."""
    for name, given in (
        ("--on", asked.on),
        ("--policy", asked.policy),
        ("--mapping", asked.mapping),
    ):
        if given is not None:
            raise OptionError(Message("option.of_stored_run", name=name, given=str(given)))
    with stored_run(asked) as (ledger, found):
        problem = ledger.problem(found.run_id)
        rows = ledger.resources(found.run_id)
    return problem, int(found.options.get("seed", 0)), rows


@contextmanager
def stored_run(asked: Explaining) -> Iterator[tuple[Ledger, Run]]:
    """Give the ledger and the run of it that a command is about: by name or folder, or the newest.

    Raises
    ------
    OptionError
        There is no ledger, or no such run in it.
    """
    from matcher.ledger import Ledger

    run = asked.run
    folder = Path(run) if run is not None and Path(run).is_dir() else None
    where = ledger_address(asked.ledger, folder.parent if folder else Path("runs"))
    if isinstance(where, Path) and not where.exists():
        raise OptionError(Message("option.no_ledger", ledger=str(where)))
    with Ledger.open(where, create=False) as ledger:
        yield ledger, _run_of(ledger, run, folder)


def _run_of(ledger: Any, run: str | None, folder: Path | None) -> Run:
    runs: tuple[Run, ...] = ledger.runs()
    if not runs:
        raise OptionError(Message("option.nothing_stored", ledger=str(ledger.address)))
    if run is None:
        return runs[0]
    if folder is None:
        named: Run = ledger.run(run)
        return named
    for one in runs:
        if folder.resolve() in [path.resolve() for path in ledger.folders(one.run_id)]:
            return one
    raise OptionError(
        Message(
            "option.run_folder_unknown",
            run=run,
            ledger=str(ledger.address),
            known=tuple(one.run_id for one in runs[:5]),
        )
    )


def parts_text(parts: tuple[Part, ...]) -> str:
    """Lay out an explanation for a terminal: headings, and lines wrapped with a hanging indent."""
    width = min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns)
    blocks = []
    for part in parts:
        lines = [part.heading] if part.heading else []
        mark = "  - " if part.heading and not part.flowing and len(part.lines) > 1 else ""
        for line in (" ".join(part.lines),) if part.flowing else part.lines:
            # A letter that becomes two, as on a terminal without Danish, counts as two.
            told = fitting(line, sys.stdout.encoding)
            lines += textwrap.wrap(
                told, width, initial_indent=mark, subsequent_indent=" " * len(mark)
            )
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def bottleneck_table(found: tuple[Bottleneck, ...], say: Telling) -> str:
    """Lay out bottlenecks as a table: gain of placements and of fit by units more."""
    if not found:
        return say("gain.no_rows")
    steps = [gain.more for gain in found[0].gains]
    head = [say("gain.resource"), say("gain.used"), say("gain.price"),
            *(f"+{step}" for step in steps), say("gain.stops")]  # fmt: skip
    rows = [head]
    for one in found:
        price = f"{one.price_placements:.1f} / {one.price_fit:.0f}"
        rows.append(
            [
                say.resource(one),
                say("gain.of", used=say.whole(one.used), capacity=say.whole(one.capacity)),
                say.marked(price),
                *(
                    f"{'' if gain.proven else '~'}{gain.placements:+d} / {gain.fit:+d}"
                    for gain in one.gains
                ),
                f"{steps[-1]}+" if one.enough is None else f"+{one.enough}",
            ]
        )
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    first = min(widths[0], 56)
    lines = []
    for row in rows:
        name = textwrap.wrap(row[0], first) or [""]
        cells = "  ".join(f"{cell:>{width}}" for cell, width in
                          zip(row[1:], widths[1:], strict=True))  # fmt: skip
        lines.append(f"{name[0]:<{first}}  {cells}".rstrip())
        lines += [f"  {more}" for more in name[1:]]
    if any(one.enough is None for one in found):
        lines += ["", f"{steps[-1]}+: {say('gain.beyond', steps[-1])}"]
    if not all(gain.proven for one in found for gain in one.gains):
        lines += ["", say("gain.mark")]
    return "\n".join([say("gain.head"), "", *lines])


def _plain_parts(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    return [{"heading": part.heading, "lines": list(part.lines)} for part in parts]
