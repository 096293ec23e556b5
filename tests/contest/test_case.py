"""A sheet that answers why: what is in it, that it never changes, and what came of asking."""

from __future__ import annotations

import datetime as dt
import json
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from matcher import clock
from matcher.contest import ask, check_sheet, parts_of, sheet_of
from matcher.decisions import oversight
from matcher.erasure import forget
from matcher.errors import LedgerError, OptionError
from matcher.ledger import Decision, Event, Ledger, Question, purge
from matcher.policy import load, load_policy
from matcher.tables import write_folder
from matcher.texts import LANGUAGES
from tests.commands import jobmatch
from tests.contest.conftest import DAY, WEEK
from tests.decisions.conftest import NOW, propose
from tests.ledger.test_privacy import everything
from tests.weeks import TODAY, citizen, opening, policy, week


def content(question: Question) -> dict[str, Any]:
    """What a sheet says, as data."""
    assert question.sheet is not None
    told: dict[str, Any] = json.loads(question.sheet)
    return told


def words(question: Question, language: str = "en") -> dict[str, tuple[str, ...]]:
    """What a sheet says in words, by heading."""
    assert question.sheet is not None
    return {one.heading: one.lines for one in parts_of(question.sheet, language)}


def accept(run_id: str, who: str, where: str, **more: Any) -> Decision:
    return Decision(run_id, who, where, "accept", NOW, unit="Nord", **more)


# ------------------------------------------------------------------------------ what is in it


def test_a_sheet_has_facts_rules_considerations_decisions_and_the_way_to_complain(
    answered: Ledger,
) -> None:
    """Practice for an activity-ready citizen: LAB, in force on the day, with both values."""
    asked, _, _ = answered.questions()
    told = content(asked)
    facts = {one["column"]: (one["value"], one["known"]) for one in told["facts"]}
    assert facts["age"] == (35, True)
    assert facts["category"] == ("activity_ready", True)
    rules = {one["rule"]: one for one in told["rules"]}
    assert (rules["language_oral"]["value"], rules["language_oral"]["limit"]) == (6, 3)
    assert all(one["holds"] for one in rules.values())
    grounds = {one["key"]: one for one in told["grounds"]}
    practice = load_policy(TODAY).measures["work_practice"]
    assert grounds["measures.work_practice"]["valid_from"] == practice.valid_from.isoformat()
    assert grounds["measures.work_practice"]["stands_in"]["da"] == practice.law_danish
    assert "measures.work_practice" in rules["duration_left"]["grounds"]
    assert "travel" in rules["commute"]["grounds"]
    assert grounds["measures.work_practice"]["review_by"] == practice.review_by.isoformat()  # type: ignore[union-attr]
    components = {one["component"]: one for one in told["considerations"]["components"]}
    assert components["occupation"]["points"] == 1000
    assert components["occupation"]["weight"] == load_policy(TODAY).fit.weights.occupation
    (decision,) = told["decisions"]
    assert (decision["verdict"], decision["unit"]) == ("accept", "Nord")
    assert told["complaint"]["complain_weeks"] == 4

    danish = words(asked, "da")
    assert any(
        f"{practice.law_danish}. Gælder fra" in line for line in danish["Hvor reglerne står"]
    )
    assert any("Afdeling: Nord" in line for line in danish["Hvem har afgjort hvad, og hvornår"])
    complain = " ".join(danish["Sådan klager man"])
    for said in ("partshøring", "begrundelse", "klagevejledning", "inden 4 uger", "Ankestyrelsen",
                 "forvaltningsloven § 19", "forvaltningsloven § 24", "Datatilsynet"):  # fmt: skip
        assert said in complain
    assert any("Mundtligt dansk: B2" in line for line in
               danish["Regler, der er holdt op mod oplysningerne"])  # fmt: skip


def test_somebody_without_a_proposal_hears_what_stopped_it_and_what_would_have_changed_it(
    answered: Ledger,
) -> None:
    """C2 speaks at level 1 where 4 is asked for: two openings, each stopped by Danish."""
    _, asked, _ = answered.questions()
    told = content(asked)
    assert told["status"] == "without"
    stopped = {one["rule"]: one for one in told["rules"]}
    assert stopped["language_oral"]["stopped"] == 2
    assert stopped["language_oral"]["grounds"] == ["language"]
    assert "changes" in told
    headings = words(asked)
    assert any("Too little spoken Danish" in line or "spoken" in line.lower()
               for line in headings["Rules held against the facts"])  # fmt: skip
    assert headings["What would have changed the answer"]


def test_nobody_else_is_in_a_sheet_and_no_caseworker(answered: Ledger) -> None:
    """Not even by the key of a household or of who was asked."""
    for asked in answered.questions():
        assert asked.sheet is not None
        others = {"C1", "C2", "C3", "K7", "H9"} - {asked.citizen_id}
        assert not [one for one in others if re.search(rf"\b{one}\b", asked.sheet)]
        assert re.search(rf"\b{asked.citizen_id}\b", asked.sheet)


