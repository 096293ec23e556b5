"""Help, and what is wrong with the arguments, told in the language that was asked for.

The parser of the command line words its errors in English; the facts are in them. What commands
and options are for stands in the catalogue alone, by their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import typer
from typer.core import TyperGroup

from matcher.texts import ENGLISH, Language, Message, catalogue

_SAYS: Mapping[str, re.Pattern[str]] = {
    "one_of": re.compile(r"Input should be (?P<known>'.*')"),
    "whole": re.compile(r"Input should be a valid integer.*"),
    "number": re.compile(r"Input should be a valid number.*"),
    "at_least": re.compile(r"Input should be greater than or equal to (?P<value>\S+)"),
    "at_most": re.compile(r"Input should be less than or equal to (?P<value>\S+)"),
    "no_command": re.compile(r"No such command '(?P<value>.*?)'\.?.*"),
    "needs_value": re.compile(r"Option '(?P<value>.*?)' requires an argument\.?"),
    "takes_no_value": re.compile(r"Option '(?P<value>.*?)' does not take a value\.?"),
    "too_many": re.compile(r"Got unexpected extra argument(?:s|\(s\))? \((?P<value>.*)\)\.?"),
    "missing_command": re.compile(r"Missing command\.?"),
}
"""What the parser says, by key of the catalogue's ``usage`` texts."""


def told(error: Any) -> Message:
    """Return what an error of the parser says, as a message; its own words where none fits."""
    param = getattr(error, "param", None)
    name = param.get_error_hint() if param is not None else ""
    if type(error).__name__ == "MissingParameter":
        return Message("usage.missing", name=name)
    if type(error).__name__ == "NoSuchOption":
        near = tuple(sorted(error.possibilities or ()))
        key = "usage.no_option_near" if near else "usage.no_option"
        return Message(key, name=error.option_name, near=near)
    for key, pattern in _SAYS.items():
        if found := pattern.fullmatch(error.message):
            facts: dict[str, Any] = found.groupdict()
            if "known" in facts:
                facts["known"] = tuple(re.findall("'(.*?)'", facts["known"]))
            said = Message(f"usage.{key}", **facts)
            return Message("usage.of", name=name, text=said) if name else said
    return Message("usage.other", text=error.format_message())


@contextmanager
def told_in(language: Language) -> Iterator[None]:
    """Let errors of the parser end the command with words of a language; English ones are its own.

    Raises
    ------
    typer.Exit
        With the parser's exit code, after the error was told.
    """
    try:
        yield
    except Exception as error:
        shows = callable(getattr(error, "format_message", None))
        if language == ENGLISH or not shows or type(error).__name__ == "NoArgsIsHelpError":
            raise
        context = getattr(error, "ctx", None)
        if context is not None:
            usage = context.get_usage().partition(": ")[2]
            help_of = f"{context.command_path} {context.help_option_names[0]}"
            typer.echo(Message("usage.usage", usage=usage, help=help_of).told(language), err=True)
        typer.echo(Message("error.told", text=told(error)).told(language), err=True)
        raise typer.Exit(getattr(error, "exit_code", 2)) from None


def tell_help(command: Any, language: Language, path: str = "") -> None:
    """Give a command, and those below it, the help texts of a language.

    A text stands under the command, and that of an option or argument under its name, or under
    the command and its name where it means something else there.
    """
    texts = catalogue(language)
    command.help = texts.get(f"help.{path or command.name}")
    command.context_class = _context_class(language)
    for param in command.params:
        option = param.param_type_name == "option"
        name = max(param.opts, key=len) if option else param.metavar or param.name
        param.help = texts.get(f"help.{path} {name}") or texts.get(f"help.{name}")
    for name, below in getattr(command, "commands", {}).items():
        tell_help(below, language, f"{path} {name}".strip())


@cache
def _context_class(language: Language) -> Any:
    """Make what lays out help in a language: the parser's own class, with other headings."""
    base: Any = TyperGroup.context_class
    texts = catalogue(language)

    def told_extra(text: str) -> str:
        name, mark, value = text.partition(": ")
        key = {"default": "default", "env var": "env", "required": "required"}.get(name, "")
        if not key or (not mark and key != "required"):
            return text
        return texts[f"help_page.{key}"].format(value=value)

    def told_row(text: str) -> str:
        if text == _OWN_HELP:
            return texts["help.--help"]
        said, bracket, extra = text.removesuffix("]").rpartition("[")
        if not bracket or not text.endswith("]"):
            return text
        return f"{said}[{'; '.join(map(told_extra, extra.split('; ')))}]"

    class Formatter(base.formatter_class):  # type: ignore[misc]
        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            super().write_usage(prog, args, prefix or texts["help_page.usage"])

        def write_heading(self, heading: str) -> None:
            super().write_heading(texts.get(f"help_page.{heading}", heading))

        def write_dl(self, rows: Any, *more: Any, **given: Any) -> None:
            super().write_dl([(name, told_row(text)) for name, text in rows], *more, **given)

    class Context(base):  # type: ignore[misc]
        formatter_class = Formatter

    return Context


_OWN_HELP = "Show this message and exit."
"""What the parser says of ``--help``."""


class TellingGroup(TyperGroup):
    """A group of commands whose help and errors of usage are told in a language."""

    language: Language = ENGLISH

    def make_context(self, *given: Any, **more: Any) -> Any:
        """Read the arguments; see :meth:`click.Command.make_context`."""
        with told_in(self.language):
            return super().make_context(*given, **more)

    def invoke(self, ctx: Any) -> Any:
        """Run what was asked for; see :meth:`click.Command.invoke`."""
        with told_in(self.language):
            return super().invoke(ctx)
