"""The page of a comparison: answers, figures and failures in both languages, nothing that runs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from matcher.errors import OptionError
from scenarios.exports import KEPT, read_comparison, write_comparison
from scenarios.frontier import COLUMNS, Front
from scenarios.outcome import Outcome, failed
from scenarios.page import Language
from scenarios.page.drawings import Axis, Mark, Point, curve, difference_bar, spread_bar
from tests.scenarios.made_outcomes import BASE, LESS, MORE, named, outcome

BROKEN = failed("broken", "no pool <P9> there", titles=named("Broken", "I stykker"))


def front(against: str = "cost", rows: Sequence[Sequence[object]] = (), **fields: object) -> Front:
    points = pd.DataFrame(
        {name: pd.Series([row[at] for row in rows], dtype=kind)
         for at, (name, kind) in enumerate(COLUMNS.items())}
    )  # fmt: skip
    plan = {"placements": 4, "value": 2000, "fit": 2800}
    return Front(against=against, points=points, plan=plan, **fields)  # type: ignore[arg-type]


COST = front(rows=[(2, 0, 0, True, 1500, None), (4, 1500, 1500, True, 2700, 750)])
"""Two placements are free, four cost 1,500; the plan costs 2,000."""
FAIR = front(
    "group",
    [(4, 1, 1, True, 2800, None), (4, 2, 2, True, 2660, 140), (3, 3, 5, False, 2000, 660)],
    group="oral=1",
)


def swept() -> list[Outcome]:
    """One-at-a-time, a grid and samples of one range each."""
    found = []
    for kind, values in (("one_at_a_time", (0, 20)), ("grid", (0, 10, 20)), ("sample", range(8))):
        for at, value in enumerate(values):
            placed = dict.fromkeys(range(4 + at), "O1")
            found.append(
                outcome(f"{kind}-{at}", placed, family=kind, sweep=kind,
                        parameters={"hours": value},
                        titles=named("Swept", "Gennemløbet"),
                        family_titles=named(f"Try {kind}", f"Prøv {kind}"),
                        labels={"hours": named("mentor hours", "mentortimer")})
            )  # fmt: skip
    return found


class Text(HTMLParser):
    """The words of a page, and the tags and attributes it uses."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str | None] = set()
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value for name, value in attrs if name == "href"}
        self._style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self._style = False

    def handle_data(self, data: str) -> None:
        if not self._style:
            self.words.append(data)


def page(
    tmp_path: Path, outcomes: Sequence[Outcome], language: Language = "en", **options: object
) -> str:
    written = write_comparison(outcomes, tmp_path, language=language, **options)  # type: ignore[arg-type]
    return written["report"].read_text("utf-8")


def words(html: str) -> str:
    parser = Text()
    parser.feed(html)
    return re.sub(r"\s+", " ", " ".join(parser.words))


def test_the_answer_is_one_sentence_with_its_figure(tmp_path: Path) -> None:
    """Two more for 600 DKK a week: 300 each. Failed ones do not count among the scenarios."""
    text = words(page(tmp_path, [BASE, MORE, LESS, BROKEN]))
    assert (
        "Of 2 scenarios, “More mentors” gives most: 2 more placements (4 to 6),"
        " at 300 DKK a week for each extra placement." in text
    )
    assert "More mentors: What if there were more mentors?" in text
    assert "6 instead of 4, with “More mentors”" in text


def test_the_same_in_danish(tmp_path: Path) -> None:
    """Quotes, separators and words of the language; no English is left."""
    html = page(tmp_path, [BASE, MORE, LESS, BROKEN], "da", fronts=[COST, FAIR])
    text = words(html)
    assert '<html lang="da">' in html
    assert (
        "Af 2 scenarier giver »Flere mentorer« mest: 2 flere placeringer (4 til 6),"
        " for 300 kr. om ugen pr. ekstra placering." in text
    )
    assert "15.850" in text
    for english in ("placements", "What if", "Difference", "More mentors", "women", "week"):
        assert english not in text


