"""What can be wrong with the input, as data: a stable code, a place, a value, what was expected.

An :class:`Issue` holds plain values only, so it can be shown, counted, written to JSON and sent
to another process. Sentences are rendered from it; nothing reads them back.

An *error* keeps its row (or its whole table) out of the run. A *warning* is used as far as it
goes; the few warnings whose row has no effect put it aside as well, see ``put_aside``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from matcher.cpr import mask

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
    REJECTED_AND_LOCKED = "rejected_and_locked"
    BEGUN_ELSEWHERE = "begun_elsewhere"
    BEGUN_UNLISTED = "begun_unlisted"
    NOTHING_TO_END = "nothing_to_end"


_SENTENCES = {
    IssueCode.MISSING_TABLE: "the table is not there",
    IssueCode.EMPTY_TABLE: "the table has no rows",
    IssueCode.UNREADABLE_FILE: "cannot be read: {value}",
    IssueCode.DUPLICATE_TABLE: "several sources hold this table: {value}",
    IssueCode.UNKNOWN_TABLE: "not a table of jobmatch; it is not read",
    IssueCode.POLICY_NOT_USED: "{value}",
    IssueCode.FILE_NOT_READ: "its name is that of the table '{value}' or nearly so; it is not read",
    IssueCode.MISSING_COLUMN: "a needed column is not there",
    IssueCode.MISSING_PROTECTION: "columns that protect somebody are not there",
    IssueCode.ABSENT_COLUMN: "the column is not there",
    IssueCode.DECLARED_BUT_GIVEN: "declared in the policy as not recorded, and given",
    IssueCode.NOT_KNOWN: "{value}",
    IssueCode.DUPLICATE_COLUMN: "several columns hold the same field: {value}",
    IssueCode.UNKNOWN_COLUMN: "not a column of this table; it is not read",
    IssueCode.CPR_NUMBER: "something that looks like a CPR number stands here",
    IssueCode.RAGGED_ROW: "the row has {value}",
    IssueCode.HEADER_LINES: "not read, {value}",
    IssueCode.HIDDEN_ROWS: "rows that are hidden or filtered out are read: {value}",
    IssueCode.ROWS_END_EARLY: "rows that have fewer cells than the header are read: {value}",
    IssueCode.TOTALS_ROW: "the last row is a total ('{value}'); it is not used",
    IssueCode.OTHER_ENCODING: "the text is {value}, and was read as such",
    IssueCode.UNREADABLE_CELL: "the cell has no value: {value}",
    IssueCode.MISSING_VALUE: "the cell is empty",
    IssueCode.WRONG_TYPE: "'{value}' cannot be read",
    IssueCode.WRONG_FORM: "'{value}' has the wrong form",
    IssueCode.OUT_OF_RANGE: "{value} is out of range",
    IssueCode.NOT_ALLOWED: "'{value}' is not an allowed value",
    IssueCode.ZERO_ADDED: "'{value}' has lost its leading zero, which was put back",
    IssueCode.WORD_FOR_NOTHING: "{value} stands for an empty cell",
    IssueCode.STANDS_FOR_NO_DAY: "{value} stands for no day, and is read as an empty cell",
    IssueCode.ID_IN_DECIMALS: "{value} is read as a whole number",
    IssueCode.NOT_IN_FORCE: "the measure '{value}' is not in force on the day of the run",
    IssueCode.DUPLICATE_KEY: "the key '{value}' stands in several rows that differ",
    IssueCode.DUPLICATE_ROW: "the key '{value}' stands in several equal rows, of which one is used",
    IssueCode.DANGLING_REFERENCE: "'{value}' is not in the table {expected}",
    IssueCode.REFERS_TO_QUARANTINED: "'{value}' was put aside in the table {expected}",
    IssueCode.REFERENCE_WITHOUT_TABLE: "{value} name something in a table that is not given",
    IssueCode.SPELT_OTHERWISE: "'{value}' is spelt in another way elsewhere",
    IssueCode.ORDER_REVERSED: "{value}: the first is after the last",
    IssueCode.NO_TARGET: "neither an opening nor a workplace is given",
    IssueCode.NOBODY_NAMED: "no citizen is given",
    IssueCode.CAPACITY_CONTRADICTION: "{value}: the day and the week contradict each other",
    IssueCode.AGE_CONTRADICTION: "{value}: the ages contradict each other",
    IssueCode.CARE_CONTRADICTION: "{value}: the household contradicts itself",
    IssueCode.HOUSEHOLD_DISAGREES: "{value}: adults of one household disagree",
    IssueCode.BLOCKS_OVERLAP: "{value} overlap",
    IssueCode.STAFF_CONTRADICTION: "{value}: the staff figures contradict each other",
    IssueCode.HOURS_EXCEED_SHIFTS: "{value}: the shifts are too short",
    IssueCode.DATE_PASSED: "{value} has passed",
    IssueCode.RUNNING_OVERLAP: "{value}: the citizen has another placement at the same time",
    IssueCode.OVERFULL: "{value}: more is used than there is",
    IssueCode.FIXED_CLASH: "what is fixed cannot all be honoured: {value}",
    IssueCode.LOCK_WITHOUT_SEAT: "{value}: more locks than free seats",
    IssueCode.LOCK_AND_FORBID: "{value} is both locked and forbidden",
    IssueCode.TWO_LOCKS: "{value} has several locks",
    IssueCode.ACCEPTED_UNKNOWN: "accepted at {value}, which is not in the tables any more",
    IssueCode.ACCEPTED_ELSEWHERE: "accepted at {value}",
    IssueCode.ACCEPTED_AND_FORBIDDEN: "accepted at {value}, which the tables forbid",
    IssueCode.ACCEPTED_IMPOSSIBLE: "accepted at {value}, which a rule stops now",
    IssueCode.ACCEPTED_WITHOUT_ROOM: "accepted at {value}, where there is no room any more",
    IssueCode.REJECTED_AND_LOCKED: "rejected at {value}, which the tables lock",
    IssueCode.BEGUN_ELSEWHERE: "begun at {value}",
    IssueCode.BEGUN_UNLISTED: "{value} begun after an acceptance are not in the table",
    IssueCode.NOTHING_TO_END: "no placement at {value} is under way",
}
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
            if (hidden := mask(text, digits_allowed=True)) != text:
                object.__setattr__(self, name, hidden)

    @property
    def message(self) -> str:
        """What, where, value and expected, as one sentence."""
        where = self.source or self.table
        if self.row is not None:
            where += f", row {self.row}"
        if self.key:
            where += f" ({self.key})"
        if self.column:
            where += f", column '{self.column}'"
        found = _SENTENCES[self.code].format(value=self.value, expected=self.expected)
        if self.expected and self.code not in _SAYS_EXPECTED:
            found += f"; expected {self.expected}"
        return f"{where}: {found}."

    def __str__(self) -> str:
        """Return the sentence and, on its own line, what to try."""
        return f"{self.message}\n    {self.advice}" if self.advice else self.message

    def to_dict(self) -> dict[str, object]:
        """Return plain values, for JSON."""
        return {
            "code": self.code.value,
            "severity": self.severity.value,
            "table": self.table,
            "source": self.source,
            "row": self.row,
            "key": self.key,
            "column": self.column,
            "value": self.value,
            "expected": self.expected,
            "advice": self.advice,
            "put_aside": self.put_aside,
            "message": self.message,
        }


def shown(value: object) -> str:
    """Text of a value that may be shown: NULs and CPR-like parts removed, long text cut."""
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
    lines = ["The tables cannot be used:", *(f"  - {reason}" for reason in why_not)]
    if errors:
        lines.append(f"{len(errors)} error{'s' if len(errors) != 1 else ''} in all:")
        lines += [f"  {issue}" for issue in errors[:MOST_SHOWN]]
        if len(errors) > MOST_SHOWN:
            lines.append(f"  ... and {len(errors) - MOST_SHOWN} more; `jobmatch check` shows all.")
    return "\n".join(lines)
