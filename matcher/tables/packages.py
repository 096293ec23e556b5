"""Packages that are needed for one format alone, imported where they are used."""

from __future__ import annotations

import importlib
from typing import Any

from matcher.errors import OptionError


def need(module: str, extra: str, what: str) -> Any:
    """Import an optional package.

    Raises
    ------
    OptionError
        It is not installed; the message names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise OptionError(
            f"{what} needs the package '{module.partition('.')[0]}', which is not installed.\n"
            f"Try: pip install 'jobmatch[{extra}]'"
        ) from None