@pytest.mark.parametrize(
    ("outcomes", "answer"),
    [
        ([BASE, MORE], "“More mentors” gives 2 more placements (4 to 6)"),
        ([BASE, LESS], "“Less” costs 3 placements (4 to 1)."),
        (
            [BASE, LESS, outcome("even", {0: "O1", 1: "O1", 2: "O1", 3: "O1"})],
            "None of the 2 scenarios gives more placements than the 4 of the week as it is."
            " “Less” costs most: 3 placements.",
        ),
        (
            [BASE, outcome("one", dict.fromkeys(range(5), "O1"))],
            "“one” gives 1 more placement (4 to 5), and costs 1,000 DKK a week less in all.",
        ),
        ([BASE, BROKEN], "No scenario could be solved; the reasons are below."),
        (
            [BASE, MORE, outcome("cheap", dict.fromkeys(range(6), "O1"), mentor_dkk=1200)],
            "Of 2 scenarios, “cheap” and “More mentors” give most: 2 more placements each (4 to 6)."
            " None of them is cheaper than “cheap”, at 100 DKK a week for each extra placement.",
        ),
    ],
)
def test_every_kind_of_answer(tmp_path: Path, outcomes: list[Outcome], answer: str) -> None:
    """More, fewer, none, one, cheaper, nothing solved, equally good ones."""
    assert answer in words(page(tmp_path, outcomes))


def test_failed_scenarios_are_shown_with_their_reason(tmp_path: Path) -> None:
    """Escaped, in the list and in the table; the others are there."""
    html = page(tmp_path, [BASE, MORE, BROKEN])
    assert "no pool &lt;P9&gt; there" in html
    text = words(html)
    assert "1 scenario has no answer; the others are not affected." in text
    assert text.count("Broken") == 3


def test_what_is_not_proven_says_so(tmp_path: Path) -> None:
    """On top, and with its bound in the table."""
    text = words(page(tmp_path, [BASE, outcome("open", {0: "O1"}, status="feasible")]))
    assert "1 of 2 scenarios are not proven" in text
    assert "For every scenario no plan exists" not in text


def test_groups_are_counted_and_nobody_is_named(tmp_path: Path) -> None:
    """Women 2 to 4, three new and one lost; no citizen's id is on the page."""
    text = words(page(tmp_path, [BASE, MORE]))
    assert "women 2 4 +2 3 1 20.0% 40.0%" in text
    assert not re.search(r"C\d\d", text)
    assert "The policy" not in text
    assert "wages, benefits saved (below), and capacity that nobody uses" in text
    assert "No longer lacking" in text
    assert "mentor hours (1): P1" in text
    assert "mentor hours (1): P2" in text


def test_uncertain_figures_are_shown_where_there_are_draws(tmp_path: Path) -> None:
    """Eight draws, +0 to +7: median +3, it helps in 7 of 8; without draws that is said."""
    text = words(page(tmp_path, [BASE, *swept()]))
    assert "+3 0 … +7 88% 8" in text
    assert "Goes most with the difference: mentor hours +1 (rank correlation)." in text
    assert "Try sample: 8 random draws from the ranges" in text
    assert "What matters most" in text
    assert "mentor hours, 0–20" in text
    assert "From 0 to 20: +0.1 for each unit at the beginning, +0.1 at the end." in text
    without = words(page(tmp_path, [BASE, MORE]))
    assert "No random draws were run" in without
    assert "What matters most" not in without


def test_draws_alone_have_an_answer(tmp_path: Path) -> None:
    """Share that helps and the middle half."""
    draws = [one for one in swept() if one.sweep == "sample"]
    text = words(page(tmp_path, [BASE, *draws]))
    assert (
        "In 88% of 8 draws of “Try sample” there are more placements; in the middle half, +1 to +5."
        in text
    )


def test_fronts_say_what_they_show(tmp_path: Path) -> None:
    """Cost, the price of fairness, a point that is not proven, and the week without scenarios."""
    html = page(tmp_path, [BASE], fronts=[COST, FAIR])
    text = words(html)
    cost = "2 placements need no money from the budget lines; 4 can be had for 1,500 DKK a week."
    assert text.count(cost) == 3  # the answer, the section, its drawing's description
    assert "The week's plan costs 2,000 DKK a week, because it puts fit before money." in text
    assert "A floor for spoken Danish 1: the price of fairness" in text
    assert "1 point is not proven (drawn hollow)" in text
    assert html.count("dot hollow") == 1
    assert "placements in the week as it is" in text


