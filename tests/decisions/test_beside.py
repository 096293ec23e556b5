"""Answers of those asked beside others: the proposal first, then the queue in order."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import random
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from matcher.again import Resolver, back_ups
from matcher.contest import ask
from matcher.decisions import (
    asked_together,
    carry_over,
    note_costs,
    oversight,
    read_form,
    take,
    take_all,
    write_forms,
)
from matcher.decisions.beside import Answer, SeatOrder
from matcher.decisions.form import proposal_key
from matcher.decisions.oversight import asked_beside
from matcher.erasure import forget
from matcher.explain import explained
from matcher.explain.citizen_explanation import explain_one
from matcher.explain.letter import letter_parts, shared_seat
from matcher.explain.letter_words import LetterWords
from matcher.ledger import AskedBeside, Event, Ledger, purge
from matcher.policy import load_policy, override_of
from matcher.problem import Problem, as_frame
from matcher.records import TABLES, Caseworker
from matcher.report import Words, beside_lines, run_document
from matcher.solve import solve
from matcher.tables import IssueCode
from matcher.verify import verify
from tests.decisions.conftest import NOW, few_said_yes, propose
from tests.decisions.forms import fill, save, table
from tests.weeks import TODAY, citizen, opening, week, workplace

DAY = dt.timedelta(days=1)
RUN_DAY = NOW.date()
NEXT = RUN_DAY + 7 * DAY
LATER = NOW + dt.timedelta(hours=2)
LET = {"measures": ["ordinary"], "sectors": ["private"], "most": 2, "beyond_percent": 25}
CREW = (Caseworker(caseworker_id="K1", capacity=9, unit="Nord"),
        Caseworker(caseworker_id="K2", capacity=9, unit="Syd"))  # fmt: skip


@dataclass(frozen=True)
class Week:
    """A week in which three are asked for one seat: ``first`` has the proposal."""

    ledger: Ledger
    document: dict[str, Any]
    run_id: str
    problem: Problem
    first: str
    one: str
    two: str

    @property
    def order(self) -> tuple[str, str, str]:
        return self.first, self.one, self.two

    def say(self, *said: tuple[str, str], at: dt.datetime = LATER) -> None:
        """Enter answers as a form would: yes, no, filled, wait."""
        words = {"yes": ("accept", ""), "no": ("reject", "citizen_declined"), "wait": ("wait", ""),
                 "filled": ("reject", "seat_filled")}  # fmt: skip
        bad = self.entered({who: words[what] for who, what in said}, at)
        assert bad == []

    def entered(self, said: Mapping[str, tuple[str, str]], at: dt.datetime = LATER) -> list[str]:
        """Enter answers; return the codes of what was not taken."""
        return [one.code for one in self.taken(said, at).bad]

    def taken(self, said: Mapping[str, tuple[str, str]], at: dt.datetime = LATER) -> Any:
        folder = Path(str(self.ledger.file)).parent / f"forms{at:%d%H%M%S}"
        folder.mkdir(exist_ok=True)
        written = write_forms(self.document, self.run_id, folder, self.problem.policy, Words("en"),
                              form="csv", now=NOW)  # fmt: skip
        path = fill(written[0].path, said)
        return take(read_form(path), self.ledger, now=at, decided=at)

    def came_to(self) -> list[str | None]:
        return [one.came_to for one in self.ledger.asked(self.run_id)]

    def carried(self, **tables: Any) -> Any:
        problem = self.problem.with_tables(**tables)
        return carry_over(Problem(problem.tables, problem.policy, NEXT), self.ledger)


def about(asked: Week, carried: Any) -> list[tuple[IssueCode, str, str]]:
    """What the ledger says against the tables of those who are asked."""
    return [(one.code, one.key, one.value) for one in carried.issues if one.key in asked.order]


def locked(carried: Any) -> set[str]:
    return set(carried.problem["locks"]["citizen_id"])


@pytest.fixture(scope="module")
def _asked(tmp_path_factory: pytest.TempPathFactory) -> Week:
    """Of 40 proposals 2 were accepted; the day after three are asked for the one seat of O9."""
    folder = tmp_path_factory.mktemp("beside")
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        few_said_yes(ledger, RUN_DAY)
        people = [citizen(f"N{n}", caseworker_id="K1" if n < 2 else "K2") for n in range(4)]
        sites = [workplace(sector="private", ordinary_staff=99)]
        rules = {"declines": {"several": LET}, "start": {"notice_days": 21}}
        problem = week(people, [opening("O9", seats=1)], sites, caseworkers=CREW, rules=rules,
                       today=RUN_DAY)  # fmt: skip
        solution = solve(problem)
        found = asked_together(problem, solution.plan, back_ups(solution, 2), ledger)
        plan = explained(solution)
        plan = replace(plan, provenance={**plan.provenance, "run_times": {"read": 0.1}})
        stored = ledger.record_run(plan, problem, address="test", back_ups=found)
        document = run_document(problem, plan, back_ups=found)
        first = plan.placements[0].citizen_id
        one, two = (each.placement.citizen_id for each in found.each)
        return Week(ledger, document, stored.run.run_id, problem, first, one, two)


@pytest.fixture
def asked(_asked: Week, tmp_path: Path) -> Iterator[Week]:
    file = shutil.copy2(str(_asked.ledger.file), tmp_path / "ledger.sqlite")
    with Ledger.open(file) as ledger:
        yield replace(_asked, ledger=ledger)


# ------------------------------------------------------------------------------ the rule


def seat(*order: str) -> SeatOrder:
    """A seat of the one with the proposal and those asked beside, in order."""
    blank: dict[str, Any] = dict.fromkeys(AskedBeside.__dataclass_fields__)
    first, *others = order
    told = {**blank, "opening_id": "O", "proposed": first}
    beside = (AskedBeside(**{**told, "citizen_id": who, "rank": at})
              for at, who in enumerate(others, start=1))  # fmt: skip
    return SeatOrder("O", first, tuple(beside))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"a": "yes"}, ["waits", None, None]),
        ({"p": "no", "a": "yes"}, ["counts", None, None]),
        ({"p": "yes", "a": "yes"}, ["behind", None, None]),
        ({"p": "filled", "a": "yes"}, ["filled", None, None]),
        ({"p": "filled", "a": "yes", "b": "yes"}, ["filled", "filled", None]),
        ({"p": "no", "b": "yes"}, [None, "waits", None]),
        ({"p": "no", "a": "no", "b": "yes"}, [None, "counts", None]),
        ({"p": "no", "a": "yes", "b": "yes"}, ["counts", "behind", None]),
        ({"a": "yes", "b": "yes", "c": "yes"}, ["waits", "behind", "behind"]),
        ({"p": "no", "a": "filled", "b": "yes"}, [None, "filled", None]),
        ({"p": "no", "a": "yes", "b": "filled", "c": "yes"}, ["counts", None, "behind"]),
        ({"p": "yes", "a": "filled", "b": "yes"}, [None, "behind", None]),
        ({"a": "filled", "b": "yes"}, [None, "filled", None]),
    ],
)
def test_what_a_yes_comes_to(said: dict[str, Answer], expected: list[str | None]) -> None:
    """Who has answered nothing comes to nothing, and a yes to what those before have said."""
    assert list(seat("p", "a", "b", "c").came_to(said).values()) == expected


def test_one_begins_whatever_is_answered() -> None:
    """Of all that four may answer: never two with the seat, never one before others may answer."""
    people = ("p", "a", "b", "c")
    for each in itertools.product(("yes", "no", None), repeat=4):
        said: dict[str, Answer] = {who: what for who, what in zip(people, each, strict=True)
                                   if what is not None}  # type: ignore[misc]  # fmt: skip
        came_to = seat(*people).came_to(said)
        has = [who for who in people if came_to.get(who) == "counts"]
        has += ["p"] * (said.get("p") == "yes")
        first = next((who for who in people if said.get(who) != "no"), None)
        assert has == ([first] if said.get(str(first)) == "yes" else [])
        waits = [who for who in people if came_to.get(who) == "waits"]
        assert len(waits) <= 1
        assert not (waits and has)


# ------------------------------------------------------------------------------ the record


def test_a_run_stores_who_is_asked_in_which_order(asked: Week) -> None:
    """With what they would begin with, whose they are, and the exposure of the seat."""
    first, second = asked.ledger.asked(asked.run_id)
    assert [(one.rank, one.proposed) for one in (first, second)] == [
        (1, asked.first), (2, asked.first)]  # fmt: skip
    rows = [one for one in asked.document["backups"] if one["at_once"]]
    for one, row in zip((first, second), rows, strict=True):
        for name in ("citizen_id", "opening_id", "measure", "minutes", "fit"):
            assert getattr(one, name) == row[name]
        assert one.start.isoformat() == row["start"]
        assert (one.caseworker_id, one.unit) == (row["caseworker_id"], row["unit"])
        assert (one.came_to, one.locked) == (None, False)
        assert 0 < one.exposure <= 250_000
    assert {one.citizen_id for one in asked.ledger.proposals(asked.run_id)} == {asked.first}


@pytest.mark.parametrize("who", [0, 1])
def test_who_is_forgotten_is_in_no_order_any_more(asked: Week, who: int) -> None:
    """Proposed or asked beside: one token in proposal, decision and order; nobody else's rows."""
    asked.say((asked.first, "no"), (asked.one, "yes"))
    gone = asked.order[who]
    rows = forget(asked.ledger, gone).rows
    assert rows["asked_beside"] == (2, 1)[who]
    file = Path(str(asked.ledger.file))
    assert gone.encode() not in file.read_bytes()
    left = asked.ledger.asked(asked.run_id)
    if who == 0:
        (token,) = {one.proposed for one in left}
        assert token == asked.ledger.proposals(asked.run_id)[0].citizen_id
        assert locked(asked.carried()) == {asked.one}
    else:
        assert left[0].citizen_id.startswith("forgotten-")
        assert (left[0].commute, left[0].components, left[0].caseworker_id) == (None, {}, None)
        assert left[0].citizen_id in {one.citizen_id for one in asked.ledger.decisions()}
        assert locked(asked.carried()) == set()


