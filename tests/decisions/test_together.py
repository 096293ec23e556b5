"""Several asked for one seat: nowhere unless the policy says so, and never too many."""

from __future__ import annotations

import itertools
import json
import shutil
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from matcher.again import Resolver, back_ups
from matcher.decisions import asked_together, write_forms
from matcher.decisions.form import Split
from matcher.decisions.together import most_beside, upper_share
from matcher.explain import explained
from matcher.explain.citizen_explanation import explain_one
from matcher.explain.letter import letter_parts, shared_seat
from matcher.explain.letter_words import LetterWords
from matcher.ledger import Decision, Ledger
from matcher.policy import load_policy, override_of
from matcher.records import Caseworker
from matcher.report import Words, page_html, run_document
from matcher.solve import solve
from matcher.verify import verify_back_ups
from matcher.weekly import run_week
from tests.commands import jobmatch
from tests.decisions.conftest import NOW, propose
from tests.decisions.forms import table
from tests.weeks import TODAY, citizen, opening, week, workplace

POLICY = load_policy(TODAY)
DAY = NOW.date()
LET = {"measures": ["ordinary"], "sectors": ["private"], "most": 2, "beyond_percent": 25}


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Of 40 proposals of a private firm, 2 were accepted."""
    people = [citizen(f"C{n:02}") for n in range(40)]
    sites = [workplace("W1", ordinary_staff=99, sector="private")]
    with Ledger.open(tmp_path_factory.mktemp("together") / "ledger.sqlite") as ledger:
        run = propose(ledger, week(people, [opening(seats=40)], sites))
        ledger.record_decisions(
            Decision(
                run.run_id, one.citizen_id, one.opening_id,
                "reject" if at > 1 else "accept", NOW, "other" if at > 1 else None,
            )
            for at, one in enumerate(ledger.proposals(run.run_id))
        )  # fmt: skip
        yield ledger


@cache
def solved(sector: str = "private", **several: Any) -> Any:
    """Six people for two seats of one opening, the day after the decisions; never changed."""
    people = [citizen(f"N{n}", caseworker_id=None) for n in range(6)]
    given = {key: [*one] if isinstance(one, tuple) else one for key, one in several.items()}
    rules = {"declines": {"several": {**LET, **given}}}
    sites = [workplace(sector=sector, ordinary_staff=99)]
    return solve(week(people, [opening("O9", seats=2)], sites, rules=rules, today=DAY))


def found(ledger: Ledger | None, solution: Any) -> Any:
    return asked_together(solution.problem, solution.plan, back_ups(solution, 2), ledger)


def test_the_exposure_is_what_may_be_expected_to_say_yes_in_vain() -> None:
    """Counted over everything that people may say; k is the largest under the cap."""
    policy = override_of(POLICY, {"declines": {"several": LET}})
    answers = [(2, 40), (1, 30), (0, 50)]
    shares = [upper_share(policy, *one) for one in answers]
    for cap in (1, 3, 5, 8, 20, 60):
        tight = override_of(policy, {"declines": {"several": {"beyond_percent": cap}}})
        best = (0, Fraction(0))
        for beside in (1, 2):
            vain = Fraction(0)
            for said in itertools.product((0, 1), repeat=beside + 1):
                chance = Fraction(1)
                for yes, share in zip(said, shares, strict=False):
                    chance *= share if yes else 1 - share
                vain += chance * max(0, sum(said) - 1)
            if vain <= Fraction(cap, 100):
                best = (beside, vain)
        beside, exposure = most_beside(tight, answers)
        assert beside == best[0]
        assert 0 <= exposure - best[1] * 1_000_000 < 1
    assert most_beside(policy, [None, (0, 50)]) == (0, 0)
    assert most_beside(policy, [(0, 50), None, (0, 50)])[0] == 0


def test_the_upper_end_protects_who_is_asked() -> None:
    """It lies above the share that was counted, and the more so the less is known."""
    few, many = upper_share(POLICY, 1, 10), upper_share(POLICY, 100, 1000)
    assert few > many > Fraction(1, 10)


def test_by_itself_nobody_is_asked_beside(known: Ledger) -> None:
    """No policy that says so, no ledger, too few answers, another sector."""
    plain = solve(solved().problem.replace(policy=POLICY))
    for ledger, solution in (
        (known, plain), (None, solved()), (known, solved(measures=())),
    ):  # fmt: skip
        assert found(ledger, solution) == back_ups(solution, 2)
    elsewhere = found(known, solved(sector="municipal"))
    assert (elsewhere.together, dict(elsewhere.answers)) == ((), {})
    many = solved().problem
    many = many.replace(policy=override_of(many.policy, {"oversight": {"fewest": 41}}))
    assert found(known, solve(many)).together == ()


def test_where_it_is_allowed_the_check_makes_the_same_of_the_counts(known: Ledger) -> None:
    """Two beside each, or one under a tighter cap; a count that is another is found."""
    solution = solved()
    queues = found(known, solution)
    assert [one.asked for one in queues.together] == [2, 2]
    assert verify_back_ups(solution.problem, solution.plan, queues) == ()
    first = queues.together[0]
    for wrong in (
        replace(first, asked=1),
        replace(first, exposure=first.exposure + 1),
        replace(first, proposed="N9"),
    ):
        planted = replace(queues, together=(wrong, *queues.together[1:]))
        assert verify_back_ups(solution.problem, solution.plan, planted)
    path, (yes, settled) = next(iter(queues.answers.items()))
    more = replace(queues, answers={**queues.answers, path: (yes + 9, settled)})
    assert verify_back_ups(solution.problem, solution.plan, more)
    unknown = replace(queues, answers={})
    assert verify_back_ups(solution.problem, solution.plan, unknown)
    tight = solved(beyond_percent=10)
    told = found(known, tight)
    assert [one.asked for one in told.together] == [1, 1]
    assert all(one.exposure <= 100_000 for one in told.together)
    assert verify_back_ups(tight.problem, tight.plan, told) == ()


def test_everybody_is_told_before_answering(known: Ledger, tmp_path: Path) -> None:
    """The page, the form of the one who has the proposal, the sheet of those asked beside."""
    solution = solved()
    document = run_document(solution.problem, explained(solution), back_ups=found(known, solution))
    assert sum(one["at_once"] for one in document["backups"]) == 4
    several = document["queues"]["several"]
    assert (several["asked"], len(several["seats"])) == (4, 2)
    assert several["answers"][0]["settled"] == 40
    for language, said in (
        ("en", "Asked at the same time:"), ("da", "Spørges på samme tid:"),
    ):  # fmt: skip
        words = Words(language)
        page = page_html(document, words)
        assert page.count(said) == 2
        assert words("backups.title") in page
    (made,) = write_forms(document, "R1", tmp_path, solution.problem.policy, Words("da"))
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(str(made.path))
    sheet = book.get_sheet_by_name("Reserver").to_python()
    assert len(sheet) == 5
    at = sheet[0].index("Spørges samtidig")
    assert {row[at] for row in sheet[1:]} == {"ja"}
    form = book.get_sheet_by_name(book.sheet_names[0]).to_python()
    assert sum("Andre bliver spurgt" in str(cell) for row in form for cell in row) == 2


@pytest.mark.parametrize("split", ["none", "team", "caseworker"])
def test_a_form_of_one_team_names_nobody_of_another(
    known: Ledger, tmp_path: Path, split: Split
) -> None:
    """Neither who steps in nor for whom somebody stands by; one form in all names everybody."""
    problem = solved().problem
    crew = (Caseworker(caseworker_id="K1", capacity=9, unit="Nord"),
            Caseworker(caseworker_id="K2", capacity=9, unit="Syd"))  # fmt: skip
    people = [citizen(f"N{n}", caseworker_id=f"K{1 + n % 2}") for n in range(6)]
    sites = [workplace(sector="private", ordinary_staff=99)]
    rules = {"declines": {"several": LET}}
    made = week(people, [opening("O9", seats=2)], sites, caseworkers=crew, rules=rules, today=DAY)
    solution = solve(made)
    document = run_document(made, explained(solution), back_ups=found(known, solution))
    assert any(one["unit"] != "Nord" for one in document["backups"])
    import python_calamine

    for form in ("excel", "csv"):
        written = write_forms(document, "R1", tmp_path, problem.policy, Words("da"),
                              form=form, split=split)  # fmt: skip
        assert len(written) == (1 if split == "none" else 2)
        for one in written:
            if form == "csv":
                assert one.back_ups is not None
                text = "".join(file.read_text("cp1252") for file in (one.path, one.back_ups))
            else:
                book = python_calamine.CalamineWorkbook.from_path(str(one.path))
                text = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
            theirs = (
                set()
                if split == "none"
                else {
                    f"N{n}"
                    for n in range(6)
                    if one.group not in {f"K{1 + n % 2}", ("Nord", "Syd")[n % 2]}
                }
            )
            assert not any(who in text for who in theirs)
            assert ("en borger fra et andet team" in text) == (split != "none")


def test_a_csv_has_who_is_asked_at_once_in_a_file_beside(known: Ledger, tmp_path: Path) -> None:
    """As the sheet of the workbook; `decide` passes it over, and neither file is written over."""
    solution = solved()
    document = run_document(solution.problem, explained(solution), back_ups=found(known, solution))
    say, policy = Words("da"), solution.problem.policy
    (made,) = write_forms(document, "R1", tmp_path, policy, say, form="csv")
    assert made.back_ups == tmp_path / "backups-R1.csv"
    head, *rows = table(made.back_ups)
    assert {row[head.index("Reserve")] for row in rows} == {
        one["citizen_id"] for one in document["backups"]
    }
    assert {row[head.index("Spørges samtidig")] for row in rows} == {"ja"}
    made.path.unlink()
    (again,) = write_forms(document, "R1", tmp_path, policy, say, form="csv")
    assert (again.path.name, again.back_ups) == (
        "decisions-R1-2.csv", tmp_path / "backups-R1-2.csv",
    )  # fmt: skip
    done = jobmatch("decide", "backups-R1.csv", "--lang", "da", cwd=tmp_path)
    assert done.returncode == 2
    assert "backups-R1.csv er reserverne og intet skema: sprunget over" in done.stderr
    without = {**document, "backups": []}
    (alone,) = write_forms(without, "R2", tmp_path, policy, say, form="csv")
    assert alone.back_ups is None
    assert not (tmp_path / "backups-R2.csv").exists()


def test_a_run_asks_and_its_letters_come_from_its_folder(known: Ledger, tmp_path: Path) -> None:
    """From the ledger's own answers to the letter; without the folder nobody is told half of it."""
    file = shutil.copy2(str(known.file), tmp_path / "ledger.sqlite")
    problem = solved().problem
    with Ledger.open(file) as ledger:
        made = run_week(
            dict(problem.tables), tmp_path, problem.policy, DAY, ledger=ledger, made_up=True
        )
    asked = [one for one in made.document["backups"] if one["at_once"]]
    assert len(asked) == 4
    assert made.document["queues"]["several"]["exposure"] > 0
    who = next(one["citizen_id"] for one in asked if one["rank"] == 2)
    letter = ("explain", who, "--for-citizen", "--ledger", file, "--lang", "da")
    told = jobmatch(*letter, cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "2 andre bliver spurgt på samme tid som dig" in " ".join(told.stdout.split())
    asked_again = jobmatch("backups", "--ledger", file, "--json", cwd=tmp_path)
    again = json.loads(asked_again.stdout)
    assert (again["backups"], again["queues"]) == (
        made.document["backups"], made.document["queues"],
    )  # fmt: skip
    made.folder.rename(tmp_path / "elsewhere")
    refused = jobmatch(*letter, cwd=tmp_path)
    assert refused.returncode == 2
    assert "mappen er væk" in refused.stderr
    assert refused.stdout == ""


def test_the_letters_say_that_others_are_asked_and_name_nobody(known: Ledger) -> None:
    """To the one who has the proposal, and to the second in the queue; not to anybody else."""
    solution = solved()
    queues = found(known, solution)
    document = run_document(solution.problem, explained(solution), back_ups=queues)
    first = queues.each[0].proposed
    second = queues.each[1].placement.citizen_id
    resolver = Resolver(solution)
    ids = {one for at in range(6) if (one := f"N{at}")}
    for language, yours, beside, order in (
        ("en", "If you say yes, the place is yours", "2 others are asked at the same time as you",
         "only if the 2 before you say no"),
        ("da", "Siger du ja, er pladsen din", "2 andre bliver spurgt på samme tid som dig",
         "hvis de 2 før dig siger nej"),
    ):  # fmt: skip
        say = LetterWords(solution.problem, language)
        texts = []
        for who in (first, second):
            seat = shared_seat(document, who)
            parts = letter_parts(explain_one(resolver, who), say, seat)
            texts.append(" ".join(line for part in parts for line in part.lines))
            assert not any(one in texts[-1] for one in ids)
        assert yours in texts[0]
        assert beside in texts[1]
        assert order in texts[1]
        assert yours not in texts[1]
    assert shared_seat(run_document(solution.problem, explained(solution)), first) is None