BEYOND = front(
    rows=[(2, 0, 0, True, 1500, None), (4, 1500, 1500, True, 2700, 750)],
    beyond=(
        {"without": "everything", "placements": 7, "more": 3, "value": 4500, "step": 1000.0,
         "proven": True},
        {"without": "mentor_hours", "placements": 5, "more": 1, "value": 2740, "step": 1240.0,
         "proven": True},
    ),
)  # fmt: skip


def test_what_lies_beyond_the_maximum_is_said_with_its_price(tmp_path: Path) -> None:
    """In a sentence, in a table and in JSON; where nothing lies beyond, what sets the limit."""
    text = words(page(tmp_path / "en", [BASE], fronts=[BEYOND]))
    assert (
        "Beyond 4: with no limit on all of these together, 3 more placements would be possible"
        " (in all 7), at about 1,000 DKK a week for each extra one." in text
    )
    assert "mentor hours 5 +1 2,740 1,240 yes" in text
    kept = read_comparison(tmp_path / "en")[1][0]
    assert kept.beyond == BEYOND.beyond
    danish = words(page(tmp_path / "da", [BASE], "da", fronts=[COST]))
    assert "Flere end 4 er ikke mulige selv med flere penge" in danish
    one = front(rows=[(4, 0, 0, True, 1, None)], beyond=(
        {**BEYOND.beyond[1], "placements": 5}, {**BEYOND.beyond[0], "placements": 5, "more": 1},
    ))  # fmt: skip
    assert "uden grænse for mentortimer ville 1 placering mere være mulig" in words(
        page(tmp_path / "one", [BASE], "da", fronts=[one])
    )


@pytest.mark.parametrize("language", ["en", "da"])
def test_every_axis_has_its_unit_and_every_term_its_meaning(
    tmp_path: Path, language: Language
) -> None:
    """On hovering, and at the foot of the page for paper."""
    html = page(tmp_path, [BASE, MORE, *swept()], language, fronts=[COST, FAIR])
    names = re.findall(r'<text class="name"[^>]*>([^<]+)</text>', html)
    assert names
    units = {"en": r"\(number\)|DKK a week|%|\(0–1,000\)|mentor hours",
             "da": r"\(antal\)|kr. om ugen|%|\(0–1.000\)|mentortimer"}[language]  # fmt: skip
    assert [name for name in names if not re.search(units, name)] == []
    shown = set(re.findall(r'<abbr title="([^"]{15,})">([^<]+)</abbr>', html))
    assert {"en": "New", "da": "Nye"}[language] in {name for _, name in shown}
    foot = html[html.index('<dl class="terms">') :]
    for term in {"en": ("Fit", "Difference", "Draws"), "da": ("Egnethed", "Forskel", "Udtræk")}[
        language
    ]:
        assert f"<dt>{term}" in foot
    assert {"en": "week 48, from 23 November 2026", "da": "uge 48, fra 23. november 2026"}[
        language
    ] in html


@pytest.mark.parametrize("language", ["en", "da"])
def test_nothing_on_the_page_runs_or_calls(tmp_path: Path, language: Language) -> None:
    """No script, no link, no picture, no address; a policy that forbids them; it prints on A4."""
    nasty = outcome(
        "x", {0: "O1"}, titles=named("<script>x()</script>", "<img src=http://a onerror=x()>")
    )
    html = page(tmp_path, [BASE, MORE, nasty, *swept()], language, fronts=[COST, FAIR],
                made_up=True)  # fmt: skip
    parser = Text()
    parser.feed(html)
    assert not parser.tags & {"script", "img", "iframe", "link", "object", "embed", "form"}
    assert not any(name.startswith("on") for name in parser.attributes)
    assert not parser.attributes & {"src", "srcset"}
    assert parser.links == {"#all"}
    assert "@import" not in html
    assert "url(" not in html
    assert "default-src 'none'" in html
    assert "size: A4" in html
    mark = {"en": "Made-up data", "da": "Opdigtede data"}[language]
    assert mark in words(html)