def test_retention_keeps_names_only_while_an_answer_binds(asked: Week) -> None:
    """A no for as long as its reason bars; what was never answered goes with the weeks."""
    asked.say((asked.one, "no"))
    (said,) = asked.ledger.decisions(run_id=asked.run_id)
    assert said.until is not None
    rules = override_of(load_policy(TODAY), {"retention": {"person_weeks": 4, "input_weeks": 4}})
    purge(asked.ledger, rules, RUN_DAY + 5 * 7 * DAY)
    one, two = asked.ledger.asked(asked.run_id)
    assert one.citizen_id == asked.one
    assert two.citizen_id.startswith("forgotten-")
    assert one.proposed.startswith("forgotten-")
    purge(asked.ledger, rules, said.until + DAY)
    assert all(one.citizen_id.startswith("forgotten-")
               for one in asked.ledger.asked(asked.run_id))  # fmt: skip


# ------------------------------------------------------------------------------ entering


def test_the_form_has_a_row_for_who_is_asked_beside(asked: Week, tmp_path: Path) -> None:
    """Below the proposals, saying who comes first; of the group's own citizens alone."""
    given = (asked.document, asked.run_id, tmp_path, asked.problem.policy, Words("da"))
    (whole,) = write_forms(*given, form="csv")
    rows = table(whole.path)[1:]
    assert [row[0] for row in rows] == [asked.first, *sorted(asked.order[1:])]
    beside = {row[0]: " ".join(row) for row in rows[1:]}
    assert "Spørges samtidig med andre, som nummer 1" in beside[asked.one]
    assert "som nummer 2" in beside[asked.two]
    keys = {row[0]: row[-1] for row in rows}
    for one in asked.ledger.asked(asked.run_id):
        assert keys[one.citizen_id] == proposal_key(asked.run_id, vars(one))
    parts = write_forms(*given, form="csv", split="caseworker")
    unit = {f"N{n}": "K1" if n < 2 else "K2" for n in range(4)}
    for part in parts:
        named = [row[0] for row in table(part.path)[1:]]
        assert named == [who for who in (asked.first, *sorted(asked.order[1:]))
                         if unit[who] == part.group]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_yes_waits_counts_or_comes_to_nothing_and_it_is_said(asked: Week, language: Any) -> None:
    """At each step, with the row that turned it."""
    words = Words(language)
    result = asked.taken({asked.one: ("accept", "")}, LATER)
    assert asked.came_to() == ["waits", None]
    assert [one.code for one in result.notes] == ["beside_waits"]
    result = asked.taken({asked.first: ("reject", "citizen_declined")}, LATER + DAY)
    assert asked.came_to() == ["counts", None]
    assert [one.code for one in result.notes] == ["turned_counts"]
    said = result.notes[0].sentence(words)
    assert "ummer 1" in said if language == "da" else "umber 1" in said
    assert asked.one not in said
    result = asked.taken({asked.two: ("accept", "")}, LATER + DAY)
    assert asked.came_to() == ["counts", "behind"]
    assert [one.code for one in result.notes] == ["beside_behind"]
    assert asked.two in result.notes[0].sentence(words)
    assert len(asked.ledger.decisions(run_id=asked.run_id)) == 3


