"""Who is forgotten is nowhere any more; what is due is deleted; the totals stay."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from matcher.cli.ledger_text import forgotten_text, purged_text
from matcher.erasure import forget, without_citizen
from matcher.errors import LedgerError
from matcher.ledger import Decision, Event, Ledger, SavedScenario, purge
from matcher.ledger.schema import INPUT_TABLES, METADATA, TABLES
from matcher.policy import load_policy
from matcher.weekly import FinishedRun, run_week
from scenarios.population import Population, policy_override, write
from tests.conftest import STORES, store_asked_for
from tests.ledger.conftest import solved
from tests.volume import daily
from tests.weeks import TODAY, citizen, opening, policy, week

pytestmark = pytest.mark.usefixtures("each_week_solved_once")
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
SPEC = Population(citizens=40, openings=12, seed=3)


@pytest.fixture(params=daily(1, STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """On PostgreSQL thoroughly; one test here is held on both every time."""
    yield from store_asked_for(request, tmp_path)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up week of forty citizens."""
    folder = tmp_path_factory.mktemp("tables")
    write(folder, SPEC)
    return folder


def run(ledger: Ledger, tables: Path, out: Path) -> FinishedRun:
    """A whole run with its folder."""
    rules = load_policy(SPEC.today, policy_override(SPEC))
    return run_week(tables, out, rules, SPEC.today, ledger=ledger)


def everything(ledger: Ledger) -> str:
    """All that the ledger holds, unpacked, as one text."""
    told = []
    with ledger.reading() as connection:
        for table in METADATA.sorted_tables:
            if table is not TABLES:
                told += [str(tuple(row)) for row in connection.execute(sa.select(table))]
        packed = connection.execute(
            sa.select(INPUT_TABLES.c.name, TABLES.c.content).join(
                TABLES, TABLES.c.digest == INPUT_TABLES.c.table_digest
            )
        ).all()
    from matcher.ledger.inputs import unpacked

    told += [unpacked(row.name, row.content).to_csv() for row in packed]
    return "\n".join(told)


def totals(ledger: Ledger, run_id: str) -> Mapping[str, Any]:
    """Figures that must add up whoever is forgotten."""
    proposals, stored = ledger.proposals(run_id), ledger.run(run_id)
    used: dict[str, int] = {}
    for one in proposals:
        used[one.opening_id] = used.get(one.opening_id, 0) + 1
    return {
        "placed": (stored.placed, len(proposals)),
        "fit": (stored.value("fit"), sum(one.fit for one in proposals)),
        "unplaced": (stored.unplaced, sum(stored.causes.values())),
        "seats": used,
        "mentor": sum(one.mentor_minutes for one in proposals),
        "cost": sum(sum(one.cost.values()) for one in proposals),
        "decided": [(one.verdict, one.reason, one.unit) for one in ledger.decisions()],
        "under_way": [(one.opening_id, one.measure, one.start) for one in
                      ledger.placements(SPEC.today)],
        "events": [(one.kind, one.day, one.opening_id) for one in ledger.events()],
    }  # fmt: skip


