"""The commands `jobmatch whatif`: write an example, list and show scenarios, run them."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher import private
from matcher.cli import engine_options
from matcher.commands import (
    Answering,
    Asked,
    InLedger,
    OfTables,
    OnWeek,
    OnWorkers,
    Seeded,
    add_command,
)
from matcher.errors import OptionError
from matcher.terminal import (
    ledger_address,
    ledger_opened,
    print_json,
    shown_path,
    solvers_quiet,
)
from matcher.texts import Message, joined, tell
from scenarios.cli.comparing import MakeWeek, add_comparing, read_week, show_comparison

if TYPE_CHECKING:
    from matcher.problem import Problem
    from matcher.rules import Language
    from scenarios.outcome import Outcome
    from scenarios.patch import Scenario, WhatIf

LIBRARY = "library"
"""Stands for all ready scenarios where a file is expected."""
_CLUSTER = re.compile(r"local|(?:tcp|tls|ws|wss|ucx)://.+|[\w.-]+:\d+")


@dataclass(frozen=True, kw_only=True)
class New(Asked):
    """Write a commented example to begin with; it runs as it is."""

    file: Annotated[Path, typer.Argument(metavar="FILE")]


@dataclass(frozen=True, kw_only=True)
class ListReady(Answering):
    """List the ready scenarios of the library, with their parameters."""


@dataclass(frozen=True, kw_only=True)
class OfScenarios(OnWeek, OfTables, Answering):
    """Commands on scenarios of a file or of the library, over a week."""

    only: Annotated[list[str] | None, typer.Option("--only", metavar="NAME")] = None
    setting: Annotated[list[str] | None, typer.Option("--set", metavar="NAME.PARAMETER=VALUE")] = (
        None
    )


@dataclass(frozen=True, kw_only=True)
class Show(OfScenarios):
    """Show what scenarios ask and every change they make to a week; solve nothing."""

    file: Annotated[str, typer.Argument(metavar="FILE")]


@dataclass(frozen=True, kw_only=True)
class Run(OfScenarios, Seeded, OnWorkers, InLedger):
    """Solve the week as it is and every scenario of it, and compare them."""

    file: Annotated[str, typer.Argument(metavar="FILE")]
    out: Annotated[Path, typer.Option("--out", metavar="DIR")] = Path("whatif")
    fresh: Annotated[bool, typer.Option("--fresh")] = False


def add_whatif(app: typer.Typer, make_week: MakeWeek) -> None:
    """Add the commands to the command."""
    whatif = typer.Typer(
        name="whatif",
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.add_typer(whatif)
    add_command(whatif, "new", New, _new)
    add_command(whatif, "list", ListReady, _list)
    add_command(whatif, "show", Show, partial(_show, make_week))
    add_command(whatif, "run", Run, partial(_run, make_week))
    add_comparing(whatif, make_week)


def with_cluster_address(arguments: Sequence[str]) -> list[str]:
    """Let ``--cluster`` stand without an address: it then means a cluster on this machine."""
    given: list[str] = []
    for at, argument in enumerate(arguments):
        given.append(argument)
        following = arguments[at + 1] if at + 1 < len(arguments) else ""
        if argument == "--cluster" and not _CLUSTER.fullmatch(following):
            given.append("local")
    return given


def _new(asked: New) -> None:
    from importlib import resources

    from matcher.streams import fitting

    file = asked.file
    text = resources.files("scenarios.patch").joinpath("example.toml").read_text("utf-8")
    if file.suffix != ".toml":
        raise OptionError(Message("whatif_command.toml_name", file=str(file)))
    try:
        with private.opened(file, "x") as opened:
            opened.write(text.replace("THIS-FILE", str(file)))
    except FileExistsError:
        raise OptionError(Message("whatif_command.there", file=str(file))) from None
    except OSError as error:
        raise OptionError(
            Message("error.unwritten", path=str(file), reason=str(error.strerror))
        ) from None
    typer.echo(fitting(str(file), sys.stdout.encoding))


def _list(asked: ListReady) -> None:
    from scenarios.patch import library, parameters_of

    ready = library()
    if asked.as_json:
        print_json([
            {**_words(one), "parameters": {
                key: stated.model_dump(by_alias=True)
                for key, stated in parameters_of(ready, name).items()}}
            for name, one in ready.scenarios.items()
        ])  # fmt: skip
        return
    lines: list[str] = []
    for name, one in ready.scenarios.items():
        lines.append(f"{name}: {one.title.of(asked.language)}")
        lines.append(f"    {one.question.of(asked.language)}")
        for key, stated in parameters_of(ready, name).items():
            default = Message("change.short", value=stated.default).told(asked.language)
            lines.append(f"    {key} = {default}: {stated.text.of(asked.language)}")
    _say("\n".join(lines))


def _words(scenario: Scenario) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.title.model_dump(),
        "question": scenario.question.model_dump(),
        "explanation": scenario.explanation.model_dump(),
        "source": scenario.source,
        "settings": dict(scenario.settings),
    }


def _say(text: str) -> None:
    from matcher.streams import fitting

    typer.echo(fitting(text, sys.stdout.encoding))


def _read(asked: Show | Run) -> tuple[str, list[Scenario]]:
    """Scenarios of a file, or of the library, and a name for them together."""
    from scenarios.patch import library, read_what_if

    what_if: WhatIf
    file, only, setting = asked.file, asked.only, asked.setting
    # Names first: a long list of them is no name that a file could have.
    given = [name.strip() for name in file.split(",") if name.strip()]
    unknown = [name for name in given if name not in library().scenarios]
    is_file = not (given and not unknown) and _there(file, Path.is_file)
    if file == LIBRARY and not is_file:
        what_if, names = library(), list(library().scenarios)
    elif given and not unknown:
        what_if, names = library(), list(dict.fromkeys(given))
    elif _there(file, Path.is_dir):
        raise OptionError(Message("whatif_command.folder", file=file))
    elif not is_file:
        what = Message("whatif_command.no_file", file=shown_path(file))
        if len(given) > 1:
            what = Message("whatif_command.no_names", names=shown_path(", ".join(unknown)))
        raise OptionError(Message("whatif_command.see_list", what=what))
    else:
        what_if = read_what_if(file)
        names = [*what_if.scenarios, *what_if.sweeps]
    for name in only or ():
        if name not in names:
            raise OptionError(Message("whatif_command.only", name=name, known=tuple(names)))
    chosen = [name for name in names if not only or name in only]
    settings = _settings(setting, what_if.scenarios)
    scenarios: list[Scenario] = []
    for name in chosen:
        if name in what_if.sweeps:
            scenarios += what_if.sweeps[name].scenarios
        else:
            own = settings.get(name)
            scenarios.append(what_if.scenario(name, **own) if own else what_if.scenarios[name])
    label = Path(file).stem if is_file else "+".join(chosen[:3])
    return (LIBRARY if len(chosen) > 3 and not is_file else label), scenarios


def _there(file: str, kind: Callable[[Path], bool]) -> bool:
    """Whether there is a file, or a folder, of that name; what cannot be a name is none."""
    try:
        return kind(Path(file))
    except (OSError, ValueError):
        return False


def _settings(given: Sequence[str] | None, known: Any) -> dict[str, dict[str, float]]:
    settings: dict[str, dict[str, float]] = {}
    for text in given or ():
        name, _, value = text.partition("=")
        scenario, _, parameter = name.partition(".")
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not parameter or not math.isfinite(number):
            raise OptionError(Message("whatif_command.set", text=text))
        if scenario not in known:
            raise OptionError(Message("whatif_command.set_unknown", text=text, known=tuple(known)))
        whole = int(number) if number.is_integer() else number
        settings.setdefault(scenario, {})[parameter] = whole
    return settings


def _show(make_week: MakeWeek, asked: Show) -> None:
    from matcher.console import Talk
    from scenarios.patch import WhatIfError, apply

    _, scenarios = _read(asked)
    with Talk() as talk:
        problem, _ = read_week(make_week, asked.data, asked, talk)
    shown: list[dict[str, Any]] = []
    code = 0
    for scenario in scenarios:
        told = _words(scenario)
        try:
            applied = apply(problem, scenario)
            told["changes"] = [change.said for change in applied.changes]
            told["selected"] = [one.to_dict() for one in applied.selected]
        except WhatIfError as error:
            told["faults"] = [fault.said for fault in error.faults]
            code = error.exit_code
        shown.append(told)
    if asked.as_json:
        print_json(shown)
    else:
        for told, scenario in zip(shown, scenarios, strict=True):
            _say(
                "\n".join(
                    tell(line, asked.language)
                    for line in _shown_lines(told, scenario, asked.language)
                )
            )
    if code:
        raise typer.Exit(code)


_MOST_LINES = 12


def _shown_lines(told: dict[str, Any], scenario: Scenario, language: Language) -> list[str]:
    from scenarios.page import selected_line, words_of

    lines = [f"{scenario.name}: {scenario.title.of(language)}".rstrip(": ")]
    lines += [f"  {text}" for text in (scenario.question.of(language),
                                       scenario.explanation.of(language)) if text]  # fmt: skip
    if scenario.source:
        lines.append(Message("whatif_command.source", source=scenario.source))
    for name, value in scenario.settings.items():
        lines.append(Message("whatif_command.setting", name=name, value=value))
    if "faults" in told:
        return [
            *lines,
            *(Message("whatif_command.fault", fault=fault) for fault in told["faults"]),
            "",
        ]
    words = words_of(language)
    lines += [f"  {selected_line(found, words)}" for found in told["selected"]]
    changes = told["changes"]
    lines += [joined((" ", change)) for change in changes[:_MOST_LINES]]
    if len(changes) > _MOST_LINES:
        lines.append(Message("whatif_command.more", count=len(changes) - _MOST_LINES))
    return [*lines, *([] if changes else [Message("whatif_command.no_change")]), ""]


def _run(make_week: MakeWeek, asked: Run) -> None:
    from matcher.report import need_page
    from matcher.tables import check_folder
    from matcher.weekly import is_made_up
    from scenarios.page import selected_line, words_of
    from scenarios.progress import Progress
    from scenarios.sweep import Cache, run

    check_folder(asked.out, "--out")
    need_page()
    options = engine_options(asked)
    label, scenarios = _read(asked)
    with Progress() as talk:
        problem, address = read_week(make_week, asked.data, asked, talk)
        with solvers_quiet(shown=asked.debug):
            outcomes = run(
                problem, scenarios, options=options, observer=talk, workers=asked.workers,
                cluster=asked.cluster, cache=Cache(asked.out / "cache", fresh=asked.fresh),
            )  # fmt: skip
        for outcome in outcomes:
            if not outcome.sweep:
                for found in outcome.selected:
                    talk.note(f"{outcome.name}: {selected_line(found, words_of(asked.language))}")
    if not asked.as_json:
        _say(_table(outcomes, asked.language))
    show_comparison(
        outcomes,
        asked.out / label,
        language=asked.language,
        made_up=is_made_up(address),
        as_json=asked.as_json,
        target=_target(asked, problem, outcomes),
    )
    if any(outcome.failed for outcome in outcomes):
        raise typer.Exit(2)


def _target(asked: Run, problem: Problem, outcomes: Sequence[Outcome]) -> list[str]:
    """Say whether the target will be reached, from the ledger that is named or lies where runs do.

    Raises
    ------
    LedgerError
        The one that is named is not there.
    """
    from scenarios.page import target_lines, words_of

    where = ledger_address(asked.ledger)
    if asked.ledger is None and isinstance(where, Path) and not where.exists():
        return target_lines(problem, None, outcomes, words_of(asked.language))
    with ledger_opened(asked.ledger) as ledger:
        return target_lines(problem, ledger, outcomes, words_of(asked.language))


def _table(outcomes: Sequence[Outcome], language: Language) -> str:
    """Write a line for each scenario: placements and total fit, after less before."""
    from scenarios.page import why_unchanged, words_of

    base = outcomes[0]
    words = words_of(language)

    def said(name: str, **facts: Any) -> str:
        return Message(f"whatif_command.{name}", **facts).told(language)

    change = said("head_change")
    rows = [(said("head_placements"), change, said("head_fit"), change, "")]
    names = [said("head_scenario")]
    for outcome in outcomes:
        names.append(outcome.name)
        if outcome.failed:
            rows.append(("", "", "", "", said("failed", reason=outcome.first_reason)))
            continue
        fit, before = (int(one.placements["fit"].sum()) for one in (outcome, base))
        note = "" if outcome.proven else said("not_proven")
        if outcome is not base:
            note = why_unchanged(base, outcome, words) or note
        rows.append((
            f"{outcome.placed}", "" if outcome is base else f"{outcome.placed - base.placed:+d}",
            f"{fit}", "" if outcome is base else f"{fit - before:+d}", note,
        ))  # fmt: skip
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    first = max(len(name) for name in names)
    return "\n".join(
        f"{name:{first}}  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(row[:4], widths, strict=True))
        + (f"  {row[4]}" if row[4] else "")
        for name, row in zip(names, rows, strict=True)
    )