def test_all_faults_are_said_at_once(asked: Week) -> None:
    """Each row its own, the good one taken."""
    (left,) = {f"N{n}" for n in range(4)} - {*asked.order}
    folder = Path(str(asked.ledger.file)).parent
    given = (asked.document, asked.run_id, folder, asked.problem.policy, Words("en"))
    (path,) = (one.path for one in write_forms(*given, form="csv"))
    rows = table(fill(path, {
        asked.first: ("reject", ""), asked.one: ("accept", "citizen_declined"),
        asked.two: ("reject", "no such"),
    }))  # fmt: skip
    own = next(row for row in rows if row[0] == asked.two)
    stranger = [left, "accept", "", *own[3:-1], "x" * 12]
    unsure = [asked.two, "maybe", "", *own[3:]]
    save(path, [*rows, stranger, unsure])
    result = take(read_form(path), asked.ledger, now=LATER)
    assert {one.code for one in result.bad} == {
        "missing_reason", "reason_without_rejection", "unknown_reason", "not_asked",
        "unknown_verdict",
    }  # fmt: skip
    for one in result.bad:
        for language in ("en", "da"):
            assert left not in one.sentence(Words(language))  # type: ignore[arg-type]
    assert asked.ledger.decisions(run_id=asked.run_id) == ()


def test_a_place_that_was_given_is_not_taken_back_by_who_comes_before(asked: Week) -> None:
    """Nor said to be filled, which it is by who has it; once that yes is taken back, all can."""
    asked.say((asked.first, "no"), (asked.one, "yes"))
    for said in (("accept", ""), ("wait", ""), ("reject", "seat_filled")):
        result = asked.taken({asked.first: said}, LATER + DAY)
        assert [one.code for one in result.bad] == ["seat_given"]
        assert asked.one not in result.bad[0].sentence(Words("da"))
    assert asked.came_to() == ["counts", None]
    # In one form: given back, and taken by the one who comes first.
    asked.say((asked.first, "yes"), (asked.one, "wait"), at=LATER + 2 * DAY)
    assert asked.came_to() == [None, None]
    assert locked(asked.carried()) == {asked.first}


