"""What can be wrong with the input, as data: a stable code, a place, a value, what was expected.

An :class:`Issue` holds plain values only, so it can be shown, counted, written to JSON and sent
to another process. Sentences are rendered from it; nothing reads them back.

An *error* keeps its row (or its whole table) out of the run. A *warning* is used as far as it
goes; the few warnings whose row has no effect put it aside as well, see ``put_aside``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from matcher.cpr import cleared, mask
from matcher.records import TABLES
from matcher.texts import Both, Language, Message, joined, tell

LONGEST_VALUE = 60
"""Characters of a value that are shown."""
MOST_SHOWN = 10
"""Issues that are written out in an error message."""


class Severity(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"


class IssueCode(StrEnum):
    """What is wrong. Codes are stable: they may be counted and filtered from week to week."""

    MISSING_TABLE = "missing_table"
    EMPTY_TABLE = "empty_table"
    UNREADABLE_FILE = "unreadable_file"
    DUPLICATE_TABLE = "duplicate_table"
    UNKNOWN_TABLE = "unknown_table"
    POLICY_NOT_USED = "policy_not_used"
    FILE_NOT_READ = "file_not_read"
    MISSING_COLUMN = "missing_column"
    MISSING_PROTECTION = "missing_protection"
    ABSENT_COLUMN = "absent_column"
    DECLARED_BUT_GIVEN = "declared_but_given"
    NOT_KNOWN = "not_known"
    DUPLICATE_COLUMN = "duplicate_column"
    UNKNOWN_COLUMN = "unknown_column"
    CPR_NUMBER = "cpr_number"
    RAGGED_ROW = "ragged_row"
    HEADER_LINES = "header_lines"
    HIDDEN_ROWS = "hidden_rows"
    ROWS_END_EARLY = "rows_end_early"
    TOTALS_ROW = "totals_row"
    ROWS_LEFT_OUT = "rows_left_out"
    NO_ROW_TO_JOIN = "no_row_to_join"
    NOT_MAPPED = "not_mapped"
    OTHER_ENCODING = "other_encoding"
    UNREADABLE_CELL = "unreadable_cell"
    MISSING_VALUE = "missing_value"
    WRONG_TYPE = "wrong_type"
    WRONG_FORM = "wrong_form"
    OUT_OF_RANGE = "out_of_range"
    NOT_ALLOWED = "not_allowed"
    ZERO_ADDED = "zero_added"
    WORD_FOR_NOTHING = "word_for_nothing"
    STANDS_FOR_NO_DAY = "stands_for_no_day"
    ID_IN_DECIMALS = "id_in_decimals"
    NOT_IN_FORCE = "not_in_force"
    DUPLICATE_KEY = "duplicate_key"
    DUPLICATE_ROW = "duplicate_row"
    DANGLING_REFERENCE = "dangling_reference"
    REFERS_TO_QUARANTINED = "refers_to_quarantined"
    REFERENCE_WITHOUT_TABLE = "reference_without_table"
    SPELT_OTHERWISE = "spelt_otherwise"
    ORDER_REVERSED = "order_reversed"
    NO_TARGET = "no_target"
    NOBODY_NAMED = "nobody_named"
    CAPACITY_CONTRADICTION = "capacity_contradiction"
    AGE_CONTRADICTION = "age_contradiction"
    CARE_CONTRADICTION = "care_contradiction"
    HOUSEHOLD_DISAGREES = "household_disagrees"
    BLOCKS_OVERLAP = "blocks_overlap"
    STAFF_CONTRADICTION = "staff_contradiction"
    HOURS_EXCEED_SHIFTS = "hours_exceed_shifts"
    DATE_PASSED = "date_passed"
    RUNNING_OVERLAP = "running_overlap"
    OVERFULL = "overfull"
    FIXED_CLASH = "fixed_clash"
    LOCK_WITHOUT_SEAT = "lock_without_seat"
    LOCK_AND_FORBID = "lock_and_forbid"
    TWO_LOCKS = "two_locks"
    ACCEPTED_UNKNOWN = "accepted_unknown"
    ACCEPTED_ELSEWHERE = "accepted_elsewhere"
    ACCEPTED_AND_FORBIDDEN = "accepted_and_forbidden"
    ACCEPTED_IMPOSSIBLE = "accepted_impossible"
    ACCEPTED_WITHOUT_ROOM = "accepted_without_room"
    YES_WAITED = "yes_waited"
    YES_COUNTS = "yes_counts"
    YES_FILLED = "yes_filled"
    REJECTED_AND_LOCKED = "rejected_and_locked"
    BEGUN_ELSEWHERE = "begun_elsewhere"
    BEGUN_UNLISTED = "begun_unlisted"
    NOTHING_TO_END = "nothing_to_end"


_SAYS_EXPECTED = {IssueCode.DANGLING_REFERENCE, IssueCode.REFERS_TO_QUARANTINED}


@dataclass(frozen=True)
class Issue:
    """One thing wrong at one place."""

    code: IssueCode
    severity: Severity
    table: str
    """English table name; for an unknown table the name as found."""
    source: str = ""
    """The file, sheet or database table, as the user knows it."""
    row: int | None = None
    """Row as the user sees it: the header is row 1 (Parquet and SQL: the first record is 1)."""
    key: str = ""
    """The row's key, where it is readable."""
    column: str = ""
    """Column as it is named in the file."""
    value: str = ""
    """What was found, capped."""
    expected: str = ""
    """What belongs there."""
    advice: str = ""
    """What to try."""
    put_aside: bool = False
    """Whether the row is kept out of the run."""

    def __post_init__(self) -> None:
        """Let no text through that looks like a CPR number, wherever it comes from."""
        for name in ("table", "source", "key", "column", "value", "expected", "advice"):
            text = getattr(self, name)
            if (hidden := cleared(text)) != text:
                object.__setattr__(self, name, hidden)

    @property
    def message(self) -> str:
        """What, where, value and expected, as one sentence; in English, and in any language."""
        where = [self.source or table_name(self.table)]
        if self.row is not None:
            where.append(Message("where.row", row=self.row))
        if self.key:
            where[-1] = joined((where[-1], f"({self.key})"))
        if self.column:
            where.append(Message("where.column", column=self.column))
        found: str = Message(f"issue.{self.code.value}", value=self.value, expected=self.expected)
        if self.expected and self.code not in _SAYS_EXPECTED:
            found = Message("where.expected", found=found, expected=self.expected)
        return Message("where.told", where=joined(where, ", "), found=found)

    @property
    def both(self) -> str:
        """The sentence and, on its own line, what to try."""
        return joined((self.message, self.advice), "\n    ")

    def __str__(self) -> str:
        """Return the sentence and, on its own line, what to try, in English."""
        return str(self.both)

    def to_dict(self, language: Language = "en") -> dict[str, object]:
        """Return plain values, for JSON; what is a text for people is in the language."""
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "table": self.table,
            "source": tell(self.source, language),
            "row": self.row,
            "key": self.key,
            "column": tell(self.column, language),
            "value": tell(self.value, language),
            "expected": tell(self.expected, language),
            "advice": tell(self.advice, language),
            "put_aside": self.put_aside,
            "message": tell(self.message, language),
        }


