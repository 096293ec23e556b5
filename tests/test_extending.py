"""The examples of docs/extending.md, replayed: each step is needed, and with all it is everywhere.

The code and the words are read from the page and run; nothing of them is written here.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from matcher import engine, formulation, row_kinds, rules
from matcher.again import Resolver, back_ups
from matcher.errors import PolicyError
from matcher.explain import bottlenecks, explained, left_over, sentences, unlocking, why_not
from matcher.explain.letter_words import _own
from matcher.explain.telling import Telling
from matcher.ledger import Ledger
from matcher.offers import build_offers, failures, rebuild_offers, weighed
from matcher.policy import Policy
from matcher.problem import Problem
from matcher.records import TABLES, people, places
from matcher.report import Words, page_html, run_document
from matcher.row_kinds import ROW_KINDS
from matcher.rules import RULES, Language
from matcher.solve import Solution, solve
from matcher.texts import LANGUAGES, catalogue
from matcher.verify import legality, resources, verify, verify_back_ups
from scenarios import ask
from scenarios.frontier import limits
from tests.additions import RULES_PAGE, lacks_of_row, lacks_of_rule
from tests.weeks import citizen, opening, policy, week, workplace

PAGE = (Path(__file__).parent.parent / "docs" / "extending.md").read_text("utf-8")
ROW, RULE = "parking_permits", "licence_years"
BOTH = pytest.mark.parametrize("language", LANGUAGES)


def steps_of(heading: str) -> dict[str, str]:
    """Numbered steps under a heading of the page, by the last word of their name."""
    text = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    parts = re.split(
        r"^### \d\. (?:The )?(\w+)$", text.partition("\n### What it costs")[0], flags=re.M
    )
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def blocks(text: str, language: str = "python") -> list[str]:
    """Code blocks of a text."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


class Replay:
    """Steps of the page carried out on the running program, and taken out when the test ends."""

    def __init__(self, patch: pytest.MonkeyPatch, heading: str, without: str = "") -> None:
        self.patch = patch
        self.steps = steps_of(heading)
        if without:
            del self.steps[without]
        self.page = RULES_PAGE
        self.names: dict[str, Any] = {}
        for name, text in self.steps.items():
            getattr(self, f"_{name}")(text)

    def record(self, table: str, **columns: Any) -> Any:
        """A record of a table as it is now."""
        return TABLES[table].record(**columns)

    def _column(self, text: str) -> None:
        classes = re.findall(r"class `(\w+)`", text)
        for name, body in zip(classes, blocks(text), strict=True):
            room = people if name == "Citizen" else places
            base = vars(room)[name]
            fields = {"__annotations__": {}, "__module__": room.__name__}
            exec(body, vars(room), fields)
            made = type(name, (base,), fields)
            table = next(one for one in TABLES.values() if one.record is base)
            self.patch.setitem(TABLES, table.name, dataclasses.replace(table, record=made))  # type: ignore[arg-type]

    _columns = _column

    def _declaration(self, text: str) -> None:
        (code,) = blocks(text)
        if "RowKind" in code:
            exec(code, dict(vars(row_kinds)), self.names)
            (kind,) = self.names.values()
            self.patch.setitem(ROW_KINDS, kind.id, kind)
        else:
            rule = eval(code, dict(vars(rules)))
            self.patch.setitem(RULES, rule.id, rule)

    def _inequality(self, text: str) -> None:
        (code,) = blocks(text)
        # Room for what the code puts there, so that it goes when the test ends.
        self.patch.setitem(formulation.BUILDERS, ROW, None)  # type: ignore[arg-type]
        formulation.BUILDERS.pop(ROW)
        if self.names:
            exec(code, {**vars(formulation), **self.names})

    def _words(self, text: str) -> None:
        rows = re.findall(r"^\| `([\w.]+)` \| (.*?) \| (.*?) \|$", text, re.M)
        assert len(rows) >= 6
        name = ROW if "parking" in text else RULE
        for section, english, danish in rows:
            for language, said in (("en", english), ("da", danish)):
                if not section.startswith("letters."):
                    self.patch.setitem(catalogue(language), f"{section}.{name}", said)
                    continue
                part, _, one = section.removeprefix("letters.").partition("_")
                key = f"{name}_{one}" if one else name
                self.patch.setitem(_own(language)[part], key, said)

    def _page(self, text: str) -> None:
        (line,) = blocks(text, "markdown")
        self.page += line

    def _verifier(self, text: str) -> None:
        (code,) = blocks(text)
        if "ROWS" in code:
            self.patch.setitem(resources.ROWS, ROW, None)  # type: ignore[arg-type]
            exec(code, dict(vars(resources)))
        else:
            self.patch.setattr(legality, "PARTS", list(legality.PARTS))
            exec(code, {**vars(legality), "PARTS": legality.PARTS})