def test_a_slip_put_right_before_it_is_handed_in_hurts_nobody(asked: Week, tmp_path: Path) -> None:
    """No, then yes by the one with the proposal, in two forms of one hand-in, with a yes behind."""
    forms = []
    for at, said in enumerate((("reject", "citizen_declined"), ("accept", ""))):
        folder = tmp_path / str(at)
        folder.mkdir()
        (one,) = write_forms(asked.document, asked.run_id, folder, asked.problem.policy,
                             Words("en"), form="csv")  # fmt: skip
        rows = table(fill(one.path, {asked.first: said, asked.one: ("accept", "")}))
        rows[0].append("decided")
        for row in rows[1:]:
            row.append((NOW + dt.timedelta(hours=at)).isoformat())
            save(one.path, rows)
        forms.append(read_form(one.path))
    for order in (forms, forms[::-1]):
        assert [bad for one in take_all(order, asked.ledger, now=LATER) for bad in one.bad] == []
        assert asked.came_to() == ["behind", None]


def test_an_older_yes_that_comes_late_is_kept_and_takes_no_seat(asked: Week) -> None:
    """It is said that a later no counts, and nobody is asked to give anything back."""
    asked.say((asked.first, "no"), (asked.one, "yes"), at=LATER + DAY)
    result = asked.taken({asked.first: ("accept", "")}, LATER)
    assert (result.bad, result.new, [one.code for one in result.notes]) == ((), 1, ["older"])
    assert asked.came_to() == ["counts", None]


def test_a_decline_by_an_event_is_an_answer(asked: Week) -> None:
    """Of the one with the proposal; what is decided after it was heard counts again."""
    asked.say((asked.one, "yes"))
    asked.ledger.record_events([Event("declined", RUN_DAY + DAY, "O9", asked.first)])
    carried = asked.carried()
    assert asked.came_to() == ["counts", None]
    assert locked(carried) == {asked.one}
    # That it is filled, heard of who has said no already, is what the one behind has done.
    filled = Event("declined", RUN_DAY + 2 * DAY, "O9", asked.first, reason="seat_filled")
    asked.say((asked.first, "no"), at=LATER + DAY)
    asked.ledger.record_events([filled])
    assert locked(asked.carried()) == {asked.one}


# ------------------------------------------------------------------------------ next week


def test_a_yes_that_counts_is_an_acceptance(asked: Week) -> None:
    """Locked, under its measure; the ones before are barred by their no, the one behind is not."""
    asked.say((asked.first, "no"), (asked.one, "yes"), (asked.two, "yes"))
    carried = asked.carried()
    assert carried.problem["locks"].to_dict("records") == [
        {"citizen_id": asked.one, "opening_id": "O9", "measure": "ordinary"}
    ]
    assert set(carried.problem["forbids"]["citizen_id"]) == {asked.first}
    assert about(asked, carried) == []
    # The next run keeps it, and the week after that knows it still.
    again = propose(asked.ledger, carried)
    assert asked.came_to() == ["counts", "behind"]
    assert again.ledger.proposals(again.run_id)[0].locked
    assert asked.ledger.decisions(citizen_id=asked.two, standing=NEXT) == ()
    problem = Problem(asked.problem.tables, asked.problem.policy, NEXT + 7 * DAY)
    assert locked(carry_over(problem, asked.ledger)) == {asked.one}


def test_it_begins_with_what_was_asked(asked: Week) -> None:
    """On its first day, though no run has proposed it: measure, class, mentor, planned end."""
    asked.say((asked.first, "no"), (asked.one, "yes"))
    (told, _) = asked.ledger.asked(asked.run_id)
    problem = Problem(asked.problem.tables, asked.problem.policy, told.start)
    carried = carry_over(problem, asked.ledger)
    (begun,) = asked.ledger.placements(told.start)
    assert (begun.citizen_id, begun.opening_id, begun.measure, begun.start, begun.run_id) == (
        asked.one, "O9", told.measure, told.start, asked.run_id,
    )  # fmt: skip
    assert (begun.team_id, begun.mentor_minutes) == (told.team_id, told.mentor_minutes)
    assert set(carried.problem["running"]["citizen_id"]) == {asked.one}
    assert carry_over(problem, asked.ledger).problem.digest() == carried.problem.digest()


