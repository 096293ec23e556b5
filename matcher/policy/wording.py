"""What is wrong with a policy, in plain words: the key, its value, what is expected."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator

from matcher.policy.policy import Policy
from matcher.policy.quantities import read_day
from matcher.records import Choice
from matcher.texts import Message


def told(issue: Mapping[str, Any]) -> str:
    """One problem of validation in plain words: key, value, what is expected."""
    loc = tuple(part for part in issue["loc"] if part != "[key]")
    key = _dotted(loc)
    if issue["loc"][-1] == "[key]":
        own = issue["type"] == "value_error"
        expected = issue["ctx"]["error"].args[0] if own else _expected(issue["loc"])
        return Message("policy.key_expected", key=key, expected=expected)
    if issue["type"] == "extra_forbidden":
        model = _field(loc[:-1])[0]
        return unknown([key], set(model.model_fields) - {"on", "overrides"})
    if issue["type"] == "missing":
        return Message("policy.missing", key=key, expected=_expected(loc))
    value, reason = issue["input"], _expected(loc)
    if issue["type"] == "value_error" and isinstance(value, str | int | float):
        said = issue["ctx"]["error"].args[0]
        reason = said if "expected" in said else reason
    elif reason == Message("policy.expected", what=Message("policy.table")) and is_periods(value):
        reason = Message("policy.one_table", key=key)
    return Message("policy.value", path=key, value=shown(value), reason=reason)


def _dotted(loc: Iterable[int | str]) -> str:
    """Return a key as a person writes it; places in a list are counted from 1."""
    text = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".")


@lru_cache(maxsize=256)
def _expected(loc: tuple[int | str, ...]) -> str:
    return Message("policy.expected", what=_words(*_field(loc)))


def _field(loc: tuple[int | str, ...]) -> tuple[Any, list[Any]]:
    """Type and constraints of the value at a place of the policy."""
    kind: Any = Policy
    marks: list[Any] = []
    for at, part in enumerate(loc):
        if part == "[key]" or _is_blocks(marks):
            break
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            info = kind.model_fields[str(part)]
            kind, marks = info.annotation, list(info.metadata)
        else:
            # Of a mapping: its values, or its keys where "[key]" follows; of a list: its members.
            arguments = typing.get_args(kind)
            keyed = loc[at + 1 :] == ("[key]",)
            kind, marks = arguments[0 if keyed or isinstance(part, int) else -1], []
        while typing.get_origin(kind) in {Annotated, typing.Union, types.UnionType}:
            inner, *rest = typing.get_args(kind)
            if typing.get_origin(kind) is Annotated:
                marks += [
                    mark for one in rest for mark in (getattr(one, "metadata", None) or [one])
                ]
            kind = inner
    return kind, marks


_PLAIN: Mapping[Any, str] = {
    bool: Message("policy.bool"),
    str: "text",
    dt.date: Message("policy.date"),
}


def _words(kind: Any, marks: Collection[Any]) -> str:
    """Describe a type and its bounds."""
    bounds = {
        name: getattr(mark, name)
        for mark in marks
        for name in ("ge", "gt", "le", "min_length", "pattern")
        if getattr(mark, name, None) is not None
    }
    if kind in {int, float}:
        noun = Message("expected.whole") if kind is int else Message("expected.number")
        if "gt" in bounds:
            return Message("policy.above", noun=noun, least=bounds["gt"], most=bounds["le"])
        return (
            Message("policy.between", noun=noun, least=bounds["ge"], most=bounds["le"])
            if "ge" in bounds
            else noun
        )
    if "pattern" in bounds:
        return Message("policy.time")
    if _is_blocks(marks):
        return Message("policy.blocks")
    if typing.get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Choice)):
        return _one_of(kind)
    if typing.get_origin(kind) is tuple:
        return (
            Message("policy.list_of", count=bounds["min_length"])
            if "min_length" in bounds
            else Message("policy.list")
        )
    return _PLAIN.get(kind, Message("policy.table"))


def _is_blocks(marks: Collection[Any]) -> bool:
    return any(isinstance(mark, BeforeValidator) and mark.func is not read_day for mark in marks)


def _one_of(kind: Any) -> str:
    codes = typing.get_args(kind) or tuple(member.value for member in kind)
    return Message("expected.one_of", words=tuple(codes))


def shown(value: Any) -> str:
    """Write a value, cut to a readable length."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def unknown(path: Iterable[str], known: Iterable[str]) -> str:
    """Say that a key is unknown, and which are known."""
    return Message("policy.unknown_key", key=".".join(path), known=tuple(sorted(known)))


def is_periods(value: object) -> bool:
    """Whether a value is a list of tables, as periods are written."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)
