"""What several commands are asked with: the made-up municipality."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer


@dataclass(frozen=True, kw_only=True)
class MadeUp:
    """Commands on a made-up municipality."""

    municipality: Annotated[str, typer.Option()] = "Aarhus"
    citizens: Annotated[int | None, typer.Option(min=0)] = None
    openings: Annotated[int | None, typer.Option(min=0)] = None