@pytest.mark.parametrize(
    ("said", "reason", "code"),
    [(None, None, IssueCode.YES_COUNTS), ("yes", None, IssueCode.YES_COUNTS),
     (None, "seat_filled", IssueCode.YES_FILLED)],
)  # fmt: skip
def test_what_an_event_makes_of_a_yes_is_told(
    asked: Week, said: str | None, reason: str | None, code: IssueCode
) -> None:
    """No row of a form says it: one that waited, or was in vain, and nobody has told them yet."""
    asked.say(*[(asked.first, said)] * (said is not None), (asked.one, "yes"))
    told = {"event": ["declined"], "day": [RUN_DAY + DAY], "citizen_id": [asked.first],
            "opening_id": ["O9"], "reason": [reason], "seats": [1]}  # fmt: skip
    events = as_frame(TABLES["events"], told)
    for _ in range(2):
        carried = asked.carried(events=events)
        assert about(asked, carried) == [(code, asked.one, "O9")]
        assert locked(carried) == ({asked.one} if code is IssueCode.YES_COUNTS else set())
    (issue,) = (one for one in carried.issues if one.code is code)
    said_to_them = "borgeren får pladsen" if code is IssueCode.YES_COUNTS else "Pladsen er besat"
    assert said_to_them in str(issue.to_dict("da")["advice"])


def test_a_yes_that_waits_lapses_with_the_next_run_and_bars_nothing(asked: Week) -> None:
    """The proposal keeps its price, who waited has none, and a person is asked to tell them."""
    asked.say((asked.one, "yes"))
    carried = asked.carried()
    assert locked(carried) == set()
    assert set(carried.problem["previous"]["citizen_id"]) == {asked.first}
    assert len(carried.problem["forbids"]) == 0
    assert about(asked, carried) == [(IssueCode.YES_WAITED, asked.one, "O9")]
    assert asked.carried().problem.digest() == carried.problem.digest()
    propose(asked.ledger, carried)
    assert asked.came_to() == ["lapsed", None]
    # A no that comes after the week was planned anew gives nobody the seat any more.
    assert asked.entered({asked.first: ("reject", "citizen_declined")}, LATER + 8 * DAY) == []
    assert asked.came_to() == ["lapsed", None]
    after = Problem(asked.problem.tables, asked.problem.policy, NEXT + 7 * DAY)
    assert locked(carry_over(after, asked.ledger)) == set()
    assert asked.entered({asked.two: ("accept", "")}, LATER + 8 * DAY) == ["asked_over"]
    assert asked.entered({asked.two: ("reject", "citizen_declined")}, LATER + 8 * DAY) == []


@pytest.mark.parametrize("how", ["gone", "running", "locked"])
def test_who_cannot_come_any_more_stands_in_nobodys_way(asked: Week, how: str) -> None:
    """Not in the tables, placed or locked elsewhere; by that alone nothing is stored."""
    asked.say((asked.one, "yes"))
    tables: dict[str, Any] = {}
    frame = asked.problem["citizens"]
    if how == "gone":
        tables["citizens"] = frame[frame["citizen_id"] != asked.first].reset_index(drop=True)
    elif how == "running":
        rows = {"citizen_id": asked.first, "opening_id": "O9x", "measure": "ordinary",
                "start": RUN_DAY, "end": None, "team_id": None, "pool_id": None,
                "mentor_hours": 0.0}  # fmt: skip
        kind = asked.problem["running"]
        tables["running"] = pd.DataFrame([rows]).reindex(columns=kind.columns).astype(kind.dtypes)
    else:
        lock = {"citizen_id": [asked.first], "opening_id": ["O8"], "measure": ["ordinary"]}
        tables["locks"] = as_frame(TABLES["locks"], lock)
        more = asked.problem["openings"].assign(opening_id="O8")
        tables["openings"] = pd.concat([more, asked.problem["openings"]], ignore_index=True)
    carried = asked.carried(**tables)
    assert asked.one in locked(carried)
    assert asked.came_to() == ["waits", None]
    assert [issue.code for issue in carried.issues if issue.code is IssueCode.YES_WAITED] == []
    if how == "gone":
        propose(asked.ledger, carried)
        assert asked.came_to() == ["counts", None]


def test_a_yes_that_counts_for_those_before_are_gone_is_kept_without_room_as_well(
    asked: Week,
) -> None:
    """As any acceptance: an issue and an earlier proposal, in a run made again and a week later."""
    asked.say((asked.one, "yes"))
    frame = asked.problem["citizens"]
    tables = {"citizens": frame[frame["citizen_id"] != asked.first].reset_index(drop=True),
              "openings": asked.problem["openings"].assign(seats=0)}  # fmt: skip
    carried = asked.carried(**tables)
    assert about(asked, carried) == [(IssueCode.ACCEPTED_WITHOUT_ROOM, asked.one, "O9")]
    assert set(carried.problem["previous"]["citizen_id"]) == {asked.one}
    propose(asked.ledger, carried)
    assert asked.came_to() == ["counts", None]
    assert asked.carried(**tables).problem.digest() == carried.problem.digest()
    free = asked.problem.with_tables(citizens=tables["citizens"])
    later = Problem(free.tables, free.policy, NEXT + 7 * DAY)
    assert locked(carry_over(later, asked.ledger)) == {asked.one}


