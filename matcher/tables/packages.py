"""Packages that are needed for one format alone, imported where they are used."""

from __future__ import annotations

import importlib
from typing import Any

from matcher.errors import OptionError
from matcher.texts import Message


def need(module: str, extra: str, what: str) -> Any:
    """Import an optional package; ``what`` is a key of the catalogue's ``source`` texts.

    Raises
    ------
    OptionError
        It is not installed; the message names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        raise OptionError(
            Message(
                "source.needs",
                what=Message(f"source.{what}"),
                package=module.partition(".")[0],
                extra=extra,
            )
        ) from None
