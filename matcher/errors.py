"""What can go wrong, as a short tree; every message says what, where, which value, what to try."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.cpr import cleared
from matcher.texts import Message, joined


class MatcherError(Exception):
    """Any error jobmatch raises on purpose; ``exit_code`` is what the command ends with.

    Whatever its texts quote, no CPR number is in them.
    """

    exit_code = 2

    def __init__(self, *args: object) -> None:
        super().__init__(*map(cleared, args))

    @property
    def said(self) -> str:
        """What it says, as a message where it is one."""
        said = self.args[0] if self.args else ""
        return said if isinstance(said, Message) else str(self)


class OptionError(MatcherError):
    """An option, a path or an optional package is not usable."""


class PolicyError(MatcherError):
    """The policy files say something that cannot be; the message names file and key."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message, tuple(problems))
        self.problems: tuple[str, ...] = self.args[1] or (self.args[0],)
        """Each problem by itself, without the file it was found in."""

    def __str__(self) -> str:
        return str(self.args[0])


class MappingError(MatcherError):
    """A mapping says something that cannot be; the message names file, table and column."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message, tuple(problems))
        self.problems: tuple[str, ...] = self.args[1]

    def __str__(self) -> str:
        return str(self.args[0])


class InputErrors(MatcherError):
    """The tables cannot be used; carries every issue found, as plain values."""

    def __init__(self, message: str, issues: tuple[dict[str, object], ...] = ()) -> None:
        super().__init__(message, issues)
        self.message: str = self.args[0]
        self.issues: tuple[dict[str, object], ...] = self.args[1]

    def __str__(self) -> str:
        return self.message


class ClashError(MatcherError):
    """No plan can honour everything that is fixed; ``facts`` name the locks and rows that clash."""

    exit_code = 3

    def __init__(self, message: str, facts: tuple[str, ...] = ()) -> None:
        super().__init__(message, facts)
        self.message: str = self.args[0]
        self.facts: tuple[str, ...] = self.args[1]

    @property
    def said(self) -> str:
        """What it says, with what clashes."""
        return joined([self.message, *(joined(("  -", fact)) for fact in self.facts)], "\n")

    def __str__(self) -> str:
        return str(self.said)


class LedgerError(MatcherError):
    """The ledger cannot be used: not there, not ours, newer, full, read-only or gone."""


class UnknownRunError(LedgerError):
    """The ledger holds no run of that name, or several that begin so."""


class LedgerBusyError(LedgerError):
    """Another process works on the ledger or the run folders and did not finish in time."""


class NoPlanError(MatcherError):
    """The limit came before any plan was found."""

    exit_code = 4


class InternalError(MatcherError):
    """Our fault: a check of our own work failed."""

    exit_code = 1