def test_a_second_run_of_the_day_ends_the_waiting_and_says_so(asked: Week) -> None:
    """Of other tables; who was waiting is named there, and who cannot come is in nobody's way."""
    asked.say((asked.one, "yes"))
    frame = asked.problem["citizens"]
    people = {who: frame[frame["citizen_id"] != who].reset_index(drop=True) for who in asked.order}
    changed, gone = (
        carry_over(asked.problem.with_tables(citizens=people[who]), asked.ledger)
        for who in (asked.two, asked.first)
    )
    assert about(asked, changed) == [(IssueCode.YES_WAITED, asked.one, "O9")]
    assert about(asked, gone) == [(IssueCode.YES_COUNTS, asked.one, "O9")]
    assert locked(gone) == {asked.one}
    propose(asked.ledger, changed)
    assert asked.came_to() == ["lapsed", None]


def test_a_form_of_an_earlier_run_that_comes_late_answers_the_newest(
    asked: Week, tmp_path: Path
) -> None:
    """Two days later the same is proposed and asked; the no was said before, and comes after."""
    problem = Problem(asked.problem.tables, asked.problem.policy, RUN_DAY + 2 * DAY)
    carried = carry_over(problem, asked.ledger)
    solution = solve(carried.problem)
    found = asked_together(carried.problem, solution.plan, back_ups(solution, 2), asked.ledger)
    plan = explained(solution)
    plan = replace(plan, provenance={**plan.provenance, "run_times": {"read": 0.1}})
    run = asked.ledger.record_run(plan, carried.problem, address="test", back_ups=found).run
    second = replace(asked, run_id=run.run_id,
                     document=run_document(carried.problem, plan, back_ups=found))  # fmt: skip
    assert {one.proposed for one in asked.ledger.asked(run.run_id)} == {asked.first}
    second.say((asked.one, "yes"), at=LATER + 3 * DAY)
    assert second.came_to() == ["waits", None]
    (old,) = write_forms(asked.document, asked.run_id, tmp_path, problem.policy, Words("en"),
                         form="csv", now=NOW)  # fmt: skip
    said = fill(old.path, {asked.first: ("reject", "citizen_declined")})
    result = take(read_form(said), asked.ledger, now=LATER + 4 * DAY, decided=LATER)
    assert (result.bad, result.new) == ((), 1)
    assert [one.code for one in result.notes] == ["turned_counts"]
    assert second.came_to() == ["counts", None]


def test_a_no_bars_as_its_reason_says(asked: Week) -> None:
    """As a rejection of a proposal; a yes in vain and no answer bar nothing."""
    asked.say((asked.first, "yes"), (asked.one, "no"), (asked.two, "yes"))
    carried = asked.carried()
    rows = carried.problem["forbids"].to_dict("records")
    assert [(row["citizen_id"], row["opening_id"], row["reason"]) for row in rows] == [
        (asked.one, "O9", "citizen_declined")]  # fmt: skip
    weeks = asked.problem.policy.forbid_reasons.codes["citizen_declined"].weeks
    assert rows[0]["until"].date() == LATER.date() + weeks * 7 * DAY


def test_one_seat_is_filled_once_and_not_by_who_got_it(asked: Week) -> None:
    """'The seat is filled' of several who are asked for it is one seat, or none that one has."""
    asked.say((asked.first, "filled"), (asked.one, "filled"), (asked.two, "yes"))
    assert asked.came_to() == [None, "filled"]
    assert asked.carried().counts["seats"] == 1


@pytest.mark.parametrize("how", ["declined", "forgotten"])
def test_a_filled_seat_stays_filled_however_the_no_before_was_told(asked: Week, how: str) -> None:
    """By an event, or by somebody who is forgotten since: the seat is no less gone."""
    if how == "declined":
        asked.ledger.record_events([Event("declined", RUN_DAY + DAY, "O9", asked.first)])
    else:
        asked.say((asked.first, "no"))
    asked.say((asked.one, "filled"), at=LATER + DAY)
    if how == "forgotten":
        forget(asked.ledger, asked.first)
    assert asked.carried().counts["seats"] == 1


def test_that_it_is_filled_is_not_said_for_who_has_the_proposal(asked: Week) -> None:
    """They have not answered: no seat is taken off, and the proposal stays."""
    asked.say((asked.one, "filled"))
    carried = asked.carried()
    assert carried.counts["seats"] == 0
    assert set(carried.problem["previous"]["citizen_id"]) == {asked.first}


@pytest.mark.parametrize("who", [0, 1])
def test_behind_the_yes_of_somebody_who_is_forgotten_is_nobody(asked: Week, who: int) -> None:
    """Nobody can take it back any more: who comes before may say yes, who comes after gets it."""
    if who:
        asked.say((asked.first, "no"))
    asked.say((asked.order[who], "yes"), (asked.order[who + 1], "yes"))
    assert asked.came_to()[who] == "behind"
    forget(asked.ledger, asked.order[who])
    carried = asked.carried()
    assert about(asked, carried) == [(IssueCode.YES_COUNTS, asked.order[who + 1], "O9")]
    assert locked(carried) == {asked.order[who + 1]}
    if who:
        asked.say((asked.first, "yes"), at=LATER + DAY)
        assert locked(asked.carried()) == {asked.first}