@pytest.mark.parametrize("store", STORES, indirect=True)
def test_a_citizen_is_forgotten_everywhere_and_every_total_stays(
    ledger: Ledger, tables: Path, tmp_path: Path
) -> None:
    """Proposal, decision, placement, input, every file of the folder, and the log."""
    made = run(ledger, tables, tmp_path / "runs")
    assert made.stored is not None
    name = made.stored.run.run_id
    who, where = (made.document["proposals"][0][key] for key in ("citizen_id", "opening_id"))
    ledger.record_decisions([Decision(name, who, where, "accept", NOON, unit="North")])
    ledger.record_events([Event("start", SPEC.today + DAY, where, who)])
    (made.folder / "notes.csv").write_text(f"a;b\n{who};1\n{who}9;2\n", "utf-8")
    (made.folder / "sheet.bin").write_bytes(b"\xff" + who.encode())
    before, figures = totals(ledger, name), json.loads((made.folder / "run.json").read_text())
    assert before["placed"][0] == before["placed"][1]
    assert before["fit"][0] == before["fit"][1]
    assert who in everything(ledger)

    done = forget(ledger, who)
    assert done.found
    assert done.rows == {"decisions": 1, "events": 1, "placements": 1, "proposals": 1}
    assert (done.inputs, done.folders, done.unreachable) == (1, (made.folder.absolute(),), ())
    assert done.removed == (made.folder.absolute() / "sheet.bin",)

    assert who not in everything(ledger)
    assert totals(ledger, name) == before
    for path in made.folder.rglob("*"):
        assert who not in path.read_bytes().decode("utf-8", "replace").replace(f"{who}9", "")
    assert (made.folder / "notes.csv").read_text("utf-8-sig").split() == ["a;b", f"{who}9;2"]
    workbook = pd.read_excel(made.folder / "proposals.xlsx", sheet_name=None, engine="calamine")
    assert not any((sheet == who).any(axis=None) for sheet in workbook.values())
    after = json.loads((made.folder / "run.json").read_text("utf-8"))
    for part in ("figures", "headline", "tiers", "resources", "openings", "audit"):
        assert after[part] == figures[part], part
    assert len(after["proposals"]) == len(figures["proposals"]) - 1
    (entry,) = ledger.log()
    assert (entry.action, entry.facts["rows"]) == ("forget", done.rows)
    blank = [one for one in ledger.proposals(name) if one.citizen_id.startswith("forgotten-")]
    assert [(one.commute, one.components, one.reasons, one.trade_off, one.caseworker_id)
            for one in blank] == [(None, {}, [], None, None)]  # fmt: skip
    assert ledger.run(name).forgotten == 1
    assert not forget(ledger, who).found
    assert ledger.decisions(standing=SPEC.today) == ()


def test_what_is_forgotten_is_not_in_the_bytes_of_the_file(tmp_path: Path) -> None:
    """SQLite leaves deleted rows in the file unless it is told to overwrite them."""
    file = tmp_path / "ledger.sqlite"
    who = "Z9f3unlikely"
    with Ledger.open(file) as ledger:
        problem = week([citizen(who), citizen("C2")], [opening(seats=2)])
        stored = ledger.record_run(solved(problem), problem, address="a")
        ledger.record_decisions([Decision(stored.run.run_id, who, "O1", "accept", NOON)])
        assert who.encode() in file.read_bytes()
        forget(ledger, who)
    assert who.encode() not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_question_loses_its_citizen_and_its_sheet(ledger: Ledger) -> None:
    """By being forgotten, or 4 weeks after it was settled; that it was asked stays with the run."""
    problem = week([citizen(one) for one in ("C1", "C2", "C3")], [opening(seats=3)])
    name = ledger.record_run(solved(problem), problem, address="a").run.run_id
    asked = [ledger.freeze(name, who, TODAY, NOON, f"about {who}") for who in ("C1", "C2", "C3")]
    assert ledger.questions(citizen_id="C2") == (asked[1],)
    ledger.note_outcome(asked[1].number, "upheld", TODAY + DAY)
    ledger.note_outcome(asked[2].number, "withdrawn", TODAY + DAY)
    ledger.note_outcome(asked[2].number, "pending", None)
    assert forget(ledger, "C1").rows["questions"] == 1
    rules = policy({"retention": RETENTION})
    purge(ledger, rules, TODAY + 4 * WEEK + DAY)
    assert [one.sheet for one in ledger.questions()] == [None, "about C2", "about C3"]
    assert purge(ledger, rules, TODAY + 4 * WEEK + 2 * DAY).persons["questions"] == 1
    told = [(one.sheet, one.outcome, one.run_id) for one in ledger.questions()]
    assert told == [(None, "pending", name), (None, "upheld", name), ("about C3", "pending", name)]
    assert [one.citizen_id[:10] for one in ledger.questions()] == [*2 * ["forgotten-"], "C3"]
    assert purge(ledger, rules, TODAY + 6 * WEEK + DAY).runs == 1
    assert ledger.questions() == ()


def test_tokens_differ_from_run_to_run(ledger: Ledger) -> None:
    """Nobody's weeks can be strung together again; within a run decision and proposal agree."""
    names = []
    for seats in (1, 2):
        problem = week(openings=[opening(seats=seats)])
        names.append(ledger.record_run(solved(problem), problem, address="a").run.run_id)
        ledger.record_decisions([Decision(names[-1], "C1", "O1", "wait", NOON)])
    forget(ledger, "C1")
    tokens = [ledger.proposals(name)[0].citizen_id for name in names]
    assert len({*tokens}) == 2
    assert [one.citizen_id for one in ledger.decisions()] == tokens


