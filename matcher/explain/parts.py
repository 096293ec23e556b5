"""What is told about one citizen, in parts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One part of an explanation or a letter: a heading and its lines."""

    heading: str
    """Empty for the first lines."""
    lines: tuple[str, ...]
    flowing: bool = False
    """Whether the lines are one text, sentence after sentence, and not a list."""
