"""The page: well-formed, self-contained, escaped, whole in both languages, honest when empty."""

from __future__ import annotations

import copy
import re
from html import escape
from html.parser import HTMLParser
from typing import Any

import pytest

from matcher.problem import Problem
from matcher.report import Words, page_html
from matcher.report.charts import BarPart, Spot, bar, district_map
from matcher.report.figures import CAUSES, OPENING_CAUSES
from matcher.report.sections import price_lines
from matcher.report.words import occupation
from matcher.row_kinds import ROW_KINDS
from matcher.rules import RULES, Language
from matcher.texts import catalogue
from tests.report.conftest import citizen, document_of, opening, week_of

Document = dict[str, Any]
BOTH = pytest.mark.parametrize("language", ["en", "da"])
VOID = {"meta", "br", "link", "img", "input", "hr"}


class _Outline(HTMLParser):
    """Checks that tags balance and remembers what is on the page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def outline(page: str) -> _Outline:
    parser = _Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", " ".join(outline(page).text))


@BOTH
def test_page_is_well_formed_and_self_contained(document: Document, language: Language) -> None:
    page = page_html(document, Words(language))
    found = outline(page)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(found.tags)
    assert "//" not in re.sub(r"/\*.*?\*/", "", page).replace("<!DOCTYPE", "")
    assert not re.search(r"https?:|javascript:|@import|url\(", page)
    for name, value in found.attributes:
        assert not name.startswith("on"), name
        assert name not in {"src", "srcset", "action"}
        if name == "href":
            assert (value or "").startswith("#")
    ids = [value for name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))


@BOTH
def test_page_can_be_read_without_seeing_it(document: Document, language: Language) -> None:
    page = page_html(document, Words(language))
    assert page.count("<table") == page.count("<caption>")
    for drawing in re.findall(r"<svg[^>]*>", page):
        assert 'aria-hidden="true"' in drawing or 'role="img"' in drawing
    assert page.count('<svg class="map') == len(re.findall(r"<title>[^<]+</title><desc>", page))
    assert f'<html lang="{language}">' in page


@BOTH
def test_page_shows_every_proposal_and_the_headline(document: Document, language: Language) -> None:
    words = Words(language)
    text = plain(page_html(document, words))
    for row in document["proposals"]:
        assert row["citizen_id"] in text
        assert words.pick(row["reasons"][0]["sentence"]) in text
    assert words("page.proven") in text
    assert words("page.made_up") in text
    assert document["provenance"]["input_digest"] in text


@BOTH
def test_ids_and_names_are_escaped(nasty: Problem, language: Language) -> None:
    page = page_html(document_of(nasty), Words(language))
    found = outline(page)
    assert "script" not in found.tags
    assert "b" not in [tag for tag in found.tags if tag == "x"]
    assert '<b>&"' not in page
    assert "&lt;b&gt;&amp;&#34;&#39;=1+1" in page
    assert "Århus &amp; &lt;C&gt;" in page


@BOTH
@pytest.mark.parametrize("name", ["empty", "nobody", "no_openings", "one", "nothing_fits"])
def test_tiny_weeks_have_a_whole_page(name: str, language: Language) -> None:
    weeks: dict[str, Any] = {
        "empty": week_of(),
        "nobody": week_of(openings=[opening()]),
        "no_openings": week_of(citizens=[citizen("1"), citizen("2")]),
        "one": week_of(citizens=[citizen("1")], openings=[opening()]),
        "nothing_fits": week_of(citizens=[citizen("1", oral=0)], openings=[opening(oral_floor=6)]),
    }
    words = Words(language)
    document = document_of(weeks[name])
    page = page_html(document, words)
    text = plain(page)
    assert not re.search(r"<tbody>\s*</tbody>", page), "a table without rows"
    assert "NaN" not in text
    assert "None" not in text
    assert words("page.made_up") not in text
    if name != "one":
        assert words("page.proposals_none") in text
    assert words("page.audit_none") in text


@BOTH
def test_unproven_and_missing_plans_are_said_plainly(
    document: Document, language: Language
) -> None:
    words = Words(language)
    open_ended = copy.deepcopy(document)
    open_ended["termination"].update(reason="feasible", proven=False)
    open_ended["tiers"][0].update(proven=False, bound=open_ended["tiers"][0]["value"] + 7, gap=0.1)
    open_ended["headline"].update(proven=False, gap=0.1)
    text = plain(page_html(open_ended, words))
    assert words("page.unproven") in text
    assert words("page.proven_long") not in text
    nothing = document_of(week_of(citizens=[citizen("1")], openings=[opening()]))
    nothing["termination"].update(reason="no_solution", proven=False, has_plan=False)
    for tier in nothing["tiers"]:
        tier.update(value=None, gap=None, proven=False)
    nothing["headline"].update(has_plan=False, proven=False, gap=None)
    text = plain(page_html(nothing, words))
    assert words("page.no_plan") in text
    assert words("page.proven") not in text


def test_groups_are_named_only_in_the_audit(document: Document) -> None:
    page = page_html(document, Words("en"))
    start, end = page.index('id="audit"'), page.index('id="proposals"')
    outside = plain(page[page.index("<body>") : start].rsplit("<section", 1)[0] + "</main></body>")
    outside += plain("<main>" + page[end - 30 :][page[end - 30 :].index("<h2>") :].replace(
        "</section>", "", 1).replace("</body>", "").replace("</html>", ""))  # fmt: skip
    assert not re.search(r"\b(women|men|gender|origin)\b", outside)
    assert "women" in page[start:end]


def test_every_code_has_its_words() -> None:
    known = set(catalogue("en"))
    for cause in ("proposed", *CAUSES):
        assert {f"cause.{cause}", f"cause_long.{cause}"} <= known
    assert {f"opening_cause.{cause}" for cause in OPENING_CAUSES} <= known
    assert {f"one_more.{rule}" for rule in ROW_KINDS} <= known
    assert all(rule.short("da") and rule.short("en") for rule in RULES.values())


def test_occupations_fall_back_to_what_is_known() -> None:
    assert occupation("911210") == ("91", {"en": "Cleaning", "da": "Rengøring"})
    assert occupation("9")[1]["da"] == "Andet manuelt arbejde"
    assert occupation("9900")[0] == "9"


def test_numbers_and_dates_follow_the_language() -> None:
    english, danish = Words("en"), Words("da")
    assert (english.whole(1550), danish.whole(1550)) == ("1,550", "1.550")
    assert (english.decimal(4.81), danish.decimal(4.81)) == ("4.8", "4,8")
    assert (english.percent(0.25), danish.percent(0.25)) == ("25%", "25 %")
    assert danish.percent(None) == "–"
    # How far a bound is is rounded up: "at most 0 %" would say that it is reached.
    assert (danish.gap(0.000003), english.gap(0.07), danish.gap(None)) == ("0,01 %", "7%", "–")
    assert english.long_date("2026-11-23") == "23 November 2026"
    assert danish.long_date("2026-11-23") == "23. november 2026"
    assert danish.week("mon-fri 08:00-14:00") == "man-fre 08:00-14:00"
    assert danish("headline.proposals", 1) == "1 forslag"


def test_prices_name_hours_and_thousands_and_put_placements_first() -> None:
    def row(rule: str, unit: str, price: float, places: float) -> Document:
        return {"rule": rule, "key": "K1", "about": "", "unit": unit, "floor": False,
                "price": price, "price_placements": places}  # fmt: skip

    lines = price_lines(
        [
            # 0.5 points a minute are 30 an hour; 0.02 a krone are 20 a thousand.
            row("mentor_hours", "minutes", 0.5, 0.0),
            row("budget", "dkk", 0.02, 0.0),
            row("team_seats", "places", 300.0, 1.0),
            row("course_seats", "places", 0.0, 0.0),
            row("caseload", "places", 40.0, 0.0),
        ],
        Words("en"),
    )
    assert lines == [
        "One more seat in Danish class K1 is worth about 1 placement",
        "One more follow-up by a caseworker is worth about 40 points of fit",
        "One more mentor hour a week in K1 is worth about 30 points of fit",
        "1,000 DKK more a week for K1 is worth about 20 points of fit",
    ]


def test_bars_stay_on_their_scale() -> None:
    drawing = bar((BarPart(80, "strong"), BarPart(80, "soft")), 100)
    widths = [float(width) for width in re.findall(r'width="([\d.]+)"', drawing)]
    assert widths[1:] == [800.0, 200.0]
    assert "strong" not in bar((BarPart(3, "strong"),), 0)


def test_map_labels_do_not_touch_each_other() -> None:
    """Twenty places close together: whatever is named is apart from every other name."""
    spots = [
        Spot(f"Place {at}", 56.1 + 0.004 * (at % 5), 10.1 + 0.006 * (at // 5), 50 - at, 10, "x")
        for at in range(20)
    ]
    drawing = district_map(spots, "t", "s")
    labels = re.findall(
        r'<text x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">([^<]+)</text>', drawing
    )
    assert len(labels) >= 3
    boxes = []
    for x, y, anchor, label in labels:
        width = 6.6 * len(label)
        left = float(x) - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        boxes.append((left, float(y) - 9, left + width, float(y)))
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            apart = (one[2] <= other[0] or other[2] <= one[0]
                     or one[3] <= other[1] or other[3] <= one[1])  # fmt: skip
            assert apart, (one, other)


def test_map_of_one_place_and_of_none() -> None:
    one = [Spot("A", 56.0, 10.0, 3, 1, "A: 3")]
    assert "nan" not in district_map(one, "t", "s")
    assert district_map([], "t", "s").startswith("<svg")


@pytest.mark.parametrize("language", ["en", "da"])
def test_terms_are_explained_on_hovering_and_at_the_foot(
    document: Document, language: Language
) -> None:
    """A year later a reader knows what each figure is; the number of the week stands at the top."""
    page = page_html(document, Words(language))
    words = Words(language)
    for name in ("fit", "proposals", "scarce", "worth"):
        assert f'<abbr title="{escape(words(f"means.{name}"))}">' in page
    foot = page[page.index('<dl class="terms">') :]
    for name, meaning in words.glossary("fit", "possible", "level", "ratio"):
        assert f"<dt>{name}</dt><dd>{escape(meaning)}</dd>" in foot
    assert words.calendar_week(document["date"]).capitalize() in page
    assert Words("da").calendar_week("2026-11-23") == "uge 48"


@pytest.mark.parametrize("language", ["en", "da"])
def test_a_page_of_many_proposals_shows_the_close_and_the_lowest(
    document: dict[str, Any], language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of all, the close call first whatever its fit; the page says of how many."""
    rows = sorted(document["proposals"], key=lambda row: row["fit"])
    assert len(rows) > 2
    close, lowest = rows[-1], rows[0]
    marked = [
        {**row, "margin": {"triage": "close", "sentence": {"en": "Close.", "da": "Tæt."}}}
        if row is close
        else row
        for row in document["proposals"]
    ]
    monkeypatch.setattr("matcher.report.page.MOST_PROPOSALS", 2)
    html = page_html({**document, "proposals": marked}, Words(language))
    for row in rows:
        shown = f'<td class="id">{row["citizen_id"]}' in html
        assert shown is (row is close or row is lowest)
    assert {"en": f"2 of {len(rows)}: close", "da": f"2 af {len(rows)}: først"}[language] in html