def test_a_forgotten_citizens_placement_holds_its_seat_until_it_ends(ledger: Ledger) -> None:
    """The seat is taken, whoever has it; the same start sent again is not known any more."""
    problem = week()
    ledger.record_run(solved(problem), problem, address="a")
    start = Event("start", TODAY, "O1", "C1", planned_end=TODAY + 9 * DAY)
    ledger.record_events([start])
    forget(ledger, "C1")
    (there,) = ledger.placements(TODAY)
    assert (there.opening_id, there.last_day) == ("O1", TODAY + 9 * DAY)
    assert there.citizen_id.startswith("forgotten-")


def test_forgetting_looks_at_whole_ids(ledger: Ledger) -> None:
    """C1 goes, C12 and X-C1 stay."""
    problem = week([citizen(one) for one in ("C1", "C12", "X-C1")], [opening(seats=3)])
    name = ledger.record_run(solved(problem), problem, address="a").run.run_id
    forget(ledger, "C1")
    left = [one.citizen_id for one in ledger.proposals(name)]
    assert [one for one in left if not one.startswith("forgotten-")] == ["C12", "X-C1"]
    assert not forget(ledger, "C").found


def test_a_cpr_number_is_refused_and_not_repeated(ledger: Ledger) -> None:
    """There is none in the ledger; and an error message goes into logs."""
    with pytest.raises(LedgerError, match="looks like a CPR number") as refused:
        forget(ledger, "010190-1234")
    assert "1234" not in str(refused.value)


def test_a_folder_that_is_gone_is_told(ledger: Ledger, tables: Path, tmp_path: Path) -> None:
    """Deleted by hand, or on another machine: whoever asked must look there."""
    made = run(ledger, tables, tmp_path / "runs")
    shutil.rmtree(made.folder)
    who = made.document["unplaced"][0]["citizen_id"]
    done = forget(ledger, who)
    assert done.unreachable == (made.folder.absolute(),)
    assert done.rows == {"unplaced": 1}


