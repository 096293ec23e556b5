"""What was wrong with the entries of saved files: all of it, at once, with nothing lost.

An entry that cannot be used is put aside as it was, beside its reasons; anything in it that looks
like a CPR number is masked.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matcher import private
from matcher.cpr import cleared, mask
from matcher.tables.issues import Issue, IssueCode, Severity, shown
from matcher.texts import Language, Message, tell

MOST_TOLD = 20
"""Issues that are written out for people; the file has them all."""


@dataclass
class Faults:
    """Issues of the entries of one import, and the entries put aside."""

    table: str
    """Table the entries would have become rows of."""
    issues: list[Issue] = field(default_factory=list)
    aside: dict[tuple[str, int], Any] = field(default_factory=dict)
    """Entries put aside, by file and number."""

    def error(
        self,
        code: IssueCode,
        source: str,
        row: int | None,
        column: str,
        value: object,
        expected: str = "",
        advice: str = "",
        entry: Any = None,
    ) -> None:
        """Put an entry aside."""
        self._note(Severity.ERROR, code, source, row, column, value, expected, advice)
        if row is not None:
            self.aside.setdefault((source, row), entry)

    def warning(
        self,
        code: IssueCode,
        source: str,
        row: int | None,
        column: str,
        value: object,
        expected: str = "",
        advice: str = "",
    ) -> None:
        """Say something of an entry that is used as far as it goes."""
        self._note(Severity.WARNING, code, source, row, column, value, expected, advice)

    def _note(
        self,
        severity: Severity,
        code: IssueCode,
        source: str,
        row: int | None,
        column: str,
        value: object,
        expected: str,
        advice: str,
    ) -> None:
        self.issues.append(
            Issue(
                code,
                severity,
                self.table,
                mask(source),
                row,
                column=column,
                value=shown(value),
                expected=expected,
                advice=advice,
                put_aside=severity is Severity.ERROR,
            )
        )

    def wrong_code(self, source: str, row: int, value: str) -> None:
        """Say that what was filled in for an occupation is no code of one."""
        expected = Message("imports.four_digits")
        self.warning(IssueCode.WRONG_FORM, source, row, "isco", value, expected)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Issues by severity and code."""
        return Counter((one.severity.value, one.code.value) for one in self.issues)

    def write(self, folder: Path, name: str, language: Language) -> tuple[Path, ...]:
        """Write the issues, and the entries put aside with them, one a line; nothing where none.

        Files of an earlier import of the kind are taken away.
        """
        path = folder / f"put_aside_{name}.jsonl"
        path.unlink(missing_ok=True)
        if not self.issues:
            return ()
        by_entry: dict[tuple[str, int | None], list[Issue]] = {}
        for one in self.issues:
            by_entry.setdefault((one.source, one.row), []).append(one)
        lines = [
            {
                "source": source,
                "entry": row,
                "put_aside": any(one.put_aside for one in issues),
                "issues": [one.to_dict(language) for one in issues],
                "as_it_was": cleared(_plain(self.aside.get((source, row or 0)))),
            }
            for (source, row), issues in sorted(
                by_entry.items(), key=lambda item: (item[0][0], item[0][1] or 0)
            )
        ]
        text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
        private.write_text(private.folder(folder) / path.name, text)
        return (path,)


def _plain(entry: Any) -> Any:
    """Make data of an entry that JSON can hold and whose numbers pass the gate as texts do."""
    if isinstance(entry, Mapping):
        return {str(key): _plain(value) for key, value in entry.items()}
    if isinstance(entry, list | tuple):
        return [_plain(one) for one in entry]
    if isinstance(entry, bool) or entry is None:
        return entry
    return str(entry)


def told(issues: Sequence[Issue], language: Language) -> Iterable[str]:
    """Write the first issues for people, errors first."""
    order = sorted(issues, key=lambda one: one.severity is not Severity.ERROR)
    for one in order[:MOST_TOLD]:
        yield tell(one.both, language)
