"""Saved JSON as a stream of entries: a list, pages of lists, one entry, or one entry a line.

A file is read through once, entry by entry, however large it is. A file that ends in the middle
is an error: what is missing cannot be told from what is gone.
"""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import IO, Any

from matcher.cpr import mask
from matcher.errors import InputErrors
from matcher.tables.packages import need
from matcher.texts import Message, joined

EXTRA = "imports"
"""The extra with what these readers need."""
_PEEK = 4096
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
Entry = Mapping[str, Any]


def entries(path: Path, lists: Sequence[str]) -> Iterator[tuple[int, Any]]:
    """Read the entries of a file one by one, numbered from 1.

    Parameters
    ----------
    path
        JSON, JSON lines, or a web page with JSON-LD in it.
    lists
        Keys under which an object may hold the list of entries, e.g. ``jobAds``.

    Raises
    ------
    InputErrors
        It is no JSON, or ends in the middle.
    """
    found = _on_page(path) if path.suffix.lower() in {".html", ".htm"} else _of_json(path, lists)
    number = 0
    for value in found:
        for entry in _unfolded(value, lists):
            number += 1
            yield number, entry


def _unfolded(value: Any, lists: Sequence[str]) -> Iterator[Any]:
    """Take the entries out of a page of them."""
    if isinstance(value, list):
        for one in value:
            yield from _unfolded(one, lists)
        return
    if isinstance(value, Mapping):
        held = next((value[key] for key in lists if isinstance(value.get(key), list)), None)
        if held is not None:
            yield from _unfolded(held, lists)
            return
    yield value


def _of_json(path: Path, lists: Sequence[str]) -> Iterator[Any]:
    ijson = need("ijson", EXTRA, "reading_json")
    told: dict[str, Any] = {"use_float": True, "multiple_values": True}
    try:
        with _opened(path) as stream:
            first = _first_sign(stream)
            if first not in {"[", "{"}:
                raise _refused(path, Message("imports.no_json"))
        prefix = "item" if first == "[" else _held_under(path, lists, told)
        with _opened(path) as stream:
            yield from ijson.items(stream, prefix, **told)
    except ijson.JSONError as error:
        told_by = error.args[0] if error.args else ""
        text = told_by.decode("utf-8", "replace") if isinstance(told_by, bytes) else str(told_by)
        reason = text.strip().splitlines()[0][:80] if text.strip() else ""
        raise _refused(path, Message("imports.broken_json", reason=reason)) from None
    except UnicodeDecodeError:
        raise _refused(path, Message("imports.no_utf8")) from None


def _held_under(path: Path, lists: Sequence[str], told: Mapping[str, Any]) -> str:
    """Where the entries are in a file of objects: in a list of the first one, or they are it."""
    ijson = need("ijson", EXTRA, "reading_json")
    with _opened(path) as stream:
        for prefix, event, _ in ijson.parse(stream, **told):
            if event == "start_array" and prefix in lists:
                return f"{prefix}.item"
            if event == "end_map" and not prefix:
                break
    return ""


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file as bytes of UTF-8, whatever mark stands at its beginning."""
    try:
        stream: Any = path.open("rb")
    except OSError as error:
        raise _refused(path, Message("imports.no_file", reason=str(error.strerror))) from None
    with stream:
        mark = stream.read(len(codecs.BOM_UTF8))
        if mark.startswith(_UTF16):
            stream.seek(0)
            yield io.BytesIO(stream.read().decode("utf-16").encode("utf-8"))
            return
        stream.seek(len(codecs.BOM_UTF8) if mark == codecs.BOM_UTF8 else 0)
        yield stream


def _first_sign(stream: IO[bytes]) -> str:
    return stream.read(_PEEK).decode("utf-8", "replace").lstrip()[:1]


class _Scripts(HTMLParser):
    """The JSON-LD scripts of a web page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a script of the kind."""
        kind = (dict(attrs).get("type") or "").split(";")[0].strip().lower()
        self._inside = tag == "script" and kind == "application/ld+json"
        if self._inside:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        """End it."""
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        """Keep its text."""
        if self._inside:
            self.found[-1] += data


def _on_page(path: Path) -> Iterator[Any]:
    with _opened(path) as stream:
        page = _Scripts()
        page.feed(stream.read().decode("utf-8", "replace"))
        page.close()
    if not page.found:
        raise _refused(path, Message("imports.no_json_ld"))
    for script in page.found:
        try:
            yield json.loads(script)
        except ValueError as error:
            raise _refused(path, Message("imports.broken_json", reason=str(error)[:80])) from None


def _refused(path: Path, reason: str) -> InputErrors:
    return InputErrors(Message("imports.unreadable", file=mask(path.name), reason=reason))


def saved_files(given: Iterable[Path], endings: Iterable[str]) -> tuple[Path, ...]:
    """List the files meant by files and folders, folders by the names of their files.

    Raises
    ------
    InputErrors
        One is not there, or a folder holds no such file; all of them at once.
    """
    wanted, found, faults = set(endings), [], []
    for path in given:
        if path.is_dir():
            inside = sorted(one for one in path.iterdir() if one.suffix.lower() in wanted)
            found += inside
            if not inside:
                faults.append(Message("imports.empty_folder", file=mask(str(path)),
                                      endings=tuple(sorted(wanted))))  # fmt: skip
        elif path.is_file():
            found.append(path)
        else:
            faults.append(Message("imports.not_there", file=mask(str(path))))
    if faults:
        raise InputErrors(joined(faults, "\n"))
    return tuple(found)


def flat(entry: Entry, leave: frozenset[str]) -> dict[str, Any]:
    """Put what is in an entry under paths in lower case, e.g. ``job.address.postalcode``.

    Lists stay as they are. What is named in ``leave`` (long texts, persons) is never looked at.
    """
    found: dict[str, Any] = {}
    todo: list[tuple[str, Entry]] = [("", entry)]
    while todo:
        before, held = todo.pop()
        for key, value in held.items():
            name = str(key).lower()
            if name in leave:
                continue
            path = f"{before}{name}"
            if isinstance(value, Mapping):
                todo.append((f"{path}.", value))
            else:
                found[path] = value
    return found
