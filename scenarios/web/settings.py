"""What a workbench is started with, and the key its sessions are signed by."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from matcher import private
from matcher.errors import OptionError
from matcher.policy import Serve
from matcher.texts import Language, Message

KEY_FILE = ".workbench-key"
"""File in the folder of the runs; its owner's alone. Sessions outlive a restart by it."""
KEY_BYTES = 32


@dataclass(frozen=True)
class Settings:
    """What a workbench is started with."""

    ledger: str | Path
    """Where runs and decisions are."""
    out: Path
    """Folder that run folders are made in."""
    rules: Serve
    """Who may see what, and the limits."""
    key: bytes
    """Signs sessions."""
    data: str | None = None
    """Where the week's tables are. None: a made-up week is made when the ledger has none."""
    policy: Path | None = None
    """The user's own policy file."""
    mapping: Path | None = None
    """What the tables are in ours, where they are another system's."""
    language: Language = "en"
    """Language of whoever has chosen none."""
    port: int = 8765
    """Port on loopback."""
    root: str = ""
    """Path that a proxy serves the page under, e.g. ``/jobmatch``."""

    @property
    def hosts(self) -> frozenset[str]:
        """Values of ``Host`` that are answered."""
        near = {f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        return frozenset(near | set(self.rules.hosts))


def session_key(out: Path) -> bytes:
    """Read the key of a folder of runs; the first to ask makes it.

    Raises
    ------
    OptionError
        The file is there and holds no key.
    """
    file = private.folder(out) / KEY_FILE
    made = file.with_name(f"{KEY_FILE}.{secrets.token_hex(4)}")
    if not file.exists():
        private.write_bytes(made, secrets.token_bytes(KEY_BYTES))
        try:
            os.link(made, file)  # whoever comes second reads the first one's
        except FileExistsError:
            pass
        finally:
            made.unlink()
    key = file.read_bytes()
    if len(key) != KEY_BYTES:
        raise OptionError(Message("web.no_key", file=str(file)))
    private.narrow(file)
    return key