def issue_counts(issues: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Count issues, given as plain values, by severity and code, and the rows put aside."""
    codes = Counter((str(issue["severity"]), str(issue["code"])) for issue in issues)
    aside = {(issue["table"], issue["source"], issue["row"])
             for issue in issues if issue.get("put_aside")}  # fmt: skip
    return {
        "total": len(issues),
        "errors": sum(count for (severity, _), count in codes.items() if severity == "error"),
        "warnings": sum(count for (severity, _), count in codes.items() if severity == "warning"),
        "rows_put_aside": len(aside),
        "put_aside_by_table": dict(sorted(Counter(str(row[0]) for row in aside).items())),
        "by_code": [
            {"severity": severity, "code": code, "count": count}
            for (severity, code), count in sorted(codes.items())
        ],
    }


def table_name(name: str) -> str:
    """Name of a table as it is told; what is no table of ours has the name it was found with."""
    return Both(name, TABLES[name].danish) if name in TABLES else name


def code_name(code: IssueCode | str) -> Message:
    """Return what a code is called, for people."""
    return Message(f"code.{code}")


def shown(value: object) -> str:
    """Text of a value that may be shown: NULs and CPR-like parts removed, long text cut."""
    if isinstance(value, Message):
        return value.mapped(shown)
    text = mask(str(value).replace("\0", "").strip(), digits_allowed=True)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."


def in_order(
    issues: Iterable[Issue], tables: Sequence[str], columns: Sequence[str] = ()
) -> tuple[Issue, ...]:
    """Sort issues by table, row, column as named, code; whole-table issues first."""
    place = {name: position for position, name in enumerate(tables)}
    return tuple(
        sorted(
            issues,
            key=lambda issue: (
                place.get(issue.table, len(place)),
                issue.table,
                -1 if issue.row is None else issue.row,
                issue.column,
                issue.code.value,
                issue.value,
                issue.expected,
            ),
        )
    )


def summary(why_not: Sequence[str], issues: Sequence[Issue]) -> str:
    """Write why the input cannot be used: the reasons, the first errors, how many more."""
    errors = [issue for issue in issues if issue.severity is Severity.ERROR]
    lines: list[str] = [Message("summary.unusable")]
    lines += [joined(("  -", reason)) for reason in why_not]
    if errors:
        lines.append(Message("summary.errors", count=len(errors)))
        lines += [joined(("  ", issue.both), "") for issue in errors[:MOST_SHOWN]]
        if len(errors) > MOST_SHOWN:
            lines.append(Message("summary.more", count=len(errors) - MOST_SHOWN))
    return joined(lines, "\n")