def test_a_yes_of_who_is_gone_gives_the_seat_to_nobody_else(asked: Week) -> None:
    """The one with the proposal and the first asked are in no table any more: a person settles."""
    asked.say((asked.one, "yes"), (asked.two, "yes"))
    frame = asked.problem["citizens"]
    gone = frame["citizen_id"].isin([asked.first, asked.one])
    carried = asked.carried(citizens=frame[~gone].reset_index(drop=True))
    assert locked(carried) == set()
    assert about(asked, carried) == [(IssueCode.ACCEPTED_UNKNOWN, asked.one, "O9")]


def test_a_placement_that_has_begun_is_given_back_by_no_answer(asked: Week) -> None:
    """Neither by the one who began, nor by the one who comes first, in one form or in two."""
    asked.say((asked.first, "no"), (asked.one, "yes"))
    (told, _) = asked.ledger.asked(asked.run_id)
    carry_over(Problem(asked.problem.tables, asked.problem.policy, told.start), asked.ledger)
    said = {asked.first: ("accept", ""), asked.one: ("wait", "")}
    assert sorted(asked.entered(said, LATER + DAY)) == ["already_started", "seat_given"]
    assert asked.came_to() == ["counts", None]


def test_who_comes_later_says_that_the_one_before_has_the_seat(asked: Week) -> None:
    """No seat is taken off the opening for it."""
    asked.say((asked.first, "no"), (asked.one, "yes"), (asked.two, "filled"))
    assert asked.came_to() == ["counts", None]
    carried = asked.carried()
    assert carried.problem["openings"]["seats"].tolist() == [1]
    assert locked(carried) == {asked.one}


def test_what_begins_holds_all_that_it_holds(asked: Week) -> None:
    """The next week is solved with the seat kept, and the check finds nothing."""
    asked.say((asked.first, "no"), (asked.one, "no"), (asked.two, "yes"))
    carried = asked.carried()
    solution = solve(carried.problem)
    assert [(one.citizen_id, one.locked) for one in solution.plan.placements] == [
        (asked.two, True)]  # fmt: skip
    assert verify(carried.problem, solution.plan) == ()


@pytest.mark.parametrize("seed", range(4))
def test_the_order_in_which_answers_come_does_not_matter(asked: Week, seed: int) -> None:
    """One by one in any order, as far as each may be entered, comes to the same as all at once."""
    answers = [(asked.first, "no"), (asked.one, "no"), (asked.two, "yes")]
    for at, (who, what) in enumerate(list(itertools.permutations(answers))[seed + 1]):
        asked.say((who, what), at=LATER + at * dt.timedelta(minutes=1))
    assert asked.came_to() == [None, "counts"]


def test_a_ledger_of_the_version_before_knows_of_nobody_asked(asked: Week) -> None:
    """Made by it, opened by this one: nobody, and everything else goes on."""
    file = Path(str(asked.ledger.file))
    copy = file.with_name("before.sqlite")
    shutil.copy2(file, copy)
    with contextlib.closing(sqlite3.connect(copy)) as base:
        base.executescript(
            "DROP TABLE asked_beside; UPDATE ledger_version SET version_num = '0007';"
        )
    with Ledger.open(copy) as ledger:
        before = replace(asked, ledger=ledger)
        assert ledger.asked(asked.run_id) == ()
        assert before.entered({asked.one: ("accept", "")}) == ["not_asked"]
        before.say((asked.first, "yes"))
        assert locked(before.carried()) == {asked.first}


# ------------------------------------------------------------------------------ oversight


def watched(asked: Week) -> Any:
    """The oversight as it is, with the one seat told though it is too few."""
    figures = oversight(asked.ledger, load_policy(TODAY), NEXT)
    assert figures["beside"] is None
    assert beside_lines(figures, Words("en")) == []
    since = dt.date.fromisoformat(figures["since"])
    assert asked_beside(asked.ledger, since, NEXT, 2) is None
    return {**figures, "beside": asked_beside(asked.ledger, since, NEXT, 1)}


def test_oversight_tells_what_was_expected_and_what_happened(asked: Week) -> None:
    """In people; of seats where everybody has answered, and of too few seats nothing."""
    told = watched(asked)
    assert {name: told["beside"][name] for name in ("seats", "asked", "open", "settled")} == {
        "seats": 1, "asked": 2, "open": 2, "settled": 0,
    }  # fmt: skip
    assert "cannot be held" in beside_lines(told, Words("en"))[-1]
    before = told["acceptance"]
    asked.say((asked.one, "yes"), (asked.two, "yes"))
    assert watched(asked)["beside"]["waits"] == 1
    asked.say((asked.first, "yes"), at=LATER + DAY)
    figures = watched(asked)["beside"]
    assert (figures["yes"], figures["no"], figures["behind"], figures["in_vain"]) == (2, 0, 2, 2)
    assert (figures["settled"], figures["counts"], figures["waits"]) == (1, 0, 0)
    exposure = asked.document["queues"]["several"]["exposure"]
    assert figures["expected"] == pytest.approx(exposure)
    assert 0 < exposure < 0.25
    for language, said in (("en", "2 people said yes in vain"), ("da", "Her sagde 2 borgere ja")):
        assert said in beside_lines(watched(asked), Words(language))[-1]  # type: ignore[arg-type]
    # Of the three answers only the one to the proposal is in the shares.
    after = watched(asked)["acceptance"]
    assert after["all"]["settled"] == before["all"]["settled"] + 1


