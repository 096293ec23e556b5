"""Where in a TOML text each key stands: errors name a line, which ``tomllib`` does not keep.

Walks a text that ``tomllib`` has already accepted, so that nothing needs to be checked here.
"""

from __future__ import annotations

import re
from typing import Any

Path = tuple[str | int, ...]
"""Keys, and positions in arrays (from 0), from the top of the file."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SPACE = re.compile(r"[ \t]*")
_BETWEEN = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]\}\n#]+")


class Lines:
    """The line (from 1) of every key, table and array member of a TOML text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line: dict[Path, int] = {}
        self._members: dict[Path, int] = {}
        self._walk()

    def of(self, path: Path) -> int:
        """Line of the nearest part of a path that stands in the text; 1 where none does."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._line:
                return self._line[path[:length]]
        return 1

    def _walk(self) -> None:
        table: Path = ()
        while True:
            self._skip(_BETWEEN)
            if self._at >= len(self._text):
                return
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        array = self._text.startswith("[[", self._at)
        start = self._at
        self._at += 2 if array else 1
        keys = self._keys()
        self._at += 2 if array else 1
        path = self._resolved(keys[:-1])
        here: Path = (*path, keys[-1])
        if array:
            number = self._members.get(here, 0)
            self._members[here] = number + 1
            self._mark(here, start)
            here = (*here, number)
        elif here in self._members:
            here = (*here, self._members[here] - 1)
        self._mark(here, start)
        return here

    def _resolved(self, keys: list[str]) -> Path:
        """Put the last member's position behind every key that names an array of tables."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self._members:
                path = (*path, self._members[path] - 1)
        return path

    def _pair(self, table: Path) -> None:
        start = self._at
        path: Path = (*table, *self._keys())
        for length in range(len(table) + 1, len(path) + 1):
            self._mark(path[:length], start)
        self._at = self._text.index("=", self._at) + 1
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        text = self._text
        for quote in ('"""', "'''", '"', "'"):
            if text.startswith(quote, self._at):
                self._string(quote)
                return
        if text.startswith("[", self._at):
            self._array(path)
        elif text.startswith("{", self._at):
            self._at += 1
            while self._more("}"):
                self._pair(path)
        else:
            self._skip(_SCALAR)

    def _array(self, path: Path) -> None:
        self._at += 1
        number = 0
        while self._more("]"):
            here = (*path, number)
            self._mark(here, self._at)
            self._value(here)
            number += 1

    def _more(self, closing: str) -> bool:
        self._skip(_BETWEEN)
        if self._text.startswith(closing, self._at):
            self._at += 1
            return False
        return True

    def _string(self, quote: str) -> None:
        at = self._at + len(quote)
        while not self._text.startswith(quote, at):
            at += 2 if quote[0] == '"' and self._text[at] == "\\" else 1
        at += len(quote)
        # Up to two quotes may stand just before the closing ones.
        while len(quote) == 3 and self._text.startswith(quote[0], at):
            at += 1
        self._at = at

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._skip(_SPACE)
            start = self._at
            quote = self._text[start]
            if quote in "\"'":
                self._string(quote)
                keys.append(_unquoted(self._text[start : self._at]))
            else:
                self._skip(_BARE)
                keys.append(self._text[start : self._at])
            self._skip(_SPACE)
            if not self._text.startswith(".", self._at):
                return keys
            self._at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()

    def _mark(self, path: Path, at: int) -> None:
        self._line.setdefault(path, self._text.count("\n", 0, at) + 1)


def _unquoted(key: str) -> str:
    if key.startswith("'"):
        return key[1:-1]
    import tomllib

    read: dict[str, Any] = tomllib.loads(f"k = {key}")
    return str(read["k"])