def test_a_sheet_has_its_words_in_every_language(answered: Ledger) -> None:
    """And no line in one that another lacks."""
    for asked in answered.questions():
        told = content(asked)["told"]
        assert list(told) == list(LANGUAGES)
        shapes = {tuple(len(part["lines"]) for part in told[one]) for one in LANGUAGES}
        assert len(shapes) == 1


# ------------------------------------------------------------------------------ it stays


def test_a_sheet_stays_whatever_happens_after(
    ledger: Ledger, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another policy on disk, later runs of other tables, decisions and events: not one byte."""
    ledger.record_decisions([accept(run_id, "C1", "O1")])
    first = ask(ledger, run_id, "C1", TODAY)
    later = NOW + DAY
    ledger.record_decisions([Decision(run_id, "C1", "O1", "reject", later, "other", "Syd")])
    ledger.record_events([Event("declined", TODAY + DAY, "O1", "C1")])
    other = week([citizen("C1", oral=2)], [opening("O1", seats=3)], today=TODAY + WEEK)
    propose(ledger, other)
    text = resources.files("matcher").joinpath("policies", "denmark.toml").read_text("utf-8")
    changed = tomllib.loads(text.replace("hard_minutes = 90", "hard_minutes = 30"))
    monkeypatch.setattr(load, "_built_in", lambda origin: changed)
    assert load_policy(TODAY).travel.hard_minutes == 30

    again = sheet_of(ledger, run_id, "C1")
    assert again is not None
    assert (again.number, again.sheet) == (first.number, first.sheet)
    checked = check_sheet(ledger, again)
    assert checked.same, "made again of the stored run, with what was known then"

    second = ask(ledger, run_id, "C1", TODAY)
    assert [one["verdict"] for one in content(second)["decisions"]] == ["accept", "reject"]
    assert [one["kind"] for one in content(second)["events"]] == ["declined"]
    assert [one["verdict"] for one in content(first)["decisions"]] == ["accept"]
    assert check_sheet(ledger, second).same


def test_a_sheet_that_was_tampered_with_is_found(answered: Ledger) -> None:
    """A value another: told apart from words that a later version says otherwise."""
    asked, _, _ = answered.questions()
    assert asked.sheet is not None
    age = '"age",\n   "value": {}'
    changes = ((age.format(35), age.format(36), False), ("Main cons", "Chief cons", True))
    for old, new, words_alone in changes:
        assert old in asked.sheet
        given = Question(**{**vars(asked), "sheet": asked.sheet.replace(old, new)})
        checked = check_sheet(answered, given)
        assert (checked.same, checked.words_alone) == (False, words_alone)


def test_a_run_that_comes_out_otherwise_is_not_explained(ledger: Ledger, run_id: str) -> None:
    """The sheet would be about another proposal than the one that was made."""
    from matcher.ledger.schema import PROPOSALS

    with ledger.writing() as connection:
        connection.execute(PROPOSALS.update().values(fit=1))
    with pytest.raises(LedgerError, match="does not give the same answer about the citizen"):
        ask(ledger, run_id, "C1", TODAY)
    assert ledger.questions() == ()


def test_a_run_whose_tables_are_gone_is_explained_from_those_that_were_put_by(
    ledger: Ledger, run_id: str, tmp_path: Path
) -> None:
    """The very same tables; others are refused, and without any it is said why there is none."""
    first = ask(ledger, run_id, "C1", TODAY)
    frames = {name: frame for name, frame in ledger.problem(run_id).tables.items() if len(frame)}
    write_folder(frames, tmp_path / "mine")
    write_folder({**frames, "citizens": frames["citizens"].iloc[:-1]}, tmp_path / "other")
    rules = policy({"retention": {"input_weeks": 2, "folder_weeks": 2, "person_weeks": 30,
                                  "run_weeks": 60}})  # fmt: skip
    purge(ledger, rules, TODAY + 3 * WEEK)
    assert sheet_of(ledger, run_id, "C1") == first
    with pytest.raises(LedgerError, match="its input was deleted on"):
        ask(ledger, run_id, "C1", TODAY)
    with pytest.raises(LedgerError, match="other"):
        ask(ledger, run_id, "C1", TODAY, tmp_path / "other")
    assert check_sheet(ledger, first, tmp_path / "mine").same


def test_what_cannot_be_asked_is_said(ledger: Ledger, run_id: str) -> None:
    """Nobody of that id, a day before the run, a day to come."""
    with pytest.raises(OptionError, match="C9"):
        ask(ledger, run_id, "C9", TODAY)
    for day in (TODAY - DAY, clock.today() + DAY):
        with pytest.raises(OptionError, match="expected a day from that of the run"):
            ask(ledger, run_id, "C1", day)
    assert ledger.questions() == ()


# ------------------------------------------------------------------------------ what is kept


def test_forgetting_takes_the_sheet_and_leaves_that_somebody_asked(
    answered: Ledger, run_id: str
) -> None:
    """The id is nowhere; the others' sheets are as they were."""
    mine, *others = answered.questions()
    answered.note_outcome(mine.number, "changed", TODAY)
    assert re.search(r"\bC1\b", everything(answered))
    assert forget(answered, "C1").rows["questions"] == 1
    first, *rest = answered.questions()
    assert (first.sheet, first.outcome, first.run_id) == (None, "changed", run_id)
    assert first.citizen_id.startswith("forgotten-")
    assert rest == others
    assert not re.search(r"\bC1\b", everything(answered))
    with pytest.raises(LedgerError, match="is deleted"):
        check_sheet(answered, first)


def test_sheets_are_kept_until_they_are_settled_and_then_as_long_as_ids(
    answered: Ledger,
) -> None:
    """Ids 4 weeks, runs 60: the settled sheet goes 4 weeks after its outcome, the pending stay."""
    rules = policy({"retention": {"input_weeks": 2, "folder_weeks": 2, "person_weeks": 4,
                                  "run_weeks": 60}})  # fmt: skip
    settled, *pending = answered.questions()
    answered.note_outcome(settled.number, "upheld", TODAY + WEEK)
    purge(answered, rules, TODAY + 5 * WEEK)
    first, *rest = answered.questions()
    assert (first.sheet, rest) == (settled.sheet, pending)
    done = purge(answered, rules, TODAY + 5 * WEEK + DAY)
    assert done.persons["questions"] == 1
    first, *rest = answered.questions()
    assert (first.sheet, first.citizen_id[:10]) == (None, "forgotten-")
    assert rest == pending
    purge(answered, rules, TODAY + 50 * WEEK)
    assert [one for one in answered.questions() if one.sheet] == pending
    purge(answered, rules, TODAY + 60 * WEEK + DAY)
    assert answered.questions() == ()


def test_the_oversight_has_the_log_and_never_who(answered: Ledger, run_id: str) -> None:
    """When, about which run, what came of it; an old one that is pending is not lost."""
    rules = load_policy(TODAY)
    for number, outcome in ((2, "withdrawn"), (3, "changed")):
        answered.note_outcome(number, outcome, TODAY + DAY)
    told = oversight(answered, rules, TODAY + DAY)["questions"]
    each = told.pop("each")
    assert told == {"asked": 3, "pending": 1, "upheld": 0, "changed": 1, "withdrawn": 1}
    assert each[:2] == [
        {"number": 1, "asked_on": "2026-11-23", "run_id": run_id, "outcome": "pending",
         "settled_on": None},
        {"number": 2, "asked_on": "2026-11-23", "run_id": run_id, "outcome": "withdrawn",
         "settled_on": "2026-11-24"},
    ]  # fmt: skip
    assert not {"C1", "C2", "C3", "K7", "Nord"} & set(json.dumps(each).split('"'))
    much_later = oversight(answered, rules, TODAY + 60 * WEEK)["questions"]
    assert [one["number"] for one in much_later["each"]] == [1]
    assert oversight(answered, rules, TODAY - DAY)["questions"]["asked"] == 0


# ------------------------------------------------------------------------------ the command


def test_the_command_freezes_gives_again_checks_and_notes(ledger: Ledger, tmp_path: Path) -> None:
    """Twice the same bytes though a policy file lies beside it now; a Word file; the outcome."""
    where = ("--ledger", ledger.file)
    first = jobmatch("case", "C1", "--run", "1", "--lang", "da", *where, cwd=tmp_path)
    assert first.returncode == 0, first.stderr
    assert "Spørgsmål 1 er noteret" in first.stderr
    assert first.stdout.startswith("Sagsark: hvorfor borger C1 fik dette svar")
    (tmp_path / "policy.toml").write_text("[travel]\nhard_minutes = 20\n", "utf-8")
    again = jobmatch("case", "C1", "--lang", "da", *where, cwd=tmp_path)
    assert again.stdout == first.stdout
    data = [jobmatch("case", "C1", "--json", *where).stdout for _ in range(2)]
    assert data[0] == data[1]
    files = [tmp_path / name for name in ("one.docx", "two.docx")]
    for file in files:
        assert jobmatch("case", "C1", "--docx", file, *where).returncode == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    refused = jobmatch("case", "C1", "--docx", files[0], *where)
    assert (refused.returncode, "is there already" in refused.stderr) == (2, True)

    checked = jobmatch("case", "C1", "--check", *where)
    assert (checked.returncode, "is the same" in checked.stdout) == (0, True)
    noted = jobmatch("case", "C1", "--outcome", "changed", "--lang", "da", *where)
    assert noted.stdout == "Spørgsmål 1: ændret.\n"
    (question,) = ledger.questions()
    assert (question.outcome, question.settled_on) == ("changed", clock.today())
    log = jobmatch("oversight", "--lang", "da", *where).stdout
    assert "1: spurgt" in log
    assert "ændret" in log
    nothing = jobmatch("case", "C3", "--outcome", "upheld", *where)
    assert (nothing.returncode, "nobody has asked" in nothing.stderr) == (2, True)
    fresh = jobmatch("case", "C1", "--new", "--asked", "2026-11-24", *where)
    assert fresh.returncode == 0, fresh.stderr
    assert [one.asked_on for one in ledger.questions()] == [clock.today(), dt.date(2026, 11, 24)]