# -------------------------------------------------------------------------------- what is there


@pytest.mark.parametrize("name", list(ROW_KINDS))
def test_a_kind_of_row_is_whole(name: str) -> None:
    """Column, declaration, inequality, words in every language, page, verifier."""
    assert lacks_of_row(name) == []


@pytest.mark.parametrize("name", list(RULES))
def test_a_hard_rule_is_whole(name: str) -> None:
    """Columns and keys that exist, declaration, words in every language, page, verifier."""
    assert lacks_of_rule(name) == []


@pytest.mark.parametrize("step", list(steps_of("Add a row")))
def test_a_step_left_out_of_a_row_is_named(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the declaration what hangs on it is missing as well."""
    lacks = lacks_of_row(ROW, Replay(monkeypatch, "Add a row", without=step).page)
    assert lacks == (["declaration", "inequality"] if step == "declaration" else [step])


@pytest.mark.parametrize("step", list(steps_of("Add a hard rule")))
def test_a_step_left_out_of_a_rule_is_named(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the five."""
    lacks = lacks_of_rule(RULE, Replay(monkeypatch, "Add a hard rule", without=step).page)
    assert lacks == [step]


# ------------------------------------------------------------------------------------- the row


@pytest.fixture
def permits(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    """The row of the page, in the house for one test."""
    before = (dict(ROW_KINDS), dict(formulation.BUILDERS), dict(resources.ROWS))
    with monkeypatch.context() as patch:
        replay = Replay(patch, "Add a row")
        assert lacks_of_row(ROW, replay.page) == []
        yield replay
    assert before == (ROW_KINDS, formulation.BUILDERS, resources.ROWS)


def priced() -> Policy:
    """The built-in policy with the page's line in it."""
    text = PAGE.partition("### What it costs")[2].partition("\n## ")[0]
    (content,) = blocks(text, "toml")
    (period,) = tomllib.loads(content)["unlocking"]
    made = policy().model_dump()
    made["unlocking"]["costs"] = {**made["unlocking"]["costs"], **period["costs"]}
    return Policy.model_validate(made)


def parking(
    replay: Replay,
    permits: int | None = 1,
    *,
    first: bool = True,
    both: bool = True,
    seats: int = 2,
) -> Problem:
    """Two with a car and two seats at a workplace with so many permits."""
    return week(
        [citizen("C1", has_car=first), citizen("C2", has_car=both)],
        [opening(seats=seats)],
        [
            replay.record(
                "workplaces", **workplace(name="Kroen").model_dump(), parking_permits=permits
            )
        ],
    ).replace(policy=priced())


def solved(problem: Problem) -> Solution:
    """The week's plan, which holds against the verifier."""
    solution = solve(problem)
    assert verify(problem, solution.plan) == ()
    return solution


def test_the_row_binds_and_what_is_left_over_is_left_over_for_it(permits: Replay) -> None:
    """One permit: one of two; without a limit there is no row; on foot nobody needs one."""
    solution = solved(parking(permits))
    assert solution.model.rules.count(ROW) == 1
    assert len(solution.plan.placements) == 1
    left = left_over(solution)
    (waiting,) = left.unplaced
    assert (waiting.cause, dict(waiting.lost_at)) == ("resource", {ROW: ("W1",)})
    (used,) = [one for one in solution.plan.rows if one.rule == ROW]
    assert (used.key, used.used, used.capacity, used.binding) == ("W1", 1, 1, True)
    free = solved(parking(permits, None))
    assert ROW not in free.model.rules
    assert len(free.plan.placements) == 2
    assert len(solved(parking(permits, both=False)).plan.placements) == 2


def test_the_verifier_finds_one_permit_given_twice(permits: Replay) -> None:
    """The plan of a week with two permits, held against the week with one."""
    plan = solved(parking(permits, 2)).plan
    (found,) = verify(parking(permits), plan)
    assert (found.rule, found.where, found.value, found.limit) == (ROW, f"{ROW}[W1]", 2, 1)


def test_the_verifier_holds_back_ups_against_the_row(permits: Replay) -> None:
    """A back-up with a car for somebody without one, where no permit is left."""
    solution = solved(parking(permits, seats=1))
    found = back_ups(solution, 1)
    (proposed,) = [one.citizen_id for one in solution.plan.placements]
    assert len(found.each) == 1
    none = parking(permits, 0, first=proposed != "C1", both=proposed != "C2", seats=1)
    wrong = verify_back_ups(none, solution.plan, found)
    assert [(one.where, one.value, one.limit) for one in wrong if one.rule == "back_ups"] == [
        (f"{ROW}[W1]", 1, 0)
    ]


@BOTH
def test_the_row_is_a_lever_and_a_bottleneck(permits: Replay, language: Language) -> None:
    """One more permit places the other: found, priced as the policy says, and told."""
    solution = solved(parking(permits))
    resolver = Resolver(solution)
    say = Telling(solution.problem, language)
    (unlocked,) = unlocking(resolver)
    (one,) = unlocked.singles
    assert [(step.lever, step.about, step.cost) for step in one.steps] == [(ROW, "W1", 500)]
    more = {"en": "1 more parking permits at Kroen (W1)",
            "da": "1 parkeringstilladelser mere ved Kroen (W1)"}  # fmt: skip
    assert say.step(one.steps[0]) == more[language]
    waiting = next(iter({"C1", "C2"} - {one.citizen_id for one in solution.plan.placements}))
    full = why_not(resolver, waiting, "O1").full
    assert (ROW, "W1") in full
    (scarce,) = [one for one in bottlenecks(resolver) if one.rule == ROW]
    assert (scarce.gains[0].more, scarce.gains[0].placements, scarce.enough) == (1, 1, 1)
    names = {"en": "Parking permits: Kroen (W1)", "da": "Parkeringstilladelser: Kroen (W1)"}
    assert say.resource(scarce) == names[language]


@BOTH
def test_the_row_is_on_the_page_of_the_run(permits: Replay, language: Language) -> None:
    """Used, scarce, what one more would bring, and why somebody has none."""
    problem = parking(permits)
    solution = solved(problem)
    document = run_document(problem, explained(solution))
    (row,) = [one for one in document["resources"] if one["rule"] == ROW]
    assert (row["about"], row["unit"], row["used"], row["capacity"]) == ("Kroen", "places", 1, 1)
    text = re.sub(r"<[^>]+>", " ", page_html(document, Words(language)))
    name, more = {
        "en": ("parking permits", "One more parking permit at W1 · Kroen"),
        "da": ("parkeringstilladelser", "Én parkeringstilladelse mere ved W1 · Kroen"),
    }[language]
    assert name in text
    assert more in text


def test_the_row_answers_what_if(permits: Replay) -> None:
    """A scenario gives a permit more; the comparison holds the row before and after it."""
    text = f"""
[scenario.park]
[[scenario.park.change]]
table = "workplaces"
add = {{ {ROW} = 1 }}
"""
    compared = ask(parking(permits), text)
    summary = compared.summary.set_index("scenario")
    assert summary.loc["park", "difference"] == 1
    rows = compared.resources[compared.resources["kind"] == ROW].set_index("scenario")
    assert rows.loc["park", "capacity"] == 2
    assert ROW in limits()


def test_the_row_is_stored_with_its_run(permits: Replay, tmp_path: Path) -> None:
    """And told when the run is looked at."""
    problem = parking(permits)
    plan = explained(solved(problem))
    with Ledger.open(str(tmp_path / "week.ledger")) as ledger:
        run = ledger.record_run(plan, problem, address="tables").run
        (row,) = [one for one in ledger.resources(run.run_id) if one.rule == ROW]
    assert (row.key, row.unit, row.used, row.capacity, row.binding) == ("W1", "places", 1, 1, True)


def test_a_lever_that_no_row_has_is_refused_again() -> None:
    """Once the row is out of the house the policy may not give it a cost."""
    with pytest.raises(ValidationError, match=f"{ROW}.*\n.*expected one of .*opening_seats"):
        priced()


# ------------------------------------------------------------------------------------ the rule


@pytest.fixture
def licence(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    """The rule of the page, in the house for one test."""
    before = dict(RULES)
    with monkeypatch.context() as patch:
        replay = Replay(patch, "Add a hard rule")
        assert lacks_of_rule(RULE, replay.page) == []
        yield replay
    assert before == RULES


def driving(replay: Replay, years: int, least: int | None) -> Problem:
    """C1 has had a licence for so many years, O1 asks for so many."""
    return week(
        [replay.record("citizens", **citizen().model_dump(), licence_years=years)],
        [replay.record("openings", **opening().model_dump(), licence_years_min=least)],
    )


@pytest.mark.parametrize(
    ("years", "least", "holds"), [(2, 3, False), (3, 3, True), (0, None, True)]
)
def test_the_rule_makes_offers_and_tells_why_there_is_none(
    licence: Replay, years: int, least: int | None, holds: bool
) -> None:
    """Below it there is no offer, and both numbers are told; at it, or without it, there is."""
    book = build_offers(driving(licence, years, least))
    assert bool(len(book.offers)) is holds
    at = book.tally.at(RULE)
    assert book.tally.sole[0, at] == book.tally.opening_killed[0, at] == (not holds)
    told = failures(book.encoded, "C1", "O1")
    if holds:
        (one,) = [one for one in weighed(book.encoded, "C1", "O1", "ordinary") if one.rule == RULE]
        assert (one.value, one.limit, one.holds) == (years, least or 0, True)
        assert told == ()
    else:
        assert [(one.rule, one.value, one.limit) for one in told] == [(RULE, 2, 3)]
        sentences_ = [told[0].sentence(language) for language in LANGUAGES]
        assert sorted(sentences_) == [
            "Borgeren har haft kørekort i 2 år; jobbet kræver 3 år.",
            "The citizen has had a driving licence for 2 years; the job asks for 3 years.",
        ]


def test_the_verifier_finds_somebody_who_has_driven_too_little(licence: Replay) -> None:
    """The plan of somebody with enough, held against the records of somebody without."""
    plan = solved(driving(licence, 3, 3)).plan
    (found,) = verify(driving(licence, 2, 3), plan)
    assert (found.rule, found.value, found.limit) == (RULE, 2, 3)


def test_a_change_of_the_column_is_weighed_again(licence: Replay) -> None:
    """Who has it for longer in the next week gets the offer, though the earlier book is used."""
    before = build_offers(driving(licence, 2, 3))
    after = rebuild_offers(driving(licence, 3, 3), before)
    assert (len(before.offers), len(after.offers)) == (0, 1)


@BOTH
def test_the_rule_is_told_on_the_page_and_in_the_letter(
    licence: Replay, language: Language
) -> None:
    """Why there is no proposal, to a caseworker and to the citizen."""
    from matcher.explain.citizen_explanation import explain_one
    from matcher.explain.letter import letter_parts
    from matcher.explain.letter_words import LetterWords

    problem = driving(licence, 2, 3)
    solution = solved(problem)
    (one,) = left_over(solution).unplaced
    short = {"en": "too short a time with a licence (1)", "da": "for kort tid med kørekort (1)"}
    assert short[language] in sentences.unplaced_sentence(one, language)
    told = explain_one(Resolver(solution), "C1", "O1")
    parts = letter_parts(told, LetterWords(problem, language))
    text = " ".join(line for part in parts for line in part.lines)
    clause, plain = {
        "en": (
            "asks for a driving licence of more years than yours",
            "a driving licence for 3 years",
        ),
        "da": ("at man har haft kørekort længere end dig", "have haft kørekort i 3 år"),
    }[language]
    assert clause in text
    assert plain in text


# ------------------------------------------------------------------------------------- a measure


def trial(**changes: Any) -> Problem:
    """One citizen, and one job that takes trial days alone, under the measure of the page."""
    (text,) = blocks(PAGE.partition("\n## Add a measure\n")[2].partition("\n## ")[0], "toml")
    measure = {**tomllib.loads(text)["measures"]["trial_days"], **changes}
    job = opening(measures="trial_days", hours_min=10, hours_max=20)
    return week([citizen()], [job], rules={"measures": {"trial_days": measure}})


def test_a_measure_is_data_alone() -> None:
    """Offered, verified, told by both names and as unpaid; its sectors and categories are kept."""
    solution = solve(trial())
    (one,) = solution.plan.placements
    assert one.measure == "trial_days"
    assert verify(solution.problem, solution.plan) == ()
    document = run_document(solution.problem, explained(solution))
    assert document["proposals"][0]["measure_name"] == {"en": "Trial days", "da": "Prøvedage"}
    for language, name in (("en", "Trial days"), ("da", "Prøvedage")):
        assert name in page_html(document, Words(language))
    assert {kind for kind, count in document["headline"]["work"].items() if count} == {"unpaid"}
    for changes in ({"sectors": ["private"]}, {"categories": ["job_ready"]}):
        nobody = solve(trial(**changes))
        assert nobody.plan.placements == ()
        assert verify(nobody.problem, nobody.plan) == ()


@pytest.mark.parametrize("step", ["source", "sectors", "categories", "evidence"])
def test_a_step_left_out_of_a_measure_is_named(step: str) -> None:
    """Also a misspelt rule, and a misspelt measure that is there already."""
    with pytest.raises(PolicyError, match=rf"measures\.trial_days\.{step}"):
        trial(**{step: None})
    with pytest.raises(PolicyError, match=r"measures\.trial_days\.ratio"):
        trial(ratio=True)
    with pytest.raises(PolicyError, match=r"unknown key 'measures\.ordinry'.*ordinary"):
        policy({"measures": {"ordinry": {"evidence": {"private": 1}}}})


# ------------------------------------------------------------------------------------- a solver


@pytest.fixture
def solvers() -> Iterator[dict[str, Any]]:
    """Solvers of a test, gone after it."""
    before = dict(engine.SOLVERS)
    yield engine.SOLVERS
    engine.SOLVERS.clear()
    engine.SOLVERS.update(before)


def chosen(without: str = "") -> engine.Options:
    """Options of the page's last step, with a step left out."""
    names = dict(vars(engine))
    steps = steps_of("Add a solver")
    assert list(steps) == ["class", "name", "choice"]
    for step, text in steps.items():
        if step != without:
            exec(blocks(text)[0], names)
    options = names["options"]
    assert isinstance(options, engine.Options)
    return options


def test_a_solver_is_one_class(solvers: dict[str, Any]) -> None:
    """Asked by the engine, and the plan is the plan."""
    options = chosen()
    problem = engine.Program(
        group=[0, 0, 1, 1, 2, 2],
        n_groups=3,
        gains=[[5, 4, 5, 3, 4, 4]],
        uses=[[2, 1, 2, 1, 2, 1]],
        upper=[4],
    )
    direct = dataclasses.replace(options, method="direct")
    answer = engine.solve(problem, direct)
    # Each takes a unit, 4 + 3 + 4; the fourth is worth most to the second group: 5 for 3, 13.
    assert answer.values == engine.solve(problem).values == (13,)
    assert solvers["logged_highs"].columns
    assert max(solvers["logged_highs"].columns) <= 6


def test_a_step_left_out_of_a_solver_is_named(solvers: dict[str, Any]) -> None:
    """Not registered: the choice names those that are."""
    with pytest.raises(NameError, match="LoggedHighs"):
        chosen(without="class")
    with pytest.raises(engine.OptionError, match=r"'logged_highs', expected one of highs"):
        chosen(without="name")
