"""Ids without a register number: a keyed hash, whose key stays outside the data.

HMAC-SHA256 (FIPS 198-1) of the number, written in consonants alone: whatever it is, it can be
taken for no CPR number, no other number and no word. With the same key the same person has the same
id every week and in every table; without it nobody finds the number, though there are few of them.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import stat
import unicodedata
from pathlib import Path

from matcher.errors import OptionError
from matcher.tables.mapping.record import Hashed
from matcher.tables.raw import Unread
from matcher.texts import Message

KEY_VARIABLE = "JOBMATCH_KEY"
"""Environment variable that holds the key."""
FILE_VARIABLE = "JOBMATCH_KEY_FILE"
"""Environment variable that names a file with the key."""
SHORTEST = 32
"""Characters of a key: there are so few CPR numbers that a short key is found by trying."""
_LETTERS = "bcdfghjkmnpqrstv"
_LENGTH = 26
"""Letters of an id: 104 bits."""
_CHECKED = "jobmatch: check of the key"
_DIGITS = 10


class Key:
    """The key; never shown."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Key(...)"

    def __reduce__(self) -> str:
        raise TypeError("a key is sent nowhere")

    def check(self) -> str:
        """Short text by which the same key is known again; it does not lead to it."""
        return self._hashed(_CHECKED)[:8]

    def pseudonym(self, text: str, how: Hashed) -> str:
        """Return the id of a number; a text that is none says so, without the text."""
        plain = unicodedata.normalize("NFKC", text)
        plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
        plain = re.sub(r"\s+", " ", plain).strip().upper()
        if how == "cpr":
            plain = re.sub(r"[^0-9A-Z]", "", re.sub(r"[.,]0+$", "", plain))
            digits = "".join(
                str(unicodedata.digit(sign, -1)) if sign.isdigit() else sign for sign in plain
            )
            plain = digits.zfill(_DIGITS) if digits.isdigit() and len(digits) == 9 else digits
            if len(plain) != _DIGITS:
                return Unread(Message("mapping.no_register_number"))
        return self._hashed(plain)

    def _hashed(self, text: str) -> str:
        found = hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
        return "".join(_LETTERS[int(sign, 16)] for sign in found[:_LENGTH])


def key_of(address: str | Path | None) -> Key | None:
    """Return the key from the environment; None where there is none.

    Parameters
    ----------
    address
        Where the tables are: the key may not lie with them.

    Raises
    ------
    OptionError
        The key is too short, its file cannot be read, can be read by others, or lies with the data.
    """
    text = os.environ.get(KEY_VARIABLE, "")
    named = os.environ.get(FILE_VARIABLE, "")
    if not text and named:
        file = Path(named)
        if address is not None and "://" not in str(address):
            data = Path(address).resolve()
            folder = data if data.is_dir() else data.parent
            if file.resolve().is_relative_to(folder):
                raise OptionError(Message("mapping.key_with_data", file=file.name))
        try:
            if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
                raise OptionError(Message("mapping.key_open", file=file.name))
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            raise OptionError(
                Message("mapping.key_unread", file=file.name, variable=FILE_VARIABLE)
            ) from None
    if not (text := text.strip()):
        return None
    if len(text) < SHORTEST or len(set(text)) < SHORTEST // 4:
        raise OptionError(Message("mapping.key_short", least=SHORTEST))
    return Key(text.encode())


def key_needed(address: str | Path | None, check: str) -> Key:
    """Return the key that a mapping's pseudonyms are made with.

    Raises
    ------
    OptionError
        There is none, or it is another than before; and as :func:`key_of`.
    """
    key = key_of(address)
    if key is None:
        raise OptionError(
            Message("mapping.no_key", variable=KEY_VARIABLE, file_variable=FILE_VARIABLE)
        )
    if check and key.check() != check:
        raise OptionError(Message("mapping.another_key", check=check, found=key.check()))
    return key
