"""Commands from records: what a command is asked with is one frozen record, stated once.

A field of the record is an option or an argument of the command; what many commands take stands in
the records they are made of. What a command does is a function of its record.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from matcher.streams import LANGUAGE_VARIABLE
from matcher.terminal import Lang, errors_shown
from matcher.texts import Language


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What every command takes."""

    lang: Annotated[Lang, typer.Option("--lang", envvar=LANGUAGE_VARIABLE)] = Lang.en
    debug: Annotated[bool, typer.Option("--debug")] = False

    @property
    def language(self) -> Language:
        """Language of what is said."""
        return self.lang.value


@dataclass(frozen=True, kw_only=True)
class Answering(Asked):
    """Commands whose answer is text, or data for another program."""

    as_json: Annotated[bool, typer.Option("--json")] = False


@dataclass(frozen=True, kw_only=True)
class OnDay:
    """Commands that hold on a day."""

    on: Annotated[str | None, typer.Option("--on", metavar="DATE")] = None


@dataclass(frozen=True, kw_only=True)
class UnderPolicy:
    """Commands under the policy, or somebody's own over it."""

    policy: Annotated[Path | None, typer.Option("--policy", metavar="FILE")] = None


@dataclass(frozen=True, kw_only=True)
class Dated(OnDay, UnderPolicy):
    """Commands that hold on a day, under the policy of the day."""


@dataclass(frozen=True, kw_only=True)
class ByMapping:
    """Commands that read tables, ours or somebody's own by a mapping."""

    mapping: Annotated[Path | None, typer.Option("--mapping", metavar="FILE")] = None


@dataclass(frozen=True, kw_only=True)
class OfTables(Dated, ByMapping):
    """Commands that read tables on a day, under the policy of the day."""


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """Commands that cannot be undone and ask before."""

    yes: Annotated[bool, typer.Option("--yes")] = False


@dataclass(frozen=True, kw_only=True)
class InLedger:
    """Commands that read or write the ledger."""

    ledger: Annotated[
        str | None, typer.Option("--ledger", metavar="ADDRESS", envvar="JOBMATCH_LEDGER")
    ] = None


@dataclass(frozen=True, kw_only=True)
class WordFile:
    """Commands whose answer may be a Word file."""

    docx: Annotated[Path | None, typer.Option("--docx", metavar="FILE")] = None


@dataclass(frozen=True, kw_only=True)
class Solving:
    """Commands whose optimiser may be limited."""

    seconds: Annotated[float | None, typer.Option()] = None


@dataclass(frozen=True, kw_only=True)
class Seeded(Solving):
    """Commands whose optimiser may be begun, and ended, differently."""

    gap: Annotated[float, typer.Option(metavar="PERCENT", min=0, max=100)] = 0.0
    prove: Annotated[bool, typer.Option("--prove")] = False
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1)] = 0


@dataclass(frozen=True, kw_only=True)
class OnWorkers:
    """Commands whose work several processes, or a cluster, may share."""

    workers: Annotated[int | None, typer.Option(min=1)] = None
    cluster: Annotated[str | None, typer.Option("--cluster", metavar="[ADDRESS]")] = None


@dataclass(frozen=True, kw_only=True)
class OnWeek:
    """Commands on a week's tables; without any, on a made-up week."""

    data: Annotated[str | None, typer.Argument(metavar="DATA")] = None


A = TypeVar("A", bound=Asked)


def add_command(app: typer.Typer, name: str, asked: type[A], act: Callable[[A], None]) -> None:
    """Add a command to an application.

    Parameters
    ----------
    asked
        The record of its options and arguments; arguments are taken in the order of its fields,
        those of the record itself before those of the records it is made of.
    act
        What the command does. An error it raises is shown and ends it with the error's code.
    """
    app.command(name)(called_with(asked, act))


def called_with(asked: type[A], act: Callable[[A], None]) -> Callable[..., None]:
    """Make a function whose parameters are the fields of a record, for a parser to look at."""
    hints = typing.get_type_hints(asked, include_extras=True)
    own = {one.name: one for one in fields(asked)}
    order = dict.fromkeys(
        name for part in asked.__mro__ for name in vars(part).get("__annotations__", ())
    )

    def called(**given: Any) -> None:
        record = asked(**given)
        with errors_shown(record.debug, as_json=getattr(record, "as_json", False)):
            act(record)

    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=hints[name],
            default=inspect.Parameter.empty if own[name].default is MISSING else own[name].default,
        )
        for name in order
        if name in own
    ]
    called.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {name: hints[name] for name in order if name in own}
    called.__doc__ = asked.__doc__
    return called
