"""The command as a job of the workbench: a process of its own that notes what it ends with."""

from __future__ import annotations

import sys
from pathlib import Path

from matcher import private
from scenarios.cli import main


def work() -> None:
    """Run the command as a job: its first argument is where to write what it ends with."""
    end = Path(sys.argv.pop(1))
    code = 1
    try:
        main(sys.argv[1:])
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        raise
    finally:
        private.write_text(end, str(code))


if __name__ == "__main__":
    work()
