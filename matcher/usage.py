"""What is wrong with the arguments of a command, told in the language that was asked for.

The parser of the command line words its errors in English; the facts are in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperGroup

from matcher.texts import Language, Message

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
        if language == "en" or not shows or type(error).__name__ == "NoArgsIsHelpError":
            raise
        context = getattr(error, "ctx", None)
        if context is not None:
            usage = context.get_usage().partition(": ")[2]
            help_of = f"{context.command_path} {context.help_option_names[0]}"
            typer.echo(Message("usage.usage", usage=usage, help=help_of).told(language), err=True)
        typer.echo(Message("error.told", text=told(error)).told(language), err=True)
        raise typer.Exit(getattr(error, "exit_code", 2)) from None


class TellingGroup(TyperGroup):
    """A group of commands whose errors of usage are told in a language."""

    language: Language = "en"

    def make_context(self, *given: Any, **more: Any) -> Any:
        """Read the arguments; see :meth:`click.Command.make_context`."""
        with told_in(self.language):
            return super().make_context(*given, **more)

    def invoke(self, ctx: Any) -> Any:
        """Run what was asked for; see :meth:`click.Command.invoke`."""
        with told_in(self.language):
            return super().invoke(ctx)
