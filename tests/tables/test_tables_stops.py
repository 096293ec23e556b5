"""When tables are too bad to run on: every table has a gate, and those that bind a narrow one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from matcher.policy import Policy, override_of
from matcher.records import TABLES
from matcher.tables import IssueCode, Severity, check
from matcher.tables.spelling import nearly, plain_id
from tests.tables.conftest import TODAY, Reader, Rows, assert_nothing_lost, write_rows

BINDING = [name for name, table in TABLES.items() if table.binding]


def _many(rows: Rows, table: str, count: int, **cells: Callable[[int], str]) -> None:
    """Fill a table with so many rows like its first, some cells by number."""
    first = rows[table][0]
    rows[table] = [
        {**first, **{name: cell(number) for name, cell in cells.items()}} for number in range(count)
    ]


_PLACES = {  # a cell that cannot be read, in each table that may be left out
    "teams": ("seats", "?"),
    "mentor_pools": ("hours", "?"),
    "courses": ("seats", "?"),
    "caseworkers": ("capacity", "?"),
    "running": ("start", "2 November 8 o'clock"),
    "locks": ("measure", "no such measure"),
    "forbids": ("until", "next year"),
    "travel_times": ("minutes", "?"),
    "previous": ("measure", "no such measure"),
    "events": ("day", "yesterday"),
    "audit_groups": ("dimension", ""),
}


def test_every_table_is_tried() -> None:
    assert set(_PLACES) == {name for name, table in TABLES.items() if not table.needed}
    assert BINDING == ["running", "locks", "forbids", "events"]


@pytest.mark.parametrize("table", _PLACES)
def test_a_table_of_bad_rows_stops_the_run(table: str, rows: Rows, read: Reader) -> None:
    """Needed or not: what a table says is missed, and nobody would see it."""
    name, cell = _PLACES[table]
    for row in rows[table]:
        row[name] = cell
    reading = read(rows, generous=False)
    count = len(rows[table])
    assert any(
        reason.startswith(f"{count} of {count} rows of '{table}' ") for reason in reading.why_not
    )
    assert_nothing_lost(reading)


@pytest.mark.parametrize("cells", ["2026-11-02", "2026-11-02,,,,,9,9,9"])
def test_rows_with_a_cell_too_many_count(
    cells: str, rows: Rows, policy: Policy, tmp_path: str
) -> None:
    """One separator too many in every line of a table that may be left out."""
    folder = write_rows(rows, tmp_path)  # type: ignore[arg-type]
    (folder / "running.csv").write_text(
        f"citizen_id,opening_id,measure,start\n0010,a1,ordinary,{cells}\n", "utf-8"
    )
    reading = check(folder, policy, TODAY)
    assert reading.usable is ("," not in cells)


def test_one_bad_row_of_many_stops_only_a_table_that_binds(rows: Rows, read: Reader) -> None:
    """1 of 30 is below 5 %: a class may miss, a taken seat may not."""
    _many(rows, "caseworkers", 30, caseworker_id=lambda at: f"s{at + 1}")
    rows["caseworkers"][7]["capacity"] = "?"
    assert read(rows, generous=False).usable
    _many(rows, "running", 30, citizen_id=lambda at: f"p{at}", start=lambda at: "2026-11-02")
    rows["running"][7]["start"] = "?"
    reading = read(rows, generous=False)
    assert reading.why_not == ("1 of 30 rows of 'running' are bad (3.3 %, the policy allows 0 %)",)


def test_the_policy_says_how_much(rows: Rows, policy: Policy, tmp_path: str) -> None:
    _many(rows, "running", 30, citizen_id=lambda at: f"p{at}")
    rows["running"][7]["start"] = "?"
    folder = write_rows(rows, tmp_path)  # type: ignore[arg-type]
    loose = override_of(policy, {"checks": {"bad_binding_rows_percent": 4}})
    assert check(folder, loose, TODAY).usable
    tight = override_of(policy, {"checks": {"bad_binding_rows_percent": 3}})
    assert not check(folder, tight, TODAY).usable


@pytest.mark.parametrize("name", ["citizen_id", "opening_id"])
def test_a_lock_that_names_nothing_stops_the_run(name: str, rows: Rows, read: Reader) -> None:
    """A lock is what somebody decided: it is honoured or it is taken back."""
    rows["locks"][0][name] = "B999"
    reading = read(rows, generous=False)
    assert reading.why_not == ("1 of 1 rows of 'locks' is bad (100.0 %, the policy allows 0 %)",)
    (issue,) = reading.issues
    assert issue.code is IssueCode.DANGLING_REFERENCE
    assert issue.severity is Severity.ERROR


_WIDE = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "zeros lost": lambda text: text.lstrip("0"),
    "zeros added": lambda text: f"000{text}",
    "a float": lambda text: f"{text.lstrip('0')}.0",
    "a sign nobody sees": lambda text: f"{text}\u200b",
    "a soft hyphen": lambda text: f"{text[:2]}\u00ad{text[2:]}",
    "full width": lambda text: text.translate(_WIDE),
    "an apostrophe": lambda text: f"'{text}",
    "a blank within": lambda text: f"{text[:2]} {text[2:]}",
}
_LINKED = ("running", "locks", "forbids", "previous", "audit_groups")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_near_miss_is_no_age(spelling: str, rows: Rows, read: Reader) -> None:
    """The citizen is there under another spelling: joined as the same, or the run stops."""
    wanted = {table: {row["citizen_id"] for row in rows[table]} for table in _LINKED}
    for table in _LINKED:
        for row in rows[table]:
            row["citizen_id"] = SPELLINGS[spelling](row["citizen_id"])
    reading = read(rows, generous=False)
    for table in _LINKED:
        stops = any(f"rows of '{table}'" in reason for reason in reading.why_not)
        told = {
            issue.advice.removeprefix("Did you mean '").partition("'")[0]
            for issue in reading.errors
            if issue.table == table and issue.code is IssueCode.DANGLING_REFERENCE
        }
        linked = set(reading.problem[table]["citizen_id"]) == wanted[table]
        assert linked or (stops and told == wanted[table]), table


@pytest.mark.parametrize(
    ("table", "name", "near"),
    [
        ("running", "opening_id", "A1"),
        ("running", "team_id", "T2"),
        ("running", "pool_id", "p02"),
        ("locks", "opening_id", "a01"),
        ("forbids", "opening_id", "A2"),
        ("previous", "opening_id", "A1"),
        ("citizens", "caseworker_id", "S1"),
    ],
)
def test_every_link_knows_its_near_misses(
    table: str, name: str, near: str, rows: Rows, read: Reader
) -> None:
    rows[table][0][name] = near
    reading = read(rows, generous=False)
    assert not reading.usable
    (issue,) = [one for one in reading.issues if one.value == near]
    assert issue.advice.startswith("Did you mean '")
    # Nobody is put aside for the spelling of a caseworker.
    assert len(reading.problem["citizens"]) == 3


def test_a_few_rows_age_and_most_of_a_table_does_not(rows: Rows, read: Reader) -> None:
    """Forbids of people who have left say nothing; where most have left, the ids are others."""
    _many(rows, "forbids", 10, citizen_id=lambda at: f"left{at}" if at < 5 else "0001",
          opening_id=lambda at: "a1" if at % 2 else "a2",
          until=lambda at: f"2027-01-{at + 1:02d}")  # fmt: skip
    rows["forbids"] = rows["forbids"][:7]
    assert read(rows, generous=False).why_not == (
        "5 of 7 rows of 'forbids' are in no other table in 'citizen_id' (71.4 %, the policy allows"
        " 50 %)",
    )
    rows["forbids"] = rows["forbids"][3:]
    reading = read(rows, generous=False)
    assert reading.usable
    assert len(reading.problem["forbids"]) == 2
    assert {issue.severity for issue in reading.issues} == {Severity.WARNING}


def test_a_placement_at_an_opening_nobody_lists_keeps_its_citizen(rows: Rows, read: Reader) -> None:
    """Filled openings leave the list; whoever works there must not get another proposal."""
    _many(rows, "running", 2, citizen_id=lambda at: ("0010", "0001")[at],
          opening_id=lambda at: ("a1", "closed")[at])  # fmt: skip
    reading = read(rows, generous=False)
    assert reading.usable
    assert set(reading.problem["running"]["citizen_id"]) == {"0010", "0001"}
    (issue,) = reading.issues
    assert issue.advice == "The row is used all the same."
    rows["running"][0]["opening_id"] = "gone"
    assert not read(rows, generous=False).usable


def test_households_spelt_in_two_ways_stop_where_they_are_many(rows: Rows, read: Reader) -> None:
    """Two parents under `h01` and `H1` would each have nobody at home."""
    rows["citizens"][1]["household_id"] = "H1"
    reading = read(rows, generous=False)
    assert reading.why_not == (
        "1 of 3 rows of 'citizens' are nearly right in 'household_id' (33.3 %, the policy allows"
        " 5 %)",
    )
    assert len(reading.problem["citizens"]) == 3


def test_the_last_employer_is_spelt_as_the_employer(rows: Rows, read: Reader) -> None:
    """`29189846.0` would not be barred from the employer it has just left."""
    rows["citizens"][0]["last_employer"] = "29189846.0"
    reading = read(rows, generous=False)
    last = reading.problem["citizens"]["last_employer"].dropna().tolist()
    assert last == ["29189846"] or not reading.usable


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("B007", "b7", True),
        ("2026-01-12", "2026/1/12", True),
        ("1-12", "11-2", False),
        ("B12", "B-12", False),
        ("100", "1", False),
        ("10", "1.0", False),
        ("0", "00", True),
        ("Å1", "A\u030a1", True),
        ("Østbyen 3", "oestbyen3", True),
        ("7", "7.5", False),
    ],
)
def test_what_is_near(one: str, other: str, same: bool) -> None:
    assert (plain_id(one) == plain_id(other)) is same


def test_of_several_that_are_near_all_are_named_and_no_cpr_number() -> None:
    assert nearly(["1", "x"], ["0001", "01", "2"]) == {"1": ("0001", "01")}
    assert nearly(["101901234"], ["0101901234"]) == {}