def test_a_yes_that_lapsed_before_a_late_yes_was_in_vain_as_expected(asked: Week) -> None:
    """Everybody has answered then; what was expected counts everybody beyond the first yes."""
    asked.say((asked.one, "yes"), (asked.two, "no"))
    propose(asked.ledger, asked.carried())
    assert watched(asked)["beside"]["settled"] == 0
    asked.say((asked.first, "yes"), at=LATER + 8 * DAY)
    figures = watched(asked)["beside"]
    assert (figures["settled"], figures["lapsed"], figures["in_vain"]) == (1, 1, 1)


def test_no_costs_of_a_no_beside_are_asked_for(asked: Week) -> None:
    """It takes nothing from the plan, which they are not in."""
    asked.say((asked.first, "no"), (asked.one, "filled"))
    noted = note_costs(asked.ledger, asked.ledger.decisions(run_id=asked.run_id))
    assert (noted.computed, noted.unknown) == (1, 0)
    known = {one.citizen_id: one.cost_placements
             for one in asked.ledger.decisions(run_id=asked.run_id)}  # fmt: skip
    assert known == {asked.first: 0, asked.one: None}


@pytest.mark.parametrize(
    ("said", "en", "da"),
    [
        ([(1, "yes")], "We wait for the answer", "Vi venter på svar fra dem"),
        ([(0, "no"), (1, "yes")], "So the place goes to you", "Derfor får du pladsen"),
        ([(0, "yes"), (1, "yes")], "does not count against you", "ingen konsekvenser for dig"),
        ([(0, "filled"), (1, "yes")], "it has been filled", "er blevet besat"),
    ],
)
def test_the_letter_says_what_a_yes_has_come_to(
    asked: Week, said: list[tuple[int, str]], en: str, da: str
) -> None:
    """To the one who said it, naming nobody."""
    asked.say(*((asked.order[at], what) for at, what in said))
    (mine, _) = asked.ledger.asked(asked.run_id)
    told = explain_one(Resolver(solve(asked.problem)), asked.one)
    seat = shared_seat(asked.document, asked.one)
    assert seat is not None
    for language, words in (("en", en), ("da", da)):
        say = LetterWords(asked.problem, language)  # type: ignore[arg-type]
        parts = letter_parts(told, say, replace(seat, answered=str(mine.came_to)))  # type: ignore[arg-type]
        text = " ".join(line for part in parts for line in part.lines)
        assert words in text
        assert not any(f"N{n}" in text for n in range(4))
        assert ("others are asked at the same time" in text) == (
            language == "en" and mine.came_to == "waits"
        )
    refused = letter_parts(told, LetterWords(asked.problem, "en"), replace(seat, answered="no"))
    without = letter_parts(told, LetterWords(asked.problem, "en"))
    assert refused == without


def test_a_case_sheet_says_that_others_came_before(asked: Week) -> None:
    """In data and in words, that nobody takes a yes in vain for a place that was given."""
    asked.say((asked.first, "yes"), (asked.one, "yes"))
    day = dt.datetime.now(dt.UTC).date()
    sheet = ask(asked.ledger, asked.run_id, asked.one, day).sheet
    assert sheet is not None
    assert '"asked_beside": 1' in sheet
    assert "at the same time, as number 1" in sheet
    assert "blev spurgt samtidig, som nummer 1" in sheet
    other = ask(asked.ledger, asked.run_id, asked.first, day).sheet
    assert other is not None
    assert "asked_beside" not in other


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_entered_a_given_seat_is_given_back_by_its_holder_alone(
    asked: Week, seed: int
) -> None:
    """Rows of all three at random, one form after the other: one has the seat at most."""
    drawn = random.Random(seed)
    words = [("accept", ""), ("reject", "citizen_declined"), ("reject", "seat_filled"),
             ("wait", ""), ("", "")]  # fmt: skip
    holder: str | None = None
    for step in range(14):
        said = {who: drawn.choice(words) for who in asked.order}
        asked.taken(said, LATER + step * dt.timedelta(minutes=1))
        counts = [one.citizen_id for one in asked.ledger.asked(asked.run_id)
                  if one.came_to == "counts"]  # fmt: skip
        stands = {one.citizen_id: one.verdict for one in asked.ledger.decisions(
            run_id=asked.run_id)}  # fmt: skip
        has = counts + [asked.first] * (stands.get(asked.first) == "accept")
        assert len(has) <= 1
        if holder is not None and holder != asked.first and holder not in has:
            assert said[holder][0] in {"reject", "wait"}
        standing = asked.ledger.standing(RUN_DAY)
        assert {one.citizen_id for decision, one in standing
                if decision.verdict == "accept" and one.opening_id == "O9"} == {*has}  # fmt: skip
        holder = has[0] if has else None
