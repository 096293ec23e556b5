"""Which text the bytes of a file are, doubted rather than guessed.

UTF-8 says itself whether it is UTF-8, and so does UTF-16. Any other bytes are text in every
old encoding, and the wrong one turns ``skånehensyn`` into a word nobody knows: the letters of a
word must be letters. Where they are not in cp1252, the encoding in which they are is named; it is
used only if a column name of the table says that it is right.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from matcher.tables.issues import IssueCode
from matcher.tables.raw import Remark, UnreadableError
from matcher.texts import Message, joined

Meaning = Callable[[str], str | None]
"""Which field a column name means; None when it is not a column of the table."""

SAVE = Message("advice.save_utf8")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""UTF-32 first: its mark begins with that of UTF-16."""
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF", b"SQLite format 3", b"PAR1")
"""How other files begin. A stray NUL byte is a fault of its row, not of the file."""
_TWICE = ("Ã¦", "Ã¸", "Ã¥", "Ã†", "Ã˜", "Ã…")
"""Danish letters in UTF-8, read as cp1252."""
_OLD = {
    "cp850": Message("encoding.dos"),
    "cp865": Message("encoding.dos"),
    "mac_roman": Message("encoding.mac"),
}
_IN_WORDS = re.compile(
    rb"(?<=[A-Za-z])[\x80-\xff]+(?=[A-Za-z])|(?<=[a-z])[\x80-\xff]|[\x80-\xff](?=[a-z])"
)
_LETTERS = frozenset("æøåÆØÅéÉèêëáàâäöüÄÖÜóòôíìîïúùûçñðþýÁÀÂÈÊËÍÎÏÓÒÔÚÙÛÇÑÐÞÝßÿãõÃÕ")
_BESIDE_WORDS = frozenset("’–—´`“”…§°½·«»\xa0€")
"""May stand beside a letter though they are none."""


@dataclass(frozen=True)
class DecodedText:
    """The text of a file."""

    content: str
    encoding: str
    remarks: tuple[Remark, ...] = ()


def text_of(
    data: bytes, header_of: Callable[[str], list[str]], meaning: Meaning | None
) -> DecodedText:
    """Decode a file.

    Parameters
    ----------
    data
        The whole file.
    header_of
        Finds the column names in a text.
    meaning
        Which names the table has; None: nothing is known of it.

    Raises
    ------
    UnreadableError
        It is empty, no text, or not surely text of one encoding; the advice says what to try.
    """
    if not data.strip():
        raise UnreadableError(Message("unreadable.empty_file"), Message("advice.extract_again"))
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                content = data.decode("utf-8-sig" if mark == codecs.BOM_UTF8 else encoding)
            except UnicodeDecodeError:
                name = encoding.upper()
                raise UnreadableError(Message("unreadable.not_whole", name=name), SAVE) from None
            return _whole(content, encoding, header_of, meaning)
    if data.startswith(_BINARY):
        raise UnreadableError(Message("unreadable.not_text"), Message("advice.workbook_as_csv"))
    if data.count(0) > len(data) // 8:
        return _wide(data, header_of, meaning)
    try:
        content = data.decode("utf-8")
    except UnicodeDecodeError:
        return _old(data, header_of, meaning)
    return _whole(content, "utf-8", header_of, meaning)


def _whole(
    content: str, encoding: str, header_of: Callable[[str], list[str]], meaning: Meaning | None
) -> DecodedText:
    """Refuse text in which letters were lost before it was saved."""
    if "Ã" in content and any(sign in content for sign in _TWICE):
        raise UnreadableError(Message("unreadable.read_twice"), Message("advice.utf8_once"))
    if "\ufffd" in content:
        line = content[: content.index("\ufffd")].count("\n") + 1
        raise UnreadableError(Message("unreadable.letters_lost", line=line), _again())
    if meaning is not None:
        for name in header_of(content):
            if "?" in name and meaning(name) is None and (meant := _lost(name, meaning)):
                raise UnreadableError(
                    Message("unreadable.names_lost", name=name, meant=meant), _again()
                )
    return DecodedText(content, encoding)


def _again() -> str:
    return joined((Message("advice.make_again"), SAVE))


def _lost(name: str, meaning: Meaning) -> str:
    """Name of which a column name with ``?`` for its Danish letters is what is left."""
    if name.count("?") > 3:
        return ""
    names = [""]
    for letter in name.lower():
        choice = "æøå" if letter == "?" else letter
        names = [begun + one for begun in names for one in choice]
    return next((one for one in names if meaning(one) is not None), "")


def _wide(
    data: bytes, header_of: Callable[[str], list[str]], meaning: Meaning | None
) -> DecodedText:
    """Decode UTF-16 without a byte order mark: half of the bytes of most text are NUL."""
    even, odd = data[::2].count(0), data[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if min(even, odd) * 4 < max(even, odd):
        try:
            text = _whole(data.decode(encoding), encoding, header_of, meaning)
        except UnicodeDecodeError:
            pass
        else:
            return DecodedText(text.content, encoding, _remark(Message("encoding.no_mark")))
    raise UnreadableError(Message("unreadable.not_text"), Message("advice.workbook_as_csv"))


def _remark(name: str) -> tuple[Remark, ...]:
    return (Remark(IssueCode.OTHER_ENCODING, name, SAVE),)


def _old(
    data: bytes, header_of: Callable[[str], list[str]], meaning: Meaning | None
) -> DecodedText:
    """Decode text that is not UTF-8: cp1252, unless letters of words would be none."""
    in_words = Counter(b"".join(_IN_WORDS.findall(data)))
    try:
        content = data.decode("cp1252")
    except UnicodeDecodeError as error:
        content, bad_line = "", data[: error.start].count(b"\n") + 1
    if content and any(sign in content for sign in _TWICE):
        raise UnreadableError(Message("unreadable.mixed"), Message("advice.files_joined"))
    if content and not _strange(in_words, "cp1252"):
        return DecodedText(content, "cp1252")
    danish = {
        name: sum(number for byte, number in in_words.items() if _sign(byte, name) in "æøåÆØÅ")
        for name in _OLD
        if in_words and not _strange(in_words, name)
    }
    likely = [name for name in danish if danish[name] == max(danish.values())]
    if likely and meaning is not None:
        other = data.decode(likely[0])
        named = {name for name in header_of(other) if not name.isascii() and meaning(name)}
        if named and len({_OLD[name] for name in likely}) == 1:
            return DecodedText(other, likely[0], _remark(_OLD[likely[0]]))
    if likely:
        names = tuple(dict.fromkeys(_OLD[name] for name in likely))
        raise UnreadableError(Message("unreadable.looks_like", names=names), SAVE)
    if not content:
        raise UnreadableError(Message("unreadable.neither", line=bad_line), SAVE)
    odd = next(byte for byte in in_words if _strange(Counter([byte]), "cp1252"))
    line = data[: data.index(bytes([odd]))].count(b"\n") + 1
    raise UnreadableError(
        Message("unreadable.odd_letter", letter=bytes([odd]).decode("cp1252"), line=line),
        SAVE,
    )


def _sign(byte: int, encoding: str) -> str:
    return bytes([byte]).decode(encoding, "replace")


def _strange(in_words: Counter[int], encoding: str) -> int:
    """Count the signs in words that are no letters in an encoding."""
    return sum(
        number
        for byte, number in in_words.items()
        if (sign := _sign(byte, encoding)) not in _LETTERS and sign not in _BESIDE_WORDS
    )
