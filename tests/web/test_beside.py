"""The answer of somebody asked beside others, on the pages: entered, waiting, counting, in vain."""

from __future__ import annotations

import html
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matcher.ledger import Ledger
from matcher.records import Caseworker
from matcher.weekly import run_week
from scenarios.web.weeks import Weeks
from tests.decisions.conftest import NOW, few_said_yes
from tests.web.conftest import Browser, settings_of
from tests.weeks import citizen, opening, week, workplace

LET = {"measures": ["ordinary"], "sectors": ["private"], "most": 2, "beyond_percent": 25}
CREW = (Caseworker(caseworker_id="K1", capacity=9, unit="Nord"),
        Caseworker(caseworker_id="K2", capacity=9, unit="Syd"))  # fmt: skip


@pytest.fixture(scope="module")
def _several(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 40 proposals 2 were accepted; the day after three are asked for the one seat of O9."""
    folder = tmp_path_factory.mktemp("beside")
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        few_said_yes(ledger)
        people = [citizen(f"N{n}", caseworker_id="K1" if n < 2 else "K2") for n in range(4)]
        sites = [workplace(sector="private", ordinary_staff=99)]
        problem = week(people, [opening("O9", seats=1, title="Lager")], sites, caseworkers=CREW,
                       rules={"declines": {"several": LET}}, today=NOW.date())  # fmt: skip
        run_week(dict(problem.tables), folder, problem.policy, NOW.date(), ledger=ledger)
    return folder


@dataclass(frozen=True)
class Asked:
    browser: Browser
    folder: Path
    run_id: str
    order: tuple[str, ...]

    def case(self, at: int) -> str:
        return f"/case/{Weeks(self.browser.settings).row_of(self.run_id, self.order[at])}"

    def told(self, at: int, by: Browser | None = None) -> str:
        return html.unescape((by or self.browser).get(self.case(at)).text)

    def say(self, at: int, verdict: str, **more: str) -> Any:
        return self.browser.form(self.case(at), verdict=verdict, **more)

    def came_to(self) -> list[str | None]:
        with Ledger.open(self.folder / "ledger.sqlite") as ledger:
            return [one.came_to for one in ledger.asked(self.run_id)]


@pytest.fixture
def asked(_several: Path, tmp_path: Path) -> Asked:
    folder = Path(shutil.copytree(_several, tmp_path / "runs"))
    with Ledger.open(folder / "ledger.sqlite") as ledger:
        run_id = ledger.runs(most=1)[0].run_id
        one, two = ledger.asked(run_id)
    return Asked(Browser(settings_of(folder)).enter(), folder, run_id,
                 (one.proposed, one.citizen_id, two.citizen_id))  # fmt: skip


def test_a_yes_waits_and_counts_once_those_before_have_said_no(asked: Asked) -> None:
    """On the page of the case, of the proposal and in the list to decide; and nothing is solved."""
    assert "asked at the same time" in asked.told(1)
    listed = html.unescape(asked.browser.get("/decide").text)
    assert "Asked beside others" in listed
    assert listed.count("as number 1") == 1
    assert asked.say(1, "accept").status_code == 303
    assert asked.came_to() == ["waits", None]
    assert "waits for the answer of those who come before" in asked.told(1)
    assert "Tell the citizen so: the seat goes" not in asked.told(1)
    assert "Has said yes and waits" in asked.told(0)
    assert asked.say(0, "reject", reason="citizen_declined", sure="yes").status_code == 303
    assert asked.came_to() == ["counts", None]
    assert "gets the place" in asked.told(1)
    assert "Has said yes and gets the place" in asked.told(0)
    record = asked.browser.get(f"/api/v1{asked.case(1)}").json()
    assert "gets the place" in record["beside"]
    assert record["decision"] == "accept"


def test_a_no_needs_a_reason_and_no_second_look(asked: Asked) -> None:
    """There is no plan to lose anything of; what it costs is not asked for either."""
    assert "Choose a reason" in asked.say(1, "reject").text
    assert asked.say(1, "reject", reason="citizen_declined").status_code == 303
    assert "Has said no" in asked.told(0)
    row = asked.case(1).rpartition("/")[2]
    refused = asked.browser.get(f"/api/v1/case/{row}/rejection?reason=other")
    assert refused.status_code == 409


def test_in_vain_is_said_and_a_seat_that_was_given_stays_given(asked: Asked) -> None:
    """Not taken back by the page of the proposal, nor by its undo; then given back, it is."""
    asked.say(0, "reject", reason="citizen_declined", sure="yes")
    asked.say(1, "accept")
    asked.say(2, "accept")
    assert asked.came_to() == ["counts", "behind"]
    assert "nothing is held against them" in asked.told(2)
    refused = asked.say(0, "accept")
    assert refused.status_code == 200
    assert "Number 1 of those asked beside has said yes" in html.unescape(refused.text)
    row = asked.case(0).rpartition("/")[2]
    undone = asked.browser.form("/decide", row=row, verdict="back")
    assert undone.status_code == 409
    assert "first takes that yes back" in html.unescape(undone.text)
    given = asked.browser.form("/decide", row=asked.case(1).rpartition("/")[2], verdict="back")
    assert given.status_code == 303
    assert asked.came_to() == [None, "waits"]
    asked.say(0, "accept")
    assert asked.came_to() == [None, "behind"]
    assert "the place is gone" in asked.told(1)


def test_another_team_learns_the_answer_and_not_who(
    asked: Asked, behind: Callable[..., Browser]
) -> None:
    """Of those asked for the seat of one's own citizen; their page is their own team's."""
    unit = {f"N{n}": "Nord" if n < 2 else "Syd" for n in range(4)}
    first = unit[asked.order[0]]
    theirs = next(at for at in (1, 2) if unit[asked.order[at]] != first)
    asked.say(theirs, "reject", reason="citizen_declined")
    mine = behind("here", of=asked.folder, caseworkers={"here": (first,)})
    told = asked.told(0, mine)
    assert "Has said no" in told
    assert asked.order[theirs] not in told
    assert mine.get(asked.case(theirs)).status_code == 404
    assert asked.order[theirs] not in mine.get("/decide").text


def test_danish_pages_say_it_in_danish(asked: Asked) -> None:
    """What a caseworker reads to the citizen."""
    asked.say(1, "accept")
    asked.browser.form("/language", language="da", back="/")
    told = asked.told(1)
    assert "<strong>Ja, " in told
    assert "Det gælder først, når alle, der kommer før, har sagt nej" in told
