"""The templates of this room, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def texts() -> Mapping[str, Mapping[str, str]]:
    """All templates by ``section.key``, each with ``en`` and ``da`` and perhaps a form for one."""
    content = tomllib.loads(
        resources.files("matcher.explain").joinpath("texts.toml").read_text("utf-8")
    )
    return {
        f"{section}.{key}": text
        for section, entries in content.items()
        for key, text in entries.items()
    }