def test_csv_workbook_and_json_hold_everything(tmp_path: Path) -> None:
    """The same rows in all; Danish separators; nothing becomes a formula."""
    risky = outcome("=1+1", {0: "O1"}, titles=named("=1+1", "=1+1"))
    written = write_comparison([BASE, MORE, risky, BROKEN], tmp_path, language="da", fronts=[COST])
    text = written["summary"].read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(text.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert [row["scenario"] for row in rows] == ["base", "more", "'=1+1", "broken"]
    assert rows[1]["dkk_per_extra_year"] == "15850"
    assert rows[1]["share"] == "0,3"
    document = json.loads(written["comparison"].read_text("utf-8"))
    assert [row["difference"] for row in document["summary"]] == [0, 2, -3, None]
    assert document["fronts"][1] == {
        "placements": 4, "value": 1500, "bound": 1500, "proven": True, "fit": 2700, "step": 750,
        "against": "cost", "group": "",
    }  # fmt: skip
    sheets = pd.read_excel(written["workbook"], sheet_name=None, engine="calamine")
    assert len(sheets["Oversigt"]) == 4
    assert sheets["Personer"]["citizen_id"].tolist() == [
        row["citizen_id"] for row in document["people"]
    ]
    assert set(document) >= {"tornado", "returns", "uncertainty", "drivers", "resources", "gaps"}


def test_results_are_read_back_and_render_the_same(tmp_path: Path) -> None:
    """The same bytes again; a folder without results is refused."""
    first = write_comparison([BASE, MORE, BROKEN], tmp_path / "a", fronts=[COST], made_up=True)
    outcomes, fronts, made_up = read_comparison(tmp_path / "a")
    second = write_comparison(outcomes, tmp_path / "b", fronts=fronts, made_up=made_up)
    for name, path in first.items():
        if name != "workbook":
            assert path.read_bytes() == second[name].read_bytes(), name
    with pytest.raises(OptionError, match=f"no results there; expected a folder with {KEPT}"):
        read_comparison(tmp_path)
    (tmp_path / KEPT).write_bytes(b"nothing")
    with pytest.raises(OptionError, match="not the results of a comparison"):
        read_comparison(tmp_path)


def test_a_folder_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """A file stands where the folder should."""
    (tmp_path / "out").write_text("x", "utf-8")
    with pytest.raises(OptionError, match="cannot write there"):
        write_comparison([BASE, MORE], tmp_path / "out")


def test_of_seventy_scenarios_the_page_shows_sixty(tmp_path: Path) -> None:
    """And says where the others are."""
    placed = {who: f"O{who % 9}" for who in range(300)}
    many = [outcome("base", placed, people=400)]
    many += [
        outcome(f"s{at:03d}", {**placed, 60 + at: "O1"}, people=200, sweep="grid", family="g",
                parameters={"hours": at})
        for at in range(70)
    ]  # fmt: skip
    text = words(page(tmp_path, many))
    assert "and 10 more in summary.csv" in text


def test_drawings_keep_to_their_frame() -> None:
    """Bars start at the zero line; curves put every point between the axes."""
    bar = difference_bar(-3, -3, 6)
    assert 'class="warm" x="2.0"' in bar
    assert 'class="strong" x="334.0"' in difference_bar(6, -3, 6)
    assert "nan" not in spread_bar([0, 0, 0, 0, 0], 0, 0)
    axis = Axis("n", str)
    drawn = curve(
        [Point(1, 5, "a"), Point(3, 1_000, "b", open=True)], axis, axis, title="t", summary="s",
        mark=Mark(2, 9, "m"),
    )  # fmt: skip
    places = [(float(x), float(y)) for x, y in re.findall(r'cx="([\d.]+)" cy="([\d.]+)"', drawn)]
    assert len(places) == 2
    assert all(80 <= x <= 540 and 10 <= y <= 260 for x, y in places)
    assert "nan" not in curve([Point(1, 1, "only")], axis, axis, title="t", summary="s")