def test_a_run_folder_without_a_document_loses_rows_and_files(tmp_path: Path) -> None:
    """Somebody deleted run.json: tables lose the row, what is no table goes."""
    folder = tmp_path / "2026-11-23-00000000"
    folder.mkdir()
    (folder / "proposals.csv").write_text('a,b\nC1,1\nC2,"x, C1"\nC3,2\n', "utf-8-sig")
    (folder / "report.html").write_text("<td>C1</td>", "utf-8")
    (folder / "other.html").write_text("<td>C12</td>", "utf-8")
    done = without_citizen(folder, "C1")
    assert (done.rewritten, done.removed) == (("proposals.csv",), ("report.html",))
    assert (folder / "proposals.csv").read_text("utf-8-sig").split() == ["a,b", "C3,2"]
    assert (folder / "other.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_a_form_saved_by_excel_keeps_its_letters_without_the_citizen(tmp_path: Path) -> None:
    """Filled in and not handed in: what others were told stands as it stood, byte for byte."""
    folder = tmp_path / "2026-11-23-00000000"
    folder.mkdir()
    kept = "Borger;Afgørelse;Årsag\r\nC2;Afvis;Prøvet før uden held\r\nC12;Godkend;\r\n"
    form = folder / "decisions-2026-11-23-00000000.csv"
    form.write_bytes(f"{kept}C1;Godkend;\r\n".encode("cp1252"))
    assert without_citizen(folder, "C1").rewritten == (form.name,)
    assert form.read_bytes() == kept.encode("cp1252")
    form.write_bytes(f"{kept}Ærø-1;Godkend;\r\n".encode("cp1252"))
    assert without_citizen(folder, "Ærø-1").rewritten == (form.name,)
    assert form.read_bytes() == kept.encode("cp1252")


# ------------------------------------------------------------------------------ retention

RETENTION = {"input_weeks": 2, "folder_weeks": 3, "person_weeks": 4, "run_weeks": 6}


def aged(ledger: Ledger, **tables: Any) -> str:
    """A run of TODAY with two proposals, a decision each, and one left over."""
    people = [citizen(one, experience="9112") for one in ("C1", "C2")]
    problem = week([*people, citizen("C3")], [opening(seats=2)], **tables)
    name = ledger.record_run(solved(problem), problem, address="a").run.run_id
    ledger.record_decisions(
        [
            Decision(name, "C1", "O1", "accept", NOON),
            Decision(name, "C2", "O1", "reject", NOON, reason="other", until=TODAY + 5 * WEEK),
        ]
    )
    ledger.record_events(
        [
            Event("start", TODAY, "O1", "C1"),
            Event("end", TODAY, "O1", "C1"),
        ]
    )
    return name


def test_what_is_due_is_deleted_step_by_step(ledger: Ledger) -> None:
    """Input after 2 weeks, ids after 4 (what binds until it does not), the run after 6.

    One day before each limit nothing happens. C2's rejection binds for five weeks, so C2 keeps the
    id a week longer than C1.
    """
    name = aged(ledger)
    causes = ledger.run(name).causes
    rules = policy({"retention": RETENTION})
    assert not purge(ledger, rules, TODAY + 2 * WEEK).found
    done = purge(ledger, rules, TODAY + 2 * WEEK + DAY)
    assert (done.inputs, done.persons, done.runs) == (1, {}, 0)
    with pytest.raises(LedgerError, match="its input was deleted on"):
        ledger.problem(name)
    assert ledger.proposals(name)[0].citizen_id == "C1"
    assert not purge(ledger, rules, TODAY + 4 * WEEK).found
    done = purge(ledger, rules, TODAY + 4 * WEEK + DAY)
    assert done.persons == {
        "decisions": 1, "events": 2, "placements": 1, "proposals": 1, "unplaced": 1,
    }  # fmt: skip
    named = [one.citizen_id for one in ledger.proposals(name)]
    assert "C2" in named
    assert "C1" not in everything(ledger)
    assert purge(ledger, rules, TODAY + 5 * WEEK + DAY).persons["proposals"] == 1
    assert "C2" not in everything(ledger)
    stored = ledger.run(name)
    assert (stored.placed, len(ledger.proposals(name))) == (2, 2)
    assert (stored.unplaced, stored.causes) == (1, causes)
    assert sorted(one.verdict for one in ledger.decisions()) == ["accept", "reject"]
    done = purge(ledger, rules, TODAY + 6 * WEEK + DAY)
    assert done.runs == 1
    assert ledger.runs() == ()
    assert [entry.action for entry in ledger.log()] == ["purge"] * 4
    with ledger.reading() as connection:
        for table in METADATA.sorted_tables:
            if table.name not in {"log", "ledger_version"}:
                assert (
                    connection.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0
                )
    assert not purge(ledger, rules, TODAY + 60 * WEEK).found


def test_kept_scenarios_are_forgotten_and_purged(ledger: Ledger) -> None:
    """Who is named in one takes it along; the others go when runs do, with who keeps them."""
    run_id = aged(ledger)
    day = dt.datetime.combine(TODAY, dt.time(), dt.UTC)
    for name, title in (("early", "For X9 alone"), ("late", "For all")):
        assert ledger.save_scenario(
            SavedScenario(name, title, "on=inflow", "", run_id, "eva", day)
        )  # fmt: skip
    done = forget(ledger, "X9")
    assert done.rows == {"scenarios": 1}
    assert "kept scenarios that name the citizen: 1" in forgotten_text(done)
    assert [one.name for one in ledger.scenarios()] == ["late"]
    rules = policy({"retention": RETENTION})
    assert purge(ledger, rules, TODAY + 6 * WEEK).scenarios == 0
    gone = purge(ledger, rules, TODAY + 6 * WEEK + DAY)
    assert gone.scenarios == 1
    assert "kept scenarios: 1" in purged_text(gone)
    assert ledger.scenarios() == ()


def test_a_placement_under_way_keeps_its_citizen(ledger: Ledger) -> None:
    """However old: the seat is somebody's, and the end must find it."""
    problem = week()
    ledger.record_run(solved(problem), problem, address="a")
    ledger.record_events([Event("start", TODAY, "O1", "C1")])
    purge(ledger, policy({"retention": RETENTION}), TODAY + 30 * WEEK)
    (there,) = ledger.placements(TODAY + 30 * WEEK)
    assert there.citizen_id == "C1"
    end = Event("end", TODAY + 30 * WEEK, "O1", "C1")
    assert ledger.record_events([end]).new == 1


def test_a_placement_that_ran_out_loses_its_citizen_without_an_event(ledger: Ledger) -> None:
    """Planned to last 8 weeks, and nobody sent an end; its start is deleted after 6."""
    problem = week()
    ledger.record_run(solved(problem), problem, address="a")
    ledger.record_events([Event("start", TODAY, "O1", "C1", planned_end=TODAY + 8 * WEEK)])
    rules = policy({"retention": RETENTION})
    purge(ledger, rules, TODAY + 7 * WEEK)
    assert not ledger.events()
    assert [one.citizen_id for one in ledger.placements(TODAY)] == ["C1"]
    purge(ledger, rules, TODAY + 12 * WEEK + DAY)
    assert ledger.placements(TODAY)[0].citizen_id.startswith("forgotten-")
    purge(ledger, rules, TODAY + 14 * WEEK + DAY)
    assert not ledger.placements(TODAY)


def test_what_was_declined_again_lately_keeps_its_citizen(ledger: Ledger) -> None:
    """An older event of the same citizen and opening must not take the bar with it."""
    problem = week()
    ledger.record_run(solved(problem), problem, address="a")
    ledger.record_events([Event("declined", day, "O1", "C1") for day in (TODAY, TODAY + 4 * WEEK)])
    purge(ledger, policy({"retention": RETENTION}), TODAY + 5 * WEEK)
    assert [one.citizen_id for one in ledger.events()] == ["C1", "C1"]


def test_run_folders_are_deleted_when_due(ledger: Ledger, tables: Path, tmp_path: Path) -> None:
    """And only those the ledger knows: a folder of another name stays."""
    made = run(ledger, tables, tmp_path / "runs")
    (tmp_path / "runs" / "mine").mkdir()
    rules = policy({"retention": RETENTION})
    assert not purge(ledger, rules, SPEC.today).found
    done = purge(ledger, rules, SPEC.today + 3 * WEEK + DAY)
    assert done.folders == (made.folder.absolute(),)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["mine"]


def test_tables_shared_by_two_inputs_stay_until_the_last_goes(ledger: Ledger) -> None:
    """Kept once: postcodes and travel times of both weeks are the same bytes."""
    problem = week()
    later = problem.replace(today=TODAY + 2 * WEEK)
    for one in (problem, later):
        ledger.record_run(solved(one), one, address="a")
    with ledger.reading() as connection:
        count = connection.execute(sa.select(sa.func.count()).select_from(TABLES)).scalar()
    assert count == 5
    purge(ledger, policy({"retention": RETENTION}), TODAY + 3 * WEEK)
    name = ledger.runs()[0].run_id
    assert ledger.problem(name).digest() == later.digest()


def test_with_no_weeks_for_the_input_it_is_never_stored(
    ledger: Ledger, tables: Path, tmp_path: Path
) -> None:
    """The municipality may decide that runs cannot be made again."""
    rules = load_policy(SPEC.today, {**policy_override(SPEC), "retention": {"input_weeks": 0}})
    made = run_week(tables, tmp_path / "runs", rules, SPEC.today, ledger=ledger)
    assert made.stored is not None
    with pytest.raises(LedgerError, match="its input was not stored"):
        ledger.problem(made.stored.run.run_id)
    with ledger.reading() as connection:
        assert connection.execute(sa.select(TABLES)).first() is None


def test_retention_that_contradicts_itself_is_an_error() -> None:
    """Persons cannot be kept longer than the run they are in."""
    with pytest.raises(Exception, match=r"retention: expected .* got 13, 300, 260 and 26"):
        policy({"retention": {"person_weeks": 300}})


def test_folders_of_forms_are_forgotten_and_purged_with_their_run(
    ledger: Ledger, tmp_path: Path
) -> None:
    """They are no run folders, and noting one twice is noting it once."""
    run_id = ledger.record_run(solved(week()), week(), address="a").run.run_id
    folder = tmp_path / "forms" / run_id
    folder.mkdir(parents=True)
    (folder / "decisions.csv").write_text("Citizen;Your answer\nC1;Accept\n", "utf-8")
    (folder / "of_others.csv").write_text("Citizen;Your answer\nC77;Accept\n", "utf-8")
    for _ in range(2):
        ledger.note_forms(run_id, folder)
    assert folder not in ledger.folders(run_id)
    assert folder.parent not in ledger.out_folders()
    forgotten = forget(ledger, "C1")
    assert forgotten.folders == (folder,)
    assert "C1" not in "".join(path.read_text("utf-8") for path in folder.iterdir())
    assert (folder / "of_others.csv").is_file()
    purge(ledger, load_policy(TODAY), TODAY + dt.timedelta(weeks=600))
    assert not folder.exists()
