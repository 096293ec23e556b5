"""A letter as a file: one page of A4, its owner's alone, the same bytes for the same letter."""

from __future__ import annotations

import stat
from pathlib import Path

import docx
import pytest

from matcher.errors import OptionError
from matcher.explain.letter import letter_parts
from matcher.explain.letter_file import SIZES, height, size_of, write_letter
from matcher.explain.letter_words import LetterWords
from matcher.explain.parts import Part
from matcher.records import HEALTH_CODES, PAPERS, Course, MentorPool
from tests.explain.test_letter import placed, text_of, told
from tests.weeks import TODAY, citizen, opening, team, week, workplace

LONG = (
    "Jobcenter Aarhus, Team 4, Kommunehuset, tlf. 12 34 56 78, hverdage kl. 9-15,"
    " jobcenter@kommune.dk"
)


def letter() -> tuple[Part, ...]:
    problem, _, one = placed()
    return letter_parts(one, LetterWords(problem, "da"))


def longest() -> tuple[Part, ...]:
    """Somebody with everything a citizen can have, who asks about a job that nothing fits."""
    grades = dict.fromkeys((f"limit_{code}" for code in HEALTH_CODES), 1)
    papers = dict.fromkeys((f"paper_{code}" for code in PAPERS if code != "hygiene"), "cleared")
    blocks = {f"{name}_blocks": "wed 18:00-19:00" for name in ("class", "treatment", "other")}
    problem = week(
        [
            citizen(
                oral=2, reading=2, mentor_hours=3, wishes=("5120", "8340", "9612", "8157"),
                experience=("9333", "9214", "5223"), refusals=("5321", "7522", "1200"),
                youngest_child=5, single_provider=True, accepts_odd_hours=True, has_bicycle=True,
                max_commute=80, benefit_months=140, years_in_denmark=12.5, practice_weeks_used=20,
                subsidy_weeks_used=20, nytteindsats_weeks_used=30, capacity_hours_day=5,
                qualifying_education=False, must_limits=tuple(HEALTH_CODES), **grades, **papers,
                **blocks,
            )
        ],
        [
            opening("O1", title="Medhjælper, gaderenhold, park og grønne områder", oral_floor=3,
                    isco="9613", papers=("hygiene",), demand_lift=1),
            opening("O2", title="Social- og sundhedshjælper i hjemmeplejen", oral_floor=6,
                    reading_floor=6, hours_min=37, hours_max=37, papers=("licence_d",),
                    **dict.fromkeys((f"demand_{code}" for code in HEALTH_CODES), 3)),
        ],
        [workplace(name="Afdelingen for natur, vej og park, Aarhus Kommune")],
        teams=[team("L1", seats=2, blocks="mon 14:00-15:30", postcode="8000")],
        mentor_pools=[MentorPool(pool_id="P1", hours=4)],
        courses=[Course(course_id="K1", paper="hygiene", seats=1, ready_on="2026-12-01")],
    )  # fmt: skip
    one = told(problem, "C1", "O2")
    assert one.status == "proposed"
    return letter_parts(one, LetterWords(problem, "da", contact=LONG))


def test_a_letter_is_written_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    """Every line is in it; A4; its language is said; nobody is named as its author."""
    path = write_letter(letter(), tmp_path / "brev.docx", "da", TODAY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    document = docx.Document(str(path))
    assert "\n".join(one.text for one in document.paragraphs) == text_of(letter())
    page = document.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert document.core_properties.author == ""
    assert document.core_properties.title == "Et forslag til dig"
    assert 'w:lang w:val="da"' in document.styles["Normal"].element.xml


def test_the_same_letter_is_the_same_file(tmp_path: Path) -> None:
    one, two = (write_letter(letter(), tmp_path / f"{name}.docx", "da", TODAY) for name in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    """Somebody may have written in it; and another kind of name is no Word file."""
    path = tmp_path / "brev.docx"
    path.write_text("mine", "utf-8")
    with pytest.raises(OptionError, match=r"brev\.docx: it is there already"):
        write_letter(letter(), path, "da", TODAY)
    assert path.read_text("utf-8") == "mine"
    with pytest.raises(OptionError, match=r"ends in \.docx"):
        write_letter(letter(), tmp_path / "brev.pdf", "da", TODAY)
    with pytest.raises(OptionError, match="cannot be written"):
        write_letter(letter(), tmp_path / "none" / "brev.docx", "da", TODAY)


def test_the_type_is_as_large_as_the_page_allows() -> None:
    assert size_of(letter()) == SIZES[0]
    long = longest()
    assert SIZES[-1] < size_of(long) < SIZES[0]
    assert height(long, 10) < height(long, 11)
    with pytest.raises(OptionError, match=r"longer than a page of A4 even in type of 8\.5 points"):
        size_of(long * 3)


WIDTHS = {
    **dict.fromkeys("ijl'", 222), **dict.fromkeys(" !.,:;/ftI", 278), **dict.fromkeys("r()-", 333),
    **dict.fromkeys("ckszvxyJ", 500), **dict.fromkeys("adeghnopqubåé0123456789?L§", 556),
    **dict.fromkeys("+", 584), **dict.fromkeys("øFTZ", 611), **dict.fromkeys("ABEKPSVXYÅ", 667),
    **dict.fromkeys("wCDHNRU", 722), **dict.fromkeys("GOQØ", 778), **dict.fromkeys("mM", 833),
    "æ": 889, "W": 944, "Æ": 1000, "@": 1015,
}  # fmt: skip
"""Widths of Arial's characters in thousandths of its size."""


def printed(parts: tuple[Part, ...], size: float) -> float:
    """Millimetres that a letter takes, set word by word in Arial on lines of 1.15 of its size."""
    lines = 0.0
    for part in parts:
        texts = (" ".join(part.lines),) if part.flowing else part.lines
        listed = not part.flowing and len(part.lines) > 1
        room = 170 - (6.35 if listed else 0)
        for text in (part.heading, *texts) if part.heading else texts:
            lines, at = lines + 1, 0.0
            for word in text.split(" "):
                wide = sum(WIDTHS[char] for char in f"{word} ") / 1000 * size / 72 * 25.4
                if at + wide > room:
                    lines, at = lines + 1, 0.0
                at += wide
        lines += 0.45 * 1.17 / 1.15
    return (lines * 1.15 * size + 1.15) / 72 * 25.4


@pytest.mark.parametrize("parts", [letter(), longest()], ids=["usual", "longest"])
def test_a_letter_is_one_page_as_printed(parts: tuple[Part, ...]) -> None:
    """The estimate that chooses the type is held against the widths of the type; it is no waste."""
    size = size_of(parts)
    assert printed(parts, size) <= 297 - 2 * 20
    estimate = height(parts, size) / 72 * 25.4
    assert 1 <= estimate / printed(parts, size) < 1.25
